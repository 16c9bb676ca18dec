//! The lots a report is made of, as one read of the store finds them.

use std::collections::{HashMap, HashSet};

use officine_protocol::date::Date;
use rusqlite::Connection;

use crate::{
    catalogue::{
        lots::{self, StoredLot},
        products::Product,
    },
    error::Result,
};

/// Lots that are not empty, and their products by local key.
#[derive(Debug, Default)]
pub struct Shelf {
    /// With the local key of their product.
    pub lots: Vec<(i64, StoredLot)>,
    /// Every product of those lots.
    pub products: HashMap<i64, Product>,
}

impl Shelf {
    /// What has `last` as its last good day, or an earlier one.
    pub fn read(connection: &Connection, last: Date) -> Result<Self> {
        let lots = lots::expiring(connection, last)?;
        let ids: HashSet<i64> = lots.iter().map(|(product, _)| *product).collect();
        let products = Product::load_many(connection, &ids.into_iter().collect::<Vec<_>>())?;
        Ok(Self { lots, products: products.into_iter().map(|product| (product.id, product)).collect() })
    }

    /// Each lot with its product.
    pub fn lots(&self) -> impl Iterator<Item = (&Product, &StoredLot)> {
        self.lots.iter().filter_map(|(product, lot)| self.products.get(product).map(|product| (product, lot)))
    }
}

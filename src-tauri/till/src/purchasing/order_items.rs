//! The lines of an order: one product once, in packs.

use std::collections::{HashMap, HashSet};

use officine_protocol::{Uid, value::Value};
use rusqlite::Connection;

use crate::{
    adjusting::{amount, base_units, check_lines, pack_size},
    catalogue::products::Product,
    error::Result,
    refuse,
    store::rows::read_uid,
    views::{OrderItemArgs, QuantityArgs},
};

/// A line as it is to be. Quantities are base units.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Product.
    pub product: Uid,
    /// To be paid for.
    pub quantity: i64,
    /// Free.
    pub free: i64,
    /// Francs for a pack.
    pub pack_cost: Option<i64>,
    /// Base units in it.
    pub pack_size: i64,
}

impl Wanted {
    /// What of it may change.
    pub fn values(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("quantity", self.quantity.into()),
            ("free_quantity", self.free.into()),
            ("pack_cost", self.pack_cost.into()),
            ("pack_size", self.pack_size.into()),
        ]
    }
}

/// Reads the lines asked for.
pub fn read(connection: &Connection, items: &[OrderItemArgs]) -> Result<Vec<Wanted>> {
    check_lines(items.len())?;
    let mut products = HashSet::new();
    let mut wanted = Vec::with_capacity(items.len());
    for item in items {
        let product = Product::living(connection, &item.product)?;
        if !products.insert(product.id) {
            return refuse!("product_twice", product: product.name);
        }
        let free = QuantityArgs { count: item.free_count, unit: item.quantity.unit };
        let free = base_units(&product, free, 0)?;
        wanted.push(Wanted {
            product: product.uid,
            quantity: base_units(&product, item.quantity, i64::from(free == 0))?,
            free,
            pack_cost: amount(item.pack_cost, "packCost")?,
            pack_size: pack_size(&product, item.quantity.unit)?,
        });
    }
    Ok(wanted)
}

/// The lines an order has now: product and line.
pub fn of_order(connection: &Connection, order: i64) -> Result<HashMap<Uid, Uid>> {
    let sql = "SELECT p.uid, i.uid FROM supplier_order_item i JOIN product p ON p.id = i.product_id \
               WHERE i.order_id = ?1 AND i.archived_at IS NULL";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([order], |row| Ok((read_uid(row, 0)?, read_uid(row, 1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The last line an order ever had.
pub fn last_line(connection: &Connection, order: i64) -> Result<i64> {
    let sql = "SELECT coalesce(max(line), 0) FROM supplier_order_item WHERE order_id = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([order], |row| row.get(0))?)
}

//! A stock document as it is written: its movements are checked together, so that two lines never take one box.

use std::collections::BTreeMap;

use officine_protocol::{
    Uid,
    date::Date,
    entities::{PRODUCT_BATCH, STOCK_ADJUSTMENT},
    params,
    record::Record,
};
use rusqlite::Connection;

use crate::{
    act::Act,
    catalogue::{lots, products::Product},
    error::{Error, Result},
    store::{ledger::Movement, rows},
    views::{MovedLot, StockDocumentView},
};

/// The head of a stock adjustment.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// `receipt`, `correction`, `destruction`, `transfer`, `conversion`, `opening`.
    pub kind: &'static str,
    /// Why.
    pub reason: String,
    /// The order it answers.
    pub order: Option<Uid>,
    /// Who delivered.
    pub supplier: Option<Uid>,
    /// Delivery note.
    pub reference: Option<String>,
}

impl Head {
    /// A document of that kind, for that reason.
    pub fn new(kind: &'static str, reason: String) -> Self {
        Self { kind, reason, ..Self::default() }
    }

    /// Records it. Gives its identity.
    pub fn record(&self, act: &mut Act<'_>, movements: &[Movement]) -> Result<Uid> {
        let mut document = Record::new(&STOCK_ADJUSTMENT, act.mint(), act.now);
        document.set(&STOCK_ADJUSTMENT, "kind", self.kind).set(&STOCK_ADJUSTMENT, "reason", self.reason.as_str());
        document.set(&STOCK_ADJUSTMENT, "user", act.user).set(&STOCK_ADJUSTMENT, "occurred_at", act.now);
        document.set(&STOCK_ADJUSTMENT, "order", self.order).set(&STOCK_ADJUSTMENT, "supplier", self.supplier);
        document.set(&STOCK_ADJUSTMENT, "reference", self.reference.clone());
        if let Some(part) = document.part_mut(&STOCK_ADJUSTMENT, "movements") {
            *part = movements.iter().map(Movement::values).collect();
        }
        act.create(&STOCK_ADJUSTMENT, &mut document)?;
        Ok(document.uid)
    }
}

/// What the movements do to each lot in all.
pub fn by_lot(movements: &[Movement]) -> BTreeMap<Uid, i64> {
    let mut deltas: BTreeMap<Uid, i64> = BTreeMap::new();
    for movement in movements {
        let delta = deltas.entry(movement.batch).or_default();
        *delta = delta.saturating_add(movement.delta);
    }
    deltas
}

/// Refuses what takes more from a lot than the book says is in it.
pub fn check_covered(connection: &Connection, movements: &[Movement]) -> Result<()> {
    for (batch, delta) in by_lot(movements).into_iter().filter(|(_, delta)| *delta < 0) {
        let Some(id) = rows::id_of(connection, &PRODUCT_BATCH, batch)? else { continue };
        let lot = lots::load(connection, id)?;
        let available = lot.lot.quantity.max(0);
        if available + delta < 0 {
            let product = Product::load(connection, lot.product)?.name;
            let short = params! { product: product, asked: -delta, available: available, lot: lot.number };
            return Err(Error::refused("stock_insufficient", short));
        }
    }
    Ok(())
}

/// What a document did, lot by lot.
pub fn view(connection: &Connection, uid: Uid, movements: &[Movement]) -> Result<StockDocumentView> {
    let mut moved = Vec::new();
    for movement in movements {
        let Some(id) = rows::id_of(connection, &PRODUCT_BATCH, movement.batch)? else { continue };
        moved.push(MovedLot {
            batch: movement.batch.to_string(),
            lot_number: movement.lot_number.clone(),
            expiry: movement.expiry.and_then(Date::from_number).map(|day| day.to_string()),
            delta: movement.delta,
            quantity: lots::load(connection, id)?.lot.quantity,
            cost: movement.cost,
        });
    }
    Ok(StockDocumentView { uid: uid.to_string(), lots: moved })
}

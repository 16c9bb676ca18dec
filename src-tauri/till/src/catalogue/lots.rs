//! The lots of a product as they lie in the store.

use officine_protocol::{Uid, date::Date, fefo::Lot};
use rusqlite::Connection;

use crate::{error::Result, store::rows::read_uid};

/// A lot with what the screens and the sale need of it.
#[derive(Clone, Debug)]
pub struct StoredLot {
    /// Local key.
    pub id: i64,
    /// As the rule sees it.
    pub lot: Lot,
    /// Empty for the nameless lot.
    pub number: String,
    /// Why it is blocked.
    pub blocked_reason: Option<String>,
    /// A recount is asked for.
    pub recount_open: bool,
    /// Francs one pack had cost.
    pub pack_cost: Option<i64>,
    /// Base units in that pack.
    pub pack_size: i64,
    /// Supplier's name.
    pub supplier: String,
}

impl StoredLot {
    /// Identity.
    pub fn uid(&self) -> Uid {
        self.lot.uid
    }

    /// Last good day as the window reads it.
    pub fn expiry_text(&self) -> Option<String> {
        self.lot.expiry.map(|expiry| expiry.to_string())
    }

    /// What `quantity` base units of it had cost, in francs, rounded half up.
    pub fn cost_of(&self, quantity: i64) -> Option<i64> {
        let (cost, size) = (i128::from(self.pack_cost?), i128::from(self.pack_size.max(1)));
        i64::try_from((2 * cost * i128::from(quantity) + size) / (2 * size)).ok()
    }
}

/// Every lot of a product, in no order.
pub fn of_product(connection: &Connection, product: i64) -> Result<Vec<StoredLot>> {
    let sql = "SELECT b.id, b.uid, b.quantity, b.expiry, b.blocked_reason, b.received_at, b.lot_number, b.recount_open, \
               b.pack_cost, b.pack_size, coalesce(s.name, '') FROM product_batch b \
               LEFT JOIN supplier s ON s.id = b.supplier_id WHERE b.product_id = ?1 AND b.archived_at IS NULL";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([product], |row| {
        let blocked_reason: Option<String> = row.get(4)?;
        Ok(StoredLot {
            id: row.get(0)?,
            lot: Lot {
                uid: read_uid(row, 1)?,
                quantity: row.get(2)?,
                expiry: row.get::<_, Option<i64>>(3)?.and_then(Date::from_number),
                blocked: blocked_reason.is_some(),
                received_at: row.get(5)?,
            },
            number: row.get(6)?,
            blocked_reason,
            recount_open: row.get(7)?,
            pack_cost: row.get(8)?,
            pack_size: row.get(9)?,
            supplier: row.get(10)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The rule's view of several lots.
pub fn rule_view(lots: &[StoredLot]) -> Vec<Lot> {
    lots.iter().map(|stored| stored.lot.clone()).collect()
}

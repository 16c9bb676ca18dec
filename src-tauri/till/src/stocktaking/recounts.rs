//! Lots that are to be counted again: the hub asked for it, for they went below zero, were short where others were not, or
//! clocks left open what they hold. A count closes it. Who brought it about, and why, is in the hub's change log.

use officine_protocol::{date::Date, entities::PRODUCT_BATCH, hlc::Hlc};

use crate::{engine::Till, error::Result, store::rows::read_uid, views::Recount};

impl Till {
    /// Lots with a recount open, those that have waited longest first.
    pub fn recounts(&self) -> Result<Vec<Recount>> {
        self.session()?;
        let sql = "SELECT p.uid, p.name, b.uid, b.lot_number, b.expiry, b.quantity, b.quarantine, b.counted_at, \
                   (SELECT max(l.hlc) FROM change_log l WHERE l.uid = b.uid \
                   AND l.entity = ?1 AND l.field = 'recountOpen' AND l.new = 'true') AS since \
                   FROM product_batch b JOIN product p ON p.id = b.product_id \
                   WHERE b.recount_open = 1 AND b.archived_at IS NULL ORDER BY since, p.name_fold, b.id";
        self.store.read(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let found = statement.query_map([PRODUCT_BATCH.name], |row| {
                Ok(Recount {
                    product: read_uid(row, 0)?.to_string(),
                    name: row.get(1)?,
                    batch: read_uid(row, 2)?.to_string(),
                    lot_number: row.get(3)?,
                    expiry: row.get::<_, Option<i64>>(4)?.and_then(Date::from_number).map(|day| day.to_string()),
                    quantity: row.get(5)?,
                    quarantine: row.get(6)?,
                    counted_at: row.get(7)?,
                    since: row.get::<_, Option<String>>(8)?.and_then(|hlc| Hlc::parse(&hlc)).map(|hlc| hlc.millis),
                })
            })?;
            Ok(found.collect::<rusqlite::Result<_>>()?)
        })
    }
}

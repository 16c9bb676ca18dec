//! Where boxes wait that came back: a lot of their own beside the one they were sold from.

use officine_protocol::{Uid, entities::PRODUCT_BATCH, params, record::Record};
use rusqlite::OptionalExtension;

use crate::{
    act::Act,
    error::{Error, Result},
    store::rows::{self, read_uid},
};

/// Why a quarantine lot is blocked.
pub const QUARANTINE: &str = "quarantine";

/// The quarantine lot beside a lot: same product, number and expiry, opened where there is none, never for sale. What
/// was sold or received from the one waits there for somebody to decide.
pub fn quarantine_of(act: &mut Act<'_>, lot: Uid) -> Result<Uid> {
    let missing = || Error::refused("reference_missing", params! { entity: PRODUCT_BATCH.name, uid: lot.to_string() });
    let (_, from) = rows::get(act.tx, &PRODUCT_BATCH, lot)?.ok_or_else(missing)?;
    if from.get(&PRODUCT_BATCH, "quarantine").int() == Some(1) {
        return Ok(from.uid);
    }
    let sql = "SELECT q.uid FROM product_batch b JOIN product_batch q ON q.product_id = b.product_id \
               AND q.lot_fold = b.lot_fold AND q.expiry IS b.expiry AND q.quarantine = 1 \
               AND q.archived_at IS NULL WHERE b.uid = ?1 ORDER BY q.id LIMIT 1";
    let known = act.tx.prepare_cached(sql)?.query_row([from.uid.as_bytes()], |row| read_uid(row, 0)).optional()?;
    if let Some(known) = known {
        return Ok(known);
    }
    let mut batch = Record::new(&PRODUCT_BATCH, act.mint(), act.now);
    for column in ["product", "lot_number", "expiry", "supplier", "pack_cost", "pack_size"] {
        batch.set(&PRODUCT_BATCH, column, from.get(&PRODUCT_BATCH, column).clone());
    }
    batch.set(&PRODUCT_BATCH, "received_at", act.now).set(&PRODUCT_BATCH, "blocked_reason", QUARANTINE);
    batch.set(&PRODUCT_BATCH, "quarantine", true);
    act.create(&PRODUCT_BATCH, &mut batch)?;
    Ok(batch.uid)
}

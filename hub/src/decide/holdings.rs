//! What lots hold by their counts, of whatever history: the latest count and what occurred after it. An upload settles that as
//! it comes ([`late`]); where documents come back to a hub that had counted without them, or a count comes back to one
//! that had moved meanwhile, it is settled once they are all here.

use officine_protocol::{entities::PRODUCT_BATCH, limits::LARGEST, tally::tally};

use super::{WorkingSet, check::own_act, late, ledger};

/// Squares those lots with their counts: what is too much or too little is a later step of the stocktake that they stand on, listed
/// there as what turned out late.
pub fn square(working: &mut WorkingSet, lots: &[i64], now: i64) {
    for lot in lots {
        let Some(uid) = working.uid_of(PRODUCT_BATCH.name, *lot) else { continue };
        let Some(known) = tally(working.books.counts(*lot)) else { continue };
        let holds = known.counted.saturating_add(working.books.since(*lot, known.as_of));
        let missing = holds.saturating_sub(working.lot_number(*lot, "quantity").unwrap_or(0));
        if [holds, missing].iter().any(|quantity| !(-LARGEST..=LARGEST).contains(quantity)) {
            continue;
        }
        let body = own_act(&PRODUCT_BATCH, uid, now);
        ledger::edit_lot(working, &body, *lot, &[("counted_at", known.as_of.into())]);
        if missing != 0 && late::squared(working, &body, *lot, missing, None) {
            working.move_stock(*lot, missing, None);
        }
        ledger::recount_below_zero(working, &body, *lot);
    }
}

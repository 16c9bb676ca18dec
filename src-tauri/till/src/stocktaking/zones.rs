//! A lot lies in its zones. A zone that nobody counted this time holds what its last count found: a stocktake is closed once
//! somebody said so, or that it is empty, or another stocktake has counted it meanwhile.

use rusqlite::Connection;

use super::{
    draft::{Draft, StoredCount},
    tallies::{self, Tallied},
};
use crate::{catalogue::products::Product, error::Result, refuse, settings};

/// What becomes of zones that held a counted lot when they were last counted, and were not counted now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Others {
    /// Nobody said: refused, unless they were counted since this stocktake began.
    #[default]
    Ask,
    /// They hold none of it any more.
    Empty,
    /// They hold what their last count says: somebody else counts them, or nothing has changed there.
    Kept,
}

impl From<bool> for Others {
    /// Whether they are empty.
    fn from(empty: bool) -> Self {
        if empty { Self::Empty } else { Self::Ask }
    }
}

/// Refuses what cannot be closed: `lot_arrived_while_counted`, `zones_uncounted`. A zone that is said to be empty is
/// counted so, by `user` (local key), as of what was counted of the lot.
pub fn complete(
    connection: &Connection,
    draft: &Draft,
    tallied: &mut [Tallied],
    others: Others,
    user: i64,
) -> Result<()> {
    let zones = settings::zones(connection)?;
    for lot in tallied.iter_mut() {
        lot.complete =
            others == Others::Empty || zones.iter().all(|zone| lot.counts.iter().any(|count| count.zone == *zone));
    }
    let arrived = tallies::arrived(connection, tallied)?;
    for lot in tallied.iter_mut().filter(|lot| !lot.overtaken()) {
        let name = || Product::load(connection, lot.lot.product).map(|product| product.name);
        if arrived.contains(&lot.lot.id) {
            return refuse!("lot_arrived_while_counted", product: name()?, lot: lot.lot.number);
        }
        let left = left_out(lot);
        let stale: Vec<&str> =
            left.iter().filter(|(_, at)| *at <= draft.started_at).map(|(zone, _)| zone.as_str()).collect();
        if others == Others::Ask && !stale.is_empty() {
            return refuse!("zones_uncounted", product: name()?, lot: lot.lot.number, zones: stale.join(", "));
        }
        if lot.complete {
            let (batch, counted_at) = (lot.lot.id, lot.tally().as_of);
            let empty = left.into_iter().map(|(zone, _)| StoredCount { batch, zone, counted: 0, counted_at, user });
            lot.counts.extend(empty);
        }
    }
    Ok(())
}

/// Zones that held some of a lot when they were last counted, elsewhere than here, and when that was.
fn left_out(lot: &Tallied) -> Vec<(String, i64)> {
    let alone = lot.incomplete();
    let held = alone.standing();
    let held = held.iter().filter(|count| !Tallied::is_own(count) && count.counted > 0);
    let held = held.filter(|count| !lot.counts.iter().any(|own| own.zone == count.zone));
    held.map(|count| (count.zone.to_owned(), count.counted_at)).collect()
}

//! A lot lies in its zones: a stocktake that left out a zone where boxes of it were counted before would lose them. It is
//! closed once every such zone is counted, or said to be empty.

use std::collections::HashMap;

use rusqlite::Connection;

use super::{draft::StoredCount, tallies::Tallied};
use crate::{catalogue::products::Product, error::Result, refuse, settings};

/// Refuses what cannot be closed: `lot_arrived_while_counted`, `zones_uncounted`. With `others_empty` a zone nobody has
/// counted is, by `user` (local key), as of what was counted of the lot.
pub fn complete(connection: &Connection, tallied: &mut [Tallied], others_empty: bool, user: i64) -> Result<()> {
    let (zones, before) = (settings::zones(connection)?, holding(connection)?);
    for lot in tallied.iter_mut().filter(|lot| !lot.superseded) {
        let name = || Product::load(connection, lot.lot.product).map(|product| product.name);
        if lot.arrived {
            return refuse!("lot_arrived_while_counted", product: name()?, lot: lot.lot.number);
        }
        let left_out = |zone: &&String| zones.contains(zone) && !lot.counts.iter().any(|count| count.zone == **zone);
        let missing: Vec<String> = before.get(&lot.lot.id).into_iter().flatten().filter(left_out).cloned().collect();
        if !missing.is_empty() && !others_empty {
            return refuse!("zones_uncounted", product: name()?, lot: lot.lot.number, zones: missing.join(", "));
        }
        let (batch, counted_at) = (lot.lot.id, lot.tally.as_of);
        lot.counts.extend(missing.into_iter().map(|zone| StoredCount { batch, zone, counted: 0, counted_at, user }));
    }
    Ok(())
}

/// The zones where the last count of each lot found some.
fn holding(connection: &Connection) -> Result<HashMap<i64, Vec<String>>> {
    let sql = "SELECT batch_id, zone FROM (SELECT batch_id, zone, counted, max(counted_at) FROM stocktake_count \
               GROUP BY batch_id, zone) WHERE counted > 0 ORDER BY batch_id, zone";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut holding: HashMap<i64, Vec<String>> = HashMap::new();
    while let Some(row) = rows.next()? {
        holding.entry(row.get(0)?).or_default().push(row.get(1)?);
    }
    Ok(holding)
}

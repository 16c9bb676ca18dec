//! The end of a walk: every movement is here, so quantities become their sums again, a few lots at a time; and rows that
//! the hub did not send are named.

use officine_protocol::{Uid, entities::in_order};
use rusqlite::Connection;

use super::state::{self, Stage, Walk};
use crate::{
    error::Result,
    store::{checks, ledger, rows::read_uid},
    sync::run::Run,
    views::{RowName, Topic},
};

/// Lots corrected in one transaction.
const LOTS: usize = 2_000;
/// Rows that are named one by one.
const NAMED: usize = 100;

/// Ends the walk, where the pull that follows it is through.
///
/// From the first transaction on, whatever moves a lot moves its quantity and its sum alike: what lies between the two
/// can be read beside the writer, and added whenever.
pub fn close(run: &mut Run<'_>) -> Result<()> {
    let Some(walk) = run.till.store.read(state::load)?.filter(|walk| walk.stage >= Stage::Pull) else { return Ok(()) };
    run.till.store.write(|tx| state::save(tx, &Walk { stage: Stage::Sums, ..walk.clone() }))?;
    let differences = run.till.store.read(checks::ledger_differences)?;
    for lots in differences.chunks(LOTS) {
        run.till.store.write(|tx| {
            for (lot, quantity, sum) in lots {
                ledger::shift(tx, lot, sum - quantity)?;
            }
            Ok(())
        })?;
    }
    if !differences.is_empty() {
        tracing::info!(
            lots = differences.len(),
            first = walk.first,
            "quantities are the sums of their movements again"
        );
    }
    if !walk.first {
        let strays = run.till.store.read(|connection| strays(connection, walk.noted))?;
        run.report.strays = (!strays.is_empty()).then_some(strays);
    }
    run.till.store.write(|tx| state::forget(tx))?;
    run.till.changed(&[Topic::Sync, Topic::Stock, Topic::Sales]);
    Ok(())
}

/// Rows that the hub once sent, and did not send again.
fn strays(connection: &Connection, noted: i64) -> Result<Vec<RowName>> {
    let mut strays = Vec::new();
    for entity in in_order() {
        let sql = format!(
            "SELECT uid FROM \"{}\" t WHERE server_id IS NOT NULL AND rev BETWEEN 1 AND ?1 \
             AND NOT EXISTS (SELECT 1 FROM walk_seen s WHERE s.entity = ?2 AND s.row_id = t.id) LIMIT ?3",
            entity.table
        );
        let mut statement = connection.prepare(&sql)?;
        let left = (NAMED - strays.len()) as i64;
        let uids = statement.query_map((noted, entity.name, left), |row| read_uid(row, 0))?;
        for uid in uids.collect::<rusqlite::Result<Vec<Uid>>>()? {
            tracing::warn!(entity = entity.name, %uid, "the hub does not send this row any more");
            strays.push(RowName { entity: entity.name.to_owned(), uid: uid.to_string() });
        }
    }
    Ok(strays)
}

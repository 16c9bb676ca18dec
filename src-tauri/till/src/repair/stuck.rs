//! Stuck: work waits, the network is good, and nothing moves. What holds it up is named and let go.

use officine_protocol::{Params, Uid, entities::entity, params};
use rusqlite::Connection;

use super::{Repair, journal::Finding};
use crate::{
    error::Result,
    store::{outbox, rows::read_uid},
    sync::{cursor, run::Run, shared::lock},
    views::Network,
};

/// Without progress for so long, something is wrong.
const STILL_MS: i64 = 10 * 60_000;
/// No operation is put off for longer.
const LONGEST_MS: i64 = 3_600_000;

/// At the beginning of a run: whether nothing has moved though it could.
pub fn look(run: &mut Run<'_>) -> Result<()> {
    let now = run.till.clock.now();
    let good = matches!(lock(&run.till.sync.health).quality(), Network::Excellent | Network::Good);
    let still = run.till.store.read(cursor::load)?.last_success.is_some_and(|last| last < now - STILL_MS);
    if !good || !still {
        return Ok(());
    }
    let mut repair = Repair::begin(run, "push", false);
    let outcome = repair.stuck();
    repair.end(outcome).map(drop)
}

impl Repair<'_, '_> {
    /// Operations that were put off beyond all reason go now; what the link was believed to bear is forgotten.
    pub fn stuck(&mut self) -> Result<()> {
        let (till, journal) = (self.run.till, &mut self.journal);
        let limit = till.clock.now() + LONGEST_MS;
        let held = till.store.read(|connection| put_off(connection, limit))?;
        if held.is_empty() {
            return Ok(());
        }
        *lock(&till.sync.bounds) = Default::default();
        till.store.write(|tx| {
            for (seq, found) in &held {
                outbox::retry(tx, Some(*seq))?;
                journal.mended(tx, found, "restarted")?;
            }
            Ok(())
        })
    }
}

fn put_off(connection: &Connection, limit: i64) -> Result<Vec<(i64, Finding)>> {
    let sql = "SELECT seq, entity, uid, next_attempt FROM outbox WHERE state <> 5 AND state <= 2 AND next_attempt > ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([limit], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, read_uid(row, 2)?, row.get::<_, i64>(3)?))
    })?;
    let mut held = Vec::new();
    for row in rows {
        let (seq, name, uid, until): (i64, String, Uid, i64) = row?;
        let params: Params = params! { held: seq, until: until };
        held.extend(entity(&name).map(|entity| (seq, Finding::new("stuck", entity, uid).with(params))));
    }
    Ok(held)
}

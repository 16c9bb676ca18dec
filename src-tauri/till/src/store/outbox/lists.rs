//! The queue as people see it: lists, counts, and what leaves them.

use rusqlite::Connection;

use super::{COLUMNS, Queued, State, queued};
use crate::{error::Result, settings};

/// Settled operations stay that long.
pub const KEPT_MS: i64 = 30 * 86_400_000;
/// At most so many are pruned at once.
const PRUNED: i64 = 2_000;
/// Settled before that instant, an operation is listed no more: a local setting.
pub const CLEARED: &str = "queue_cleared_at";

/// Operations in a state, or all that are not settled, oldest first; settled ones newest first, those cleared left out.
pub fn list(connection: &Connection, state: Option<State>, limit: u32) -> Result<Vec<Queued>> {
    let (condition, order) = match state {
        Some(State::Settled) => ("state = ?1 AND settled_at > ?3", "DESC"),
        Some(_) => ("state = ?1 AND state <> 5 AND ?3 IS NOT NULL", "ASC"),
        None => ("state <> ?1 AND state <> 5 AND ?3 IS NOT NULL", "ASC"),
    };
    let sql = format!("SELECT {COLUMNS} FROM outbox WHERE {condition} ORDER BY seq {order} LIMIT ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let cleared = cleared(connection)?;
    let rows = statement.query_map((state.unwrap_or(State::Settled) as i64, limit, cleared), queued)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn cleared(connection: &Connection) -> Result<i64> {
    Ok(settings::local(connection, CLEARED)?.and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// Takes what is done with out of the lists: refused operations, which a person has seen, and settled ones. Says how
/// many left. They stay in the store for their time.
pub fn clear(connection: &Connection, now: i64) -> Result<usize> {
    let sql = "SELECT count(*) FROM outbox WHERE state = 5 AND settled_at > ?1";
    let settled: u32 = connection.query_row(sql, [cleared(connection)?], |row| row.get(0))?;
    let refused = connection.execute("UPDATE outbox SET state = 5 WHERE state <> 5 AND state = 4", [])?;
    settings::set_local(connection, CLEARED, &now.to_string())?;
    Ok(settled as usize + refused)
}

/// Forgets operations settled long ago, some at a time. Says how many.
pub fn prune(connection: &Connection, now: i64) -> Result<usize> {
    let sql = "DELETE FROM outbox WHERE seq IN \
               (SELECT seq FROM outbox WHERE state = 5 AND settled_at < ?1 ORDER BY seq LIMIT ?2)";
    Ok(connection.execute(sql, (now - KEPT_MS, PRUNED))?)
}

/// Adds to the operations settled on a day.
pub fn count_settled(connection: &Connection, day: i64, settled: u32) -> Result<()> {
    let sql = "UPDATE sync_state SET settled_count = ?2 + CASE WHEN settled_day = ?1 THEN settled_count ELSE 0 END, settled_day = ?1";
    connection.execute(sql, (day, settled))?;
    Ok(())
}

/// How many operations are in each state; of the settled ones, those of a day.
pub fn counts(connection: &Connection, day: i64) -> Result<[u32; 6]> {
    let mut counts = [0; 6];
    let sql = "SELECT state, count(*) FROM outbox INDEXED BY outbox_open WHERE state <> 5 GROUP BY state";
    let mut statement = connection.prepare_cached(sql)?;
    for row in statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))? {
        let (state, count) = row?;
        counts[State::from_number(state) as usize] = count;
    }
    let sql = "SELECT CASE WHEN settled_day = ?1 THEN settled_count ELSE 0 END FROM sync_state";
    counts[State::Settled as usize] = connection.prepare_cached(sql)?.query_row([day], |row| row.get(0))?;
    Ok(counts)
}

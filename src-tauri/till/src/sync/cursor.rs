//! How far this till has read, and what it last heard of the hub.

use officine_protocol::{Uid, messages::Cursor};
use rusqlite::Connection;

use super::jumps;
use crate::error::Result;

/// The sync's own row.
#[derive(Clone, Copy, Debug)]
pub struct SyncRow {
    /// The hub's epoch.
    pub epoch: i64,
    /// How far we have read.
    pub cursor: Cursor,
    /// The hub's revision as last heard.
    pub hub_revision: i64,
    /// When a run last ended well.
    pub last_success: Option<i64>,
    /// The hub's clock minus ours, in milliseconds.
    pub clock_offset: Option<i64>,
}

/// Reads it.
pub fn load(connection: &Connection) -> Result<SyncRow> {
    let sql = "SELECT epoch, cursor_rev, cursor_commit, hub_revision, last_success, clock_offset FROM sync_state";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| {
        let commit: Option<[u8; 16]> = row.get(2)?;
        Ok(SyncRow {
            epoch: row.get(0)?,
            cursor: Cursor { rev: row.get(1)?, commit: commit.map(Uid::from_bytes) },
            hub_revision: row.get(3)?,
            last_success: row.get(4)?,
            clock_offset: row.get(5)?,
        })
    })?)
}

/// Moves the cursor, in the transaction that stores what it passes.
pub fn advance(connection: &Connection, cursor: Cursor) -> Result<()> {
    let commit = cursor.commit.map(|commit| *commit.as_bytes());
    connection.execute("UPDATE sync_state SET cursor_rev = ?1, cursor_commit = ?2", (cursor.rev, commit))?;
    Ok(())
}

/// Remembers what the hub said of itself. How far the clock is off is known again.
pub fn heard(connection: &Connection, epoch: i64, revision: i64, clock_offset: i64) -> Result<()> {
    let sql = "UPDATE sync_state SET epoch = ?1, hub_revision = max(hub_revision, ?2), clock_offset = ?3";
    connection.execute(sql, (epoch, revision, clock_offset))?;
    jumps::known_again(connection)
}

/// The hub has another history: this till reads on from the last place that is of both.
pub fn part(connection: &Connection, epoch: i64, revision: i64, common: Cursor) -> Result<()> {
    advance(connection, common)?;
    connection.execute("UPDATE sync_state SET epoch = ?1, hub_revision = ?2", (epoch, revision))?;
    Ok(())
}

/// A run ended well.
pub fn succeeded(connection: &Connection, now: i64) -> Result<()> {
    connection.execute("UPDATE sync_state SET last_success = ?1", [now])?;
    Ok(())
}

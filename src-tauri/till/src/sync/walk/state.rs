//! Where a walk is, on the disk; and what follows from it for whoever reads a quantity or a debt meanwhile.

use officine_protocol::messages::WalkPosition;
use rusqlite::{Connection, OptionalExtension, types::Type};

use crate::{error::Result, refuse, sync::cursor};

/// How far a walk has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(i64)]
pub enum Stage {
    /// What selling needs arrives.
    Selling = 0,
    /// The till sells; what is left arrives, newest first.
    History = 1,
    /// Every row of the noted revision is here: the pull goes on from there.
    Pull = 2,
    /// Every movement is here and counts: quantities become their sums.
    Sums = 3,
}

impl Stage {
    fn of(number: i64) -> Self {
        match number {
            0 => Self::Selling,
            1 => Self::History,
            2 => Self::Pull,
            _ => Self::Sums,
        }
    }
}

/// A walk under way.
#[derive(Clone, Debug)]
pub struct Walk {
    /// Nothing was here before it.
    pub first: bool,
    /// How far it has come.
    pub stage: Stage,
    /// Where the next page begins; absent at the beginning.
    pub position: Option<WalkPosition>,
    /// The hub's revision when it began.
    pub noted: i64,
    /// Rows received.
    pub done: i64,
    /// Rows there were when it began.
    pub total: i64,
}

impl Walk {
    /// One that begins.
    pub fn new(first: bool) -> Self {
        Self { first, stage: Stage::Selling, position: None, noted: 0, done: 0, total: 0 }
    }
}

/// The walk under way, if there is one.
pub fn load(connection: &Connection) -> Result<Option<Walk>> {
    let sql = "SELECT first, stage, position, noted, done, total FROM walk";
    let found = connection.prepare_cached(sql)?.query_row([], |row| {
        let position: Option<String> = row.get(2)?;
        let position = position.map(|text| serde_json::from_str(&text)).transpose();
        let position =
            position.map_err(|error| rusqlite::Error::FromSqlConversionFailure(2, Type::Text, error.into()))?;
        let (first, stage, noted) = (row.get(0)?, Stage::of(row.get(1)?), row.get(3)?);
        Ok(Walk { first, stage, position, noted, done: row.get(4)?, total: row.get(5)? })
    });
    Ok(found.optional()?)
}

/// Whether the way down is a walk: one is under way, or nothing was ever read.
pub fn is_due(connection: &Connection) -> Result<bool> {
    Ok(load(connection)?.is_some() || cursor::load(connection)?.cursor.rev == 0)
}

/// Keeps where a walk is.
pub fn save(connection: &Connection, walk: &Walk) -> Result<()> {
    let position = walk.position.as_ref().map(serde_json::to_string).transpose()?;
    let sql = "INSERT INTO walk (id, first, stage, position, noted, done, total) VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6) \
               ON CONFLICT DO UPDATE SET first = excluded.first, stage = excluded.stage, position = excluded.position, \
               noted = excluded.noted, done = excluded.done, total = excluded.total";
    let Walk { first, stage, noted, done, total, .. } = *walk;
    connection.prepare_cached(sql)?.execute((first, stage as i64, position, noted, done, total))?;
    Ok(())
}

/// Begins a walk.
pub fn begin(connection: &Connection, first: bool) -> Result<()> {
    forget(connection)?;
    save(connection, &Walk::new(first))
}

/// Ends a walk: its marks go with it.
pub fn forget(connection: &Connection) -> Result<()> {
    connection.execute_batch("DELETE FROM walk; DELETE FROM walk_owed; DELETE FROM walk_seen;")?;
    Ok(())
}

/// The hub knows no walks: everything is pulled from the beginning instead.
pub fn instead(connection: &rusqlite::Transaction<'_>) -> Result<()> {
    if load(connection)?.is_some() {
        forget(connection)?;
        connection.execute("UPDATE sync_state SET cursor_rev = 0, cursor_commit = NULL", [])?;
    }
    Ok(())
}

/// Whether movements that the hub sends change quantities: not while the hub says what lots hold.
pub fn exact(connection: &Connection) -> Result<bool> {
    let sql = "SELECT NOT EXISTS (SELECT 1 FROM walk WHERE first AND stage < 3)";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// Refused while what selling needs is on its way: half of the lots would be sold in the wrong order.
pub fn check_open(connection: &Connection) -> Result<()> {
    match load(connection)? {
        Some(walk) if walk.first && walk.stage == Stage::Selling && walk.position.is_some() => {
            refuse!("first_sync_under_way", done: walk.done, of: walk.total)
        }
        _ => Ok(()),
    }
}

/// What a customer owes by the hub while documents are missing here, and as of which revision: documents up to it are
/// in that sum, whether they are here or not.
pub fn owed(connection: &Connection, customer: i64) -> Result<Option<(i64, i64)>> {
    let sql = "SELECT w.owed, w.rev FROM customer c JOIN walk_owed w ON w.uid = c.uid WHERE c.id = ?1";
    let found = connection.prepare_cached(sql)?.query_row([customer], |row| Ok((row.get(0)?, row.get(1)?)));
    Ok(found.optional()?)
}

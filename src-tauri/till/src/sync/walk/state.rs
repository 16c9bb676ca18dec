//! Where a walk is, on the disk; and what follows from it for whoever reads a quantity or a debt meanwhile.

use officine_protocol::{limits::SCHEMA, messages::WalkPosition};
use rusqlite::{Connection, OptionalExtension, types::Type};

use crate::{
    error::Result,
    refuse,
    store::{checks, ledger},
    sync::cursor,
};

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
    /// Version of the tables it began with: rows of what these did not have were passed by.
    pub schema: u32,
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
        Self { first, schema: SCHEMA, stage: Stage::Selling, position: None, noted: 0, done: 0, total: 0 }
    }
}

/// The walk under way, if there is one.
pub fn load(connection: &Connection) -> Result<Option<Walk>> {
    let sql = "SELECT first, stage, position, noted, done, total, schema FROM walk";
    let found = connection.prepare_cached(sql)?.query_row([], |row| {
        let position: Option<String> = row.get(2)?;
        let position = position.map(|text| serde_json::from_str(&text)).transpose();
        let position =
            position.map_err(|error| rusqlite::Error::FromSqlConversionFailure(2, Type::Text, error.into()))?;
        let (first, stage, noted) = (row.get(0)?, Stage::of(row.get(1)?), row.get(3)?);
        Ok(Walk { first, schema: row.get(6)?, stage, position, noted, done: row.get(4)?, total: row.get(5)? })
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
    let sql = "INSERT OR REPLACE INTO walk (id, first, schema, stage, position, noted, done, total) \
               VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let Walk { first, schema, stage, noted, done, total, .. } = *walk;
    connection.prepare_cached(sql)?.execute((first, schema, stage as i64, position, noted, done, total))?;
    Ok(())
}

/// Begins a walk: a first one where no run has ended well yet, and where no lot here is one of the hub's.
pub fn begin(connection: &Connection) -> Result<Walk> {
    forget(connection)?;
    let sql = "SELECT NOT EXISTS (SELECT 1 FROM product_batch WHERE server_id IS NOT NULL)";
    let empty: bool = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
    let walk = Walk::new(empty || cursor::load(connection)?.last_success.is_none());
    save(connection, &walk)?;
    Ok(walk)
}

/// Begins a walk again that cannot go on from where it is. What the hub said of lots and customers holds until it says more.
pub fn again(connection: &Connection, first: bool) -> Result<Walk> {
    connection.execute("DELETE FROM walk_seen", [])?;
    let walk = Walk::new(first);
    save(connection, &walk)?;
    Ok(walk)
}

/// Ends a walk: its marks go with it.
pub fn forget(connection: &Connection) -> Result<()> {
    connection.execute_batch("DELETE FROM walk; DELETE FROM walk_stood; DELETE FROM walk_seen;")?;
    Ok(())
}

/// The hub knows no walks: everything is pulled from the beginning instead, and quantities are the sums of what is here.
pub fn instead(connection: &rusqlite::Transaction<'_>) -> Result<()> {
    if let Some(walk) = load(connection)? {
        forget(connection)?;
        if walk.first {
            for (lot, quantity, sum) in checks::ledger_differences(connection)? {
                ledger::shift(connection, &lot, sum - quantity)?;
            }
        }
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
    let sql = "SELECT w.stood, w.rev FROM customer c JOIN walk_stood w ON w.uid = c.uid WHERE c.id = ?1";
    let found = connection.prepare_cached(sql)?.query_row([customer], |row| Ok((row.get(0)?, row.get(1)?)));
    Ok(found.optional()?)
}

/// The hub has had a document of ours since `rev`. Lots that it spoke of since then had it in them already, and once more
/// as one that the hub had not heard of.
pub fn heard(connection: &Connection, kind: i64, document: i64, rev: i64) -> Result<()> {
    if exact(connection)? {
        return Ok(());
    }
    let sql = "SELECT b.uid, sum(m.delta) FROM stock_movement m JOIN product_batch b ON b.id = m.batch_id \
               JOIN walk_stood w ON w.uid = b.uid \
               WHERE m.document_kind = ?1 AND m.document_id = ?2 AND w.rev >= ?3 GROUP BY b.id";
    let mut statement = connection.prepare_cached(sql)?;
    let twice = statement.query_map((kind, document, rev), |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (lot, delta) in twice.collect::<rusqlite::Result<Vec<(Vec<u8>, i64)>>>()? {
        ledger::shift(connection, &lot, -delta)?;
    }
    Ok(())
}

//! The stocktake under way as it lies in the store: one at a time, each count by itself.

use officine_protocol::{Uid, params, tally::Count};
use rusqlite::{Connection, OptionalExtension};

use crate::{
    act::Act,
    error::{Error, Result},
    store::rows::read_uid,
};

/// A stocktake under way.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Local key.
    pub id: i64,
    /// Identity: its first document bears it.
    pub uid: Uid,
    /// Who began it: local key.
    pub user: i64,
    /// When.
    pub started_at: i64,
    /// A word on it.
    pub note: String,
    /// What is to be counted; everything where empty.
    pub products: Vec<Uid>,
}

/// What was counted of a lot in a zone.
#[derive(Clone, Debug)]
pub struct StoredCount {
    /// Lot.
    pub batch: i64,
    /// Zone.
    pub zone: String,
    /// Base units.
    pub counted: i64,
    /// When.
    pub counted_at: i64,
    /// Who: local key.
    pub user: i64,
}

impl StoredCount {
    /// As the rule sees it, in that stocktake.
    pub fn rule_view(&self, document: i64) -> Count<'_> {
        let Self { zone, counted, counted_at, .. } = self;
        Count { zone, counted: *counted, counted_at: *counted_at, complete: false, document, line: 1 }
    }
}

/// The stocktake under way, if there is one.
pub fn open(connection: &Connection) -> Result<Option<Draft>> {
    let sql = "SELECT id, uid, user_id, started_at, note, products FROM stocktake_draft ORDER BY id LIMIT 1";
    let found = connection.prepare_cached(sql)?.query_row([], |row| {
        let products: String = row.get(5)?;
        Ok(Draft {
            id: row.get(0)?,
            uid: read_uid(row, 1)?,
            user: row.get(2)?,
            started_at: row.get(3)?,
            note: row.get(4)?,
            products: serde_json::from_str(&products).unwrap_or_default(),
        })
    });
    Ok(found.optional()?)
}

/// The stocktake under way; refused if there is none.
pub fn current(connection: &Connection) -> Result<Draft> {
    open(connection)?.ok_or_else(|| Error::refused("stocktake_none", params!()))
}

/// Begins one.
pub fn start(act: &Act<'_>, user: i64, note: &str, products: &[Uid]) -> Result<()> {
    let sql = "INSERT INTO stocktake_draft (uid, user_id, started_at, note, products) VALUES (?1, ?2, ?3, ?4, ?5)";
    let products = serde_json::to_string(products)?;
    act.tx.execute(sql, (act.mint().as_bytes(), user, act.now, note, products))?;
    Ok(())
}

/// Throws it away with its counts.
pub fn delete(connection: &Connection, draft: &Draft) -> Result<()> {
    connection.execute("DELETE FROM stocktake_draft WHERE id = ?1", [draft.id])?;
    Ok(())
}

/// What was counted of a lot in a zone so far.
pub fn counted(connection: &Connection, draft: &Draft, batch: i64, zone: &str) -> Result<i64> {
    let sql = "SELECT counted FROM stocktake_draft_count WHERE draft_id = ?1 AND batch_id = ?2 AND zone = ?3";
    let found = connection.prepare_cached(sql)?.query_row((draft.id, batch, zone), |row| row.get(0)).optional()?;
    Ok(found.unwrap_or(0))
}

/// Writes a count down, in place of one that was there; as of the instant of that one where it was added to.
pub fn count(act: &Act<'_>, draft: &Draft, count: &StoredCount, added: bool) -> Result<()> {
    let sql = "INSERT INTO stocktake_draft_count VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE \
               SET counted = excluded.counted, user_id = excluded.user_id, \
               counted_at = iif(?7, min(counted_at, excluded.counted_at), excluded.counted_at)";
    let StoredCount { batch, zone, counted, counted_at, user } = count;
    act.tx.prepare_cached(sql)?.execute((draft.id, batch, zone, counted, counted_at, user, added))?;
    Ok(())
}

/// Every count, lot by lot.
pub fn counts(connection: &Connection, draft: &Draft) -> Result<Vec<StoredCount>> {
    let sql = "SELECT batch_id, zone, counted, counted_at, user_id FROM stocktake_draft_count WHERE draft_id = ?1 \
               ORDER BY batch_id, zone";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([draft.id], |row| {
        Ok(StoredCount {
            batch: row.get(0)?,
            zone: row.get(1)?,
            counted: row.get(2)?,
            counted_at: row.get(3)?,
            user: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The hub merged two lots: what was counted of one in a zone was counted of the other.
pub fn merge_lots(connection: &Connection, from: i64, to: i64) -> Result<()> {
    let sql = "INSERT INTO stocktake_draft_count SELECT draft_id, ?2, zone, counted, counted_at, user_id \
               FROM stocktake_draft_count WHERE batch_id = ?1 ON CONFLICT DO UPDATE \
               SET counted = counted + excluded.counted, counted_at = min(counted_at, excluded.counted_at)";
    connection.execute(sql, (from, to))?;
    connection.execute("DELETE FROM stocktake_draft_count WHERE batch_id = ?1", [from])?;
    Ok(())
}

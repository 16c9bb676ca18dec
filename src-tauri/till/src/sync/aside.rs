//! Rows that name a row which is not here: they wait for it, are tried again after every pull, and are named meanwhile.
//! The hub sends with a page whatever its rows refer to; one that slipped through holds up nothing.

use std::collections::HashSet;

use officine_protocol::{Uid, messages::WireRow, record::Record, schema::Entity};
use rusqlite::{Connection, Row};

use super::apply;
use crate::{
    error::Result,
    store::rows,
    views::{RowName, WaitingRow},
};

/// The first row that `record` names and that is not here. `here` remembers those that are.
pub fn missing(
    connection: &Connection,
    entity: &'static Entity,
    record: &Record,
    here: &mut HashSet<Uid>,
) -> Result<Option<(&'static str, Uid)>> {
    for (name, uid) in record.references(entity) {
        if here.contains(&uid) {
            continue;
        }
        let Some(target) = officine_protocol::entities::entity(name) else { continue };
        if rows::id_of(connection, target, uid)?.is_none() {
            return Ok(Some((name, uid)));
        }
        here.insert(uid);
    }
    Ok(None)
}

/// Sets a row aside until what it names is here.
pub fn set(connection: &Connection, row: &WireRow, (missing_entity, missing): (&str, Uid)) -> Result<()> {
    tracing::warn!(entity = row.entity, uid = %row.uid, missing_entity, %missing, "a row names one that is not here");
    let sql = "INSERT INTO row_aside (entity, uid, rev, body, missing_entity, missing_uid) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET rev = excluded.rev, body = excluded.body, \
               missing_entity = excluded.missing_entity, missing_uid = excluded.missing_uid WHERE excluded.rev >= row_aside.rev";
    let body = serde_json::to_string(row)?;
    let (uid, missing) = (row.uid.as_bytes(), missing.as_bytes());
    connection.execute(sql, (&row.entity, uid, row.rev, body, missing_entity, missing))?;
    Ok(())
}

/// A row is written: what was set aside of it, unless that is newer, is of no use any more.
pub fn drop_older(connection: &Connection, row: &WireRow) -> Result<()> {
    let sql = "DELETE FROM row_aside WHERE entity = ?1 AND uid = ?2 AND rev <= ?3";
    connection.prepare_cached(sql)?.execute((&row.entity, row.uid.as_bytes(), row.rev))?;
    Ok(())
}

/// Applies what can be applied by now. Gives what changed, as [`apply::rows`] does.
pub fn retry(connection: &Connection, now: i64) -> Result<Vec<(&'static str, i64)>> {
    let mut changed = Vec::new();
    loop {
        let bodies: Vec<String> = {
            let mut statement = connection.prepare_cached("DELETE FROM row_aside RETURNING body")?;
            let bodies = statement.query_map([], |row| row.get(0))?;
            bodies.collect::<rusqlite::Result<_>>()?
        };
        let waiting = bodies.len();
        let mut rows = Vec::with_capacity(waiting);
        for body in &bodies {
            let row: WireRow = serde_json::from_str(body)?;
            if !newer_here(connection, &row)? {
                rows.push(row);
            }
        }
        changed.extend(apply::rows(connection, &rows, now)?);
        if waiting == 0 || list(connection)?.len() >= waiting {
            return Ok(changed);
        }
    }
}

fn newer_here(connection: &Connection, row: &WireRow) -> Result<bool> {
    let Some(entity) = officine_protocol::entities::entity(&row.entity) else { return Ok(false) };
    Ok(rows::get(connection, entity, row.uid)?.is_some_and(|(_, here)| here.rev > row.rev))
}

/// The rows that wait, and what each names in vain.
pub fn list(connection: &Connection) -> Result<Vec<WaitingRow>> {
    let mut statement = connection.prepare_cached("SELECT entity, uid, missing_entity, missing_uid FROM row_aside")?;
    let rows = statement.query_map([], |row| Ok(WaitingRow { row: name(row, 0)?, missing: name(row, 2)? }))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn name(row: &Row<'_>, at: usize) -> rusqlite::Result<RowName> {
    Ok(RowName { entity: row.get(at)?, uid: rows::read_uid(row, at + 1)?.to_string() })
}

//! Rows that name a row which is not here: they wait for it, are tried again after every pull, and are named meanwhile.
//! The hub sends with a page whatever its rows refer to; one that slipped through holds up nothing.

use std::collections::HashSet;

use officine_protocol::{Uid, messages::WireRow, record::Record, schema::Entity};
use rusqlite::Connection;

use super::apply;
use crate::{error::Result, store::rows, views::RowName};

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
    let sql = "INSERT INTO row_aside (entity, uid, body, missing_entity, missing_uid) VALUES (?1, ?2, ?3, ?4, ?5) \
               ON CONFLICT DO UPDATE SET body = excluded.body, missing_entity = excluded.missing_entity, \
               missing_uid = excluded.missing_uid";
    let body = serde_json::to_string(row)?;
    connection.execute(sql, (&row.entity, row.uid.as_bytes(), body, missing_entity, missing.as_bytes()))?;
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
        let rows = bodies.iter().map(|body| serde_json::from_str(body)).collect::<Result<Vec<WireRow>, _>>()?;
        changed.extend(apply::rows(connection, &rows, now)?);
        if waiting == 0 || list(connection)?.len() >= waiting {
            return Ok(changed);
        }
    }
}

/// The rows that others here name in vain.
pub fn list(connection: &Connection) -> Result<Vec<RowName>> {
    let mut statement = connection.prepare_cached("SELECT missing_entity, missing_uid FROM row_aside")?;
    let rows =
        statement.query_map([], |row| Ok(RowName { entity: row.get(0)?, uid: rows::read_uid(row, 1)?.to_string() }))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

//! Which of some rows have a conflict that waits: one look per page of a list, and none into the list's own query.

use std::collections::HashSet;

use officine_protocol::{Uid, schema::Entity};
use rusqlite::Connection;

use crate::{error::Result, store::rows};

/// Those of these rows about which a conflict waits, by any of their uids.
pub fn among(connection: &Connection, entity: &Entity, uids: &[Uid]) -> Result<HashSet<Uid>> {
    if uids.is_empty() || !any(connection)? {
        return Ok(HashSet::new());
    }
    let sql = "SELECT DISTINCT c.\"row\" FROM json_each(?2) j CROSS JOIN conflict c \
               ON c.entity = ?1 AND c.\"row\" = j.value AND c.resolved_at IS NULL";
    let mut names: Vec<String> = uids.iter().map(Uid::to_string).collect();
    names.extend(aliases(connection, entity, uids)?.iter().map(Uid::to_string));
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_map((entity.name, serde_json::to_string(&names)?), |row| row.get::<_, String>(0))?;
    let found = found.collect::<rusqlite::Result<Vec<_>>>()?;
    let uids = found.iter().filter_map(|name| Uid::try_parse(name).ok());
    uids.map(|uid| rows::canonical(connection, entity, uid)).collect()
}

/// Whether a conflict waits about that row.
pub fn has(connection: &Connection, entity: &Entity, uid: Uid) -> Result<bool> {
    Ok(!among(connection, entity, &[uid])?.is_empty())
}

fn any(connection: &Connection) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM conflict WHERE resolved_at IS NULL)";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// What these rows were called before the hub merged others into them.
fn aliases(connection: &Connection, entity: &Entity, uids: &[Uid]) -> Result<Vec<Uid>> {
    let sql = "SELECT m.uid FROM uid_map m INDEXED BY uid_map_winner WHERE m.entity = ?1 AND m.winner = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let mut found = Vec::new();
    for uid in uids {
        let rows = statement.query_map((entity.name, uid.as_bytes()), |row| rows::read_uid(row, 0))?;
        found.extend(rows.collect::<rusqlite::Result<Vec<_>>>()?);
    }
    Ok(found)
}

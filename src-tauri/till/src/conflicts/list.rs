//! The list of conflicts, a page at a time, and how many wait.

use officine_protocol::{
    Uid,
    entities::{self, CONFLICT},
    messages::{ConflictField, Resolution},
    params,
};
use rusqlite::{Connection, Row};

use super::{kind, names};
use crate::{
    editing,
    engine::Till,
    error::{Error, Result},
    store::rows,
    views::{ConflictStateName, ConflictSummary, ConflictsView, EntityConflicts, ListConflictsArgs, TakenName},
};

const PAGE: u32 = 500;

const SELECT: &str = "SELECT c.id, c.uid, c.entity, c.\"row\", c.kind, c.fields, c.device, e.name, c.edited_at, h.name, \
    c.hub_at, c.hub_device, c.resolved_at, r.name, c.resolution, \
    EXISTS (SELECT 1 FROM outbox o WHERE o.uid = c.uid AND o.state <> 5 AND o.state <> 4) \
    FROM conflict c LEFT JOIN \"user\" e ON e.id = c.edited_by_id LEFT JOIN \"user\" h ON h.id = c.hub_by_id \
    LEFT JOIN \"user\" r ON r.id = c.resolved_by_id WHERE c.archived_at IS NULL";

impl Till {
    /// Conflicts, newest first.
    pub fn list_conflicts(&self, args: &ListConflictsArgs) -> Result<ConflictsView> {
        self.session()?;
        let after = args.after.as_deref().map(str::parse::<i64>).transpose();
        let after = after.map_err(|_| Error::refused("field_invalid", params! { field: "after" }))?;
        self.store.read(|connection| {
            let limit = args.limit.clamp(1, PAGE);
            let (rows, next) = page(connection, args.entity.as_deref(), args.open, after, limit)?;
            let by_entity = by_entity(connection)?;
            let open = by_entity.iter().map(|entity| entity.open).sum();
            Ok(ConflictsView { rows, open, by_entity, next: next.map(|id| id.to_string()) })
        })
    }
}

fn page(
    connection: &Connection,
    entity: Option<&str>,
    open: bool,
    after: Option<i64>,
    limit: u32,
) -> Result<(Vec<ConflictSummary>, Option<i64>)> {
    let waiting = if open { "AND c.resolved_at IS NULL" } else { "" };
    let about = if entity.is_some() { "c.entity = ?1" } else { "?1 IS NULL" };
    let sql = format!("{SELECT} {waiting} AND {about} AND c.id < ?2 ORDER BY c.id DESC LIMIT ?3");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut found = statement.query((entity, after.unwrap_or(i64::MAX), limit + 1))?;
    let (mut rows, mut last, mut more) = (Vec::new(), None, false);
    while let Some(row) = found.next()? {
        if rows.len() == limit as usize {
            more = true;
            break;
        }
        last = Some(row.get(0)?);
        rows.push(summary(connection, row)?);
    }
    Ok((rows, last.filter(|_| more)))
}

/// A conflict as lists show it.
pub fn summary_of(connection: &Connection, uid: Uid) -> Result<ConflictSummary> {
    let sql = format!("{SELECT} AND c.uid = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut found = statement.query([uid.as_bytes()])?;
    let missing = || Error::refused("reference_missing", params! { entity: CONFLICT.name, uid: uid.to_string() });
    summary(connection, found.next()?.ok_or_else(missing)?)
}

fn summary(connection: &Connection, row: &Row<'_>) -> Result<ConflictSummary> {
    let (entity, target): (String, String) = (row.get(2)?, row.get(3)?);
    let (fields, resolution): (String, Option<String>) = (row.get(5)?, row.get(14)?);
    let fields: Vec<ConflictField> = serde_json::from_str(&fields)?;
    let resolved_at: Option<i64> = row.get(12)?;
    let state = match (resolved_at, row.get(15)?) {
        (None, _) => ConflictStateName::Open,
        (Some(_), true) => ConflictStateName::Sent,
        (Some(_), false) => ConflictStateName::Settled,
    };
    let resolution = resolution.and_then(|text| serde_json::from_str::<Resolution>(&text).ok());
    let known = entities::entity(&entity);
    let uid = known.map(|entity| rows::canonical(connection, entity, editing::uid_of(entity, &target)?)).transpose()?;
    Ok(ConflictSummary {
        uid: rows::read_uid(row, 1)?.to_string(),
        label: names::label_of(connection, &entity, &target)?,
        entity,
        row: uid.map_or(target, |uid| uid.to_string()),
        kind: kind(&row.get::<_, String>(4)?),
        fields: fields.into_iter().map(|met| met.field).collect(),
        device: row.get(6)?,
        edited_by: row.get(7)?,
        edited_at: row.get(8)?,
        hub_by: row.get(9)?,
        hub_at: row.get(10)?,
        hub_device: row.get(11)?,
        state,
        resolved_at,
        resolved_by: row.get(13)?,
        taken: resolution.and_then(|resolution| TakenName::of(&resolution.strategy)),
    })
}

fn by_entity(connection: &Connection) -> Result<Vec<EntityConflicts>> {
    let sql = "SELECT entity, count(*), count(*) FILTER (WHERE kind <> 'twin') FROM conflict \
               WHERE resolved_at IS NULL AND archived_at IS NULL GROUP BY entity ORDER BY entity";
    let mut statement = connection.prepare_cached(sql)?;
    let of = |row: &Row<'_>| Ok(EntityConflicts { entity: row.get(0)?, open: row.get(1)?, together: row.get(2)? });
    let rows = statement.query_map([], of)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many wait for somebody.
pub fn count(connection: &Connection) -> Result<u32> {
    let sql = "SELECT count(*) FROM conflict WHERE resolved_at IS NULL AND archived_at IS NULL";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

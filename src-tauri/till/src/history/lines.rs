//! Lines of a log as people read them: a part that changed is told cell by cell, references by name.

use officine_protocol::{
    Uid, entities,
    merge::{self, Path},
    messages,
    record::{self, Record},
    schema::Entity,
};
use rusqlite::{Connection, OptionalExtension};
use serde_json::Value as Json;

use crate::{
    conflicts::{
        self, names,
        paths::{self, plain},
    },
    error::Result,
    views::{CellKind, LogLine},
};

/// Lines of the hub's log.
pub fn of_hub(connection: &Connection, lines: &[messages::LogLine]) -> Result<Vec<LogLine>> {
    let mut told = Vec::new();
    for line in lines {
        let bare = LogLine {
            id: line.id,
            rev: line.rev,
            entity: line.entity.clone(),
            uid: line.uid.to_string(),
            field: line.field.clone(),
            old: line.old.clone().unwrap_or_default(),
            new: line.new.clone().unwrap_or_default(),
            user: line.user.map(|uid| uid.to_string()),
            user_name: line.user_name.clone(),
            device: line.device.map(|uid| uid.to_string()),
            device_name: line.device_name.clone(),
            hlc: line.hlc.to_string(),
            at: line.at,
            kind: line.kind.clone(),
            strategy: line.strategy.clone(),
            ..empty()
        };
        told.extend(explained(connection, bare)?);
    }
    Ok(told)
}

/// A line that says nothing yet.
pub fn empty() -> LogLine {
    LogLine {
        id: 0,
        rev: 0,
        entity: String::new(),
        uid: String::new(),
        label: String::new(),
        field: String::new(),
        column: String::new(),
        part_label: None,
        cell: CellKind::Text,
        old: Json::Null,
        new: Json::Null,
        shown_old: String::new(),
        shown_new: String::new(),
        user: None,
        user_name: String::new(),
        device: None,
        device_name: String::new(),
        hlc: String::new(),
        at: 0,
        kind: String::new(),
        strategy: None,
        pending: false,
    }
}

/// The line with its names; one for each cell where it tells of a whole part.
pub fn explained(connection: &Connection, mut line: LogLine) -> Result<Vec<LogLine>> {
    line.label = names::label_of(connection, &line.entity, &line.uid)?;
    if line.user_name.is_empty() {
        line.user_name = line.user.as_deref().map_or(Ok(String::new()), |uid| user_name(connection, uid))?;
    }
    let Some(entity) = entities::entity(&line.entity) else {
        (line.column, line.shown_old, line.shown_new) = (line.field.clone(), plain(&line.old), plain(&line.new));
        return Ok(vec![line]);
    };
    let part = entity.part(&line.field).filter(|_| line.old.is_array() || line.new.is_array());
    let Some(cells) = part.and_then(|part| cells(entity, part, &line.old, &line.new)) else {
        return Ok(vec![named(connection, entity, line)?]);
    };
    let lines = cells.into_iter().map(|(path, part_label, old, new)| {
        named(connection, entity, LogLine { field: path.text(entity), part_label, old, new, ..line.clone() })
    });
    lines.collect()
}

fn user_name(connection: &Connection, uid: &str) -> Result<String> {
    let Ok(uid) = Uid::try_parse(uid) else { return Ok(String::new()) };
    let sql = "SELECT name FROM \"user\" WHERE uid = ?1";
    let uid = crate::store::rows::canonical(connection, &entities::USER, uid)?;
    Ok(connection.prepare_cached(sql)?.query_row([uid.as_bytes()], |row| row.get(0)).optional()?.unwrap_or_default())
}

fn named(connection: &Connection, entity: &'static Entity, mut line: LogLine) -> Result<LogLine> {
    let place = paths::open(entity, &line.field);
    let column = match &place {
        Some(place) => place.column(entity),
        None => entity.columns.iter().find(|column| column.wire_name() == line.field),
    };
    let whole = place.as_ref().and_then(|place| paths::row(entity, place)).filter(|_| column.is_none());
    line.column = match whole {
        Some((part, _)) => part.name.to_owned(),
        None => line.field.rsplit('/').next().unwrap_or_default().to_owned(),
    };
    line.cell = match place {
        Some(Path::Row { .. }) => CellKind::Rows,
        Some(Path::Archived) => CellKind::Instant,
        _ => column.map_or(CellKind::Text, conflicts::cell),
    };
    for (json, shown) in [(&line.old, &mut line.shown_old), (&line.new, &mut line.shown_new)] {
        *shown = match whole {
            Some((part, _)) => names::shown_rows(connection, part, json)?,
            None => names::shown(connection, column, json)?,
        };
    }
    Ok(line)
}

type Cell = (Path, Option<String>, Json, Json);

/// What differs between two states of a part, place by place; nothing where they cannot be read.
fn cells(entity: &'static Entity, part: usize, old: &Json, new: &Json) -> Option<Vec<Cell>> {
    let state = |json: &Json| {
        let rows: Vec<_> = if json.is_null() { Vec::new() } else { serde_json::from_value(json.clone()).ok()? };
        let mut record = Record::new(entity, Uid::nil(), 0);
        record.parts[part] = record::decode_part(&entity.parts[part], &rows).ok()?;
        Some(record)
    };
    let (before, after) = (state(old)?, state(new)?);
    let changed = merge::changed(entity, part, &before.parts[part], &after.parts[part]).into_iter();
    let cell = |path: Path| {
        let label = paths::called(entity, &path, &[&after, &before]);
        let (old, new) = (path.read(entity, &before), path.read(entity, &after));
        (path, label, old, new)
    };
    Some(changed.map(cell).collect())
}

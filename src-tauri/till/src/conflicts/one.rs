//! A conflict field by field: base, here, hub, and what is in force now.

use officine_protocol::{
    Uid,
    merge::Path,
    messages::ConflictField as Met,
    record::Record,
    schema::{Column, Entity, Kind},
};
use rusqlite::Connection;
use serde_json::Value as Json;

use super::{Conflict, apart, list, names, paths, undo};
use crate::{
    engine::Till,
    error::Result,
    views::{
        CellKind, ConflictArgs, ConflictField, ConflictKindName, ConflictView, ResolutionView, ShownField, TakenName,
    },
};

impl Till {
    /// A conflict, whole.
    pub fn read_conflict(&self, args: &ConflictArgs) -> Result<ConflictView> {
        self.session()?;
        self.store.read(|connection| view(connection, &Conflict::read(connection, &args.uid)?))
    }
}

fn view(connection: &Connection, conflict: &Conflict) -> Result<ConflictView> {
    let present = conflict.target_record(connection)?;
    let fields = conflict.fields.iter().map(|met| match conflict.kind {
        ConflictKindName::Twin => twin(connection, conflict.target, met),
        _ => field(connection, conflict.target, present.as_ref(), met),
    });
    let can_undo = match conflict.kind {
        ConflictKindName::Twin => apart::possible(connection, conflict, present.as_ref())?,
        _ => !undo::restorable(connection, conflict, present.as_ref())?.is_empty(),
    };
    let resolution = conflict.resolution.clone().and_then(|resolution| {
        let (taken, fields) = (TakenName::of(&resolution.strategy)?, resolution.fields.into_iter().collect());
        Some(ResolutionView { taken, fields, can_undo })
    });
    Ok(ConflictView {
        summary: list::summary_of(connection, conflict.uid)?,
        archived: present.as_ref().is_none_or(|record| record.archived_at.is_some()),
        fields: fields.collect::<Result<_>>()?,
        resolution,
    })
}

fn field(
    connection: &Connection,
    entity: &'static Entity,
    present: Option<&Record>,
    met: &Met,
) -> Result<ConflictField> {
    let place = paths::open(entity, &met.field);
    let now = place.as_ref().zip(present).map_or(Json::Null, |(place, record)| place.read(entity, record));
    let column = place.as_ref().and_then(|place| place.column(entity));
    let part = place.as_ref().and_then(|place| paths::row(entity, place));
    let part = part.map(|(part, _)| part);
    let whole = part.filter(|_| column.is_none());
    let shown = |json: &Json| match whole {
        Some(part) => names::shown_rows(connection, part, json),
        None => names::shown(connection, column, json),
    };
    let name = met.field.rsplit('/').next().unwrap_or_default();
    Ok(ConflictField {
        path: met.field.clone(),
        column: whole.map_or(name, |part| part.name).to_owned(),
        part: part.map(|part| part.name.to_owned()),
        part_label: place.as_ref().and_then(|place| part_label(entity, present, met, place)),
        kind: match place {
            Some(Path::Row { .. }) => CellKind::Rows,
            Some(Path::Archived) => CellKind::Instant,
            _ => column.map_or(CellKind::Text, cell),
        },
        nullable: column.is_none_or(|column| column.nullable),
        refers: column.and_then(refers),
        shown: ShownField {
            base: shown(&met.base)?,
            till: shown(&met.till)?,
            hub: shown(&met.hub)?,
            now: shown(&now)?,
        },
        base: met.base.clone(),
        till: met.till.clone(),
        hub: met.hub.clone(),
        now,
    })
}

/// What a row of a part is called, here now or in the values that met; else its key.
fn part_label(entity: &'static Entity, present: Option<&Record>, met: &Met, place: &Path) -> Option<String> {
    let (part, row) = paths::row(entity, place)?;
    let here = paths::called(entity, place, present.as_slice());
    let told = || [&met.till, &met.hub, &met.base].into_iter().find_map(|json| paths::first_text(part, json));
    let key = || row.text(entity).split_once('/').map(|(_, key)| key.to_owned());
    here.or_else(told).or_else(key)
}

/// A key that two rows share: both sides are rows, by their names.
fn twin(connection: &Connection, entity: &'static Entity, met: &Met) -> Result<ConflictField> {
    let called = |json: &Json| -> Result<String> {
        let uids = json.as_array().map_or(std::slice::from_ref(json), Vec::as_slice);
        let uids = uids.iter().filter_map(Json::as_str).filter_map(|text| Uid::try_parse(text).ok());
        let labels = uids.map(|uid| names::label(connection, entity, uid)).collect::<Result<Vec<_>>>()?;
        Ok(labels.join(", "))
    };
    Ok(ConflictField {
        path: met.field.clone(),
        column: met.field.clone(),
        part: None,
        part_label: None,
        kind: CellKind::Ref,
        nullable: false,
        refers: None,
        shown: ShownField { till: called(&met.till)?, hub: called(&met.hub)?, ..ShownField::default() },
        base: Json::Null,
        till: met.till.clone(),
        hub: met.hub.clone(),
        now: Json::Null,
    })
}

fn refers(column: &Column) -> Option<String> {
    match column.kind {
        Kind::Ref(entity) => Some(entity.to_owned()),
        _ => None,
    }
}

/// What the values of a column are.
pub fn cell(column: &Column) -> CellKind {
    match column.kind {
        _ if column.money => CellKind::Money,
        Kind::Int(..) => CellKind::Int,
        Kind::Bool => CellKind::Bool,
        Kind::Date => CellKind::Date,
        Kind::Instant => CellKind::Instant,
        Kind::Ref(_) => CellKind::Ref,
        Kind::Text(_) | Kind::OneOf(_) | Kind::Json(_) | Kind::Bytes(_) => CellKind::Text,
    }
}

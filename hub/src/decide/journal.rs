//! What a write overwrites, as lines of the change log; and rows as they travel.

use officine_protocol::{
    entities::USER,
    fault::{Fault, armed},
    record::Record,
    schema::{Column, Entity, Kind, Part},
    value::Value,
};
use serde_json::{Map, Value as Json};

use super::{
    Logged, WorkingSet,
    merge::{EDITS, Edit},
};
use crate::operation::{Body, Rows};

/// Notes what `after` overwrites of `before`, as what kind of change, and who won.
pub(crate) fn log_edit(
    working: &mut WorkingSet,
    (body, entity): (&Body, &'static Entity),
    (row, rev): (i64, i64),
    (before, after): (&Record, &Record),
    (kind, strategy): (&'static str, &'static str),
) {
    if armed(Fault::HubUnlogged) {
        return;
    }
    let (told_before, told_after) = (told(working, entity, before), told(working, entity, after));
    let mut note = |field: String, old: Json, new: Json, secret: bool| {
        let (old, new) = (shown(old, secret), shown(new, secret));
        working.log(body, Overwritten { entity: entity.name, row, rev, field, old, new, kind, strategy });
    };
    for (column, (old, new)) in entity.columns.iter().zip(told_before.values.iter().zip(&told_after.values)) {
        if old != new && column.travels() {
            note(column.wire_name(), old.to_json(column), new.to_json(column), column.secret);
        }
    }
    for (part, (old, new)) in entity.parts.iter().zip(told_before.parts.iter().zip(&told_after.parts)) {
        if old != new {
            note(part.name.to_owned(), plain_rows(part, old), plain_rows(part, new), false);
        }
    }
    if before.archived_at != after.archived_at {
        note("archivedAt".to_owned(), before.archived_at.into(), after.archived_at.into(), false);
    }
}

/// Text of a value; nothing of a secret.
pub(crate) fn shown(json: Json, secret: bool) -> Option<String> {
    (!secret && !json.is_null()).then(|| json.to_string())
}

/// A record as it is told: its references are uids, where they are known.
pub(crate) fn told(working: &WorkingSet, entity: &Entity, record: &Record) -> Record {
    let mut told = record.clone();
    let name = |column: &Column, value: &mut Value| {
        if let (Kind::Ref(target), Value::Int(id)) = (column.kind, &*value) {
            *value = working.uid_of(target, *id).map_or(Value::Null, Value::Uid);
        }
    };
    entity.columns.iter().zip(&mut told.values).for_each(|(column, value)| name(column, value));
    for (part, rows) in entity.parts.iter().zip(&mut told.parts) {
        rows.iter_mut().for_each(|row| part.columns.iter().zip(row).for_each(|(column, value)| name(column, value)));
    }
    told
}

/// Rows of a part as the log shows them.
fn plain_rows(part: &Part, rows: &Rows) -> Json {
    let encode = |row: &Vec<Value>| {
        let cells = part.columns.iter().zip(row).filter(|(_, value)| !value.is_null());
        Json::Object(cells.map(|(column, value)| (column.wire_name(), value.to_json(column))).collect())
    };
    rows.iter().map(encode).collect()
}

/// A row of a part as it travels: references are uids again.
pub(crate) fn wire_row(working: &WorkingSet, part: &Part, row: &[Value]) -> Map<String, Json> {
    let cells = part.columns.iter().zip(row).filter(|(_, value)| !value.is_null());
    let json = |column: &Column, value: &Value| match (column.kind, value) {
        (Kind::Ref(target), Value::Int(id)) => {
            working.uid_of(target, *id).map_or(Json::Null, |uid| uid.to_string().into())
        }
        _ => value.to_json(column),
    };
    cells.map(|(column, value)| (column.wire_name(), json(column, value))).collect()
}

/// A value overwritten.
pub(crate) struct Overwritten {
    pub entity: &'static str,
    pub row: i64,
    pub rev: i64,
    pub field: String,
    pub old: Option<String>,
    pub new: Option<String>,
    pub kind: &'static str,
    pub strategy: &'static str,
}

impl WorkingSet {
    /// Notes what a write overwrites.
    pub(crate) fn log(&mut self, body: &Body, entry: Overwritten) {
        self.note(body, entry, true);
    }

    /// Notes a value that gave way; whether it stood in the row, or never came to.
    pub(crate) fn note(&mut self, body: &Body, entry: Overwritten, applied: bool) {
        let Overwritten { entity, row, rev, field, old, new, kind, strategy } = entry;
        let (user, hlc, doubtful, at) = (body.user, body.hlc, body.doubtful, self.hub_time(body.hlc.millis));
        if applied && EDITS.contains(&kind) {
            let user = user.and_then(|user| self.id_of(USER.name, user));
            let (old, new, device) = (old.clone(), new.clone(), self.device.id);
            self.edited(entity, row, &field, Edit { rev, hlc, at, doubtful, device, user, old, new });
        }
        let line = Logged { rev, entity, row, field, old, new, user, hlc, at, doubtful, kind, strategy, applied };
        self.changes.log.push(line);
    }
}

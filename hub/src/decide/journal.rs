//! What a write overwrites, as lines of the change log; and rows as they travel.

use officine_protocol::{
    fault::{Fault, armed},
    record::Record,
    schema::{Column, Entity, Kind, Part},
    value::Value,
};
use serde_json::{Map, Value as Json};

use super::{WorkingSet, working::Overwritten};
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
    let mut note = |field: String, old: Json, new: Json, secret: bool| {
        let shown = |json: Json| (!secret && !json.is_null()).then(|| json.to_string());
        let (old, new) = (shown(old), shown(new));
        working.log(body, Overwritten { entity: entity.name, row, rev, field, old, new, kind, strategy });
    };
    for (column, (old, new)) in entity.columns.iter().zip(before.values.iter().zip(&after.values)) {
        if old != new && column.travels() {
            note(column.wire_name(), old.to_json(column), new.to_json(column), column.secret);
        }
    }
    for (part, (old, new)) in entity.parts.iter().zip(before.parts.iter().zip(&after.parts)) {
        if old != new {
            note(part.name.to_owned(), plain_rows(part, old), plain_rows(part, new), false);
        }
    }
}

/// Rows of a part as the log shows them.
pub(crate) fn plain_rows(part: &Part, rows: &Rows) -> Json {
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
            working.row(target, *id).map_or(Json::Null, |row| row.uid.to_string().into())
        }
        _ => value.to_json(column),
    };
    cells.map(|(column, value)| (column.wire_name(), json(column, value))).collect()
}

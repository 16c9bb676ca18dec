//! Edits of one row by several tills, field by field: the last in hybrid time wins, on a tie the hub's value stays. What
//! the editor had seen does not count against them, nor what they wrote themselves before.

use std::collections::HashMap;

use officine_protocol::{
    hlc::Hlc,
    record::Record,
    schema::{Entity, Kind},
    value::Value,
};

use super::{WorkingSet, journal::plain_rows, working::Overwritten};
use crate::operation::Body;

/// A field as somebody wrote it.
#[derive(Clone, Copy, Debug)]
pub struct Edit {
    /// The row's revision with it.
    pub rev: i64,
    /// When, in hybrid time.
    pub hlc: Hlc,
    /// By which device of the pharmacy.
    pub device: i64,
}

/// Edits by entity, server id and field.
pub(crate) type Edits = HashMap<(&'static str, i64, String), Vec<Edit>>;

/// Whether an edit of a field comes too late. One that does not say what it was made upon counts as it arrives. After a
/// later one of the same device it is late as well: it was held, and sent again.
fn loses(working: &WorkingSet, body: &Body, row: i64, field: &str) -> bool {
    let Some(base) = body.base() else { return false };
    let own = |edit: &Edit| edit.device == working.device.id;
    let later = |edit: &Edit| edit.rev > base && if own(edit) { edit.hlc > body.hlc } else { edit.hlc >= body.hlc };
    let written = working.edits.get(&(body.entity.name, row, field.to_owned()));
    written.is_some_and(|edits| edits.iter().any(later))
}

/// Gives the fields of an edited row that came too late their values back, and says which.
pub(crate) fn keep(working: &WorkingSet, body: &Body, row: i64, before: &Record, after: &mut Record) -> Vec<Lost> {
    let (entity, sent) = (body.entity, after.clone());
    let mut lost = Vec::new();
    for (column, (old, new)) in entity.columns.iter().zip(before.values.iter().zip(&mut after.values)) {
        if old != new && column.travels() && loses(working, body, row, &column.wire_name()) {
            lost.push(Lost::of(entity, &sent, &column.wire_name()));
            new.clone_from(old);
        }
    }
    for (part, (old, new)) in entity.parts.iter().zip(before.parts.iter().zip(&mut after.parts)) {
        if old != new && loses(working, body, row, part.name) {
            lost.push(Lost::of(entity, &sent, part.name));
            new.clone_from(old);
        }
    }
    after.derive(entity);
    lost
}

/// Notes that values came too late: what was sent, and what stays.
pub(crate) fn log_lost(working: &mut WorkingSet, body: &Body, (row, rev): (i64, i64), kept: &Record, lost: &[Lost]) {
    for Lost { field, sent } in lost {
        let (old, new) = (sent.clone(), shown(body.entity, kept, field));
        let (entity, field, kind, strategy) = (body.entity.name, field.clone(), "conflict", "last_write");
        working.log(body, Overwritten { entity, row, rev, field, old, new, kind, strategy });
    }
}

/// A value that came too late, as the log shows it.
pub(crate) struct Lost {
    pub field: String,
    pub sent: Option<String>,
}

impl Lost {
    /// A column or a part of a row as it was sent.
    fn of(entity: &Entity, sent: &Record, field: &str) -> Self {
        Self { field: field.to_owned(), sent: shown(entity, sent, field) }
    }
}

/// Nothing of a secret.
fn shown(entity: &Entity, record: &Record, field: &str) -> Option<String> {
    if let Some(place) = entity.part(field) {
        return Some(plain_rows(entity.parts.get(place)?, record.parts.get(place)?).to_string());
    }
    let (column, value) = entity.columns.iter().zip(&record.values).find(|(column, _)| column.wire_name() == field)?;
    let reference = matches!(column.kind, Kind::Ref(_));
    let json = match value {
        Value::Int(id) if reference => serde_json::json!(id),
        value => value.to_json(column),
    };
    (!column.secret && !json.is_null()).then(|| json.to_string())
}

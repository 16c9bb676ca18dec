//! What the hub refused is taken back, so that till and hub are equal again: a document's movements by their opposites, an
//! edit's values, an archival, a birth. Every value is in the log. A ticket has its own way: `selling/reversal.rs`.

use officine_protocol::{
    Uid,
    messages::{Action, Operation},
    record::{self, Record},
    schema::{Column, Entity},
    value::Value,
};
use serde_json::Value as Json;

use super::corrections::{self, known_here};
use crate::{
    act::{Act, Change},
    error::Result,
    store::{ledger, outbox, rows},
};

/// In the log, and as the source of movements taken back.
const KIND: &str = "refused";

/// Takes an operation back. What the hub knows all the same, and what was changed here since, stays.
pub fn take_back(act: &Act<'_>, entity: &'static Entity, operation: &Operation) -> Result<()> {
    let Some((id, record)) = rows::get(act.tx, entity, operation.uid)? else { return Ok(()) };
    match operation.action {
        Action::Create if record.server_id.is_some() => Ok(()),
        Action::Create => {
            ledger::append(act.tx, entity, id, &ledger::opposites(entity, record.part(entity, "movements"), KIND))?;
            archived(act, entity, (id, &record), Some(act.now))
        }
        Action::Delete if record.archived_at == Some(operation.occurred_at) => {
            archived(act, entity, (id, &record), None)
        }
        Action::Delete => Ok(()),
        Action::Update => edited(act, entity, record, operation),
    }
}

/// A ticket that the hub refused and keeps for its number: it moves nothing, and decides nothing.
pub fn void(act: &Act<'_>, entity: &'static Entity, uid: Uid, (server_id, rev): (i64, i64)) -> Result<()> {
    let Some((id, record)) = rows::get(act.tx, entity, uid)? else { return Ok(()) };
    ledger::append(act.tx, entity, id, &ledger::opposites(entity, record.part(entity, "movements"), "reversal"))?;
    rows::set_server_id(act.tx, entity, uid, server_id, rev)?;
    let fields = ["flagged", "superseded"].map(|name| (name.to_owned(), true.into()));
    corrections::write(act, entity, uid, rev, &fields.into_iter().collect())
}

fn archived(act: &Act<'_>, entity: &'static Entity, (id, record): (i64, &Record), at: Option<i64>) -> Result<()> {
    rows::archive(act.tx, entity, id, at)?;
    log(act, entity, record, "archivedAt", &record.archived_at.into(), &at.into())
}

/// Gives the fields their values back, where they still hold what was refused.
fn edited(act: &Act<'_>, entity: &'static Entity, mut record: Record, operation: &Operation) -> Result<()> {
    let before = record.clone();
    for name in operation.replaced.keys() {
        let Some(old) = replaced(act, operation, name)? else { continue };
        if let Some(part) = entity.part(name) {
            if record.wire_parts(entity).get(name) == operation.parts.get(name) {
                record.parts[part] = record::decode_part(&entity.parts[part], &serde_json::from_value::<Vec<_>>(old)?)?;
            }
            continue;
        }
        let place = entity.columns.iter().position(|column| column.wire_name() == *name && !column.secret);
        let Some((place, column)) = place.map(|place| (place, &entity.columns[place])) else { continue };
        if operation.fields.get(name) == Some(&record.values[place].to_json(column))
            && let Some(value) = here(act, column, &old)?
        {
            record.values[place] = value;
        }
    }
    record.derive(entity);
    if record != before {
        rows::put(act.tx, entity, &record)?;
        logged(act, entity, &before, &record)?;
    }
    Ok(())
}

fn here(act: &Act<'_>, column: &Column, old: &Json) -> Result<Option<Value>> {
    known_here(act, column, Value::from_json(column, old)?)
}

/// What a field held before the first of the refused edits that led to this one.
fn replaced(act: &Act<'_>, operation: &Operation, name: &str) -> Result<Option<Json>> {
    let (mut old, mut predecessor) = (operation.replaced.get(name).cloned(), operation.predecessor);
    while let Some(key) = predecessor {
        let Some(earlier) = outbox::refused_by_key(act.tx, operation.uid, key)? else { break };
        old = earlier.replaced.get(name).cloned().or(old);
        predecessor = earlier.predecessor;
    }
    Ok(old)
}

fn logged(act: &Act<'_>, entity: &'static Entity, before: &Record, after: &Record) -> Result<()> {
    for (column, (old, new)) in entity.columns.iter().zip(before.values.iter().zip(&after.values)) {
        if old != new && column.travels() {
            log(act, entity, after, &column.wire_name(), &old.to_json(column), &new.to_json(column))?;
        }
    }
    let (old, new) = (before.wire_parts(entity), after.wire_parts(entity));
    for part in entity.parts.iter().filter(|part| old.get(part.name) != new.get(part.name)) {
        let json = |parts: &record::WireParts| serde_json::to_value(parts.get(part.name));
        log(act, entity, after, part.name, &json(&old)?, &json(&new)?)?;
    }
    Ok(())
}

fn log(act: &Act<'_>, entity: &'static Entity, record: &Record, field: &str, old: &Json, new: &Json) -> Result<()> {
    let hlc = act.state.hlc.tick(act.now).to_string();
    let (uid, rev, user) = (record.uid, record.rev, None);
    Change { entity, uid, rev, field, old, new, user, hlc: &hlc, kind: KIND }.write(act.tx)
}

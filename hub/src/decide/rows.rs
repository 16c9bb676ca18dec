//! Births of rows, and what edits and archivals share with them.

use super::{
    PartsWrite, Stop, WorkingSet,
    conflict::open_conflict,
    document,
    journal::{Overwritten, log_edit},
    ledger,
    resolve::Resolver,
    sale, stocktake, twins,
};
use crate::operation::{Body, Prepared, Refusal, Rows};
use officine_protocol::{
    Uid,
    entities::{STOCKTAKE, USER},
    messages::{ConflictField, Corrections, Outcome},
    params,
    record::Record,
    roles::Role,
    schema::{Class, Column, Entity, Kind, Part, Rule},
    value::Value,
};

pub(crate) fn accepted(server_id: i64, rev: i64, corrections: Corrections) -> Outcome {
    Outcome::Accepted { server_id, rev, corrections }
}

pub(crate) fn create(
    working: &mut WorkingSet,
    operation: &Prepared,
    (body, sent): (&Body, &Record),
    refused: Option<Refusal>,
) -> Result<Outcome, Stop> {
    let entity = body.entity;
    made_by_hub(entity)?;
    let mut resolver = Resolver::new(working, operation);
    let mut record = Record::new(entity, body.uid, body.occurred_at);
    record.values = resolver.values(entity.columns, &sent.values);
    record.parts = resolver.parts(entity, &sent.parts);
    let mut corrections = Corrections { server_ids: resolver.finish()?, ..Corrections::default() };
    reset_hub_columns(entity, &mut record);
    check_role(entity, &record)?;
    read_through(working, entity, &mut record, &mut corrections);
    let too_much = ledger::gather(entity, &mut record)?;
    if entity.name == STOCKTAKE.name {
        stocktake::gather_counts(sent, &mut record);
    }
    match working.id_of(entity.name, body.uid) {
        Some(id) => known(working, entity, id, &record, corrections),
        None if entity.document => document::create(working, (body, sent), record, corrections, refused.or(too_much)),
        None => born(working, (operation.key, body), record, corrections),
    }
}

/// A reference that is read through another one is what the row named there says.
fn read_through(working: &WorkingSet, entity: &Entity, record: &mut Record, corrections: &mut Corrections) {
    for (place, column) in entity.columns.iter().enumerate() {
        let Some(way) = column.through.and_then(|name| entity.columns.get(entity.column(name)?)) else { continue };
        let (Kind::Ref(via), Kind::Ref(target)) = (way.kind, column.kind) else { continue };
        let there = record.get(entity, way.name).int().and_then(|id| working.row(via, id));
        let said = there.and_then(|row| row.get(officine_protocol::entities::entity(via)?, column.name).int());
        let Some((id, uid)) = said.and_then(|id| Some((id, working.row(target, id)?.uid))) else { continue };
        if record.values.get(place) != Some(&Value::Int(id)) {
            record.set(entity, column.name, id);
            corrections.fields.insert(column.wire_name(), uid.to_string().into());
        }
    }
}

fn born(
    working: &mut WorkingSet,
    (key, body): (Uid, &Body),
    record: Record,
    mut corrections: Corrections,
) -> Result<Outcome, Stop> {
    let entity = body.entity;
    let twins = twins::find(working, entity, &record);
    if let Some(id) = twins.same
        && let Some(winner) = working.row(entity.name, id).cloned()
    {
        corrections.merged_into = Some(winner.uid);
        working.alias(entity.name, body.uid, id);
        working.changes.aliases.push((entity.name, body.uid, id));
        let rev = working.put(entity, id, winner.clone(), PartsWrite::Keep);
        log_edit(working, (body, entity), (id, rev), (&record, &winner), ("merge", "hub"));
        return Ok(accepted(id, rev, corrections));
    }
    let id = working.next_id();
    let rev = working.put(entity, id, record, PartsWrite::Insert);
    propose(working, (key, body), (id, rev), &twins.alike);
    Ok(accepted(id, rev, corrections))
}

/// Says which rows a new one may be: a person decides.
pub(crate) fn propose(working: &mut WorkingSet, (key, body): (Uid, &Body), (row, rev): (i64, i64), alike: &[i64]) {
    let entity = body.entity;
    let others: Vec<_> = alike.iter().filter_map(|id| working.row(entity.name, *id)).map(|other| other.uid).collect();
    let (false, Some(column)) = (others.is_empty(), entity.key_column()) else { return };
    let (field, kind, strategy) = (column.wire_name(), "twin", "proposed");
    let (old, new) = (Some(serde_json::json!(others).to_string()), Some(serde_json::json!(body.uid).to_string()));
    working.log(body, Overwritten { entity: entity.name, row, rev, field: field.clone(), old, new, kind, strategy });
    let (till, hub) = (serde_json::json!(body.uid), serde_json::json!(others));
    let alike = ConflictField { field, base: serde_json::Value::Null, till, hub };
    open_conflict(working, (key, body), row, "twin", &[alike], None);
}

/// A birth of a uid known already, under another key: the same answer, or a refusal where the content differs.
fn known(
    working: &WorkingSet,
    entity: &Entity,
    id: i64,
    record: &Record,
    mut corrections: Corrections,
) -> Result<Outcome, Stop> {
    let refused = || Stop::refuse("uid_known", params! { entity: entity.name, uid: record.uid });
    let existing = working.row(entity.name, id).ok_or_else(refused)?;
    if existing.uid != record.uid {
        corrections.merged_into = Some(existing.uid);
        return Ok(accepted(id, existing.rev, corrections));
    }
    if !same_content(entity, existing, record) {
        return Err(refused());
    }
    match sale::refusal_of(entity, existing) {
        Some(refusal) => Err(Stop::Stored { refusal, id, rev: existing.rev }),
        None => Ok(accepted(id, existing.rev, corrections)),
    }
}

fn same_content(entity: &Entity, one: &Record, other: &Record) -> bool {
    let compared = |column: &Column| column.travels() && column.rule != Rule::HubOnly;
    let values = entity.columns.iter().zip(one.values.iter().zip(&other.values));
    let parts = entity.parts.iter().zip(one.parts.iter().zip(&other.parts));
    values.filter(|(column, _)| compared(column)).all(|(_, (one, other))| one == other)
        && parts.into_iter().all(|(part, (one, other))| own_rows(part, one) == own_rows(part, other))
}

/// The rows of a part as they were born, in the order of their key.
fn own_rows<'a>(part: &Part, rows: &'a Rows) -> Vec<&'a Vec<Value>> {
    let step = part.columns.iter().position(|column| column.name == "step");
    let born = |row: &&Vec<Value>| step.is_none_or(|step| row.get(step) == Some(&Value::Int(0)));
    let mut own: Vec<_> = rows.iter().filter(born).collect();
    own.sort_by_key(|row| row.iter().map(Value::int).collect::<Vec<_>>());
    own
}

fn reset_hub_columns(entity: &Entity, record: &mut Record) {
    let empty = Record::new(entity, record.uid, 0);
    for ((column, value), blank) in entity.columns.iter().zip(&mut record.values).zip(empty.values) {
        let kept_here = column.class == Class::Derived && column.fold_of.is_none();
        if column.rule == Rule::HubOnly || kept_here {
            *value = blank;
        }
    }
}

/// What is closed never changes.
pub(crate) fn closed(entity: &Entity, record: &Record) -> Result<(), Stop> {
    match entity.closed {
        Some((column, code)) if !record.get(entity, column).is_null() => Err(Stop::refuse(code, params! {})),
        _ => Ok(()),
    }
}

/// What only the hub makes and takes away.
pub(crate) fn made_by_hub(entity: &Entity) -> Result<(), Stop> {
    if entity.hub_born { Err(Stop::refuse("made_by_hub", params! { entity: entity.name })) } else { Ok(()) }
}

pub(crate) fn check_role(entity: &Entity, record: &Record) -> Result<(), Stop> {
    let role = record.get(&USER, "role").text();
    if entity.name == USER.name && role.and_then(Role::parse).is_none() {
        return Err(Stop::invalid("role", "not a role"));
    }
    Ok(())
}

//! Edits and archivals of rows. What they overwrite goes to the change log; where they meet what their editor had not
//! seen, the strategy decides, field by field.

use officine_protocol::{
    fault::{Fault, armed},
    merge::{Path, Side},
    messages::{Corrections, Outcome},
    params,
    record::Record,
    schema::Rule,
    strategy::Strategy,
    value::Value,
};

use super::{
    PartsWrite, Stop, WorkingSet, answered,
    conflict::{self, Ruling, Told},
    journal::{Overwritten, log_edit},
    merge::{ARCHIVED, Edit, Meeting, Quarrel, Settled, since},
    resolution,
    resolve::Resolver,
    rows::{accepted, check_role, closed, made_by_hub},
};
use crate::operation::{Body, Prepared, Rows};

pub(crate) fn update(
    working: &mut WorkingSet,
    operation: &Prepared,
    body: &Body,
    changes: &[(usize, Value)],
    parts: &[(usize, Rows)],
) -> Result<Outcome, Stop> {
    let entity = body.entity;
    let mut resolver = Resolver::new(working, operation);
    let id = resolver.row(entity.name, body.uid)?;
    let fixed = || Stop::refuse("document_fixed", params! { entity: entity.name });
    let before = working.row(entity.name, id).filter(|_| !entity.document).ok_or_else(fixed)?.clone();
    let mut sent = before.clone();
    for (place, value) in changes {
        if let (Some(column), Some(slot)) = (entity.columns.get(*place), sent.values.get_mut(*place)) {
            *slot = resolver.value(column, value);
        }
    }
    for (place, rows) in parts {
        if let (Some(part), Some(slot)) = (entity.parts.get(*place), sent.parts.get_mut(*place)) {
            *slot = rows.iter().map(|row| resolver.values(part.columns, row)).collect();
        }
    }
    let corrections = Corrections { server_ids: resolver.finish()?, ..Corrections::default() };
    sent.derive(entity);
    check_role(entity, &sent)?;
    if before == sent {
        return Ok(accepted(id, before.rev, corrections));
    }
    if !(entity.hub_born && armed(Fault::ResolvedTwice)) {
        closed(entity, &before)?;
    }
    if entity.hub_born {
        return resolution::settle(working, operation, body, id, (&before, &sent));
    }
    edit(working, (operation, body), id, (before, sent), corrections)
}

/// Writes what of an edit wins.
fn edit(
    working: &mut WorkingSet,
    (operation, body): (&Prepared, &Body),
    id: i64,
    (before, mut sent): (Record, Record),
    corrections: Corrections,
) -> Result<Outcome, Stop> {
    let entity = body.entity;
    let elsewhere = |edit: &Edit| edit.device != working.device.id;
    if since(working, body, id, ARCHIVED).any(elsewhere) {
        sent.archived_at = None;
    }
    let mut quarrel = Quarrel::new(working, body, id, (&before, &sent));
    quarrel.base.archived_at = sent.archived_at;
    let archived = before.archived_at.and_then(|_| quarrel.whole(&[ARCHIVED.to_owned()]));
    let (kind, (after, settled)) = match archived {
        Some(meeting) => ("delete", against_archival(&quarrel, meeting)?),
        None => ("edit", quarrel.settle()?),
    };
    let base = quarrel.base;
    let write = if before.parts == after.parts { PartsWrite::Keep } else { PartsWrite::Replace };
    let rev = working.put(entity, id, after.clone(), write);
    log_edit(working, (body, entity), (id, rev), (&unsaid(&before, &after, &settled), &after), ("edit", "none"));
    let told = Told { entity, base: &base, sent: &sent, hub: &before };
    told.log(working, body, (id, rev), &settled);
    answered::by_edit(working, body, id, (&before, &after));
    told.open(working, (operation.key, body), id, kind, &settled);
    Ok(conflict::verdict(entity, kind, rev, &settled).unwrap_or_else(|| accepted(id, rev, corrections)))
}

/// What stood before, but for the columns whose change is told as a conflict that was won.
fn unsaid(before: &Record, after: &Record, settled: &[Settled]) -> Record {
    let mut unsaid = before.clone();
    for path in settled.iter().map(|settled| &settled.meeting.path) {
        match path {
            Path::Archived => unsaid.archived_at = after.archived_at,
            Path::Column(place) => {
                if let Some((slot, value)) = unsaid.values.get_mut(*place).zip(after.values.get(*place)) {
                    slot.clone_from(value);
                }
            }
            Path::Row { .. } | Path::Cell { .. } => {}
        }
    }
    unsaid
}

/// An edit of a row that somebody archived meanwhile: it brings the row back, or it is lost whole.
fn against_archival(quarrel: &Quarrel<'_>, meeting: Meeting) -> Result<(Record, Vec<Settled>), Stop> {
    let edited = places(quarrel);
    let ruling = whole(quarrel, &meeting, &edited);
    let gone = Settled { meeting: meeting.clone(), ruling };
    if ruling.side() == Side::Sent {
        let (mut after, mut settled) = quarrel.settle()?;
        after.archived_at = None;
        settled.push(gone);
        return Ok((after, settled));
    }
    let lost = edited.into_iter().map(|path| Settled { meeting: Meeting { path, ..meeting.clone() }, ruling });
    let settled = lost.chain((ruling == Ruling::Open).then_some(gone)).collect();
    Ok((quarrel.before.clone(), settled))
}

/// The places an edit changes.
fn places(quarrel: &Quarrel<'_>) -> Vec<Path> {
    let (entity, before, sent) = (quarrel.body.entity, quarrel.before, quarrel.sent);
    let values = entity.columns.iter().zip(before.values.iter().zip(&sent.values)).enumerate();
    let columns = values.filter(|(_, (column, (old, new)))| old != new && column.travels());
    let mut places: Vec<_> = columns.map(|(place, _)| Path::Column(place)).collect();
    for (place, (old, new)) in before.parts.iter().zip(&sent.parts).enumerate() {
        places.extend(officine_protocol::merge::changed(entity, place, old, new));
    }
    places
}

/// Who wins where a whole row is at stake: a person, if one of the places is a person's.
fn whole(quarrel: &Quarrel<'_>, meeting: &Meeting, places: &[Path]) -> Ruling {
    let entity = quarrel.body.entity;
    let manual = places.iter().any(|path| path.rule(entity) == Rule::Manual);
    let rule = if manual { Rule::Manual } else { Rule::Policy };
    let strategy: Strategy = conflict::strategy_for(quarrel.working, entity, rule, false);
    conflict::rule_by(quarrel.working, quarrel.body, meeting, strategy, false)
}

pub(crate) fn archive(working: &mut WorkingSet, operation: &Prepared, body: &Body) -> Result<Outcome, Stop> {
    let entity = body.entity;
    made_by_hub(entity)?;
    let mut resolver = Resolver::new(working, operation);
    let id = resolver.row(entity.name, body.uid)?;
    let corrections = Corrections { server_ids: resolver.finish()?, ..Corrections::default() };
    let fixed = || Stop::refuse("document_fixed", params! { entity: entity.name });
    let before = working.row(entity.name, id).filter(|_| !entity.document).ok_or_else(fixed)?.clone();
    if before.archived_at.is_some() {
        return Ok(accepted(id, before.rev, corrections));
    }
    closed(entity, &before)?;
    let mut sent = before.clone();
    sent.archived_at = Some(body.occurred_at);
    let quarrel = Quarrel::new(working, body, id, (&before, &sent));
    let names: Vec<_> = entity.columns.iter().map(|column| column.wire_name()).collect();
    let names: Vec<_> = names.into_iter().chain(entity.parts.iter().map(|part| part.name.to_owned())).collect();
    let Some(meeting) = quarrel.whole(&names) else {
        let rev = working.put(entity, id, sent, PartsWrite::Keep);
        let (field, new) = (ARCHIVED.to_owned(), Some(body.occurred_at.to_string()));
        let (kind, strategy) = ("archive", "none");
        working.log(body, Overwritten { entity: entity.name, row: id, rev, field, old: None, new, kind, strategy });
        return Ok(accepted(id, rev, corrections));
    };
    let (ruling, edited, base) = {
        let edited = edited_since(&quarrel);
        (whole(&quarrel, &meeting, &edited), edited, quarrel.base)
    };
    let outcome = against_edits(working, (operation, body), id, [&before, &sent, &base], (meeting, ruling, edited));
    Ok(outcome.unwrap_or_else(|rev| accepted(id, rev, corrections)))
}

/// An archival of a row that somebody edited meanwhile. Where it wins, its revision.
fn against_edits(
    working: &mut WorkingSet,
    (operation, body): (&Prepared, &Body),
    id: i64,
    [before, sent, base]: [&Record; 3],
    (meeting, ruling, edited): (Meeting, Ruling, Vec<Path>),
) -> Result<Outcome, i64> {
    let entity = body.entity;
    let after = if ruling.side() == Side::Sent { sent } else { before };
    let rev = working.put(entity, id, after.clone(), PartsWrite::Keep);
    let told = Told { entity, base, sent, hub: before };
    let settled = [Settled { meeting: meeting.clone(), ruling }];
    told.log(working, body, (id, rev), &settled);
    let seen = edited.into_iter().map(|path| Settled { meeting: Meeting { path, ..meeting.clone() }, ruling });
    let shown: Vec<_> = settled.iter().cloned().chain(seen).collect();
    let as_seen = Record { archived_at: sent.archived_at, ..base.clone() };
    let told = Told { entity, base, sent: &as_seen, hub: before };
    told.open(working, (operation.key, body), id, "delete", &shown);
    conflict::verdict(entity, "delete", rev, &settled).ok_or(rev)
}

/// The places that others changed since the row was last seen by who archives it.
fn edited_since(quarrel: &Quarrel<'_>) -> Vec<Path> {
    let (entity, base, hub) = (quarrel.body.entity, &quarrel.base, quarrel.before);
    let values = entity.columns.iter().zip(base.values.iter().zip(&hub.values)).enumerate();
    let columns = values.filter(|(_, (column, (old, new)))| old != new && column.travels() && !column.secret);
    let mut places: Vec<_> = columns.map(|(place, _)| Path::Column(place)).collect();
    for (place, (old, new)) in base.parts.iter().zip(&hub.parts).enumerate() {
        places.extend(officine_protocol::merge::changed(entity, place, old, new));
    }
    places
}

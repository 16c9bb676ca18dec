//! Two rows that are one: what names the loser names the winner from then on, and the loser's uid is another name of it.
//! What only the loser knew comes to the winner; what gave way is in the log. Whatever the two made twins of (lots of one
//! product, links to one supplier) is joined with them. Quantities add up: the ledger is gathered, never rewritten.

use officine_protocol::{
    Uid,
    entities::{ENTITIES, PRODUCT_BATCH, USER},
    natural::Likeness,
    params,
    record::Record,
    schema::{Class, Column, Entity, Kind, LEDGER, Part, Rule, Twin},
    value::Value,
};

use super::{Needs, PartsWrite, Stop, WorkingSet, journal::log_edit};
use crate::operation::{Body, Rows};

/// Two rows to be made one in the tables: everything that names the loser, then the loser itself.
#[derive(Clone, Copy, Debug)]
pub struct Joined {
    /// Entity.
    pub entity: &'static Entity,
    /// The row that goes.
    pub loser: i64,
    /// The row that stays.
    pub winner: i64,
}

/// Makes two rows one. Refused where they cannot be: `row_archived` (the one that stays is), `units_differ` (what one sells
/// the other does not know: their quantities do not mean the same), `people_stay_two` (roles and acts of two people are never
/// one person's).
pub(crate) fn join(
    working: &mut WorkingSet,
    body: &Body,
    entity: &'static Entity,
    (loser, winner): (i64, i64),
) -> Result<(), Stop> {
    let unknown = || Stop::refuse("field_invalid", params! { field: "winner", why: "unknown" });
    let mergeable = entity.natural.is_some_and(|natural| natural.twin != Twin::Never);
    if entity.name == USER.name {
        return Err(Stop::refuse("people_stay_two", params! {}));
    }
    let lost = working.row(entity.name, loser).cloned().filter(|_| mergeable && loser != winner).ok_or_else(unknown)?;
    let kept = working.row(entity.name, winner).cloned().ok_or_else(unknown)?;
    if kept.archived_at.is_some() {
        return Err(Stop::refuse("row_archived", params! { entity: entity.name }));
    }
    let after = joined(entity, &lost, &kept)?;
    if after != kept {
        let rev = working.put(entity, winner, after.clone(), PartsWrite::Replace);
        log_edit(working, (body, entity), (winner, rev), (&kept, &after), ("resolution", "merged"));
    }
    let rev = working.put(entity, winner, after.clone(), PartsWrite::Replace);
    log_edit(working, (body, entity), (winner, rev), (&lost, &after), ("merge", "hub"));
    working.joins(Joined { entity, loser, winner }, lost.uid);
    follow(working, body, entity, (loser, winner))
}

/// The winner with what only the loser knew.
fn joined(entity: &Entity, lost: &Record, kept: &Record) -> Result<Record, Stop> {
    if let Some(part) = entity.misfit(lost, kept) {
        return Err(Stop::refuse("units_differ", params! { part: part.name }));
    }
    let mut after = kept.clone();
    for (place, column) in entity.columns.iter().enumerate() {
        let (Some(old), Some(new)) = (lost.values.get(place), after.values.get_mut(place)) else { continue };
        if *new == column.empty() && column.class == Class::Synced && column.rule != Rule::HubOnly && !column.secret {
            new.clone_from(old);
        }
    }
    for (place, part) in entity.parts.iter().enumerate().filter(|(_, part)| part.table != LEDGER) {
        let (Some(old), Some(new)) = (lost.parts.get(place), after.parts.get_mut(place)) else { continue };
        if part.identity != part.key {
            gather(part, old, new);
        }
    }
    if entity.table == PRODUCT_BATCH.table {
        lots(lost, kept, &mut after);
    }
    after.derive(entity);
    Ok(after)
}

/// Adds the rows that are not there yet, each at the next place that is free.
fn gather(part: &Part, old: &Rows, new: &mut Rows) {
    let identity: Vec<usize> = part.identity.iter().filter_map(|name| part.column(name)).collect();
    let position = part.key.first().and_then(|name| part.column(name));
    for row in old {
        if new.len() >= part.max_rows
            || new.iter().any(|other| identity.iter().all(|at| other.get(*at) == row.get(*at)))
        {
            continue;
        }
        let mut row = row.clone();
        if let Some(place) = position {
            let taken = |at: i64| new.iter().any(|other| other.get(place).and_then(Value::int) == Some(at));
            let free = (0..).find(|at| !taken(*at)).unwrap_or(0);
            row[place] = free.into();
        }
        new.push(row);
    }
}

/// Boxes of both lie in one lot: it was counted when the later of them was, and is to be counted again where one was.
fn lots(lost: &Record, kept: &Record, after: &mut Record) {
    let int = |record: &Record, name| record.get(&PRODUCT_BATCH, name).int();
    let counted = int(lost, "counted_at").max(int(kept, "counted_at"));
    let open = int(lost, "recount_open") == Some(1) || int(kept, "recount_open") == Some(1) || counted.is_some();
    let quantity = int(lost, "quantity").unwrap_or(0).saturating_add(int(kept, "quantity").unwrap_or(0));
    after.set(&PRODUCT_BATCH, "counted_at", counted).set(&PRODUCT_BATCH, "recount_open", open);
    after.set(&PRODUCT_BATCH, "quantity", quantity);
}

/// Rows that are one because what they name is one.
fn follow(
    working: &mut WorkingSet,
    body: &Body,
    entity: &'static Entity,
    (loser, winner): (i64, i64),
) -> Result<(), Stop> {
    for other in ENTITIES {
        let Some(place) = keyed_by(other, entity.name) else { continue };
        let names = |record: &Record, id: i64| record.values.get(place) == Some(&Value::Int(id));
        let of = |id: i64, working: &WorkingSet| -> Vec<i64> {
            working.rows(other.name).filter(|(_, record)| names(record, id)).map(|(row, _)| row).collect()
        };
        let (mut moved, stay) = (of(loser, working), of(winner, working));
        moved.sort_unstable();
        for row in moved {
            if let Some(mut record) = working.row(other.name, row).cloned()
                && let Some(value) = record.values.get_mut(place)
            {
                *value = winner.into();
                working.insert(other, row, record);
            }
            let same = |id: &&i64| {
                let (one, two) = (working.row(other.name, row), working.row(other.name, **id));
                one.zip(two)
                    .is_some_and(|(one, two)| two.archived_at.is_none() && other.likeness(one, two) == Likeness::Same)
            };
            if let Some(twin) = stay.iter().find(same).copied() {
                join(working, body, other, (row, twin))?;
            }
        }
    }
    Ok(())
}

/// Whatever may be one with something of another row, once these two are one.
pub(crate) fn needed(needs: &mut Needs, target: &'static Entity, uids: &[Uid]) {
    let need = needs.entities.entry(target.name).or_default();
    need.parts = true;
    need.named.uids.extend(uids);
    for entity in ENTITIES {
        let column = keyed_by(entity, target.name).and_then(|place| entity.columns.get(place));
        let Some(column) = column else { continue };
        let need = needs.entities.entry(entity.name).or_default();
        need.parts = true;
        need.of.entry(column.name).or_default().uids.extend(uids);
        needs.told.insert(entity.name);
    }
}

/// The column of a natural key that names a row of that entity, of one whose twins are merged.
pub(crate) fn keyed_by(entity: &Entity, target: &str) -> Option<usize> {
    let natural = entity.natural.filter(|natural| natural.twin == Twin::Merge)?;
    let names = |column: &Column| matches!(column.kind, Kind::Ref(name) if name == target);
    entity.columns.iter().position(|column| names(column) && natural.columns.contains(&column.name))
}

impl WorkingSet {
    /// What named the loser names the winner, here and in the tables.
    fn joins(&mut self, joined: Joined, uid: Uid) {
        let Joined { entity, loser, winner } = joined;
        self.forget(entity.name, loser, winner);
        self.books.join(entity, loser, winner);
        self.changes.aliases.push((entity.name, uid, winner));
        self.changes.joins.push(joined);
    }
}

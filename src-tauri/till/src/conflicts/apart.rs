//! Two rows that a person made one are two again, by ordinary edits: the one that stayed gives back what it had learnt, the
//! other is born anew under a uid that follows from the conflict (two managers who undo at once bear one row), and the
//! boxes that lay in its lots go to lots of its own, as far as they are still there. What was recorded since, and the
//! tickets of before, stay with the one that stayed.

use officine_protocol::{
    Uid,
    entities::PRODUCT,
    messages::{MergedRow, Resolution},
    record::{Record, decode_fields, decode_parts},
    schema::{Class, Entity, Part, Rule},
    value::Value,
};
use rusqlite::Connection;
use sha2::{Digest as _, Sha256};

use super::Conflict;
use crate::{
    act::Act,
    adjusting::{
        converted,
        document::{self, Head},
    },
    catalogue::{lots, products::Product},
    error::Result,
    refuse,
    store::{ledger::Movement, outbox, rows},
};

/// The two rows as they were, the one that stayed first.
struct Before<'a> {
    kept: (&'a MergedRow, Record),
    lost: (&'a MergedRow, Record),
}

impl<'a> Before<'a> {
    fn of(entity: &Entity, resolution: &'a Resolution) -> Result<Option<Self>> {
        let [kept, lost] = &resolution.before[..] else { return Ok(None) };
        let read = |row: &MergedRow| -> Result<Record> {
            let mut record = Record::new(entity, row.uid, 0);
            record.values = decode_fields(entity, &row.fields)?;
            record.parts = decode_parts(entity, &row.parts)?;
            Ok(record)
        };
        Ok(Some(Self { kept: (kept, read(kept)?), lost: (lost, read(lost)?) }))
    }
}

/// The uid of the row that an undo brings back.
fn anew(conflict: Uid) -> Uid {
    let hash = Sha256::new().chain_update(b"apart").chain_update(conflict.as_bytes()).finalize();
    let mut bytes = *conflict.as_bytes();
    bytes[8..].copy_from_slice(&hash[..8]);
    bytes[8] = bytes[8] & 0x3f | 0x80;
    Uid::from_bytes(bytes)
}

/// Whether two rows that were made one can be two again: the hub has made them one, and nobody undid it.
pub fn possible(connection: &Connection, conflict: &Conflict, present: Option<&Record>) -> Result<bool> {
    let told = conflict.resolution.as_ref().is_some_and(|resolution| resolution.before.len() == 2);
    let living = present.is_some_and(|record| record.archived_at.is_none());
    Ok(told
        && living
        && !outbox::is_pending(connection, conflict.uid)?
        && rows::id_of(connection, conflict.target, anew(conflict.uid))?.is_none())
}

/// Makes them two, and names them. `nothing_to_undo` where they are, or cannot be.
pub fn apart(act: &mut Act<'_>, conflict: &Conflict) -> Result<(&'static Entity, Vec<Uid>)> {
    let entity = conflict.target;
    let present = conflict.target_record(act.tx)?;
    let before = conflict.resolution.as_ref().map(|resolution| Before::of(entity, resolution)).transpose()?.flatten();
    let (Some(before), Some(present), true) = (before, &present, possible(act.tx, conflict, present.as_ref())?) else {
        return refuse!("nothing_to_undo");
    };
    give_back(act, entity, present, &before)?;
    let mut born = Record { uid: anew(conflict.uid), created_at: act.now, ..before.lost.1.clone() };
    for (column, value) in entity.columns.iter().zip(&mut born.values) {
        if column.rule == Rule::HubOnly {
            *value = column.empty();
        }
    }
    let id = act.create(entity, &mut born)?;
    if entity.name == PRODUCT.name {
        move_boxes(act, (id, present.uid), before.lost.0)?;
    }
    Ok((entity, vec![present.uid, born.uid]))
}

/// What the one that stayed knew only from the other, and nobody changed since.
fn give_back(act: &mut Act<'_>, entity: &'static Entity, present: &Record, before: &Before<'_>) -> Result<()> {
    let (kept, lost) = (&before.kept.1, &before.lost.1);
    let columns = entity.columns.iter().zip(present.values.iter().zip(kept.values.iter().zip(&lost.values)));
    let learnt = columns.filter(|(column, (now, (was, theirs)))| {
        column.class == Class::Synced
            && column.rule != Rule::HubOnly
            && was != now
            && now == theirs
            && **was == column.empty()
    });
    let values = learnt.map(|(column, (_, (was, _)))| (column.name, was.clone())).collect();
    let mut parts = Vec::new();
    for (place, part) in entity.parts.iter().enumerate().filter(|(_, part)| part.identity != part.key) {
        let [now, was, theirs] =
            [present, kept, lost].map(|record| record.parts.get(place).cloned().unwrap_or_default());
        let of = |rows: &[Vec<Value>], row: &[Value]| rows.iter().any(|other| same(part, other, row));
        let left: Vec<_> = now.iter().filter(|row| of(&was, row) || !of(&theirs, row)).cloned().collect();
        if left.len() < now.len() {
            parts.push((part.name, left));
        }
    }
    act.update(entity, present.uid, values, parts).map(|_| ())
}

fn same(part: &Part, one: &[Value], other: &[Value]) -> bool {
    let mut places = part.identity.iter().filter_map(|name| part.column(name));
    places.all(|place| one.get(place) == other.get(place))
}

/// Boxes of its lots, as many as are left of them; those in quarantine stay.
fn move_boxes(act: &mut Act<'_>, (born, kept): (i64, Uid), lost: &MergedRow) -> Result<()> {
    let product = Product::load(act.tx, born)?;
    let kept = rows::id_of(act.tx, &PRODUCT, kept)?;
    let mut movements: Vec<Movement> = Vec::new();
    for (line, (lot, boxes)) in (1..).zip(&lost.boxes) {
        let Ok(from) = lots::by_uid(act.tx, &lot.to_string()) else { continue };
        let units = from.lot.quantity.min(*boxes);
        if Some(from.product) == kept && !from.quarantine && units > 0 {
            movements.extend(converted(act, (&from, units), (&product, units), line)?);
        }
    }
    if !movements.is_empty() {
        document::check_covered(act.tx, &movements)?;
        Head::new("conversion", String::new()).record(act, &movements)?;
    }
    Ok(())
}

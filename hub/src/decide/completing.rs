//! A row that lost something of itself in the hub's tables, and that a till has whole: rows of its parts, what its references
//! named.

use officine_protocol::{
    record::Record,
    schema::{Column, Entity, LEDGER, Part},
    value::Value,
};

use super::{
    Corrected, PARTS, PartsWrite, WorkingSet, cells::Cells, giving::move_lots, histories::Histories, journal::log_edit,
    proof,
};
use crate::{
    offered::Offered,
    operation::{Body, Rows},
};

/// A row as it was.
struct Whole {
    record: Record,
    /// How many rows of each part were there.
    known: [usize; PARTS],
    /// Movements that count again.
    moved: Rows,
    /// Rows of parts that are there name something again.
    rewritten: bool,
}

/// Gives a row what it lost: at one revision it was whole, and all that is left of it here is in the row that is offered. Gives
/// its revision then.
/// What a ticket prints proves it; of another document a part comes back that is gone altogether. A reference that names
/// nothing here names what it names in the row that is offered.
pub(super) fn complete(
    working: &mut WorkingSet,
    (row, body): (&Offered, &Body),
    (id, here): (i64, &Record),
    (offered, histories): (&Record, &Histories),
) -> Option<i64> {
    let entity = body.entity;
    if entity.numbered() && !proof::in_chain(working, entity, &row.record) {
        return None;
    }
    let Whole { record, known, moved, rewritten } = whole(entity, here, offered, histories)?;
    if record.parts == here.parts && record.values == here.values {
        return None;
    }
    working.changes.corrected.extend(Corrected::of(entity, id, (here, &record)));
    let parts = match (rewritten, entity.document) {
        (false, _) => PartsWrite::Fill(known),
        (true, false) => PartsWrite::Replace,
        (true, true) => PartsWrite::Recast,
    };
    let rev = working.put(entity, id, record.clone(), parts);
    log_edit(working, (body, entity), (id, rev), (here, &record), ("restore", "hub"));
    if let Some(part) = entity.movements() {
        let moved: Vec<_> = moved.iter().map(|row| Cells { part, row }).collect();
        move_lots(working, body, &moved);
    }
    Some(rev)
}

/// The row that is here with what it lost, if that is all in which the two differ.
fn whole(entity: &Entity, here: &Record, offered: &Record, histories: &Histories) -> Option<Whole> {
    let mut whole = Whole { record: here.clone(), known: [0; PARTS], moved: Rows::new(), rewritten: false };
    let columns = entity.columns.iter().zip(whole.record.values.iter_mut().zip(&offered.values));
    for (column, (value, right)) in columns.filter(|(column, _)| column.travels() && !column.secret) {
        if histories.dangles(column, value) {
            value.clone_from(right);
        } else if value != right {
            return None;
        }
    }
    for ((place, part), rows) in entity.parts.iter().enumerate().zip(&offered.parts) {
        let stands = here.parts.get(place)?;
        let mut named = named(part, (stands, rows), histories)?;
        *whole.known.get_mut(place)? = named.len();
        whole.rewritten |= named != *stands;
        named.extend(lost(entity, part, (&named, rows))?);
        if part.table == LEDGER {
            whole.moved.extend(named.iter().filter(|row| !stands.contains(row)).cloned());
        }
        *whole.record.parts.get_mut(place)? = named;
    }
    Some(whole)
}

/// The rows of a part that are here; those of which a reference names nothing as they are offered.
fn named(part: &Part, (stands, offered): (&Rows, &Rows), histories: &Histories) -> Option<Rows> {
    let mut left: Vec<&Vec<Value>> = offered.iter().filter(|row| !stands.contains(row)).collect();
    let dangles = |column: &Column, value: &Value| histories.dangles(column, value);
    let again = |row: &Vec<Value>| {
        if !part.columns.iter().zip(row).any(|(column, value)| dangles(column, value)) {
            return Some(row.clone());
        }
        let same = |other: &&Vec<Value>| {
            let mut cells = part.columns.iter().zip(row.iter().zip(*other));
            cells.all(|(column, (one, other))| one == other || dangles(column, one))
        };
        let place = left.iter().position(same)?;
        Some(left.remove(place).clone())
    };
    stands.iter().map(again).collect()
}

/// The rows of a part that are here no more, if they may come back.
fn lost(entity: &Entity, part: &Part, (stands, offered): (&Rows, &Rows)) -> Option<Rows> {
    let lost: Rows = offered.iter().filter(|row| !stands.contains(row)).cloned().collect();
    let step = part.column("step").filter(|_| part.table == LEDGER);
    let own = |row: &Vec<Value>| step.is_none_or(|step| row.get(step) == Some(&Value::Int(0)));
    let gone = !entity.document || stands.is_empty() || (entity.numbered() && lost.iter().any(own));
    (stands.iter().all(|row| offered.contains(row)) && (gone || lost.is_empty())).then_some(lost)
}

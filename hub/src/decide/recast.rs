//! A ticket that somebody altered in the hub's tables, and that a till still has as it was printed.

use officine_protocol::{
    record::Record,
    schema::{Class, Entity},
};

use super::{
    Corrected, PartsWrite, WorkingSet,
    cells::Cells,
    giving::{move_lots, newer_cells},
    journal::{log_edit, told},
    proof,
};
use crate::{offered::Offered, operation::Body};

/// Writes it as it was printed. The one that is offered is the link of its chain, the one that is here is not: no till can make
/// such a one, and of one that is what it printed nothing is taken, nor of one that could not be read
/// whole. What the hub alone writes stays. Gives its revision.
pub(super) fn recast(
    working: &mut WorkingSet,
    (row, body): (&Offered, &Body),
    (id, here): (i64, &Record),
    offered: &Record,
) -> Option<i64> {
    let entity = body.entity;
    let read_in_part = proof::link_of(entity, here).is_null();
    let sound = |ticket: &Record| proof::in_chain(working, entity, ticket);
    if read_in_part || !sound(&row.record) || sound(&told(working, entity, here)) {
        return None;
    }
    let mut right = Record { parts: offered.parts.clone(), ..here.clone() };
    newer_cells(row, here, &mut right);
    for (column, (value, printed)) in entity.columns.iter().zip(right.values.iter_mut().zip(&offered.values)) {
        let theirs = column.class == Class::Immutable && column.travels() && column.since <= row.schema;
        if theirs && !column.secret && value != printed {
            value.clone_from(printed);
        }
    }
    working.changes.corrected.extend(Corrected::of(entity, id, (here, &right)));
    let rev = working.put(entity, id, right.clone(), PartsWrite::Recast);
    log_edit(working, (body, entity), (id, rev), (here, &right), ("restore", "hub"));
    move_anew(working, body, entity, (here, &right));
    Some(rev)
}

/// The stock that was moved by what stood there is moved by what was printed.
fn move_anew(working: &mut WorkingSet, body: &Body, entity: &Entity, (here, right): (&Record, &Record)) {
    for movement in Cells::of(entity, here, "movements") {
        working.move_stock(movement.int("batch"), movement.int("delta").saturating_neg(), None);
    }
    move_lots(working, body, &Cells::of(entity, right, "movements"));
}

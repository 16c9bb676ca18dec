//! A row of a lost history, written over the one that is here, or born again: what of it the hub believes.

use officine_protocol::{
    entities::{PRODUCT_BATCH, SALE, USER},
    params,
    record::Record,
    schema::{Class, Entity, LEDGER, Rule},
};

use super::{PartsWrite, Stop, WorkingSet, cells::Cells, journal::log_edit, ledger, sale};
use crate::{
    offered::Offered,
    operation::{Body, Rows},
};

/// What a person is to look at, which no row that comes back makes undone.
const RISING: [&str; 2] = ["flagged", "recount_open"];

/// Writes a row of the lost history over the one that is here. Of a document the later steps are added, whatever it was born
/// with stays; so does what only the hub writes, what only this database knows, and what an older till does not know of.
pub(super) fn overwrite(
    working: &mut WorkingSet,
    (row, body): (&Offered, &Body),
    (id, here): (i64, &Record),
    mut record: Record,
) -> Result<i64, Stop> {
    let entity = body.entity;
    (record.uid, record.created_at) = (here.uid, here.created_at);
    let said = record.clone();
    for ((column, value), stands) in entity.columns.iter().zip(&mut record.values).zip(&here.values) {
        let own = column.class == Class::Derived && column.fold_of.is_none() || column.rule == Rule::HubOnly;
        if own || column.secret || column.class == Class::Immutable || column.since > row.schema {
            value.clone_from(stands);
        }
    }
    rises(body, &said, &mut record);
    newer_cells(row, here, &mut record);
    let below = here.get(&PRODUCT_BATCH, "quantity").int().unwrap_or(0) < 0;
    if entity.name == USER.name {
        record.set(&USER, "role", here.get(&USER, "role").clone());
        record.archived_at = here.archived_at;
    }
    if entity.name == PRODUCT_BATCH.name && below {
        record.set(&PRODUCT_BATCH, "recount_open", true);
    }
    let fresh = if entity.document { add_steps(entity, here, &mut record) } else { None };
    let parts = match (entity.document, &fresh) {
        (true, Some((known, _))) => PartsWrite::Extend(*known),
        (true, None) => PartsWrite::Keep,
        (false, _) => PartsWrite::Replace,
    };
    let rev = working.put(entity, id, record.clone(), parts);
    log_edit(working, (body, entity), (id, rev), (here, &record), ("restore", "hub"));
    if let (Some((_, rows)), Some(part)) = (fresh, entity.movements()) {
        let fresh: Vec<_> = rows.iter().map(|row| Cells { part, row }).collect();
        move_lots(working, body, &fresh);
    }
    Ok(rev)
}

/// The movements that are here with the steps that are not: how many there were, and those that came.
fn add_steps(entity: &Entity, here: &Record, record: &mut Record) -> Option<(usize, Rows)> {
    let place = entity.parts.iter().position(|part| part.table == LEDGER);
    let key = |cells: &Cells<'_>| [cells.int("line"), cells.int("step"), cells.int("batch")];
    let known: Vec<[i64; 3]> = Cells::of(entity, here, "movements").iter().map(key).collect();
    let offered = Cells::of(entity, record, "movements");
    let fresh: Rows =
        offered.iter().filter(|cells| !known.contains(&key(cells))).map(|cells| cells.row.to_vec()).collect();
    record.parts.clone_from(&here.parts);
    record.parts.get_mut(place?)?.extend(fresh.iter().cloned());
    Some((known.len(), fresh))
}

/// Quantities follow, and whatever is below zero then has a recount open: nothing is refused for stock.
pub(super) fn move_lots(working: &mut WorkingSet, body: &Body, movements: &[Cells<'_>]) {
    for movement in movements {
        working.move_stock(movement.int("batch"), movement.int("delta"), None);
    }
    for movement in movements {
        ledger::recount_below_zero(working, body, movement.int("batch"));
    }
}

/// What of the hub's own a later state tells all the same: that a person is to look at it, and when a lot was counted last.
fn rises(body: &Body, said: &Record, record: &mut Record) {
    let entity = body.entity;
    for name in RISING {
        if entity.column(name).is_some() && said.get(entity, name).int() == Some(1) {
            record.set(entity, name, true);
        }
    }
    if entity.name == PRODUCT_BATCH.name {
        let counted = |lot: &Record| lot.get(&PRODUCT_BATCH, "counted_at").int();
        let last = counted(said).filter(|at| *at <= body.hlc.millis).max(counted(record));
        record.set(&PRODUCT_BATCH, "counted_at", last);
    }
}

/// Cells of parts that came with a later version of the tables than the till's stay as they are.
pub(super) fn newer_cells(row: &Offered, here: &Record, record: &mut Record) {
    for ((part, rows), stands) in row.entity.parts.iter().zip(&mut record.parts).zip(&here.parts) {
        let newer: Vec<_> = (0..part.columns.len()).filter(|at| part.columns[*at].since > row.schema).collect();
        let identity: Vec<_> = part.identity.iter().filter_map(|name| part.column(name)).collect();
        for row in rows.iter_mut().filter(|_| !newer.is_empty()) {
            let same = stands.iter().find(|other| identity.iter().all(|at| other.get(*at) == row.get(*at)));
            let cells = newer.iter().filter_map(|at| Some((*at, same?.get(*at)?)));
            cells.for_each(|(at, cell)| row[at].clone_from(cell));
        }
    }
}

/// What the hub alone writes comes back with a row that it lost, where the row itself bears it out: a ticket is reversed if it
/// moves nothing, and no lot was counted in the time to come.
pub(super) fn hubs_own(body: &Body, record: &mut Record) -> Result<(), Stop> {
    let entity = body.entity;
    if entity.name == PRODUCT_BATCH.name {
        let counted = record.get(&PRODUCT_BATCH, "counted_at").int().filter(|at| *at <= body.hlc.millis);
        record.set(&PRODUCT_BATCH, "counted_at", counted);
    }
    if entity.name == SALE.name {
        let moved: i128 =
            Cells::of(&SALE, record, "movements").iter().map(|movement| i128::from(movement.int("delta"))).sum();
        if sale::is_reversed(record) != (moved == 0) {
            return Err(Stop::refuse("document_mismatch", params! { what: "state" }));
        }
    }
    Ok(())
}

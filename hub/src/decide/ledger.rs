//! The ledger: what a document moves, and what follows from it. Nothing here refuses for stock.

use std::collections::BTreeMap;

use officine_protocol::{
    entities::{PRODUCT_BATCH, STOCKTAKE},
    fault::{Fault, armed},
    limits::{DOCUMENT_MOVEMENTS, LARGEST},
    record::Record,
    schema::{Column, Entity, Kind, Part},
    value::Value,
};

use super::{
    PartsWrite, Stop, WorkingSet,
    cells::Cells,
    document::{Draft, moves_at},
    journal::log_edit,
    late,
};
use crate::operation::{Body, Refusal};

/// Joins what a document moves, within its bounds. What is too much is left out of a ticket, which is refused for it and
/// bears its number all the same.
pub(crate) fn gather(entity: &Entity, record: &mut Record) -> Result<Option<Refusal>, Stop> {
    let joined = gather_movements(entity, record).and_then(|()| match record.part(entity, "movements").len() {
        many if entity.document && many > DOCUMENT_MOVEMENTS => Err(Stop::invalid("movements", "too many rows")),
        _ => Ok(None),
    });
    match joined {
        Err(Stop::Refused(refusal)) if entity.numbered() => {
            record.part_mut(entity, "movements").into_iter().for_each(Vec::clear);
            Ok(Some(refusal))
        }
        joined => joined,
    }
}

/// Two lots of one line that the hub has merged are one movement.
fn gather_movements(entity: &Entity, record: &mut Record) -> Result<(), Stop> {
    let mut gathered: BTreeMap<(i64, i64, i64), Vec<Value>> = BTreeMap::new();
    let mut order = Vec::new();
    for movement in Cells::of(entity, record, "movements") {
        let key = (movement.int("line"), movement.int("step"), movement.int("batch"));
        if let Some(first) = gathered.get_mut(&key) {
            *first = joined(Cells { part: movement.part, row: first }, movement)?;
        } else {
            order.push(key);
            gathered.insert(key, movement.row.to_vec());
        }
    }
    if let Some(rows) = record.part_mut(entity, "movements") {
        *rows = order.iter().filter_map(|key| gathered.remove(key)).collect();
    }
    Ok(())
}

/// The first of two movements with the quantity and the cost of both. What was scanned or chosen stays so.
fn joined(one: Cells<'_>, other: Cells<'_>) -> Result<Vec<Value>, Stop> {
    let sum = |field: &str, one: i64, other: i64| {
        let sum = one.saturating_add(other);
        if (-LARGEST..=LARGEST).contains(&sum) { Ok(sum) } else { Err(Stop::invalid(field, "out of range")) }
    };
    let delta = sum("delta", one.int("delta"), other.int("delta"))?;
    let cost = match (one.maybe_int("cost"), other.maybe_int("cost")) {
        (Some(one), Some(other)) => Some(sum("cost", one, other)?),
        (one, other) => one.or(other),
    };
    let assumed = one.text("source") == "assumed";
    let source = if assumed { other.text("source") } else { one.text("source") };
    Ok(one.with(&[("delta", delta.into()), ("cost", cost.into()), ("source", source.into())]))
}

/// A movement that the hub adds to a stocktake for a lot it counted, one step further than those there are; nothing where
/// there is no room for it.
pub(crate) fn squared(
    working: &WorkingSet,
    stocktake: &Record,
    (line, lot): (i64, i64),
    delta: i64,
    source: &'static str,
    reason: Option<String>,
) -> Option<Vec<Value>> {
    let part = STOCKTAKE.movements()?;
    let movements = Cells::of(&STOCKTAKE, stocktake, "movements");
    let same = |movement: &&Cells<'_>| movement.int("line") == line && movement.int("batch") == lot;
    let step = movements.iter().filter(same).map(|movement| movement.int("step")).max().unwrap_or(0) + 1;
    let Kind::Int(_, last) = part.columns.get(part.column("step")?)?.kind else { return None };
    if step > last || movements.len() >= part.max_rows {
        return None;
    }
    later_step(working, part, (line, step, lot), delta, source, reason)
}

/// A movement born here, of a line, a step and a lot.
pub(crate) fn later_step(
    working: &WorkingSet,
    part: &'static Part,
    (line, step, lot): (i64, i64, i64),
    delta: i64,
    source: &'static str,
    reason: Option<String>,
) -> Option<Vec<Value>> {
    let record = working.row(PRODUCT_BATCH.name, lot)?;
    let empty: Vec<Value> = part.columns.iter().map(Column::empty).collect();
    Some(Cells { part, row: &empty }.with(&[
        ("line", line.into()),
        ("step", step.into()),
        ("batch", lot.into()),
        ("delta", delta.into()),
        ("source", source.into()),
        ("lot_number", record.get(&PRODUCT_BATCH, "lot_number").clone()),
        ("expiry", record.get(&PRODUCT_BATCH, "expiry").clone()),
        ("reason", reason.into()),
    ]))
}

/// Applies a document's own movements: quantities follow, what happened before a count is settled with it, and every lot
/// below zero has a recount open.
pub(crate) fn apply(working: &mut WorkingSet, draft: &mut Draft<'_>) {
    let entity = draft.body.entity;
    let at = moves_at(entity, &draft.record);
    let mut moved: BTreeMap<i64, i64> = BTreeMap::new();
    for movement in Cells::own_movements(entity, &draft.record) {
        let (lot, delta) = (movement.int("batch"), movement.int("delta"));
        working.move_stock(lot, delta, Some(at));
        *moved.entry(lot).or_default() += delta;
    }
    for (lot, delta) in &moved {
        if late::counted_since(working, *lot, at) {
            late::settle(working, draft, *lot, *delta);
        }
        late::doubt(working, draft, *lot, at, *delta);
        late::came_between(working, draft, *lot, at, *delta);
    }
    moved.into_keys().for_each(|lot| recount_below_zero(working, draft.body, lot));
}

/// A lot below zero has a recount open.
pub(crate) fn recount_below_zero(working: &mut WorkingSet, body: &Body, lot: i64) {
    if working.lot_number(lot, "quantity").unwrap_or(0) < 0 && !armed(Fault::NoRecount) {
        open_recount(working, body, lot);
    }
}

/// Opens a recount of a lot, whatever its quantity.
pub(crate) fn open_recount(working: &mut WorkingSet, body: &Body, lot: i64) {
    edit_lot(working, body, lot, &[("recount_open", true.into())]);
}

/// Writes columns of a lot that are the hub's own, and what they overwrite to the log.
pub(crate) fn edit_lot(working: &mut WorkingSet, body: &Body, lot: i64, columns: &[(&str, Value)]) {
    let Some(before) = working.row(PRODUCT_BATCH.name, lot).cloned() else { return };
    let mut after = before.clone();
    columns.iter().for_each(|(name, value)| _ = after.set(&PRODUCT_BATCH, name, value.clone()));
    if before != after {
        let rev = working.put(&PRODUCT_BATCH, lot, after.clone(), PartsWrite::Keep);
        log_edit(working, (body, &PRODUCT_BATCH), (lot, rev), (&before, &after), ("stock", "hub"));
    }
}

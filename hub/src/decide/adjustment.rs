//! Movements of stock: what an adjustment and a sale have in common. No adjustment is refused for stock.

use std::collections::{BTreeMap, BTreeSet};

use officine_protocol::{
    entities::PRODUCT_BATCH,
    limits::LARGEST,
    messages::{Corrections, Outcome},
    params,
    record::Record,
    schema::{Entity, Part},
    value::Value,
};

use super::{PartsWrite, Stop, WorkingSet, rows::accepted, stock, working::Overwritten};
use crate::operation::Body;

/// A row of a part, read by column name.
#[derive(Clone, Copy)]
pub(crate) struct Cells<'a> {
    pub part: &'static Part,
    pub row: &'a [Value],
}

impl<'a> Cells<'a> {
    pub(crate) fn of(entity: &Entity, record: &'a Record, name: &str) -> Vec<Self> {
        let part = entity.part(name).and_then(|place| entity.parts.get(place));
        let rows = record.part(entity, name).iter();
        part.map(|part| rows.map(|row| Self { part, row }).collect()).unwrap_or_default()
    }

    fn place(part: &Part, name: &str) -> Option<usize> {
        part.columns.iter().position(|column| column.name == name)
    }

    fn maybe_int(&self, name: &str) -> Option<i64> {
        Self::place(self.part, name).and_then(|place| self.row.get(place)).and_then(Value::int)
    }

    pub(crate) fn int(&self, name: &str) -> i64 {
        self.maybe_int(name).unwrap_or(0)
    }

    pub(crate) fn text(&self, name: &str) -> &'a str {
        Self::place(self.part, name).and_then(|place| self.row.get(place)).and_then(Value::text).unwrap_or_default()
    }

    /// The row with some cells changed.
    pub(crate) fn with(&self, changes: &[(&str, Value)]) -> Vec<Value> {
        let mut row = self.row.to_vec();
        for (name, value) in changes {
            if let Some(slot) = Self::place(self.part, name).and_then(|place| row.get_mut(place)) {
                slot.clone_from(value);
            }
        }
        row
    }
}

/// Two lots of one line that the hub has merged are one movement.
pub(crate) fn gather_movements(entity: &Entity, record: &mut Record) -> Result<(), Stop> {
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

/// The first of two movements with the quantity and the cost of both.
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
    Ok(one.with(&[("delta", delta.into()), ("cost", cost.into())]))
}

pub(crate) fn create(
    working: &mut WorkingSet,
    body: &Body,
    record: Record,
    corrections: Corrections,
) -> Result<Outcome, Stop> {
    let movements = Cells::of(body.entity, &record, "movements");
    if movements.iter().any(|movement| movement.int("step") != 0) {
        return Err(Stop::refuse("document_mismatch", params! { what: "movements" }));
    }
    if !stock::stays_in_bounds(working, &movements) {
        return Err(Stop::invalid("delta", "out of range"));
    }
    let mut touched = BTreeSet::new();
    for movement in &movements {
        working.move_stock(movement.int("batch"), movement.int("delta"));
        touched.insert(movement.int("batch"));
    }
    open_recounts(working, body, &touched);
    let id = working.next_id();
    let rev = working.put(body.entity, id, record, PartsWrite::Insert);
    Ok(accepted(id, rev, corrections))
}

/// Every lot below zero has a recount open.
pub(crate) fn open_recounts(working: &mut WorkingSet, body: &Body, lots: &BTreeSet<i64>) {
    for lot in lots {
        let Some(record) = working.row(PRODUCT_BATCH.name, *lot) else { continue };
        let short = record.get(&PRODUCT_BATCH, "quantity").int().unwrap_or(0) < 0;
        if !short || record.get(&PRODUCT_BATCH, "recount_open").int() == Some(1) {
            continue;
        }
        let mut record = record.clone();
        record.set(&PRODUCT_BATCH, "recount_open", true);
        open(working, body, *lot, record);
    }
}

/// Opens a recount of a lot, whatever its quantity.
pub(crate) fn open_recount(working: &mut WorkingSet, body: &Body, lot: i64) {
    let Some(record) = working.row(PRODUCT_BATCH.name, lot) else { return };
    if record.get(&PRODUCT_BATCH, "recount_open").int() != Some(1) {
        let mut record = record.clone();
        record.set(&PRODUCT_BATCH, "recount_open", true);
        open(working, body, lot, record);
    }
}

fn open(working: &mut WorkingSet, body: &Body, row: i64, record: Record) {
    let rev = working.put(&PRODUCT_BATCH, row, record, PartsWrite::Keep);
    let (entity, field) = (PRODUCT_BATCH.name, "recountOpen".to_owned());
    let (old, new) = (Some("false".to_owned()), Some("true".to_owned()));
    working.log(body, Overwritten { entity, row, rev, field, old, new, kind: "stock", strategy: "hub" });
}

//! A ticket: proved, weighed against the stock, then confirmed, or stored as reversed with its movements undone.

use std::collections::BTreeSet;

use officine_protocol::{
    Params,
    date::Date,
    entities::{PRODUCT_BATCH, SALE},
    limits::DOCUMENT_MOVEMENTS,
    messages::{Corrections, Outcome},
    params,
    record::Record,
    schema::Entity,
    value::Value,
};

use super::{
    PartsWrite, Stop, WorkingSet,
    adjustment::{Cells, open_recount, open_recounts},
    proof,
    rows::{accepted, wire_row},
    stock,
};
use crate::operation::{Body, Refusal, Rows};

/// Characters of a product's name in a reason: the reason fits its column.
const NAME_SHOWN: usize = 160;

/// The sale as it was sent, its references still uids.
pub(crate) struct Sent<'a> {
    pub values: &'a [Value],
    pub parts: &'a [Rows],
}

impl<'a> Sent<'a> {
    pub(crate) fn part(&self, name: &str) -> Vec<Cells<'a>> {
        let place = SALE.part(name);
        let declared = place.and_then(|place| SALE.parts.get(place));
        let rows = place.and_then(|place| self.parts.get(place));
        declared.zip(rows).map_or_else(Vec::new, |(part, rows)| rows.iter().map(|row| Cells { part, row }).collect())
    }
}

pub(crate) fn create(
    working: &mut WorkingSet,
    body: &Body,
    mut record: Record,
    sent: &Sent<'_>,
    corrections: Corrections,
) -> Result<Outcome, Stop> {
    let series = record.get(&SALE, "series").int().unwrap_or(0);
    let number = record.get(&SALE, "number").int().unwrap_or(0);
    if record.part(&SALE, "movements").len() > DOCUMENT_MOVEMENTS {
        return Err(Stop::invalid("movements", "too many rows"));
    }
    if series != working.device.series {
        return Err(Stop::refuse("document_mismatch", params! { what: "series" }));
    }
    if working.ticket(&SALE, series, number).is_some() {
        return Err(Stop::refuse("number_taken", params! { series: series, number: number }));
    }
    if !proof::chain_holds(&record, sent) {
        record.set(&SALE, "flagged", true);
    }
    if let Some(what) = proof::mismatch(working, &record) {
        return Err(store_reversed(working, record, "document_mismatch", params! { what: what }));
    }
    let day = Date::of_instant(record.get(&SALE, "occurred_at").int().unwrap_or(0));
    let (items, movements) = (Cells::of(&SALE, &record, "items"), Cells::of(&SALE, &record, "movements"));
    if let Some(shortage) = stock::shortage(working, &items, &movements, day) {
        let stock::Shortage { line, product, asked, available } = shortage;
        let product: String = product.chars().take(NAME_SHOWN).collect();
        let params = params! { product: product, asked: asked, available: available, line: line };
        return Err(store_reversed(working, record, "stock_insufficient", params));
    }
    Ok(confirm(working, body, record, day, corrections))
}

fn confirm(
    working: &mut WorkingSet,
    body: &Body,
    mut record: Record,
    day: Date,
    mut corrections: Corrections,
) -> Outcome {
    record.set(&SALE, "state", "confirmed");
    let source = record.clone();
    let (items, movements) = (Cells::of(&SALE, &source, "items"), Cells::of(&SALE, &source, "movements"));
    let withheld = |movement: &Cells<'_>| {
        let lot = working.row(PRODUCT_BATCH.name, movement.int("batch"));
        lot.is_some_and(|lot| stock::lot(lot).withheld(day).is_some())
    };
    if movements.iter().any(withheld) {
        record.set(&SALE, "flagged", true);
    }
    let mut touched = BTreeSet::new();
    for movement in &movements {
        working.move_stock(movement.int("batch"), movement.int("delta"));
        touched.insert(movement.int("batch"));
    }
    let (transfers, short) = stock::reallocate(working, &items, &movements, day);
    if !short.is_empty() {
        record.set(&SALE, "flagged", true);
    }
    for ((line, lot), delta) in &transfers {
        let Some(row) = transfer(working, &movements, *line, *lot, *delta) else { continue };
        working.move_stock(*lot, *delta);
        touched.insert(*lot);
        corrections.movements.extend(movements.first().map(|cells| wire_row(working, cells.part, &row)));
        record.part_mut(&SALE, "movements").into_iter().for_each(|rows| rows.push(row.clone()));
    }
    short.iter().for_each(|lot| open_recount(working, body, *lot));
    open_recounts(working, body, &touched);
    let id = working.next_id();
    let rev = working.put(&SALE, id, record, PartsWrite::Insert);
    accepted(id, rev, corrections)
}

/// A movement of step 1 that moves stock between two lots of a line's product.
fn transfer(working: &WorkingSet, movements: &[Cells<'_>], line: i64, lot: i64, delta: i64) -> Option<Vec<Value>> {
    let record = working.row(PRODUCT_BATCH.name, lot)?;
    let model = movements.iter().find(|movement| movement.int("line") == line)?;
    Some(model.with(&[
        ("step", Value::Int(1)),
        ("batch", Value::Int(lot)),
        ("delta", Value::Int(delta)),
        ("source", "transfer".into()),
        ("lot_number", record.get(&PRODUCT_BATCH, "lot_number").clone()),
        ("expiry", record.get(&PRODUCT_BATCH, "expiry").clone()),
        ("cost", Value::Null),
        ("reason", "lot_short".into()),
    ]))
}

/// Stores a refused ticket: no hole in the numbers, no stock touched.
fn store_reversed(working: &mut WorkingSet, mut record: Record, code: &'static str, params: Params) -> Stop {
    let source = record.clone();
    let own: Vec<Cells<'_>> =
        Cells::of(&SALE, &source, "movements").into_iter().filter(|movement| movement.int("step") == 0).collect();
    let opposite = |movement: &Cells<'_>| {
        let delta = Value::Int(movement.int("delta").saturating_neg());
        movement.with(&[("step", Value::Int(1)), ("delta", delta), ("source", "reversal".into())])
    };
    if let Some(rows) = record.part_mut(&SALE, "movements") {
        *rows = own.iter().map(|movement| movement.row.to_vec()).chain(own.iter().map(opposite)).collect();
    }
    let reason = serde_json::Value::Object(params.clone()).to_string();
    record.set(&SALE, "state", "reversed").set(&SALE, "reason_code", code).set(&SALE, "reason_params", reason);
    let id = working.next_id();
    let rev = working.put(&SALE, id, record, PartsWrite::Insert);
    Stop::Stored { refusal: Refusal { code, params }, id, rev }
}

/// Why a stored sale was refused, if it was.
pub(crate) fn refusal_of(entity: &Entity, record: &Record) -> Option<Refusal> {
    let reversed = entity.name == SALE.name && record.get(&SALE, "state").text() == Some("reversed");
    let code = match record.get(&SALE, "reason_code").text() {
        Some("stock_insufficient") => "stock_insufficient",
        _ => "document_mismatch",
    };
    let params = record.get(&SALE, "reason_params").text().and_then(|text| serde_json::from_str(text).ok());
    reversed.then(|| Refusal { code, params: params.unwrap_or_default() })
}

//! I3: stock, by a model of its own that knows movements and counts and nothing else.

use std::collections::BTreeMap;

use officine_protocol::{
    Uid,
    entities::{PRODUCT_BATCH, STOCKTAKE},
    value::Value,
};

use super::Rest;
use crate::rows::{Rows, movements};

/// What a lot's counts say: so many, as of that moment.
#[derive(Clone, Copy, Debug)]
struct Checkpoint {
    counted: i64,
    at: i64,
    /// When the hub heard of it: of two counts of one moment, the later heard.
    heard: i64,
}

/// I3: a lot holds what was last counted and what has moved since; on the hub, below zero only with a recount open.
pub fn follows(rest: &Rest) -> Result<(), String> {
    for (place, hub) in rest.hub.iter().enumerate() {
        quantities(&format!("the hub, pharmacy {}", place + 1), &hub.rows)?;
        for ((_, uid), lot) in hub.rows.iter().filter(|((entity, _), _)| *entity == PRODUCT_BATCH.name) {
            let quantity = lot.get(&PRODUCT_BATCH, "quantity").int().unwrap_or(0);
            if quantity < 0 && lot.get(&PRODUCT_BATCH, "recount_open").int() != Some(1) {
                return Err(format!("the hub: lot {uid} holds {quantity} and no recount is open"));
            }
        }
    }
    rest.tills.iter().try_for_each(|till| quantities(&till.name, &till.rows))
}

fn quantities(place: &str, rows: &Rows) -> Result<(), String> {
    let (expected, booked) = (model(rows), ledger(rows));
    for ((_, uid), lot) in rows.iter().filter(|((entity, _), _)| *entity == PRODUCT_BATCH.name) {
        let found = lot.get(&PRODUCT_BATCH, "quantity").int().unwrap_or(0);
        let number = lot.get(&PRODUCT_BATCH, "lot_number").text().unwrap_or_default().to_owned();
        let moved = booked.get(uid).copied().unwrap_or(0);
        if moved != found {
            return Err(format!("{place}: lot {number} {uid}: expected {moved} by its movements, found {found}"));
        }
        let counted = expected.get(uid).copied().unwrap_or(0);
        if counted != found {
            return Err(format!(
                "{place}: lot {number} {uid}: expected {counted} by count and later movements, found {found}"
            ));
        }
    }
    Ok(())
}

fn ledger(rows: &Rows) -> BTreeMap<Uid, i64> {
    let mut sums = BTreeMap::new();
    for moved in movements(rows) {
        *sums.entry(moved.lot).or_insert(0) += moved.delta;
    }
    sums
}

fn model(rows: &Rows) -> BTreeMap<Uid, i64> {
    let last = checkpoints(rows);
    let mut quantities: BTreeMap<Uid, i64> = last.iter().map(|(lot, count)| (*lot, count.counted)).collect();
    for moved in movements(rows).into_iter().filter(|moved| moved.document != STOCKTAKE.name) {
        if last.get(&moved.lot).is_none_or(|count| moved.at > count.at) {
            *quantities.entry(moved.lot).or_insert(0) += moved.delta;
        }
    }
    quantities
}

/// The last count of each lot. The simulation counts shelves alone: one line of a document is one count.
fn checkpoints(rows: &Rows) -> BTreeMap<Uid, Checkpoint> {
    let mut last: BTreeMap<Uid, Checkpoint> = BTreeMap::new();
    for ((_, _), document) in rows.iter().filter(|((entity, _), _)| *entity == STOCKTAKE.name) {
        let mut counts: BTreeMap<Uid, Checkpoint> = BTreeMap::new();
        for line in document.part(&STOCKTAKE, "counts") {
            let int = |place: usize| line.get(place).and_then(Value::int).unwrap_or(0);
            let lot = line.get(1).and_then(Value::uid).unwrap_or_default();
            let count = counts.entry(lot).or_insert(Checkpoint { counted: 0, at: 0, heard: document.rev });
            (count.counted, count.at) = (count.counted + int(3), count.at.max(int(4)));
        }
        for (lot, count) in counts {
            let known = last.entry(lot).or_insert(count);
            if (count.at, count.heard) > (known.at, known.heard) {
                *known = count;
            }
        }
    }
    last
}

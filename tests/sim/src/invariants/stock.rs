//! I3: stock, by a model of its own that knows movements and counts and nothing else.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use officine_protocol::{
    Uid,
    entities::{PRODUCT_BATCH, STOCKTAKE},
    record::Record,
    value::Value,
};

use super::Rest;
use crate::rows::{Rows, movements};

/// A count of a lot in a zone.
#[derive(Clone, Debug)]
struct Count {
    zone: String,
    counted: i64,
    at: i64,
    /// No other zone held any.
    whole: bool,
    /// The hub's number of its stocktake: of two counts of one moment the first stands.
    document: i64,
    line: i64,
}

/// What a lot's counts say together: so many, as of that moment.
#[derive(Clone, Copy, Debug)]
struct Checkpoint {
    counted: i64,
    at: i64,
}

/// I3: a lot holds what was last counted and what has moved since; on the hub, below zero only with a recount open.
pub fn follows(rest: &Rest) -> Result<(), String> {
    for (place, hub) in rest.hub.iter().enumerate() {
        quantities(&format!("the hub, pharmacy {}", place + 1), &hub.rows)?;
        recounted(&hub.rows)?;
    }
    rest.tills.iter().try_for_each(|till| quantities(&till.name, &till.rows))
}

/// Below zero on the hub only with a recount open.
pub fn recounted(rows: &Rows) -> Result<(), String> {
    let mut lots = rows.iter().filter(|((entity, _), _)| *entity == PRODUCT_BATCH.name);
    let quantity = |lot: &Record| lot.get(&PRODUCT_BATCH, "quantity").int().unwrap_or(0);
    let forgotten = |lot: &Record| quantity(lot) < 0 && lot.get(&PRODUCT_BATCH, "recount_open").int() != Some(1);
    match lots.find(|(_, lot)| forgotten(lot)) {
        Some(((_, uid), lot)) => Err(format!("the hub: lot {uid} holds {} and no recount is open", quantity(lot))),
        None => Ok(()),
    }
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

/// What stands of the counts of each lot: in each zone the last one, unless a later stocktake said that no other zone had
/// any. The shelf's moment is the lot's, or the last one where the shelf was not counted.
fn checkpoints(rows: &Rows) -> BTreeMap<Uid, Checkpoint> {
    let checkpoint = |(lot, counts): (Uid, Vec<Count>)| {
        let wholes = counts.iter().filter(|count| count.whole).map(|count| count.document).collect::<BTreeSet<_>>();
        let last_of = |document: &i64| counts.iter().filter(|one| one.document == *document).map(|one| one.at).max();
        let last_whole = wholes.iter().filter_map(|one| Some((last_of(one)?, Reverse(*one)))).max();
        let mut zones: BTreeMap<&str, &Count> = BTreeMap::new();
        for count in &counts {
            let rank = |count: &Count| (count.at, Reverse(count.document), count.line);
            let known = zones.entry(&count.zone).or_insert(count);
            if rank(count) > rank(known) {
                *known = count;
            }
        }
        zones.retain(|zone, count| {
            let Some((at, Reverse(whole))) = last_whole else { return true };
            count.at >= at || counts.iter().any(|one| one.document == whole && one.zone == *zone)
        });
        let last = zones.values().map(|count| count.at).max()?;
        let at = zones.get("shelf").map_or(last, |shelf| shelf.at);
        Some((lot, Checkpoint { counted: zones.values().map(|count| count.counted).sum(), at }))
    };
    counts(rows).into_iter().filter_map(checkpoint).collect()
}

/// Every count of each lot. None is later than its stocktake.
fn counts(rows: &Rows) -> BTreeMap<Uid, Vec<Count>> {
    let mut counts: BTreeMap<Uid, Vec<Count>> = BTreeMap::new();
    for ((_, _), document) in rows.iter().filter(|((entity, _), _)| *entity == STOCKTAKE.name) {
        let closed = document.get(&STOCKTAKE, "occurred_at").int().unwrap_or(0);
        for line in document.part(&STOCKTAKE, "counts") {
            let int = |place: usize| line.get(place).and_then(Value::int).unwrap_or(0);
            let lot = line.get(1).and_then(Value::uid).unwrap_or_default();
            counts.entry(lot).or_default().push(Count {
                zone: line.get(2).and_then(Value::text).unwrap_or_default().to_owned(),
                counted: int(3),
                at: int(4).min(closed),
                whole: int(6) == 1,
                document: document.server_id.unwrap_or(i64::MAX),
                line: int(0),
            });
        }
    }
    counts
}

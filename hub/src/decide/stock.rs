//! Stock as a sale finds it: whether it is enough, and which lots square a short one.
//!
//! Available is what stands in the lots that could be sold on the day, empty ones left out, and in the lots the
//! ticket names as they are: a lot below zero counts against the ticket that names it. What a ticket took from a lot
//! that was counted since was gone by then: it asks nothing, and such a lot gives nothing to earlier tickets.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use officine_protocol::{
    date::Date,
    entities::PRODUCT_BATCH,
    fefo::{Lot, allocate},
    limits::{DOCUMENT_MOVEMENTS, LARGEST},
    record::Record,
};

use super::{WorkingSet, cells::Cells, late::counted_since};

/// A product that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shortage {
    pub line: i64,
    pub product: String,
    pub asked: i64,
    pub available: i64,
}

/// A movement between two lots of a product, so that a short one squares.
pub(crate) type Transfers = BTreeMap<(i64, i64), i64>;

/// A lot as FEFO sees it.
pub(crate) fn lot(record: &Record) -> Lot {
    Lot {
        uid: record.uid,
        quantity: record.get(&PRODUCT_BATCH, "quantity").int().unwrap_or(0),
        expiry: record.get(&PRODUCT_BATCH, "expiry").int().and_then(Date::from_number),
        blocked: is_blocked(record),
        received_at: record.get(&PRODUCT_BATCH, "received_at").int().unwrap_or(0),
    }
}

fn is_blocked(record: &Record) -> bool {
    let apart = record.get(&PRODUCT_BATCH, "quarantine").int() == Some(1);
    apart || !record.get(&PRODUCT_BATCH, "blocked_reason").is_null() || record.archived_at.is_some()
}

/// The lots of a product that a ticket of that instant may draw on.
fn lots_of(working: &WorkingSet, product: i64, at: i64) -> Vec<(i64, Lot)> {
    let ids = working.lots_of(product).filter(|id| !counted_since(working, *id, at));
    ids.filter_map(|id| working.row(PRODUCT_BATCH.name, id).map(|record| (id, lot(record)))).collect()
}

/// Whether what leaves the lots of each product goes to lots of the same product.
pub(crate) fn products_balance(working: &WorkingSet, movements: &[Cells<'_>]) -> bool {
    let mut moved: BTreeMap<Option<i64>, i128> = BTreeMap::new();
    for movement in movements {
        let product = working.lot_number(movement.int("batch"), "product");
        *moved.entry(product).or_default() += i128::from(movement.int("delta"));
    }
    moved.values().all(|moved| *moved == 0)
}

/// Whether every lot still holds a quantity the wire can carry once these movements are applied.
pub(crate) fn stays_in_bounds(working: &WorkingSet, movements: &[Cells<'_>]) -> bool {
    let mut after: BTreeMap<i64, i128> = BTreeMap::new();
    for movement in movements {
        let lot = movement.int("batch");
        let stands = || {
            let record = working.row(PRODUCT_BATCH.name, lot);
            record.and_then(|record| record.get(&PRODUCT_BATCH, "quantity").int()).unwrap_or(0).into()
        };
        *after.entry(lot).or_insert_with(stands) += i128::from(movement.int("delta"));
    }
    let largest = i128::from(LARGEST);
    after.values().all(|quantity| (-largest..=largest).contains(quantity))
}

/// The first product of which a line asks more than there is. Lines in hand ask nothing.
pub(crate) fn shortage(
    working: &WorkingSet,
    items: &[Cells<'_>],
    movements: &[Cells<'_>],
    at: i64,
) -> Option<Shortage> {
    let day = Date::of_instant(at);
    let named: HashSet<i64> = movements.iter().map(|movement| movement.int("batch")).collect();
    let mut taken: BTreeMap<i64, i64> = BTreeMap::new();
    for movement in movements.iter().filter(|movement| !counted_since(working, movement.int("batch"), at)) {
        let taken = taken.entry(movement.int("line")).or_default();
        *taken = taken.saturating_sub(movement.int("delta"));
    }
    let mut asked: BTreeMap<i64, (i64, i64, &str)> = BTreeMap::new();
    for item in items.iter().filter(|item| item.int("in_hand") == 0) {
        let line = item.int("line");
        let Some(quantity) = taken.get(&line).copied() else { continue };
        let entry = asked.entry(item.int("product")).or_insert((line, 0, item.text("name")));
        entry.0 = entry.0.min(line);
        entry.1 = entry.1.saturating_add(quantity);
    }
    let mut short: Vec<Shortage> = Vec::new();
    for (product, (line, asked, name)) in asked {
        let available = available(&lots_of(working, product, at), &named, day);
        if asked > available {
            short.push(Shortage { line, product: name.to_owned(), asked, available: available.max(0) });
        }
    }
    short.into_iter().min_by_key(|shortage| shortage.line)
}

fn available(lots: &[(i64, Lot)], named: &HashSet<i64>, day: Date) -> i64 {
    let counted = lots.iter().map(|(id, lot)| match named.contains(id) {
        true => lot.quantity,
        false if lot.withheld(day).is_none() => lot.quantity.max(0),
        false => 0,
    });
    counted.fold(0, i64::saturating_add)
}

/// Squares lots that assumed movements have left short, from other lots of the product in FEFO order. The ticket's own
/// movements are applied already. Scanned and chosen lots, and lines in hand, are left as they are.
pub(crate) fn reallocate(
    working: &WorkingSet,
    items: &[Cells<'_>],
    movements: &[Cells<'_>],
    at: i64,
) -> (Transfers, BTreeSet<i64>) {
    let day = Date::of_instant(at);
    let (mut transfers, mut short) = (Transfers::new(), BTreeSet::new());
    for movement in movements.iter().filter(|movement| movement.text("source") == "assumed") {
        let line = movement.int("line");
        let item = items.iter().find(|item| item.int("line") == line);
        let Some(item) = item.filter(|item| item.int("in_hand") == 0) else { continue };
        let mut lots = lots_of(working, item.int("product"), at);
        for (id, lot) in &mut lots {
            let moved = transfers.iter().filter(|((_, batch), _)| batch == id).map(|(_, delta)| delta);
            lot.quantity = lot.quantity.saturating_add(moved.sum());
        }
        let batch = movement.int("batch");
        let missing = lots.iter().find(|(id, _)| *id == batch).map_or(0, |(_, lot)| -lot.quantity);
        let wanted = missing.min(-movement.int("delta"));
        let others: Vec<Lot> = lots.iter().map(|(_, lot)| lot.clone()).collect();
        let takes = if wanted > 0 { allocate(&others, wanted, day).0 } else { Vec::new() };
        for take in takes {
            let Some((from, _)) = lots.get(take.index).filter(|_| transfers.len() + 2 <= DOCUMENT_MOVEMENTS) else {
                break;
            };
            *transfers.entry((line, *from)).or_default() -= take.quantity;
            *transfers.entry((line, batch)).or_default() += take.quantity;
            short.insert(batch);
        }
    }
    (transfers, short)
}

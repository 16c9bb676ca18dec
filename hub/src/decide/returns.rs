//! A ticket that takes another back. It is never refused for stock, which it adds to. What does not add up, or takes back
//! what was never sold, is stored and flagged, and its movements are taken back: no hole in the numbers, no box too many.

use std::collections::HashMap;

use officine_protocol::{
    entities::{PRODUCT_BATCH, SALE, SALE_RETURN},
    record::Record,
};

use super::{WorkingSet, cells::Cells, document::Draft, ledger, proof, sale::is_reversed, settlement::REGULARISED};

pub(crate) fn weigh(working: &mut WorkingSet, draft: &mut Draft<'_>) {
    if !proof::is_link(working, &SALE_RETURN, draft.sent) {
        draft.flags.push("chain_broken");
    }
    let sold = draft.record.get(&SALE_RETURN, "sale").int().and_then(|id| working.row(SALE.name, id));
    let Some(sold) = sold.cloned() else { return };
    if more_than_sold(working, &draft.record, &sold) {
        draft.flags.push("more_than_sold");
    }
    if !set_apart(working, &draft.record) {
        draft.flags.push("not_in_quarantine");
    }
    let mismatch = proof::return_mismatch(working, &draft.record, &sold);
    draft.flags.extend(mismatch);
    if is_reversed(&sold) {
        draft.flags.push("sale_reversed");
    }
    if mismatch.is_some() || is_reversed(&sold) {
        draft.void(working);
    } else {
        ledger::apply(working, draft);
    }
}

/// Whether some line of the ticket has come back more often than it was sold, this time included. What came back of a
/// ticket that was refused then, and is kept now, has come back.
fn more_than_sold(working: &WorkingSet, record: &Record, sold: &Record) -> bool {
    let mut back: HashMap<i64, i128> = HashMap::new();
    let kept = sold.get(&SALE, "state").text() == Some(REGULARISED);
    let others = working.rows(SALE_RETURN.name).map(|(_, other)| other);
    let others = others.filter(|other| other.uid != record.uid && (kept || !is_void(other)));
    let of_sale = |other: &&Record| other.get(&SALE_RETURN, "sale") == record.get(&SALE_RETURN, "sale");
    for one in others.filter(of_sale).chain([record]) {
        for item in Cells::of(&SALE_RETURN, one, "items") {
            *back.entry(item.int("sale_line")).or_default() += i128::from(item.int("quantity"));
        }
    }
    let items = Cells::of(&SALE, sold, "items");
    let of_line = |line: i64| items.iter().find(|item| item.int("line") == line).map_or(0, |item| item.int("quantity"));
    back.iter().any(|(line, quantity)| *quantity > i128::from(of_line(*line)))
}

/// Whether all that a return moved was taken back.
pub(crate) fn is_void(record: &Record) -> bool {
    Cells::of(&SALE_RETURN, record, "movements").iter().any(|movement| movement.text("source") == "reversal")
}

/// What goes to quarantine lies in a lot of quarantine.
fn set_apart(working: &WorkingSet, record: &Record) -> bool {
    let items = Cells::of(&SALE_RETURN, record, "items");
    let held = items.iter().filter(|item| item.text("disposition") == "quarantine");
    let held: Vec<i64> = held.map(|item| item.int("line")).collect();
    let movements = Cells::own_movements(&SALE_RETURN, record);
    let mut moved = movements.iter().filter(|movement| held.contains(&movement.int("line")));
    moved.all(|movement| {
        let lot = working.row(PRODUCT_BATCH.name, movement.int("batch"));
        lot.is_some_and(|lot| lot.get(&PRODUCT_BATCH, "quarantine").int() == Some(1))
    })
}

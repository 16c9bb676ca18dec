//! A count is a checkpoint: a lot holds what was counted and what has happened since. The hub squares it with its own
//! ledger as of the count; the till's own differences stay as it sent them. An older count changes no quantity.

use std::collections::BTreeMap;

use officine_protocol::{
    entities::{PRODUCT_BATCH, STOCKTAKE},
    limits::LARGEST,
    record::Record,
    schema::Column,
    value::Value,
};

use super::{
    Stop, WorkingSet,
    cells::Cells,
    document::{Draft, mismatch, occurred_at},
    ledger, stock,
};

/// What a stocktake says of a lot: zones add up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Count {
    pub counted: i64,
    /// The checkpoint: when it was counted on the shelf, or last.
    pub at: i64,
    pub line: i64,
}

/// The counts of a stocktake by lot. Of two counts of one lot in one zone the later one counts; none is later than its
/// document.
pub(crate) fn counts(record: &Record) -> BTreeMap<i64, Count> {
    let mut zones: BTreeMap<(i64, &str), (i64, i64, i64)> = BTreeMap::new();
    let closed = occurred_at(&STOCKTAKE, record);
    for count in Cells::of(&STOCKTAKE, record, "counts") {
        let told = (count.int("counted_at").min(closed), count.int("line"), count.int("counted"));
        let known = zones.entry((count.int("batch"), count.text("zone"))).or_insert(told);
        *known = (*known).max(told);
    }
    let mut counts: BTreeMap<i64, (bool, Count)> = BTreeMap::new();
    for ((lot, zone), (at, line, counted)) in zones {
        let shelf = zone == "shelf";
        let (decided, count) = counts.entry(lot).or_insert((shelf, Count { counted: 0, at, line }));
        count.counted = count.counted.saturating_add(counted);
        if shelf || (!*decided && at > count.at) {
            (*decided, count.at, count.line) = (shelf, at, line);
        }
    }
    counts.into_iter().map(|(lot, (_, count))| (lot, count)).collect()
}

/// What becomes of a counted lot.
struct Checked {
    lot: i64,
    count: Count,
    /// What the document itself moves.
    own: i64,
    /// What the hub adds to it; nothing where the lot was counted later.
    missing: Option<i64>,
}

pub(crate) fn weigh(working: &mut WorkingSet, draft: &mut Draft<'_>) -> Result<(), Stop> {
    let movements = Cells::of(&STOCKTAKE, &draft.record, "movements");
    let counts = counts(&draft.record);
    let counted = |movement: &Cells<'_>| counts.contains_key(&movement.int("batch"));
    if movements.iter().any(|movement| movement.int("step") != 0) || !movements.iter().all(counted) {
        return Err(mismatch("movements"));
    }
    if !stock::stays_in_bounds(working, &movements) {
        return Err(Stop::invalid("delta", "out of range"));
    }
    let mut own: BTreeMap<i64, i64> = BTreeMap::new();
    movements.iter().for_each(|movement| *own.entry(movement.int("batch")).or_default() += movement.int("delta"));
    let check = |(lot, count)| check(working, lot, count, own.get(&lot).copied().unwrap_or(0));
    let checked: Vec<Checked> = counts.into_iter().map(check).collect::<Result<_, _>>()?;
    checked.iter().for_each(|checked| write(working, draft, checked));
    Ok(())
}

fn check(working: &WorkingSet, lot: i64, count: Count, own: i64) -> Result<Checked, Stop> {
    let known = working.lot_number(lot, "counted_at");
    if known.is_some_and(|known| known >= count.at) {
        return Ok(Checked { lot, count, own, missing: None });
    }
    let since = working.books.since(lot, count.at);
    let stood = working.lot_number(lot, "quantity").unwrap_or(0).saturating_sub(since);
    let missing = count.counted.saturating_sub(stood).saturating_sub(own);
    let holds = |quantity: i64| (-LARGEST..=LARGEST).contains(&quantity);
    if !holds(count.counted.saturating_add(since)) || !holds(missing) {
        return Err(Stop::invalid("counted", "out of range"));
    }
    Ok(Checked { lot, count, own, missing: Some(missing) })
}

fn write(working: &mut WorkingSet, draft: &mut Draft<'_>, checked: &Checked) {
    let Checked { lot, count, own, missing } = *checked;
    let Some(missing) = missing else {
        draft.flags.push("counted_later");
        draft.take_back(working, lot, "counted_later");
        return;
    };
    working.move_stock(lot, own.saturating_add(missing), None);
    if let Some(row) = difference(working, lot, count.line, missing) {
        draft.correct(working, row);
    }
    let short = working.lot_number(lot, "quantity").unwrap_or(0) < 0;
    ledger::edit_lot(working, draft.body, lot, &[("counted_at", count.at.into()), ("recount_open", short.into())]);
}

/// The movement that brings the hub's book to what was counted.
fn difference(working: &WorkingSet, lot: i64, line: i64, delta: i64) -> Option<Vec<Value>> {
    let record = working.row(PRODUCT_BATCH.name, lot).filter(|_| delta != 0)?;
    let part = STOCKTAKE.movements()?;
    let empty: Vec<Value> = part.columns.iter().map(Column::empty).collect();
    Some(Cells { part, row: &empty }.with(&[
        ("line", line.into()),
        ("step", 1.into()),
        ("batch", lot.into()),
        ("delta", delta.into()),
        ("source", "count".into()),
        ("lot_number", record.get(&PRODUCT_BATCH, "lot_number").clone()),
        ("expiry", record.get(&PRODUCT_BATCH, "expiry").clone()),
    ]))
}

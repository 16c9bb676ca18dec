//! A count is a checkpoint: a lot holds what was counted and what has happened since. The hub squares it with its own
//! ledger as of the count; the till's own differences stay as it sent them. An older count changes no quantity.

use std::collections::BTreeMap;

use officine_protocol::{
    entities::{PRODUCT_BATCH, STOCKTAKE},
    limits::LARGEST,
    record::Record,
    schema::Column,
    tally::{Count, Tally, tally},
    value::Value,
};

use super::{
    Stop, WorkingSet,
    cells::Cells,
    document::{Draft, mismatch, moves_at},
    ledger, stock,
};

/// What a stocktake says of a lot, and the first line that says it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    pub tally: Tally,
    pub line: i64,
}

/// The counts of a stocktake by lot. Of two counts of one lot in one zone the later one counts; none is later than its
/// document.
pub(crate) fn counts(record: &Record) -> BTreeMap<i64, Counted> {
    let mut lots: BTreeMap<i64, (i64, BTreeMap<&str, Count<'_>>)> = BTreeMap::new();
    let closed = moves_at(&STOCKTAKE, record);
    for cells in Cells::of(&STOCKTAKE, record, "counts") {
        let (zone, line) = (cells.text("zone"), cells.int("line"));
        let count = Count { zone, counted: cells.int("counted"), counted_at: cells.int("counted_at").min(closed) };
        let (first, zones) = lots.entry(cells.int("batch")).or_insert_with(|| (line, BTreeMap::new()));
        *first = line.min(*first);
        let known = zones.entry(zone).or_insert(count);
        if count.counted_at >= known.counted_at {
            *known = count;
        }
    }
    let told = lots.into_iter().filter_map(|(lot, (line, zones))| Some((lot, line, tally(zones.into_values())?)));
    told.map(|(lot, line, tally)| (lot, Counted { tally, line })).collect()
}

/// What becomes of a counted lot.
struct Checked {
    lot: i64,
    count: Counted,
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

fn check(working: &WorkingSet, lot: i64, count: Counted, own: i64) -> Result<Checked, Stop> {
    let known = working.lot_number(lot, "counted_at");
    if known.is_some_and(|known| known >= count.tally.as_of) {
        return Ok(Checked { lot, count, own, missing: None });
    }
    let since = working.books.since(lot, count.tally.as_of);
    let stood = working.lot_number(lot, "quantity").unwrap_or(0).saturating_sub(since);
    let missing = count.tally.counted.saturating_sub(stood).saturating_sub(own);
    let holds = |quantity: i64| (-LARGEST..=LARGEST).contains(&quantity);
    if !holds(count.tally.counted.saturating_add(since)) || !holds(missing) {
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
    ledger::edit_lot(
        working,
        draft.body,
        lot,
        &[("counted_at", count.tally.as_of.into()), ("recount_open", short.into())],
    );
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

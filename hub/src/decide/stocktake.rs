//! A count is a checkpoint: a lot holds what was counted, zone by zone, and what has happened since ([`tally`]). The hub
//! squares it with its own ledger as of the count; the till's own differences stay as it sent them. A count that is older
//! than what is known of its zone changes no quantity.

use std::collections::BTreeMap;

use officine_protocol::{
    entities::STOCKTAKE,
    limits::LARGEST,
    record::Record,
    tally::{Count, Tally, in_force, tally},
};

use super::{
    Stop, WorkingSet,
    cells::Cells,
    clocks,
    document::{Draft, mismatch, moves_at},
    ledger, stock, zones,
};

/// The counts of a stocktake by lot. None is later than its document.
pub(crate) fn counts(record: &Record, document: i64) -> BTreeMap<i64, Vec<Count<'_>>> {
    let mut lots: BTreeMap<i64, Vec<Count<'_>>> = BTreeMap::new();
    let closed = moves_at(&STOCKTAKE, record);
    for cells in Cells::of(&STOCKTAKE, record, "counts") {
        let (counted, counted_at) = (cells.int("counted"), cells.int("counted_at").min(closed));
        let (zone, complete, line) = (cells.text("zone"), cells.int("complete") == 1, cells.int("line"));
        let count = Count { zone, counted, counted_at, complete, document, line };
        lots.entry(cells.int("batch")).or_default().push(count);
    }
    lots
}

/// The first line that counts a lot: what the hub adds to a stocktake stands there.
pub(crate) fn line_of(counts: &[Count<'_>]) -> i64 {
    counts.iter().map(|count| count.line).min().unwrap_or(1)
}

/// Lots that a till counted apart and the hub has merged lie in one zone together: their counts add up, as of the earlier.
pub(crate) fn gather_counts(sent: &Record, record: &mut Record) {
    let Some(part) = STOCKTAKE.part("counts").and_then(|place| STOCKTAKE.parts.get(place)) else { return };
    let own = sent.part(&STOCKTAKE, "counts");
    let mut gathered: Vec<(Vec<officine_protocol::value::Value>, &[officine_protocol::value::Value])> = Vec::new();
    for (row, sent) in record.part(&STOCKTAKE, "counts").iter().zip(own) {
        let (cells, named) = (Cells { part, row }, Cells { part, row: sent });
        let same = |(known, of): &(Vec<_>, &[_])| {
            let (known, of) = (Cells { part, row: known }, Cells { part, row: of });
            known.int("batch") == cells.int("batch")
                && known.text("zone") == cells.text("zone")
                && of.uid("batch") != named.uid("batch")
        };
        let Some((known, _)) = gathered.iter_mut().find(|known| same(known)) else {
            gathered.push((row.clone(), sent));
            continue;
        };
        let before = Cells { part, row: known };
        let counted = before.int("counted").saturating_add(cells.int("counted")).min(LARGEST);
        let at = before.int("counted_at").min(cells.int("counted_at"));
        *known = before.with(&[("counted", counted.into()), ("counted_at", at.into())]);
    }
    let rows = gathered.into_iter().map(|(row, _)| row).collect();
    record.part_mut(&STOCKTAKE, "counts").into_iter().for_each(|part| part.clone_from(&rows));
}

/// What becomes of a counted lot.
struct Checked {
    lot: i64,
    line: i64,
    /// What the lot stands on now, what the hub adds to the document for it, and what its zones leave open; nothing
    /// where this stocktake says nothing new of it.
    stands: Option<(Tally, i64, Option<zones::Between>)>,
    /// What the document itself moves.
    own: i64,
}

pub(crate) fn weigh(working: &mut WorkingSet, draft: &mut Draft<'_>) -> Result<(), Stop> {
    let (till, offset) = (working.device.series, working.clock_offset);
    draft.record.set(&STOCKTAKE, "till", till).set(&STOCKTAKE, "clock_offset", offset.clamp(-LARGEST, LARGEST));
    let source = draft.record.clone();
    let (movements, counts) = (Cells::of(&STOCKTAKE, &source, "movements"), counts(&source, working.coming_id()));
    let counted = |movement: &Cells<'_>| counts.contains_key(&movement.int("batch"));
    if movements.iter().any(|movement| movement.int("step") != 0) || !movements.iter().all(counted) {
        return Err(mismatch("movements"));
    }
    if !stock::stays_in_bounds(working, &movements) {
        return Err(Stop::invalid("delta", "out of range"));
    }
    let mut own: BTreeMap<i64, i64> = BTreeMap::new();
    movements.iter().for_each(|movement| *own.entry(movement.int("batch")).or_default() += movement.int("delta"));
    let check = |(lot, fresh): (&i64, &Vec<Count<'_>>)| check(working, *lot, fresh, own.get(lot).copied().unwrap_or(0));
    let checked: Vec<Checked> = counts.iter().map(check).collect::<Result<_, _>>()?;
    checked.iter().for_each(|checked| write(working, draft, checked));
    for (lot, fresh) in counts {
        fresh.into_iter().for_each(|count| working.books.counted(lot, count.into()));
    }
    Ok(())
}

fn check(working: &WorkingSet, lot: i64, fresh: &[Count<'_>], own: i64) -> Result<Checked, Stop> {
    let known = working.books.counts(lot);
    let all = known.clone().chain(fresh.iter().copied());
    let line = line_of(fresh);
    let standing = in_force(all.clone());
    let news = in_force(known.clone()) != standing;
    let Some(now) = tally(all).filter(|_| news) else { return Ok(Checked { lot, line, stands: None, own }) };
    let stood = working.lot_number(lot, "quantity").unwrap_or(0);
    let since = working.books.since(lot, now.as_of);
    let holds = now.holds(tally(known), stood, since);
    let missing = holds.saturating_sub(stood).saturating_sub(own);
    if [holds, missing].iter().any(|quantity| !(-LARGEST..=LARGEST).contains(quantity)) {
        return Err(Stop::invalid("counted", "out of range"));
    }
    Ok(Checked { lot, line, stands: Some((now, missing, zones::between(working, lot, &standing))), own })
}

fn write(working: &mut WorkingSet, draft: &mut Draft<'_>, checked: &Checked) {
    let Checked { lot, line, stands, own } = *checked;
    let Some((now, missing, between)) = stands else {
        draft.flags.push("counted_later");
        draft.take_back(working, lot, "counted_later");
        return;
    };
    working.move_stock(lot, own.saturating_add(missing), None);
    if missing != 0
        && let Some(row) = ledger::squared(working, &draft.record, (line, lot), missing, "count", None)
    {
        draft.correct(working, row);
    }
    let holds = working.lot_number(lot, "quantity").unwrap_or(0);
    let unsure = clocks::around(working, lot, now.as_of);
    if let Some(doubt) = &unsure {
        draft.flags.push(clocks::FLAG);
        let row = ledger::squared(working, &draft.record, (line, lot), 0, clocks::FLAG, Some(doubt.text(holds, None)));
        row.into_iter().for_each(|row| draft.correct(working, row));
    }
    if let Some(between) = &between {
        draft.flags.push(zones::FLAG);
        let row = ledger::squared(working, &draft.record, (line, lot), 0, zones::FLAG, Some(between.text(None)));
        row.into_iter().for_each(|row| draft.correct(working, row));
    }
    let recount = holds < 0 || unsure.is_some() || between.is_some();
    ledger::edit_lot(working, draft.body, lot, &[("counted_at", now.as_of.into()), ("recount_open", recount.into())]);
}

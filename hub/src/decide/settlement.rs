//! The decision on a refused ticket. The first to reach the hub stands; a later one, and one that does not add up, is
//! stored all the same and moves nothing: no hole in the numbers, and its till is told.

use std::collections::{BTreeMap, BTreeSet};

use officine_protocol::{
    entities::{SALE, SALE_RETURN, SALE_SETTLEMENT},
    fault::{Fault, armed},
    record::Record,
    value::Value,
};

use super::{
    PartsWrite, WorkingSet,
    cells::Cells,
    credit,
    document::{Draft, moves_at},
    journal::log_edit,
    late, ledger, proof,
    returns::is_void,
    sale::is_reversed,
};

/// The state of a refused ticket that is kept.
pub(crate) const REGULARISED: &str = "regularised";

pub(crate) fn weigh(working: &mut WorkingSet, draft: &mut Draft<'_>) {
    if !proof::is_link(working, &SALE_SETTLEMENT, draft.sent) {
        draft.flags.push("chain_broken");
    }
    let Some(sale) = draft.record.get(&SALE_SETTLEMENT, "sale").int() else { return };
    let Some(sold) = working.row(SALE.name, sale).cloned() else { return };
    let void = match () {
        () if decided_before(working, &draft.record) => Some("settled_before"),
        () if !is_reversed(&sold) => Some("sale_not_refused"),
        () if !may_decide(draft, &sold) => Some("not_permitted"),
        () => proof::settlement_mismatch(working, &draft.record, &sold),
    };
    let returned = returns_of(working, sale).map(|back| i128::from(back.get(&SALE_RETURN, "total").int().unwrap_or(0)));
    draft.flags.extend(proof::settlement_money(&draft.record, &sold, returned.sum()));
    match void {
        Some(why) => supersede(working, draft, (sale, sold), why),
        None if draft.record.get(&SALE_SETTLEMENT, "decision").text() == Some("kept") => {
            keep(working, draft, (sale, &sold));
        }
        None => {}
    }
}

/// Only the till that sold withdraws: it alone knows that no paper was out. By itself, and for nobody, a till decides
/// nothing that leaves goods or money away.
fn may_decide(draft: &Draft<'_>, sold: &Record) -> bool {
    let int = |name| draft.record.get(&SALE_SETTLEMENT, name).int().unwrap_or(0);
    match draft.record.get(&SALE_SETTLEMENT, "decision").text() {
        Some("withdrawn") => sold.get(&SALE, "series").int() == Some(int("series")),
        Some("cancelled") => draft.body.user.is_some() || int("total") == 0,
        _ => draft.body.user.is_some(),
    }
}

/// A decision by somebody who may not: it is stored, and does not stand.
pub(crate) fn refuse(working: &mut WorkingSet, draft: &mut Draft<'_>, why: &'static str) {
    let Some(sale) = draft.record.get(&SALE_SETTLEMENT, "sale").int() else { return };
    let Some(sold) = working.row(SALE.name, sale).cloned() else { return };
    supersede(working, draft, (sale, sold), why);
}

/// Whether another decision on the same ticket stands.
fn decided_before(working: &WorkingSet, record: &Record) -> bool {
    let others = working.rows(SALE_SETTLEMENT.name).map(|(_, other)| other);
    let mut others = others.filter(|other| other.uid != record.uid);
    others.any(|other| {
        let same = other.get(&SALE_SETTLEMENT, "sale") == record.get(&SALE_SETTLEMENT, "sale");
        same && other.get(&SALE_SETTLEMENT, "superseded").int() != Some(1) && !armed(Fault::SettledTwice)
    })
}

/// It moves nothing, and says so. The ticket is written anew, so that whoever decided otherwise reads what it is.
fn supersede(working: &mut WorkingSet, draft: &mut Draft<'_>, (sale, sold): (i64, Record), why: &'static str) {
    draft.flags.push(why);
    draft.void(working);
    draft.record.set(&SALE_SETTLEMENT, "superseded", true);
    for name in ["superseded", "flagged"] {
        draft.corrections.fields.insert(name.to_owned(), true.into());
    }
    working.put(&SALE, sale, sold, PartsWrite::Keep);
}

/// The goods have left: they are taken again, as of the sale, and every lot of it is recounted. What is owed for it counts.
fn keep(working: &mut WorkingSet, draft: &mut Draft<'_>, (sale, sold): (i64, &Record)) {
    ledger::apply(working, draft);
    put_back_what_came(working, draft);
    let movements = Cells::of(&SALE_SETTLEMENT, &draft.record, "movements");
    let lots: BTreeSet<i64> = movements.iter().map(|movement| movement.int("batch")).collect();
    lots.into_iter().for_each(|lot| ledger::open_recount(working, draft.body, lot));
    let mut kept = sold.clone();
    kept.set(&SALE, "state", REGULARISED);
    let rev = working.put(&SALE, sale, kept.clone(), PartsWrite::Keep);
    log_edit(working, (draft.body, &SALE), (sale, rev), (sold, &kept), ("settlement", "hub"));
    let returned: i64 = returns_of(working, sale).map(|back| credit::on_account(&SALE_RETURN, back)).sum();
    let owed = credit::on_account(&SALE, sold).saturating_sub(returned);
    let customer = sold.get(&SALE, "customer").int().filter(|_| owed > 0);
    if customer.is_some_and(|customer| credit::crosses(working, customer, owed)) {
        draft.flags.push("ceiling_passed");
    }
}

fn returns_of(working: &WorkingSet, sale: i64) -> impl Iterator<Item = &Record> {
    let returns = working.rows(SALE_RETURN.name).map(|(_, back)| back);
    returns.filter(move |back| back.get(&SALE_RETURN, "sale").int() == Some(sale))
}

/// What came back of the ticket moved nothing while it was refused: it is back where it was put.
fn put_back_what_came(working: &mut WorkingSet, draft: &mut Draft<'_>) {
    let (at, part) = (moves_at(&SALE_SETTLEMENT, &draft.record), SALE_SETTLEMENT.movements());
    let (Some(sale), Some(part)) = (draft.record.get(&SALE_SETTLEMENT, "sale").int(), part) else { return };
    let Some(sold) = working.row(SALE.name, sale) else { return };
    let mut came: BTreeMap<(i64, i64), i64> = BTreeMap::new();
    for back in returns_of(working, sale).filter(|back| adds_up(working, back, sold)) {
        let items = Cells::of(&SALE_RETURN, back, "items");
        let line_of = |line| items.iter().find(|item| item.int("line") == line).map(|item| item.int("sale_line"));
        for movement in Cells::own_movements(&SALE_RETURN, back) {
            let Some(line) = line_of(movement.int("line")) else { continue };
            *came.entry((line, movement.int("batch"))).or_default() += movement.int("delta");
        }
    }
    for ((line, lot), delta) in came {
        let place = (line, draft.next_step(line, lot), lot);
        let Some(row) = ledger::later_step(working, part, place, delta, "returned", None) else { continue };
        draft.correct(working, row);
        working.move_stock(lot, delta, Some(at));
        if late::counted_since(working, lot, at) {
            late::settle(working, draft, lot, delta);
        }
    }
}

/// Whether nothing but the refusal had kept a return from moving its boxes.
fn adds_up(working: &WorkingSet, back: &Record, sold: &Record) -> bool {
    let own: Vec<Vec<Value>> =
        Cells::own_movements(&SALE_RETURN, back).iter().map(|movement| movement.row.to_vec()).collect();
    let mut sent = back.clone();
    sent.part_mut(&SALE_RETURN, "movements").into_iter().for_each(|rows| rows.clone_from(&own));
    is_void(back) && proof::return_mismatch(working, &sent, sold).is_none()
}

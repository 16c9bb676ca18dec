//! A ticket: proved, weighed against the stock, then confirmed, or stored as reversed with its movements undone. Where the
//! boxes it is short of are on their way it waits.

use std::collections::{BTreeSet, HashSet};

use officine_protocol::{
    Params,
    date::Date,
    entities::{PRODUCT_BATCH, SALE},
    fault::{Fault, armed},
    params,
    record::Record,
    schema::Entity,
    value::Value,
};

use super::{
    PartsWrite, Stop, WorkingSet,
    cells::Cells,
    document::{Draft, moves_at},
    journal::Overwritten,
    late, ledger, proof, stock,
};
use crate::operation::Refusal;

/// Characters of a product's name in a reason: the reason fits its column.
const NAME_SHOWN: usize = 160;
/// Why a stored ticket may have been refused.
const REASONS: [&str; 6] =
    ["stock_insufficient", "document_mismatch", "not_permitted", "field_invalid", "key_reused", "storage_refused"];

pub(crate) fn weigh(working: &mut WorkingSet, draft: &mut Draft<'_>) -> Result<(), Stop> {
    if !proof::is_link(working, &SALE, draft.sent) {
        draft.flags.push("chain_broken");
    }
    if let Some(what) = proof::sale_mismatch(working, &draft.record) {
        return Err(store_reversed(working, draft, "document_mismatch", params! { what: what }));
    }
    let at = moves_at(&SALE, &draft.record);
    let (items, movements) = (Cells::of(&SALE, &draft.record, "items"), Cells::of(&SALE, &draft.record, "movements"));
    if let Some(shortage) = stock::shortage(working, &items, &movements, at) {
        let waits_for = working.on_the_way.of(draft);
        if !waits_for.is_empty() {
            return Err(Stop::Missing(waits_for));
        }
        let stock::Shortage { line, product, asked, available } = shortage;
        let product: String = product.chars().take(NAME_SHOWN).collect();
        let params = params! { product: product, asked: asked, available: available, line: line };
        return Err(store_reversed(working, draft, "stock_insufficient", params));
    }
    confirm(working, draft, at);
    Ok(())
}

fn confirm(working: &mut WorkingSet, draft: &mut Draft<'_>, at: i64) {
    let day = Date::of_instant(at);
    draft.record.set(&SALE, "state", "confirmed");
    let source = draft.record.clone();
    let (items, movements) = (Cells::of(&SALE, &source, "items"), Cells::of(&SALE, &source, "movements"));
    let withheld = |movement: &Cells<'_>| {
        let lot = working.row(PRODUCT_BATCH.name, movement.int("batch"));
        lot.is_some_and(|lot| stock::lot(lot).withheld(day).is_some())
    };
    if movements.iter().any(withheld) {
        draft.flags.push("lot_withheld");
    }
    ledger::apply(working, draft);
    let (transfers, short) = stock::reallocate(working, &items, &movements, at);
    if !short.is_empty() {
        draft.flags.push("lot_short");
    }
    for ((line, lot), delta) in &transfers {
        let Some(row) = transfer(working, &movements, *line, *lot, *delta) else { continue };
        working.move_stock(*lot, *delta, Some(at));
        draft.correct(working, row);
        ledger::recount_below_zero(working, draft.body, *lot);
    }
    short.iter().chain(&in_hand(working, &items, &movements, at)).for_each(|lot| {
        ledger::open_recount(working, draft.body, *lot);
    });
}

/// The lots of what was sold in hand, against the book: somebody looks what they hold, unless they were counted since.
fn in_hand(working: &WorkingSet, items: &[Cells<'_>], movements: &[Cells<'_>], at: i64) -> BTreeSet<i64> {
    let held: HashSet<i64> =
        items.iter().filter(|item| item.int("in_hand") == 1).map(|item| item.int("line")).collect();
    let taken = movements.iter().filter(|movement| held.contains(&movement.int("line")));
    taken.map(|movement| movement.int("batch")).filter(|lot| !late::counted_since(working, *lot, at)).collect()
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
pub(crate) fn store_reversed(
    working: &mut WorkingSet,
    draft: &mut Draft<'_>,
    code: &'static str,
    params: Params,
) -> Stop {
    if armed(Fault::ReversedLost) {
        return Stop::Refused(Refusal { code, params });
    }
    draft.void(working);
    let reason = serde_json::Value::Object(params.clone()).to_string();
    let mut record = draft.record.clone();
    record.set(&SALE, "state", "reversed").set(&SALE, "reason_code", code).set(&SALE, "reason_params", reason);
    record.set(&SALE, "flagged", !draft.flags.is_empty());
    let id = working.next_id();
    let rev = working.put(&SALE, id, record, PartsWrite::Insert);
    let (field, old, new) = ("state".to_owned(), Some("\"recorded\"".to_owned()), Some("\"reversed\"".to_owned()));
    let (kind, strategy) = ("reversal", "hub");
    working.log(draft.body, Overwritten { entity: SALE.name, row: id, rev, field, old, new, kind, strategy });
    Stop::Stored { refusal: Refusal { code, params }, id, rev }
}

/// Whether a stored sale was refused.
pub(crate) fn is_reversed(sale: &Record) -> bool {
    sale.get(&SALE, "state").text() == Some("reversed")
}

/// Why a stored sale was refused, if it was.
pub(crate) fn refusal_of(entity: &Entity, record: &Record) -> Option<Refusal> {
    let said = record.get(&SALE, "reason_code").text();
    let code = REASONS.into_iter().find(|code| said == Some(code)).unwrap_or("document_mismatch");
    let params = record.get(&SALE, "reason_params").text().and_then(|text| serde_json::from_str(text).ok());
    let refused = entity.name == SALE.name && is_reversed(record);
    refused.then(|| Refusal { code, params: params.unwrap_or_default() })
}

//! What turns out to have happened before a count: the goods were gone, or back, when the lot was counted. The document
//! keeps its movements; the stocktake takes them back in a later step and lists them, so that a lot still holds what was
//! counted and what has happened since.

use std::collections::{BTreeMap, BTreeSet};

use officine_protocol::{
    Uid,
    entities::STOCKTAKE,
    fault::{Fault, armed},
    hlc::Hlc,
};

use super::{Logged, PartsWrite, WorkingSet, clocks, document::Draft, ledger, stocktake, zones};
use crate::operation::Body;

/// The stocktakes that list something new: how many movements they had, who brought it, and why a person should look.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listed(BTreeMap<i64, Fresh>);

#[derive(Clone, Debug)]
struct Fresh {
    known: usize,
    user: Option<Uid>,
    hlc: Hlc,
    flags: BTreeSet<&'static str>,
}

/// Whether a lot was counted at that instant or since.
pub(crate) fn counted_since(working: &WorkingSet, lot: i64, at: i64) -> bool {
    working.lot_number(lot, "counted_at").is_some_and(|counted| at <= counted) && !armed(Fault::LateMoves)
}

/// Takes back what a document moved of a lot before its last count: on the stocktake, or on the document itself where
/// the stocktake has no room left.
pub(crate) fn settle(working: &mut WorkingSet, draft: &mut Draft<'_>, lot: i64, moved: i64) {
    if moved == 0 {
        return;
    }
    working.move_stock(lot, -moved, None);
    let reason = format!("{} {}", draft.body.entity.name, draft.body.uid);
    if !squared(working, draft.body, lot, -moved, Some(reason)) {
        draft.square(working, lot, moved, "late");
    }
}

/// A movement of a lot that the stocktake lists on which it stands. The book is moved by whoever asks. Says whether there
/// was one, with room for it.
pub(crate) fn squared(working: &mut WorkingSet, body: &Body, lot: i64, delta: i64, reason: Option<String>) -> bool {
    last_count(working, lot).is_some_and(|id| list(working, body, (id, lot), delta, "late", reason))
}

/// Where the clocks leave open whether a document came before the last count of a lot or after it, the stocktake lists it
/// and the lot is to be counted again.
pub(crate) fn doubt(working: &mut WorkingSet, draft: &mut Draft<'_>, lot: i64, at: i64, moved: i64) {
    let Some(id) = last_count(working, lot) else { return };
    let doubt = working.row(STOCKTAKE.name, id).and_then(|record| clocks::between(working, lot, record, at, moved));
    let Some(doubt) = doubt else { return };
    let holds = working.lot_number(lot, "quantity").unwrap_or(0);
    let reason = doubt.text(holds, Some((draft.body.entity.name, draft.body.uid)));
    list(working, draft.body, (id, lot), 0, clocks::FLAG, Some(reason));
    ledger::open_recount(working, draft.body, lot);
}

/// Where another zone of the lot was counted after boxes came in which count on top of it, its stocktake lists them, and
/// the lot is to be counted again.
pub(crate) fn came_between(working: &mut WorkingSet, draft: &mut Draft<'_>, lot: i64, at: i64, moved: i64) {
    let Some((id, between)) = zones::counted_after(working, lot, (at, moved)) else { return };
    let reason = between.text(Some((draft.body.entity.name, draft.body.uid)));
    list(working, draft.body, (id, lot), 0, zones::FLAG, Some(reason));
    ledger::open_recount(working, draft.body, lot);
}

/// The stocktake that a lot's quantity stands on.
fn last_count(working: &WorkingSet, lot: i64) -> Option<i64> {
    let counted = working.lot_number(lot, "counted_at")?;
    let stands = |(id, record)| {
        let counts = stocktake::counts(record, id).remove(&lot)?;
        counts.iter().any(|count| count.counted_at == counted).then_some(id)
    };
    working.rows(STOCKTAKE.name).filter_map(stands).min()
}

/// Adds a movement of a lot to a stocktake, one step further than those there are. Says whether there was room for it.
fn list(
    working: &mut WorkingSet,
    body: &Body,
    (stocktake, lot): (i64, i64),
    delta: i64,
    source: &'static str,
    reason: Option<String>,
) -> bool {
    let row = working.row(STOCKTAKE.name, stocktake).and_then(|record| {
        let line = stocktake::line_of(&stocktake::counts(record, stocktake).remove(&lot)?);
        ledger::squared(working, record, (line, lot), delta, source, reason)
    });
    let rows = working.row_mut(STOCKTAKE.name, stocktake).and_then(|record| record.part_mut(&STOCKTAKE, "movements"));
    let (Some(row), Some(rows)) = (row, rows) else { return false };
    rows.push(row);
    let known = rows.len() - 1;
    let (user, hlc) = (body.user, body.hlc);
    let listed = working.listed.0.entry(stocktake);
    listed.or_insert_with(|| Fresh { known, user, hlc, flags: BTreeSet::new() }).flags.insert(source);
    true
}

impl WorkingSet {
    /// Writes the stocktakes that list something new, each once, flagged.
    pub(crate) fn write_listed(&mut self) {
        for (id, Fresh { known, user, hlc, flags }) in std::mem::take(&mut self.listed.0) {
            let Some(mut record) = self.row(STOCKTAKE.name, id).cloned() else { continue };
            let fresh = record.get(&STOCKTAKE, "flagged").int() != Some(1);
            record.set(&STOCKTAKE, "flagged", true);
            let rev = self.put(&STOCKTAKE, id, record, PartsWrite::Extend(known));
            let (field, kind, strategy) = ("flagged".to_owned(), "flag", "hub");
            let (old, new) = (Some((!fresh).to_string()), Some(serde_json::json!(flags).to_string()));
            let entity = STOCKTAKE.name;
            let (at, doubtful, applied, row) = (self.hub_time(hlc.millis), false, true, id);
            let line = Logged { rev, entity, row, field, old, new, user, hlc, at, doubtful, kind, strategy, applied };
            self.changes.log.push(line);
        }
    }
}

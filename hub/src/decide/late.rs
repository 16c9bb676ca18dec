//! What turns out to have happened before a count: the goods were gone, or back, when the lot was counted. The document
//! keeps its movements; the stocktake takes them back in a later step and lists them, so that a lot still holds what was
//! counted and what has happened since.

use std::collections::BTreeMap;

use officine_protocol::{
    Uid,
    entities::{PRODUCT_BATCH, STOCKTAKE},
    fault::{Fault, armed},
    hlc::Hlc,
    schema::{Column, Kind},
    value::Value,
};

use super::{Logged, PartsWrite, WorkingSet, cells::Cells, document::Draft, stocktake};

/// The stocktakes that list something new: how many movements they had, and who brought it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listed(BTreeMap<i64, (usize, Option<Uid>, Hlc)>);

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
    let row = last_count(working, lot).and_then(|id| Some((id, row(working, draft, id, lot, moved)?)));
    let Some((stocktake, row)) = row else {
        draft.take_back(working, lot, "late");
        return;
    };
    let Some(record) = working.row_mut(STOCKTAKE.name, stocktake) else { return };
    let rows = record.part_mut(&STOCKTAKE, "movements");
    let known = rows.map_or(0, |rows| {
        rows.push(row);
        rows.len() - 1
    });
    working.listed.0.entry(stocktake).or_insert((known, draft.body.user, draft.body.hlc));
}

/// The stocktake that a lot's quantity stands on.
fn last_count(working: &WorkingSet, lot: i64) -> Option<i64> {
    let counted = working.lot_number(lot, "counted_at")?;
    let stands = |(id, record)| {
        let count = stocktake::counts(record).remove(&lot)?;
        (count.tally.as_of == counted).then_some(id)
    };
    working.rows(STOCKTAKE.name).filter_map(stands).min()
}

/// The movement that a stocktake lists, one step further than those there are for the lot.
fn row(working: &WorkingSet, draft: &Draft<'_>, stocktake: i64, lot: i64, moved: i64) -> Option<Vec<Value>> {
    let record = working.row(STOCKTAKE.name, stocktake)?;
    let part = STOCKTAKE.movements()?;
    let line = stocktake::counts(record).remove(&lot)?.line;
    let movements = Cells::of(&STOCKTAKE, record, "movements");
    let same = |movement: &&Cells<'_>| movement.int("line") == line && movement.int("batch") == lot;
    let step = movements.iter().filter(same).map(|movement| movement.int("step")).max().unwrap_or(0) + 1;
    let Kind::Int(_, last) = part.columns.get(part.column("step")?)?.kind else { return None };
    if step > last || movements.len() >= part.max_rows {
        return None;
    }
    let record = working.row(PRODUCT_BATCH.name, lot)?;
    let empty: Vec<Value> = part.columns.iter().map(Column::empty).collect();
    Some(Cells { part, row: &empty }.with(&[
        ("line", line.into()),
        ("step", step.into()),
        ("batch", lot.into()),
        ("delta", (-moved).into()),
        ("source", "late".into()),
        ("lot_number", record.get(&PRODUCT_BATCH, "lot_number").clone()),
        ("expiry", record.get(&PRODUCT_BATCH, "expiry").clone()),
        ("reason", format!("{} {}", draft.body.entity.name, draft.body.uid).into()),
    ]))
}

impl WorkingSet {
    /// Writes the stocktakes that list something new, each once, flagged.
    pub(crate) fn write_listed(&mut self) {
        for (id, (known, user, hlc)) in std::mem::take(&mut self.listed.0) {
            let Some(mut record) = self.row(STOCKTAKE.name, id).cloned() else { continue };
            let fresh = record.get(&STOCKTAKE, "flagged").int() != Some(1);
            record.set(&STOCKTAKE, "flagged", true);
            let rev = self.put(&STOCKTAKE, id, record, PartsWrite::Extend(known));
            let (field, kind, strategy) = ("flagged".to_owned(), "flag", "hub");
            let (old, new) = (Some((!fresh).to_string()), Some("[\"late\"]".to_owned()));
            let entity = STOCKTAKE.name;
            self.changes.log.push(Logged { rev, entity, row: id, field, old, new, user, hlc, kind, strategy });
        }
    }
}

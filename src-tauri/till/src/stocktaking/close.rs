//! A stocktake becomes a document: its counts, and the differences as of each count. One too long for the wire becomes
//! several, in the same transaction; a lot is never cut in two.

use officine_protocol::{
    Uid,
    entities::{STOCKTAKE, USER},
    limits::DOCUMENT_LINES,
    record::Record,
    value::Value,
};

use super::{
    draft::{self, Draft},
    tallies::{self, Tallied},
    view,
    zones::{self, Others},
};
use crate::{
    act::{Act, user_id},
    error::Result,
    refuse,
    store::rows::read_uid,
    views::StocktakeReport,
};

/// Closes the stocktake under way; `others` as in [`zones::complete`].
pub fn close(act: &mut Act<'_>, others: Others) -> Result<StocktakeReport> {
    let draft = draft::current(act.tx)?;
    let mut tallied = tallies::of(act.tx, draft::counts(act.tx, &draft)?)?;
    if tallied.is_empty() {
        return refuse!("stocktake_empty");
    }
    let user = act.user.map(|uid| user_id(act.tx, uid)).transpose()?.unwrap_or(draft.user);
    zones::complete(act.tx, &draft, &mut tallied, others, user)?;
    let mut documents = Vec::new();
    for lots in documents_of(&tallied) {
        let uid = if documents.is_empty() { draft.uid } else { act.mint() };
        record(act, &draft, uid, lots)?;
        documents.push(uid.to_string());
    }
    draft::delete(act.tx, &draft)?;
    let (cost_missing, cost_found) = view::costs(&tallied);
    Ok(StocktakeReport {
        documents,
        lots: tallied.len() as u32,
        differing: tallied.iter().filter(|lot| lot.difference() != 0).count() as u32,
        overtaken: tallied.iter().filter(|lot| lot.overtaken()).count() as u32,
        cost_missing: Some(cost_missing),
        cost_found: Some(cost_found),
    })
}

/// The lots of each document: as many as its counts leave room for.
fn documents_of(mut tallied: &[Tallied]) -> Vec<&[Tallied]> {
    let mut documents = Vec::new();
    while !tallied.is_empty() {
        let mut lines = 0;
        let fitting = tallied.iter().take_while(|lot| {
            lines += lot.counts.len();
            lines <= DOCUMENT_LINES
        });
        let (document, rest) = tallied.split_at(fitting.count().max(1));
        documents.push(document);
        tallied = rest;
    }
    documents
}

fn record(act: &mut Act<'_>, draft: &Draft, uid: Uid, lots: &[Tallied]) -> Result<()> {
    let (mut counts, mut movements) = (Vec::new(), Vec::new());
    for lot in lots {
        let line = counts.len() as i64 + 1;
        for count in &lot.counts {
            counts.push(vec![
                Value::Int(counts.len() as i64 + 1),
                lot.lot.uid().into(),
                count.zone.as_str().into(),
                count.counted.into(),
                count.counted_at.into(),
                person(act, count.user)?.into(),
                lot.complete.into(),
            ]);
        }
        if lot.difference() != 0 {
            movements.push(lot.lot.movement(line, lot.difference(), "count").values());
        }
    }
    let mut document = Record::new(&STOCKTAKE, uid, act.now);
    document.set(&STOCKTAKE, "user", act.user).set(&STOCKTAKE, "started_at", draft.started_at);
    document.set(&STOCKTAKE, "occurred_at", act.now).set(&STOCKTAKE, "note", draft.note.as_str());
    document.parts = vec![counts, movements];
    act.create(&STOCKTAKE, &mut document).map(|_| ())
}

fn person(act: &Act<'_>, id: i64) -> Result<Uid> {
    let sql = format!("SELECT uid FROM \"{}\" WHERE id = ?1", USER.table);
    Ok(act.tx.prepare_cached(&sql)?.query_row([id], |row| read_uid(row, 0))?)
}

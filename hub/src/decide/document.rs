//! The one path of documents: numbered, weighed by what their kind asks, applied to the ledger, flagged where a person
//! should look, stored. A document is refused only for what it is by itself, and a sale for stock; one that bears a number
//! is stored all the same, and moves nothing.

use officine_protocol::{
    entities::{SALE, SALE_RETURN, SALE_SETTLEMENT, STOCK_ADJUSTMENT, STOCKTAKE},
    ledger::opposites,
    messages::{Corrections, Outcome},
    params,
    record::Record,
    schema::Entity,
    value::Value,
};

use super::{
    PartsWrite, Stop, WorkingSet,
    cells::Cells,
    credit,
    journal::{Overwritten, wire_row},
    ledger, returns,
    rows::accepted,
    sale, settlement, stock, stocktake,
};
use crate::operation::{Body, Refusal};

/// A document on its way into the books.
pub(crate) struct Draft<'a> {
    pub body: &'a Body,
    /// As it was sent, its references still uids.
    pub sent: &'a Record,
    /// As it will be stored.
    pub record: Record,
    /// What the till is told.
    pub corrections: Corrections,
    /// Why a person should look at it.
    pub flags: Vec<&'static str>,
}

/// Takes a document into the books; `refused` is why it is one that bears a number and moves nothing. So are stored, and
/// settled like any other: what `stock_insufficient`, `document_mismatch`, `not_permitted`, `field_invalid`, `key_reused`
/// and `storage_refused` tell of a ticket. Of a number taken, another till's series, a uid known as something else, or
/// what names no ticket, nothing can be stored: its till closes by itself what is decided on it.
pub(crate) fn create(
    working: &mut WorkingSet,
    (body, sent): (&Body, &Record),
    record: Record,
    corrections: Corrections,
    refused: Option<Refusal>,
) -> Result<Outcome, Stop> {
    let mut draft = Draft { body, sent, record, corrections, flags: Vec::new() };
    numbered(working, &draft)?;
    if let Some(refusal) = refused {
        return Err(void(working, draft, refusal));
    }
    match body.entity.name {
        name if name == SALE.name => sale::weigh(working, &mut draft)?,
        name if name == SALE_RETURN.name => returns::weigh(working, &mut draft),
        name if name == SALE_SETTLEMENT.name => settlement::weigh(working, &mut draft),
        name if name == STOCKTAKE.name => stocktake::weigh(working, &mut draft)?,
        _ => plain(working, &mut draft)?,
    }
    credit::weigh(working, &mut draft);
    Ok(draft.store(working))
}

/// What somebody recorded who may not is no hole in the numbers: it is stored, and moves nothing.
fn void(working: &mut WorkingSet, mut draft: Draft<'_>, refusal: Refusal) -> Stop {
    match draft.body.entity.name {
        name if name == SALE.name => return sale::store_reversed(working, &mut draft, refusal.code, refusal.params),
        name if name == SALE_SETTLEMENT.name => settlement::refuse(working, &mut draft, refusal.code),
        _ => {
            draft.flags.push(refusal.code);
            draft.void(working);
        }
    }
    credit::weigh(working, &mut draft);
    match draft.store(working) {
        Outcome::Accepted { server_id, rev, .. } => Stop::Stored { refusal, id: server_id, rev },
        _ => Stop::Refused(refusal),
    }
}

/// A ticket bears the next number of its till's series, whatever its kind.
fn numbered(working: &WorkingSet, draft: &Draft<'_>) -> Result<(), Stop> {
    let entity = draft.body.entity;
    let int = |name| draft.record.get(entity, name).int().unwrap_or(0);
    let (series, number) = (int("series"), int("number"));
    match entity.numbered() {
        true if series != working.device.series => Err(mismatch("series")),
        true if working.number_taken(series, number) => {
            Err(Stop::refuse("number_taken", params! { series: series, number: number }))
        }
        _ => Ok(()),
    }
}

/// What does not add up, by name.
pub(crate) fn mismatch(what: &'static str) -> Stop {
    Stop::refuse("document_mismatch", params! { what: what })
}

/// A document that moves stock without more ado, or moves none.
fn plain(working: &mut WorkingSet, draft: &mut Draft<'_>) -> Result<(), Stop> {
    let entity = draft.body.entity;
    let movements = Cells::of(entity, &draft.record, "movements");
    if movements.iter().any(|movement| movement.int("step") != 0) {
        return Err(mismatch("movements"));
    }
    let transfers = entity.name == STOCK_ADJUSTMENT.name && draft.record.get(entity, "kind").text() == Some("transfer");
    if transfers && !stock::products_balance(working, &movements) {
        return Err(mismatch("transfer"));
    }
    if !stock::stays_in_bounds(working, &movements) {
        return Err(Stop::invalid("delta", "out of range"));
    }
    ledger::apply(working, draft);
    Ok(())
}

/// The instant from which what a document moves counts: when it happened, unless the declaration says otherwise.
pub(crate) fn moves_at(entity: &Entity, record: &Record) -> i64 {
    record.get(entity, entity.moves_at).int().unwrap_or(0)
}

impl Draft<'_> {
    /// A movement of a later step, born here: the till is told.
    pub(crate) fn correct(&mut self, working: &WorkingSet, row: Vec<Value>) {
        let entity = self.body.entity;
        let part = entity.movements();
        self.corrections.movements.extend(part.map(|part| wire_row(working, part, &row)));
        self.record.part_mut(entity, "movements").into_iter().for_each(|rows| rows.push(row.clone()));
    }

    /// The document's own movements of a lot, taken back by its next step. The book is moved by whoever asks.
    pub(crate) fn take_back(&mut self, working: &WorkingSet, lot: i64, source: &'static str) {
        let entity = self.body.entity;
        let own = Cells::own_movements(entity, &self.record);
        let of_lot = own.iter().filter(|movement| movement.int("batch") == lot);
        let own: Vec<_> = of_lot.map(|movement| movement.row.to_vec()).collect();
        let undone = entity.movements().map(|part| opposites(part, &own, source));
        undone.into_iter().flatten().for_each(|row| self.correct(working, row));
    }

    /// What the document moved of a lot, taken back at the first step that is free.
    pub(crate) fn square(&mut self, working: &WorkingSet, lot: i64, moved: i64, source: &'static str) {
        let movements = Cells::of(self.body.entity, &self.record, "movements");
        let Some(last) = movements.iter().rev().find(|movement| movement.int("batch") == lot) else { return };
        let step = self.next_step(last.int("line"), lot);
        let (delta, source) = (moved.saturating_neg().into(), source.into());
        let row = last.with(&[("step", step.into()), ("delta", delta), ("source", source), ("cost", Value::Null)]);
        self.correct(working, row);
    }

    /// The first step at which a line of the document has not moved a lot, after its own.
    pub(crate) fn next_step(&self, line: i64, lot: i64) -> i64 {
        let movements = Cells::of(self.body.entity, &self.record, "movements");
        let same = movements.iter().filter(|movement| movement.int("line") == line && movement.int("batch") == lot);
        same.map(|movement| movement.int("step")).max().unwrap_or(0) + 1
    }

    /// Leaves the stock as it is: every movement is taken back.
    pub(crate) fn void(&mut self, working: &WorkingSet) {
        let entity = self.body.entity;
        let own: Vec<_> =
            Cells::own_movements(entity, &self.record).iter().map(|movement| movement.row.to_vec()).collect();
        let undone = entity.movements().map(|part| opposites(part, &own, "reversal"));
        self.record.part_mut(entity, "movements").into_iter().for_each(|rows| rows.clone_from(&own));
        undone.into_iter().flatten().for_each(|row| self.correct(working, row));
    }

    fn store(mut self, working: &mut WorkingSet) -> Outcome {
        let entity = self.body.entity;
        self.flags.dedup();
        if !self.flags.is_empty() && entity.column("flagged").is_some() {
            self.record.set(entity, "flagged", true);
        }
        let row = working.next_id();
        let rev = working.put(entity, row, self.record, PartsWrite::Insert);
        if !self.flags.is_empty() {
            let (field, old) = ("flagged".to_owned(), Some("false".to_owned()));
            let new = Some(serde_json::json!(self.flags).to_string());
            let (kind, strategy) = ("flag", "hub");
            working.log(self.body, Overwritten { entity: entity.name, row, rev, field, old, new, kind, strategy });
        }
        accepted(row, rev, self.corrections)
    }
}

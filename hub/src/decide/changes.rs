//! What a decided batch writes: whole rows, parts, deltas of stock, aliases, log lines, answers.

use std::collections::BTreeMap;

use officine_protocol::{
    Uid,
    hlc::Hlc,
    messages::Verdict,
    record::Record,
    schema::{Class, Column, Entity},
    value::Value,
};

use super::{Answered, Joined};

/// More parts no entity has.
pub const PARTS: usize = 4;

/// What becomes of a row's parts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PartsWrite {
    /// They stay.
    Keep,
    /// The row is new: they are added.
    Insert,
    /// They are replaced whole.
    Replace,
    /// Rows of the ledger from this place on are new; the rest stays.
    Extend(usize),
    /// The row is new, and rows of its parts may have been left here: those that are not are added.
    Mend,
    /// Of each part, rows from that place on are new; the rest stays.
    Fill([usize; PARTS]),
    /// Those of a document that was altered by hand are removed whole, by leave of the tables' owner, and added as they were.
    Recast,
}

/// A row to be written. Its references hold server ids.
#[derive(Clone, Debug)]
pub struct Written {
    /// The row as it is to be.
    pub record: Record,
    /// Its parts.
    pub parts: PartsWrite,
}

/// A row of which values that are written once were altered by hand, and what stands there now.
#[derive(Clone, Debug)]
pub struct Corrected {
    /// Entity of the row.
    pub entity: &'static Entity,
    /// The row.
    pub row: i64,
    /// The values.
    pub values: Vec<(&'static Column, Value)>,
}

impl Corrected {
    /// The row with those of its values that are written once and are not what stands there.
    pub(crate) fn of(entity: &'static Entity, row: i64, (here, right): (&Record, &Record)) -> Option<Self> {
        let columns = entity.columns.iter().zip(here.values.iter().zip(&right.values));
        let altered = columns.filter(|(column, (old, new))| column.class == Class::Immutable && old != new);
        let values: Vec<_> = altered.map(|(column, (_, new))| (column, new.clone())).collect();
        (!values.is_empty()).then_some(Self { entity, row, values })
    }
}

/// A line of the change log. Secrets are never in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// The row's revision with the new value.
    pub rev: i64,
    /// Entity.
    pub entity: &'static str,
    /// Server id.
    pub row: i64,
    /// Column or part, as on the wire.
    pub field: String,
    /// JSON of the value overwritten.
    pub old: Option<String>,
    /// JSON of the value written.
    pub new: Option<String>,
    /// Who; absent for the device itself.
    pub user: Option<Uid>,
    /// When, in the till's hybrid time.
    pub hlc: Hlc,
    /// When, in the hub's time.
    pub at: i64,
    /// The till's clock was not to be trusted.
    pub doubtful: bool,
    /// `edit`, `archive`, `conflict`, `resolution`, `stock`, `flag`, `merge`, `twin`, `reversal`, `settlement`,
    /// `restore`, `repair`.
    pub kind: &'static str,
    /// What decided, by its word in the settings; `none` where nothing met; `hub`; for twins, `proposed`; of a
    /// resolution, how the person settled.
    pub strategy: &'static str,
    /// The new value is written; otherwise the old one was sent and never stood in the row.
    pub applied: bool,
}

/// An answer to be kept under its idempotency key.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The key.
    pub key: Uid,
    /// What is kept.
    pub answered: Answered,
}

/// All that a batch writes, and what is answered. Written whole or not at all.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Rows by entity and server id.
    pub rows: BTreeMap<&'static str, BTreeMap<i64, Written>>,
    /// What is added to the quantity of lots, by server id.
    pub deltas: BTreeMap<i64, i64>,
    /// Uids that name a row born under another: entity, alias, server id.
    pub aliases: Vec<(&'static str, Uid, i64)>,
    /// Rows of which values that are written once were altered by hand.
    pub corrected: Vec<Corrected>,
    /// Rows that are one, in the order in which they were found to be.
    pub joins: Vec<Joined>,
    /// The change log.
    pub log: Vec<Logged>,
    /// Answers to keep.
    pub answers: Vec<Answer>,
    /// Answers to give.
    pub verdicts: Vec<Verdict>,
    /// The pharmacy's revision afterwards.
    pub revision: i64,
    /// The next free server id's counter.
    pub next_id: i64,
}

impl Changes {
    /// Adds what was decided after it on the same rows, to be written at once. The journal stays with each device.
    pub(crate) fn absorb(&mut self, later: &mut Self) {
        let Self { rows, deltas, aliases, corrected, joins, log: _, answers: _, verdicts: _, revision, next_id } =
            later;
        for (entity, rows) in std::mem::take(rows) {
            rows.into_iter().for_each(|(id, Written { record, parts })| self.put(entity, id, record, parts));
        }
        deltas.iter().for_each(|(lot, delta)| *self.deltas.entry(*lot).or_default() += delta);
        self.aliases.append(aliases);
        self.corrected.append(corrected);
        self.joins.append(joins);
        (self.revision, self.next_id) = (*revision, *next_id);
    }

    /// Adds a row; what was decided for it before in the same batch is written with it.
    pub(crate) fn put(&mut self, entity: &'static str, id: i64, record: Record, parts: PartsWrite) {
        let rows = self.rows.entry(entity).or_default();
        let parts = match (rows.get(&id).map(|written| written.parts), parts) {
            (Some(born @ (PartsWrite::Insert | PartsWrite::Mend)), _) => born,
            (
                Some(before @ (PartsWrite::Replace | PartsWrite::Extend(_) | PartsWrite::Fill(_) | PartsWrite::Recast)),
                PartsWrite::Keep | PartsWrite::Extend(_),
            ) => before,
            (_, parts) => parts,
        };
        rows.insert(id, Written { record, parts });
    }
}

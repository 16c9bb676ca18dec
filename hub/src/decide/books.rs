//! What the books say beyond the rows a batch names: what has moved since an instant, what was counted, who owes how much,
//! which payment references were borne before. What the batch itself writes is noted as it goes.

use std::collections::{HashMap, HashSet};

use officine_protocol::{
    Uid,
    entities::{CUSTOMER, PRODUCT_BATCH},
    schema::Entity,
    tally::Count,
};

/// What a document moved of a lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// When.
    pub at: i64,
    /// Base units.
    pub delta: i64,
    /// The till it happened at, where the document says so: its series, and how far ahead of the hub's its clock is.
    pub till: Option<(i64, i64)>,
}

/// A count of a lot in a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Zone.
    pub zone: String,
    /// Base units.
    pub counted: i64,
    /// When: never later than its stocktake.
    pub counted_at: i64,
    /// No other zone held some.
    pub complete: bool,
    /// Its stocktake: the server id.
    pub document: i64,
    /// Its line.
    pub line: i64,
}

impl Counted {
    fn rule_view(&self) -> Count<'_> {
        let Self { zone, counted, counted_at, complete, document, line } = self;
        let (counted, counted_at, complete) = (*counted, *counted_at, *complete);
        Count { zone, counted, counted_at, complete, document: *document, line: *line }
    }
}

impl From<Count<'_>> for Counted {
    fn from(count: Count<'_>) -> Self {
        let Count { zone, counted, counted_at, complete, document, line } = count;
        Self { zone: zone.to_owned(), counted, counted_at, complete, document, line }
    }
}

/// Loaded for a batch, and kept up with it.
#[derive(Clone, Debug, Default)]
pub struct Books {
    moved: HashMap<i64, Vec<Moved>>,
    counts: HashMap<i64, Vec<Counted>>,
    owed: HashMap<i64, i64>,
    paid: HashMap<(String, String), HashSet<Uid>>,
}

impl Books {
    /// A lot has moved.
    pub fn moved(&mut self, lot: i64, moved: Moved) {
        self.moved.entry(lot).or_default().push(moved);
    }

    /// What has moved of a lot. Reaches back to the earliest count of the batch, and as far as clocks are apart before it.
    pub(crate) fn movements(&self, lot: i64) -> impl Iterator<Item = &Moved> {
        self.moved.get(&lot).into_iter().flatten()
    }

    /// How much a lot has moved after an instant.
    pub(crate) fn since(&self, lot: i64, at: i64) -> i64 {
        let later = self.movements(lot).filter(|moved| moved.at > at);
        later.map(|moved| moved.delta).fold(0, i64::saturating_add)
    }

    /// A lot was counted.
    pub fn counted(&mut self, lot: i64, count: Counted) {
        self.counts.entry(lot).or_default().push(count);
    }

    /// The counts of a lot that was counted in this batch: those that may be in force.
    pub(crate) fn counts(&self, lot: i64) -> impl Iterator<Item = Count<'_>> + Clone {
        self.counts.get(&lot).into_iter().flatten().map(Counted::rule_view)
    }

    /// Two rows are one: what was moved, counted or owed of the one is of the other.
    pub(crate) fn join(&mut self, entity: &Entity, loser: i64, winner: i64) {
        if entity.name == PRODUCT_BATCH.name {
            let moved = self.moved.remove(&loser).into_iter().flatten();
            self.moved.entry(winner).or_default().extend(moved);
            let counts = self.counts.remove(&loser).into_iter().flatten();
            self.counts.entry(winner).or_default().extend(counts);
        }
        if entity.name == CUSTOMER.name
            && let Some(owed) = self.owed.remove(&loser)
        {
            self.owe(winner, owed);
        }
    }

    /// A customer owes so much more.
    pub fn owe(&mut self, customer: i64, amount: i64) {
        let owed = self.owed.entry(customer).or_default();
        *owed = owed.saturating_add(amount);
    }

    /// What a customer owes; below zero is an advance.
    pub(crate) fn owed(&self, customer: i64) -> i64 {
        self.owed.get(&customer).copied().unwrap_or(0)
    }

    /// A document bears a payment reference. Says whether another one bore it before.
    pub fn pay(&mut self, means: &str, reference: &str, document: Uid) -> bool {
        let bearers = self.paid.entry((means.to_owned(), reference.to_owned())).or_default();
        bearers.insert(document);
        bearers.len() > 1
    }

    /// A document bears a payment reference no more.
    pub(crate) fn unpay(&mut self, means: &str, reference: &str, document: Uid) {
        if let Some(bearers) = self.paid.get_mut(&(means.to_owned(), reference.to_owned())) {
            bearers.remove(&document);
        }
    }
}

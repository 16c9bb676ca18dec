//! What the books say beyond the rows a batch names: what has moved since an instant, who owes how much, which payment
//! references were borne before. What the batch itself writes is noted as it goes.

use std::collections::{HashMap, HashSet};

use officine_protocol::Uid;

/// Loaded for a batch, and kept up with it.
#[derive(Clone, Debug, Default)]
pub struct Books {
    moved: HashMap<i64, Vec<(i64, i64)>>,
    owed: HashMap<i64, i64>,
    paid: HashMap<(String, String), HashSet<Uid>>,
}

impl Books {
    /// A lot has moved by so much at that instant.
    pub fn moved(&mut self, lot: i64, at: i64, delta: i64) {
        self.moved.entry(lot).or_default().push((at, delta));
    }

    /// How much a lot has moved after an instant. Reaches back to the earliest count of the batch.
    pub(crate) fn since(&self, lot: i64, at: i64) -> i64 {
        let moved = self.moved.get(&lot).into_iter().flatten();
        moved.filter(|(when, _)| *when > at).map(|(_, delta)| *delta).fold(0, i64::saturating_add)
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

//! Answers already given, whole or what is left of them.

use officine_protocol::messages::Outcome;

use crate::secrets::Hash;

/// The stored answer to an operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// Device sequence.
    pub seq: i64,
    /// Hash of the frozen bytes it answered.
    pub hash: Hash,
    /// The answer.
    pub outcome: Outcome,
}

/// What is left of an answer when it is pruned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The first bytes of the hash it answered.
    pub short_hash: [u8; 8],
    /// The operation was applied.
    pub accepted: bool,
}

impl Trace {
    /// Whether it is of the operation with this hash.
    pub fn is_of(&self, hash: &Hash) -> bool {
        hash.starts_with(&self.short_hash)
    }
}

/// What would be left of it.
pub(crate) fn trace(answered: &Answered) -> Trace {
    let mut short_hash = [0; 8];
    short_hash.copy_from_slice(&answered.hash[..8]);
    Trace { short_hash, accepted: matches!(answered.outcome, Outcome::Accepted { .. }) }
}

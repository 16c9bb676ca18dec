//! How much a request holds: less after one that was not answered, more after one that was, little on a poor link.

use officine_protocol::limits::{PUSH_BYTES, PUSH_OPERATIONS};

use crate::views::Network;

/// Fewer operations are never asked for because of the link.
const LEAST: usize = 25;
/// Operations and bytes of a request on a poor link.
const POOR: (usize, usize) = (100, 128 << 10);

/// The operations that the last answers allow.
#[derive(Debug)]
pub struct Bounds(usize);

impl Default for Bounds {
    fn default() -> Self {
        Self(PUSH_OPERATIONS)
    }
}

impl Bounds {
    /// Operations and bytes of the next request.
    pub fn next(&self, network: Network) -> (usize, usize) {
        let (most, bytes) = match network {
            Network::Poor | Network::Offline => POOR,
            Network::Unknown | Network::Good | Network::Excellent => (PUSH_OPERATIONS, PUSH_BYTES / 2),
        };
        (most.min(self.0), bytes)
    }

    /// A request was answered.
    pub fn answered(&mut self) {
        self.0 = (self.0 * 2).min(PUSH_OPERATIONS);
    }

    /// A request of so many operations was not.
    pub fn unanswered(&mut self, sent: usize) {
        self.0 = (self.0.min(sent) / 2).max(LEAST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_answered_is_asked_for_in_smaller_pieces_until_answers_come() {
        let mut bounds = Bounds::default();
        assert_eq!(bounds.next(Network::Good), (PUSH_OPERATIONS, PUSH_BYTES / 2));
        bounds.unanswered(PUSH_OPERATIONS);
        bounds.unanswered(PUSH_OPERATIONS);
        assert_eq!(bounds.next(Network::Good).0, PUSH_OPERATIONS / 4);
        assert_eq!(bounds.next(Network::Poor), POOR, "a poor link bounds the bytes too");
        (0..9).for_each(|_| bounds.unanswered(1));
        assert_eq!(bounds.next(Network::Poor).0, LEAST);
        (0..9).for_each(|_| bounds.answered());
        assert_eq!(bounds.next(Network::Excellent).0, PUSH_OPERATIONS);
    }
}

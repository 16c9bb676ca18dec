//! How much a request holds or asks for: less after one that was not answered, more after one that was, little on a poor
//! link.

use officine_protocol::limits::{PULL_ROWS, PUSH_BYTES, PUSH_OPERATIONS};

use crate::views::Network;

/// Operations and bytes of a push, and rows of a page, on a poor link.
const POOR: (usize, usize) = (100, 128 << 10);
const POOR_ROWS: usize = 200;

/// So much of something as the last answers allow.
#[derive(Debug)]
pub struct Bound {
    now: usize,
    /// Less is never asked for because of the link.
    least: usize,
    most: usize,
}

impl Bound {
    fn between(least: usize, most: usize) -> Self {
        Self { now: most, least, most }
    }

    /// A request was answered.
    pub fn answered(&mut self) {
        self.now = (self.now * 2).min(self.most);
    }

    /// A request of so much was not.
    pub fn unanswered(&mut self, asked: usize) {
        self.now = (self.now.min(asked) / 2).max(self.least);
    }
}

/// The bounds of both ways.
#[derive(Debug)]
pub struct Bounds {
    /// Operations of a push.
    pub operations: Bound,
    /// Rows of a page.
    pub rows: Bound,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { operations: Bound::between(25, PUSH_OPERATIONS), rows: Bound::between(50, PULL_ROWS) }
    }
}

impl Bounds {
    /// Operations and bytes of the next push.
    pub fn push(&self, network: Network) -> (usize, usize) {
        let (most, bytes) = if is_poor(network) { POOR } else { (PUSH_OPERATIONS, PUSH_BYTES / 2) };
        (most.min(self.operations.now), bytes)
    }

    /// Rows of the next page.
    pub fn page(&self, network: Network) -> usize {
        let most = if is_poor(network) { POOR_ROWS } else { PULL_ROWS };
        most.min(self.rows.now)
    }
}

fn is_poor(network: Network) -> bool {
    matches!(network, Network::Poor | Network::Offline)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_answered_is_asked_for_in_smaller_pieces_until_answers_come() {
        let mut bounds = Bounds::default();
        assert_eq!(bounds.push(Network::Good), (PUSH_OPERATIONS, PUSH_BYTES / 2));
        bounds.operations.unanswered(PUSH_OPERATIONS);
        bounds.operations.unanswered(PUSH_OPERATIONS);
        assert_eq!(bounds.push(Network::Good).0, PUSH_OPERATIONS / 4);
        assert_eq!(bounds.push(Network::Poor), POOR, "a poor link bounds the bytes too");
        assert_eq!((bounds.page(Network::Good), bounds.page(Network::Poor)), (PULL_ROWS, POOR_ROWS));
        (0..9).for_each(|_| bounds.operations.unanswered(1));
        (0..9).for_each(|_| bounds.rows.unanswered(PULL_ROWS));
        assert_eq!((bounds.push(Network::Poor).0, bounds.page(Network::Poor)), (25, 50));
        (0..9).for_each(|_| bounds.operations.answered());
        (0..9).for_each(|_| bounds.rows.answered());
        assert_eq!((bounds.push(Network::Excellent).0, bounds.page(Network::Excellent)), (PUSH_OPERATIONS, PULL_ROWS));
    }
}

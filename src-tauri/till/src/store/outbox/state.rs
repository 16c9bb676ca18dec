//! How far an operation got, and how the window calls it.

/// How far an operation got.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(i64)]
pub enum State {
    /// Not sent yet, or to be sent again.
    Waiting = 0,
    /// Sent, not answered.
    Sent = 1,
    /// The hub lacks what it refers to.
    Deferred = 2,
    /// Waits for a person.
    Blocked = 3,
    /// Refused, to be decided.
    Rejected = 4,
    /// Done with.
    Settled = 5,
}

/// Every state and its name in the window's contract.
pub const STATES: [(State, &str); 6] = [
    (State::Waiting, "waiting"),
    (State::Sent, "sent"),
    (State::Deferred, "deferred"),
    (State::Blocked, "blocked"),
    (State::Rejected, "rejected"),
    (State::Settled, "settled"),
];

impl State {
    /// Its name.
    pub fn name(self) -> &'static str {
        STATES[self as usize].1
    }

    /// The state a table holds.
    pub fn from_number(number: i64) -> Self {
        STATES.iter().find(|(state, _)| *state as i64 == number).map_or(Self::Waiting, |(state, _)| *state)
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        STATES.iter().find(|(_, known)| *known == name).map(|(state, _)| *state)
    }
}

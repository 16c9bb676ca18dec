//! Time and randomness come from outside, so that one seed replays a whole shop.

use crate::Uid;

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// Unix milliseconds, as this machine believes them to be.
    fn now(&self) -> i64;

    /// Milliseconds since some moment, by what nobody can set: it goes on while the machine sleeps. None where it cannot
    /// be said.
    fn steady(&self) -> Option<i64> {
        None
    }
}

/// Where randomness comes from.
pub trait Entropy: Send + Sync {
    /// Fills the buffer with unpredictable bytes.
    fn fill(&self, buffer: &mut [u8]);
}

/// Mints the name of a row: a UUIDv7 from the injected clock and randomness.
pub fn mint(clock: &dyn Clock, entropy: &dyn Entropy) -> Uid {
    let mut random = [0; 10];
    entropy.fill(&mut random);
    let millis = u64::try_from(clock.now()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

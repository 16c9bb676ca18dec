//! A brake on guessing: so many wrong enrolment codes per minute, over the whole hub.

use std::sync::{Mutex, PoisonError};

const WINDOW_MS: i64 = 60_000;
const WRONG_CODES: u32 = 10;

/// Counts wrong codes in the running minute.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<(i64, u32)>);

impl Throttle {
    /// Whether another try is allowed now.
    pub fn allows(&self, now: i64) -> bool {
        let (since, wrong) = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        !(since..since + WINDOW_MS).contains(&now) || wrong < WRONG_CODES
    }

    /// Notes a wrong code.
    pub fn wrong(&self, now: i64) {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !(window.0..window.0 + WINDOW_MS).contains(&now) {
            *window = (now, 0);
        }
        window.1 += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_ten_wrong_codes_one_waits_for_the_next_minute() {
        let throttle = Throttle::default();
        (0..10).for_each(|_| throttle.wrong(100_000));
        assert!(!throttle.allows(130_000));
        assert!(throttle.allows(160_000));
    }
}

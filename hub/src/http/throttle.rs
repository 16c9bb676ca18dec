//! A brake on guessing: so many wrong enrolment codes per minute, over the whole hub.

use std::sync::{Mutex, PoisonError};

const WINDOW_MS: i64 = 60_000;
const WRONG_CODES: u32 = 10;

/// Counts wrong codes in the running minute.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<(i64, u32)>);

impl Throttle {
    /// Seconds until another try is allowed; `None` where it is allowed now.
    pub fn closed_for(&self, now: i64) -> Option<i64> {
        let (since, wrong) = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let end = since + WINDOW_MS;
        ((since..end).contains(&now) && wrong >= WRONG_CODES).then(|| (end - now) / 1000 + 1)
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
        assert_eq!(throttle.closed_for(130_000), Some(31));
        assert_eq!(throttle.closed_for(160_000), None);
    }
}

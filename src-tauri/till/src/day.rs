//! Midnight, and every other way a day becomes another: a machine that slept, a clock set right. What may be sold is
//! judged by the day at each call; this is for the window, which shows what an earlier day answered.

use std::{
    sync::{Arc, atomic::Ordering},
    thread::{self, JoinHandle},
    time::Duration,
};

use crate::{engine::Till, error::Result, views::Topic};

/// Short, because a machine that sleeps does not count the time: it looks again soon after it wakes.
const PACE: Duration = Duration::from_secs(1);

impl Till {
    /// Looks at the day. Where it is not the day of the last look, forwards or backwards, whatever depends on it is told
    /// to be stale.
    pub fn look_at_day(&self) -> bool {
        let today = self.today().number();
        let before = self.day.swap(today, Ordering::SeqCst);
        if before != today {
            tracing::info!(before, today, "the day changed");
            self.changed(&[Topic::Cart, Topic::Sales, Topic::Stock, Topic::Sync]);
        }
        before != today
    }

    /// Starts looking. It ends when the till is dropped.
    pub fn watch_day(self: &Arc<Self>) -> Result<JoinHandle<()>> {
        let till = Arc::downgrade(self);
        let look = move || {
            while let Some(till) = till.upgrade() {
                till.look_at_day();
                drop(till);
                thread::sleep(PACE);
            }
        };
        Ok(thread::Builder::new().name("day".to_owned()).spawn(look)?)
    }
}

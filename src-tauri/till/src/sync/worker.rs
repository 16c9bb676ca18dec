//! The background worker: it waits for triggers, lets them coalesce, and runs.

use std::{
    sync::{Arc, Weak, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use super::shared::{Trigger, lock};
use crate::{
    engine::Till,
    error::Result,
    views::{Network, Notice, Topic},
};

const DEBOUNCE: Duration = Duration::from_secs(3);
const BACKGROUND: Duration = Duration::from_secs(60);
const FIRST_RETRY: Duration = Duration::from_secs(2);

impl Till {
    /// Starts the worker. It ends when the till is dropped.
    pub fn start_sync(self: &Arc<Self>) -> Result<JoinHandle<()>> {
        let (wake, triggers) = mpsc::channel();
        *lock(&self.sync.wake) = Some(wake);
        let till = Arc::downgrade(self);
        Ok(thread::Builder::new().name("sync".to_owned()).spawn(move || work(&till, &triggers))?)
    }

    /// Asks for a run; answers at once.
    pub fn trigger(&self, trigger: Trigger) {
        if let Some(wake) = lock(&self.sync.wake).as_ref() {
            let _ = wake.send(trigger);
        }
    }
}

fn work(till: &Weak<Till>, triggers: &mpsc::Receiver<Trigger>) {
    let mut failures: u32 = 0;
    let mut wait = Duration::ZERO;
    loop {
        let trigger = match triggers.recv_timeout(wait) {
            Ok(trigger) => coalesce(trigger, triggers),
            Err(mpsc::RecvTimeoutError::Timeout) if failures > 0 => Trigger::Reconnect,
            Err(mpsc::RecvTimeoutError::Timeout) => Trigger::Background,
            Err(mpsc::RecvTimeoutError::Disconnected) => return,
        };
        let Some(till) = till.upgrade() else { return };
        if run(&till, trigger) {
            failures = 0;
            wait = BACKGROUND;
        } else {
            failures += 1;
            wait = backoff(&till, failures);
        }
    }
}

/// Lets triggers that come together become one run: at once for a sale, after a pause for the rest.
fn coalesce(first: Trigger, triggers: &mpsc::Receiver<Trigger>) -> Trigger {
    let mut highest = first;
    let until = Instant::now() + DEBOUNCE;
    while highest < Trigger::Sale {
        match triggers.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(trigger) => highest = highest.max(trigger),
            Err(_) => break,
        }
    }
    while let Ok(trigger) = triggers.try_recv() {
        highest = highest.max(trigger);
    }
    highest
}

/// One run, if this till may run by itself. False: the hub could not be reached.
fn run(till: &Till, trigger: Trigger) -> bool {
    let wanted = till.device().is_ok() && till.settings().is_ok_and(|settings| settings.auto_sync);
    if !wanted {
        return true;
    }
    let before = lock(&till.sync.health).quality();
    let reached = match till.sync_now(trigger) {
        Ok(report) => report.problem.is_none(),
        Err(error) => {
            till.tell(&Notice::Trouble { problem: error.problem() });
            false
        }
    };
    if (before == Network::Offline) == reached {
        till.changed(&[Topic::Sync]);
    }
    reached
}

/// Exponential with jitter: 2 s, 4 s, 8 s … up to the background pace.
fn backoff(till: &Till, failures: u32) -> Duration {
    let longest = BACKGROUND.min(FIRST_RETRY * 2_u32.saturating_pow(failures.min(6) - 1));
    let mut random = [0; 2];
    till.entropy.fill(&mut random);
    let share = 0.5 + f64::from(u16::from_be_bytes(random)) / f64::from(u16::MAX) / 2.0;
    longest.mul_f64(share)
}

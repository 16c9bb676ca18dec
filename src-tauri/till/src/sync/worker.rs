//! The background worker: a thread that waits for triggers and runs when [`Pace`] says so; beside it the one that is
//! [`live`].

use std::{
    sync::{Arc, Weak, mpsc},
    thread::{self, JoinHandle},
    time::Instant,
};

use super::{
    live,
    pace::{Next, Outcome, Pace, Wants},
    shared::{Trigger, lock},
};
use crate::{
    engine::Till,
    error::Result,
    views::{Network, Notice, Topic},
};

impl Till {
    /// Starts the worker. It ends when the till is dropped.
    pub fn start_sync(self: &Arc<Self>) -> Result<JoinHandle<()>> {
        let (wake, triggers) = mpsc::channel();
        *lock(&self.sync.wake) = Some(wake);
        live::start(self)?;
        let till = Arc::downgrade(self);
        Ok(thread::Builder::new().name("sync".to_owned()).spawn(move || work(&till, &triggers))?)
    }

    /// Asks for a run; answers at once.
    pub fn trigger(&self, trigger: Trigger) {
        if let Some(wake) = lock(&self.sync.wake).as_ref() {
            let _ = wake.send(trigger);
        }
    }

    /// What it may do by itself.
    pub(super) fn wants(&self) -> Wants {
        let settings = self.device().and_then(|_| self.settings());
        settings.map_or(Wants { auto: false, on_reconnect: false }, |settings| Wants {
            auto: settings.auto_sync,
            on_reconnect: settings.sync_on_reconnect,
        })
    }

    /// From 0 to 1.
    pub(super) fn chance(&self) -> f64 {
        let mut random = [0; 2];
        self.entropy.fill(&mut random);
        f64::from(u16::from_be_bytes(random)) / f64::from(u16::MAX)
    }
}

fn work(till: &Weak<Till>, triggers: &mpsc::Receiver<Trigger>) {
    let (mut pace, began) = (Pace::default(), Instant::now());
    loop {
        triggers.try_iter().for_each(|trigger| pace.ask(trigger, began.elapsed()));
        let Some(open) = till.upgrade() else { return };
        match pace.next(open.wants(), began.elapsed()) {
            Next::Run(trigger) => {
                let outcome = run(&open, trigger);
                pace.ended(outcome, began.elapsed(), open.chance());
                open.sync.live.nudge(outcome == Outcome::Well);
                if outcome == Outcome::Well
                    && let Err(error) = open.nightly()
                {
                    open.tell(&Notice::Trouble { problem: error.problem() });
                }
            }
            Next::Wait(time) => {
                drop(open);
                match triggers.recv_timeout(time) {
                    Ok(trigger) => pace.ask(trigger, began.elapsed()),
                    Err(mpsc::RecvTimeoutError::Timeout) => {}
                    Err(mpsc::RecvTimeoutError::Disconnected) => return,
                }
            }
        }
    }
}

fn run(till: &Till, trigger: Trigger) -> Outcome {
    let before = lock(&till.sync.health).quality();
    let outcome = match till.sync_now(trigger) {
        Ok(report) => Outcome::of(report.problem.as_ref()),
        Err(error) => {
            till.tell(&Notice::Trouble { problem: error.problem() });
            Outcome::Failed
        }
    };
    if (before == Network::Offline) != (outcome == Outcome::Offline) {
        till.changed(&[Topic::Sync]);
    }
    outcome
}

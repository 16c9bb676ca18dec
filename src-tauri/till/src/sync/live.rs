//! Live: beside the worker, a thread that holds a pull at the hub. What another till recorded arrives with its answer:
//! no run, no second request. While one is held, runs leave the way down to it.

use std::{
    sync::{Arc, Mutex, Weak, mpsc},
    thread,
    time::{Duration, Instant},
};

use officine_protocol::{
    limits::PULL_WAIT_MS,
    messages::{Cursor, PullRequest, PullResponse},
};

use super::{
    cursor,
    pace::Holding,
    pace::Outcome,
    pull,
    shared::{Trigger, lock},
    transport::{Traffic, Transport},
};
use crate::{
    device::Device,
    engine::Till,
    error::{Error, Result},
};

/// What the live thread and the runs know of each other.
#[derive(Default)]
pub struct Live {
    wake: Mutex<Option<mpsc::Sender<bool>>>,
    /// From where the pull that is held now reads.
    held: Mutex<Option<Cursor>>,
}

impl Live {
    /// A run ended, well or not: the link may be another.
    pub(super) fn nudge(&self, well: bool) {
        if let Some(wake) = lock(&self.wake).as_ref() {
            let _ = wake.send(well);
        }
    }

    /// A pull from there is held: what is new comes with it.
    pub(super) fn covers(&self, cursor: Cursor) -> bool {
        *lock(&self.held) == Some(cursor)
    }
}

impl Till {
    /// A pull is held at the hub: what other tills record shows here at once.
    pub fn is_live(&self) -> bool {
        lock(&self.sync.live.held).is_some()
    }
}

/// A pull, ready to be held without the till being kept open for it.
struct Ask {
    transport: Arc<dyn Transport>,
    device: Device,
    request: PullRequest,
}

/// Starts the thread. It ends when the till is dropped, at the latest when the hub answers.
pub(super) fn start(till: &Arc<Till>) -> Result<()> {
    let (wake, nudges) = mpsc::channel();
    *lock(&till.sync.live.wake) = Some(wake);
    let till = Arc::downgrade(till);
    thread::Builder::new().name("live".to_owned()).spawn(move || live(&till, &nudges))?;
    Ok(())
}

fn live(till: &Weak<Till>, nudges: &mpsc::Receiver<bool>) {
    let (mut holding, began) = (Holding::default(), Instant::now());
    loop {
        if nudges.try_iter().fold(false, |any, well| any | well) {
            holding.ran_well(began.elapsed());
        }
        let Some(open) = till.upgrade() else { return };
        let network = lock(&open.sync.health).quality();
        let rest = holding.rest(open.wants(), network, began.elapsed());
        let ask = if rest.is_none() { open.live_ask().ok() } else { None };
        drop(open);
        let Some(ask) = ask else {
            let pause = rest.unwrap_or(Duration::from_secs(1));
            match nudges.recv_timeout(pause) {
                Err(mpsc::RecvTimeoutError::Disconnected) => return,
                Ok(true) => holding.ran_well(began.elapsed()),
                Ok(false) | Err(mpsc::RecvTimeoutError::Timeout) => {}
            }
            continue;
        };
        let answer = ask.transport.hold(&ask.device, &ask.request);
        let Some(open) = till.upgrade() else { return };
        *lock(&open.sync.live.held) = None;
        let outcome = open.live_answer(&ask, answer);
        holding.ended(outcome, began.elapsed(), open.chance());
        if !matches!(outcome, Outcome::Well | Outcome::Later(_)) {
            open.trigger(Trigger::Background);
        }
    }
}

impl Till {
    fn live_ask(&self) -> Result<Ask> {
        let device = self.device()?;
        self.check_known()?;
        let known = self.store.read(cursor::load)?;
        if known.cursor.rev == 0 {
            return crate::refuse!("first_sync_under_way", done: 0, of: 0);
        }
        let mut request = pull::request(self, &device, &known);
        request.wait_ms = PULL_WAIT_MS;
        *lock(&self.sync.live.held) = Some(known.cursor);
        Ok(Ask { transport: self.transport(), device, request })
    }

    /// What the hub answered, applied if it is still what this till would ask.
    fn live_answer(&self, ask: &Ask, answer: Result<(PullResponse, Traffic)>) -> Outcome {
        let applied = answer.and_then(|(page, traffic)| {
            let known = self.store.read(cursor::load)?;
            let nothing = page.rows.is_empty() && page.next == ask.request.cursor;
            if nothing && !page.other_history && page.epoch == known.epoch {
                return self.store.write(|tx| cursor::succeeded(tx, self.clock.now()));
            }
            self.take_page(&ask.device, &ask.request, page, traffic)
        });
        match applied {
            Ok(()) => Outcome::Well,
            Err(_) if self.device().is_ok_and(|device| device.incarnation != ask.device.incarnation) => Outcome::Well,
            Err(error) => {
                tracing::debug!(%error, "live is off for a moment");
                let problem = matches!(error, Error::Hub { .. }).then(|| error.problem());
                problem.map_or(Outcome::Failed, |problem| Outcome::of(Some(&problem)))
            }
        }
    }
}

//! The round trips of a run: timed, counted, and asked for again where only they were cut.

use super::{
    run::Run,
    shared::lock,
    transport::{Traffic, Transport},
};
use crate::{
    device::Device,
    engine::Till,
    error::{Error, Result},
};

/// What is cut is asked for again so often before the next answer.
const AGAIN: u32 = 2;

impl Till {
    /// Rows of the next page, as the link is.
    pub(super) fn page_rows(&self) -> u32 {
        let quality = lock(&self.sync.health).quality();
        lock(&self.sync.bounds).page(quality) as u32
    }
}

impl Run<'_> {
    /// One round trip, remembered for the quality of the link.
    pub fn timed<T>(&mut self, trip: impl FnOnce(&dyn Transport, &Device) -> Result<T>) -> Result<T> {
        let before = self.till.clock.now();
        let answer = trip(self.transport.as_ref(), &self.device);
        let reached = match &answer {
            Ok(_) => true,
            Err(Error::Hub { code, .. }) => code != "hub_unreachable" && code != "hub_not_officine",
            Err(_) => true,
        };
        self.patience = if answer.is_ok() { AGAIN } else { self.patience };
        let took = reached.then(|| self.till.clock.now() - before);
        lock(&self.till.sync.health).remember(took);
        answer
    }

    /// The answer to a request for rows: the next asks for fewer where it was cut, for more where it came.
    pub fn bounded<T>(&self, asked: u32, answer: Result<T>) -> Result<T> {
        let mut bounds = lock(&self.till.sync.bounds);
        match &answer {
            Ok(_) => bounds.rows.answered(),
            Err(error) if is_cut(error) => bounds.rows.unanswered(asked as usize),
            Err(_) => {}
        }
        answer
    }

    /// Whether to ask again for what was cut: others were answered since it last was.
    pub fn again(&mut self, error: &Error) -> bool {
        let again = is_cut(error) && self.patience > 0;
        self.patience -= u32::from(again);
        again
    }

    /// Asks again for what was cut.
    pub fn patiently<T>(&mut self, mut ask: impl FnMut(&mut Self) -> Result<T>) -> Result<T> {
        loop {
            match ask(self) {
                Err(error) if self.again(&error) => {}
                answer => return answer,
            }
        }
    }

    /// Adds to the bytes of the run.
    pub fn count(&mut self, traffic: Traffic) {
        self.report.bytes_up += traffic.up;
        self.report.bytes_down += traffic.down;
    }
}

/// No answer, or half of one.
fn is_cut(error: &Error) -> bool {
    error.code() == "hub_unreachable"
}

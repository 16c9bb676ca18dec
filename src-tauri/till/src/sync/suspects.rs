//! Operations that a request was refused for though they stood alone in it. One is held only when the hub took another
//! request since: else the hub itself is in trouble, and nobody is to blame.

use super::{push, run::Run};
use crate::{
    error::{Error, Result},
    store::outbox::{self, State},
    views::Problem,
};

/// So many refused one after the other, and nothing taken: the hub is in trouble.
const MANY: usize = 8;

/// Who stood alone when a request was refused.
#[derive(Default)]
pub struct Suspects(Vec<(i64, Problem)>);

impl Suspects {
    /// Whether an operation is one.
    pub fn has(&self, seq: i64) -> bool {
        self.0.iter().any(|(known, _)| *known == seq)
    }

    /// How many they are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Adds one. The error comes back where they are too many to be at fault.
    pub fn add(&mut self, seq: i64, error: Error) -> Result<()> {
        self.0.push((seq, error.problem()));
        if self.0.len() < MANY { Ok(()) } else { Err(error) }
    }

    /// The hub took another request: it is they who are at fault, and they wait for a person.
    pub fn hold(&mut self, run: &mut Run<'_>) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let (held, now) = (std::mem::take(&mut self.0), run.till.clock.now());
        run.report.blocked += held.len() as u32;
        run.till.store.write(|tx| {
            held.iter().try_for_each(|(seq, problem)| outbox::set_state(tx, *seq, State::Blocked, Some(problem), now))
        })
    }

    /// Nothing else is left to be sent. A hub that refused them by name, and takes a request without them, is well.
    pub fn alone(mut self, run: &mut Run<'_>) -> Result<()> {
        let Some((_, last)) = self.0.last().cloned() else { return Ok(()) };
        let failed = |problem: &Problem| problem.params.get("status").is_some_and(|status| status == 500);
        if !self.0.iter().any(|(_, problem)| failed(problem)) && push::send(run, &Vec::new()).is_ok() {
            return self.hold(run);
        }
        Err(Error::hub(&last.code, last.params))
    }
}

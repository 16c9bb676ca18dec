//! The shortest list of steps that still breaks the same invariant: steps are left out by halves, then one by one, and
//! those that stay are made plain: no power cut, nobody at the till meanwhile, a good wire.

use crate::{
    Outcome, Template, live,
    step::{Step, What},
    weather::Weather,
};

/// Lives tried before the shortest so far is taken, where nobody says otherwise.
pub const TRIES: usize = 250;

/// What is known of the break so far.
struct Search<'a> {
    template: &'a Template,
    seed: u64,
    invariant: Option<&'static str>,
    steps: Vec<Step>,
    ending: Outcome,
    left: usize,
}

/// Leaves out what the break does not need, in so many tries at most. Gives the steps and how they end.
pub fn shrink(template: &Template, seed: u64, steps: &[Step], broken: Outcome, tries: usize) -> (Vec<Step>, Outcome) {
    let invariant = broken.broken.as_ref().map(|broken| broken.invariant);
    let lived = steps.len().min(broken.trace.len());
    let steps = steps[..lived].to_vec();
    let mut search = Search { template, seed, invariant, steps, ending: broken, left: tries };
    search.leave_out();
    search.make_plain();
    (search.steps, search.ending)
}

impl Search<'_> {
    /// Lives through these instead, and takes them if they break the same.
    fn takes(&mut self, steps: Vec<Step>) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        let outcome = live(self.template, self.seed, &steps);
        let same = outcome.broken.as_ref().map(|broken| broken.invariant) == self.invariant;
        if same {
            (self.steps, self.ending) = (steps, outcome);
        }
        same
    }

    fn leave_out(&mut self) {
        let mut size = self.steps.len().div_ceil(2);
        while size > 0 && self.left > 0 {
            let (mut start, mut shorter) = (0, false);
            while start < self.steps.len() {
                let end = (start + size).min(self.steps.len());
                let fewer = [&self.steps[..start], &self.steps[end..]].concat();
                if self.takes(fewer) {
                    shorter = true;
                } else {
                    start = end;
                }
            }
            size = if size == 1 && shorter { 1 } else { size / 2 };
        }
    }

    fn make_plain(&mut self) {
        for place in 0..self.steps.len() {
            for plainer in plainer(&self.steps[place]) {
                let mut steps = self.steps.clone();
                steps[place] = plainer;
                self.takes(steps);
            }
        }
    }
}

/// The same step without one thing it may not need.
fn plainer(step: &Step) -> Vec<Step> {
    let with = |what| Step { what, ..step.clone() };
    let mut plainer = Vec::new();
    if step.cut > 0 {
        plainer.push(Step { cut: 0, ..step.clone() });
    }
    match step.what {
        What::Sync(weather, Some(_)) => plainer.push(with(What::Sync(weather, None))),
        What::Refresh(weather, Some(_)) => plainer.push(with(What::Refresh(weather, None))),
        What::Sync(Weather::Foul, None) => plainer.push(with(What::Sync(Weather::Fair, None))),
        _ => {}
    }
    plainer
}

//! The shortest list of steps that still breaks the same invariant: steps are left out by halves, then one by one.

use crate::{Outcome, Template, live, step::Step};

/// Lives tried before the shortest so far is taken.
const TRIES: usize = 400;

/// Leaves out what the break does not need. Gives the steps and how they end.
pub fn shrink(template: &Template, seed: u64, steps: Vec<Step>, broken: Outcome) -> (Vec<Step>, Outcome) {
    let invariant = broken.broken.as_ref().map(|broken| broken.invariant);
    let (mut steps, mut ending, mut tries) = (steps, broken, 0);
    let mut size = steps.len() / 2;
    while size > 0 {
        let (mut start, mut shorter) = (0, false);
        while start < steps.len() && tries < TRIES {
            let end = (start + size).min(steps.len());
            let fewer = [&steps[..start], &steps[end..]].concat();
            let outcome = live(template, seed, &fewer);
            tries += 1;
            if outcome.broken.as_ref().map(|broken| broken.invariant) == invariant {
                (steps, ending, shorter) = (fewer, outcome, true);
            } else {
                start = end;
            }
        }
        size = if size == 1 && shorter { 1 } else { size / 2 };
        if tries >= TRIES {
            break;
        }
    }
    (steps, ending)
}

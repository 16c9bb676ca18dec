//! Many seeds, two at a time.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use crate::{Outcome, Template, live, run::Lived, step::decide, world::Broken};

const THREADS: usize = 2;

/// Lives through all of them, or until one breaks. Gives those that broke, in order, and what was lived through; `told`
/// hears of each that broke at once.
pub fn drive(
    template: &Template,
    seeds: &[u64],
    all: bool,
    told: impl Fn(u64, &Broken) + Sync,
) -> (Vec<(u64, Outcome)>, Lived) {
    let (next, broken) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let lived = Mutex::new(Lived::default());
    let work = || {
        loop {
            let Some(seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed)).copied() else { return };
            let outcome = live(template, seed, &decide(seed));
            *lived.lock().unwrap_or_else(PoisonError::into_inner) += outcome.lived;
            if let Some(said) = &outcome.broken {
                told(seed, said);
                broken.lock().unwrap_or_else(PoisonError::into_inner).push((seed, outcome));
                if !all {
                    next.store(seeds.len(), Ordering::Relaxed);
                }
            }
        }
    };
    std::thread::scope(|scope| (0..THREADS).for_each(|_| _ = scope.spawn(work)));
    let mut broken = broken.into_inner().unwrap_or_else(PoisonError::into_inner);
    broken.sort_by_key(|(seed, _)| *seed);
    (broken, lived.into_inner().unwrap_or_else(PoisonError::into_inner))
}

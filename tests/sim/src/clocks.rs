//! Clocks that are wrong, chance that is not, and a way to cut the power at any moment: a till asks for the time many
//! times in every act, and any of these may be the last thing it does.

use std::{
    panic,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering},
    },
};

use officine_protocol::clock::{Clock, Entropy};
use officine_till::demo::random::Random;

/// What a process whose power was cut unwinds with.
pub struct Killed;

/// Counts down to the moment the power is cut.
#[derive(Default)]
pub struct Fuse {
    left: AtomicU32,
    blown: AtomicBool,
}

impl Fuse {
    /// Cuts at the n-th call from now; 0: never.
    pub fn set(&self, calls: u32) {
        self.left.store(calls, Ordering::Relaxed);
        self.blown.store(false, Ordering::Relaxed);
    }

    /// Whether it was cut since it was set.
    pub fn blown(&self) -> bool {
        self.blown.load(Ordering::Relaxed)
    }

    /// One call.
    pub fn burn(&self) {
        let left = self.left.load(Ordering::Relaxed);
        if left == 0 {
            return;
        }
        self.left.store(left - 1, Ordering::Relaxed);
        if left == 1 {
            self.blown.store(true, Ordering::Relaxed);
            panic::resume_unwind(Box::new(Killed));
        }
    }
}

/// A machine's clock: true time, an error, and a drift.
pub struct WrongClock {
    world: Arc<AtomicI64>,
    error: AtomicI64,
    drift: AtomicI64,
    since: AtomicI64,
    /// Cuts the power of whoever asks.
    pub fuse: Fuse,
}

impl WrongClock {
    /// Right, until it is set wrong.
    pub fn new(world: &Arc<AtomicI64>) -> Self {
        let [error, drift, since] = [0, 0, 0].map(AtomicI64::new);
        Self { world: Arc::clone(world), error, drift, since, fuse: Fuse::default() }
    }

    /// By how many milliseconds it is wrong from now on.
    pub fn set_error(&self, millis: i64) {
        self.since.store(self.world.load(Ordering::Relaxed), Ordering::Relaxed);
        self.error.store(millis, Ordering::Relaxed);
    }

    /// By how many millionths it is fast from now on.
    pub fn set_drift(&self, millionths: i64) {
        let error = self.error();
        self.since.store(self.world.load(Ordering::Relaxed), Ordering::Relaxed);
        self.drift.store(millionths, Ordering::Relaxed);
        self.set_error(error);
    }

    /// By how many milliseconds it is wrong.
    pub fn error(&self) -> i64 {
        let gone = self.world.load(Ordering::Relaxed) - self.since.load(Ordering::Relaxed);
        self.error.load(Ordering::Relaxed) + gone * self.drift.load(Ordering::Relaxed) / 1_000_000
    }
}

impl Clock for WrongClock {
    fn now(&self) -> i64 {
        self.fuse.burn();
        self.world.load(Ordering::Relaxed) + self.error()
    }
}

/// Chance of one machine, begun anew at every step: what a step draws does not depend on the steps before it.
pub struct Chance(Mutex<Random>);

impl Chance {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(Random::new(seed)))
    }

    /// Begins the stream of another seed.
    pub fn begin(&self, seed: u64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Random::new(seed);
    }
}

impl Entropy for Chance {
    fn fill(&self, buffer: &mut [u8]) {
        let mut random = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        buffer.iter_mut().for_each(|byte| *byte = u8::try_from(random.between(0, 255)).unwrap_or(0));
    }
}

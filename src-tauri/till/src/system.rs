//! The one place where the machine's own clock and randomness enter.

use std::time::{SystemTime, UNIX_EPOCH};

use officine_protocol::clock::{Clock, Entropy};
use rand::TryRng;

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the injected clock of a real till")]
    fn now(&self) -> i64 {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
    }
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        if rand::rngs::SysRng.try_fill_bytes(buffer).is_err() {
            tracing::error!("the system gives no randomness");
            std::process::abort();
        }
    }
}

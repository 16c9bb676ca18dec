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

    fn steady(&self) -> Option<i64> {
        Some(steady())
    }
}

#[cfg(target_os = "linux")]
fn steady() -> i64 {
    let since_boot = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    since_boot.tv_sec * 1_000 + since_boot.tv_nsec / 1_000_000
}

#[cfg(not(target_os = "linux"))]
#[allow(clippy::disallowed_methods, reason = "the injected clock of a real till")]
fn steady() -> i64 {
    static OPENED: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    i64::try_from(OPENED.elapsed().as_millis()).unwrap_or(i64::MAX)
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

//! When to run and when to hold a pull: what was asked, what became of it and what time it is go in, the next thing to
//! do comes out. No clock, no thread, no socket: times are since the worker began.

use std::time::Duration;

use super::shared::Trigger;
use crate::views::{Network, Problem};

/// What is not urgent waits so long for more of its kind.
pub const DEBOUNCE: Duration = Duration::from_secs(3);
/// How often there is a run though nobody asked.
pub const BACKGROUND: Duration = Duration::from_secs(60);
/// After the first failure, and between two tries for sales' sake.
pub const FIRST_RETRY: Duration = Duration::from_secs(2);
/// After a no that only a person can turn into a yes: revoked, too old, another history.
pub const REFUSED: Duration = Duration::from_secs(600);
/// The longest that a hub may make a till wait.
const LONGEST: Duration = Duration::from_secs(3_600);

/// What became of a run, or of a held pull.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// All of it was done.
    Well,
    /// The hub could not be reached.
    Offline,
    /// Not now, the hub says: again after so long.
    Later(Duration),
    /// No, until a person does something.
    Refused,
    /// Something else went wrong.
    Failed,
}

impl Outcome {
    /// Of a run that ended with this problem.
    pub fn of(problem: Option<&Problem>) -> Self {
        let Some(problem) = problem else { return Self::Well };
        if let Some(seconds) = problem.params.get("seconds").and_then(serde_json::Value::as_u64) {
            return Self::Later(Duration::from_secs(seconds).min(LONGEST));
        }
        match problem.code.as_str() {
            "hub_unreachable" | "hub_not_officine" => Self::Offline,
            "device_revoked" | "device_unknown" | "till_too_old" | "hub_too_old" | "hub_other_history"
            | "till_restored" | "till_copied" => Self::Refused,
            _ => Self::Failed,
        }
    }
}

/// What this till may do by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wants {
    /// It is enrolled, and synchronises by itself.
    pub auto: bool,
    /// It does so as soon as the hub answers again.
    pub on_reconnect: bool,
}

/// What to do next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// A run, now.
    Run(Trigger),
    /// Nothing for so long, unless something is asked.
    Wait(Duration),
}

/// Before when nothing but « Synchroniser maintenant » runs.
#[derive(Clone, Copy, Debug)]
enum Pause {
    /// A sale may still try.
    Soft(Duration),
    /// So it was said.
    Hard(Duration),
}

/// The runs: triggers that come together become one, failures space them out.
#[derive(Debug, Default)]
pub struct Pace {
    asked: Option<(Trigger, Duration)>,
    background: Duration,
    pause: Option<Pause>,
    tried: Duration,
    failures: u32,
    offline: bool,
}

impl Pace {
    /// A trigger came.
    pub fn ask(&mut self, trigger: Trigger, now: Duration) {
        let due = if trigger >= Trigger::Sale { now } else { now + DEBOUNCE };
        self.asked = Some(match self.asked {
            None => (trigger, due),
            Some((other, earlier)) => (trigger.max(other), due.min(earlier)),
        });
    }

    /// What to do now. A run takes all that was asked with it.
    pub fn next(&mut self, wants: Wants, now: Duration) -> Next {
        if !wants.auto {
            self.asked = self.asked.filter(|(trigger, _)| *trigger == Trigger::Manual);
        }
        let candidates = [self.asked(), self.again(wants), self.regular(wants)];
        let Some(due) = candidates.iter().flatten().map(|(_, due)| *due).min() else { return Next::Wait(BACKGROUND) };
        if due > now {
            return Next::Wait(due - now);
        }
        let ripe = candidates.into_iter().flatten().filter(|(_, due)| *due <= now).map(|(trigger, _)| trigger);
        let asked = self.asked.take().map(|(trigger, _)| trigger);
        Next::Run(ripe.chain(asked).max().unwrap_or(Trigger::Background))
    }

    fn asked(&self) -> Option<(Trigger, Duration)> {
        let (trigger, due) = self.asked?;
        let due = match (trigger, self.pause) {
            (Trigger::Manual, _) | (_, None) => due,
            (Trigger::Sale, Some(Pause::Soft(_))) => due.max(self.tried + FIRST_RETRY),
            (_, Some(Pause::Soft(until) | Pause::Hard(until))) => due.max(until),
        };
        Some((trigger, due))
    }

    /// After a failure, the next try: a reconnection where the hub was out of reach, if that is wanted.
    fn again(&self, wants: Wants) -> Option<(Trigger, Duration)> {
        let (Pause::Soft(until) | Pause::Hard(until)) = self.pause?;
        match self.offline {
            _ if !wants.auto => None,
            true if !wants.on_reconnect => None,
            true => Some((Trigger::Reconnect, until)),
            false => Some((Trigger::Background, until)),
        }
    }

    fn regular(&self, wants: Wants) -> Option<(Trigger, Duration)> {
        let after = match self.pause {
            Some(Pause::Hard(until)) => until,
            _ => Duration::ZERO,
        };
        wants.auto.then(|| (Trigger::Background, self.background.max(after)))
    }

    /// A run ended; `chance`, from 0 to 1, spreads tills that failed together.
    pub fn ended(&mut self, outcome: Outcome, now: Duration, chance: f64) {
        self.tried = now;
        self.background = now + BACKGROUND;
        self.offline = outcome == Outcome::Offline;
        self.failures = if outcome == Outcome::Well { 0 } else { self.failures.saturating_add(1) };
        self.pause = match outcome {
            Outcome::Well => None,
            Outcome::Later(wait) => Some(Pause::Hard(now + wait + FIRST_RETRY.mul_f64(chance))),
            Outcome::Refused => Some(Pause::Hard(now + spread(REFUSED, chance))),
            Outcome::Offline | Outcome::Failed => Some(Pause::Soft(now + backoff(self.failures, chance))),
        };
    }
}

/// 2 s, 4 s, 8 s … up to the regular pace, each between its half and its whole.
fn backoff(failures: u32, chance: f64) -> Duration {
    spread(BACKGROUND.min(FIRST_RETRY * 2_u32.saturating_pow(failures.clamp(1, 6) - 1)), chance)
}

fn spread(longest: Duration, chance: f64) -> Duration {
    longest.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0)
}

/// The held pull: on where the link is good, off where it is not, spaced out where it fails.
#[derive(Debug, Default)]
pub struct Holding {
    failures: u32,
    until: Duration,
    refused: bool,
}

impl Holding {
    /// How long to do without; nothing to hold one now.
    pub fn rest(&self, wants: Wants, network: Network, now: Duration) -> Option<Duration> {
        let good = matches!(network, Network::Excellent | Network::Good);
        if !wants.auto || !good {
            return Some(BACKGROUND);
        }
        self.until.checked_sub(now).filter(|left| !left.is_zero())
    }

    /// A run ended well: what was refused is no longer.
    pub fn ran_well(&mut self, now: Duration) {
        if std::mem::take(&mut self.refused) {
            self.until = now;
        }
    }

    /// One ended.
    pub fn ended(&mut self, outcome: Outcome, now: Duration, chance: f64) {
        self.failures = if outcome == Outcome::Well { 0 } else { self.failures.saturating_add(1) };
        self.refused = outcome == Outcome::Refused;
        self.until = match outcome {
            Outcome::Well => now,
            Outcome::Later(wait) => now + wait + FIRST_RETRY.mul_f64(chance),
            Outcome::Refused => now + spread(REFUSED, chance),
            Outcome::Offline | Outcome::Failed => now + backoff(self.failures, chance),
        };
    }
}

#[cfg(test)]
mod tests;

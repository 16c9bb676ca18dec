//! Once a day, when nobody sells: a repair of everything, and a certificate.

use rusqlite::{Connection, OptionalExtension};

use super::orphans;
use crate::{engine::Till, error::Result, sync::walk};

const HOUR: i64 = 3_600_000;
/// From midnight, in Conakry.
const NIGHT: std::ops::Range<i64> = 0..6;
/// Not twice in one night.
const APART: i64 = 18 * HOUR;
/// A till that is off at night does it by day.
const LONGEST: i64 = 30 * HOUR;

/// How long ago rows may have been read, at night; whoever asks by day is content with any time.
const READ_WITHIN: i64 = 6 * HOUR;

/// Rows that were last read before that are read again, whatever is kept of them.
pub fn since(trigger: &str, now: i64) -> i64 {
    if trigger == "night" { now - READ_WITHIN } else { i64::MIN }
}

/// Whether it is time, where the last one was then.
fn due(last: i64, now: i64) -> bool {
    let since = now - last;
    let night = NIGHT.contains(&now.div_euclid(HOUR).rem_euclid(24));
    since >= LONGEST || since >= APART && night
}

/// When it last was; where it never was, when the till first ran.
fn last(connection: &Connection) -> Result<Option<i64>> {
    let nights = "SELECT max(at) FROM certificate WHERE \"trigger\" = 'night'";
    let first = "SELECT started_at FROM sync_run ORDER BY id LIMIT 1";
    let night: Option<i64> = connection.query_row(nights, [], |row| row.get(0))?;
    match night {
        Some(night) => Ok(Some(night)),
        None => Ok(connection.query_row(first, [], |row| row.get(0)).optional()?),
    }
}

impl Till {
    /// The nightly repair and its certificate, if it is time.
    pub fn nightly(&self) -> Result<()> {
        let last = self.store.read(last)?;
        if !last.is_some_and(|last| due(last, self.clock.now())) || self.store.read(walk::is_due)? {
            return Ok(());
        }
        self.repair_as("night")?;
        self.certify_as("night").map(drop)
    }

    /// After the window is painted: all that can be looked at here, without the hub. Orphans among documents are found from
    /// then on as they are recorded.
    pub fn look_over(&self) -> Result<()> {
        let Ok(device) = self.device() else { return Ok(()) };
        let look = self.store.read(orphans::everywhere)?;
        self.alone(device, crate::Trigger::Background, |run| {
            let mut repair = super::Repair::begin(run, "start", false);
            let outcome = repair.look_here().and_then(|()| repair.orphans(look.orphans));
            repair.end(outcome).map(drop)
        })
        .map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_once_a_night_and_by_day_for_a_till_that_sleeps_at_night() {
        let midnight = 1_000 * 24 * HOUR;
        assert!(due(midnight - 20 * HOUR, midnight + HOUR));
        assert!(!due(midnight - HOUR, midnight + HOUR), "not twice");
        assert!(!due(midnight - 10 * HOUR, midnight + 10 * HOUR), "not by day");
        assert!(due(midnight - 21 * HOUR, midnight + 10 * HOUR), "but then after thirty hours");
    }
}

//! A clock that jumps, by hand or by a battery that died: noticed between two readings. Until the hub's next answer says
//! how far it is off, what is recorded bears a hybrid time that decides nothing.

use std::sync::Mutex;

use officine_protocol::clock::Clock;
use rusqlite::Connection;

use super::shared::lock;
use crate::{act::TillState, error::Result};

/// Milliseconds by which the clock may differ from the time that passed.
const TOLERATED: i64 = 120_000;

/// The last reading, while the till is open.
#[derive(Default)]
pub struct Jumps(Mutex<Option<Reading>>);

#[derive(Clone, Copy)]
struct Reading {
    wall: i64,
    /// What no setting of the clock moves, where the machine can say.
    steady: Option<i64>,
}

impl Jumps {
    /// Reads the clock, and notes a jump since the reading before: the first after a start is held to the last time that
    /// was recorded, which only shows a clock that went back.
    pub fn look(&self, connection: &Connection, clock: &dyn Clock) -> Result<()> {
        let now = Reading { wall: clock.now(), steady: clock.steady() };
        let before = lock(&self.0).replace(now);
        let jump = match before {
            Some(before) => jump(before, now),
            None => (now.wall - TillState::load(connection)?.hlc.millis).min(0),
        };
        if jump.abs() > TOLERATED {
            tracing::warn!(by_ms = jump, "the clock jumped");
            connection.execute("UPDATE till_state SET clock_jumped = ?1", [now.wall])?;
        }
        Ok(())
    }
}

/// By how much the clock moved beyond the time that passed; without a steady one, by how much it went back.
fn jump(before: Reading, now: Reading) -> i64 {
    let moved = now.wall - before.wall;
    match (before.steady, now.steady) {
        (Some(before), Some(now)) => moved - (now - before),
        _ => moved.min(0),
    }
}

/// An answer of the hub said how far the clock is off.
pub fn known_again(connection: &Connection) -> Result<()> {
    let sql = "UPDATE till_state SET clock_jumped = NULL WHERE clock_jumped IS NOT NULL";
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    #[test]
    fn a_clock_set_forward_or_back_jumps_and_a_night_without_a_reading_does_not() {
        let reading = |wall, steady| Reading { wall, steady };
        let begun = reading(10 * HOUR, Some(HOUR));
        assert_eq!(jump(begun, reading(18 * HOUR, Some(9 * HOUR))), 0, "a night");
        assert_eq!(jump(begun, reading(18 * HOUR, Some(HOUR + 5))), 8 * HOUR - 5, "set forward");
        assert_eq!(jump(begun, reading(9 * HOUR, Some(HOUR + 5))), -HOUR - 5, "set back");
        assert_eq!(jump(reading(10 * HOUR, None), reading(18 * HOUR, None)), 0, "nothing says how long it was");
        assert_eq!(jump(reading(10 * HOUR, None), reading(9 * HOUR, None)), -HOUR);
    }
}

//! The thresholds of Périmés: how many days before its last one a lot enters each band.

use rusqlite::Connection;

use crate::{error::Result, refuse, settings};

/// Name of the pharmacy's setting: a list of days.
pub const SETTING: &str = "stock.expiryThresholds";
/// What they are until somebody says.
pub const UNLESS_SET: [u32; 3] = [30, 60, 90];
const MOST: usize = 6;
const LONGEST: u32 = 3_650;

/// Days left, ascending, none twice, one at least. Band 0 is what has expired; band n ends at the n-th threshold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thresholds(Vec<u32>);

impl Thresholds {
    /// Refuses what makes no bands.
    pub fn new(days: &[u32]) -> Result<Self> {
        let rising = days.windows(2).all(|pair| pair[0] < pair[1]);
        let bounded = (1..=MOST).contains(&days.len()) && days.iter().all(|day| (1..=LONGEST).contains(day));
        if rising && bounded {
            Ok(Self(days.to_vec()))
        } else {
            refuse!("expiry_thresholds_invalid", most: MOST, max: LONGEST)
        }
    }

    /// The pharmacy's. One that a list of days cannot be read from is refused, not replaced.
    pub fn of(connection: &Connection) -> Result<Self> {
        Self::new(&listed(connection)?)
    }

    /// The same up to `days`, which ends the last band.
    pub fn until(&self, days: u32) -> Result<Self> {
        if days > LONGEST {
            return refuse!("field_invalid", field: "days");
        }
        let shorter = self.0.iter().copied().filter(|day| *day < days);
        Ok(Self(shorter.chain([days]).collect()))
    }

    /// Where each band after the expired one ends.
    pub fn days(&self) -> &[u32] {
        &self.0
    }

    /// Where the last one ends.
    pub fn longest(&self) -> u32 {
        self.0.last().copied().unwrap_or(0)
    }

    /// The band of a lot with so many days left, if it is near enough.
    pub fn band(&self, days_left: i64) -> Option<usize> {
        if days_left < 0 {
            return Some(0);
        }
        self.0.iter().position(|day| days_left <= i64::from(*day)).map(|place| place + 1)
    }
}

/// The setting as Réglages shows it; empty where it is no list of days, for a manager to fill in again.
pub fn listed(connection: &Connection) -> Result<Vec<u32>> {
    Ok(match settings::shared(connection, SETTING)? {
        Some(json) => serde_json::from_value(json).unwrap_or_default(),
        None => UNLESS_SET.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lot_is_in_the_first_band_that_reaches_it() {
        let bands = Thresholds::new(&[30, 60, 90]).unwrap();
        let of = |days_left| bands.band(days_left);
        assert_eq!([of(-1), of(0), of(30), of(31), of(60), of(90)], [0, 1, 1, 2, 2, 3].map(Some));
        assert_eq!(of(91), None);
    }

    #[test]
    fn thresholds_rise_and_are_bounded() {
        for wrong in [&[][..], &[0, 30], &[30, 30], &[60, 30], &[3_651], &[1, 2, 3, 4, 5, 6, 7]] {
            assert_eq!(Thresholds::new(wrong).unwrap_err().code(), "expiry_thresholds_invalid", "{wrong:?}");
        }
        assert_eq!(Thresholds::new(&[7]).unwrap().longest(), 7);
    }

    #[test]
    fn another_horizon_ends_the_last_band() {
        let bands = Thresholds::new(&[30, 60]).unwrap();
        assert_eq!(bands.until(45).unwrap().days(), [30, 45]);
        assert_eq!(bands.until(30).unwrap().days(), [30]);
        assert_eq!(bands.until(180).unwrap().days(), [30, 60, 180]);
        assert_eq!(bands.until(4_000).unwrap_err().code(), "field_invalid");
    }
}

//! When a backup is due: once a day by itself, and again an hour after one that failed.

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::{backups, verify::Closely};
use crate::{
    engine::Till,
    error::Result,
    settings,
    views::{BackupFile, Problem},
};

const LAST: &str = "backup.last";
const DAY: i64 = 24 * 3_600_000;
const HOUR: i64 = 3_600_000;

/// The last backup, and the last try.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Last {
    /// When one was last made.
    pub made: Option<i64>,
    /// When one was last tried.
    pub tried: i64,
    /// Why that failed.
    pub problem: Option<Problem>,
}

/// Reads it.
pub fn last(connection: &Connection) -> Result<Last> {
    let known = settings::local(connection, LAST)?.and_then(|text| serde_json::from_str(&text).ok());
    Ok(known.unwrap_or_default())
}

/// Writes it: one that failed leaves the last that was made.
pub fn remember(connection: &Connection, new: Last) -> Result<()> {
    let made = new.made.or(last(connection)?.made);
    settings::set_local(connection, LAST, &serde_json::to_string(&Last { made, ..new })?)
}

/// Whether to make one now. A clock that was set back makes one due.
fn is_due(last: &Last, now: i64) -> bool {
    let since = |at: i64, time: i64| !(at..at + time).contains(&now);
    last.made.is_none_or(|made| since(made, DAY)) && (last.problem.is_none() || since(last.tried, HOUR))
}

impl Till {
    /// Makes one if it is due and wanted. None: it was not.
    pub fn back_up_if_due(&self) -> Result<Option<BackupFile>> {
        let now = self.clock.now();
        let due = self.store.read(|connection| {
            Ok(self.device().is_ok() && backups::read(connection)?.automatic && is_due(&last(connection)?, now))
        })?;
        due.then(|| self.back_up_closely(None, Closely::Quick)).transpose()
    }
}

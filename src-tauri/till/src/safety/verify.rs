//! Whether a file is a backup that can be trusted: opened, never written to, and read through.

use std::{fs, path::Path};

use officine_protocol::params;
use rusqlite::{Connection, OpenFlags};

use super::stamp::Stamp;
use crate::{
    error::{Error, Result},
    refuse,
    store::{self, checks},
    sync::walk,
    views::{BackupFile, Problem},
};

/// How closely to look.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Closely {
    /// It is whole by its size, and says whose it is.
    Listed,
    /// Every page is sound.
    Quick,
    /// Every page, every index entry.
    Full,
}

/// Opens a file so that nothing is written to it nor beside it, a stick included.
pub fn open(path: &Path) -> Result<Connection> {
    let text = path.display().to_string();
    let escaped = text.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    Ok(Connection::open_with_flags(format!("file:{escaped}?immutable=1"), flags)?)
}

/// Reads it through. Refused with why it is no backup, or not whole.
pub fn check(path: &Path, closely: Closely) -> Result<Stamp> {
    let damaged = |detail: String| {
        let path = path.display().to_string();
        Error::refused("backup_damaged", params! { path: path, detail: detail })
    };
    let found = read(path, closely);
    found.map_err(|error| match error {
        Error::Store(error) => damaged(error.to_string()),
        Error::Refused { code, params } if code == "backup_damaged" => {
            damaged(params.get("detail").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned())
        }
        error => error,
    })
}

fn read(path: &Path, closely: Closely) -> Result<Stamp> {
    let copy = open(path)?;
    let pages: i64 = copy.query_row("PRAGMA page_count", [], |row| row.get(0))?;
    let size: i64 = copy.query_row("PRAGMA page_size", [], |row| row.get(0))?;
    if fs::metadata(path)?.len() != (pages * size).unsigned_abs() {
        return refuse!("backup_damaged", detail: "size");
    }
    let Some(stamp) = Stamp::read(&copy)? else { return refuse!("backup_foreign", path: path.display().to_string()) };
    let (found, known) = (checks::schema_version(&copy)?, store::newest_schema());
    if found > known {
        return refuse!("store_newer", found: found, known: known, path: path.display().to_string());
    }
    let wrong = match closely {
        Closely::Listed => None,
        Closely::Quick => checks::quick_check(&copy)?,
        Closely::Full => checks::integrity_check(&copy)?,
    };
    if let Some(wrong) = wrong {
        return refuse!("backup_damaged", detail: wrong);
    }
    // Of an older version's tables only the pages can be checked: the rest is once they were brought up to date.
    let same = closely != Closely::Listed && found == known;
    if same && walk::exact(&copy)? && !checks::ledger_differences(&copy)?.is_empty() {
        return refuse!("backup_damaged", detail: "ledger");
    }
    Ok(stamp)
}

/// A file of the folder as the window lists it; none of those that are no backups.
pub fn listed(path: &Path) -> Option<(BackupFile, Option<Stamp>)> {
    let bytes = fs::metadata(path).ok()?.len() as i64;
    let shown = |at, tickets, revision, problem: Option<Problem>| BackupFile {
        path: path.display().to_string(),
        at,
        bytes,
        tickets,
        revision,
        verified: problem.is_none(),
        problem,
    };
    match check(path, Closely::Listed) {
        Ok(stamp) => Some((shown(stamp.at, stamp.tickets, stamp.revision, None), Some(stamp))),
        Err(Error::Refused { code, .. }) if code == "backup_foreign" => None,
        Err(error) => Some((shown(0, 0, 0, Some(error.problem())), None)),
    }
}

//! The note beside a backup: JSON that says what it holds.

use std::path::{Path, PathBuf};

use officine_protocol::Uid;
use serde::{Deserialize, Serialize};

use super::{BackupError, files};
use crate::store::Ancestor;

/// Version of the note.
pub(super) const VERSION: u32 = 1;

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Note {
    /// Version of this note.
    pub note: u32,
    /// Version of the hub that made it.
    pub version: String,
    /// `sqlite` or `postgresql`.
    pub database: String,
    /// Version of the hub's tables.
    pub schema: i64,
    /// Unix milliseconds.
    pub made_at: i64,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// The pharmacies in it.
    pub pharmacies: Vec<Noted>,
}

/// A pharmacy in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Noted {
    /// Its name for ever.
    pub pharmacy: Uid,
    /// How it is called.
    pub name: String,
    /// Its epoch.
    pub epoch: i64,
    /// The revision that the backup holds at least.
    pub revision: i64,
}

impl From<&Ancestor> for Noted {
    fn from(found: &Ancestor) -> Self {
        let Ancestor { pharmacy, name, epoch, revision, .. } = found;
        Self { pharmacy: *pharmacy, name: name.clone(), epoch: *epoch, revision: *revision }
    }
}

impl Note {
    /// The note's place beside a backup.
    pub(super) fn place(file: &Path) -> PathBuf {
        let mut name = file.as_os_str().to_owned();
        name.push(".json");
        name.into()
    }

    /// The note beside a backup, if there is one.
    pub(super) fn beside(file: &Path) -> Result<Option<Self>, BackupError> {
        let place = Self::place(file);
        let text = match std::fs::read_to_string(&place) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(BackupError::File(place, error)),
        };
        let read = serde_json::from_str(&text);
        read.map(Some).map_err(|why| BackupError::unfit(file, format!("the note beside it cannot be read: {why}")))
    }

    /// Whether the backup is still the one that was noted, and of this kind of database.
    pub(super) fn check(&self, file: &Path, sqlite: bool) -> Result<(), BackupError> {
        let (_, sha256) = files::sum(file)?;
        if (self.database == "sqlite") != sqlite {
            return Err(BackupError::unfit(file, format!("it is of {}", self.database)));
        }
        if sha256 == self.sha256 {
            Ok(())
        } else {
            Err(BackupError::unfit(file, "its bytes are not those that were noted"))
        }
    }

    pub(super) fn write(&self, place: &Path) -> Result<(), BackupError> {
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        std::fs::write(place, text + "\n").map_err(|error| BackupError::File(place.to_owned(), error))?;
        files::settle(place)
    }
}

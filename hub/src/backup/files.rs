//! Files of backups: written under another name until they are whole, summed, renamed, and the oldest taken away.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use officine_protocol::{date::Date, value::hex};
use sha2::{Digest, Sha256};

use super::{BackupError, Note};

const PREFIX: &str = "officine-hub-";
const DAY_MS: i64 = 86_400_000;

/// Where a backup goes.
pub(super) struct Target {
    /// Its place once it is whole.
    pub file: PathBuf,
    /// Its place until then.
    pub partial: PathBuf,
    folder: Option<PathBuf>,
    ending: &'static str,
}

impl Target {
    /// A file, or in a folder a name that says when.
    pub fn new(to: &Path, now: i64, ending: &'static str) -> Result<Self, BackupError> {
        let said = to.as_os_str().to_string_lossy().ends_with('/');
        let folder = (said || to.is_dir()).then(|| to.to_owned());
        let file = match &folder {
            Some(folder) => folder.join(format!("{PREFIX}{}.{ending}", stamp(now))),
            None => to.to_owned(),
        };
        let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty());
        if let Some(parent) = parent {
            std::fs::create_dir_all(parent).map_err(|error| BackupError::File(parent.to_owned(), error))?;
        }
        let mut partial = file.as_os_str().to_owned();
        partial.push(".partial");
        let target = Self { file, partial: partial.into(), folder, ending };
        for left in [target.partial.clone(), target.partial_note()] {
            let _ = std::fs::remove_file(left);
        }
        Ok(target)
    }

    pub fn partial_note(&self) -> PathBuf {
        Note::place(&self.partial)
    }

    /// Gives the backup its name, and says which older ones gave way.
    pub fn finish(&self, keep: Option<usize>) -> Result<Vec<PathBuf>, BackupError> {
        settle(&self.partial)?;
        rename(&self.partial_note(), &Note::place(&self.file))?;
        rename(&self.partial, &self.file)?;
        settle(self.file.parent().unwrap_or(Path::new(".")))?;
        match (&self.folder, keep) {
            (Some(folder), Some(keep)) => self.rotate(folder, keep.max(1)),
            _ => Ok(Vec::new()),
        }
    }

    fn rotate(&self, folder: &Path, keep: usize) -> Result<Vec<PathBuf>, BackupError> {
        let of_folder = |error| BackupError::File(folder.to_owned(), error);
        let mut found: Vec<PathBuf> =
            std::fs::read_dir(folder).map_err(of_folder)?.flatten().map(|entry| entry.path()).collect();
        found.retain(|path| {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            name.starts_with(PREFIX) && path.extension().is_some_and(|ending| ending == self.ending)
        });
        found.sort();
        found.truncate(found.len().saturating_sub(keep));
        for path in &found {
            std::fs::remove_file(path).map_err(|error| BackupError::File(path.clone(), error))?;
            let _ = std::fs::remove_file(Note::place(path));
        }
        Ok(found)
    }
}

/// `20261201-000945-123`, UTC: names sort as instants do.
pub(super) fn stamp(now: i64) -> String {
    let (day, rest) = (Date::of_instant(now).number(), now.rem_euclid(DAY_MS));
    let (hours, minutes, seconds) = (rest / 3_600_000, rest / 60_000 % 60, rest / 1_000 % 60);
    format!("{day}-{hours:02}{minutes:02}{seconds:02}-{:03}", rest % 1_000)
}

/// Length and SHA-256 of a file.
pub(super) fn sum(file: &Path) -> Result<(u64, String), BackupError> {
    let of_file = |error| BackupError::File(file.to_owned(), error);
    let (mut open, mut digest) = (File::open(file).map_err(of_file)?, Sha256::new());
    let (mut buffer, mut bytes) = (vec![0; 1 << 20], 0);
    loop {
        match open.read(&mut buffer).map_err(of_file)? {
            0 => return Ok((bytes, hex(&digest.finalize()))),
            read => {
                bytes += read as u64;
                digest.update(buffer.get(..read).unwrap_or_default());
            }
        }
    }
}

/// Renames.
pub(super) fn rename(from: &Path, to: &Path) -> Result<(), BackupError> {
    std::fs::rename(from, to).map_err(|error| BackupError::File(to.to_owned(), error))
}

/// What was written to a file or a folder is on the disk.
pub(super) fn settle(path: &Path) -> Result<(), BackupError> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    File::open(path).and_then(|file| file.sync_all()).map_err(|error| BackupError::File(path.to_owned(), error))
}

//! One backup. It is made from a snapshot that readers take: no sale waits for it. It bears its name only once it is on
//! the disk and was read through: what a power cut leaves is never taken for one.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use rusqlite::Connection;

use super::{
    stamp::Stamp,
    verify::{self, Closely},
};
use crate::{device::Device, error::Result};

/// What the name of a backup begins with, and of one that is being made.
const NAME: &str = "officine-";
const ENDING: &str = ".db";
const UNFINISHED: &str = ".unfinished";

/// Copies the store at `store` into `folder`. Gives where it is and what it says of itself.
pub fn make(
    store: &Path,
    folder: &Path,
    device: Option<&Device>,
    now: i64,
    closely: Closely,
) -> Result<(PathBuf, Stamp)> {
    sweep(folder);
    let path = free_name(folder, device.map_or(0, |device| device.series), now);
    let unfinished = path.with_extension("db.unfinished");
    let made = copy(store, &unfinished, device, now).and_then(|()| verify::check(&unfinished, closely));
    match made.and_then(|stamp| finish(&unfinished, &path, folder).map(|()| stamp)) {
        Ok(stamp) => Ok((path, stamp)),
        Err(error) => {
            let _ = fs::remove_file(&unfinished);
            Err(error)
        }
    }
}

fn copy(store: &Path, into: &Path, device: Option<&Device>, now: i64) -> Result<()> {
    let source = Connection::open_with_flags(store, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    source.busy_timeout(std::time::Duration::from_secs(5))?;
    source.execute("VACUUM INTO ?1", [into.display().to_string()])?;
    drop(source);
    let copy = Connection::open(into)?;
    Stamp::of(&copy, device, now)?.write(&copy)?;
    copy.close().map_err(|(_, error)| error)?;
    Ok(File::options().write(true).open(into)?.sync_all()?)
}

fn finish(unfinished: &Path, path: &Path, folder: &Path) -> Result<()> {
    fs::rename(unfinished, path)?;
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}

/// Takes away what a cut left.
fn sweep(folder: &Path) {
    for path in files(folder, UNFINISHED) {
        let _ = fs::remove_file(path);
    }
}

/// The finished backups of a folder, by name.
pub fn finished(folder: &Path) -> Vec<PathBuf> {
    files(folder, ENDING)
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let named = |path: &PathBuf| {
        path.file_name().is_some_and(|name| {
            let name = name.to_string_lossy();
            name.starts_with(NAME) && name.ends_with(ending)
        })
    };
    let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(named).collect();
    found.sort();
    found
}

fn free_name(folder: &Path, series: i64, now: i64) -> PathBuf {
    let at = chrono::DateTime::from_timestamp_millis(now).unwrap_or_default().format("%Y%m%d-%H%M%S");
    let name = |more: &str| folder.join(format!("{NAME}{series}-{at}{more}{ENDING}"));
    let mut numbered = (1..).map(|number| if number == 1 { name("") } else { name(&format!("-{number}")) });
    numbered.find(|path| !path.exists()).unwrap_or_else(|| name(""))
}

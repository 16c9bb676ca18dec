//! Another database in place of the till's: decided by one small file, done in steps that may be done again. A power cut
//! before that file is there leaves everything as it was; one after it, and the next start goes on.
//!
//! The log belongs to the file that goes: were it left beside the one that comes, it would be replayed into it.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

use crate::error::Result;

const STORE: &str = "officine.db";
/// The file that comes.
const STAGED: &str = "officine.db.new";
/// It is whole, and is to come.
const DECIDED: &str = "swap.decided";
/// What lies beside a database while it is open.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// Where the file that comes is made.
pub fn staged(dir: &Path) -> PathBuf {
    dir.join(STAGED)
}

/// Begins: what an earlier try left is taken away.
pub fn begin(dir: &Path) -> Result<PathBuf> {
    let staged = staged(dir);
    for path in [staged.clone(), beside(&staged, BESIDE[0]), beside(&staged, BESIDE[1])] {
        remove(&path)?;
    }
    Ok(staged)
}

/// Keeps a copy of the file that goes, its log with it. Gives where.
pub fn keep(dir: &Path, why: &str, now: i64) -> Result<PathBuf> {
    let at = chrono::DateTime::from_timestamp_millis(now).unwrap_or_default().format("%Y%m%d-%H%M%S");
    let mut numbered = (1..).map(|number| match number {
        1 => dir.join(format!("officine-{why}-{at}.db")),
        _ => dir.join(format!("officine-{why}-{at}-{number}.db")),
    });
    let kept = numbered.find(|path| !path.exists()).unwrap_or_else(|| dir.join(format!("officine-{why}.db")));
    copy(&dir.join(STORE), &kept)?;
    let log = beside(&dir.join(STORE), BESIDE[0]);
    if log.exists() {
        copy(&log, &beside(&kept, BESIDE[0]))?;
    }
    Ok(kept)
}

/// Takes a copy away again, with what lies beside it.
pub fn discard(kept: &Path) -> Result<()> {
    BESIDE.iter().try_for_each(|ending| remove(&beside(kept, ending)))?;
    remove(kept)
}

/// Copies a file onto the disk.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to)?;
    Ok(File::options().write(true).open(to)?.sync_all()?)
}

/// The staged file is whole: it comes now, or with the next start.
pub fn decide(dir: &Path) -> Result<()> {
    File::options().write(true).open(staged(dir))?.sync_all()?;
    let fresh = dir.join("swap.decided.new");
    let mut file = File::create(&fresh)?;
    file.write_all(b"1")?;
    file.sync_all()?;
    fs::rename(&fresh, dir.join(DECIDED))?;
    sync_folder(dir)
}

/// Does what was decided, if anything was. Nobody may have the store open.
pub fn finish(dir: &Path) -> Result<()> {
    if !dir.join(DECIDED).exists() {
        return Ok(());
    }
    let (store, staged) = (dir.join(STORE), staged(dir));
    if staged.exists() {
        for ending in BESIDE {
            remove(&beside(&store, ending))?;
        }
        sync_folder(dir)?;
        fs::rename(&staged, &store)?;
        sync_folder(dir)?;
    }
    remove(&dir.join(DECIDED))?;
    sync_folder(dir)
}

/// Whether somebody else has the store open: whoever closes it last takes the log with it.
pub fn is_open_elsewhere(dir: &Path) -> bool {
    fs::metadata(beside(&dir.join(STORE), BESIDE[0])).is_ok_and(|log| log.len() > 0)
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    PathBuf::from(format!("{}{ending}", path.display()))
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

fn sync_folder(dir: &Path) -> Result<()> {
    if let Ok(folder) = File::open(dir) {
        folder.sync_all()?;
    }
    Ok(())
}

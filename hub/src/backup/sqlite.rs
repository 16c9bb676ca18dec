//! SQLite: a copy from one consistent picture while the hub writes on, and a file put in the place of another.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use officine_protocol::{Uid, clock::Clock};
use rusqlite::{Connection, OpenFlags};

use super::{BackupError, Noted, Restored, files, known, renew};
use crate::{
    App, StoreError,
    store::{Lineage, Renewed, Sqlite, Store, sqlite::alone_with},
    system::SystemClock,
};

/// Copies the database, and reads from the copy what it holds: schema and pharmacies.
pub(super) fn copy(database: &Path, to: &Path) -> Result<(i64, Vec<Noted>), BackupError> {
    let failed = |error: rusqlite::Error| BackupError::Store(StoreError::Failed(error.to_string()));
    let source = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed)?;
    source.busy_timeout(std::time::Duration::from_secs(30)).map_err(failed)?;
    source.execute("VACUUM INTO ?1", [to.to_string_lossy()]).map_err(failed)?;
    verified(to)
}

/// What a backup holds, if it is whole.
fn verified(file: &Path) -> Result<(i64, Vec<Noted>), BackupError> {
    let unfit = |error: rusqlite::Error| BackupError::unfit(file, error.to_string());
    let backup = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(unfit)?;
    let whole: String = backup.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(unfit)?;
    if whole != "ok" {
        return Err(BackupError::unfit(file, whole));
    }
    let sql = "SELECT coalesce(max(version), 0) FROM refinery_schema_history";
    let schema = backup.query_row(sql, [], |row| row.get(0)).map_err(unfit)?;
    let mut found = backup.prepare("SELECT uid, name, epoch, revision FROM pharmacy ORDER BY id").map_err(unfit)?;
    let noted = found.query_map([], |row| {
        let uid: [u8; 16] = row.get(0)?;
        Ok(Noted { pharmacy: Uid::from_bytes(uid), name: row.get(1)?, epoch: row.get(2)?, revision: row.get(3)? })
    });
    Ok((schema, noted.map_err(unfit)?.collect::<Result<_, _>>().map_err(unfit)?))
}

/// Prepares a copy of the backup beside the database, then puts it in its place.
pub(super) async fn restore(folder: &Path, from: &Path) -> Result<Restored, BackupError> {
    std::fs::create_dir_all(folder).map_err(|error| BackupError::File(folder.to_owned(), error))?;
    let Some(_alone) = alone_with(folder)? else {
        return Err(BackupError::Serving(folder.display().to_string()));
    };
    verified(from)?;
    let stamp = files::stamp(SystemClock.now());
    let (place, stage) = (folder.join("hub.db"), folder.join(format!("restoring-{stamp}")));
    let replaced = match place.exists() {
        true => known(Sqlite::open_held(folder).map(|store| Arc::new(store) as Arc<dyn Store>)).await,
        false => None,
    };
    let prepared = prepare(&stage, from, replaced).await;
    let pharmacies = match prepared {
        Ok(pharmacies) => pharmacies,
        Err(error) => {
            let _ = std::fs::remove_dir_all(&stage);
            return Err(error);
        }
    };
    let kept = put_aside(folder, &stamp)?;
    files::rename(&stage.join("hub.db"), &place)?;
    files::settle(folder)?;
    let _ = std::fs::remove_dir_all(&stage);
    Ok(Restored { from: from.to_owned(), kept: kept.map(|kept| kept.display().to_string()), pharmacies })
}

/// A database of its own in a folder of its own, brought up to date and into its new epochs.
async fn prepare(stage: &Path, from: &Path, replaced: Option<Lineage>) -> Result<Vec<Renewed>, BackupError> {
    let file = stage.join("hub.db");
    std::fs::create_dir_all(stage).map_err(|error| BackupError::File(stage.to_owned(), error))?;
    std::fs::copy(from, &file).map_err(|error| BackupError::File(file.clone(), error))?;
    let app = App::new(Arc::new(Sqlite::open(stage)?));
    let pharmacies = renew(&app, replaced).await?;
    drop(app);
    gather(&file)?;
    files::settle(&file)?;
    Ok(pharmacies)
}

/// Brings what a database's journal holds into its file: nothing is left beside it.
fn gather(file: &Path) -> Result<(), BackupError> {
    let failed = |error: rusqlite::Error| BackupError::Store(StoreError::Failed(error.to_string()));
    let mode: String = Connection::open(file)
        .and_then(|open| open.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0)))
        .map_err(failed)?;
    if mode == "delete" { Ok(()) } else { Err(BackupError::Serving(file.display().to_string())) }
}

/// Keeps the database that was there under another name: a link to it, so that there is one at every instant. One that can
/// no longer be read is put aside with its journal.
fn put_aside(folder: &Path, stamp: &str) -> Result<Option<PathBuf>, BackupError> {
    let (place, kept) = (folder.join("hub.db"), folder.join(format!("hub-before-{stamp}.db")));
    if !place.exists() {
        return Ok(None);
    }
    let readable = gather(&place).is_ok();
    for ending in ["-wal", "-shm", "-journal"] {
        let (from, to) =
            (folder.join(format!("hub.db{ending}")), folder.join(format!("hub-before-{stamp}.db{ending}")));
        if from.exists() {
            files::rename(&from, &to)?;
        }
    }
    if !readable || std::fs::hard_link(&place, &kept).is_err() {
        files::rename(&place, &kept)?;
    }
    Ok(Some(kept))
}

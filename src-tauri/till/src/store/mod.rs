//! The till's store: one SQLite file, one writer, a few readers.
//!
//! Whatever a call of [`Store::write`] has returned from is on the disk (`synchronous=FULL`): a power cut takes nothing
//! of it. A closure that fails leaves no trace. Readers never wait for the writer.

pub mod checks;
pub mod ledger;
pub mod outbox;
pub mod rows;

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::{
    error::{Error, Result},
    refuse,
};

mod embedded {
    refinery::embed_migrations!("migrations");
}

const READERS: usize = 3;
const BUSY: Duration = Duration::from_secs(5);

/// The open store.
pub struct Store {
    path: PathBuf,
    writer: Mutex<Connection>,
    readers: [Mutex<Connection>; READERS],
}

impl Store {
    /// Opens or creates the store: WAL recovery, schema version, nothing slower.
    pub fn open(path: &Path) -> Result<Self> {
        let located = |error| locate(error, path);
        let mut writer = Self::connect(path, OpenFlags::default()).map_err(located)?;
        migrate(&mut writer).map_err(located)?;
        let reader = || Self::reader(path).map(Mutex::new);
        let readers = [reader()?, reader()?, reader()?];
        Ok(Self { path: path.to_owned(), writer: Mutex::new(writer), readers })
    }

    fn reader(path: &Path) -> Result<Connection> {
        Self::connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
    }

    fn connect(path: &Path, flags: OpenFlags) -> Result<Connection> {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY)?;
        connection.set_prepared_statement_cache_capacity(128);
        if !flags.contains(OpenFlags::SQLITE_OPEN_READ_ONLY) {
            connection.pragma_update(None, "journal_mode", "wal")?;
            connection.pragma_update(None, "synchronous", "full")?;
            connection.pragma_update(None, "foreign_keys", true)?;
            connection.pragma_update(None, "wal_autocheckpoint", 0)?;
        }
        connection.pragma_update(None, "cache_size", -16_384)?;
        connection.pragma_update(None, "temp_store", "memory")?;
        Ok(connection)
    }

    /// One transaction. It is durable once this returns, or it never was.
    pub fn write<T>(&self, act: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let mut writer = lock(&self.writer);
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = act(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }

    /// Reads one consistent state.
    pub fn read<T>(&self, act: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let free = self.readers.iter().find_map(|reader| reader.try_lock().ok());
        let mut reader = free.unwrap_or_else(|| lock(&self.readers[0]));
        let snapshot = reader.transaction()?;
        act(&snapshot)
    }

    /// Moves the log into the file, off the sale's path: never waits for anyone. Gives the pages of the log.
    pub fn checkpoint(&self) -> Result<i64> {
        let side = Self::connect(&self.path, OpenFlags::default())?;
        Ok(side.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(1))?)
    }

    /// Another file in its place: nothing is read or written meanwhile, and no connection of this store is open while
    /// `place` does it. What was there is there again if that fails.
    pub fn swap(&self, place: impl FnOnce() -> Result<()>) -> Result<()> {
        let mut writer = lock(&self.writer);
        let [mut first, mut second, mut third] = self.readers.each_ref().map(lock);
        for connection in [&mut writer, &mut first, &mut second, &mut third] {
            **connection = Connection::open_in_memory()?;
        }
        let placed = place();
        *writer = Self::connect(&self.path, OpenFlags::default())?;
        for connection in [&mut first, &mut second, &mut third] {
            **connection = Self::reader(&self.path)?;
        }
        placed
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The version of the tables that this till writes.
pub fn newest_schema() -> i64 {
    let runner = embedded::migrations::runner();
    runner.get_migrations().iter().map(|migration| i64::from(migration.version())).max().unwrap_or(0)
}

/// Brings tables up to date.
pub fn migrate(writer: &mut Connection) -> Result<()> {
    let (found, known) = (checks::schema_version(writer)?, newest_schema());
    if found > known {
        return refuse!("store_newer", found: found, known: known);
    }
    if found < known {
        embedded::migrations::runner().run(writer)?;
    }
    Ok(())
}

/// Says which file could not be used.
fn locate(error: Error, path: &Path) -> Error {
    let mut problem = error.problem();
    problem.params.insert("path".to_owned(), path.display().to_string().into());
    Error::Refused { code: problem.code, params: problem.params }
}

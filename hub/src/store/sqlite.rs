//! SQLite: one writer and a few readers, each on a blocking thread for the length of a job. `synchronous=FULL`: what
//! returned is on disk.

use std::{
    fs::{File, TryLockError},
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use officine_protocol::{
    sql::Dialect,
    value::{Value, hex},
};
use rusqlite::{Connection, ErrorCode, ToSql, types::ValueRef};
use tokio::time::{MissedTickBehavior, interval};

use super::{
    ahead::Turns,
    migrate,
    session::{Bulk, Cells, Database, Job, Param, Query, Scope, Session},
    uploads::Uploads,
    wakes::Wakes,
};
use crate::StoreError;

const READERS: usize = 2;
const STATEMENTS: usize = 256;
/// How often the file is looked at for what another process wrote: the owner's command line.
const LOOK: Duration = Duration::from_secs(1);
const BUSY: Duration = Duration::from_secs(5);

/// A hub's own database file.
#[derive(Clone)]
pub struct Sqlite {
    writer: Arc<Mutex<Connection>>,
    readers: Arc<Vec<Mutex<Connection>>>,
    next: Arc<AtomicUsize>,
    uploads: Uploads,
    turns: Turns,
    wakes: Wakes,
    /// Held for as long as the file is open: it is not put in another's place meanwhile.
    _held: Option<Arc<File>>,
}

impl Sqlite {
    /// Opens `hub.db` in a folder, which is created if need be, and brings its tables up to date.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(folder).map_err(|error| StoreError::Unwritable(error.to_string()))?;
        let held = place(folder).map_err(|error| StoreError::Unwritable(error.to_string()))?;
        match held.try_lock_shared() {
            Ok(()) => Ok(Self { _held: Some(Arc::new(held)), ..Self::open_held(folder)? }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Busy("a backup is being restored".to_owned())),
            Err(TryLockError::Error(error)) => Err(StoreError::Unwritable(error.to_string())),
        }
    }

    /// For whoever holds the folder: [`alone_with`].
    pub(crate) fn open_held(folder: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(folder).map_err(|error| StoreError::Unwritable(error.to_string()))?;
        let file = folder.join("hub.db");
        let _alone = alone(folder).map_err(|error| StoreError::Unwritable(error.to_string()))?;
        let mut writer = connect(&file)?;
        upgrade(&mut writer)?;
        let readers = (0..READERS).map(|_| connect(&file).map(Mutex::new)).collect::<Result<_, _>>()?;
        let (writer, readers) = (Arc::new(Mutex::new(writer)), Arc::new(readers));
        Ok(Self {
            writer,
            readers,
            next: Arc::default(),
            uploads: Uploads::default(),
            turns: Turns::default(),
            wakes: Wakes::default(),
            _held: None,
        })
    }
}

impl Sqlite {
    /// A number that another connection's commit changes, and none of our own writer's.
    async fn written_elsewhere(&self) -> Result<i64, StoreError> {
        let writer = Arc::clone(&self.writer);
        blocking(move || guard(&writer).query_row("PRAGMA data_version", [], |row| row.get(0)).map_err(failure)).await
    }
}

fn place(folder: &Path) -> std::io::Result<File> {
    File::create(folder.join("hub.open"))
}

/// Holds a folder until dropped, unless somebody has its database open. The system frees it after a crash.
pub(crate) fn alone_with(folder: &Path) -> Result<Option<File>, StoreError> {
    let unwritable = |error: std::io::Error| StoreError::Unwritable(error.to_string());
    let held = place(folder).map_err(unwritable)?;
    match held.try_lock() {
        Ok(()) => Ok(Some(held)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(unwritable(error)),
    }
}

/// Holds off other hubs while the tables are brought up to date, until dropped. The system frees it after a crash.
fn alone(folder: &Path) -> std::io::Result<File> {
    let lock = File::create(folder.join("hub.lock"))?;
    lock.lock()?;
    Ok(lock)
}

fn connect(file: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(file).map_err(failure)?;
    connection.busy_timeout(BUSY).map_err(failure)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection
        .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;")
        .map_err(failure)?;
    Ok(connection)
}

fn upgrade(connection: &mut Connection) -> Result<(), StoreError> {
    let runner = migrate::sqlite::migrations::runner();
    let sql = "SELECT count(*) FROM sqlite_schema WHERE name = 'refinery_schema_history'";
    let known: i64 = connection.query_row(sql, [], |row| row.get(0)).map_err(failure)?;
    if known > 0 {
        let sql = "SELECT coalesce(max(version), 0) FROM refinery_schema_history";
        let found = connection.query_row(sql, [], |row| row.get(0)).map_err(failure)?;
        migrate::check_version(found, &runner)?;
    }
    runner.run(connection).map(|_| ()).map_err(|error| StoreError::Failed(error.to_string()))
}

fn guard(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs a job between `begin` and `COMMIT`.
fn run<T>(connection: &mut Connection, begin: &str, job: Job<T>) -> Result<T, StoreError> {
    let handle = tokio::runtime::Handle::current();
    connection.execute_batch(begin).map_err(failure)?;
    let mut session = SqliteSession(connection);
    let given = handle.block_on(job(&mut session))?;
    session.0.execute_batch("COMMIT").map_err(failure)?;
    Ok(given)
}

/// A transaction. Dropped before it was committed, it is rolled back.
struct SqliteSession<'a>(&'a mut Connection);

impl Drop for SqliteSession<'_> {
    fn drop(&mut self) {
        if !self.0.is_autocommit() {
            let _ = self.0.execute_batch("ROLLBACK");
        }
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let span = tracing::Span::current();
    let joined = tokio::task::spawn_blocking(move || span.in_scope(work)).await;
    joined.unwrap_or_else(|error| Err(StoreError::Failed(error.to_string())))
}

#[async_trait]
impl Database for Sqlite {
    fn uploads(&self) -> &Uploads {
        &self.uploads
    }

    fn turns(&self) -> &Turns {
        &self.turns
    }

    fn wakes(&self) -> &Wakes {
        &self.wakes
    }

    async fn listen(&self) {
        let (mut ticks, mut known) = (interval(LOOK), None);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let found = self.written_elsewhere().await.ok();
            if known.is_some() && found != known {
                self.wakes.everyone();
            }
            known = found;
        }
    }

    async fn write<T: Send + 'static>(&self, _: Scope, job: Job<T>) -> Result<T, StoreError> {
        let writer = Arc::clone(&self.writer);
        blocking(move || run(&mut guard(&writer), "BEGIN IMMEDIATE", job)).await
    }

    async fn read<T: Send + 'static>(&self, _: Scope, job: Job<T>) -> Result<T, StoreError> {
        let (readers, turn) = (Arc::clone(&self.readers), self.next.fetch_add(1, Ordering::Relaxed));
        blocking(move || match readers.get(turn % READERS) {
            Some(reader) => run(&mut guard(reader), "BEGIN", job),
            None => Err(StoreError::Busy("no reader".to_owned())),
        })
        .await
    }
}

#[async_trait]
impl Session for SqliteSession<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    async fn enter(&mut self, _: i64) -> Result<(), StoreError> {
        Ok(())
    }

    async fn query(&mut self, sql: &str, params: &[Param]) -> Result<Vec<Cells>, StoreError> {
        query(self.0, sql, params)
    }

    async fn execute(&mut self, sql: &str, params: &[Param]) -> Result<u64, StoreError> {
        let mut statement = self.0.prepare_cached(sql).map_err(failure)?;
        let params: Vec<Value> = params.iter().map(single).collect();
        let touched = statement.execute(rusqlite::params_from_iter(params.iter())).map_err(failure)?;
        Ok(touched as u64)
    }

    async fn write(&mut self, bulk: Bulk) -> Result<(), StoreError> {
        let mut statement = self.0.prepare_cached(&bulk.sql).map_err(failure)?;
        for row in &bulk.rows {
            statement
                .execute(rusqlite::params_from_iter(row.iter().map(|value| value as &dyn ToSql)))
                .map_err(failure)?;
        }
        Ok(())
    }

    async fn query_all(&mut self, queries: Vec<Query>) -> Result<Vec<Vec<Cells>>, StoreError> {
        queries.iter().map(|ask| query(self.0, &ask.sql, &ask.params)).collect()
    }

    async fn write_all(&mut self, bulks: Vec<Bulk>) -> Result<(), StoreError> {
        for bulk in bulks {
            self.write(bulk).await?;
        }
        Ok(())
    }

    async fn run(&mut self, sql: &str) -> Result<(), StoreError> {
        self.0.execute_batch(sql).map_err(failure)
    }
}

fn query(connection: &Connection, sql: &str, params: &[Param]) -> Result<Vec<Cells>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(failure)?;
    let columns = statement.column_count();
    let params: Vec<Value> = params.iter().map(single).collect();
    let mut rows = statement.query(rusqlite::params_from_iter(params.iter())).map_err(failure)?;
    let mut read = Vec::new();
    while let Some(row) = rows.next().map_err(failure)? {
        let cell = |place| match row.get_ref(place)? {
            ValueRef::Null => Ok(Value::Null),
            ValueRef::Integer(number) => Ok(Value::Int(number)),
            ValueRef::Text(text) => Ok(Value::Text(String::from_utf8_lossy(text).into_owned())),
            ValueRef::Blob(bytes) => Ok(Value::Bytes(bytes.to_vec())),
            ValueRef::Real(_) => Err(rusqlite::Error::InvalidQuery),
        };
        read.push(Cells((0..columns).map(cell).collect::<Result<_, _>>().map_err(failure)?));
    }
    Ok(read)
}

/// Lists travel as JSON; byte strings in them as hexadecimal.
fn single(param: &Param) -> Value {
    let json = match param {
        Param::One(value) => return value.clone(),
        Param::Ints(list) => serde_json::Value::from(list.as_slice()),
        Param::Texts(list) => serde_json::Value::from(list.as_slice()),
        Param::Blobs(list) => list.iter().map(|bytes| hex(bytes)).collect(),
    };
    Value::Text(json.to_string())
}

fn failure(error: rusqlite::Error) -> StoreError {
    let text = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => StoreError::Refused(text),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy(text),
        Some(
            ErrorCode::DiskFull
            | ErrorCode::ReadOnly
            | ErrorCode::CannotOpen
            | ErrorCode::PermissionDenied
            | ErrorCode::SystemIoFailure,
        ) => StoreError::Unwritable(text),
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => StoreError::Damaged(text),
        _ => StoreError::Failed(text),
    }
}

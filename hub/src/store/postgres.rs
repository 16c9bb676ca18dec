//! PostgreSQL: a pool of connections; writes of one pharmacy exclude each other by its row lock.
//! A connection whose transaction was not ended in order is thrown away.

use std::error::Error as _;

use async_trait::async_trait;
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime};
use officine_protocol::{sql::Dialect, value::Value};
use tokio_postgres::{
    NoTls, Row,
    error::SqlState,
    types::{ToSql, Type},
};

use super::{
    migrate,
    session::{Affinity, Bulk, Cells, Database, Job, Param, Session},
};
use crate::StoreError;

const CONNECTIONS: usize = 16;
const WAIT: std::time::Duration = std::time::Duration::from_secs(10);
/// Holds off other hubs while the tables are brought up to date.
const MIGRATION_LOCK: i64 = 0x0ff1_c14e;

/// A database server.
#[derive(Clone)]
pub struct Postgres {
    pool: Pool,
}

impl Postgres {
    /// Connects by URL and brings the tables up to date.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let config: tokio_postgres::Config = url.parse().map_err(failure)?;
        let manager = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let pool = Pool::builder(Manager::from_config(config, NoTls, manager))
            .max_size(CONNECTIONS)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(WAIT))
            .create_timeout(Some(WAIT))
            .build()
            .map_err(|error| StoreError::Failed(error.to_string()))?;
        let opened = Self { pool };
        opened.upgrade().await?;
        Ok(opened)
    }

    async fn lease(&self) -> Result<Lease, StoreError> {
        let object = self.pool.get().await.map_err(|error| StoreError::Busy(error.to_string()))?;
        Ok(Lease(Some(object)))
    }

    async fn upgrade(&self) -> Result<(), StoreError> {
        let mut lease = self.lease().await?;
        let client = lease.client_mut()?;
        client.execute("SELECT pg_advisory_lock($1)", &[&MIGRATION_LOCK]).await.map_err(failure)?;
        let runner = migrate::postgres::migrations::runner();
        let sql = "SELECT to_regclass('refinery_schema_history') IS NOT NULL";
        if client.query_one(sql, &[]).await.map_err(failure)?.get(0) {
            let sql = "SELECT coalesce(max(version), 0)::bigint FROM refinery_schema_history";
            migrate::check_version(client.query_one(sql, &[]).await.map_err(failure)?.get(0), &runner)?;
        }
        let run = runner.run_async(client).await.map_err(|error| StoreError::Failed(error.to_string()));
        client.execute("SELECT pg_advisory_unlock($1)", &[&MIGRATION_LOCK]).await.map_err(failure)?;
        run?;
        lease.give_back();
        Ok(())
    }

    async fn run<T: Send + 'static>(&self, begin: &'static str, job: Job<T>) -> Result<T, StoreError> {
        let this = self.clone();
        let work = async move {
            let mut lease = this.lease().await?;
            lease.client()?.batch_execute(begin).await.map_err(failure)?;
            let mut session = PostgresSession(lease.client()?);
            let given = job(&mut session).await;
            let end = if given.is_ok() { "COMMIT" } else { "ROLLBACK" };
            lease.client()?.batch_execute(end).await.map_err(failure)?;
            lease.give_back();
            given
        };
        let joined = tokio::spawn(work).await;
        joined.unwrap_or_else(|error| Err(StoreError::Failed(error.to_string())))
    }
}

/// A connection that goes back to the pool only if it is given back.
struct Lease(Option<Object>);

impl Lease {
    fn client(&mut self) -> Result<&mut Object, StoreError> {
        self.0.as_mut().ok_or_else(|| StoreError::Busy("no connection".to_owned()))
    }

    fn client_mut(&mut self) -> Result<&mut tokio_postgres::Client, StoreError> {
        self.client().map(|object| &mut ***object)
    }

    fn give_back(&mut self) {
        drop(self.0.take());
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(object) = self.0.take() {
            drop(Object::take(object));
        }
    }
}

#[async_trait]
impl Database for Postgres {
    async fn write<T: Send + 'static>(&self, job: Job<T>) -> Result<T, StoreError> {
        self.run("BEGIN", job).await
    }

    async fn read<T: Send + 'static>(&self, job: Job<T>) -> Result<T, StoreError> {
        self.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", job).await
    }
}

struct PostgresSession<'a>(&'a mut Object);

fn bound(param: &Param) -> &(dyn ToSql + Sync) {
    match param {
        Param::One(value) => value,
        Param::Ints(list) => list,
        Param::Texts(list) => list,
        Param::Blobs(list) => list,
    }
}

#[async_trait]
impl Session for PostgresSession<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    async fn query(&mut self, sql: &str, params: &[Param]) -> Result<Vec<Cells>, StoreError> {
        let statement = self.0.prepare_cached(sql).await.map_err(failure)?;
        let params: Vec<_> = params.iter().map(bound).collect();
        let rows = self.0.query(&statement, &params).await.map_err(failure)?;
        rows.iter().map(cells).collect()
    }

    async fn execute(&mut self, sql: &str, params: &[Param]) -> Result<u64, StoreError> {
        let statement = self.0.prepare_cached(sql).await.map_err(failure)?;
        let params: Vec<_> = params.iter().map(bound).collect();
        self.0.execute(&statement, &params).await.map_err(failure)
    }

    async fn write(&mut self, bulk: Bulk) -> Result<(), StoreError> {
        let statement = self.0.prepare_cached(&bulk.sql).await.map_err(failure)?;
        let columns: Vec<Box<dyn ToSql + Sync + Send>> =
            bulk.columns.iter().enumerate().map(|(place, affinity)| column(&bulk.rows, place, *affinity)).collect();
        let params: Vec<&(dyn ToSql + Sync)> = columns.iter().map(|column| &**column as &(dyn ToSql + Sync)).collect();
        self.0.execute(&statement, &params).await.map_err(failure).map(|_| ())
    }

    async fn run(&mut self, sql: &str) -> Result<(), StoreError> {
        self.0.batch_execute(sql).await.map_err(failure)
    }
}

/// One column of many rows, as a list.
fn column(rows: &[Vec<Value>], place: usize, affinity: Affinity) -> Box<dyn ToSql + Sync + Send> {
    let cells = rows.iter().map(|row| row.get(place).unwrap_or(&Value::Null));
    match affinity {
        Affinity::Int => Box::new(cells.map(Value::int).collect::<Vec<_>>()),
        Affinity::Text => Box::new(cells.map(|value| value.text().map(str::to_owned)).collect::<Vec<_>>()),
        Affinity::Blob => Box::new(cells.map(blob).collect::<Vec<_>>()),
    }
}

fn blob(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::Bytes(bytes) => Some(bytes.clone()),
        Value::Uid(uid) => Some(uid.as_bytes().to_vec()),
        _ => None,
    }
}

fn cells(row: &Row) -> Result<Cells, StoreError> {
    let cell = |(place, column): (usize, &tokio_postgres::Column)| match *column.type_() {
        Type::INT8 => row.try_get::<_, Option<i64>>(place).map(|cell| cell.map_or(Value::Null, Value::Int)),
        Type::TEXT => row.try_get::<_, Option<String>>(place).map(|cell| cell.map_or(Value::Null, Value::Text)),
        _ => row.try_get::<_, Option<Vec<u8>>>(place).map(|cell| cell.map_or(Value::Null, Value::Bytes)),
    };
    Ok(Cells(row.columns().iter().enumerate().map(cell).collect::<Result<_, _>>().map_err(failure)?))
}

/// Details are left out: they quote whole rows.
fn failure(error: tokio_postgres::Error) -> StoreError {
    let Some(said) = error.as_db_error() else {
        let lost = error.is_closed() || error.source().is_some_and(|source| source.is::<std::io::Error>());
        return if lost { StoreError::Busy(error.to_string()) } else { StoreError::Failed(error.to_string()) };
    };
    let (state, text) = (said.code(), format!("{} ({})", said.message(), said.code().code()));
    if *state == SqlState::DATA_CORRUPTED || *state == SqlState::INDEX_CORRUPTED {
        return StoreError::Damaged(text);
    }
    if *state == SqlState::DISK_FULL || *state == SqlState::READ_ONLY_SQL_TRANSACTION {
        return StoreError::Unwritable(text);
    }
    match state.code().get(..2) {
        Some("22" | "23") => StoreError::Refused(text),
        Some("08" | "40" | "53" | "55" | "57") => StoreError::Busy(text),
        Some("58") => StoreError::Unwritable(text),
        _ => StoreError::Failed(text),
    }
}

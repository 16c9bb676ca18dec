//! The little that two databases must do alike: run a statement, write many rows by one, inside a transaction.
//! Everything above is written once, with SQL for either dialect.

use std::{future::Future, pin::Pin};

use async_trait::async_trait;
use officine_protocol::{Uid, sql::Dialect, value::Value};

use super::PoolUse;
use super::{ahead::Turns, uploads::Uploads, wakes::Wakes};
use crate::StoreError;

/// A parameter of a statement.
#[derive(Clone, Debug)]
pub enum Param {
    /// One value.
    One(Value),
    /// A list of integers.
    Ints(Vec<i64>),
    /// A list of texts.
    Texts(Vec<String>),
    /// A list of byte strings.
    Blobs(Vec<Vec<u8>>),
}

impl<T: Into<Value>> From<T> for Param {
    fn from(value: T) -> Self {
        Self::One(value.into())
    }
}

impl Param {
    /// Bytes.
    pub fn bytes(bytes: &[u8]) -> Self {
        Self::One(Value::Bytes(bytes.to_vec()))
    }

    /// A list of uids.
    pub fn uids<'a>(uids: impl IntoIterator<Item = &'a Uid>) -> Self {
        Self::Blobs(uids.into_iter().map(|uid| uid.as_bytes().to_vec()).collect())
    }
}

/// How a column is stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Affinity {
    /// 64 bits.
    Int,
    /// UTF-8 without NUL.
    Text,
    /// Bytes.
    Blob,
}

/// A row as it was read: integers, texts, bytes and nothing else.
#[derive(Clone, Debug)]
pub struct Cells(pub Vec<Value>);

impl Cells {
    /// An integer that must be there.
    pub fn int(&self, place: usize) -> Result<i64, StoreError> {
        self.0.get(place).and_then(Value::int).ok_or_else(|| StoreError::shape("integer"))
    }

    /// A text that must be there.
    pub fn text(&self, place: usize) -> Result<&str, StoreError> {
        self.0.get(place).and_then(Value::text).ok_or_else(|| StoreError::shape("text"))
    }

    /// Bytes that must be there.
    pub fn bytes(&self, place: usize) -> Result<&[u8], StoreError> {
        self.0.get(place).and_then(Value::bytes).ok_or_else(|| StoreError::shape("bytes"))
    }

    /// A uid that must be there.
    pub fn uid(&self, place: usize) -> Result<Uid, StoreError> {
        Uid::from_slice(self.bytes(place)?).map_err(|_| StoreError::shape("uid"))
    }

    /// An integer that may be absent.
    pub fn maybe_int(&self, place: usize) -> Option<i64> {
        self.0.get(place).and_then(Value::int)
    }
}

/// One statement for many rows. In SQLite it runs once per row; in PostgreSQL once, over `unnest`ed arrays.
#[derive(Clone, Debug)]
pub struct Bulk {
    /// The text, in the session's dialect.
    pub sql: String,
    /// How each column is stored.
    pub columns: Vec<Affinity>,
    /// The rows.
    pub rows: Vec<Vec<Value>>,
}

/// A statement that reads.
#[derive(Clone, Debug)]
pub struct Query {
    /// The text, in the session's dialect.
    pub sql: String,
    /// Its parameters.
    pub params: Vec<Param>,
}

/// A transaction. It is committed by whoever opened it, if the job succeeds; dropped, it has written nothing.
#[async_trait]
pub trait Session: Send {
    /// How its SQL is written.
    fn dialect(&self) -> Dialect;
    /// Binds what follows to a pharmacy, where the database holds its rows apart.
    async fn enter(&mut self, pharmacy: i64) -> Result<(), StoreError>;
    /// Reads rows.
    async fn query(&mut self, sql: &str, params: &[Param]) -> Result<Vec<Cells>, StoreError>;
    /// Writes, and says how many rows it touched.
    async fn execute(&mut self, sql: &str, params: &[Param]) -> Result<u64, StoreError>;
    /// Writes many rows.
    async fn write(&mut self, bulk: Bulk) -> Result<(), StoreError>;
    /// Reads, in order, what several statements find: one round trip where the database allows it.
    async fn query_all(&mut self, queries: Vec<Query>) -> Result<Vec<Vec<Cells>>, StoreError>;
    /// Writes, in order, what several statements write: one round trip where the database allows it.
    async fn write_all(&mut self, bulks: Vec<Bulk>) -> Result<(), StoreError>;
    /// Runs text without parameters: savepoints.
    async fn run(&mut self, sql: &str) -> Result<(), StoreError>;
}

/// What a job gives, later.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;
/// Work to be done in one transaction.
pub type Job<T> = Box<dyn for<'a> FnOnce(&'a mut dyn Session) -> Later<'a, T> + Send>;

/// On whose behalf a job runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// A device of this pharmacy: nothing else can be seen or written.
    Pharmacy(i64),
    /// Nobody yet: a token or a code tells the pharmacy, which the job then [enters](Session::enter).
    Nobody,
    /// The owner of the hub, who knows every pharmacy and device.
    Owner,
}

/// A database that runs jobs in transactions.
///
/// A write is durable when it returns. Writes exclude each other at least per pharmacy, once the job has locked the
/// pharmacy's row. A caller that goes away does not stop a job half way.
#[async_trait]
pub trait Database: Clone + Send + Sync + 'static {
    /// Where uploads wait for one another.
    fn uploads(&self) -> &Uploads;
    /// Where those wait who would hash the rows of a pharmacy.
    fn turns(&self) -> &Turns;
    /// Where those wait who are told when a pharmacy moves.
    fn wakes(&self) -> &Wakes;
    /// Hears, for as long as it runs, of what other processes wrote, and tells them of what this one did.
    async fn listen(&self);
    /// Runs a job that writes. It is committed whole if it succeeds, else rolled back whole.
    async fn write<T: Send + 'static>(&self, scope: Scope, job: Job<T>) -> Result<T, StoreError>;
    /// Runs a job that only reads, on one consistent picture.
    async fn read<T: Send + 'static>(&self, scope: Scope, job: Job<T>) -> Result<T, StoreError>;
    /// Its connections, where it has a pool of them.
    fn pool(&self) -> Option<PoolUse> {
        None
    }
}

//! Storage: one contract, two databases. See [`Store`] for what it promises.

mod admin;
mod ahead;
mod asks;
mod books;
mod check;
mod devices;
mod digest;
mod edits;
mod history;
mod holdings;
mod join;
mod journal;
mod lineage;
mod load;
mod log;
mod lost;
mod migrate;
mod offer;
mod owners;
mod parts;
mod pick;
pub mod postgres;
mod pull;
mod push;
mod quarantine;
mod ranges;
mod recast;
mod rows;
mod scan;
pub mod session;
pub mod sqlite;
mod text;
mod twins;
pub mod uploads;
pub mod wakes;
mod walk;
mod write;

use async_trait::async_trait;
use officine_protocol::{
    Uid,
    messages::{DigestResponse, DigestRowsResponse, LogRequest, LogResponse},
};

pub use self::{
    ahead::{Ahead, Hashed, Turns},
    asks::{Ask, Batch, Heard, Page, Pushed, Walk, WalkAsk},
    check::{CheckAsk, Checked, MENDING, Place},
    digest::Narrow,
    history::{History, HistoryAsk},
    lineage::{Ancestor, Lineage, Renewed},
    offer::{Offer, TakenBack},
    owners::{Bearer, DeviceLine, Enrolled, Enrolment, NewPharmacy, PoolUse, Standing, StockFilter, StockLine},
    postgres::Postgres,
    quarantine::KeptOperation,
    rows::{Given, Wanted},
    session::Database,
    sqlite::Sqlite,
    wakes::Wakes,
};
use crate::{
    StoreError,
    decide::{Decide, Device},
    secrets::Hash,
};

/// What the hub keeps.
///
/// - Every method is one transaction: dropped, failed or cut by a crash, it has written nothing; returned, what it
///   wrote is on disk.
/// - Whatever a device asks or writes is bound to its pharmacy, on PostgreSQL by row-level security as well.
/// - Creating and listing pharmacies, codes and devices, the stock and the digests of all, are the owner's: without the owner's URL
///   they are [`StoreError::NeedsOwner`].
/// - Revisions of a pharmacy are given under its row lock: the order of commits is the order of revisions, and a
///   reader that saw revision *n* will never find a row below *n* that it has not seen.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Loads what the batch touches, has it decided, and writes the outcome, under the pharmacy's row lock, together
    /// with whatever else waits for that pharmacy. Where the database objects, each batch is decided by itself, then
    /// one operation at a time, so that one never spoils another.
    async fn transact(&self, batch: Batch, decide: Decide) -> Result<Pushed, StoreError>;
    /// A page of a device's pharmacy, from one consistent picture.
    async fn page(&self, device: &Device, ask: Ask) -> Result<Page, StoreError>;
    /// Where those wait who are told when a pharmacy moves: woken, they look again.
    fn wakes(&self) -> &Wakes;
    /// Hears, for as long as it runs, of what other processes wrote, and tells them of what this one did.
    async fn listen(&self);
    /// Where a till's history and the pharmacy's part. Where the till was ahead of a hub that does not know that it was
    /// restored, an epoch begins with the answer.
    async fn history(&self, device: &Device, ask: HistoryAsk) -> Result<History, StoreError>;
    /// A page of a walk through a device's pharmacy, from one consistent picture.
    async fn walk(&self, device: &Device, ask: WalkAsk) -> Result<Walk, StoreError>;
    /// A page of the change log of a device's pharmacy.
    async fn log(&self, device: &Device, asked: LogRequest) -> Result<LogResponse, StoreError>;
    /// Revision and row counts.
    async fn standing(&self, pharmacy: i64) -> Result<Standing, StoreError>;
    /// Hashes what is not kept, in short transactions, so that [`digest`](Self::digest) finds it.
    async fn hash_ahead(&self, pharmacy: i64, ahead: Ahead) -> Result<Hashed, StoreError>;
    /// How many rows each entity has and the sum of their hashes, from one consistent picture.
    async fn digest(&self, pharmacy: i64, narrow: Narrow) -> Result<DigestResponse, StoreError>;
    /// The rows of one bucket of an entity, by uid, from one consistent picture; nothing where there are too many.
    async fn digest_rows(&self, pharmacy: i64, narrow: Narrow) -> Result<Option<DigestRowsResponse>, StoreError>;
    /// Rows of a device's pharmacy by name, from one consistent picture.
    async fn rows(&self, device: &Device, wanted: Wanted) -> Result<Given, StoreError>;
    /// Takes back rows that the hub lost, under the pharmacy's row lock: what is of another history, changed since, or of
    /// no revision that was ever given is not written. Where the database objects, row by row.
    async fn offer(&self, offer: Offer) -> Result<TakenBack, StoreError>;
    /// Checks the books of a device's pharmacy and mends them, in portions under the pharmacy's row lock.
    async fn check(&self, ask: CheckAsk) -> Result<Checked, StoreError>;
    /// The number of a pharmacy, for what its owner asks.
    async fn pharmacy(&self, uid: Uid) -> Result<i64, StoreError>;
    /// Uses up a one-time code. A known incarnation keeps its identity and series, and is no longer revoked.
    async fn enrol(&self, enrolment: Enrolment) -> Result<Enrolled, StoreError>;
    /// Whose token this is the hash of.
    async fn bearer(&self, token: Hash) -> Result<Option<Bearer>, StoreError>;
    /// The database answers; true where its tables are those this hub knows, neither older nor newer.
    async fn ready(&self) -> Result<bool, StoreError>;
    /// Every column of every table: table, column.
    async fn columns(&self) -> Result<Vec<(String, String)>, StoreError>;
    /// Its connections, where it has a pool of them.
    fn pool(&self) -> Option<PoolUse>;
    /// Creates a pharmacy.
    async fn create_pharmacy(&self, pharmacy: NewPharmacy) -> Result<(), StoreError>;
    /// Every pharmacy: its uid and its name.
    async fn pharmacies(&self) -> Result<Vec<(Uid, String)>, StoreError>;
    /// Keeps the hash of a one-time code.
    async fn create_code(&self, pharmacy: Uid, code: Hash, expires_at: i64) -> Result<(), StoreError>;
    /// All devices.
    async fn devices(&self) -> Result<Vec<DeviceLine>, StoreError>;
    /// Revokes a device, at once.
    async fn revoke(&self, device: Uid, now: i64) -> Result<(), StoreError>;
    /// What tills in quarantine sent, of all or of one device.
    async fn quarantined(&self, device: Option<Uid>) -> Result<Vec<KeptOperation>, StoreError>;
    /// What the database knows of its pharmacies and devices.
    async fn lineage(&self) -> Result<Lineage, StoreError>;
    /// The same, and what else of it another database needs that replaces this one.
    async fn heritage(&self) -> Result<Lineage, StoreError>;
    /// Begins an epoch of every pharmacy of a database that was restored, above all that the one it replaces knew. One name
    /// of a commit for each.
    async fn renew(&self, replaced: Option<Lineage>, now: i64, commits: Vec<Uid>) -> Result<Vec<Renewed>, StoreError>;
    /// Notes up to which revision each pharmacy is in a backup.
    async fn backed_up(&self, reached: Vec<(Uid, i64)>, now: i64) -> Result<(), StoreError>;
    /// Lots and their quantities.
    async fn stock(&self, filter: StockFilter) -> Result<Vec<StockLine>, StoreError>;
    /// The digests of any pharmacy.
    async fn digest_of(&self, pharmacy: Uid, narrow: Narrow) -> Result<DigestResponse, StoreError>;
    /// Forgets answers that their device has acknowledged and that are older than this; says how many.
    /// Reduces answers that their device has acknowledged, and that are older than this, to what their sequence was used
    /// by; says how many.
    async fn prune(&self, decided_before: i64) -> Result<u64, StoreError>;
}

//! Storage: one contract, two databases. See [`Store`] for what it promises.

mod admin;
mod ahead;
mod books;
mod check;
mod devices;
mod digest;
mod edits;
mod history;
mod join;
mod journal;
mod lineage;
mod load;
mod log;
mod migrate;
mod offer;
mod parts;
mod pick;
pub mod postgres;
mod pull;
mod push;
mod quarantine;
mod ranges;
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

use std::collections::BTreeMap;

use async_trait::async_trait;
use officine_protocol::{
    Uid,
    messages::{
        Cursor, DigestResponse, DigestRowsResponse, LogRequest, LogResponse, Verdict, WalkPosition, WalkRow, WireRow,
    },
};
use serde::Serialize;

pub use self::{
    ahead::{Ahead, Turns},
    check::{CheckAsk, Checked, MENDING},
    digest::Narrow,
    history::{History, HistoryAsk},
    lineage::{Ancestor, Lineage, Renewed},
    offer::{Offer, TakenBack},
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
    operation::Prepared,
    secrets::Hash,
};

/// What a request says about its device, kept with it.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// Every answer up to this device sequence is stored on the till.
    pub acknowledged: i64,
    /// How far it has read.
    pub cursor_rev: i64,
    /// The commit that revision belongs to, as it was told.
    pub cursor_commit: Option<Uid>,
    /// The hub's epoch as it knows it; 0 before the first answer.
    pub epoch: i64,
    /// Its schema.
    pub schema: i64,
    /// Its clock.
    pub sent_at: i64,
}

/// A batch to be decided.
#[derive(Debug)]
pub struct Batch {
    /// Who pushes.
    pub device: Device,
    /// What it said about itself.
    pub heard: Heard,
    /// In the order they came.
    pub operations: Vec<Prepared>,
    /// The hub's clock.
    pub now: i64,
    /// Name of the commit, should there be one.
    pub commit: Uid,
}

impl Batch {
    /// Milliseconds by which the device's clock is ahead of the hub's, in this very request.
    pub fn clock_offset(&self) -> i64 {
        self.heard.sent_at.saturating_sub(self.now)
    }
}

/// The answer to a batch.
#[derive(Debug)]
pub struct Pushed {
    /// The hub's epoch.
    pub epoch: i64,
    /// The pharmacy's revision.
    pub revision: i64,
    /// The highest device sequence heard from the device.
    pub last_seq: i64,
    /// One per operation, in order.
    pub verdicts: Vec<Verdict>,
}

/// What a till asks for.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Rows after this.
    pub cursor: Cursor,
    /// Only these entities; empty for all.
    pub entities: Vec<String>,
    /// Version of the till's tables: it is sent what it knows.
    pub schema: u32,
    /// At most so many rows.
    pub max_rows: usize,
    /// At most so many bytes, but for a single row.
    pub max_bytes: usize,
}

/// A page of rows.
#[derive(Debug)]
pub struct Page {
    /// The hub's epoch.
    pub epoch: i64,
    /// The pharmacy's revision.
    pub revision: i64,
    /// The cursor's commit is not of this history.
    pub other_history: bool,
    /// Rows by revision, then those they refer to whose own revision lies beyond.
    pub rows: Vec<WireRow>,
    /// Where the next page starts.
    pub next: Cursor,
    /// There is a next page.
    pub has_more: bool,
}

/// What a till that walks asks for.
#[derive(Clone, Debug)]
pub struct WalkAsk {
    /// Where it is; nothing at the beginning.
    pub position: Option<WalkPosition>,
    /// Version of the till's tables: it is sent what it knows.
    pub schema: u32,
    /// At most so many rows.
    pub max_rows: usize,
    /// At most so many bytes, but for a single row.
    pub max_bytes: usize,
}

/// A page of a walk. See [`WalkResponse`](officine_protocol::messages::WalkResponse).
#[derive(Debug, Default)]
pub struct Walk {
    /// The hub's epoch.
    pub epoch: i64,
    /// The pharmacy's revision in the picture it was read from.
    pub revision: i64,
    /// The noted commit is not of this history.
    pub other_history: bool,
    /// The revision the walk began at.
    pub noted: Cursor,
    /// Rows, then those they refer to that the till may not have.
    pub rows: Vec<WalkRow>,
    /// Where the next page starts.
    pub next: Option<WalkPosition>,
    /// Rows per entity, in the first page.
    pub totals: BTreeMap<String, i64>,
}

/// A till that asks to be known.
#[derive(Clone, Debug)]
pub struct Enrolment {
    /// Hash of the one-time code.
    pub code: Hash,
    /// Hash of the token it will have.
    pub token: Hash,
    /// Its name for ever, unless this incarnation is known already.
    pub device: Uid,
    /// How it is called.
    pub name: String,
    /// Its incarnation.
    pub incarnation: Uid,
    /// The device it was before.
    pub replaces: Option<Uid>,
    /// The hub's clock.
    pub now: i64,
}

/// A till that is known.
#[derive(Clone)]
pub struct Enrolled {
    /// The device.
    pub device: Device,
    /// Name of its pharmacy.
    pub pharmacy: String,
    /// The pharmacy's secret for PINs.
    pub pin_secret: Vec<u8>,
    /// The hub's epoch.
    pub epoch: i64,
}

/// A pharmacy to be created.
#[derive(Clone)]
pub struct NewPharmacy {
    /// Its name for ever.
    pub uid: Uid,
    /// How it is called.
    pub name: String,
    /// Its secret for PINs.
    pub pin_secret: Vec<u8>,
    /// The hub's clock.
    pub now: i64,
}

/// Whose token it is.
#[derive(Clone, Debug)]
pub struct Bearer {
    /// The device.
    pub device: Device,
    /// It was revoked.
    pub revoked: bool,
    /// Its file was seen to be a copy then: what it sends is kept and not applied.
    pub quarantined_at: Option<i64>,
    /// The highest device sequence heard from it.
    pub last_seq: i64,
}

/// A device as it is listed.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeviceLine {
    /// Its name for ever.
    pub uid: Uid,
    /// How it is called.
    pub name: String,
    /// Its ticket series.
    pub series: i64,
    /// Its pharmacy.
    pub pharmacy: Uid,
    /// Unix milliseconds.
    pub enrolled_at: i64,
    /// Unix milliseconds of its last push.
    pub last_seen: Option<i64>,
    /// Device sequence up to which it has stored its answers.
    pub acknowledged: i64,
    /// Unix milliseconds.
    pub revoked_at: Option<i64>,
    /// Unix milliseconds at which its file was seen to be a copy.
    pub quarantined_at: Option<i64>,
    /// The device that it follows.
    pub replaces: Option<Uid>,
    /// The device that follows it.
    pub replaced_by: Option<Uid>,
}

/// A lot as it is listed.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StockLine {
    /// Product.
    pub product: Uid,
    /// Its name.
    pub name: String,
    /// Its first code.
    pub code: Option<String>,
    /// Lot.
    pub batch: Uid,
    /// Its number.
    pub lot_number: String,
    /// `yyyymmdd`.
    pub expiry: Option<i64>,
    /// Base units.
    pub quantity: i64,
    /// A recount is open.
    pub recount_open: bool,
}

/// Which lots.
#[derive(Clone, Debug, Default)]
pub struct StockFilter {
    /// Of this pharmacy.
    pub pharmacy: Option<Uid>,
    /// Of this product.
    pub product: Option<Uid>,
    /// Of products with this code.
    pub code: Option<String>,
}

/// Where a pharmacy stands.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The hub's epoch.
    pub epoch: i64,
    /// The pharmacy's revision.
    pub revision: i64,
    /// Rows per entity.
    pub rows: Vec<(&'static str, i64)>,
}

/// Connections to a database server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PoolUse {
    /// Working.
    pub busy: usize,
    /// Open and free.
    pub idle: usize,
    /// Requests that wait for one.
    pub waiting: usize,
}

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
    /// Hashes what is not kept, in short transactions, so that [`digest`](Self::digest) finds it. Gives the rows read.
    async fn hash_ahead(&self, pharmacy: i64, ahead: Ahead) -> Result<i64, StoreError>;
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

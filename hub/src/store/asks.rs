//! What devices ask of the store, and its answers.

use std::collections::BTreeMap;

use officine_protocol::{
    Uid,
    messages::{Cursor, Verdict, WalkPosition, WalkRow, WireRow},
};

use crate::{decide::Device, operation::Prepared};

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

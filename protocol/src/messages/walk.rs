//! A first sync: a walk of every row from a noted revision, what selling needs first. The hub keeps nothing of it: the
//! till says where it is, and may go on from there after a cut, a restart of either side, or a month.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Cursor, WireRow};

/// How far a walk has come.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WalkPosition {
    /// The revision the walk began at, and its commit: the pull that follows starts there.
    pub noted: Cursor,
    /// The entity being walked, oldest row first; absent once all that selling needs was sent: what is left of every
    /// entity is then walked together, newest row first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// The server id of the last row that was sent.
    pub key: i64,
}

/// `POST /v1/walk`
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WalkRequest {
    /// Version of the wire.
    pub protocol: u32,
    /// Version of the till's tables.
    pub schema: u32,
    /// The till's incarnation.
    pub incarnation: Uuid,
    /// The hub's epoch as the till knows it.
    pub epoch: i64,
    /// `next` of the page before; absent: a walk begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<WalkPosition>,
    /// At most so many rows, those that they refer to left out.
    pub max_rows: u32,
    /// The till's clock at sending.
    pub sent_at: i64,
}

/// A page of a walk. A row may come twice: again with rows that refer to it.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct WalkResponse {
    /// The hub's epoch.
    pub epoch: i64,
    /// The hub's clock.
    pub server_time: i64,
    /// The pharmacy's revision in the picture that this page was read from.
    pub revision: i64,
    /// The noted commit is not of this history: the hub was restored or swapped.
    pub other_history: bool,
    /// The revision the walk began at.
    pub noted: Cursor,
    /// Rows, and all they refer to that was not walked yet or has changed since the noted revision.
    pub rows: Vec<WalkRow>,
    /// Where the next page starts; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<WalkPosition>,
    /// Rows of each entity, archived ones too: what a whole walk sends. In its first page only.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub totals: BTreeMap<String, i64>,
}

/// A row of a walk.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct WalkRow {
    /// The row.
    pub row: WireRow,
    /// What its documents add up to at the page's revision, those not sent yet included: base units in a lot, francs a
    /// customer owes. A page with a document later than the noted revision has it of every lot that document moves and
    /// of its customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stands: Option<i64>,
}

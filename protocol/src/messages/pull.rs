//! The way down: pages of rows by revision.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::record::WireParts;

/// How far a till has read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Cursor {
    /// Revision.
    pub rev: i64,
    /// The commit that revision belongs to; absent at revision 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<Uuid>,
}

/// `POST /v1/pull`
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PullRequest {
    /// Version of the wire.
    pub protocol: u32,
    /// Version of the till's tables.
    pub schema: u32,
    /// The till's incarnation.
    pub incarnation: Uuid,
    /// The hub's epoch as the till knows it.
    pub epoch: i64,
    /// Rows after this.
    pub cursor: Cursor,
    /// Only these entities; empty for all.
    #[serde(default)]
    pub entities: Vec<String>,
    /// At most so many rows.
    pub max_rows: u32,
    /// The till's clock at sending.
    pub sent_at: i64,
    /// Milliseconds for which the answer may wait while nothing is newer than the cursor: a held pull. At most 25 000
    /// count. A device has one: another one ends it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub wait_ms: u32,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A page of rows, in order of revision, then the rows they refer to whose own revision lies beyond.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PullResponse {
    /// The hub's epoch.
    pub epoch: i64,
    /// The hub's clock.
    pub server_time: i64,
    /// The pharmacy's revision.
    pub revision: i64,
    /// The cursor's commit is not of this history: the hub was restored or swapped.
    pub other_history: bool,
    /// The rows.
    pub rows: Vec<WireRow>,
    /// Where the next page starts.
    pub next: Cursor,
    /// There is a next page.
    pub has_more: bool,
}

/// A row on its way to a till.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct WireRow {
    /// Entity.
    pub entity: String,
    /// Its name for ever.
    pub uid: Uuid,
    /// The hub's name.
    pub server_id: i64,
    /// Its revision.
    pub rev: i64,
    /// Birth.
    pub created_at: i64,
    /// A tombstone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<i64>,
    /// Other uids of the same row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Uuid>,
    /// Fields by wire name.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub fields: Map<String, Json>,
    /// Parts by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub parts: WireParts,
}

//! Two histories of one pharmacy: the hub was restored, or its database was swapped. Which revisions both know is found,
//! and a new epoch begins whose revisions lie above all that were ever given: revisions are ordered across epochs.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Cursor;

/// `POST /v1/history`: what a till says that was told of another history (`hub_other_history`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HistoryRequest {
    /// Version of the wire.
    pub protocol: u32,
    /// Version of the till's tables.
    pub schema: u32,
    /// The till's incarnation.
    pub incarnation: Uuid,
    /// The hub's epoch as the till knows it.
    pub epoch: i64,
    /// The till's clock at sending.
    pub sent_at: i64,
    /// How far it has read, and places that it passed before, newest first, [`PASSED`](crate::limits::PASSED) at most.
    pub passed: Vec<Cursor>,
}

/// Where both stand. Where the till was ahead of a hub that did not know that it had been restored, the hub began a new
/// epoch with this answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct HistoryResponse {
    /// The hub's epoch now.
    pub epoch: i64,
    /// The hub's clock.
    pub server_time: i64,
    /// The pharmacy's revision.
    pub revision: i64,
    /// The last of the places passed that is of the hub's history too; revision 0 where none is. Rows above it that the till
    /// got in another epoch are of the lost history: it offers those that the hub lacks, and reads on from here.
    pub common: Cursor,
}

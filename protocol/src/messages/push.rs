//! The way up: a batch of operations.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Cursor, SentOperation, Verdict};

/// `POST /v1/push`
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PushRequest {
    /// Version of the wire.
    pub protocol: u32,
    /// Version of the till's tables.
    pub schema: u32,
    /// The till's incarnation.
    pub incarnation: Uuid,
    /// The hub's epoch as the till knows it; 0 before the first answer.
    pub epoch: i64,
    /// How far the till has read.
    pub cursor: Cursor,
    /// The till's clock at sending.
    pub sent_at: i64,
    /// Every verdict up to this device sequence is stored on the till.
    pub acknowledged: i64,
    /// In order of device sequence, but for sales that overtake.
    pub operations: Vec<SentOperation>,
}

/// Answer to a push: one verdict per operation, in order.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PushResponse {
    /// The hub's epoch.
    pub epoch: i64,
    /// The hub's clock.
    pub server_time: i64,
    /// The pharmacy's revision after this push.
    pub revision: i64,
    /// The highest device sequence that the hub heard of from this till: one that never recorded so many is an older
    /// file than the one that did. 0 from a hub that does not say.
    #[serde(default)]
    pub last_seq: i64,
    /// Verdicts.
    pub verdicts: Vec<Verdict>,
}

//! The messages of wire v1. JSON is the contract; field names are camelCase.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, value::RawValue};

use uuid::Uuid;

use crate::{Params, hlc::Hlc, record::WireParts};

/// What an operation does to its row.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// The row is born: `fields` and `parts` are whole.
    Create,
    /// Some fields change: `fields` and `parts` hold the new values, `replaced` what they replace.
    Update,
    /// The row is archived.
    Delete,
}

impl Action {
    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// One operation as it is frozen in the outbox: these bytes never change once they were sent.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Operation {
    /// Idempotency key.
    pub key: Uuid,
    /// Device sequence, from 1, gapless.
    pub seq: i64,
    /// Who did it; absent for the device itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<Uuid>,
    /// Entity.
    pub entity: String,
    /// What it does.
    pub action: Action,
    /// Which row.
    pub uid: Uuid,
    /// Revision of the row that was edited; absent for a birth or after one's own unanswered operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_rev: Option<i64>,
    /// Key of one's own unanswered operation on the same row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predecessor: Option<Uuid>,
    /// When it happened, by the till's clock.
    pub occurred_at: i64,
    /// Hybrid logical clock.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub hlc: Hlc,
    /// Schema version it was written with.
    pub version: u32,
    /// Fields by wire name; references are uids.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub fields: Map<String, Json>,
    /// The values that `fields` replace.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub replaced: Map<String, Json>,
    /// Parts by name, each whole.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub parts: WireParts,
}

/// An operation in its envelope. The idempotency hash covers the bytes of `operation` alone.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SentOperation {
    /// The frozen bytes of an [`Operation`].
    #[cfg_attr(feature = "openapi", schema(value_type = Operation))]
    pub operation: Box<RawValue>,
    /// Server ids the till knows for the rows it names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub server_ids: BTreeMap<Uuid, i64>,
    /// How often it was sent before.
    #[serde(default)]
    pub attempts: u32,
}

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
    /// Verdicts.
    pub verdicts: Vec<Verdict>,
}

/// What became of an operation.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// Its idempotency key.
    pub key: Uuid,
    /// Its device sequence.
    pub seq: i64,
    /// This is the stored answer to an operation known already (verdict « duplicate »).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub duplicate: bool,
    /// The decision.
    pub outcome: Outcome,
}

/// The decision on an operation.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "verdict", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Outcome {
    /// Applied.
    Accepted {
        /// The hub's name for the row.
        server_id: i64,
        /// Its revision now.
        rev: i64,
        /// What the hub computed otherwise.
        #[serde(default, skip_serializing_if = "Corrections::is_empty")]
        corrections: Corrections,
    },
    /// Refused. A refused sale is stored all the same, reversed: then it has a server id and a revision.
    Rejected {
        /// Worded by the catalogue.
        code: String,
        /// What the message names.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(value_type = Object))]
        params: Params,
        /// The hub's name for the row it stored.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        server_id: Option<i64>,
        /// Its revision.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rev: Option<i64>,
    },
    /// Another change came first.
    Conflict {
        /// `edit`, `delete`, `twin`.
        kind: String,
        /// Fields that differ.
        fields: Vec<String>,
        /// The row's revision on the hub.
        rev: i64,
    },
    /// What it refers to is not there yet: sent again later.
    Deferred {
        /// The rows missing.
        missing: Vec<Missing>,
    },
}

/// A row that an operation names and the hub does not know.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Missing {
    /// Its entity.
    pub entity: String,
    /// Its uid.
    pub uid: Uuid,
}

/// What the hub decided beyond yes.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Corrections {
    /// Later steps of the document's movements, born on the hub.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Object>))]
    pub movements: Vec<Map<String, Json>>,
    /// Server ids that replace those attached: the uid decides.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub server_ids: BTreeMap<Uuid, i64>,
    /// The row was merged into this one, of the same natural key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<Uuid>,
}

impl Corrections {
    /// Whether there is nothing to correct.
    pub fn is_empty(&self) -> bool {
        self.movements.is_empty() && self.server_ids.is_empty() && self.merged_into.is_none()
    }
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

/// `POST /v1/enrol`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EnrolRequest {
    /// Version of the wire.
    pub protocol: u32,
    /// The one-time code.
    pub code: String,
    /// How the till is called.
    pub name: String,
    /// The till's incarnation.
    pub incarnation: Uuid,
}

/// What an enrolled till needs to know. The token and the secret are shown once and kept outside the database.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct EnrolResponse {
    /// Identity of the device.
    pub device: Uuid,
    /// Its bearer token.
    pub token: String,
    /// The pharmacy's secret for PINs, base64.
    pub pin_secret: String,
    /// Its ticket series.
    pub series: i64,
    /// Name of the pharmacy.
    pub pharmacy: String,
    /// The hub's epoch.
    pub epoch: i64,
    /// The hub's clock.
    pub server_time: i64,
}

/// `GET /v1/status`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct StatusResponse {
    /// The hub's epoch.
    pub epoch: i64,
    /// The hub's clock.
    pub server_time: i64,
    /// The pharmacy's revision.
    pub revision: i64,
    /// The oldest wire the hub still speaks.
    pub oldest_protocol: u32,
    /// The newest.
    pub protocol: u32,
    /// Rows per entity.
    pub rows: BTreeMap<String, i64>,
}

/// An error of the hub, RFC 9457 (`application/problem+json`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HubProblem {
    /// `about:blank`, or a reference to the documentation.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// In English, for people who read logs.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// Worded by the till's catalogue.
    pub code: String,
    /// What the message names.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub params: Params,
}

//! The log of changes as tills ask for it: a row's history, the conflict log, the audit trail.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::hlc::Hlc;

/// `POST /v1/log`: which lines. What is absent or empty does not limit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LogRequest {
    /// Only this entity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// Only this row, by any of its uids; with `entity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<Uuid>,
    /// Only these kinds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<String>,
    /// Only by this person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<Uuid>,
    /// Only by this till.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Uuid>,
    /// From then on, in Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<i64>,
    /// Before then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
    /// `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<i64>,
    /// At most so many lines; 500 at most.
    pub limit: u32,
}

/// Lines of the log, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LogResponse {
    /// The lines.
    pub lines: Vec<LogLine>,
    /// Where the next page begins; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<i64>,
}

/// A value that was overwritten, or refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LogLine {
    /// Number in the hub's log.
    pub id: i64,
    /// The row's revision with it.
    pub rev: i64,
    /// Entity.
    pub entity: String,
    /// Row; of a merged one, the one it became.
    pub uid: Uuid,
    /// Column, part or path, as on the wire.
    pub field: String,
    /// Before; references are uids. Absent: nothing, or a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub old: Option<Json>,
    /// After.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub new: Option<Json>,
    /// Who; absent for a device or the hub itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<Uuid>,
    /// Their name.
    #[serde(default)]
    pub user_name: String,
    /// On which till; absent for the hub itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Uuid>,
    /// Its name.
    #[serde(default)]
    pub device_name: String,
    /// When, in hybrid time.
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[0-9a-f]{12}-[0-9a-f]{4}$"))]
    pub hlc: Hlc,
    /// When, in Unix milliseconds.
    pub at: i64,
    /// `edit`, `archive`, `conflict`, `merge` …
    pub kind: String,
    /// The rule that decided, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategy: Option<String>,
}

//! Operations as they are frozen, and their envelope.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, value::RawValue};
use uuid::Uuid;

use crate::{hlc::Hlc, record::WireParts};

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
    /// Device sequence, rising from 1: a sequence is never used twice, not even after a refusal. Another operation under
    /// a used one is rejected with `key_reused`. Numbers may be missing.
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
    /// Revision of the row as its editor saw it; absent for a birth. After one's own unanswered operation it is still
    /// the last revision received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_rev: Option<i64>,
    /// Key of one's own unanswered operation on the same row. Without `baseRev` beside it, whatever others wrote later
    /// in hybrid time wins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predecessor: Option<Uuid>,
    /// When it happened, by the till's clock.
    pub occurred_at: i64,
    /// Hybrid logical clock.
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[0-9a-f]{12}-[0-9a-f]{4}$"))]
    pub hlc: Hlc,
    /// Schema version it was written with.
    pub version: u32,
    /// Fields by wire name; references are uids. Schema `fields.ENTITY` says which; an update holds only what changes.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub fields: Map<String, Json>,
    /// The values that `fields` replace.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub replaced: Map<String, Json>,
    /// Parts by name, each whole: lists of rows as schema `part.ENTITY.PART` says.
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
    #[cfg_attr(feature = "openapi", schema(value_type = Bytes))]
    pub operation: Box<RawValue>,
    /// Server ids the till knows for the rows it names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub server_ids: BTreeMap<Uuid, i64>,
    /// How often it was sent before.
    #[serde(default)]
    pub attempts: u32,
    /// It was recorded after the till's clock had jumped, before the hub's next answer said how far it is off: its hybrid
    /// time decides nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub clock_doubtful: bool,
}

/// What stands in an envelope: an operation, or what only says which one it is. The latter is rejected by itself, and
/// spoils nothing beside it.
#[cfg(feature = "openapi")]
#[derive(Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum Bytes {
    /// An operation.
    Operation(Operation),
    /// Nothing else of it can be read.
    Keyed(Keyed),
}

/// The least that an operation says: without it, the request is refused.
#[cfg(feature = "openapi")]
#[derive(Serialize, utoipa::ToSchema)]
pub struct Keyed {
    /// Idempotency key.
    pub key: Uuid,
    /// Device sequence.
    pub seq: i64,
}

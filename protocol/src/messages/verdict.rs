//! What became of an operation.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::Params;

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
    /// Fields that the hub computed otherwise, by wire name; references are uids.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub fields: Map<String, Json>,
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
        self.movements.is_empty() && self.fields.is_empty() && self.server_ids.is_empty() && self.merged_into.is_none()
    }
}

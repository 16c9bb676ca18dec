//! What the JSON columns of a conflict hold.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::record::WireParts;

/// Values that met at one place. References are uids; nothing of a secret.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConflictField {
    /// A [`Path`](crate::merge::Path) in the row; for a twin, the column by which the two are alike.
    pub field: String,
    /// What the editor had seen.
    #[serde(default)]
    pub base: Json,
    /// What the till sent; for a twin, the uid of the new row.
    #[serde(default)]
    pub till: Json,
    /// What the hub held then; for a twin, the uids of those it may be.
    #[serde(default)]
    pub hub: Json,
}

/// How a conflict is settled.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Resolution {
    /// The conflict's entity.
    pub entity: String,
    /// The conflict's row.
    pub row: Uuid,
    /// One of [`RESOLUTIONS`].
    pub strategy: String,
    /// What is to be written, by path. A path that is absent keeps what the hub holds.
    #[serde(default)]
    pub fields: Map<String, Json>,
    /// What stood at those places when it was decided. Where something else does by now, and not what was chosen either,
    /// the hub asks again.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub replaced: Map<String, Json>,
    /// Of twins that are one: the row that stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub winner: Option<Uuid>,
    /// And the one that becomes another name of it. One of the two is `row`, the other one it was proposed with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loser: Option<Uuid>,
    /// The two as they were then, the one that stays first: what an undo puts back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<MergedRow>,
}

/// A row as it was when it was made one with another.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MergedRow {
    /// Its uid.
    pub uid: Uuid,
    /// Its fields, absent values left out.
    pub fields: Map<String, Json>,
    /// Its parts.
    #[serde(default)]
    pub parts: WireParts,
    /// Base units in each of its lots.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub boxes: BTreeMap<Uuid, i64>,
}

/// How a person settles: everything as one side has it, by the later, each value picked or typed; twins that are two, or
/// one.
pub const RESOLUTIONS: &[&str] = &["hub", "till", "lastWrite", "picked", "distinct", "merged"];

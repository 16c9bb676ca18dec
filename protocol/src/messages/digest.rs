//! Digests on the wire: what a book holds, in a few bytes.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use uuid::Uuid;

/// How many rows, and the sum of their hashes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Digest {
    /// Rows, archived ones too.
    pub count: u64,
    /// 128 bits, 32 hexadecimal digits.
    #[serde(serialize_with = "write", deserialize_with = "read")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[0-9a-f]{32}$"))]
    pub sum: u128,
    /// The sum of the hashes of (uid, server id), as `sum`: the books call their rows alike.
    #[serde(default, serialize_with = "write", deserialize_with = "read")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[0-9a-f]{32}$"))]
    pub names: u128,
}

/// `GET /v1/digest`: the digests of a book, at one revision.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DigestResponse {
    /// Version of the encoding that is hashed.
    pub version: u32,
    /// The book was read as one of this schema.
    pub schema: u32,
    /// The hub's epoch.
    pub epoch: i64,
    /// The revision that the book stands at.
    pub revision: i64,
    /// By entity, one for each bucket.
    pub entities: BTreeMap<String, Vec<Digest>>,
    /// Rows that were read for it; of the others, what was hashed before still counted.
    #[serde(default)]
    pub read: i64,
    /// More must be hashed than was asked for in one portion. Nothing else is told: asked again, the hub goes on from there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
}

/// `GET /v1/digest/rows`: the rows of one bucket of an entity, by uid.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DigestRowsResponse {
    /// Version of the encoding that is hashed.
    pub version: u32,
    /// The hub's epoch.
    pub epoch: i64,
    /// The revision that the book stands at.
    pub revision: i64,
    /// The rows.
    pub rows: Vec<RowDigest>,
}

/// A row in a few bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RowDigest {
    /// Its name for ever.
    pub uid: Uuid,
    /// The hub's name.
    pub server_id: i64,
    /// Its revision.
    pub rev: i64,
    /// Its hash.
    #[serde(serialize_with = "write", deserialize_with = "read")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[0-9a-f]{32}$"))]
    pub hash: u128,
}

fn write<S: Serializer>(sum: &u128, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{sum:032x}"))
}

fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u128, D::Error> {
    let text = String::deserialize(deserializer)?;
    u128::from_str_radix(&text, 16).map_err(D::Error::custom)
}

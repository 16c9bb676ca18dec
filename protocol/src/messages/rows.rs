//! Rows asked for by name: what a till cannot name any more, what it names in vain, what differs.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Missing, WireRow};

/// `POST /v1/rows`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RowsRequest {
    /// Version of the wire.
    pub protocol: u32,
    /// Version of the till's tables: it is sent what it knows.
    pub schema: u32,
    /// The till's incarnation.
    pub incarnation: Uuid,
    /// The hub's epoch as the till knows it.
    pub epoch: i64,
    /// The till's clock at sending.
    pub sent_at: i64,
    /// The rows wanted, [`ROWS_ASKED`](crate::limits::ROWS_ASKED) at most.
    pub rows: Vec<RowAsked>,
    /// With all that they refer to, transitively.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub with_references: bool,
}

/// A row by its name.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RowAsked {
    /// Entity.
    pub entity: String,
    /// Its uid, or an alias of it: the row that is found bears it then among its `aliases`.
    pub uid: Uuid,
}

/// What the hub has of them.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RowsResponse {
    /// The hub's epoch.
    pub epoch: i64,
    /// The hub's clock.
    pub server_time: i64,
    /// The pharmacy's revision in the picture they were read from.
    pub revision: i64,
    /// The rows, parents first. A page may hold fewer than were asked for: what is neither here nor unknown is asked for again.
    pub rows: Vec<WireRow>,
    /// Those that the hub does not know.
    pub unknown: Vec<Missing>,
}

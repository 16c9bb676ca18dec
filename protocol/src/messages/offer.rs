//! Rows given back to a hub that lost them: it was restored from a backup, or somebody deleted them. A row is a state, not
//! a delta, so that giving back is repeatable, and nothing of it is refused for stock: a shortage opens a recount.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Missing, WireRow};
use crate::Params;

/// `POST /v1/offer`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OfferRequest {
    /// Version of the wire.
    pub protocol: u32,
    /// Version of the till's tables.
    pub schema: u32,
    /// The till's incarnation.
    pub incarnation: Uuid,
    /// The hub's epoch as the till knows it: of another one nothing is taken.
    pub epoch: i64,
    /// The till's clock at sending.
    pub sent_at: i64,
    /// Whole rows as the hub once told them, parents first, [`OFFERED_ROWS`](crate::limits::OFFERED_ROWS) at most.
    pub rows: Vec<WireRow>,
}

/// What the hub made of each, in their order.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OfferResponse {
    /// The hub's epoch.
    pub epoch: i64,
    /// The hub's clock.
    pub server_time: i64,
    /// The pharmacy's revision afterwards.
    pub revision: i64,
    /// One per row.
    pub verdicts: Vec<OfferVerdict>,
}

/// What became of an offered row.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "verdict", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum OfferVerdict {
    /// Stored, under this name and revision.
    Taken {
        /// The hub's name: the one it had, unless another row bears that now.
        server_id: i64,
        /// Its revision now.
        rev: i64,
    },
    /// The hub has it as it is or newer: its own is read instead.
    Kept {
        /// The hub's name.
        server_id: i64,
        /// Its revision.
        rev: i64,
    },
    /// It names rows that are not there either: offered again after them.
    Deferred {
        /// The rows missing.
        missing: Vec<Missing>,
    },
    /// It cannot be: its number is taken by another ticket, its content is invalid, the hub never was where it says.
    Refused {
        /// Worded by the catalogue.
        code: String,
        /// What the message names.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(value_type = Object))]
        params: Params,
    },
}

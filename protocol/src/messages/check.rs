//! The hub's own books, checked by itself: what it found, and what it did about it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Params;

/// `POST /v1/check`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CheckRequest {
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
    /// From this part of the books on, for as long as one request may take: the first one, then where the answer said to
    /// go on. Absent: all parts, however long that takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<CheckPlace>,
}

/// A part of the books that is checked by itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CheckPlace {
    /// What is looked for: one of [`CHECKED`].
    pub kind: String,
    /// In the rows of which entity, where it is looked for entity by entity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
}

impl CheckPlace {
    /// Where a kind begins.
    pub fn of(kind: &str) -> Self {
        Self { kind: kind.to_owned(), entity: None }
    }

    /// Where a check begins.
    pub fn first() -> Self {
        Self::of(CHECKED[0])
    }
}

/// What the hub found in the books of the pharmacy and mended, or could not mend. Nothing is ever deleted.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CheckResponse {
    /// The hub's epoch.
    pub epoch: i64,
    /// The hub's clock.
    pub server_time: i64,
    /// The pharmacy's revision afterwards.
    pub revision: i64,
    /// Rows that were read for it.
    pub rows: u64,
    /// The findings, [`FINDINGS`](crate::limits::FINDINGS) at most.
    pub findings: Vec<Finding>,
    /// There were more: asked again, the hub goes on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
    /// Where it goes on, if a place was named and the end was not reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<CheckPlace>,
}

/// Something that was wrong in the hub's books.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// One of [`FOUND`].
    pub kind: String,
    /// The entity of the row it is about.
    pub entity: String,
    /// The row.
    pub uid: Uuid,
    /// One of [`DONE`].
    pub done: String,
    /// Figures: `field`, `old`, `new`, `other` (the uid of another row) …
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub params: Params,
}

/// What the hub looks for: a lot that holds another quantity than counts and movements say; a lot below zero without a
/// recount; a row that names one which is not there; two rows that are one by their natural key; a fold that is not that of
/// its text; a revision above the pharmacy's; a counter of names below one that a row bears.
pub const FOUND: &[&str] = &["ledger", "recount", "dangling", "twin", "fold", "revision", "counter"];

/// The same, in the order in which it is looked for: what can be mended first, then what cannot.
pub const CHECKED: [&str; 7] = ["counter", "recount", "ledger", "fold", "revision", "twin", "dangling"];

/// What it does: set right; two rows became one; a person is asked, by a conflict, whether they are; left for a till that
/// still has the row, or for a person.
pub const DONE: &[&str] = &["mended", "merged", "proposed", "left"];

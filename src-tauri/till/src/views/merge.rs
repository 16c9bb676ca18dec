//! Twins made one: what would move, before it does.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Problem;

/// Two rows that are one.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MergeArgs {
    /// Identity of the conflict that asks about them.
    pub uid: String,
    /// The row that stays.
    pub winner: String,
    /// The row that becomes another name of it.
    pub loser: String,
}

/// One of the two rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MergeSide {
    /// Identity.
    pub uid: String,
    /// How it is called.
    pub label: String,
    /// When it was made.
    pub created_at: i64,
    /// It is archived.
    pub archived: bool,
    /// Base units of it, where it has a stock.
    pub stock: Option<i64>,
}

/// So many rows of an entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MergeCount {
    /// Entity.
    pub entity: String,
    /// How many of its rows, or lines of them, name the one that goes.
    pub count: u32,
}

/// What becomes of them: every reference and every box is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MergePreview {
    /// Entity of both.
    pub entity: String,
    /// The row that stays. What it does not know it learns from the other one.
    pub winner: MergeSide,
    /// The row that becomes another name of it.
    pub loser: MergeSide,
    /// What names the one that goes, and will name the one that stays.
    pub moves: Vec<MergeCount>,
    /// Base units afterwards, where they have a stock: the sum.
    pub stock: Option<i64>,
    /// Why it cannot be, and what to do first.
    pub problem: Option<Problem>,
}

//! The log of changes: a row's history, the conflict log, the audit trail, the repair journal; views of one thing.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use ts_rs::TS;

use super::{CellKind, Problem};

/// A row's history.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RowHistoryArgs {
    /// Entity.
    pub entity: String,
    /// Identity.
    pub uid: String,
    /// `next` of the page before.
    pub after: Option<i64>,
    /// At most 500.
    pub limit: u32,
}

/// « Journal d'audit »: which lines. What is absent or empty does not limit.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ChangeLogArgs {
    /// Only these kinds: `edit`, `archive`, `conflict`, `resolution`, `merge`, `refused`, `correction`, `repair`, `pull`.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Only this entity.
    pub entity: Option<String>,
    /// Only this row.
    pub uid: Option<String>,
    /// Only by this person.
    pub user: Option<String>,
    /// Only by this till, by identity.
    pub device: Option<String>,
    /// From then on.
    pub since: Option<i64>,
    /// Before then.
    pub until: Option<i64>,
    /// In the name of the row, the field or a value.
    pub text: Option<String>,
    /// `next` of the page before.
    pub after: Option<i64>,
    /// At most 500.
    pub limit: u32,
}

/// Where lines come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum LogSource {
    /// The hub: all tills.
    Hub,
    /// This till's own log: what it did and saw.
    Till,
}

/// Lines of the log, newest first.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LogPage {
    /// Where they come from.
    pub source: LogSource,
    /// Why the hub's could not be had.
    pub problem: Option<Problem>,
    /// The lines; on the first page, edits made here that the hub has not answered yet come first.
    pub lines: Vec<LogLine>,
    /// Where the next page begins.
    pub next: Option<i64>,
}

/// A value that was overwritten, or refused.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LogLine {
    /// Number in its log.
    pub id: i64,
    /// The revision that brought it; 0 where there is none yet.
    pub rev: i64,
    /// Entity.
    pub entity: String,
    /// Row.
    pub uid: String,
    /// How the row is called here.
    pub label: String,
    /// Path of the field: as [`super::ConflictField::path`].
    pub field: String,
    /// Its column, or its part where a whole row of it is meant.
    pub column: String,
    /// Which row of its part.
    pub part_label: Option<String>,
    /// What its values are.
    pub cell: CellKind,
    /// Before.
    #[ts(type = "unknown")]
    pub old: Json,
    /// After.
    #[ts(type = "unknown")]
    pub new: Json,
    /// Before, as a text.
    pub shown_old: String,
    /// After, as a text.
    pub shown_new: String,
    /// Who; nobody for a till or the hub itself.
    pub user: Option<String>,
    /// Their name.
    pub user_name: String,
    /// On which till, by identity.
    pub device: Option<String>,
    /// Its name.
    pub device_name: String,
    /// When, in hybrid time.
    pub hlc: String,
    /// When.
    pub at: i64,
    /// As in [`ChangeLogArgs::kinds`].
    pub kind: String,
    /// The rule that decided, for a conflict.
    pub strategy: Option<String>,
    /// Made here, not answered by the hub yet.
    pub pending: bool,
}

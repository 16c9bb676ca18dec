//! What Synchronisation tells of the last day and of both sides: activity by hour, rows, versions, the link.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Network, Problem};

/// The sync's last 24 hours.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SyncActivity {
    /// Oldest first; the last one holds now.
    pub hours: Vec<ActivityHour>,
    /// What they come to.
    pub total: ActivityHour,
    /// Duration of a run that ended well, in milliseconds, half of them being shorter.
    pub median_ms: Option<i64>,
    /// The longest of all runs, in milliseconds.
    pub longest_ms: Option<i64>,
}

/// Runs that began in one hour, or in all of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ActivityHour {
    /// When it began.
    pub from: i64,
    /// Runs.
    pub runs: u32,
    /// Of them, those that stopped early.
    pub failed: u32,
    /// Operations that got an answer.
    pub up: u32,
    /// Rows received.
    pub down: u32,
    /// Operations refused or in conflict.
    pub refused: u32,
    /// Bytes up.
    pub bytes_up: i64,
    /// Bytes down.
    pub bytes_down: i64,
}

/// What a hub says of itself.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct HubStanding {
    /// Its version; empty where it does not say.
    pub version: String,
    /// The oldest wire it speaks.
    pub oldest_protocol: u32,
    /// The newest.
    pub protocol: u32,
    /// Version of its tables, 0 where it does not say.
    pub schema: u32,
    /// The pharmacy's revision.
    pub revision: i64,
}

/// Diagnostic.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct DiagnosticView {
    /// Rows per entity here and on the hub (absent while it does not answer).
    pub rows: Vec<EntityCount>,
    /// Columns per class and entity.
    pub coverage: Vec<CoverageRow>,
    /// `table.column` that nobody declared; empty in a sound store.
    pub undeclared: Vec<String>,
    /// `table.column` declared, and not in the store; empty in a sound store.
    pub missing: Vec<String>,
    /// Version of the application.
    pub version: String,
    /// Version of the wire.
    pub protocol: u32,
    /// Version of the tables.
    pub schema: u32,
    /// What the hub says of itself, where it answers.
    pub hub_standing: Option<HubStanding>,
    /// Why it does not answer.
    pub hub_problem: Option<Problem>,
    /// The link, this question included.
    pub network: Network,
    /// The last round trip in milliseconds.
    pub round_trip_ms: Option<i64>,
    /// Hub's clock minus this till's, in milliseconds, as last measured.
    pub clock_offset_ms: Option<i64>,
    /// Revision reached here.
    pub revision: i64,
    /// This device.
    pub device: String,
    /// This installation of it, shortened.
    pub incarnation: String,
    /// Its ticket series.
    pub series: u32,
    /// The hub.
    pub hub: String,
    /// The hub's epoch.
    pub epoch: i64,
    /// The data folder.
    pub data_dir: String,
    /// The log of the window; older ones lie beside it.
    pub log_file: String,
}

/// Rows of an entity.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct EntityCount {
    /// Its name.
    pub entity: String,
    /// Rows here.
    pub here: i64,
    /// Rows on the hub.
    pub hub: Option<i64>,
    /// Rows born here that the hub has not confirmed yet: they explain as much of a difference.
    pub waiting: i64,
}

/// Columns of an entity by class.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CoverageRow {
    /// Its name.
    pub entity: String,
    /// Synced columns.
    pub synced: u32,
    /// Written once.
    pub immutable: u32,
    /// Computed from others.
    pub derived: u32,
    /// Never leave this till.
    pub local_only: u32,
}

//! The state of the sync, its queue, its runs; settings.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Problem;

/// The strip and the head of Synchronisation.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SyncState {
    /// The hub as the last round trips saw it.
    pub network: Network,
    /// The last round trip in milliseconds.
    pub round_trip_ms: Option<i64>,
    /// A run is under way.
    pub running: Option<SyncProgress>,
    /// Operations not yet settled, by state.
    pub queue: QueueCounts,
    /// Refused tickets that wait for a decision.
    pub to_regularise: u32,
    /// Tickets on hold.
    pub held: u32,
    /// Revision reached here.
    pub revision: i64,
    /// Revision of the hub, as last heard.
    pub hub_revision: i64,
    /// When the last run ended well.
    pub last_success: Option<i64>,
    /// Why the last run failed.
    pub last_problem: Option<Problem>,
    /// The last run, as it ended.
    pub last_run: Option<SyncRun>,
    /// Conflicts that wait for somebody.
    pub conflicts: u32,
    /// Hub's clock minus this till's, in milliseconds, as last measured.
    pub clock_offset_ms: Option<i64>,
    /// Everything the hub has is being read, for the first time or again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub walk: Option<WalkView>,
    /// A repair is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub repair: Option<super::RepairProgress>,
    /// Findings that are left for a person.
    #[serde(default)]
    pub to_repair: u32,
    /// Who this till is to the hub, where it is not the one it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub identity: Option<super::IdentityView>,
    /// The last certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub certificate: Option<super::CertificateView>,
}

/// How far the reading of everything has come. It goes on with every run, from where it was.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct WalkView {
    /// Nothing was here before it.
    pub first: bool,
    /// What selling needs is here: a first sync lets the till sell from then on.
    pub sells: bool,
    /// Rows received.
    pub done: i64,
    /// Rows there were when it began; 0 before the hub said so.
    pub of: i64,
}

/// A row by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RowName {
    /// Entity.
    pub entity: String,
    /// Identity.
    pub uid: String,
}

/// A row that waits for one which it names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct WaitingRow {
    /// The row that waits.
    pub row: RowName,
    /// The row that is not here.
    pub missing: RowName,
}

/// Quality of the link, from real round trips to the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Network {
    /// Not tried yet.
    Unknown,
    /// Under 150 ms.
    Excellent,
    /// Under 600 ms.
    Good,
    /// Slower, or one in three fails.
    Poor,
    /// The last attempt failed.
    Offline,
}

/// Operations by state.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct QueueCounts {
    /// Waiting to be sent.
    pub waiting: u32,
    /// Sent, not answered.
    pub sent: u32,
    /// The hub lacks what they refer to.
    pub deferred: u32,
    /// Wait for a person.
    pub blocked: u32,
    /// Refused by the hub.
    pub rejected: u32,
    /// Settled today.
    pub settled_today: u32,
}

/// A step of a run.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SyncProgress {
    /// `check`, `push`, `walk` (a first sync, or everything again), `pull`, `apply`, `done`.
    pub step: String,
    /// 1 to 4.
    pub index: u32,
    /// Operations or rows done in this step.
    pub done: u32,
    /// Of how many, where known.
    pub of: Option<u32>,
    /// Bytes up and down so far.
    pub bytes: i64,
    /// Milliseconds left at the pace so far, where that can be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub left_ms: Option<i64>,
}

/// « Synchroniser maintenant »: what happened.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SyncReport {
    /// Operations that got an answer.
    pub processed: u32,
    /// Accepted.
    pub accepted: u32,
    /// Known already.
    pub duplicate: u32,
    /// Refused.
    pub rejected: u32,
    /// In conflict.
    pub conflict: u32,
    /// Waiting for what they refer to.
    pub deferred: u32,
    /// Waiting for a person.
    pub blocked: u32,
    /// Rows received.
    pub pulled: u32,
    /// Bytes up.
    pub bytes_up: i64,
    /// Bytes down.
    pub bytes_down: i64,
    /// Milliseconds.
    pub duration_ms: i64,
    /// Revision reached.
    pub revision: i64,
    /// Why it stopped early; what was done before stands.
    pub problem: Option<Problem>,
    /// Rows here that the hub did not send when everything was read again, the first hundred. Nothing was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub strays: Option<Vec<RowName>>,
    /// Rows that wait for another one, which is nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub unresolved: Option<Vec<WaitingRow>>,
}

/// File d'attente: which rows.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ListQueueArgs {
    /// Only this state (`waiting`, `sent`, `deferred`, `blocked`, `rejected`, `settled`); absent: all but settled.
    pub state: Option<String>,
    /// At most 200.
    pub limit: u32,
}

/// The queue.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct QueuePage {
    /// Its rows, oldest first.
    pub rows: Vec<QueueRow>,
    /// Counts by state.
    pub counts: QueueCounts,
}

/// An operation in the queue.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct QueueRow {
    /// Device sequence.
    pub seq: i64,
    /// `sale`, `product` …
    pub entity: String,
    /// `create`, `update`, `delete`.
    pub action: String,
    /// `Ticket 2-004 317`, or the row's name.
    pub label: String,
    /// Amount, for a sale.
    pub amount: Option<i64>,
    /// When it was recorded.
    pub occurred_at: i64,
    /// As in [`ListQueueArgs::state`].
    pub state: String,
    /// How often it was sent.
    pub attempts: u32,
    /// When it is tried again.
    pub next_attempt: Option<i64>,
    /// Why it waits or was refused.
    pub problem: Option<Problem>,
}

/// An operation, by device sequence.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct OperationArgs {
    /// Device sequence.
    pub seq: i64,
}

/// So many operations.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Operations {
    /// How many.
    pub count: u32,
}

/// File d'attente, as a file.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ExportQueueArgs {
    /// Only this state, as in [`ListQueueArgs::state`]; absent: all but settled.
    pub state: Option<String>,
    /// For a program instead of a spreadsheet: JSON instead of CSV.
    pub json: bool,
}

/// A past run.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SyncRun {
    /// When it began.
    pub started_at: i64,
    /// `sale`, `manual`, `background`, `reconnect`, `change`, `live`.
    pub trigger: String,
    /// What it did.
    pub report: SyncReport,
}

/// A desktop notification, in the window's words.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TellDesktopArgs {
    /// At most 100 characters.
    pub title: String,
    /// At most 1,000 characters.
    pub body: String,
}

/// Réglages.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SettingsView {
    /// Name of the pharmacy (synced).
    pub pharmacy: String,
    /// Address (synced).
    pub address: String,
    /// Phone (synced).
    pub phone: String,
    /// How many « boîte en main » a cashier may mark per day (synced).
    pub in_hand_per_day: u32,
    /// Days before expiry that the window warns of (synced).
    pub expiry_warning_days: u32,
    /// Days left at which a lot enters a band of Périmés, ascending (synced).
    pub expiry_thresholds: Vec<u32>,
    /// `fr` or `en` (this till).
    pub language: String,
    /// `system`, `light` or `dark` (this till).
    pub theme: String,
    /// Sounds on or off (this till).
    pub sounds: bool,
    /// Push and pull by itself (this till).
    pub auto_sync: bool,
    /// The log says everything the engine does (this till).
    pub verbose: bool,
    /// And as soon as the hub answers again (this till).
    pub sync_on_reconnect: bool,
    /// Minutes without a key before the till locks, 0 for never (this till).
    pub lock_minutes: u32,
    /// Name of this till, read-only.
    pub till: String,
    /// Address of the hub, read-only.
    pub hub: String,
}

/// Settings of the pharmacy by name, those without a column in [`SettingsView`] among them.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[ts(export, type = "Record<string, unknown>")]
pub struct PharmacySettings(pub BTreeMap<String, serde_json::Value>);

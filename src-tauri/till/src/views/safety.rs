//! « Sauvegarde », and what a till does whose file was restored, copied or damaged.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Problem;

/// Whether this till is the one the hub knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum IdentityState {
    /// It is.
    Known,
    /// Its file is older than what it has sent: it was restored.
    Restored,
    /// Another machine sells under its name: its disk was copied.
    Copied,
    /// The hub no longer takes it.
    Revoked,
}

/// Who this till is to the hub. Unless it is known it goes on selling, sends nothing, and asks to enrol anew.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct IdentityView {
    /// What it is.
    pub state: IdentityState,
    /// Since when.
    pub since: Option<i64>,
    /// Tickets recorded here that the hub has not taken: they go with the new name.
    pub tickets: u32,
    /// Other operations of that kind.
    pub others: u32,
    /// The till's name.
    pub till: String,
    /// Its series of tickets.
    pub series: i64,
}

/// « Ré-enrôler ».
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ReenrolArgs {
    /// One-time code from the hub.
    pub code: String,
}

/// How backups are made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BackupSettings {
    /// Where to; absent: beside the till's data.
    pub folder: Option<String>,
    /// Once a day by itself.
    pub automatic: bool,
    /// How many are kept, 1 to 90.
    pub keep: u32,
}

/// A backup that is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BackupFile {
    /// Full path.
    pub path: String,
    /// When it was made.
    pub at: i64,
    /// Its size.
    pub bytes: i64,
    /// Tickets of this till in it.
    pub tickets: i64,
    /// The revision it stands at.
    pub revision: i64,
    /// It was opened and checked, and nothing was wrong.
    pub verified: bool,
    /// What is wrong with it.
    pub problem: Option<Problem>,
}

/// « Sauvegarde ».
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BackupsView {
    /// How they are made.
    pub settings: BackupSettings,
    /// Those in the folder, newest first.
    pub files: Vec<BackupFile>,
    /// When the last one was made.
    pub last: Option<i64>,
    /// Why the last one was not.
    pub problem: Option<Problem>,
    /// Folders of USB sticks that are plugged in.
    pub sticks: Vec<String>,
}

/// « Restaurer ».
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RestoreBackupArgs {
    /// Full path of the backup.
    pub path: String,
}

/// What was saved from a damaged file. The file itself is kept beside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SalvageReport {
    /// Tickets that the hub does not have yet, saved.
    pub tickets: u32,
    /// Other operations of that kind, saved.
    pub others: u32,
    /// Open carts and held tickets, saved.
    pub carts: u32,
    /// Operations that could not be read.
    pub lost: u32,
    /// Where the damaged file is kept.
    pub kept: String,
    /// The rest is read again from the hub with the next sync.
    pub reads_again: bool,
}

//! « Intégrité »: one document or a range of days compared with the hub and made equal, step by step; the certificate.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Problem;

/// What is compared: one document, or every document of a range of days.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct IntegrityArgs {
    /// A ticket (`1-004 317`), an order's number, or `entity:uid`.
    pub document: Option<String>,
    /// First day, where no document is named.
    pub from: Option<String>,
    /// Last day, that day included.
    pub to: Option<String>,
    /// Also what is equal already: sent and read again.
    #[serde(default)]
    pub force: bool,
    /// Goes on with the last one where it was stopped.
    #[serde(default)]
    pub resume: bool,
}

/// One step of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct IntegrityStep {
    /// `check` (equal), `push`, `pull`, `give` (the hub had lost it), `name`, `patch` (a link).
    pub action: String,
    /// Entity.
    pub entity: String,
    /// Identity.
    pub uid: String,
    /// The row's name.
    pub label: String,
    /// It went well.
    pub ok: bool,
    /// Why not, and what to do next.
    pub problem: Option<Problem>,
}

/// How much was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct IntegrityTotals {
    /// Rows looked at.
    pub total: u32,
    /// Made equal.
    pub synced: u32,
    /// Equal already.
    pub skipped: u32,
    /// Not equal now.
    pub failed: u32,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct IntegrityReport {
    /// Number in the journal.
    pub id: i64,
    /// When it first began.
    pub started_at: i64,
    /// Milliseconds that it ran, however often it was stopped.
    pub duration_ms: i64,
    /// What was asked, in the words of [`IntegrityArgs`].
    pub document: Option<String>,
    /// First day.
    pub from: Option<String>,
    /// Last day.
    pub to: Option<String>,
    /// Documents looked at, and how many there are.
    pub done: u32,
    /// Of how many.
    pub of: u32,
    /// All rows.
    pub totals: IntegrityTotals,
    /// By entity.
    pub entities: BTreeMap<String, IntegrityTotals>,
    /// The steps, those that failed first, 500 at most.
    pub steps: Vec<IntegrityStep>,
    /// Stopped, or cut by whatever ended the till: it can go on.
    pub stopped: bool,
    /// Why it ended early.
    pub problem: Option<Problem>,
    /// It runs at this moment.
    #[serde(default)]
    pub under_way: bool,
}

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct IntegrityProgress {
    /// Documents done.
    pub done: u32,
    /// Of how many.
    pub of: u32,
    /// All rows so far.
    pub totals: IntegrityTotals,
    /// The document it is at.
    pub label: String,
}

/// « Caisse et serveur identiques à la révision N, k opérations en attente ».
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CertificateView {
    /// When.
    pub at: i64,
    /// `manual` or `night`.
    pub trigger: String,
    /// Here and there are equal, but for what waits.
    pub equal: bool,
    /// The revision both stand at.
    pub revision: i64,
    /// The hub's epoch.
    pub epoch: i64,
    /// Operations that wait to be sent.
    pub pending: u32,
    /// Rows compared.
    pub rows: i64,
    /// Rows read for it, here and on the hub; of the others, what was hashed before still counted.
    #[serde(default)]
    pub rows_read: i64,
    /// Bytes up and down.
    pub bytes: i64,
    /// Milliseconds.
    pub duration_ms: i64,
    /// Entities that differ; empty where none does.
    pub differing: Vec<String>,
    /// The first 16 hexadecimal digits of the SHA-256 over all digests: two tills that are equal bear the same.
    pub seal: String,
    /// Why there is none.
    pub problem: Option<Problem>,
}

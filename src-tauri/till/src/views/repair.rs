//! « Réparations »: what was found wrong, what was done about it, what is left for a person.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Problem;

/// A repair under way: « Réparation en cours : 27 éléments, étape 2/5 ».
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RepairProgress {
    /// `detect`, `pull`, `match`, `repair`, `retry`.
    pub step: String,
    /// 1 to 5.
    pub index: u32,
    /// Steps.
    pub steps: u32,
    /// Found so far.
    pub found: u32,
    /// Of them, mended.
    pub mended: u32,
    /// What it is at: an entity, where it is at one.
    pub entity: Option<String>,
}

/// A repair, as it ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RepairRun {
    /// Number.
    pub id: i64,
    /// When it began.
    pub started_at: i64,
    /// `manual`, `push`, `answer` (a reference error), `links`, `start`, `night`, `history` (the hub has another one).
    pub trigger: String,
    /// Things found wrong.
    pub found: u32,
    /// Of them, mended.
    pub mended: u32,
    /// Of them, left for a person.
    pub left: u32,
    /// Found, by kind as in [`RepairLine::kind`].
    pub kinds: BTreeMap<String, u32>,
    /// Rows read here for it.
    pub rows_read: i64,
    /// Bytes up and down.
    pub bytes: i64,
    /// Milliseconds.
    pub duration_ms: i64,
    /// Why it stopped early; what was mended before stands.
    pub problem: Option<Problem>,
}

/// A finding, and what was done about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RepairLine {
    /// Number; the next page begins after it.
    pub id: i64,
    /// The repair it belongs to.
    pub run: i64,
    /// When.
    pub at: i64,
    /// What was wrong: `orphan` (sent, and without the hub's name), `name` (another name than the hub's), `reference` (names
    /// a row that is not here), `twin` (two rows that are one), `ledger` (a quantity that is not the sum), `link` (a parent that
    /// is known and missing), `stuck` (work, network, no progress), `missing` (the hub has it), `lost` (the hub lost it),
    /// `differs` (here and there are not alike), `history` (the hub was restored), `hub` (in the hub's own books).
    pub kind: String,
    /// Entity of the row.
    pub entity: String,
    /// Identity.
    pub uid: String,
    /// The row's name: « Spharma Guinée », « Ticket 2-004 317 ».
    pub label: String,
    /// What was done: `named`, `queued` (its birth is sent again), `fetched`, `repointed`, `merged`, `recomputed`, `patched`,
    /// `given` (to the hub), `taken` (from the hub), `restarted`, `mended`,
    /// `proposed` (a person is asked whether two rows are one), `left`.
    pub act: String,
    /// Mended; otherwise it is left for a person, and `problem` says what to do next.
    pub mended: bool,
    /// Figures of it: `field`, `old`, `new`, `missing`, `held` …
    #[ts(type = "Record<string, string | number>")]
    pub params: serde_json::Map<String, serde_json::Value>,
    /// Why it is left, and the next step.
    pub problem: Option<Problem>,
}

/// « Réparations »: which.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ListRepairsArgs {
    /// Only what is left for a person.
    #[serde(default)]
    pub left: bool,
    /// Only of this run.
    pub run: Option<i64>,
    /// Only of this kind, as in [`RepairLine::kind`].
    pub kind: Option<String>,
    /// `next` of the page before.
    pub after: Option<i64>,
    /// At most 200.
    pub limit: u32,
}

/// « Réparations ».
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RepairsView {
    /// One is under way.
    pub running: Option<RepairProgress>,
    /// The last runs, newest first; those that found nothing are told once an hour.
    pub runs: Vec<RepairRun>,
    /// Findings, newest first.
    pub lines: Vec<RepairLine>,
    /// Findings left for a person, all in all.
    pub left: u32,
    /// Where the next page begins.
    pub next: Option<i64>,
}

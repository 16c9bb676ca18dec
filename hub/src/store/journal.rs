//! What is written beside the rows: aliases, change log, answers, the commit, the pharmacy's counters.

use officine_protocol::{Uid, messages::Cursor, sql::Dialect, value::Value};

use super::{
    Batch,
    session::{Affinity, Bulk, Cells, Query},
    text,
    write::{Decided, Stamp},
};
use crate::{
    StoreError,
    decide::{Changes, Device},
};

const ALIASES: [(&str, Affinity); 4] =
    [("pharmacy_id", Affinity::Int), ("entity", Affinity::Text), ("alias", Affinity::Blob), ("id", Affinity::Int)];

const LOG: [(&str, Affinity); 15] = [
    ("pharmacy_id", Affinity::Int),
    ("rev", Affinity::Int),
    ("entity", Affinity::Text),
    ("row_id", Affinity::Int),
    ("field", Affinity::Text),
    ("old_value", Affinity::Text),
    ("new_value", Affinity::Text),
    ("device_id", Affinity::Int),
    ("user_uid", Affinity::Blob),
    ("hlc", Affinity::Text),
    ("kind", Affinity::Text),
    ("strategy", Affinity::Text),
    ("at", Affinity::Int),
    ("doubtful", Affinity::Int),
    ("applied", Affinity::Int),
];

const ANSWERS: [(&str, Affinity); 7] = [
    ("pharmacy_id", Affinity::Int),
    ("device_id", Affinity::Int),
    ("key", Affinity::Blob),
    ("seq", Affinity::Int),
    ("payload_hash", Affinity::Blob),
    ("outcome", Affinity::Text),
    ("decided_at", Affinity::Int),
];

const COMMITS: [(&str, Affinity); 4] =
    [("pharmacy_id", Affinity::Int), ("rev", Affinity::Int), ("uid", Affinity::Blob), ("committed_at", Affinity::Int)];

/// What the journal of these changes is written by, and what moves the pharmacy's counters.
pub(crate) fn bulks(
    dialect: Dialect,
    pharmacy: i64,
    stamp: &Stamp,
    merged: &Changes,
    decided: &[Decided<'_>],
) -> Result<Vec<Bulk>, StoreError> {
    let alias = |(entity, alias, id): &(&'static str, Uid, i64)| {
        vec![pharmacy.into(), (*entity).into(), (*alias).into(), (*id).into()]
    };
    let log = decided.iter().flat_map(|(device, changes)| log_rows(device, changes)).collect();
    let mut answers = Vec::new();
    for (device, changes) in decided {
        answers.extend(answer_rows(device, stamp, changes)?);
    }
    let counters = Bulk {
        sql: text::move_counters(dialect),
        columns: vec![Affinity::Int; 3],
        rows: vec![vec![merged.next_id.into(), merged.revision.into(), pharmacy.into()]],
    };
    Ok(vec![
        insert(dialect, "uid_map", &ALIASES, merged.aliases.iter().map(alias).collect()),
        insert(dialect, "change_log", &LOG, log),
        insert(dialect, "idempotency", &ANSWERS, answers),
        counters,
    ])
}

/// Names the commit of a transaction that moved the revision.
pub(crate) fn commit(dialect: Dialect, pharmacy: i64, revision: i64, stamp: &Stamp) -> Bulk {
    let row = vec![pharmacy.into(), revision.into(), stamp.commit.into(), stamp.now.into()];
    insert(dialect, "commit_log", &COMMITS, vec![row])
}

pub(super) fn insert(dialect: Dialect, table: &str, columns: &[(&str, Affinity)], rows: Vec<Vec<Value>>) -> Bulk {
    let storages = columns.iter().map(|(_, storage)| *storage).collect();
    Bulk { sql: text::insert(dialect, table, columns), columns: storages, rows }
}

fn log_rows(device: &Device, changes: &Changes) -> Vec<Vec<Value>> {
    let row = |line: &crate::decide::Logged| {
        vec![
            device.pharmacy.into(),
            line.rev.into(),
            line.entity.into(),
            line.row.into(),
            line.field.as_str().into(),
            line.old.clone().into(),
            line.new.clone().into(),
            device.id.into(),
            line.user.into(),
            line.hlc.to_string().into(),
            line.kind.into(),
            line.strategy.into(),
            line.at.into(),
            line.doubtful.into(),
            line.applied.into(),
        ]
    };
    changes.log.iter().map(row).collect()
}

fn answer_rows(device: &Device, stamp: &Stamp, changes: &Changes) -> Result<Vec<Vec<Value>>, StoreError> {
    let row = |answer: &crate::decide::Answer| {
        let outcome = serde_json::to_string(&answer.answered.outcome).map_err(|_| StoreError::shape("outcome"))?;
        Ok(vec![
            device.pharmacy.into(),
            device.id.into(),
            answer.key.into(),
            answer.answered.seq.into(),
            Value::Bytes(answer.answered.hash.to_vec()),
            outcome.into(),
            stamp.now.into(),
        ])
    };
    changes.answers.iter().map(row).collect()
}

/// Notes that a device was heard, and how far it has read of this history, and asks how it stands: [`Hearing`].
pub(crate) fn heard(dialect: Dialect, batch: &Batch) -> Query {
    let Batch { device, heard, now, .. } = batch;
    let [pharmacy, id, seen, acknowledged, cursor, schema, offset, seq, epoch, known] =
        std::array::from_fn(|i| dialect.parameter(i + 1));
    let commit = format!(
        "(SELECT c.uid FROM commit_log c WHERE c.pharmacy_id = {pharmacy} AND c.rev >= {cursor} ORDER BY c.rev LIMIT 1)"
    );
    let sql = format!(
        "UPDATE device SET last_seen = {seen}, \
         acknowledged = CASE WHEN acknowledged < {acknowledged} THEN {acknowledged} ELSE acknowledged END, \
         cursor_rev = CASE WHEN {cursor} = 0 OR {known} = {commit} THEN {cursor} ELSE cursor_rev END, schema_version = {schema}, clock_offset = {offset}, \
         last_seq = CASE WHEN last_seq < {seq} AND quarantined_at IS NULL AND CAST({epoch} AS bigint) \
         IN (0, (SELECT p.epoch FROM pharmacy p WHERE p.id = {pharmacy})) THEN {seq} ELSE last_seq END \
         WHERE pharmacy_id = {pharmacy} AND id = {id} AND revoked_at IS NULL RETURNING last_seq, quarantined_at, \
         {commit}"
    );
    let params = vec![
        device.pharmacy.into(),
        device.id.into(),
        (*now).into(),
        heard.acknowledged.into(),
        heard.cursor_rev.into(),
        heard.schema.into(),
        batch.clock_offset().into(),
        batch.operations.iter().map(|operation| operation.seq).max().unwrap_or(0).into(),
        heard.epoch.into(),
        heard.cursor_commit.into(),
    ];
    Query { sql, params }
}

/// How a device that was heard stands with the hub.
#[derive(Clone, Debug)]
pub(crate) struct Hearing {
    /// The highest device sequence heard.
    pub last_seq: i64,
    quarantined: bool,
    revoked: bool,
    /// The commit that the revision belongs to up to which it has read.
    commit: Option<Uid>,
}

impl Hearing {
    /// Reads what [`heard`] finds: nothing where the device was revoked, even while its request was under way.
    pub fn read(found: &[Cells]) -> Result<Self, StoreError> {
        let Some(row) = found.first() else {
            return Ok(Self { last_seq: 0, quarantined: false, revoked: true, commit: None });
        };
        let (quarantined, commit) = (row.maybe_int(1).is_some(), row.uid(2).ok());
        Ok(Self { last_seq: row.int(0)?, quarantined, revoked: false, commit })
    }

    /// Why nothing of it may be decided, if so: it was revoked, it is in quarantine, or it speaks of another history than
    /// that of the pharmacy at this epoch and revision.
    pub fn bar(&self, heard: &super::Heard, (epoch, revision): (i64, i64)) -> Result<(), StoreError> {
        let cursor = Cursor { rev: heard.cursor_rev, commit: heard.cursor_commit };
        let strange = cursor.rev > revision || cursor.commit.is_some_and(|commit| self.commit != Some(commit));
        match () {
            () if self.revoked => Err(StoreError::Revoked),
            () if self.quarantined => Err(StoreError::Quarantined),
            () if heard.epoch != 0 && (heard.epoch != epoch || strange) => {
                Err(StoreError::OtherHistory { known: heard.epoch, found: epoch })
            }
            () => Ok(()),
        }
    }
}

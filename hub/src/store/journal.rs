//! What is written beside the rows: aliases, change log, answers, the commit, the pharmacy's counters.

use officine_protocol::{Uid, sql::Dialect, value::Value};

use super::{
    Batch,
    session::{Affinity, Bulk, Query},
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

fn insert(dialect: Dialect, table: &str, columns: &[(&str, Affinity)], rows: Vec<Vec<Value>>) -> Bulk {
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

/// Notes that a device was heard. Finds nothing where it was revoked while its request was under way.
pub(crate) fn heard(dialect: Dialect, batch: &Batch) -> Query {
    let Batch { device, heard, now, .. } = batch;
    let [pharmacy, id, seen, acknowledged, cursor, schema, offset] = std::array::from_fn(|i| dialect.parameter(i + 1));
    let sql = format!(
        "UPDATE device SET last_seen = {seen}, \
         acknowledged = CASE WHEN acknowledged < {acknowledged} THEN {acknowledged} ELSE acknowledged END, \
         cursor_rev = {cursor}, schema_version = {schema}, clock_offset = {offset} \
         WHERE pharmacy_id = {pharmacy} AND id = {id} AND revoked_at IS NULL RETURNING id"
    );
    let params = vec![
        device.pharmacy.into(),
        device.id.into(),
        (*now).into(),
        heard.acknowledged.into(),
        heard.cursor_rev.into(),
        heard.schema.into(),
        batch.clock_offset().into(),
    ];
    Query { sql, params }
}

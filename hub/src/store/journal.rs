//! What is written beside the rows: aliases, change log, answers, the commit, the pharmacy's counters.

use officine_protocol::value::Value;

use super::{
    session::{Affinity, Param, Session},
    text,
    write::{Stamp, bulk},
};
use crate::{
    StoreError,
    decide::{Changes, Device},
};

const ALIASES: [(&str, Affinity); 4] =
    [("pharmacy_id", Affinity::Int), ("entity", Affinity::Text), ("alias", Affinity::Blob), ("id", Affinity::Int)];

const LOG: [(&str, Affinity); 12] = [
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

/// Writes the journal of a batch and moves the pharmacy's counters.
pub(crate) async fn write(
    session: &mut dyn Session,
    device: &Device,
    stamp: &Stamp,
    changes: &Changes,
) -> Result<(), StoreError> {
    let pharmacy = device.pharmacy;
    let aliases = changes
        .aliases
        .iter()
        .map(|(entity, alias, id)| vec![pharmacy.into(), (*entity).into(), (*alias).into(), (*id).into()]);
    insert(session, "uid_map", &ALIASES, aliases.collect()).await?;
    insert(session, "change_log", &LOG, log_rows(device, changes)).await?;
    insert(session, "idempotency", &ANSWERS, answer_rows(device, stamp, changes)?).await?;
    let moved = session.dialect().parameter(1);
    let [next, rev] = [2, 3].map(|n| session.dialect().parameter(n));
    let sql = format!("UPDATE pharmacy SET next_id = {next}, revision = {rev} WHERE id = {moved}");
    session.execute(&sql, &[pharmacy.into(), changes.next_id.into(), changes.revision.into()]).await?;
    Ok(())
}

/// Names the commit of a transaction that moved the revision.
pub(crate) async fn commit(
    session: &mut dyn Session,
    pharmacy: i64,
    revision: i64,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    let columns = [
        ("pharmacy_id", Affinity::Int),
        ("rev", Affinity::Int),
        ("uid", Affinity::Blob),
        ("committed_at", Affinity::Int),
    ];
    let row = vec![pharmacy.into(), revision.into(), stamp.commit.into(), stamp.now.into()];
    insert(session, "commit_log", &columns, vec![row]).await
}

async fn insert(
    session: &mut dyn Session,
    table: &str,
    columns: &[(&str, Affinity)],
    rows: Vec<Vec<Value>>,
) -> Result<(), StoreError> {
    let storages = columns.iter().map(|(_, storage)| *storage).collect();
    let sql = text::insert(session.dialect(), table, columns);
    bulk(session, sql, storages, rows).await
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

/// Notes that a device was heard. One that was revoked while its request was under way is heard no more.
pub(crate) async fn heard(
    session: &mut dyn Session,
    device: &Device,
    heard: &super::Heard,
    now: i64,
) -> Result<(), StoreError> {
    let [pharmacy, id, seen, acknowledged, cursor, schema, offset] =
        std::array::from_fn(|i| session.dialect().parameter(i + 1));
    let sql = format!(
        "UPDATE device SET last_seen = {seen}, \
         acknowledged = CASE WHEN acknowledged < {acknowledged} THEN {acknowledged} ELSE acknowledged END, \
         cursor_rev = {cursor}, schema_version = {schema}, clock_offset = {offset} \
         WHERE pharmacy_id = {pharmacy} AND id = {id} AND revoked_at IS NULL"
    );
    let params: [Param; 7] = [
        device.pharmacy.into(),
        device.id.into(),
        now.into(),
        heard.acknowledged.into(),
        heard.cursor_rev.into(),
        heard.schema.into(),
        heard.sent_at.saturating_sub(now).into(),
    ];
    match session.execute(&sql, &params).await? {
        0 => Err(StoreError::Revoked),
        _ => Ok(()),
    }
}

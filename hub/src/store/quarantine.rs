//! What is kept of a till whose file was restored or copied, or that was revoked: each operation once, as it came, and not
//! applied. Nothing of it is lost before a person has looked; a device fills its share and no more.

use officine_protocol::{Uid, value::Value};
use serde::Serialize;

use super::{
    Batch, journal,
    session::{Affinity, Cells, Param, Session},
};
use crate::StoreError;

/// Operations kept of one device.
const OPERATIONS: i64 = 50_000;
/// Bytes kept of one device.
const BYTES: i64 = 64 << 20;

const KEPT: [(&str, Affinity); 7] = [
    ("pharmacy_id", Affinity::Int),
    ("device_id", Affinity::Int),
    ("seq", Affinity::Int),
    ("payload_hash", Affinity::Blob),
    ("key", Affinity::Blob),
    ("payload", Affinity::Blob),
    ("received_at", Affinity::Int),
];

/// An operation kept in quarantine.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeptOperation {
    /// The device that sent it.
    pub device: Uid,
    /// How that is called.
    pub name: String,
    /// Device sequence.
    pub seq: i64,
    /// Idempotency key.
    pub key: Uid,
    /// Unix milliseconds.
    pub received_at: i64,
    /// As it came.
    pub operation: String,
}

/// Keeps a request whole, as far as there is room. The device is in quarantine from now on, unless it was revoked before.
pub(crate) async fn keep(session: &mut dyn Session, batch: &Batch) -> Result<(), StoreError> {
    let Batch { device, now, .. } = batch;
    let (mut count, mut bytes) = room(session, batch).await?;
    let mut rows: Vec<Vec<Value>> = Vec::new();
    for operation in &batch.operations {
        let payload = operation.frozen.get().as_bytes();
        (count, bytes) = (count - 1, bytes - i64::try_from(payload.len()).unwrap_or(i64::MAX));
        if count < 0 || bytes < 0 {
            tracing::warn!(device = %device.uid, seq = operation.seq, "no more room in quarantine: left with the till");
            break;
        }
        rows.push(vec![
            device.pharmacy.into(),
            device.id.into(),
            operation.seq.into(),
            Value::Bytes(operation.hash.to_vec()),
            operation.key.into(),
            Value::Bytes(payload.to_vec()),
            (*now).into(),
        ]);
    }
    let mut bulk = journal::insert(session.dialect(), "quarantined_operation", &KEPT, rows);
    bulk.sql.push_str(" ON CONFLICT DO NOTHING");
    if !bulk.rows.is_empty() {
        session.write(bulk).await?;
    }
    isolate(session, batch).await
}

/// What may still be kept: operations, bytes.
async fn room(session: &mut dyn Session, batch: &Batch) -> Result<(i64, i64), StoreError> {
    let [pharmacy, id] = std::array::from_fn(|i| session.dialect().parameter(i + 1));
    let sql = format!(
        "SELECT count(*), CAST(coalesce(sum(length(payload)), 0) AS bigint) FROM quarantined_operation \
         WHERE pharmacy_id = {pharmacy} AND device_id = {id}"
    );
    let found = session.query(&sql, &[batch.device.pharmacy.into(), batch.device.id.into()]).await?;
    let row = found.first().ok_or_else(|| StoreError::shape("count"))?;
    Ok((OPERATIONS - row.int(0)?, BYTES - row.int(1)?))
}

/// The highest sequence heard is again the highest that has an answer.
async fn isolate(session: &mut dyn Session, batch: &Batch) -> Result<(), StoreError> {
    let [pharmacy, id, now] = std::array::from_fn(|i| session.dialect().parameter(i + 1));
    let used = |table: &str| {
        format!(
            "SELECT u.seq FROM {table} u WHERE u.pharmacy_id = {pharmacy} AND u.device_id = {id} AND u.seq <= device.last_seq"
        )
    };
    let sql = format!(
        "UPDATE device SET quarantined_at = {now}, last_seq = (SELECT coalesce(max(s.seq), 0) FROM ({} UNION ALL {}) s) \
         WHERE pharmacy_id = {pharmacy} AND id = {id} AND quarantined_at IS NULL AND revoked_at IS NULL",
        used("idempotency"),
        used("answered")
    );
    let params: [Param; 3] = [batch.device.pharmacy.into(), batch.device.id.into(), batch.now.into()];
    if session.execute(&sql, &params).await? > 0 {
        metrics::counter!("officine_hub_devices_quarantined_total").increment(1);
        tracing::warn!(device = %batch.device.uid, "in quarantine: a sequence was used for another content");
    }
    Ok(())
}

/// What is kept, of all devices or of one, in the order of its sequences.
pub(crate) async fn list(session: &mut dyn Session, device: Option<Uid>) -> Result<Vec<KeptOperation>, StoreError> {
    let mut kept = Vec::new();
    for pharmacy in session.query("SELECT id FROM pharmacy ORDER BY id", &[]).await? {
        let id = pharmacy.int(0)?;
        session.enter(id).await?;
        let sql = format!(
            "SELECT d.uid, d.name, q.seq, q.key, q.received_at, q.payload FROM quarantined_operation q JOIN device d \
             ON d.pharmacy_id = q.pharmacy_id AND d.id = q.device_id WHERE q.pharmacy_id = {} ORDER BY d.id, q.seq, \
             q.received_at",
            session.dialect().parameter(1)
        );
        for row in session.query(&sql, &[id.into()]).await? {
            kept.extend(Some(read(&row)?).filter(|kept| device.is_none_or(|device| device == kept.device)));
        }
    }
    Ok(kept)
}

fn read(row: &Cells) -> Result<KeptOperation, StoreError> {
    Ok(KeptOperation {
        device: row.uid(0)?,
        name: row.text(1)?.to_owned(),
        seq: row.int(2)?,
        key: row.uid(3)?,
        received_at: row.int(4)?,
        operation: String::from_utf8_lossy(row.bytes(5)?).into_owned(),
    })
}

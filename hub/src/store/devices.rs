//! Devices: enrolment, tokens, revocation.

use super::{
    Bearer, DeviceLine, Enrolled, Enrolment,
    load::lock,
    session::{Cells, Param, Session},
    wakes,
};
use crate::{StoreError, decide::Device, secrets::Hash};
use officine_protocol::{
    Uid,
    fault::{Fault, armed},
    sql::Dialect,
};

fn numbered<const N: usize>(session: &dyn Session) -> [String; N] {
    std::array::from_fn(|i| session.dialect().parameter(i + 1))
}

pub(crate) async fn bearer(session: &mut dyn Session, token: Hash) -> Result<Option<Bearer>, StoreError> {
    let from = match session.dialect() {
        Dialect::Sqlite => "device WHERE token_hash = ?1",
        Dialect::Postgres => "device_of_token($1)",
    };
    let sql = format!("SELECT pharmacy_id, id, uid, series, revoked_at, quarantined_at, last_seq FROM {from}");
    let rows = session.query(&sql, &[Param::bytes(&token)]).await?;
    let read = |row: &Cells| {
        let (revoked, quarantined_at) = (row.maybe_int(4).is_some(), row.maybe_int(5));
        Ok(Bearer { device: device(row)?, revoked, quarantined_at, last_seq: row.int(6)? })
    };
    rows.first().map(read).transpose()
}

fn device(row: &Cells) -> Result<Device, StoreError> {
    Ok(Device { pharmacy: row.int(0)?, id: row.int(1)?, uid: row.uid(2)?, series: row.int(3)? })
}

pub(crate) async fn enrol(session: &mut dyn Session, enrolment: &Enrolment) -> Result<Enrolled, StoreError> {
    let pharmacy = use_code(session, enrolment).await?;
    let epoch = lock(session, pharmacy).await?.epoch;
    let device = match known(session, pharmacy, enrolment).await? {
        Some(device) => renew(session, device, enrolment).await?,
        None => add(session, pharmacy, enrolment).await?,
    };
    if let Some(old) = enrolment.replaces.filter(|old| *old != device.uid) {
        replace(session, &device, old, enrolment.now).await?;
    }
    let [id] = numbered(session);
    let sql = format!("SELECT name, pin_secret FROM pharmacy WHERE id = {id}");
    let rows = session.query(&sql, &[pharmacy.into()]).await?;
    let row = rows.first().ok_or(StoreError::Unknown("pharmacy"))?;
    Ok(Enrolled { device, pharmacy: row.text(0)?.to_owned(), pin_secret: row.bytes(1)?.to_vec(), epoch })
}

/// Uses up the code, once: of two that come together, one finds it used.
async fn use_code(session: &mut dyn Session, enrolment: &Enrolment) -> Result<i64, StoreError> {
    let pharmacy = match session.dialect() {
        Dialect::Sqlite => "SELECT pharmacy_id FROM enrolment_code WHERE code_hash = ?1",
        Dialect::Postgres => "SELECT pharmacy_of_code($1)",
    };
    let rows = session.query(pharmacy, &[Param::bytes(&enrolment.code)]).await?;
    session.enter(rows.first().ok_or(StoreError::CodeWrong)?.int(0)?).await?;
    let [code, now] = numbered(session);
    let sql = format!(
        "UPDATE enrolment_code SET used_at = {now} WHERE code_hash = {code} AND used_at IS NULL AND expires_at > {now}"
    );
    let used = session.execute(&sql, &[Param::bytes(&enrolment.code), enrolment.now.into()]).await?;
    let sql = format!("SELECT pharmacy_id, used_at FROM enrolment_code WHERE code_hash = {code}");
    let rows = session.query(&sql, &[Param::bytes(&enrolment.code)]).await?;
    match rows.first() {
        Some(row) if used == 1 => row.int(0),
        Some(row) if row.maybe_int(1).is_some() => Err(StoreError::CodeUsed),
        _ => Err(StoreError::CodeWrong),
    }
}

async fn known(session: &mut dyn Session, pharmacy: i64, enrolment: &Enrolment) -> Result<Option<Device>, StoreError> {
    let [one, two] = numbered(session);
    let sql =
        format!("SELECT pharmacy_id, id, uid, series FROM device WHERE pharmacy_id = {one} AND incarnation = {two}");
    let rows = session.query(&sql, &[pharmacy.into(), enrolment.incarnation.into()]).await?;
    rows.first().map(device).transpose()
}

async fn renew(session: &mut dyn Session, device: Device, enrolment: &Enrolment) -> Result<Device, StoreError> {
    let [pharmacy, id, token, name, now] = numbered(session);
    let sql = format!(
        "UPDATE device SET token_hash = {token}, name = {name}, enrolled_at = {now}, revoked_at = NULL \
         WHERE pharmacy_id = {pharmacy} AND id = {id}"
    );
    let params: [Param; 5] = [
        device.pharmacy.into(),
        device.id.into(),
        Param::bytes(&enrolment.token),
        enrolment.name.as_str().into(),
        enrolment.now.into(),
    ];
    session.execute(&sql, &params).await?;
    Ok(device)
}

async fn add(session: &mut dyn Session, pharmacy: i64, enrolment: &Enrolment) -> Result<Device, StoreError> {
    let [id] = numbered(session);
    let sql = format!("SELECT next_device, next_series FROM pharmacy WHERE id = {id}");
    let rows = session.query(&sql, &[pharmacy.into()]).await?;
    let row = rows.first().ok_or(StoreError::Unknown("pharmacy"))?;
    let device = Device { pharmacy, id: row.int(0)?, uid: enrolment.device, series: row.int(1)? };
    let sql =
        format!("UPDATE pharmacy SET next_device = next_device + 1, next_series = next_series + 1 WHERE id = {id}");
    session.execute(&sql, &[pharmacy.into()]).await?;
    let p: [String; 8] = numbered(session);
    let sql = format!(
        "INSERT INTO device (pharmacy_id, id, uid, name, token_hash, series, incarnation, enrolled_at, \
         acknowledged, cursor_rev, schema_version, clock_offset) VALUES ({}, 0, 0, 0, 0)",
        p.join(", ")
    );
    let params: [Param; 8] = [
        pharmacy.into(),
        device.id.into(),
        device.uid.into(),
        enrolment.name.as_str().into(),
        Param::bytes(&enrolment.token),
        device.series.into(),
        enrolment.incarnation.into(),
        enrolment.now.into(),
    ];
    session.execute(&sql, &params).await?;
    Ok(device)
}

/// The one before sells no more, and may deliver into quarantine alone. One that is not of this pharmacy is left alone: a
/// hub that was restored may not know it.
async fn replace(session: &mut dyn Session, device: &Device, old: Uid, now: i64) -> Result<(), StoreError> {
    let [pharmacy, old_uid, uid, at] = numbered(session);
    let sql = format!(
        "UPDATE device SET replaced_by = {uid}, revoked_at = coalesce(revoked_at, {at}) \
         WHERE pharmacy_id = {pharmacy} AND uid = {old_uid}"
    );
    let params: [Param; 4] = [device.pharmacy.into(), old.into(), device.uid.into(), now.into()];
    if session.execute(&sql, &params).await? == 0 {
        return Ok(());
    }
    let sql = format!("UPDATE device SET replaces = {uid} WHERE pharmacy_id = {pharmacy} AND uid = {old_uid}");
    session.execute(&sql, &[device.pharmacy.into(), device.uid.into(), old.into()]).await.map(|_| ())
}

pub(crate) async fn list(session: &mut dyn Session) -> Result<Vec<DeviceLine>, StoreError> {
    let sql = "SELECT d.uid, d.name, d.series, p.uid, d.enrolled_at, d.last_seen, d.acknowledged, d.revoked_at, \
               d.quarantined_at, d.replaces, d.replaced_by FROM device d JOIN pharmacy p ON p.id = d.pharmacy_id ORDER BY d.pharmacy_id, d.id";
    let line = |row: &Cells| {
        Ok(DeviceLine {
            uid: row.uid(0)?,
            name: row.text(1)?.to_owned(),
            series: row.int(2)?,
            pharmacy: row.uid(3)?,
            enrolled_at: row.int(4)?,
            last_seen: row.maybe_int(5),
            acknowledged: row.int(6)?,
            revoked_at: row.maybe_int(7),
            quarantined_at: row.maybe_int(8),
            replaces: row.uid(9).ok(),
            replaced_by: row.uid(10).ok(),
        })
    };
    session.query(sql, &[]).await?.iter().map(line).collect()
}

pub(crate) async fn revoke(session: &mut dyn Session, device: Uid, now: i64) -> Result<(), StoreError> {
    let [uid, at] = numbered(session);
    let sql = format!("UPDATE device SET revoked_at = {at} WHERE uid = {uid} RETURNING pharmacy_id");
    let revoked = session.query(&sql, &[device.into(), now.into()]).await?;
    let pharmacy = revoked.first().ok_or(StoreError::Unknown("device"))?.int(0)?;
    if session.dialect() == Dialect::Postgres {
        session.query(wakes::TELL, &[Param::Ints(vec![pharmacy])]).await?;
    }
    Ok(())
}

pub(crate) async fn prune(session: &mut dyn Session, decided_before: i64) -> Result<u64, StoreError> {
    let ids = match session.dialect() {
        Dialect::Sqlite => "SELECT id FROM pharmacy",
        Dialect::Postgres => "SELECT pharmacy_ids()",
    };
    let [pharmacy, before] = numbered(session);
    let old = format!(
        "i.pharmacy_id = {pharmacy} AND i.decided_at < {before} AND i.seq <= \
         (SELECT d.acknowledged FROM device d WHERE d.pharmacy_id = i.pharmacy_id AND d.id = i.device_id)"
    );
    let reduce = format!(
        "INSERT INTO answered (pharmacy_id, device_id, seq, short_hash, accepted) \
         SELECT i.pharmacy_id, i.device_id, i.seq, substr(i.payload_hash, 1, 8), \
         CASE WHEN i.outcome LIKE '{{\"verdict\":\"accepted\"%' THEN 1 ELSE 0 END \
         FROM idempotency i WHERE {old} ON CONFLICT DO NOTHING"
    );
    // What was acknowledged between the two statements has no trace yet, and stays for the next time.
    let sql = format!(
        "DELETE FROM idempotency AS i WHERE EXISTS (SELECT 1 FROM answered a WHERE a.pharmacy_id = i.pharmacy_id \
         AND a.device_id = i.device_id AND a.seq = i.seq) AND {old}"
    );
    let sql = if armed(Fault::AnswersPruned) { sql.replace("AND i.seq <=", "OR i.seq <>") } else { sql };
    let mut pruned = 0;
    for row in session.query(ids, &[]).await? {
        let id = row.int(0)?;
        session.enter(id).await?;
        session.execute(&reduce, &[id.into(), decided_before.into()]).await?;
        pruned += session.execute(&sql, &[id.into(), decided_before.into()]).await?;
    }
    Ok(pruned)
}

//! What a database knows of its pharmacies and devices, and what of it outlives a restore: epochs, revisions, series and
//! devices are never taken back, so that nothing is named twice and nobody shut out is let in again.

use officine_protocol::{
    Uid,
    fault::{Fault, armed},
    value::Value,
};
use serde::Serialize;

use super::{
    history::{Beginning, begin},
    lost::{self, Returned},
    session::{Cells, Param, Session},
};
use crate::StoreError;

/// Columns of a device that a restore does not take back, after its pharmacy and number. What the till acknowledged stays as
/// the backup has it: answers that it lacks are given again.
const DEVICE: [&str; 15] = [
    "uid",
    "name",
    "token_hash",
    "series",
    "incarnation",
    "enrolled_at",
    "last_seen",
    "cursor_rev",
    "schema_version",
    "clock_offset",
    "revoked_at",
    "last_seq",
    "quarantined_at",
    "replaces",
    "replaced_by",
];

/// A database's pharmacies.
#[derive(Clone, Debug)]
pub struct Lineage {
    /// Version of its tables.
    pub schema: i64,
    /// One by one.
    pub pharmacies: Vec<Ancestor>,
}

/// A pharmacy as a database knows it.
#[derive(Clone, Debug)]
pub struct Ancestor {
    /// Its name for ever.
    pub pharmacy: Uid,
    /// How it is called.
    pub name: String,
    /// Its epoch.
    pub epoch: i64,
    /// Its revision.
    pub revision: i64,
    id: i64,
    next_series: i64,
    next_device: i64,
    devices: Vec<(i64, Vec<Value>)>,
    returns: Vec<Returned>,
}

/// A pharmacy that was restored.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Renewed {
    /// Its name for ever.
    pub pharmacy: Uid,
    /// How it is called.
    pub name: String,
    /// The revision it was restored to: what tills got after it in another epoch is of the lost history.
    pub common: i64,
    /// Its new epoch.
    pub epoch: i64,
    /// The first revision of that.
    pub revision: i64,
}

pub(crate) async fn lineage(session: &mut dyn Session) -> Result<Lineage, StoreError> {
    let sql = "SELECT CAST(coalesce(max(version), 0) AS bigint) FROM refinery_schema_history";
    let schema = session.query(sql, &[]).await?.first().map_or(Ok(0), |row| row.int(0))?;
    let sql = "SELECT id, uid, name, epoch, revision, next_series, next_device FROM pharmacy ORDER BY id";
    let mut pharmacies = Vec::new();
    for row in session.query(sql, &[]).await? {
        let id = row.int(0)?;
        session.enter(id).await?;
        pharmacies.push(Ancestor {
            pharmacy: row.uid(1)?,
            name: row.text(2)?.to_owned(),
            epoch: row.int(3)?,
            revision: row.int(4)?,
            id,
            next_series: row.int(5)?,
            next_device: row.int(6)?,
            devices: devices(session, id).await?,
            returns: Vec::new(),
        });
    }
    Ok(Lineage { schema, pharmacies })
}

/// The lineage, and what each pharmacy had taken back: rows that are lost with it are known again by the revision they
/// had before.
pub(crate) async fn heritage(session: &mut dyn Session) -> Result<Lineage, StoreError> {
    let mut found = lineage(session).await?;
    for pharmacy in &mut found.pharmacies {
        session.enter(pharmacy.id).await?;
        pharmacy.returns = lost::returns(session, pharmacy.id).await?;
    }
    Ok(found)
}

async fn devices(session: &mut dyn Session, pharmacy: i64) -> Result<Vec<(i64, Vec<Value>)>, StoreError> {
    let n = session.dialect().parameter(1);
    let sql = format!("SELECT id, {} FROM device WHERE pharmacy_id = {n} ORDER BY id", DEVICE.join(", "));
    let read = |row: &Cells| Ok((row.int(0)?, row.0.iter().skip(1).cloned().collect()));
    session.query(&sql, &[pharmacy.into()]).await?.iter().map(read).collect()
}

/// Begins an epoch of every pharmacy of a database that was restored, and hands on what the one it replaces knew.
pub(crate) async fn renew(
    session: &mut dyn Session,
    replaced: Option<Lineage>,
    now: i64,
    commits: Vec<Uid>,
) -> Result<Vec<Renewed>, StoreError> {
    let replaced = replaced.map(|lineage| lineage.pharmacies).unwrap_or_default();
    let mut renewed = Vec::new();
    for (restored, commit) in lineage(session).await?.pharmacies.into_iter().zip(commits) {
        session.enter(restored.id).await?;
        let before = replaced.iter().find(|before| before.pharmacy == restored.pharmacy);
        let of = |get: fn(&Ancestor) -> i64| before.map_or(0, get).max(get(&restored));
        let beginning = Beginning {
            epoch: of(|known| known.epoch) + 1,
            common: restored.revision,
            reached: of(|known| known.revision),
            now,
            commit,
        };
        let revision = match armed(Fault::EpochKept) {
            true => restored.revision,
            false => begin(session, restored.id, &beginning).await?,
        };
        let numbers = (of(|known| known.next_series), of(|known| known.next_device));
        go_on(session, restored.id, numbers).await?;
        for device in before.map_or(&[][..], |before| &before.devices) {
            hand_on(session, restored.id, device).await?;
        }
        let returns = before.map_or(&[][..], |before| &before.returns);
        lost::keep_returns(session, restored.id, (restored.revision, returns)).await?;
        let Beginning { epoch, common, .. } = beginning;
        renewed.push(Renewed { pharmacy: restored.pharmacy, name: restored.name, common, epoch, revision });
    }
    Ok(renewed)
}

/// No series and no device number is given twice.
async fn go_on(session: &mut dyn Session, pharmacy: i64, (series, device): (i64, i64)) -> Result<(), StoreError> {
    let [id, one, two] = std::array::from_fn(|i| session.dialect().parameter(i + 1));
    let sql = format!("UPDATE pharmacy SET next_series = {one}, next_device = {two} WHERE id = {id}");
    session.execute(&sql, &[pharmacy.into(), series.into(), device.into()]).await.map(|_| ())
}

async fn hand_on(session: &mut dyn Session, pharmacy: i64, (id, values): &(i64, Vec<Value>)) -> Result<(), StoreError> {
    let dialect = session.dialect();
    let places: Vec<String> = (1..=DEVICE.len() + 2).map(|n| dialect.parameter(n)).collect();
    let set: Vec<String> = DEVICE.iter().map(|name| format!("{name} = excluded.{name}")).collect();
    let sql = format!(
        "INSERT INTO device (pharmacy_id, id, {}, acknowledged) VALUES ({}, 0) ON CONFLICT (pharmacy_id, id) DO UPDATE SET {}",
        DEVICE.join(", "),
        places.join(", "),
        set.join(", ")
    );
    let mut params: Vec<Param> = vec![pharmacy.into(), (*id).into()];
    params.extend(values.iter().cloned().map(Param::One));
    session.execute(&sql, &params).await.map(|_| ())
}

/// Notes up to which revision pharmacies are in a backup.
pub(crate) async fn backed_up(session: &mut dyn Session, reached: &[(Uid, i64)], now: i64) -> Result<(), StoreError> {
    let [uid, rev, at] = std::array::from_fn(|i| session.dialect().parameter(i + 1));
    let sql = format!("UPDATE pharmacy SET backup_rev = {rev}, backup_at = {at} WHERE uid = {uid}");
    for (pharmacy, reached) in reached {
        session.execute(&sql, &[(*pharmacy).into(), (*reached).into(), now.into()]).await?;
    }
    Ok(())
}

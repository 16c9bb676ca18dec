//! What a till gives back, under the pharmacy's row lock: loaded as the operations that would have made it are, decided,
//! written. Where the database objects, row by row: one never spoils another.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use officine_protocol::{
    Uid,
    entities::{ENTITIES, entity},
    messages::OfferVerdict,
    schema::LEDGER,
};

use super::{
    Database,
    holdings::{self, Rows},
    journal,
    load::{begin, lock},
    session::{Affinity, Job, Param, Scope, Session},
    text,
    write::{Stamp, write},
};
use crate::{
    StoreError,
    decide::{
        Device, Needs, WorkingSet,
        histories::{Histories, asked, known},
        join, needs,
        offer::{self as decide, aliases, objected, tickets},
    },
    offered::Offered,
    operation::Refusal,
};

/// Rows that a till gives back.
#[derive(Debug)]
pub struct Offer {
    /// Who offers.
    pub device: Device,
    /// The hub's epoch as it knows it.
    pub epoch: i64,
    /// In the order they came.
    pub rows: Vec<Result<Offered, Refusal>>,
    /// The hub's clock.
    pub now: i64,
    /// Name of the commit, should there be one.
    pub commit: Uid,
}

/// What became of them.
#[derive(Debug)]
pub struct TakenBack {
    /// The hub's epoch.
    pub epoch: i64,
    /// The pharmacy's revision.
    pub revision: i64,
    /// One per row, in order.
    pub verdicts: Vec<OfferVerdict>,
}

/// Takes what may be taken, and tells whoever waits for news.
pub(crate) async fn offer<D: Database>(database: &D, offer: Offer) -> Result<TakenBack, StoreError> {
    let (pharmacy, offer) = (offer.device.pharmacy, Arc::new(offer));
    let answer = match in_parts(database, &offer, offer.rows.len()).await {
        Err(StoreError::Refused(why)) => {
            tracing::warn!(%why, "offer refused by the database, decided row by row");
            in_parts(database, &offer, 1).await?
        }
        answer => answer?,
    };
    database.wakes().moved(pharmacy, answer.revision);
    Ok(answer)
}

/// In one transaction, so many rows decided together.
async fn in_parts<D: Database>(database: &D, offer: &Arc<Offer>, rows: usize) -> Result<TakenBack, StoreError> {
    let (pharmacy, offer) = (offer.device.pharmacy, Arc::clone(offer));
    let job: Job<TakenBack> = Box::new(move |s| Box::pin(async move { taken(s, &offer, rows).await }));
    database.write(Scope::Pharmacy(pharmacy), job).await
}

async fn taken(session: &mut dyn Session, offer: &Offer, rows: usize) -> Result<TakenBack, StoreError> {
    let pharmacy = offer.device.pharmacy;
    let before = lock(session, pharmacy).await?;
    if before.epoch != offer.epoch {
        return Err(StoreError::OtherHistory { known: offer.epoch, found: before.epoch });
    }
    alive(session, &offer.device).await?;
    let (mut verdicts, mut revision) = (Vec::with_capacity(offer.rows.len()), before.revision);
    for some in offer.rows.chunks(rows.max(1)) {
        session.run("SAVEPOINT offered").await?;
        match attempt(session, offer, some).await {
            Err(StoreError::Refused(why)) if some.len() == 1 && rows == 1 => {
                tracing::error!(%why, "offered row refused by the database");
                session.run("ROLLBACK TO SAVEPOINT offered").await?;
                verdicts.push(objected());
            }
            decided => {
                let (reached, decided) = decided?;
                revision = reached;
                verdicts.extend(decided);
            }
        }
        session.run("RELEASE SAVEPOINT offered").await?;
    }
    revision =
        holdings::squared(session, &offer.device, back(offer, &verdicts), &stamp(offer)).await?.unwrap_or(revision);
    if revision != before.revision {
        session.write(journal::commit(session.dialect(), pharmacy, revision, &stamp(offer))).await?;
    }
    Ok(TakenBack { epoch: before.epoch, revision, verdicts })
}

/// What was taken back.
fn back(offer: &Offer, verdicts: &[OfferVerdict]) -> Rows {
    let mut back = Rows::new();
    for (row, verdict) in offer.rows.iter().zip(verdicts) {
        if let (Ok(Offered { entity, .. }), OfferVerdict::Taken { server_id, .. }) = (row, verdict) {
            back.entry(entity.name).or_default().push(*server_id);
        }
    }
    back
}

fn stamp(offer: &Offer) -> Stamp {
    Stamp { now: offer.now, commit: offer.commit }
}

/// Neither revoked nor in quarantine, under the lock.
async fn alive(session: &mut dyn Session, device: &Device) -> Result<(), StoreError> {
    let [one, two] = [1, 2].map(|n| session.dialect().parameter(n));
    let sql = format!(
        "SELECT id FROM device WHERE pharmacy_id = {one} AND id = {two} AND revoked_at IS NULL AND quarantined_at IS NULL"
    );
    let found = session.query(&sql, &[device.pharmacy.into(), device.id.into()]).await?;
    if found.is_empty() { Err(StoreError::Revoked) } else { Ok(()) }
}

/// The revision afterwards, and the verdicts.
async fn attempt(
    session: &mut dyn Session,
    offer: &Offer,
    rows: &[Result<Offered, Refusal>],
) -> Result<(i64, Vec<OfferVerdict>), StoreError> {
    let device = &offer.device;
    let others = tickets(rows).map(|(series, _)| series);
    let series = std::iter::once(device.series).chain(others).collect::<BTreeSet<_>>();
    let devices: Vec<_> = series.into_iter().map(|series| Device { series, ..device.clone() }).collect();
    let (mut working, _) = begin(session, &[], &devices, &needed(rows)).await?;
    working.turn_to(device.clone(), 0);
    let mut histories = histories(session, &working, rows).await?;
    let (verdicts, changes) = decide::offer(&mut working, rows, &mut histories);
    write(session, device.pharmacy, &stamp(offer), &mut [(device, changes)], false).await?;
    Ok((working.pharmacy.revision, verdicts))
}

/// What the operations that would have made these rows touch; nothing of what would be asked of stock or of credit.
fn needed(rows: &[Result<Offered, Refusal>]) -> Needs {
    let mut all = needs(rows.iter().flatten().map(|row| &row.prepared));
    (all.keys, all.seqs) = (Vec::new(), Vec::new());
    (all.moved, all.counted, all.owing, all.settled) = Default::default();
    (all.zones, all.references) = Default::default();
    for (entity, uid, alias) in aliases(rows) {
        join::needed(&mut all, entity, &[uid, alias]);
    }
    for kind in ENTITIES.iter().filter(|kind| kind.numbered()) {
        let beside = tickets(rows).flat_map(|(_, number)| [number.saturating_sub(1), number.saturating_add(1)]);
        all.entities.entry(kind.name).or_default().numbers.extend(beside);
    }
    for entity in rows.iter().flatten().map(|row| row.entity) {
        all.told.insert(entity.name);
    }
    all
}

/// Where the histories part, and which of the rows were given back before and not changed since.
async fn histories(
    session: &mut dyn Session,
    working: &WorkingSet,
    rows: &[Result<Offered, Refusal>],
) -> Result<Histories, StoreError> {
    let (dialect, pharmacy) = (session.dialect(), working.pharmacy.id);
    let one = dialect.parameter(1);
    let sql = format!("SELECT epoch_common, epoch_base FROM pharmacy WHERE id = {one}");
    let found = session.query(&sql, &[pharmacy.into()]).await?;
    let row = found.first().ok_or(StoreError::Unknown("pharmacy"))?;
    let (common, base) = (row.int(0)?, row.int(1)?);
    let mut revs = Vec::new();
    for row in rows.iter().flatten() {
        let here = known(working, row).and_then(|id| working.row(row.entity.name, id));
        revs.extend(here.map(|here| here.rev).filter(|rev| base > 0 && *rev >= base));
    }
    let mut given_back = HashMap::new();
    let list = text::any(dialect, "rev", 2, Affinity::Int);
    let sql = format!(
        "SELECT entity, row_id, new_value FROM change_log WHERE pharmacy_id = {one} AND {list} AND kind = 'restore' \
         AND field = 'rev'"
    );
    if !revs.is_empty() {
        for row in session.query(&sql, &[pharmacy.into(), Param::Ints(revs)]).await? {
            let given = row.text(2)?.parse().map_err(|_| StoreError::shape("revision"))?;
            if let Some(entity) = entity(row.text(0)?) {
                given_back.insert((entity.name, row.int(1)?), given);
            }
        }
    }
    let new = rows.iter().flatten().filter(|row| known(working, row).is_none());
    let ids: Vec<i64> = asked(&working.pharmacy, new).collect();
    let mut histories = Histories { common, base, given_back, ..Histories::default() };
    if !ids.is_empty() {
        histories.borne = borne(session, pharmacy, &ids).await?;
        histories.left = left(session, pharmacy, ids).await?;
    }
    Ok(histories)
}

/// Of these names, those that rows of any entity bear.
async fn borne(session: &mut dyn Session, pharmacy: i64, ids: &[i64]) -> Result<HashSet<i64>, StoreError> {
    let (one, list) = (session.dialect().parameter(1), text::any(session.dialect(), "id", 2, Affinity::Int));
    let of = |table: &str| format!("SELECT id FROM \"{table}\" WHERE pharmacy_id = {one} AND {list}");
    let sql = ENTITIES.iter().map(|entity| of(entity.table)).collect::<Vec<_>>().join(" UNION ALL ");
    let found = session.query(&sql, &[pharmacy.into(), Param::Ints(ids.to_vec())]).await?;
    found.iter().map(|row| row.int(0)).collect()
}

/// Of these names, those of documents that the ledger knows.
async fn left(
    session: &mut dyn Session,
    pharmacy: i64,
    ids: Vec<i64>,
) -> Result<HashSet<(&'static str, i64)>, StoreError> {
    let kinds: Vec<_> = ENTITIES.iter().filter_map(|entity| Some((entity.movements()?.kind?.1, entity.name))).collect();
    let (one, list) = (session.dialect().parameter(1), text::any(session.dialect(), "document_id", 2, Affinity::Int));
    let listed = kinds.iter().map(|(kind, _)| kind.to_string()).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "SELECT DISTINCT document_kind, document_id FROM {LEDGER} WHERE pharmacy_id = {one} \
         AND document_kind IN ({listed}) AND {list}"
    );
    let mut found = HashSet::new();
    for row in session.query(&sql, &[pharmacy.into(), Param::Ints(ids)]).await? {
        let (kind, id) = (row.int(0)?, row.int(1)?);
        found.extend(kinds.iter().find(|(known, _)| *known == kind).map(|(_, name)| (*name, id)));
    }
    Ok(found)
}

//! What a till gives back, under the pharmacy's row lock: loaded as the operations that would have made it are, decided,
//! written. Where the database objects, row by row: one never spoils another.

use std::{collections::BTreeSet, sync::Arc};

use officine_protocol::{Uid, entities::ENTITIES, messages::OfferVerdict};

use super::{
    Database,
    holdings::{self, Rows},
    journal,
    load::{begin, lock},
    lost::histories,
    session::{Job, Scope, Session},
    write::{Stamp, write},
};
use crate::{
    StoreError,
    decide::{
        Device, Needs, join, needs,
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

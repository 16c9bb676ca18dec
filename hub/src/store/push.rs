//! Uploads of one pharmacy in one transaction: lock, load, decide each on what those before it left, write all at once.
//! Where the database objects to one alone, it is decided operation by operation.

use std::sync::Arc;

use officine_protocol::messages::Verdict;
use tracing::Span;

use super::{
    Batch, Pushed, journal,
    load::{begin, lock},
    session::Session,
    write::{Stamp, write},
};
use crate::{
    StoreError,
    decide::{Changes, Decide, OnTheWay, WorkingSet, needs, refuse, void},
    operation::Prepared,
};

/// A batch, and how it is decided.
#[derive(Debug)]
pub(crate) struct Upload {
    pub batch: Batch,
    pub decide: Decide,
    /// The request it came with.
    pub span: Span,
}

fn stamp(batch: &Batch) -> Stamp {
    Stamp { now: batch.now, commit: batch.commit }
}

/// Decides and writes all of them, each answered by itself. An error has written nothing.
pub(crate) async fn together(
    session: &mut dyn Session,
    uploads: &[Arc<Upload>],
) -> Result<Vec<Result<Pushed, StoreError>>, StoreError> {
    let heard: Vec<_> = uploads.iter().map(|upload| journal::heard(session.dialect(), &upload.batch)).collect();
    let devices: Vec<_> = uploads.iter().map(|upload| upload.batch.device.clone()).collect();
    let needs = needs(uploads.iter().flat_map(|upload| &upload.batch.operations));
    let (mut working, alive) = begin(session, &heard, &devices, &needs).await?;
    let (pharmacy, epoch, before) = (working.pharmacy.id, working.pharmacy.epoch, working.pharmacy.revision);
    let mut decided = Vec::with_capacity(uploads.len());
    for (upload, _) in uploads.iter().zip(&alive).filter(|(_, alive)| **alive) {
        working.turn_to(upload.batch.device.clone(), upload.batch.clock_offset());
        decided.push((&upload.batch.device, (upload.decide)(&mut working, &upload.batch.operations)));
    }
    let revision = working.pharmacy.revision;
    if let (Some(first), false) = (uploads.first(), decided.is_empty()) {
        write(session, pharmacy, &stamp(&first.batch), &mut decided, revision != before).await?;
    }
    let mut decided = decided.into_iter().map(|(_, changes)| changes.verdicts);
    let answer = |alive| match alive {
        true => Ok(Pushed { epoch, revision, verdicts: decided.next().unwrap_or_default() }),
        false => Err(StoreError::Revoked),
    };
    Ok(alive.into_iter().map(answer).collect())
}

/// Decides one operation after the other, each in a savepoint: one that the database objects to is refused alone.
pub(crate) async fn apart(session: &mut dyn Session, upload: &Upload) -> Result<Pushed, StoreError> {
    let Upload { batch, decide, .. } = upload;
    let before = lock(session, batch.device.pharmacy).await?;
    let heard = journal::heard(session.dialect(), batch);
    if session.query(&heard.sql, &heard.params).await?.is_empty() {
        return Err(StoreError::Revoked);
    }
    let (mut verdicts, mut revision) = (Vec::with_capacity(batch.operations.len()), before.revision);
    let mut on_the_way = OnTheWay::default();
    for operation in &batch.operations {
        session.run("SAVEPOINT operation").await?;
        let mut changes = attempt(session, batch, operation, (*decide, &mut on_the_way)).await;
        for less in [voided as Decide, refused] {
            let Err(StoreError::Refused(why)) = &changes else { break };
            tracing::error!(%why, key = %operation.key, "operation refused by the database");
            session.run("ROLLBACK TO SAVEPOINT operation").await?;
            changes = attempt(session, batch, operation, (less, &mut on_the_way)).await;
        }
        let changes = changes?;
        session.run("RELEASE SAVEPOINT operation").await?;
        revision = changes.0;
        verdicts.extend(changes.1);
    }
    if revision != before.revision {
        let commit = journal::commit(session.dialect(), batch.device.pharmacy, revision, &stamp(batch));
        session.write(commit).await?;
    }
    Ok(Pushed { epoch: before.epoch, revision, verdicts })
}

fn voided(working: &mut WorkingSet, operations: &[Prepared]) -> Changes {
    operations.first().map(|operation| void(working, operation)).unwrap_or_default()
}

fn refused(working: &mut WorkingSet, operations: &[Prepared]) -> Changes {
    operations.first().map(|operation| refuse(working, operation)).unwrap_or_default()
}

/// The revision afterwards, and the verdict.
async fn attempt(
    session: &mut dyn Session,
    batch: &Batch,
    operation: &Prepared,
    (decide, on_the_way): (Decide, &mut OnTheWay),
) -> Result<(i64, Vec<Verdict>), StoreError> {
    let alone = std::slice::from_ref(operation);
    let (mut working, _) = begin(session, &[], std::slice::from_ref(&batch.device), &needs(alone)).await?;
    working.turn_to(batch.device.clone(), batch.clock_offset());
    working.on_the_way.clone_from(on_the_way);
    let mut decided = [(&batch.device, decide(&mut working, alone))];
    on_the_way.clone_from(&working.on_the_way);
    write(session, batch.device.pharmacy, &stamp(batch), &mut decided, false).await?;
    let [(_, changes)] = decided;
    Ok((working.pharmacy.revision, changes.verdicts))
}

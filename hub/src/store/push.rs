//! Uploads of one pharmacy in one transaction: lock, load, decide each on what those before it left, write all at once.
//! Where the database objects to one alone, it is decided operation by operation.

use std::sync::Arc;

use officine_protocol::messages::Verdict;
use tracing::Span;

use super::{
    Batch, Pushed,
    journal::{self, Hearing},
    load::begin,
    quarantine,
    session::Session,
    write::{Stamp, write},
};
use crate::{
    StoreError,
    decide::{Changes, Decide, OnTheWay, WorkingSet, needs, refuse, reuses, void},
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
    let (mut working, hearings) = begin(session, &heard, &devices, &needs).await?;
    let (pharmacy, epoch, before) = (working.pharmacy.id, working.pharmacy.epoch, working.pharmacy.revision);
    let (mut decided, mut answers) = (Vec::with_capacity(uploads.len()), Vec::with_capacity(uploads.len()));
    for (upload, hearing) in uploads.iter().zip(&hearings) {
        working.turn_to(upload.batch.device.clone(), upload.batch.clock_offset());
        let let_in = admitted(&working, &upload.batch, hearing, before);
        if let_in.is_ok() {
            decided.push((&upload.batch.device, (upload.decide)(&mut working, &upload.batch.operations)));
        }
        answers.push(let_in.map(|()| hearing.last_seq));
    }
    let revision = working.pharmacy.revision;
    if let (Some(first), false) = (uploads.first(), decided.is_empty()) {
        write(session, pharmacy, &stamp(&first.batch), &mut decided, revision != before).await?;
    }
    for (upload, _) in uploads.iter().zip(&answers).filter(|(_, answer)| answer.as_ref().is_err_and(is_kept)) {
        quarantine::keep(session, &upload.batch).await?;
    }
    let mut decided = decided.into_iter().map(|(_, changes)| changes.verdicts);
    let mut told = |last_seq| Pushed { epoch, revision, last_seq, verdicts: decided.next().unwrap_or_default() };
    Ok(answers.into_iter().map(|answer| answer.map(&mut told)).collect())
}

/// Whether a request may be decided, by what is known of its device and its history, and whether none of its sequences
/// stood for another content before.
fn admitted(working: &WorkingSet, batch: &Batch, hearing: &Hearing, revision: i64) -> Result<(), StoreError> {
    hearing.bar(&batch.heard, (working.pharmacy.epoch, revision))?;
    match reuses(working, &batch.operations) {
        Some(operation) => {
            tracing::warn!(seq = operation.seq, key = %operation.key, "a sequence used for another content");
            Err(StoreError::Quarantined)
        }
        None => Ok(()),
    }
}

/// Whether what is not decided is kept.
fn is_kept(why: &StoreError) -> bool {
    matches!(why, StoreError::Quarantined | StoreError::Revoked)
}

/// Decides one operation after the other, each in a savepoint: one that the database objects to is refused alone.
pub(crate) async fn apart(
    session: &mut dyn Session,
    upload: &Upload,
) -> Result<Result<Pushed, StoreError>, StoreError> {
    let Upload { batch, decide, .. } = upload;
    let (heard, devices) = (journal::heard(session.dialect(), batch), std::slice::from_ref(&batch.device));
    let (working, hearings) = begin(session, &[heard], devices, &needs(&batch.operations)).await?;
    let hearing = hearings.first().ok_or(StoreError::Unknown("device"))?;
    let before = working.pharmacy.clone();
    if let Err(why) = admitted(&working, batch, hearing, before.revision) {
        if is_kept(&why) {
            quarantine::keep(session, batch).await?;
        }
        return Ok(Err(why));
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
    Ok(Ok(Pushed { epoch: before.epoch, revision, last_seq: hearing.last_seq, verdicts }))
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

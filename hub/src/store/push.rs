//! A batch in one transaction: lock, load, decide, write; operation by operation where the database objects.

use super::{
    Batch, Pushed, journal,
    load::{load, lock},
    session::Session,
    write::{Stamp, write},
};
use crate::{
    StoreError,
    decide::{Changes, Decide, WorkingSet, needs, refuse},
    operation::Prepared,
};

pub(crate) async fn transact(session: &mut dyn Session, batch: &Batch, decide: Decide) -> Result<Pushed, StoreError> {
    let stamp = Stamp { now: batch.now, commit: batch.commit };
    let before = lock(session, batch.device.pharmacy).await?;
    journal::heard(session, &batch.device, &batch.heard, batch.now).await?;
    session.run("SAVEPOINT batch").await?;
    let whole = attempt(session, batch, &stamp, &batch.operations, decide).await;
    let (verdicts, revision) = match whole {
        Ok(changes) => (changes.verdicts, changes.revision),
        Err(StoreError::Refused(why)) => {
            tracing::warn!(%why, "batch refused by the database, decided one by one");
            session.run("ROLLBACK TO SAVEPOINT batch").await?;
            one_by_one(session, batch, &stamp, decide).await?
        }
        Err(error) => return Err(error),
    };
    if revision != before.revision {
        journal::commit(session, batch.device.pharmacy, revision, &stamp).await?;
    }
    Ok(Pushed { epoch: before.epoch, revision, verdicts })
}

async fn prepare(session: &mut dyn Session, batch: &Batch, operations: &[Prepared]) -> Result<WorkingSet, StoreError> {
    let pharmacy = lock(session, batch.device.pharmacy).await?;
    load(session, pharmacy, &batch.device, &needs(operations)).await
}

async fn attempt(
    session: &mut dyn Session,
    batch: &Batch,
    stamp: &Stamp,
    operations: &[Prepared],
    decide: Decide,
) -> Result<Changes, StoreError> {
    let mut working = prepare(session, batch, operations).await?;
    let changes = decide(&mut working, operations);
    write(session, &batch.device, stamp, &changes).await?;
    Ok(changes)
}

async fn one_by_one(
    session: &mut dyn Session,
    batch: &Batch,
    stamp: &Stamp,
    decide: Decide,
) -> Result<(Vec<officine_protocol::messages::Verdict>, i64), StoreError> {
    let mut verdicts = Vec::with_capacity(batch.operations.len());
    for operation in &batch.operations {
        let alone = std::slice::from_ref(operation);
        session.run("SAVEPOINT operation").await?;
        let changes = match attempt(session, batch, stamp, alone, decide).await {
            Err(StoreError::Refused(why)) => {
                tracing::error!(%why, key = %operation.key, "operation refused by the database");
                session.run("ROLLBACK TO SAVEPOINT operation").await?;
                let mut working = prepare(session, batch, alone).await?;
                let changes = refuse(&mut working, operation);
                write(session, &batch.device, stamp, &changes).await?;
                changes
            }
            other => other?,
        };
        session.run("RELEASE SAVEPOINT operation").await?;
        verdicts.extend(changes.verdicts);
    }
    let revision = lock(session, batch.device.pharmacy).await?.revision;
    Ok((verdicts, revision))
}

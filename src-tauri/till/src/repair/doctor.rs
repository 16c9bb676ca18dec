//! The doctor: what is wrong here, as far as this till can see by itself, and how its book stands beside the hub's. Looks,
//! and touches nothing.

use serde::Serialize;

use super::{
    journal,
    orphans::{self, Orphan},
    references,
};
use crate::{
    engine::Till,
    error::Result,
    store::{checks, outbox},
    sync::{cursor, walk},
    views::{Problem, QueueRow, RowName},
};

/// Rows that are named, at most.
const NAMED: usize = 50;

/// What it found.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Diagnosis {
    /// Nothing is wrong, here or beside the hub.
    pub healthy: bool,
    /// What SQLite finds wrong with the file.
    pub store: Option<String>,
    /// Lots that hold another quantity than their movements say.
    pub ledger: usize,
    /// Rows that the hub has not named, and that nothing is on its way for.
    pub orphans: Vec<RowName>,
    /// Rows that name one which is not here.
    pub dangling: Vec<RowName>,
    /// Operations that wait for a person.
    pub blocked: Vec<QueueRow>,
    /// Findings that repairs have left for a person.
    pub left: u32,
    /// Where this till stands.
    pub revision: i64,
    /// Where the hub stands; nothing where it does not answer.
    pub hub_revision: Option<i64>,
    /// Entities in which both differ; nothing where they do not stand at one revision.
    pub differing: Option<Vec<&'static str>>,
    /// Why the hub was not asked, or did not answer.
    pub hub_problem: Option<Problem>,
}

impl Till {
    /// Looks everything over.
    pub fn diagnose(&self) -> Result<Diagnosis> {
        let store = self.check()?;
        let (hub, hub_problem) = match self.compare() {
            Ok(comparison) => (Some(comparison), None),
            Err(error) => (None, Some(error.problem())),
        };
        let differing = hub.as_ref().filter(|hub| hub.same_revision).map(|hub| {
            hub.entities.iter().filter(|entity| !entity.equal).map(|entity| entity.entity).collect::<Vec<_>>()
        });
        self.store.read(|connection| {
            let exact = walk::exact(connection)?;
            let ledger = if exact { checks::ledger_differences(connection)?.len() } else { 0 };
            let named = |entity: &str, uid: &dyn ToString| RowName { entity: entity.to_owned(), uid: uid.to_string() };
            let orphans =
                orphans::everywhere(connection)?.orphans.into_iter().filter(|orphan: &Orphan| !orphan.refused);
            let orphans: Vec<_> = orphans.take(NAMED).map(|orphan| named(orphan.entity.name, &orphan.uid)).collect();
            let dangling = references::dangling(connection)?.into_iter().take(NAMED);
            let dangling: Vec<_> = dangling.map(|found| named(found.entity.name, &found.uid)).collect();
            let blocked = outbox::blocked(connection)?.into_iter().take(NAMED);
            let blocked =
                blocked.map(|queued| crate::sync::state::queue_row(connection, queued)).collect::<Result<Vec<_>>>()?;
            let left = journal::open(connection)?;
            let sound = store.is_none() && ledger == 0 && left == 0;
            let whole = orphans.is_empty() && dangling.is_empty() && blocked.is_empty();
            let healthy = sound && whole && differing.as_ref().is_none_or(Vec::is_empty);
            Ok(Diagnosis {
                healthy,
                store,
                ledger,
                orphans,
                dangling,
                blocked,
                left,
                revision: cursor::load(connection)?.cursor.rev,
                hub_revision: hub.map(|hub| hub.hub_revision),
                differing,
                hub_problem,
            })
        })
    }
}

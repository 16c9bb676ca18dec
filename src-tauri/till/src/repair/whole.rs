//! The whole repair, step by step.

use officine_protocol::{Uid, entities::entity, messages::Finding as HubFinding, params};

use super::{Repair, history, journal::Finding, mend::problem, orphans};
use crate::{
    error::Result,
    store::outbox,
    sync::{pull, push},
};

impl Repair<'_, '_> {
    /// Detect → pull → match → repair → retry.
    pub fn whole(&mut self) -> Result<()> {
        self.step("detect")?;
        self.look_here()?;
        let look = self.run.till.store.read(orphans::everywhere)?;
        self.journal.report.rows_read += look.rows;
        let dangling = self.dangling()?;

        self.step("pull")?;
        let left = self.hear()?;

        self.orphans(look.orphans)?;
        self.references(dangling)?;

        self.step("repair")?;
        push::push(self.run)?;
        pull::pull(self.run)?;
        let standing = self.reconcile()?;
        if standing.equal() {
            self.remnants()?;
        }
        self.hub_again(left)?;
        self.ledger()?;

        self.step("retry")?;
        self.retry()
    }

    /// The hub mends its own books first, and what is new is read: from the last common place where it has another history.
    /// Gives what the hub could not mend by itself.
    fn hear(&mut self) -> Result<Vec<HubFinding>> {
        match self.hear_once() {
            Err(error) if history::parted(&error) => {
                history::follow(self.run, error)?;
                self.hear_once()
            }
            heard => heard,
        }
    }

    fn hear_once(&mut self) -> Result<Vec<HubFinding>> {
        let left = self.hub_books()?;
        pull::pull(self.run)?;
        Ok(left)
    }

    /// What is looked at and mended without the hub.
    pub fn look_here(&mut self) -> Result<()> {
        self.counters()?;
        self.stuck()?;
        self.folds()?;
        self.ledger()?;
        self.links(true)
    }

    /// Sends again what was blocked: its cause may be gone. What is blocked still is named.
    fn retry(&mut self) -> Result<()> {
        let till = self.run.till;
        let blocked = till.store.read(outbox::blocked)?;
        if !blocked.is_empty() {
            till.store
                .write(|tx| blocked.iter().try_for_each(|queued| outbox::retry(tx, Some(queued.seq)).map(drop)))?;
            push::push(self.run)?;
            pull::pull(self.run)?;
        }
        let journal = &mut self.journal;
        till.store.write(|tx| {
            for queued in &blocked {
                let Some(entity) = entity(&queued.entity) else { continue };
                let found = Finding::new("stuck", entity, queued.uid).with(params! { held: queued.seq });
                match outbox::by_seq(tx, queued.seq)?.filter(|now| now.state == outbox::State::Blocked) {
                    None => journal.mended(tx, &found, "restarted")?,
                    Some(still) => {
                        let unnamed =
                            || problem("repair_nowhere", params! { entity: entity.name, uid: Uid::nil().to_string() });
                        journal.left(tx, &found, &still.problem.unwrap_or_else(unnamed))?;
                    }
                }
            }
            Ok(())
        })
    }
}

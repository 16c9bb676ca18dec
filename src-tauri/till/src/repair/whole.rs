//! The whole repair, step by step.

use officine_protocol::{Uid, entities::entity, messages::Finding as HubFinding, params};

use super::{Repair, history, journal::Finding, mend::problem, orphans};
use crate::{
    error::Result,
    store::outbox,
    sync::{pull, push},
    views::Problem,
};

/// What the hub did about what it leaves for somebody who knows more.
const LEFT: &str = "left";

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
        let (left, mended): (Vec<_>, Vec<_>) = self.ask_check()?.into_iter().partition(|told| told.done == LEFT);
        self.hub_findings(&mended, |_| None)?;
        pull::pull(self.run)?;
        Ok(left)
    }

    /// Where the hub lacked rows that it has been given since, it can go on by itself: what it still leaves is left.
    fn hub_again(&mut self, left: Vec<HubFinding>) -> Result<()> {
        if left.is_empty() {
            return Ok(());
        }
        let now = self.ask_check()?;
        let still = |told: &HubFinding| {
            now.iter().any(|now| now.done == LEFT && (now.uid, &now.kind) == (told.uid, &told.kind))
        };
        self.hub_findings(&left, |told| {
            let params = params! { what: told.kind.clone(), entity: told.entity.clone() };
            still(told).then(|| problem("repair_hub_left", params))
        })?;
        pull::pull(self.run)
    }

    /// What is looked at and mended without the hub.
    pub fn look_here(&mut self) -> Result<()> {
        self.counters()?;
        self.stuck()?;
        self.folds()?;
        self.ledger()?;
        self.links(true)
    }

    /// Writes down what the hub found in its own books, and why it is left, where it is.
    fn hub_findings(&mut self, told: &[HubFinding], why: impl Fn(&HubFinding) -> Option<Problem>) -> Result<()> {
        let journal = &mut self.journal;
        self.run.till.store.write(|tx| {
            for told in told {
                let Some(entity) = entity(&told.entity) else { continue };
                let mut params = told.params.clone();
                params.insert("what".to_owned(), told.kind.clone().into());
                let found = Finding::new("hub", entity, told.uid).with(params);
                match why(told) {
                    Some(problem) => journal.left(tx, &found, &problem)?,
                    None if told.done == "merged" => journal.mended(tx, &found, "merged")?,
                    None if told.done == "proposed" => journal.mended(tx, &found, "proposed")?,
                    None => journal.mended(tx, &found, "mended")?,
                }
            }
            Ok(())
        })
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

//! What heals. One pipeline, derived from the declared entities: detect → pull → match → repair → retry. Whatever is found
//! is a line of the journal, whatever is overwritten a line of the log, and what cannot be decided is left with its name
//! and a next step. Nothing is ever deleted.
//!
//! It runs whole by its button, at start and at night; before a push it looks for orphans alone, and after an answer at what
//! that names in vain.

pub mod ask;
pub mod certificate;
pub mod compare;
pub mod counters;
pub mod doctor;
pub mod documents;
pub mod folds;
pub mod give;
pub mod history;
mod hub_books;
pub mod integrity;
pub mod journal;
pub mod ledger;
pub mod links;
pub mod list;
pub mod mend;
pub mod moments;
pub mod narrow;
pub mod night;
pub mod orphans;
pub mod references;
mod renamed;
pub mod standing;
pub mod stuck;
mod twins;
mod whole;

use officine_protocol::roles::Permission;

use crate::{
    engine::Till,
    error::{Error, Result},
    sync::{
        run::Run,
        shared::{Trigger, lock},
    },
    views::{Notice, RepairProgress, RepairRun, Topic},
};
use journal::Journal;

/// The steps, in their order.
pub const STEPS: [&str; 5] = ["detect", "pull", "match", "repair", "retry"];

/// A repair under way, within a run of the sync.
pub struct Repair<'r, 'a> {
    /// The run.
    pub run: &'r mut Run<'a>,
    /// What it writes down.
    pub journal: Journal,
    /// It is told from its beginning, and written down even where it finds nothing.
    loud: bool,
    began_with: i64,
    /// Rows that were last read before are read again, here and on the hub.
    since: i64,
}

impl Till {
    /// « Réparer la synchronisation »: looks at everything here and on the hub, and mends it.
    pub fn repair(&self) -> Result<RepairRun> {
        self.allow(Permission::SeeSync)?;
        self.repair_as("manual")
    }

    /// The same, for the device itself.
    pub fn repair_as(&self, trigger: &'static str) -> Result<RepairRun> {
        let device = self.device()?;
        let mut told = None;
        let ran = self.alone(device, Trigger::Manual, |run| {
            let mut repair = Repair::begin(run, trigger, true);
            let outcome = repair.whole();
            told = Some(repair.end(outcome)?);
            Ok(())
        })?;
        // The hub did not say whether it knows this till: nothing was looked at.
        Ok(told.unwrap_or_else(|| RepairRun {
            trigger: trigger.to_owned(),
            problem: ran.problem,
            ..RepairRun::default()
        }))
    }
}

impl<'r, 'a> Repair<'r, 'a> {
    /// Begins a repair. A quiet one says nothing until it has found something.
    pub fn begin(run: &'r mut Run<'a>, trigger: &str, loud: bool) -> Self {
        let journal = Journal::begin(trigger, run.till.clock.now());
        let began_with = run.report.bytes_up + run.report.bytes_down;
        let since = night::since(trigger, run.till.clock.now());
        Self { run, journal, loud, began_with, since }
    }

    /// Goes to a step, which is where it may be stopped.
    pub fn step(&self, step: &str) -> Result<()> {
        self.tell(step, None);
        self.run.go_on()
    }

    /// Tells where it is.
    pub fn tell(&self, step: &str, entity: Option<&str>) {
        let report = &self.journal.report;
        if !self.loud && report.found == 0 {
            return;
        }
        let index = STEPS.iter().position(|known| *known == step).map_or(1, |place| place as u32 + 1);
        tracing::debug!(step, entity, found = report.found, mended = report.mended, "repairing");
        let progress = RepairProgress {
            step: step.to_owned(),
            index,
            steps: STEPS.len() as u32,
            found: report.found,
            mended: report.mended,
            entity: entity.map(str::to_owned),
        };
        *lock(&self.run.till.sync.repair) = Some(progress.clone());
        self.run.till.tell(&Notice::RepairProgress { progress: Some(progress) });
    }

    /// Ends it. What was mended before a failure stands; only the store's own troubles are handed on.
    pub fn end(mut self, outcome: Result<()>) -> Result<RepairRun> {
        let till = self.run.till;
        self.journal.report.bytes = self.run.report.bytes_up + self.run.report.bytes_down - self.began_with;
        if let Err(error) = &outcome {
            tracing::warn!(%error, "the repair stopped early");
            self.journal.report.problem = Some(error.problem());
        }
        let whole = self.loud && outcome.is_ok();
        let told = match self.loud || self.journal.report.found > 0 {
            true => till.store.write(|tx| {
                if whole {
                    self.journal.close_others(tx)?;
                }
                self.journal.end(tx, till.clock.now())
            })?,
            false => self.journal.report.clone(),
        };
        if lock(&till.sync.repair).take().is_some() {
            till.tell(&Notice::RepairProgress { progress: None });
        }
        if told.found > 0 {
            till.changed(&[Topic::Sync, Topic::Stock, Topic::Sales, Topic::People]);
        }
        match outcome {
            Err(error @ (Error::Store(_) | Error::File(_))) => Err(error),
            _ => Ok(told),
        }
    }
}

//! « Intégrité »: a document with all its relations, or all documents of a range of days, compared with the hub row by row
//! and made equal, step by step. One that cannot be made equal stops nothing. Stopped, cut off or killed, it goes on where
//! it was, and its totals with it.

mod beside;
mod file;
mod rows;
mod work;

use std::{collections::BTreeSet, path::Path};

use officine_protocol::{Uid, roles::Permission};
use rusqlite::OptionalExtension;

use super::{
    Repair,
    documents::{self, Document},
};
use crate::{
    engine::Till,
    error::Result,
    expiries::file::{save, unwritable},
    sync::{
        pull, push,
        run::Run,
        shared::{Trigger, lock},
    },
    views::{ExportedFile, IntegrityArgs, IntegrityProgress, IntegrityReport, Notice, Topic},
};
use work::Work;

/// Documents compared with one request; where it is, is written down after them.
const AT_ONCE: usize = 50;

/// Rows that were looked at: those that documents have in common are looked at once.
type Seen = BTreeSet<(&'static str, Uid)>;

impl Till {
    /// Compares, and makes equal.
    pub fn check_integrity(&self, args: &IntegrityArgs) -> Result<IntegrityReport> {
        self.allow(Permission::SeeSync)?;
        let (device, mut told) = (self.device()?, None);
        let ran = self.alone(device, Trigger::Manual, |run| {
            told = Some(self.compared(run, args));
            *lock(&self.sync.integrity) = None;
            Ok(())
        })?;
        // The hub did not say whether it knows this till: nothing was begun, and all of it is still to be done.
        let told = told.unwrap_or_else(|| {
            let mut work = self.store.write(|tx| Work::begin(tx, args, self.clock.now()))?;
            work.stop(ran.problem);
            self.store.write(|tx| work.keep(tx, self.clock.now()))?;
            Ok(work.report)
        });
        self.changed(&[Topic::Sync]);
        told
    }

    fn compared(&self, run: &mut Run<'_>, args: &IntegrityArgs) -> Result<IntegrityReport> {
        let mut work = self.store.write(|tx| Work::begin(tx, args, self.clock.now()))?;
        *lock(&self.sync.integrity) = Some(work.report.id);
        let mut repair = Repair::begin(run, "manual", false);
        let outcome = repair.integrity(&mut work);
        match &outcome {
            Ok(()) => work.finish(),
            Err(error) => work.stop(Some(error.problem())),
        }
        self.store.write(|tx| work.keep(tx, self.clock.now()))?;
        repair.end(outcome)?;
        Ok(work.report)
    }

    /// The one that was stopped or cut and can go on, else the last one.
    pub fn last_integrity(&self) -> Result<Option<IntegrityReport>> {
        self.allow(Permission::SeeSync)?;
        let running = *lock(&self.sync.integrity);
        let sql = "SELECT report FROM integrity_run ORDER BY resume IS NOT NULL DESC, id DESC LIMIT 1";
        let report: Option<String> =
            self.store.read(|connection| Ok(connection.query_row(sql, [], |row| row.get(0)).optional()?))?;
        let report: Option<IntegrityReport> = report.map(|report| serde_json::from_str(&report)).transpose()?;
        Ok(report.map(|report| IntegrityReport { under_way: running == Some(report.id), ..report }))
    }

    /// The steps of the last one, in a file.
    pub fn export_integrity(&self, path: &Path) -> Result<Option<ExportedFile>> {
        let Some(report) = self.last_integrity()? else { return Ok(None) };
        let bytes = file::csv(&report.steps).map_err(|error| unwritable(path, &error.to_string()))?;
        save(path, &bytes)?;
        let rows = u32::try_from(report.steps.len()).unwrap_or(u32::MAX);
        Ok(Some(ExportedFile { path: path.display().to_string(), rows }))
    }

    /// How such a file is called.
    pub fn integrity_file_name(&self) -> String {
        format!("integrite-{}.csv", self.today())
    }
}

impl Repair<'_, '_> {
    fn integrity(&mut self, work: &mut Work) -> Result<()> {
        push::push(self.run)?;
        pull::pull(self.run)?;
        let documents = self.run.till.store.read(|connection| documents::asked(connection, &work.args))?;
        let (past, left) = work.divide(&documents);
        let mut seen = self.seen(past)?;
        for some in left.chunks(AT_ONCE) {
            self.run.go_on()?;
            // What is counted of documents that are not through is counted again with them.
            let mut report = work.report.clone();
            self.some(&work.args, some, &mut seen, &mut report)?;
            let (till, now) = (self.run.till, self.run.till.clock.now());
            work.reached(report, some);
            till.store.write(|tx| work.keep(tx, now))?;
            let label = some.last().map(|last| self.label(last.entity, last.uid)).transpose()?.unwrap_or_default();
            let IntegrityReport { done, of, totals, .. } = work.report;
            till.tell(&Notice::IntegrityProgress { progress: IntegrityProgress { done, of, totals, label } });
        }
        self.ledger()
    }

    /// What was looked at before it was stopped: known here, without the hub.
    fn seen(&self, past: &[Document]) -> Result<Seen> {
        let mut seen = Seen::new();
        for some in past.chunks(AT_ONCE) {
            self.run.go_on()?;
            let related = self.related(some)?;
            seen.extend(related.into_iter().map(|(entity, uid)| (entity.name, uid)));
        }
        Ok(seen)
    }
}

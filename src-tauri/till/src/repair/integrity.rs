//! « Intégrité »: a document with all its relations, or all documents of a range of days, compared with the hub row by row
//! and made equal, step by step. One that cannot be made equal stops nothing. It may be stopped and goes on where it was.

use std::{collections::BTreeSet, path::Path};

use officine_protocol::{Uid, digest::hash, limits::SCHEMA, messages::WireRow, roles::Permission, schema::Entity};
use rusqlite::{Connection, OptionalExtension};

use super::{
    Repair, ask,
    documents::{self, Document},
    journal::{self, Finding},
};
use crate::{
    engine::Till,
    error::{Error, Result},
    expiries::file::{MARK, plain, save, unwritable},
    store::{outbox, rows},
    sync::{
        apply,
        digest::{Pending, at_the_hub},
        pull, push,
        shared::Trigger,
    },
    views::{ExportedFile, IntegrityArgs, IntegrityProgress, IntegrityReport, IntegrityStep, Notice, Problem},
};

/// Documents compared with one request.
const AT_ONCE: usize = 50;
/// Steps that a report tells.
const STEPS: usize = 500;
/// Reports that are kept.
const KEPT: i64 = 200;

/// How a row stands beside the hub's.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beside {
    Equal,
    Pending,
    Named(i64),
    Differs,
    Here,
    Nowhere,
}

impl Till {
    /// Compares, and makes equal.
    pub fn check_integrity(&self, args: &IntegrityArgs) -> Result<IntegrityReport> {
        self.allow(Permission::SeeSync)?;
        let device = self.device()?;
        let (args, after) = self.store.read(|connection| going_on(connection, args))?;
        let documents = self.store.read(|connection| documents::asked(connection, &args))?;
        let mut report = begun(&args, self.clock.now(), documents.len());
        let left: Vec<Document> =
            documents.into_iter().filter(|document| Some((document.at, document.uid)) > after).collect();
        report.done = report.of - u32::try_from(left.len()).unwrap_or(0);
        let first = report.done;
        self.alone(device, Trigger::Manual, |run| {
            let mut repair = Repair::begin(run, "manual", false);
            let outcome = repair.integrity(&args, &left, &mut report);
            if let Err(error) = &outcome {
                (report.stopped, report.problem) = (true, Some(error.problem()));
            }
            repair.end(outcome).map(drop)
        })?;
        report.duration_ms = self.clock.now() - report.started_at;
        report.steps.sort_by_key(|step| step.ok);
        report.steps.truncate(STEPS);
        let last = (report.done - first).checked_sub(1).and_then(|last| left.get(last as usize));
        let after = last.map(|document| (document.at, document.uid)).or(after);
        self.store.write(|tx| keep(tx, &args, &mut report, after))?;
        Ok(report)
    }

    /// The last one.
    pub fn last_integrity(&self) -> Result<Option<IntegrityReport>> {
        self.allow(Permission::SeeSync)?;
        let sql = "SELECT report FROM integrity_run ORDER BY id DESC LIMIT 1";
        let report: Option<String> =
            self.store.read(|connection| Ok(connection.query_row(sql, [], |row| row.get(0)).optional()?))?;
        Ok(report.map(|report| serde_json::from_str(&report)).transpose()?)
    }

    /// The steps of the last one, in a file.
    pub fn export_integrity(&self, path: &Path) -> Result<Option<ExportedFile>> {
        let Some(report) = self.last_integrity()? else { return Ok(None) };
        let bytes = csv(&report.steps).map_err(|error| unwritable(path, &error.to_string()))?;
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
    fn integrity(&mut self, args: &IntegrityArgs, left: &[Document], report: &mut IntegrityReport) -> Result<()> {
        push::push(self.run)?;
        pull::pull(self.run)?;
        let mut seen = BTreeSet::new();
        for some in left.chunks(AT_ONCE) {
            self.run.go_on()?;
            self.some(args, some, &mut seen, report)?;
            report.done += u32::try_from(some.len()).unwrap_or(0);
            let last = some.last().map(|document| (document.entity, document.uid));
            let label = last.map(|(entity, uid)| self.label(entity, uid)).transpose()?.unwrap_or_default();
            let progress = IntegrityProgress { done: report.done, of: report.of, totals: report.totals, label };
            self.run.till.tell(&Notice::IntegrityProgress { progress });
        }
        self.ledger()
    }

    fn label(&self, entity: &Entity, uid: Uid) -> Result<String> {
        self.run.till.store.read(|connection| journal::label(connection, entity, uid))
    }

    /// Some documents with their relations. Rows that several have in common are looked at once.
    fn some(
        &mut self,
        args: &IntegrityArgs,
        some: &[Document],
        seen: &mut BTreeSet<(&'static str, Uid)>,
        report: &mut IntegrityReport,
    ) -> Result<()> {
        let till = self.run.till;
        let related = till.store.read(|connection| {
            let related = some.iter().map(|document| documents::related(connection, document));
            Ok(related.collect::<Result<Vec<_>>>()?.concat())
        })?;
        let rows: Vec<_> = related.into_iter().filter(|(entity, uid)| seen.insert((entity.name, *uid))).collect();
        for rows in rows.chunks(officine_protocol::limits::ROWS_ASKED) {
            let names: Vec<_> = rows.iter().map(|(entity, uid)| (entity.name, *uid)).collect();
            let answer = ask::rows(self.run, &names, false)?;
            for (entity, uid) in rows {
                let there = answer.row(entity.name, *uid).cloned();
                let beside = till.store.read(|connection| beside(connection, entity, *uid, there.as_ref()))?;
                let outcome = self.one((entity, *uid), beside, there, args.force);
                self.count((entity, *uid), beside, outcome, args.force, report)?;
            }
        }
        Ok(())
    }

    /// Makes one row equal. Gives why it is not.
    fn one(
        &mut self,
        (entity, uid): (&'static Entity, Uid),
        beside: Beside,
        there: Option<WireRow>,
        force: bool,
    ) -> Result<Option<Problem>> {
        let found = |kind| Finding::new(kind, entity, uid);
        let before = self.journal.report.left;
        match beside {
            Beside::Equal if !force => {}
            Beside::Equal => self.take(there.into_iter().collect(), Vec::new(), "taken")?,
            Beside::Pending => push::push(self.run)?,
            Beside::Named(server_id) => self.name(&[(found("name"), server_id)])?,
            Beside::Differs => drop(self.fetch(vec![found("differs")], "taken")?),
            Beside::Here => self.give(entity, vec![found("lost")], false)?,
            Beside::Nowhere => self.orphans(vec![super::orphans::Orphan { entity, uid, refused: false }])?,
        }
        if self.journal.report.left == before {
            return Ok(None);
        }
        let sql = "SELECT problem FROM repair_line WHERE open = 1 AND uid = ?1 ORDER BY id DESC LIMIT 1";
        let problem: Option<String> = self.run.till.store.read(|connection| {
            Ok(connection.query_row(sql, [uid.as_bytes()], |row| row.get(0)).optional()?.flatten())
        })?;
        Ok(problem.and_then(|problem| serde_json::from_str(&problem).ok()))
    }

    fn count(
        &self,
        (entity, uid): (&'static Entity, Uid),
        beside: Beside,
        outcome: Result<Option<Problem>>,
        force: bool,
        report: &mut IntegrityReport,
    ) -> Result<()> {
        let problem = match outcome {
            Ok(problem) => problem,
            Err(error @ Error::Refused { .. }) if error.code() != "sync_cancelled" => Some(error.problem()),
            Err(error) => return Err(error),
        };
        let skipped = beside == Beside::Equal && !force;
        for totals in [&mut report.totals, report.entities.entry(entity.name.to_owned()).or_default()] {
            totals.total += 1;
            match (&problem, skipped) {
                (Some(_), _) => totals.failed += 1,
                (None, true) => totals.skipped += 1,
                (None, false) => totals.synced += 1,
            }
        }
        if !skipped || problem.is_some() || report.steps.len() < STEPS {
            let (label, ok) = (self.label(entity, uid)?, problem.is_none());
            let (action, entity) = (action(beside, force).to_owned(), entity.name.to_owned());
            report.steps.push(IntegrityStep { action, entity, uid: uid.to_string(), label, ok, problem });
        }
        Ok(())
    }
}

fn action(beside: Beside, force: bool) -> &'static str {
    match beside {
        Beside::Equal if force => "pull",
        Beside::Equal => "check",
        Beside::Pending | Beside::Nowhere => "push",
        Beside::Named(_) => "name",
        Beside::Differs => "pull",
        Beside::Here => "give",
    }
}

fn beside(connection: &Connection, entity: &'static Entity, uid: Uid, there: Option<&WireRow>) -> Result<Beside> {
    let Some((_, record)) = rows::get(connection, entity, uid)? else { return Ok(Beside::Differs) };
    let Some(there) = there else {
        return Ok(match (outbox::is_pending(connection, uid)?, record.server_id) {
            (true, _) => Beside::Pending,
            (false, Some(_)) => Beside::Here,
            (false, None) => Beside::Nowhere,
        });
    };
    let pending = Pending::read(connection)?;
    let here = at_the_hub(connection, entity, record.clone(), pending.on(record.uid))?;
    let theirs = apply::decode(entity, there)?;
    let alike = here.as_ref().is_some_and(|here| hash(entity, here, SCHEMA) == hash(entity, &theirs, SCHEMA));
    Ok(match (alike, record.server_id == Some(there.server_id)) {
        (true, true) if pending.on(record.uid).is_empty() => Beside::Equal,
        (true, true) => Beside::Pending,
        (true, false) => Beside::Named(there.server_id),
        (false, _) => Beside::Differs,
    })
}

fn begun(args: &IntegrityArgs, now: i64, documents: usize) -> IntegrityReport {
    IntegrityReport {
        id: 0,
        started_at: now,
        duration_ms: 0,
        document: args.document.clone(),
        from: args.from.clone(),
        to: args.to.clone(),
        done: 0,
        of: u32::try_from(documents).unwrap_or(u32::MAX),
        totals: Default::default(),
        entities: Default::default(),
        steps: Vec::new(),
        stopped: false,
        problem: None,
    }
}

type Place = Option<(i64, Uid)>;

/// What is asked, and after which document it begins: where the last one was stopped, if it is to go on.
fn going_on(connection: &Connection, args: &IntegrityArgs) -> Result<(IntegrityArgs, Place)> {
    let sql = "SELECT asked, resume FROM integrity_run WHERE resume IS NOT NULL ORDER BY id DESC LIMIT 1";
    let stopped: Option<(String, String)> =
        connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    match stopped.filter(|_| args.resume) {
        Some((asked, resume)) => Ok((serde_json::from_str(&asked)?, serde_json::from_str(&resume)?)),
        None => Ok((args.clone(), None)),
    }
}

fn keep(connection: &Connection, args: &IntegrityArgs, report: &mut IntegrityReport, after: Place) -> Result<()> {
    let resume = report.stopped.then_some(after);
    let sql = "INSERT INTO integrity_run (started_at, asked, report, resume) VALUES (?1, ?2, '', ?3)";
    let resume = resume.map(|place| serde_json::to_string(&place)).transpose()?;
    connection.execute(sql, (report.started_at, serde_json::to_string(args)?, resume))?;
    report.id = connection.last_insert_rowid();
    let sql = "UPDATE integrity_run SET report = ?2 WHERE id = ?1";
    connection.execute(sql, (report.id, serde_json::to_string(report)?))?;
    connection.execute("DELETE FROM integrity_run WHERE id <= ?1", [report.id - KEPT])?;
    Ok(())
}

fn csv(steps: &[IntegrityStep]) -> std::result::Result<Vec<u8>, csv::Error> {
    let mut writer =
        csv::WriterBuilder::new().delimiter(b';').terminator(csv::Terminator::CRLF).from_writer(MARK.to_vec());
    writer.write_record(["Action", "Entité", "Fiche", "Identité", "Réussi", "Motif"])?;
    for step in steps {
        let why = step.problem.as_ref().map(|problem| problem.code.clone()).unwrap_or_default();
        let ok = if step.ok { "1" } else { "" };
        writer.write_record([&step.action, &step.entity, &plain(&step.label), &step.uid, ok, &why])?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))
}

//! The rows of some documents: what the hub has of them, what is done about each, how it went. Whatever is wrong with one
//! of them, here or there, is its own failure.

use std::collections::HashMap;

use officine_protocol::{Uid, limits::ROWS_ASKED, messages::WireRow, params, schema::Entity};
use rusqlite::OptionalExtension;

use super::{Seen, beside::Beside, work::STEPS};
use crate::{
    error::{Error, Result},
    repair::{
        Repair, ask,
        documents::{self, Document},
        journal::{self, Finding},
        mend,
        orphans::Orphan,
    },
    sync::push,
    views::{IntegrityArgs, IntegrityReport, IntegrityStep, Problem},
};

/// A row by name.
type Named = (&'static Entity, Uid);

/// How it went with a row.
struct Looked {
    action: &'static str,
    skipped: bool,
    problem: Option<Problem>,
}

impl Repair<'_, '_> {
    /// Some documents with their relations.
    pub(super) fn some(
        &mut self,
        args: &IntegrityArgs,
        some: &[Document],
        seen: &mut Seen,
        report: &mut IntegrityReport,
    ) -> Result<()> {
        let related = self.related(some)?;
        let rows: Vec<_> = related.into_iter().filter(|(entity, uid)| seen.insert((entity.name, *uid))).collect();
        for rows in rows.chunks(ROWS_ASKED) {
            let (mut answer, mut failed) = (ask::Answer::default(), HashMap::new());
            self.ask_apart(rows, &mut answer, &mut failed)?;
            for row in rows {
                let looked = match failed.remove(&row.1) {
                    Some(problem) => Looked { action: "check", skipped: false, problem: Some(problem) },
                    None => self.look(*row, answer.row(row.0.name, row.1).cloned(), args.force)?,
                };
                self.count(*row, looked, report)?;
            }
        }
        Ok(())
    }

    /// The rows of some documents, each document's parents first.
    pub(super) fn related(&self, some: &[Document]) -> Result<Vec<Named>> {
        self.run.till.store.read(|connection| {
            let related = some.iter().map(|document| documents::related(connection, document));
            Ok(related.collect::<Result<Vec<_>>>()?.concat())
        })
    }

    pub(super) fn label(&self, entity: &Entity, uid: Uid) -> Result<String> {
        self.run.till.store.read(|connection| journal::label(connection, entity, uid))
    }

    /// What the hub has of some rows. A request that it refuses whole is halved until the row at fault stands alone.
    fn ask_apart(
        &mut self,
        rows: &[Named],
        answer: &mut ask::Answer,
        failed: &mut HashMap<Uid, Problem>,
    ) -> Result<()> {
        let names: Vec<_> = rows.iter().map(|(entity, uid)| (entity.name, *uid)).collect();
        match ask::rows(self.run, &names, false) {
            Ok(some) => {
                answer.rows.extend(some.rows);
                answer.unknown.extend(some.unknown);
                Ok(())
            }
            Err(error) if push::refused_whole(&error) => match rows {
                [(_, uid)] => {
                    failed.insert(*uid, error.problem());
                    Ok(())
                }
                _ => {
                    let (some, others) = rows.split_at(rows.len() / 2);
                    self.ask_apart(some, answer, failed)?;
                    self.ask_apart(others, answer, failed)
                }
            },
            Err(error) => Err(error),
        }
    }

    fn look(&mut self, row: Named, there: Option<WireRow>, force: bool) -> Result<Looked> {
        let beside = self.run.till.store.read(|connection| Beside::of(connection, row.0, row.1, there.as_ref()));
        let beside = match beside {
            Err(error) if is_the_rows(&error) => {
                return Ok(Looked { action: "check", skipped: false, problem: Some(why(&error, row.0)) });
            }
            beside => beside?,
        };
        let problem = match self.make_equal(row, beside, there, force) {
            Err(error) if is_the_rows(&error) => Some(why(&error, row.0)),
            problem => problem?,
        };
        Ok(Looked { action: beside.action(force), skipped: beside == Beside::Equal && !force, problem })
    }

    /// Makes one row equal. Gives why it is not.
    fn make_equal(
        &mut self,
        (entity, uid): Named,
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
            Beside::Nowhere => self.orphans(vec![Orphan { entity, uid, refused: false }])?,
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

    fn count(&self, (entity, uid): Named, looked: Looked, report: &mut IntegrityReport) -> Result<()> {
        let Looked { action, skipped, problem } = looked;
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
            let (action, entity) = (action.to_owned(), entity.name.to_owned());
            report.steps.push(IntegrityStep { action, entity, uid: uid.to_string(), label, ok, problem });
        }
        Ok(())
    }
}

/// Whether a failure is that of the row at hand, so that the next may go well.
fn is_the_rows(error: &Error) -> bool {
    match error {
        Error::Refused { code, .. } => code != "sync_cancelled",
        Error::Hub { .. } => push::refused_whole(error),
        error => error.is_of_one_row(),
    }
}

fn why(error: &Error, entity: &Entity) -> Problem {
    match error.is_of_one_row() {
        true => mend::problem("integrity_row_unreadable", params! { entity: entity.name, detail: error.to_string() }),
        false => error.problem(),
    }
}

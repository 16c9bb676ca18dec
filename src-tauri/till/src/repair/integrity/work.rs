//! A comparison as the journal has it from its first moment: what was asked, which document it has reached, what it came
//! to so far. Whatever ends it, it can go on from there.

use officine_protocol::{Uid, params};
use rusqlite::{Connection, OptionalExtension};

use crate::{
    error::Result,
    refuse,
    repair::{
        documents::{self, Document},
        mend::problem,
    },
    views::{IntegrityArgs, IntegrityReport, Problem},
};

/// Steps that a report tells.
pub const STEPS: usize = 500;
/// Reports that are kept.
const KEPT: i64 = 200;

/// After which document it goes on; none, where it has not reached any.
type Place = Option<(i64, Uid)>;

/// A comparison under way.
pub struct Work {
    /// What was asked, when it first began.
    pub args: IntegrityArgs,
    /// What it came to so far.
    pub report: IntegrityReport,
    after: Place,
    /// Milliseconds that it ran before.
    before: i64,
    /// Since when it runs now.
    since: i64,
}

impl Work {
    /// Begins one, or goes on with the one that was stopped. A new one takes the place of those that were stopped; one
    /// document takes that of documents only.
    pub fn begin(connection: &Connection, args: &IntegrityArgs, now: i64) -> Result<Self> {
        if args.resume {
            return Self::go_on(connection, now);
        }
        let documents = documents::asked(connection, args)?.len();
        let over = "UPDATE integrity_run SET resume = NULL WHERE resume IS NOT NULL \
                    AND (?1 OR json_extract(asked, '$.document') IS NOT NULL)";
        connection.execute(over, [args.document.is_none()])?;
        let sql = "INSERT INTO integrity_run (started_at, asked, report, resume) VALUES (?1, ?2, '', NULL)";
        connection.execute(sql, (now, serde_json::to_string(args)?))?;
        let report = IntegrityReport {
            id: connection.last_insert_rowid(),
            started_at: now,
            document: args.document.clone(),
            from: args.from.clone(),
            to: args.to.clone(),
            of: u32::try_from(documents).unwrap_or(u32::MAX),
            ..IntegrityReport::default()
        };
        let mut work = Self { args: args.clone(), report, after: None, before: 0, since: now };
        work.cut();
        work.keep(connection, now)?;
        connection.execute("DELETE FROM integrity_run WHERE id <= ?1", [work.report.id - KEPT])?;
        Ok(work)
    }

    fn go_on(connection: &Connection, now: i64) -> Result<Self> {
        let sql = "SELECT asked, report, resume FROM integrity_run WHERE resume IS NOT NULL ORDER BY id DESC LIMIT 1";
        let stopped = connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
        let Some((asked, report, after)): Option<(String, String, String)> = stopped else {
            return refuse!("integrity_nothing_stopped");
        };
        let report: IntegrityReport = serde_json::from_str(&report)?;
        let (args, after, before) = (serde_json::from_str(&asked)?, serde_json::from_str(&after)?, report.duration_ms);
        let mut work = Self { args, report, after, before, since: now };
        work.cut();
        Ok(work)
    }

    /// Documents it has been at, oldest first, and those that are left. Some may have come since it was stopped.
    pub fn divide<'d>(&mut self, documents: &'d [Document]) -> (&'d [Document], &'d [Document]) {
        let past = documents.partition_point(|document| Some((document.at, document.uid)) <= self.after);
        let count = |documents: usize| u32::try_from(documents).unwrap_or(u32::MAX);
        (self.report.done, self.report.of) = (count(past), count(documents.len()));
        documents.split_at(past)
    }

    /// It is through with some more documents, and came to that.
    pub fn reached(&mut self, report: IntegrityReport, some: &[Document]) {
        self.report = report;
        self.report.done += u32::try_from(some.len()).unwrap_or(0);
        self.report.steps.sort_by_key(|step| step.ok);
        self.report.steps.truncate(STEPS);
        self.after = some.last().map(|last| (last.at, last.uid)).or(self.after);
    }

    /// Until it says otherwise itself, it was cut.
    fn cut(&mut self) {
        self.stop(Some(problem("integrity_cut", params!())));
    }

    /// It was stopped, for that.
    pub fn stop(&mut self, problem: Option<Problem>) {
        (self.report.stopped, self.report.problem) = (true, problem);
    }

    /// It has come to its end.
    pub fn finish(&mut self) {
        (self.report.stopped, self.report.problem) = (false, None);
    }

    /// Writes it down.
    pub fn keep(&mut self, connection: &Connection, now: i64) -> Result<()> {
        self.report.duration_ms = self.before + now - self.since;
        let resume = self.report.stopped.then(|| serde_json::to_string(&self.after)).transpose()?;
        let sql = "UPDATE integrity_run SET report = ?2, resume = ?3 WHERE id = ?1";
        connection.prepare_cached(sql)?.execute((self.report.id, serde_json::to_string(&self.report)?, resume))?;
        Ok(())
    }
}

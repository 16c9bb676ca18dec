//! The journal of repairs: every finding and what was done about it is a line, in the transaction that did it; what
//! nothing could be done about stays open until a later look no longer finds it. Nothing found, nothing written.

use std::collections::BTreeMap;

use officine_protocol::{Params, Uid, schema::Entity};
use rusqlite::{Connection, OptionalExtension};

use crate::{
    conflicts::names,
    error::Result,
    selling::receipt,
    views::{Problem, RepairRun},
};

/// Lines and runs that are kept, newest first.
const LINES: i64 = 20_000;
const RUNS: i64 = 2_000;

/// Something that is wrong with a row.
#[derive(Clone, Debug)]
pub struct Finding {
    /// As in [`RepairLine::kind`](crate::views::RepairLine::kind).
    pub kind: &'static str,
    /// Entity of the row.
    pub entity: &'static Entity,
    /// The row.
    pub uid: Uid,
    /// Figures.
    pub params: Params,
}

impl Finding {
    /// A finding without figures.
    pub fn new(kind: &'static str, entity: &'static Entity, uid: Uid) -> Self {
        Self { kind, entity, uid, params: Params::new() }
    }

    /// With these figures.
    pub fn with(self, params: Params) -> Self {
        Self { params, ..self }
    }
}

/// A repair as it is written down.
#[derive(Debug)]
pub struct Journal {
    now: i64,
    id: Option<i64>,
    /// What it comes to.
    pub report: RepairRun,
}

impl Journal {
    /// Of a repair that begins now. It is in the store once it has found something.
    pub fn begin(trigger: &str, now: i64) -> Self {
        let report = RepairRun { trigger: trigger.to_owned(), started_at: now, ..RepairRun::default() };
        Self { now, id: None, report }
    }

    /// Its number, where it is in the store.
    pub fn id(&self) -> Option<i64> {
        self.id
    }

    /// What was found was mended so.
    pub fn mended(&mut self, connection: &Connection, found: &Finding, act: &'static str) -> Result<()> {
        self.close(connection, found)?;
        self.line(connection, found, act, None)
    }

    /// What was found is left for a person, who is told why and what to do. Found again, it is no second line.
    pub fn left(&mut self, connection: &Connection, found: &Finding, problem: &Problem) -> Result<()> {
        let sql = "SELECT id FROM repair_line WHERE open = 1 AND uid = ?1 AND kind = ?2";
        let known: Option<i64> = connection
            .prepare_cached(sql)?
            .query_row((found.uid.as_bytes(), found.kind), |row| row.get(0))
            .optional()?;
        let Some(known) = known else { return self.line(connection, found, "left", Some(problem)) };
        let run = self.opened(connection)?;
        self.count(found, false);
        let sql = "UPDATE repair_line SET run = ?2, params = ?3, problem = ?4 WHERE id = ?1";
        let (params, problem) = (serde_json::to_string(&found.params)?, serde_json::to_string(problem)?);
        connection.prepare_cached(sql)?.execute((known, run, params, problem))?;
        Ok(())
    }

    fn close(&self, connection: &Connection, found: &Finding) -> Result<()> {
        let sql = "UPDATE repair_line SET open = 0 WHERE open = 1 AND uid = ?1 AND kind = ?2";
        connection.prepare_cached(sql)?.execute((found.uid.as_bytes(), found.kind))?;
        Ok(())
    }

    /// What was left before, and a look at everything did not find again, is no longer wrong.
    pub fn close_others(&self, connection: &Connection) -> Result<()> {
        let sql = "UPDATE repair_line SET open = 0 WHERE open = 1 AND run <> ?1";
        connection.execute(sql, [self.id.unwrap_or(0)])?;
        Ok(())
    }

    fn line(&mut self, connection: &Connection, found: &Finding, act: &str, problem: Option<&Problem>) -> Result<()> {
        let (run, mended) = (self.opened(connection)?, problem.is_none());
        self.count(found, mended);
        let Finding { kind, entity, uid, params } = found;
        let label = label(connection, entity, *uid)?;
        let why = problem.map_or("", |problem| problem.code.as_str());
        tracing::info!(kind, entity = entity.name, %uid, label, act, why, "repair");
        let sql = "INSERT INTO repair_line (run, at, kind, entity, uid, label, act, mended, open, params, problem) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NOT ?8, ?9, ?10)";
        connection.prepare_cached(sql)?.execute((
            run,
            self.now,
            kind,
            entity.name,
            uid.as_bytes(),
            label,
            act,
            mended,
            serde_json::to_string(params)?,
            problem.map(serde_json::to_string).transpose()?,
        ))?;
        Ok(())
    }

    fn count(&mut self, found: &Finding, mended: bool) {
        let report = &mut self.report;
        report.found += 1;
        *(if mended { &mut report.mended } else { &mut report.left }) += 1;
        *report.kinds.entry(found.kind.to_owned()).or_default() += 1;
    }

    fn opened(&mut self, connection: &Connection) -> Result<i64> {
        if let Some(id) = self.id {
            return Ok(id);
        }
        let sql = "INSERT INTO repair_run (started_at, \"trigger\", report) VALUES (?1, ?2, '{}')";
        connection.prepare_cached(sql)?.execute((self.report.started_at, &self.report.trigger))?;
        let id = connection.last_insert_rowid();
        self.id = Some(id);
        Ok(id)
    }

    /// Writes down what it came to, and forgets the oldest ones.
    pub fn end(&mut self, connection: &Connection, now: i64) -> Result<RepairRun> {
        self.report.duration_ms = now - self.report.started_at;
        self.report.id = self.opened(connection)?;
        let sql = "INSERT INTO repair_run (id, started_at, \"trigger\", report) VALUES (?1, ?2, ?3, ?4) \
                   ON CONFLICT DO UPDATE SET report = excluded.report";
        let RepairRun { id, started_at, trigger, .. } = &self.report;
        connection.execute(sql, (id, started_at, trigger, serde_json::to_string(&self.report)?))?;
        connection.execute("DELETE FROM repair_run WHERE id <= ?1", [self.report.id - RUNS])?;
        let last = "SELECT coalesce(max(id), 0) FROM repair_line";
        let last: i64 = connection.query_row(last, [], |row| row.get(0))?;
        connection.execute("DELETE FROM repair_line WHERE id <= ?1 AND open = 0", [last - LINES])?;
        Ok(self.report.clone())
    }
}

/// How a row is called: « Spharma Guinée », « 2-004 317 ».
pub fn label(connection: &Connection, entity: &Entity, uid: Uid) -> Result<String> {
    if !entity.numbered() {
        return names::label(connection, entity, uid);
    }
    let sql = format!("SELECT series, number FROM \"{}\" WHERE uid = ?1", entity.table);
    let number = connection
        .prepare_cached(&sql)?
        .query_row([uid.as_bytes()], |row| Ok(receipt::number_text(row.get(0)?, row.get(1)?)));
    Ok(number.optional()?.unwrap_or_default())
}

/// Findings left for a person.
pub fn open(connection: &Connection) -> Result<u32> {
    let sql = "SELECT count(*) FROM repair_line INDEXED BY repair_line_open WHERE open = 1";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// How much of each kind was found by runs since then.
pub fn kinds(runs: &[RepairRun]) -> BTreeMap<String, u32> {
    let mut kinds = BTreeMap::new();
    for (kind, count) in runs.iter().flat_map(|run| &run.kinds) {
        *kinds.entry(kind.clone()).or_default() += count;
    }
    kinds
}

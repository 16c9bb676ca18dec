//! « Réparations »: runs and findings as the window lists them, and as a file.

use std::path::Path;

use officine_protocol::{Uid, roles::Permission};
use rusqlite::{Connection, Row};

use super::journal;
use crate::{
    engine::Till,
    error::Result,
    expiries::file::{MARK, instant, plain, save, unwritable},
    sync::shared::lock,
    views::{ExportedFile, ListRepairsArgs, RepairLine, RepairRun, RepairsView},
};

/// Lines of a page, at most.
const PAGE: u32 = 200;
/// Lines of a file, at most.
const MOST: usize = 100_000;
/// Runs that are shown.
const RUNS: u32 = 50;

const FRENCH: [&str; 9] = ["Date", "Réparation", "Constat", "Entité", "Fiche", "Geste", "Réglé", "Détail", "Motif"];
const ENGLISH: [&str; 9] = ["Date", "Repair", "Finding", "Entity", "Row", "Act", "Mended", "Detail", "Reason"];

impl Till {
    /// What was found and done, newest first.
    pub fn list_repairs(&self, args: &ListRepairsArgs) -> Result<RepairsView> {
        self.allow(Permission::SeeSync)?;
        let running = lock(&self.sync.repair).clone();
        self.store.read(|connection| {
            let (lines, next) = lines(connection, args, args.limit.clamp(1, PAGE))?;
            Ok(RepairsView { running, runs: runs(connection)?, lines, left: journal::open(connection)?, next })
        })
    }

    /// Every line asked for, in a file. What is there is replaced.
    pub fn export_repairs(&self, args: &ListRepairsArgs, path: &Path) -> Result<ExportedFile> {
        self.allow(Permission::SeeSync)?;
        let (mut told, mut after) = (Vec::new(), args.after);
        loop {
            let args = ListRepairsArgs { after, ..args.clone() };
            let (page, next) = self.store.read(|connection| lines(connection, &args, PAGE))?;
            told.extend(page);
            after = next;
            if after.is_none() || told.len() >= MOST {
                break;
            }
        }
        let bytes = csv(&told, &self.settings()?.language).map_err(|error| unwritable(path, &error.to_string()))?;
        save(path, &bytes)?;
        Ok(ExportedFile { path: path.display().to_string(), rows: u32::try_from(told.len()).unwrap_or(u32::MAX) })
    }

    /// How such a file is called: `reparations-2026-11-20.csv`.
    pub fn repairs_file_name(&self) -> Result<String> {
        let name = if self.settings()?.language == "en" { "repairs" } else { "reparations" };
        Ok(format!("{name}-{}.csv", self.today()))
    }
}

/// The last runs, newest first.
pub fn runs(connection: &Connection) -> Result<Vec<RepairRun>> {
    let mut statement = connection.prepare_cached("SELECT report FROM repair_run ORDER BY id DESC LIMIT ?1")?;
    let runs = statement.query_map([RUNS], |row| row.get::<_, String>(0))?;
    runs.map(|report| Ok(serde_json::from_str(&report?).unwrap_or_default())).collect()
}

fn lines(connection: &Connection, args: &ListRepairsArgs, limit: u32) -> Result<(Vec<RepairLine>, Option<i64>)> {
    let sql = "SELECT id, run, at, kind, entity, uid, label, act, mended, params, problem FROM repair_line \
               WHERE (?1 = 0 OR open = 1) AND (?2 IS NULL OR run = ?2) AND (?3 IS NULL OR kind = ?3) \
               AND (?4 IS NULL OR id < ?4) ORDER BY id DESC LIMIT ?5";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_map((args.left, args.run, &args.kind, args.after, limit + 1), line)?;
    let mut lines = found.collect::<rusqlite::Result<Vec<_>>>()?;
    let more = lines.len() > limit as usize;
    lines.truncate(limit as usize);
    let next = lines.last().filter(|_| more).map(|line| line.id);
    Ok((lines, next))
}

fn line(row: &Row<'_>) -> rusqlite::Result<RepairLine> {
    let (params, problem): (String, Option<String>) = (row.get(9)?, row.get(10)?);
    Ok(RepairLine {
        id: row.get(0)?,
        run: row.get(1)?,
        at: row.get(2)?,
        kind: row.get(3)?,
        entity: row.get(4)?,
        uid: Uid::from_bytes(row.get(5)?).to_string(),
        label: row.get(6)?,
        act: row.get(7)?,
        mended: row.get(8)?,
        params: serde_json::from_str(&params).unwrap_or_default(),
        problem: problem.and_then(|text| serde_json::from_str(&text).ok()),
    })
}

fn csv(lines: &[RepairLine], language: &str) -> std::result::Result<Vec<u8>, csv::Error> {
    let mut writer =
        csv::WriterBuilder::new().delimiter(b';').terminator(csv::Terminator::CRLF).from_writer(MARK.to_vec());
    writer.write_record(if language == "en" { ENGLISH } else { FRENCH })?;
    for line in lines {
        let why = line.problem.as_ref().map(|problem| problem.code.clone()).unwrap_or_default();
        writer.write_record([
            instant(line.at),
            line.run.to_string(),
            line.kind.clone(),
            line.entity.clone(),
            plain(&line.label),
            line.act.clone(),
            if line.mended { "1".to_owned() } else { String::new() },
            plain(&serde_json::Value::Object(line.params.clone()).to_string()),
            why,
        ])?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))
}

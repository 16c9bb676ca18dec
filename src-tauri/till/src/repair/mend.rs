//! What mends a row: the hub's name for it, the hub's content, or its birth told again.

use std::collections::HashSet;

use officine_protocol::{
    Uid,
    entities::{PRODUCT, USER, entity, in_order},
    limits::ROWS_ASKED,
    messages::{Operation, WireRow},
    params,
    record::Record,
    schema::{Entity, Kind},
};
use rusqlite::{Connection, OptionalExtension};

use super::{Repair, ask, journal::Finding};
use crate::{
    act::Act,
    catalogue::{self, recalls},
    error::{Error, Result},
    store::{outbox, rows},
    sync::{apply, aside, pull},
    views::Problem,
};

impl Repair<'_, '_> {
    /// Reads rows from the hub and writes them over what is here, with all that they refer to. Gives those that the hub
    /// does not know.
    pub fn fetch(&mut self, found: Vec<Finding>, act: &'static str) -> Result<Vec<Finding>> {
        let mut unknown = Vec::new();
        for some in found.chunks(ROWS_ASKED) {
            self.tell("match", some.first().map(|found| found.entity.name));
            let names: Vec<_> = some.iter().map(|found| (found.entity.name, found.uid)).collect();
            let answer = ask::rows(self.run, &names, true)?;
            let (known, not): (Vec<_>, Vec<_>) =
                some.iter().cloned().partition(|found| answer.row(found.entity.name, found.uid).is_some());
            unknown.extend(not);
            self.take(answer.rows, known, act)?;
        }
        Ok(unknown)
    }

    /// Writes rows of the hub over what is here, and with it what was found about them.
    pub fn take(&mut self, rows: Vec<WireRow>, found: Vec<Finding>, act: &'static str) -> Result<()> {
        let (till, journal) = (self.run.till, &mut self.journal);
        let changed = till.act(None, |acting| {
            let wrong: HashSet<Uid> = found.iter().map(|found| found.uid).collect();
            let came_along = came_along(acting.tx, &rows, &wrong)?;
            let mut changed = apply::mending(acting.tx, &rows, &wrong, acting.now)?;
            changed.extend(aside::retry(acting.tx, acting.now)?);
            follow(acting, &changed)?;
            came_along.iter().try_for_each(|found| journal.mended(acting.tx, found, "fetched"))?;
            for found in &found {
                match waits_for(acting.tx, found)? {
                    None => journal.mended(acting.tx, found, act)?,
                    Some(problem) => journal.left(acting.tx, found, &problem)?,
                }
            }
            Ok(changed)
        })?;
        self.run.touched.extend(changed.iter().filter(|(entity, _)| *entity == PRODUCT.name).map(|(_, id)| *id));
        if !changed.is_empty() {
            till.changed(&pull::topics(&changed));
        }
        Ok(())
    }

    /// Gives a row the hub's name for it, and nothing else.
    pub fn name(&mut self, named: &[(Finding, i64)]) -> Result<()> {
        let journal = &mut self.journal;
        self.run.till.store.write(|tx| {
            named.iter().try_for_each(|(found, server_id)| {
                rows::correct_server_id(tx, found.entity, found.uid, *server_id)?;
                journal.mended(tx, found, "named")
            })
        })
    }

    /// Queues the births of rows that the hub does not know, parents first, and sends them before all that stands on them.
    pub fn bear(&mut self, found: &[Finding]) -> Result<()> {
        let (till, journal) = (self.run.till, &mut self.journal);
        let seqs = till.act(None, |act| {
            let mut seqs = Vec::new();
            for entity in in_order() {
                for found in found.iter().filter(|found| found.entity.name == entity.name) {
                    seqs.extend(born_again(act, journal, found)?);
                }
            }
            Ok(seqs)
        })?;
        self.tell("repair", None);
        crate::sync::push::first(self.run, &seqs)
    }

    /// Leaves what was found for a person.
    pub fn leave(&mut self, found: &[Finding], problem: impl Fn(&Finding) -> Problem) -> Result<()> {
        let journal = &mut self.journal;
        self.run.till.store.write(|tx| found.iter().try_for_each(|found| journal.left(tx, found, &problem(found))))
    }
}

/// A problem of that code.
pub fn problem(code: &str, params: officine_protocol::Params) -> Problem {
    Error::refused(code, params).problem()
}

fn born_again(act: &mut Act<'_>, journal: &mut super::journal::Journal, found: &Finding) -> Result<Option<i64>> {
    let Some((id, mut record)) = rows::get(act.tx, found.entity, found.uid)? else { return Ok(None) };
    let lost = problem("repair_nowhere", params! { entity: found.entity.name, uid: found.uid.to_string() });
    if found.entity.hub_born {
        journal.left(act.tx, found, &lost)?;
        return Ok(None);
    }
    rows::forget_server_id(act.tx, found.entity, id)?;
    record.server_id = None;
    let user = author(act.tx, found.entity, &record)?;
    match act.bear_again(found.entity, record, user) {
        Ok(seq) => journal.mended(act.tx, found, "queued").map(|()| Some(seq)),
        Err(Error::Refused { code, params }) => journal.left(act.tx, found, &problem(&code, params)).map(|()| None),
        Err(error) => Err(error),
    }
}

/// Who recorded a row: by its first operation, if that is still here, else by what it says itself.
fn author(connection: &Connection, entity: &Entity, record: &Record) -> Result<Option<Uid>> {
    let sql = "SELECT payload FROM outbox WHERE uid = ?1 AND action = 'create' LIMIT 1";
    let payload: Option<Vec<u8>> =
        connection.prepare_cached(sql)?.query_row([record.uid.as_bytes()], |row| row.get(0)).optional()?;
    if let Some(operation) = payload.and_then(|payload| serde_json::from_slice::<Operation>(&payload).ok()) {
        return Ok(operation.user);
    }
    let own = |name: &str| entity.column(name).filter(|place| entity.columns[*place].kind == Kind::Ref(USER.name));
    Ok(own("user").and_then(|place| record.values[place].uid()))
}

/// Rows that came with those asked for, because these name them, and were not here.
fn came_along(connection: &Connection, rows: &[WireRow], asked: &HashSet<Uid>) -> Result<Vec<Finding>> {
    let mut missing = Vec::new();
    for row in rows.iter().filter(|row| !asked.contains(&row.uid)) {
        let Some(entity) = entity(&row.entity) else { continue };
        let joined = row.aliases.iter().any(|alias| asked.contains(alias));
        if !joined && rows::id_of(connection, entity, row.uid)?.is_none() {
            missing.push(Finding::new("missing", entity, row.uid));
        }
    }
    Ok(missing)
}

/// What else follows from rows that have changed.
fn follow(act: &mut Act<'_>, changed: &[(&'static str, i64)]) -> Result<()> {
    if changed.iter().any(|(entity, _)| *entity == PRODUCT.name) {
        catalogue::touch(act.tx)?;
    }
    recalls::withhold_among(act, changed)
}

/// Why a row that was fetched is not as the hub has it: it names one that is nowhere. Behind an operation that waits, it
/// follows by itself.
fn waits_for(connection: &Connection, found: &Finding) -> Result<Option<Problem>> {
    let aside = aside::list(connection)?.into_iter().find(|row| row.row.uid == found.uid.to_string());
    let nowhere = aside
        .map(|row| problem("repair_reference_nowhere", params! { entity: row.missing.entity, uid: row.missing.uid }));
    Ok(nowhere.filter(|_| !outbox::is_pending(connection, found.uid).unwrap_or(false)))
}

/// A row of this till as it travels.
pub fn wire(entity: &Entity, record: &Record) -> WireRow {
    WireRow {
        entity: entity.name.to_owned(),
        uid: record.uid,
        server_id: record.server_id.unwrap_or(0),
        rev: record.rev,
        created_at: record.created_at,
        archived_at: record.archived_at,
        aliases: Vec::new(),
        fields: record.wire_fields(entity),
        parts: record.wire_parts(entity),
    }
}

/// Names without repetition, for a request.
pub fn distinct(names: impl IntoIterator<Item = (&'static str, Uid)>) -> Vec<(&'static str, Uid)> {
    let mut seen = HashSet::new();
    names.into_iter().filter(|name| entity(name.0).is_some() && seen.insert(*name)).collect()
}

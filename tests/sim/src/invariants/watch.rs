//! I7 and I11, watched step by step: a value that stood somewhere and stands there no more is in that place's log, a birth
//! never changes, and what only a till knows stays as it was.

use std::collections::BTreeMap;

use officine_protocol::{
    Uid,
    entities::{USER, entity},
    record::Record,
    schema::{Class, Column, Entity, Kind},
    value::Value,
};
use rusqlite::{Connection, OptionalExtension};
use serde_json::Value as Json;

use super::{
    aliases,
    passing::{Answers, Frozen},
    pharmacy_key,
    stock::recounted,
};
use crate::{
    rows::{self, Of, Rows},
    station::Station,
    template::{ABSENT, NEW, WRONG_PINS},
    world::{Broken, World},
};

#[derive(Default)]
struct Seen {
    rows: Rows,
    logged: i64,
}

impl Seen {
    fn of(file: &Connection, of: Of) -> Self {
        Self { rows: rows::read(file, of, editable), logged: last_logged(file, of) }
    }
}

/// What stood where when it was last looked at.
#[derive(Default)]
pub struct Watch {
    tills: Vec<Seen>,
    hub: Vec<(i64, Seen)>,
    answers: Answers,
    frozen: BTreeMap<usize, Frozen>,
}

fn editable(entity: &Entity) -> bool {
    !entity.document
}

impl Watch {
    /// From now on.
    pub fn begin(world: &World) -> Self {
        let till = |place| Seen::of(&world.till_file(place), Of::Till);
        let file = world.hub_file();
        let hub = world.pharmacies.iter().map(|uid| pharmacy_key(&file, *uid));
        let hub = hub.map(|key| (key, Seen::of(&file, Of::Hub(key))));
        let (tills, hub) = ((0..world.stations.len()).map(till).collect(), hub.collect());
        Self { tills, hub, answers: Answers::default(), frozen: BTreeMap::new() }
    }

    /// From now on, at a till whose file was changed behind its back.
    pub fn begin_till(&mut self, place: usize, file: &Connection) {
        self.tills.resize_with(self.tills.len().max(place + 1), Seen::default);
        self.tills[place] = Seen::of(file, Of::Till);
        self.frozen.remove(&place);
    }

    /// From now on, at a hub that was put back.
    pub fn begin_hub(&mut self, file: &Connection) {
        self.hub.iter_mut().for_each(|(key, seen)| *seen = Seen::of(file, Of::Hub(*key)));
        self.answers = Answers::default();
    }

    /// Looks at a till.
    pub fn till(&mut self, place: usize, station: &Station, file: &Connection) -> Result<(), Broken> {
        let name = station.name.as_str();
        // Whoever is enrolled anew sends in another series what was sent, as another operation.
        if !station.strange {
            self.frozen.entry(place).or_default().kept(name, file)?;
        }
        let names = aliases(file, "SELECT entity, uid, winner FROM uid_map");
        let now = rows::read(file, Of::Till, editable);
        let seen = &mut self.tills[place];
        let log = Log::of_till(file, seen.logged);
        compare(name, (&seen.rows, &now, station.scarred), &names, &log)?;
        local(name, station.origin, &now)?;
        *seen = Seen { rows: now, logged: last_logged(file, Of::Till) };
        Ok(())
    }

    /// Looks at the hub.
    pub fn hub(&mut self, file: &Connection) -> Result<(), Broken> {
        self.answers.kept(file)?;
        nothing_objected(file)?;
        for (key, seen) in &mut self.hub {
            let now = rows::read(file, Of::Hub(*key), editable);
            let log = Log::of_hub(file, *key, seen.logged, &now);
            compare("the hub", (&seen.rows, &now, false), &BTreeMap::new(), &log)?;
            recounted(&now).map_err(|said| Broken::new("I3", said))?;
            *seen = Seen { rows: now, logged: last_logged(file, Of::Hub(*key)) };
        }
        Ok(())
    }
}

/// The database is the last to look at what was decided, and has nothing to say: what it would refuse the hub refuses by name.
fn nothing_objected(hub: &Connection) -> Result<(), Broken> {
    let sql = "SELECT device_id, seq, outcome FROM idempotency WHERE outcome LIKE '%storage_refused%'";
    let said = |row: &rusqlite::Row<'_>| {
        let (device, seq, outcome): (i64, i64, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(format!("the hub: its database objects to operation {seq} of device {device}: {outcome}"))
    };
    let objected = hub.prepare_cached(sql).and_then(|mut answers| answers.query_row([], said).optional());
    objected.expect("answers").map_or(Ok(()), |said| Err(Broken::new("engine", said)))
}

/// What only this till knows of somebody who never signs in.
fn local(name: &str, origin: usize, now: &Rows) -> Result<(), Broken> {
    for ((_, uid), user) in now.iter().filter(|((entity, _), _)| *entity == USER.name) {
        let failed = user.get(&USER, "failed_pins").int();
        let expected = match name {
            name if name.starts_with(NEW) => 0,
            name if name.starts_with("caisse") => WRONG_PINS + origin as i64,
            _ => WRONG_PINS,
        };
        if user.get(&USER, "login").text() == Some(ABSENT) && failed != Some(expected) {
            let said = format!("{name}: user {uid}: wrong PINs: expected {expected}, found {failed:?}");
            return Err(Broken::new("I7", said));
        }
    }
    Ok(())
}

/// Lines of a change log: entity, uid and field, and the value before. The hub's names its rows by its own ids.
#[derive(Default)]
struct Log {
    lines: BTreeMap<(String, Uid, String), Vec<Option<Json>>>,
}

impl Log {
    fn of_till(file: &Connection, after: i64) -> Self {
        let sql = "SELECT entity, uid, field, old FROM change_log WHERE id > ?1";
        let mut statement = file.prepare(sql).expect("the log");
        let mut rows = statement.query([after]).expect("the log");
        let mut log = Self::default();
        while let Some(row) = rows.next().expect("the log") {
            let uid = Uid::from_bytes(row.get(1).expect("a uid"));
            log.add(row.get(0).expect("an entity"), uid, row.get(2).expect("a field"), row.get(3).expect("a value"));
        }
        log
    }

    fn of_hub(file: &Connection, pharmacy: i64, after: i64, now: &Rows) -> Self {
        let named: BTreeMap<(&str, i64), Uid> =
            now.iter().filter_map(|((entity, uid), row)| Some(((*entity, row.server_id?), *uid))).collect();
        let sql = "SELECT entity, row_id, field, old_value FROM change_log WHERE rev > ?1 AND pharmacy_id = ?2";
        let mut statement = file.prepare(sql).expect("the log");
        let mut rows = statement.query((after, pharmacy)).expect("the log");
        let mut log = Self::default();
        while let Some(row) = rows.next().expect("the log") {
            let (entity, id): (String, i64) = (row.get(0).expect("an entity"), row.get(1).expect("a row"));
            if let Some(uid) = named.get(&(entity.as_str(), id)).copied() {
                log.add(entity, uid, row.get(2).expect("a field"), row.get(3).expect("a value"));
            }
        }
        log
    }

    fn add(&mut self, entity: String, uid: Uid, field: String, old: Option<String>) {
        let old = old.and_then(|text| serde_json::from_str(&text).ok());
        self.lines.entry((entity, uid, field)).or_default().push(old);
    }

    fn has(&self, entity: &Entity, uids: &[Uid], field: &str, old: Option<Json>) -> bool {
        uids.iter().any(|uid| {
            let lines = self.lines.get(&(entity.name.to_owned(), *uid, field.to_owned()));
            lines.is_some_and(|lines| lines.contains(&old))
        })
    }
}

fn last_logged(file: &Connection, of: Of) -> i64 {
    let sql = match of {
        Of::Till => "SELECT coalesce(max(id), 0) FROM change_log".to_owned(),
        Of::Hub(key) => format!("SELECT revision FROM pharmacy WHERE id = {key}"),
    };
    file.query_row(&sql, [], |row| row.get(0)).expect("the log")
}

type Names = BTreeMap<(String, Uid), Uid>;

/// Another name of the same row is no other value, and of a file that was damaged a reference that led nowhere is no value: it leads where it did once the row is here again.
fn compare(place: &str, (before, now, scarred): (&Rows, &Rows, bool), names: &Names, log: &Log) -> Result<(), Broken> {
    for ((name, uid), old) in before {
        let winner = names.get(&((*name).to_owned(), *uid)).copied();
        let Some(new) = now.get(&(*name, winner.unwrap_or(*uid))) else {
            return Err(Broken::new("I6", format!("{place}: {name} {uid} is gone")));
        };
        let merged = winner.is_some() || names.iter().any(|((entity, _), into)| entity == name && into == uid);
        if !merged && old.created_at != new.created_at {
            let said = format!("{place}: {name} {uid}: born {}, now {}", old.created_at, new.created_at);
            return Err(Broken::new("I7", said));
        }
        let declared = entity(name).expect("an entity");
        if let Some((field, value)) = unlogged(declared, (old, new, scarred), names, log) {
            let said = format!("{place}: {name} {uid}: {field} was {value}, and no line of the log says so");
            return Err(Broken::new("I11", said));
        }
    }
    Ok(())
}

/// A value that is no more and that nobody logged.
fn unlogged(
    entity: &Entity,
    (old, new, scarred): (&Record, &Record, bool),
    names: &Names,
    log: &Log,
) -> Option<(String, Json)> {
    let uids = [old.uid, new.uid];
    let columns = entity.columns.iter().zip(old.values.iter().zip(&new.values));
    let own = columns.filter(|(column, (old, new))| column.class == Class::Synced && !column.secret && old != new);
    let led_nowhere = |column: &Column, old: &Value| scarred && matches!(column.kind, Kind::Ref(_)) && old.is_null();
    let same = |column: &Column, old: &Value, new: &Value| match (column.kind, old.uid(), new.uid()) {
        (Kind::Ref(name), Some(old), new) => names.get(&(name.to_owned(), old)).copied() == new && new.is_some(),
        _ => false,
    };
    for (column, (old, _)) in own.filter(|(column, (old, new))| !led_nowhere(column, old) && !same(column, old, new)) {
        let (field, json) = (column.wire_name(), old.to_json(column));
        if !log.has(entity, &uids, &field, Some(json.clone()).filter(|json| !json.is_null())) {
            return Some((field, json));
        }
    }
    let (before, after) = (old.wire_parts(entity), new.wire_parts(entity));
    for (name, rows) in &before {
        let json = serde_json::json!(rows);
        if after.get(name) != Some(rows) && !log.has(entity, &uids, name, Some(json.clone())) {
            return Some((name.clone(), json));
        }
    }
    let archived = old.archived_at != new.archived_at;
    let logged = log.has(entity, &uids, "archivedAt", old.archived_at.map(Json::from));
    (archived && !logged).then(|| ("archivedAt".to_owned(), old.archived_at.into()))
}

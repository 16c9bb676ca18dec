//! The tickets that the hub has not taken, under the new series: in their order, from its first number on. The first names
//! the last link of the old series that the hub may have. What was printed stays in the log, and on the receipt.
//!
//! An operation whose bytes change is another one: it gets a new key, and whoever followed it follows the new key.

use std::collections::{HashMap, HashSet};

use officine_protocol::{
    Uid,
    chain::Hash,
    clock::{Clock, Entropy, mint},
    entities,
    hlc::Hlc,
    messages::Operation,
    record::Record,
    schema::Entity,
    ticket,
    value::Value,
};
use rusqlite::{Connection, OptionalExtension};

use super::{
    rebuild::as_recorded,
    unsent::{self, Unsent, is_ticket},
};
use crate::{act::Change, device::Device, error::Result, selling::receipt::number_text, store::outbox};

/// In the log.
pub const KIND: &str = "renumbered";
/// Columns of a ticket that say its place.
const PLACE: [&str; 4] = ["series", "number", "previous_hash", "hash"];

type Source<'a> = (&'a dyn Clock, &'a dyn Entropy);

/// Where the new series stands, and the keys that replaced others.
struct Series<'a> {
    source: Source<'a>,
    number: i64,
    series: i64,
    hash: Hash,
    keys: HashMap<Uid, Uid>,
}

/// Gives the tickets without a verdict, those `taken` left out, their new places.
pub fn renumber(connection: &Connection, source: Source<'_>, fresh: &Device, taken: &HashSet<Uid>) -> Result<()> {
    let mut unsent: Vec<(Unsent, bool, Operation)> = Vec::new();
    for (waiting, aside) in [(unsent::unanswered(connection)?, false), (unsent::aside(connection)?, true)] {
        for unsent_one in waiting {
            let operation = unsent_one.operation()?;
            unsent.push((unsent_one, aside, operation));
        }
    }
    unsent.sort_by_key(|(unsent, ..)| unsent.seq);
    let hash = last_link(connection, &unsent, taken)?;
    let mut series = Series { source, number: 0, series: fresh.series, hash, keys: HashMap::new() };
    let mut open: HashSet<Uid> = HashSet::new();
    for (unsent, aside, operation) in
        unsent.iter().filter(|(.., operation)| !taken.contains(&operation.uid) || !is_birth(operation))
    {
        let before = operation.key;
        let changed = series.freeze_anew(connection, operation, &open)?;
        open.insert(before);
        if let Some(operation) = changed {
            replace(connection, unsent, *aside, &operation)?;
        }
    }
    let sql = "UPDATE till_state SET series = ?1, last_number = ?2, last_hash = ?3";
    connection.execute(sql, (series.series, series.number, series.hash))?;
    Ok(())
}

fn is_birth(operation: &Operation) -> bool {
    operation.action == officine_protocol::messages::Action::Create
}

/// The link before the first ticket that gets a new place.
fn last_link(connection: &Connection, unsent: &[(Unsent, bool, Operation)], taken: &HashSet<Uid>) -> Result<Hash> {
    let first = unsent
        .iter()
        .map(|(.., operation)| operation)
        .find(|operation| is_ticket(operation) && !taken.contains(&operation.uid));
    let Some(first) = first else {
        return Ok(connection.query_row("SELECT last_hash FROM till_state", [], |row| row.get(0))?);
    };
    let Some(entity) = entities::entity(&first.entity) else { return Ok([0; 32]) };
    let record = as_recorded(entity, first)?;
    let link = record.get(entity, "previous_hash").bytes().and_then(|bytes| Hash::try_from(bytes).ok());
    Ok(link.unwrap_or([0; 32]))
}

impl Series<'_> {
    /// The operation as it is to be sent under the new name; none where its bytes stay.
    fn freeze_anew(
        &mut self,
        connection: &Connection,
        operation: &Operation,
        open: &HashSet<Uid>,
    ) -> Result<Option<Operation>> {
        let mut fresh = operation.clone();
        let ticket = entities::entity(&operation.entity).filter(|_| is_ticket(operation));
        if let Some(entity) = ticket {
            self.place(connection, entity, &mut fresh)?;
        }
        // What it followed has its verdict by now, or another key.
        fresh.predecessor = operation.predecessor.filter(|key| open.contains(key));
        fresh.predecessor = fresh.predecessor.map(|key| self.keys.get(&key).copied().unwrap_or(key));
        if fresh == *operation {
            return Ok(None);
        }
        fresh.key = mint(self.source.0, self.source.1);
        self.keys.insert(operation.key, fresh.key);
        Ok(Some(fresh))
    }

    fn place(&mut self, connection: &Connection, entity: &'static Entity, operation: &mut Operation) -> Result<()> {
        let mut record = as_recorded(entity, operation)?;
        let printed = number_of(entity, &record);
        self.number += 1;
        record.set(entity, "series", self.series).set(entity, "number", self.number);
        record.set(entity, "previous_hash", Value::Bytes(self.hash.to_vec()));
        self.hash = ticket::link(entity, &record);
        record.set(entity, "hash", Value::Bytes(self.hash.to_vec()));
        let fields = record.wire_fields(entity);
        let columns = entity.columns.iter().filter(|column| PLACE.contains(&column.name));
        for name in columns.map(|column| column.wire_name()) {
            if let Some(value) = fields.get(&name) {
                operation.fields.insert(name, value.clone());
            }
        }
        let sql = format!(
            "UPDATE \"{}\" SET series = ?2, number = ?3, previous_hash = ?4, hash = ?5 WHERE uid = ?1",
            entity.table
        );
        let previous = record.get(entity, "previous_hash").bytes().unwrap_or_default().to_vec();
        connection.execute(&sql, (operation.uid.as_bytes(), self.series, self.number, previous, self.hash))?;
        let (old, new) = (printed.into(), number_of(entity, &record).into());
        let hlc = Hlc::default().tick(self.source.0.now()).to_string();
        let (uid, user) = (operation.uid, None);
        Change { entity, uid, rev: 0, field: "number", old: &old, new: &new, user, hlc: &hlc, kind: KIND }
            .write(connection)
    }
}

fn number_of(entity: &Entity, record: &Record) -> String {
    let int = |name| record.get(entity, name).int().unwrap_or(0);
    number_text(int("series"), int("number"))
}

fn replace(connection: &Connection, unsent: &Unsent, aside: bool, operation: &Operation) -> Result<()> {
    let payload = serde_json::to_string(operation)?;
    if aside {
        return Unsent { payload, attempts: 0, ..unsent.clone() }.set_aside(connection);
    }
    outbox::refreeze(connection, operation, &payload)
}

/// The number on the paper of a ticket that bears another now.
pub fn printed(connection: &Connection, uid: Uid) -> Result<Option<String>> {
    let sql = "SELECT old FROM change_log WHERE uid = ?1 AND kind = 'renumbered' ORDER BY id LIMIT 1";
    let old: Option<String> =
        connection.prepare_cached(sql)?.query_row([uid.as_bytes()], |row| row.get(0)).optional()?;
    Ok(old.and_then(|text| serde_json::from_str(&text).ok()))
}

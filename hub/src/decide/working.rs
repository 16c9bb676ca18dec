//! The working set: what was loaded for a batch, and what the batch has made of it so far.

use std::collections::{BTreeSet, HashMap};

use officine_protocol::{
    Uid,
    entities::{CONFLICT, PRODUCT_BATCH},
    fault::{Fault, armed},
    record::Record,
    schema::Entity,
    value::Value,
};

use super::{
    Answer, Changes, PartsWrite,
    answered::ByRow,
    books::{Books, Moved},
    clocks,
    late::Listed,
    merge::{Edit, Edits},
    proof,
    trace::{Answered, Trace, trace},
    waiting::OnTheWay,
};
/// A device that pushes or pulls. Whatever it does is bound to its pharmacy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its pharmacy.
    pub pharmacy: i64,
    /// Its number within the pharmacy.
    pub id: i64,
    /// Its name for ever.
    pub uid: Uid,
    /// Its ticket series.
    pub series: i64,
}

/// The pharmacy's counters, as they stand under its row lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pharmacy {
    /// Its key.
    pub id: i64,
    /// History: new after every restore.
    pub epoch: i64,
    /// Last revision given.
    pub revision: i64,
    /// Counter of the next server id.
    pub next_id: i64,
}

#[derive(Clone, Debug, Default)]
struct Table {
    rows: HashMap<i64, Record>,
    by_uid: HashMap<Uid, i64>,
    by_key: HashMap<Value, BTreeSet<i64>>,
}

/// Rows hold server ids where the declaration says reference.
#[derive(Clone, Debug)]
pub struct WorkingSet {
    /// Whose rows these are.
    pub pharmacy: Pharmacy,
    /// Who pushes.
    pub device: Device,
    /// Milliseconds by which the clock of who pushes is ahead of the hub's, in that very request.
    pub clock_offset: i64,
    /// What is known beyond the rows.
    pub books: Books,
    tables: HashMap<&'static str, Table>,
    /// By series and number: the ticket's link of the chain.
    pub(crate) tickets: HashMap<(i64, i64), Value>,
    answers: HashMap<(i64, Uid), Answered>,
    used: HashMap<(i64, i64), Trace>,
    /// How devices are called, where somebody may have to be told.
    pub devices: HashMap<i64, String>,
    names: HashMap<(&'static str, i64), Uid>,
    pub(crate) edits: Edits,
    pub(crate) conflicts: ByRow,
    pub(crate) listed: Listed,
    pub(crate) on_the_way: OnTheWay,
    pub(crate) changes: Changes,
}

impl WorkingSet {
    /// Nothing loaded yet.
    pub fn new(pharmacy: Pharmacy, device: Device) -> Self {
        Self {
            pharmacy,
            device,
            clock_offset: 0,
            books: Books::default(),
            tables: HashMap::new(),
            tickets: HashMap::new(),
            answers: HashMap::new(),
            used: HashMap::new(),
            devices: HashMap::new(),
            names: HashMap::new(),
            edits: Edits::new(),
            conflicts: ByRow::default(),
            listed: Listed::default(),
            on_the_way: OnTheWay::default(),
            changes: Changes::default(),
        }
    }

    /// Adds a loaded row.
    pub fn insert(&mut self, entity: &Entity, id: i64, record: Record) {
        let table = self.tables.entry(entity.name).or_default();
        table.by_uid.insert(record.uid, id);
        for value in entity.key_values(&record) {
            table.by_key.entry(value.clone()).or_default().insert(id);
        }
        if entity.numbered() {
            self.tickets.extend(number_of(entity, &record));
        }
        if entity.name == CONFLICT.name {
            self.conflicts.insert(id, &record);
        }
        table.rows.insert(id, record);
    }

    /// Adds a loaded alias.
    pub fn alias(&mut self, entity: &'static str, alias: Uid, id: i64) {
        self.tables.entry(entity).or_default().by_uid.insert(alias, id);
    }

    /// A row is no more: whatever named it names another one.
    pub(crate) fn forget(&mut self, entity: &'static str, gone: i64, instead: i64) {
        let Some(table) = self.tables.get_mut(entity) else { return };
        table.rows.remove(&gone);
        table.by_uid.values_mut().filter(|id| **id == gone).for_each(|id| *id = instead);
        table.by_key.values_mut().for_each(|ids| _ = ids.remove(&gone));
        self.names.remove(&(entity, gone));
        if let Some(rows) = self.changes.rows.get_mut(entity) {
            rows.remove(&gone);
        }
    }

    /// Adds the uid of a row that is only named.
    pub fn named(&mut self, entity: &'static str, id: i64, uid: Uid) {
        self.names.insert((entity, id), uid);
        self.alias(entity, uid, id);
    }

    /// The uid of a row that is here or named.
    pub(crate) fn uid_of(&self, entity: &'static str, id: i64) -> Option<Uid> {
        self.row(entity, id).map(|row| row.uid).or_else(|| self.names.get(&(entity, id)).copied())
    }

    /// A till's time as the hub would have told it: shifted by what its clock is ahead by, as it was heard just now.
    pub(crate) fn hub_time(&self, millis: i64) -> i64 {
        millis.saturating_sub(clocks::known_offset(self.clock_offset))
    }

    /// Turns to the next device whose operations are decided on the same rows.
    pub fn turn_to(&mut self, device: Device, clock_offset: i64) {
        (self.device, self.clock_offset, self.on_the_way) = (device, clock_offset, OnTheWay::default());
    }

    /// Adds the stored answer to a key of a device.
    pub fn remembered(&mut self, device: i64, key: Uid, answered: Answered) {
        self.used.insert((device, answered.seq), trace(&answered));
        self.answers.insert((device, key), answered);
    }

    /// Adds what is left of a pruned answer.
    pub fn traced(&mut self, device: i64, seq: i64, trace: Trace) {
        self.used.insert((device, seq), trace);
    }

    /// By what a device sequence was used.
    pub(crate) fn used(&self, seq: i64) -> Option<Trace> {
        self.used.get(&(self.device.id, seq)).copied()
    }

    /// Adds an edit of a field.
    pub fn edited(&mut self, entity: &'static str, row: i64, field: &str, edit: Edit) {
        self.edits.entry((entity, row, field.to_owned())).or_default().push(edit);
    }

    pub(crate) fn answered(&self, key: Uid) -> Option<&Answered> {
        self.answers.get(&(self.device.id, key))
    }

    pub(crate) fn remember(&mut self, key: Uid, answered: Answered) {
        self.used.insert((self.device.id, answered.seq), trace(&answered));
        self.changes.answers.push(Answer { key, answered: answered.clone() });
        self.answers.insert((self.device.id, key), answered);
    }

    /// The row of a server id, of this entity and pharmacy.
    pub fn row(&self, entity: &str, id: i64) -> Option<&Record> {
        self.tables.get(entity)?.rows.get(&id)
    }

    /// Every row of an entity that is here.
    pub fn rows(&self, entity: &str) -> impl Iterator<Item = (i64, &Record)> {
        self.tables.get(entity).into_iter().flat_map(|table| table.rows.iter().map(|(id, record)| (*id, record)))
    }

    pub(crate) fn row_mut(&mut self, entity: &str, id: i64) -> Option<&mut Record> {
        self.tables.get_mut(entity)?.rows.get_mut(&id)
    }

    /// The server id of a uid: a row's own or an alias.
    pub fn id_of(&self, entity: &str, uid: Uid) -> Option<i64> {
        self.tables.get(entity)?.by_uid.get(&uid).copied()
    }

    /// Every uid by which a row is known here.
    pub(crate) fn names_of(&self, entity: &str, id: i64) -> impl Iterator<Item = Uid> {
        let known = self.tables.get(entity).into_iter().flat_map(|table| &table.by_uid);
        known.filter(move |(_, row)| **row == id).map(|(uid, _)| *uid)
    }

    /// Rows of which the first column of the natural key holds, or held in this batch, this value.
    pub(crate) fn keyed<'a>(&'a self, entity: &str, value: &Value) -> impl Iterator<Item = i64> + use<'a> {
        self.tables.get(entity).and_then(|table| table.by_key.get(value)).into_iter().flatten().copied()
    }

    /// The lots of a product.
    pub(crate) fn lots_of(&self, product: i64) -> impl Iterator<Item = i64> {
        self.keyed(PRODUCT_BATCH.name, &Value::Int(product))
    }

    /// A number of a lot.
    pub(crate) fn lot_number(&self, lot: i64, name: &str) -> Option<i64> {
        self.row(PRODUCT_BATCH.name, lot).and_then(|record| record.get(&PRODUCT_BATCH, name).int())
    }

    /// Whether a ticket bears a number of a series.
    pub(crate) fn number_taken(&self, series: i64, number: i64) -> bool {
        self.tickets.contains_key(&(series, number))
    }

    /// The server id that the next row will bear.
    pub(crate) fn coming_id(&self) -> i64 {
        self.pharmacy.epoch << 40 | self.pharmacy.next_id
    }

    /// The next server id: epoch and counter, below 2^53 for epochs below 8192.
    pub(crate) fn next_id(&mut self) -> i64 {
        let id = self.coming_id();
        self.pharmacy.next_id += 1;
        id
    }

    /// Writes a row at the next revision, which is returned.
    pub(crate) fn put(&mut self, entity: &'static Entity, id: i64, mut record: Record, parts: PartsWrite) -> i64 {
        self.pharmacy.revision += 1;
        record.rev = self.pharmacy.revision;
        self.insert(entity, id, record.clone());
        self.changes.put(entity.name, id, record, parts);
        self.pharmacy.revision
    }

    /// Adds to a lot's quantity: what happened at an instant, or what only squares the book.
    pub(crate) fn move_stock(&mut self, lot: i64, delta: i64, at: Option<i64>) {
        let Some(place) = PRODUCT_BATCH.column("quantity") else { return };
        let record = self.row_mut(PRODUCT_BATCH.name, lot);
        if let Some(value) = record.and_then(|record| record.values.get_mut(place)) {
            *value = Value::Int(value.int().unwrap_or(0).saturating_add(delta));
        }
        let till = Some((self.device.series, self.clock_offset));
        at.into_iter().for_each(|at| self.books.moved(lot, Moved { at, delta, till }));
        let before = self.changes.deltas.entry(lot).or_default();
        *before = if armed(Fault::LastMovement) { delta } else { *before + delta };
    }

    /// What is to be written, with the counters as they stand.
    pub(crate) fn take(&mut self) -> Changes {
        self.write_listed();
        let mut changes = std::mem::take(&mut self.changes);
        changes.revision = self.pharmacy.revision;
        changes.next_id = self.pharmacy.next_id;
        changes
    }
}

fn number_of(entity: &Entity, ticket: &Record) -> Option<((i64, i64), Value)> {
    let number = ticket.get(entity, "series").int().zip(ticket.get(entity, "number").int())?;
    Some((number, proof::link_of(entity, ticket)))
}

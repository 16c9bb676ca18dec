//! An act: everything one person does at once, in one transaction, with its operations in the queue and every
//! overwritten value in the log.

use officine_protocol::{
    Uid, chain,
    clock::{Clock, Entropy, mint},
    entities,
    hlc::Hlc,
    limits,
    messages::{Action, Operation},
    record::Record,
    schema::Entity,
    value::Value,
};
use rusqlite::{Connection, Transaction};

use crate::{
    error::{Error, Result},
    store::{ledger, outbox, rows},
};

/// The one row that every act moves on.
#[derive(Clone, Debug)]
pub struct TillState {
    /// Ticket series; 0 before enrolment.
    pub series: i64,
    /// Last ticket number given.
    pub last_number: i64,
    /// Link of that ticket.
    pub last_hash: chain::Hash,
    /// Last device sequence given.
    pub last_seq: i64,
    /// Hybrid clock.
    pub hlc: Hlc,
}

impl TillState {
    /// Reads it.
    pub fn load(connection: &Connection) -> Result<Self> {
        let sql = "SELECT series, last_number, last_hash, last_seq, hlc_millis, hlc_counter FROM till_state";
        Ok(connection.prepare_cached(sql)?.query_row([], |row| {
            let hlc = Hlc { millis: row.get(4)?, counter: row.get(5)? };
            Ok(Self {
                series: row.get(0)?,
                last_number: row.get(1)?,
                last_hash: row.get(2)?,
                last_seq: row.get(3)?,
                hlc,
            })
        })?)
    }

    fn store(&self, connection: &Connection) -> Result<()> {
        let sql = "UPDATE till_state SET series = ?1, last_number = ?2, last_hash = ?3, last_seq = ?4, hlc_millis = ?5, \
                   hlc_counter = ?6";
        connection.prepare_cached(sql)?.execute((
            self.series,
            self.last_number,
            self.last_hash,
            self.last_seq,
            self.hlc.millis,
            self.hlc.counter,
        ))?;
        Ok(())
    }
}

/// An act under way. [`Act::finish`] belongs at the end of one that queued something: `Till::act` sees to it.
pub struct Act<'a> {
    /// The transaction.
    pub tx: &'a Transaction<'a>,
    /// When it happens.
    pub now: i64,
    /// What it moves on.
    pub state: TillState,
    /// Who does it; nobody for the device itself.
    pub user: Option<Uid>,
    clock: &'a dyn Clock,
    entropy: &'a dyn Entropy,
}

impl<'a> Act<'a> {
    /// Begins an act.
    pub fn begin(
        tx: &'a Transaction<'a>,
        clock: &'a dyn Clock,
        entropy: &'a dyn Entropy,
        user: Option<Uid>,
    ) -> Result<Self> {
        Ok(Self { tx, now: clock.now(), state: TillState::load(tx)?, user, clock, entropy })
    }

    /// Mints a uid.
    pub fn mint(&self) -> Uid {
        mint(self.clock, self.entropy)
    }

    /// Ends it.
    pub fn finish(&self) -> Result<()> {
        self.state.store(self.tx)
    }

    /// A row is born, with its movements if it is a document. Gives its local key.
    pub fn create(&mut self, entity: &Entity, record: &mut Record) -> Result<i64> {
        record.derive(entity);
        let id = rows::put(self.tx, entity, record)?;
        if entity.movements().is_some() {
            ledger::append(self.tx, entity, id, record.part(entity, "movements"))?;
        }
        let mut operation = self.operation(entity, record.uid, Action::Create)?;
        operation.fields = record.wire_fields(entity);
        operation.parts = record.wire_parts(entity);
        self.queue(&operation)?;
        Ok(id)
    }

    /// Some values of a row change. What they replace goes into the operation and into the log. Nothing happens where
    /// nothing differs.
    pub fn update(
        &mut self,
        entity: &'static Entity,
        uid: Uid,
        values: Vec<(&str, Value)>,
        parts: Vec<(&str, Vec<Vec<Value>>)>,
    ) -> Result<bool> {
        let found = rows::get(self.tx, entity, uid)?;
        let (_, mut record) = found.ok_or_else(|| Error::refused("reference_missing", Default::default()))?;
        let mut operation = self.operation(entity, record.uid, Action::Update)?;
        operation.base_rev = operation.predecessor.is_none().then_some(record.rev);
        for (name, value) in values {
            let Some(place) = entity.column(name).filter(|place| record.values[*place] != value) else { continue };
            let column = &entity.columns[place];
            let old = std::mem::replace(&mut record.values[place], value);
            operation.fields.insert(column.wire_name(), record.values[place].to_json(column));
            operation.replaced.insert(column.wire_name(), old.to_json(column));
        }
        for (name, new) in parts {
            let Some(place) = entity.part(name).filter(|place| record.parts[*place] != new) else { continue };
            let before = record.wire_parts(entity).remove(name).unwrap_or_default();
            operation.replaced.insert(name.to_owned(), serde_json::to_value(before)?);
            record.parts[place] = new;
            operation.parts.insert(name.to_owned(), record.wire_parts(entity).remove(name).unwrap_or_default());
        }
        if operation.replaced.is_empty() {
            return Ok(false);
        }
        record.derive(entity);
        rows::put(self.tx, entity, &record)?;
        self.log(entity, &operation)?;
        self.queue(&operation)?;
        Ok(true)
    }

    fn operation(&self, entity: &Entity, uid: Uid, action: Action) -> Result<Operation> {
        let predecessor = match action {
            Action::Create => None,
            Action::Update | Action::Delete => outbox::pending_key(self.tx, uid)?,
        };
        Ok(Operation {
            key: self.mint(),
            seq: 0,
            user: self.user,
            entity: entity.name.to_owned(),
            action,
            uid,
            base_rev: None,
            predecessor,
            occurred_at: self.now,
            hlc: Hlc::default(),
            version: limits::SCHEMA,
            fields: Default::default(),
            replaced: Default::default(),
            parts: Default::default(),
        })
    }

    fn queue(&mut self, operation: &Operation) -> Result<()> {
        self.state.last_seq += 1;
        self.state.hlc = self.state.hlc.tick(self.now);
        let operation = Operation { seq: self.state.last_seq, hlc: self.state.hlc, ..operation.clone() };
        outbox::add(self.tx, &operation)
    }

    fn log(&self, entity: &Entity, operation: &Operation) -> Result<()> {
        let hlc = self.state.hlc.tick(self.now).to_string();
        for (field, old) in &operation.replaced {
            let new = operation.fields.get(field).cloned();
            let new = new.unwrap_or_else(|| serde_json::json!(operation.parts.get(field)));
            let change = Change {
                entity,
                uid: operation.uid,
                rev: 0,
                field,
                old,
                new: &new,
                user: self.user,
                hlc: &hlc,
                kind: "edit",
            };
            change.write(self.tx)?;
        }
        Ok(())
    }
}

/// A value that was overwritten.
pub struct Change<'a> {
    /// Entity.
    pub entity: &'a Entity,
    /// Row.
    pub uid: Uid,
    /// Revision that brought it; 0 for an edit made here.
    pub rev: i64,
    /// Field, as on the wire.
    pub field: &'a str,
    /// Before.
    pub old: &'a serde_json::Value,
    /// After.
    pub new: &'a serde_json::Value,
    /// Who.
    pub user: Option<Uid>,
    /// When.
    pub hlc: &'a str,
    /// `edit`, `pull`, `repair` …
    pub kind: &'a str,
}

impl Change<'_> {
    /// Appends it to the log; a secret leaves only the trace that it changed.
    pub fn write(&self, connection: &Connection) -> Result<()> {
        let columns = self.entity.columns.iter();
        let secret = columns.filter(|column| column.secret).any(|column| column.wire_name() == self.field);
        let shown = |json: &serde_json::Value| (!secret && !json.is_null()).then(|| json.to_string());
        let sql = "INSERT INTO change_log (rev, entity, uid, field, old, new, user, hlc, kind) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        connection.prepare_cached(sql)?.execute((
            self.rev,
            self.entity.name,
            self.uid.as_bytes(),
            self.field,
            shown(self.old),
            shown(self.new),
            self.user.as_ref().map(|uid| uid.as_bytes().as_slice()),
            self.hlc,
            self.kind,
        ))?;
        Ok(())
    }
}

/// The local key of a user.
pub fn user_id(connection: &Connection, uid: Uid) -> Result<i64> {
    let found = rows::id_of(connection, &entities::USER, uid)?;
    found.ok_or_else(|| Error::refused("user_unknown", Default::default()))
}

//! An act: everything one person does at once, in one transaction, with its operations in the queue and every
//! overwritten value in the log.

mod change;
mod folding;
mod state;

pub use change::Change;
pub use state::TillState;

use officine_protocol::{
    Uid, check,
    clock::{Clock, Entropy, mint},
    entities,
    hlc::Hlc,
    limits,
    messages::{Action, Operation},
    params,
    record::Record,
    schema::{Class, Column, Entity, Rule},
    value::{FieldError, Value},
};
use rusqlite::{Connection, Transaction};

use crate::{
    catalogue::recalls,
    error::{Error, Result},
    refuse,
    store::{ledger, outbox, rows},
};

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

    /// A row is born, with its movements if it is a document. Gives its local key. Refused with `field_invalid` is what
    /// the declaration does not allow: it could never leave.
    pub fn create(&mut self, entity: &Entity, record: &mut Record) -> Result<i64> {
        record.derive(entity);
        if entity.table == entities::PRODUCT_BATCH.table {
            recalls::withhold(self.tx, record)?;
        }
        record.check(entity)?;
        let id = rows::put(self.tx, entity, record)?;
        if entity.movements().is_some() {
            ledger::append(self.tx, entity, id, record.part(entity, "movements"))?;
        }
        let mut operation = self.operation(entity, record.uid, Action::Create)?;
        operation.fields = record.wire_fields(entity);
        operation.parts = record.wire_parts(entity);
        self.queue(operation)?;
        Ok(id)
    }

    /// The birth of a row that is here is told again, as the row stands: what it told first was lost. A document tells what
    /// it did by itself, not what was done about it since.
    pub fn bear_again(&mut self, entity: &Entity, mut record: Record, user: Option<Uid>) -> Result<i64> {
        if let Some(movements) = record.part_mut(entity, "movements") {
            movements.retain(|row| row.get(1) == Some(&Value::Int(0)));
        }
        record.check(entity)?;
        let mut operation = self.operation(entity, record.uid, Action::Create)?;
        (operation.user, operation.occurred_at) = (user, record.created_at);
        operation.fields = record.wire_fields(entity);
        operation.parts = record.wire_parts(entity);
        self.queue(operation)?;
        Ok(self.state.last_seq)
    }

    /// Some values of a row change, within what the declaration allows. What they replace goes into the operation and
    /// into the log. Nothing happens where nothing differs.
    pub fn update(
        &mut self,
        entity: &'static Entity,
        uid: Uid,
        values: Vec<(&str, Value)>,
        parts: Vec<(&str, Vec<Vec<Value>>)>,
    ) -> Result<bool> {
        let mut record = self.living(entity, uid)?;
        let mut operation = self.operation(entity, record.uid, Action::Update)?;
        operation.base_rev = operation.base_rev.or(Some(record.rev));
        for (name, value) in values {
            let place = entity.column(name).ok_or_else(|| fixed(name, "unknown"))?;
            let column = &entity.columns[place];
            if record.values[place] == value {
                continue;
            }
            check_change(column, &value)?;
            let old = std::mem::replace(&mut record.values[place], value);
            operation.fields.insert(column.wire_name(), record.values[place].to_json(column));
            let old = if column.secret { serde_json::Value::Null } else { old.to_json(column) };
            operation.replaced.insert(column.wire_name(), old);
        }
        for (name, new) in parts {
            let place = entity.part(name).ok_or_else(|| fixed(name, "unknown"))?;
            if record.parts[place] == new {
                continue;
            }
            check::part(&entity.parts[place], &new)?;
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
        self.queue(operation)?;
        Ok(true)
    }

    /// A row is archived: it is offered nowhere any more, and what refers to it stays. Once is enough.
    pub fn archive(&mut self, entity: &'static Entity, uid: Uid) -> Result<bool> {
        let (id, record) = self.stored(entity, uid)?;
        if record.archived_at.is_some() {
            return Ok(false);
        }
        let mut operation = self.operation(entity, record.uid, Action::Delete)?;
        operation.base_rev = operation.base_rev.or(Some(record.rev));
        rows::archive(self.tx, entity, id, Some(self.now))?;
        self.log_change(entity, uid, "archivedAt", &serde_json::Value::Null, &self.now.into(), "archive")?;
        self.queue(operation)?;
        Ok(true)
    }

    fn stored(&self, entity: &'static Entity, uid: Uid) -> Result<(i64, Record)> {
        let missing = || Error::refused("reference_missing", params! { entity: entity.name, uid: uid.to_string() });
        rows::get(self.tx, entity, uid)?.ok_or_else(missing)
    }

    /// A row that is there and not archived: one that is can only be read.
    pub fn living(&self, entity: &'static Entity, uid: Uid) -> Result<Record> {
        match self.stored(entity, uid)?.1 {
            record if record.archived_at.is_some() => refuse!("row_archived", entity: entity.name),
            record => Ok(record),
        }
    }

    /// Behind an unanswered one, it is made upon what that one was: nothing of the hub's has been seen since.
    fn operation(&self, entity: &Entity, uid: Uid, action: Action) -> Result<Operation> {
        let earlier = match action {
            Action::Create => None,
            Action::Update | Action::Delete => outbox::last_open(self.tx, uid)?,
        };
        let earlier = earlier.map(|queued| serde_json::from_str::<Operation>(&queued.payload)).transpose()?;
        Ok(Operation {
            key: self.mint(),
            seq: 0,
            user: self.user,
            entity: entity.name.to_owned(),
            action,
            uid,
            base_rev: earlier.as_ref().map(|earlier| earlier.base_rev.unwrap_or(0)),
            predecessor: earlier.map(|earlier| earlier.key),
            occurred_at: self.now,
            hlc: Hlc::default(),
            version: limits::SCHEMA,
            fields: Default::default(),
            replaced: Default::default(),
            parts: Default::default(),
        })
    }

    fn queue(&mut self, mut operation: Operation) -> Result<()> {
        let doubtful = folding::absorb(self.tx, &mut operation)? || self.state.clock_doubtful;
        self.state.last_seq += 1;
        self.state.hlc = self.state.hlc.tick(self.now);
        (operation.seq, operation.hlc) = (self.state.last_seq, self.state.hlc);
        outbox::add(self.tx, &operation, doubtful)
    }

    fn log(&self, entity: &Entity, operation: &Operation) -> Result<()> {
        for (field, old) in &operation.replaced {
            let new = operation.fields.get(field).cloned();
            let new = new.unwrap_or_else(|| serde_json::json!(operation.parts.get(field)));
            self.log_change(entity, operation.uid, field, old, &new, "edit")?;
        }
        Ok(())
    }

    /// Writes a value that is overwritten to the log.
    pub fn log_change(
        &self,
        entity: &Entity,
        uid: Uid,
        field: &str,
        old: &serde_json::Value,
        new: &serde_json::Value,
        kind: &str,
    ) -> Result<()> {
        let hlc = self.state.hlc.tick(self.now).to_string();
        Change { entity, uid, rev: 0, field, old, new, user: self.user, hlc: &hlc, kind }.write(self.tx)
    }
}

/// Whether an update may give a column that value.
fn check_change(column: &Column, value: &Value) -> Result<()> {
    if column.class != Class::Synced || column.rule == Rule::HubOnly {
        return Err(fixed(&column.wire_name(), "not to be changed"));
    }
    Ok(value.check(column)?)
}

fn fixed(field: &str, why: &'static str) -> Error {
    FieldError { field: field.to_owned(), why }.into()
}

/// The local key of a user.
pub fn user_id(connection: &Connection, uid: Uid) -> Result<i64> {
    let found = rows::id_of(connection, &entities::USER, uid)?;
    found.ok_or_else(|| Error::refused("user_unknown", Default::default()))
}

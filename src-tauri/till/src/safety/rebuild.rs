//! Rows rebuilt from the operations that recorded them, once what they name is there. Each by itself: one that cannot be
//! rebuilt yet waits for the next run, and keeps no other.

use officine_protocol::{
    Uid, entities,
    messages::{Action, Operation},
    record::{self, Record},
    schema::Entity,
};
use rusqlite::Connection;

use super::{
    carts,
    unsent::{self, Unsent},
};
use crate::{
    error::Result,
    store::{ledger, rows},
    sync::{push, run::Run, walk},
    views::Topic,
};

/// Rebuilds what can be by now, and queues it again. Gives how many.
pub fn rebuild(run: &Run<'_>) -> Result<u32> {
    let (exact, aside) =
        run.till.store.read(|connection| Ok((walk::exact(connection)?, unsent::aside(connection)?)))?;
    if !exact {
        return Ok(0);
    }
    put_carts_back(run)?;
    if aside.is_empty() {
        return Ok(0);
    }
    let mut rebuilt = 0;
    for unsent in &aside {
        match run.till.store.write(|tx| one(tx, unsent)) {
            Ok(done) => rebuilt += u32::from(done),
            Err(error) => tracing::warn!(seq = unsent.seq, %error, "an operation could not be put back"),
        }
    }
    tracing::info!(rebuilt, left = aside.len() as u32 - rebuilt, "operations were put back into the queue");
    Ok(rebuilt)
}

/// Carts that wait for what they name: each comes back to whoever had it.
fn put_carts_back(run: &Run<'_>) -> Result<()> {
    let waiting = run.till.store.read(carts::aside)?;
    if waiting.is_empty() {
        return Ok(());
    }
    for cart in &waiting {
        if let Err(error) = run.till.store.write(|tx| carts::take_up(tx, cart)) {
            tracing::warn!(%error, "a cart could not be put back");
        }
    }
    run.till.changed(&[Topic::Cart]);
    Ok(())
}

fn one(connection: &Connection, unsent: &Unsent) -> Result<bool> {
    let operation = unsent.operation()?;
    let Some(entity) = entities::entity(&operation.entity) else { return Ok(false) };
    for (target, uid) in push::references(&operation)? {
        let Some(target) = entities::entity(target) else { continue };
        if rows::id_of(connection, target, uid)?.is_none() {
            return Ok(false);
        }
    }
    let known = rows::get(connection, entity, operation.uid)?;
    let queued = match (operation.action, known) {
        // The hub took it: only its answer was lost.
        (Action::Create, Some((_, known))) if known.server_id.is_some() => false,
        (Action::Create, known) => born(connection, entity, &operation, known.is_some())?,
        (_, None) => return Ok(false),
        (Action::Update, Some((_, known))) => edited(connection, entity, &operation, known)?,
        (Action::Delete, Some((id, _))) => {
            rows::archive(connection, entity, id, Some(operation.occurred_at))?;
            true
        }
    };
    if queued {
        unsent::queue(connection, unsent)?;
    }
    unsent.take_up(connection)?;
    Ok(true)
}

fn born(connection: &Connection, entity: &Entity, operation: &Operation, known: bool) -> Result<bool> {
    if known {
        return Ok(true);
    }
    let record = as_recorded(entity, operation)?;
    let id = rows::put(connection, entity, &record)?;
    if entity.movements().is_some() {
        ledger::append(connection, entity, id, record.part(entity, "movements"))?;
    }
    Ok(true)
}

/// The row as its birth recorded it.
pub fn as_recorded(entity: &Entity, operation: &Operation) -> Result<Record> {
    let mut record = Record::new(entity, operation.uid, operation.occurred_at);
    record.values = record::decode_fields(entity, &operation.fields)?;
    record.parts = record::decode_parts(entity, &operation.parts)?;
    Ok(record)
}

fn edited(connection: &Connection, entity: &Entity, operation: &Operation, mut record: Record) -> Result<bool> {
    for (place, value) in record::decode_changes(entity, &operation.fields)? {
        record.values[place] = value;
    }
    for (name, wire) in &operation.parts {
        if let Some(place) = entity.part(name) {
            record.parts[place] = record::decode_part(&entity.parts[place], wire)?;
        }
    }
    record.derive(entity);
    rows::put(connection, entity, &record)?;
    Ok(true)
}

/// The rows that operations gave birth to.
pub fn births(unsent: &[Unsent]) -> Result<Vec<(String, Uid)>> {
    let operations = unsent.iter().map(Unsent::operation).collect::<Result<Vec<_>>>()?;
    let births = operations.into_iter().filter(|operation| operation.action == Action::Create);
    Ok(births.map(|operation| (operation.entity, operation.uid)).collect())
}

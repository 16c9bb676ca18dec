//! The way up: what is due is checked, sent within bounds, and every verdict is applied in one transaction.

use std::collections::{BTreeMap, HashSet};

use officine_protocol::{
    Uid,
    entities::{self, SALE},
    fault::{Fault, armed},
    limits::{PROTOCOL, PUSH_BYTES, PUSH_OPERATIONS, SCHEMA},
    messages::{Action, Operation, PushRequest, SentOperation},
    params,
    record::{self, Record},
};
use rusqlite::Connection;
use serde_json::value::RawValue;

use super::{cursor, run::Run, verdicts};
use crate::{
    error::{Error, Result},
    store::{
        outbox::{self, Queued, State},
        rows,
    },
};

/// Pushes until nothing is due. A request refused whole is halved until the operation at fault stands alone.
pub fn push(run: &mut Run<'_>) -> Result<()> {
    if armed(Fault::RefusalStops) && run.till.store.read(refused_something)? {
        return Ok(());
    }
    let mut most = PUSH_OPERATIONS;
    loop {
        let batch = prepare(run, most)?;
        if batch.is_empty() {
            return Ok(());
        }
        run.step("push", 2, Some(batch.len() as u32 + run.done));
        match send(run, &batch) {
            Ok(()) => most = PUSH_OPERATIONS,
            Err(error) if !refused_whole(&error) => {
                let seqs: Vec<i64> = batch.iter().map(|(queued, _)| queued.seq).collect();
                run.till.store.write(|tx| outbox::mark_unanswered(tx, &seqs))?;
                return Err(error);
            }
            Err(_) if batch.len() > 1 => most = batch.len() / 2,
            Err(error) => {
                let now = run.till.clock.now();
                let problem = error.problem();
                run.till
                    .store
                    .write(|tx| outbox::set_state(tx, batch[0].0.seq, State::Blocked, Some(&problem), now))?;
                run.report.blocked += 1;
                most = PUSH_OPERATIONS;
            }
        }
    }
}

/// Whether the hub has ever refused something: asked by a fault alone.
fn refused_something(connection: &Connection) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM outbox WHERE settled_at IS NOT NULL AND problem IS NOT NULL)";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}

type Batch = Vec<(Queued, BTreeMap<Uid, i64>)>;

/// Takes what is due, within the bounds of a request. What could never be understood stays, with why.
fn prepare(run: &mut Run<'_>, most: usize) -> Result<Batch> {
    let now = run.till.clock.now();
    let due = run.till.store.read(|connection| in_sending_order(connection, now, most))?;
    let (mut batch, mut bytes, mut invalid) = (Batch::new(), 0, Vec::new());
    for queued in due {
        let attached = run.till.store.read(|connection| attach(connection, &queued));
        match attached {
            Ok(ids) => {
                bytes += queued.payload.len() + 64 + ids.len() * 56;
                if bytes > PUSH_BYTES / 2 && !batch.is_empty() {
                    break;
                }
                batch.push((queued, ids));
            }
            Err(error @ Error::Refused { .. }) => invalid.push((queued.seq, error.problem())),
            Err(error) => return Err(error),
        }
    }
    run.till.store.write(|tx| {
        for (seq, problem) in &invalid {
            outbox::set_state(tx, *seq, State::Blocked, Some(problem), now)?;
        }
        outbox::mark_sent(tx, &batch.iter().map(|(queued, _)| queued.seq).collect::<Vec<_>>())
    })?;
    run.report.blocked += invalid.len() as u32;
    Ok(batch)
}

/// Device order, but a fresh sale goes first where nothing it needs is still unsent.
fn in_sending_order(connection: &Connection, now: i64, most: usize) -> Result<Vec<Queued>> {
    let mut due = outbox::due(connection, now, most)?;
    if due.len() < most || due.iter().any(|queued| queued.entity == SALE.name) {
        return Ok(due);
    }
    let unsent: HashSet<Uid> = outbox::open_uids(connection)?.into_iter().collect();
    let mut first = Vec::new();
    for sale in outbox::due_sales(connection, now, most)? {
        let operation: Operation = serde_json::from_str(&sale.payload)?;
        let free = references(&operation).is_ok_and(|names| names.iter().all(|(_, uid)| !unsent.contains(uid)));
        if free && !outbox::adjustments_open(connection)? {
            first.push(sale);
        }
    }
    due.truncate(most.saturating_sub(first.len()));
    first.append(&mut due);
    Ok(first)
}

/// The rows an operation names; refused is one that its declaration does not allow.
pub fn references(operation: &Operation) -> Result<Vec<(&'static str, Uid)>> {
    let unknown = |field: &str| Error::refused("field_invalid", params! { field: field, why: "unknown" });
    let entity = entities::entity(&operation.entity).ok_or_else(|| unknown("entity"))?;
    let mut named = Record::new(entity, operation.uid, operation.occurred_at);
    if operation.action == Action::Create {
        named.values = record::decode_fields(entity, &operation.fields)?;
        named.parts = record::decode_parts(entity, &operation.parts)?;
        return Ok(named.references(entity).collect());
    }
    for (place, value) in record::decode_changes(entity, &operation.fields)? {
        named.values[place] = value;
    }
    for (name, rows) in &operation.parts {
        let place = entity.part(name).ok_or_else(|| unknown(name))?;
        named.parts[place] = record::decode_part(&entity.parts[place], rows)?;
    }
    Ok(named.references(entity).collect())
}

/// Checks an operation before it leaves, and finds the server ids known for what it names.
fn attach(connection: &Connection, queued: &Queued) -> Result<BTreeMap<Uid, i64>> {
    let operation: Operation = serde_json::from_str(&queued.payload)?;
    let mut ids = BTreeMap::new();
    for (target, uid) in references(&operation)? {
        let Some(entity) = entities::entity(target) else { continue };
        if ids.contains_key(&uid) {
            continue;
        }
        match rows::server_id(connection, entity, uid)? {
            None => {
                return crate::refuse!("reference_missing", entity: target, uid: uid.to_string());
            }
            Some(None) => {}
            Some(Some(id)) => {
                ids.insert(uid, id);
            }
        }
    }
    Ok(ids)
}

fn send(run: &mut Run<'_>, batch: &Batch) -> Result<()> {
    let request = run.till.store.read(|connection| {
        let operations = batch.iter().map(|(queued, server_ids)| {
            let operation = RawValue::from_string(queued.payload.clone())?;
            Ok(SentOperation { operation, server_ids: server_ids.clone(), attempts: queued.attempts })
        });
        let sync = cursor::load(connection)?;
        Ok(PushRequest {
            protocol: PROTOCOL,
            schema: SCHEMA,
            incarnation: run.device.incarnation,
            epoch: sync.epoch,
            cursor: sync.cursor,
            sent_at: run.till.clock.now(),
            acknowledged: outbox::answered_up_to(connection)?.max(0),
            operations: operations.collect::<Result<_>>()?,
        })
    })?;
    let (response, traffic) = run.timed(|transport, device| transport.push(device, &request))?;
    run.count(traffic);
    run.heard(response.epoch, response.revision, response.server_time, request.sent_at)?;
    run.done += batch.len() as u32;
    verdicts::apply(run, &response.verdicts)?;
    let answered: HashSet<(Uid, i64)> = response.verdicts.iter().map(|verdict| (verdict.key, verdict.seq)).collect();
    if batch.iter().all(|(queued, _)| answered.contains(&(queued.key, queued.seq))) {
        return Ok(());
    }
    Err(Error::hub("hub_refused", params! { hub: run.device.hub, status: 200, detail: "verdicts missing" }))
}

/// The hub answered, and refused the request as such: one operation in it may be at fault. A hub that is busy, or down
/// behind its proxy (502 to 504), says nothing of the operations.
fn refused_whole(error: &Error) -> bool {
    let Error::Hub { params, .. } = error else { return false };
    let status = params.get("status").and_then(serde_json::Value::as_u64);
    matches!(status, Some(400 | 413 | 422 | 500))
}

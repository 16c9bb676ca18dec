//! The way up: what is due is checked, sent within bounds, and every verdict is applied in one transaction.

use std::collections::{BTreeMap, HashSet};

use officine_protocol::{
    Uid, entities,
    fault::{Fault, armed},
    limits::{PROTOCOL, SCHEMA},
    messages::{Action, Operation, PushRequest, SentOperation},
    params,
    record::{self, Record},
};
use rusqlite::Connection;
use serde_json::value::RawValue;

use super::{cursor, held, run::Run, shared::lock, suspects::Suspects, verdicts, waiting};
use crate::{
    error::{Error, Result},
    safety::identity,
    store::{
        outbox::{self, Queued, State},
        rows,
    },
};

/// Operations of a request that goes before all others.
const FIRST: usize = 50;

/// Pushes until nothing is due. A request refused whole is halved until the operation at fault stands alone.
pub fn push(run: &mut Run<'_>) -> Result<()> {
    push_some(run, u32::MAX)
}

/// Between two requests of the way down: one goes up where sales wait. That it fails is no reason to read no further,
/// nor to try before every page.
pub fn between(run: &mut Run<'_>) -> Result<()> {
    let now = run.till.clock.now();
    if run.unsent.is_some() || !run.till.store.read(|connection| outbox::sales_wait(connection, now))? {
        return Ok(());
    }
    let done = std::mem::take(&mut run.done);
    let pushed = push_some(run, 1);
    run.done = done;
    match pushed {
        Err(error @ (Error::Store(_) | Error::File(_))) => Err(error),
        pushed => {
            run.unsent = pushed.err();
            Ok(())
        }
    }
}

/// Pushes until nothing is due, or so many requests were answered.
fn push_some(run: &mut Run<'_>, mut requests: u32) -> Result<()> {
    if armed(Fault::RefusalStops) && run.till.store.read(refused_something)? {
        return Ok(());
    }
    run.till.store.write(|tx| waiting::release(tx))?;
    let (mut suspects, mut fewer) = (Suspects::default(), None);
    loop {
        run.go_on()?;
        let batch = prepare(run, fewer, &suspects)?;
        if batch.is_empty() {
            return suspects.alone(run);
        }
        run.step("push", 2, Some(batch.len() as u32 + run.done));
        let Err(error) = send(run, &batch) else {
            suspects.hold(run)?;
            lock(&run.till.sync.bounds).operations.answered();
            (fewer, requests) = (None, requests - 1);
            if requests == 0 {
                return Ok(());
            }
            continue;
        };
        let seqs: Vec<i64> = batch.iter().map(|(queued, _)| queued.seq).collect();
        run.till.store.write(|tx| outbox::mark_unanswered(tx, &seqs))?;
        if !refused_whole(&error) {
            lock(&run.till.sync.bounds).operations.unanswered(batch.len());
            if run.again(&error) {
                continue;
            }
            return Err(error);
        }
        fewer = Some((batch.len() / 2).max(1));
        if let [alone] = seqs[..] {
            suspects.add(alone, error)?;
        }
    }
}

/// Pushes these operations before all others: what else waits stands on them. One that was not answered goes with the rest.
pub fn first(run: &mut Run<'_>, seqs: &[i64]) -> Result<()> {
    for some in seqs.chunks(FIRST) {
        run.go_on()?;
        let batch = run.till.store.write(|tx| {
            let mut batch = Batch::new();
            for seq in some {
                let Some(queued) = outbox::by_seq(tx, *seq)? else { continue };
                let Ok(ids) = attach(tx, &queued) else { continue };
                if outbox::mark_sent(tx, *seq)? {
                    batch.push((queued, ids));
                }
            }
            Ok(batch)
        })?;
        if batch.is_empty() {
            continue;
        }
        if let Err(error) = send(run, &batch) {
            run.till.store.write(|tx| outbox::mark_unanswered(tx, some))?;
            return if refused_whole(&error) { Ok(()) } else { Err(error) };
        }
    }
    Ok(())
}

/// Whether the hub has ever refused something: asked by a fault alone.
fn refused_something(connection: &Connection) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM outbox WHERE settled_at IS NOT NULL AND problem IS NOT NULL)";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}

/// Operations, each with the server ids known for what it names.
pub type Batch = Vec<(Queued, BTreeMap<Uid, i64>)>;

/// Takes what is due, within the bounds of a request. What could never be understood stays, with why.
fn prepare(run: &mut Run<'_>, fewer: Option<usize>, suspects: &Suspects) -> Result<Batch> {
    let now = run.till.clock.now();
    let quality = lock(&run.till.sync.health).quality();
    let (most, most_bytes) = lock(&run.till.sync.bounds).push(quality);
    let most = fewer.unwrap_or(most).min(most);
    let due = run.till.store.read(|tx| outbox::in_sending_order(tx, now, most + suspects.count()))?;
    let (due, more) = held::without(run, due)?;
    let (mut batch, mut bytes, mut invalid) = (Batch::new(), 0, Vec::new());
    for queued in due.into_iter().filter(|queued| !suspects.has(queued.seq)).take(most) {
        match run.till.store.read(|connection| attach(connection, &queued)) {
            Ok(ids) => {
                bytes += queued.payload.len() + 64 + ids.len() * 56;
                if bytes > most_bytes && !batch.is_empty() {
                    break;
                }
                batch.push((queued, ids));
            }
            Err(error @ Error::Refused { .. }) => invalid.push((queued.seq, error.problem())),
            Err(error) => return Err(error),
        }
    }
    run.report.blocked += invalid.len() as u32;
    let none_left = batch.is_empty() && (more || !invalid.is_empty());
    let sent = run.till.store.write(|tx| {
        for (seq, problem) in &invalid {
            outbox::set_state(tx, *seq, State::Blocked, Some(problem), now)?;
        }
        let mut sent = Batch::with_capacity(batch.len());
        for (queued, ids) in batch {
            if outbox::mark_sent(tx, queued.seq)? {
                sent.push((queued, ids));
            }
        }
        Ok(sent)
    })?;
    if none_left { prepare(run, fewer, suspects) } else { Ok(sent) }
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
                return crate::refuse!("reference_missing", entity: target, uid: uid.to_string(), known: false);
            }
            Some(None) => {}
            Some(Some(id)) => {
                ids.insert(uid, id);
            }
        }
    }
    Ok(ids)
}

/// Sends a batch and applies what the hub answers. An empty one only asks whether it takes requests.
pub fn send(run: &mut Run<'_>, batch: &Batch) -> Result<()> {
    let request = run.till.store.read(|connection| {
        let operations = batch.iter().map(|(queued, server_ids)| {
            let operation = RawValue::from_string(queued.payload.clone())?;
            let (server_ids, attempts) = (server_ids.clone(), queued.attempts);
            Ok(SentOperation { operation, server_ids, attempts, clock_doubtful: queued.clock_doubtful })
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
    identity::heard(run, response.last_seq)?;
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
pub fn refused_whole(error: &Error) -> bool {
    let Error::Hub { params, .. } = error else { return false };
    let status = params.get("status").and_then(serde_json::Value::as_u64);
    matches!(status, Some(400 | 413 | 422 | 500))
}

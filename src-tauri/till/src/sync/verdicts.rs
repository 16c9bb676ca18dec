//! The hub's verdicts, applied: one transaction for all of an answer.

use officine_protocol::{
    Params, Uid,
    date::Date,
    entities::{self, CONFLICT, PRODUCT, PRODUCT_BATCH, SALE, SALE_SETTLEMENT},
    fault::{Fault, armed},
    messages::{Corrections, Operation, Outcome, Verdict},
    params, record,
    schema::Entity,
    value::Value,
};

use super::{apply, corrections, overtaken::Overtaken, push, run::Run, twins, undo, waiting, walk};
use crate::{
    act::Act,
    catalogue::{self, recalls},
    error::{Error, Result},
    selling::{receipt, reversal, settlement},
    store::{
        ledger,
        outbox::{self, State},
        rows,
    },
    views::{Notice, Problem, ReturnedCart, Topic},
};

/// More settled tickets than this are told as one change.
const TOLD_ONE_BY_ONE: usize = 5;

/// The operation a verdict is about.
struct Settling {
    entity: &'static Entity,
    uid: Uid,
    seq: i64,
}

/// Applies an answer.
pub fn apply(run: &mut Run<'_>, verdicts: &[Verdict]) -> Result<()> {
    let present = run.till.session().ok().map(|session| session.user);
    let (mut settled, mut overtaken) = (Vec::new(), Vec::new());
    let report = run.till.act(None, |act| {
        let mut report = run.report.clone();
        for verdict in verdicts {
            let Some(settling) = find(act, verdict)? else { continue };
            report.processed += 1;
            if verdict.duplicate {
                report.duplicate += 1;
            }
            match &verdict.outcome {
                Outcome::Accepted { server_id, rev, corrections } => {
                    report.accepted += u32::from(!verdict.duplicate);
                    accept(act, &settling, *server_id, *rev, corrections)?;
                    settled.push((settling, ReturnedCart::None));
                }
                Outcome::Rejected { code, params, server_id, rev } => {
                    report.rejected += 1;
                    if code == "conflict_settled" {
                        overtaken.extend(decision(act, &settling)?);
                    }
                    let cart = reject(act, &settling, code, params, server_id.zip(*rev), present)?;
                    settled.push((settling, cart));
                }
                // What did not win comes back with the row; the pull that brings it tells the log.
                Outcome::Conflict { kind, fields, .. } => {
                    report.conflict += 1;
                    overtaken.extend(decision(act, &settling)?);
                    let problem = problem("conflict", params! { kind: kind, fields: fields.join(", ") });
                    outbox::set_state(act.tx, settling.seq, State::Settled, Some(&problem), act.now)?;
                    settled.push((settling, ReturnedCart::None));
                }
                Outcome::Deferred { missing } => {
                    report.deferred += 1;
                    waiting::defer(act, settling.seq, missing)?;
                }
            }
        }
        waiting::release(act.tx)?;
        outbox::count_settled(act.tx, Date::of_instant(act.now).number(), settled.len() as u32)?;
        let released = apply::release_held(act.tx, act.now)?;
        recalls::withhold_among(act, &released)?;
        Ok(report)
    })?;
    run.report = report;
    run.overtaken.extend(overtaken);
    let products = settled.iter().filter(|(settling, _)| settling.entity.name == PRODUCT.name);
    let products: Vec<Uid> = products.map(|(settling, _)| settling.uid).collect();
    let touched = run.till.store.read(|connection| {
        products.iter().map(|uid| rows::id_of(connection, &PRODUCT, *uid)).collect::<Result<Vec<_>>>()
    })?;
    run.touched.extend(touched.into_iter().flatten());
    tell(run, &settled)
}

fn find(act: &Act<'_>, verdict: &Verdict) -> Result<Option<Settling>> {
    let found = outbox::by_seq(act.tx, verdict.seq)?
        .filter(|queued| queued.key == verdict.key && queued.state != State::Settled);
    Ok(found.and_then(|queued| {
        entities::entity(&queued.entity).map(|entity| Settling { entity, uid: queued.uid, seq: queued.seq })
    }))
}

/// What somebody decided about a conflict, if it is that.
fn decision(act: &Act<'_>, settling: &Settling) -> Result<Option<Overtaken>> {
    let queued = outbox::by_seq(act.tx, settling.seq)?.filter(|_| settling.entity.name == CONFLICT.name);
    let operation = queued.map(|queued| serde_json::from_str::<Operation>(&queued.payload)).transpose()?;
    Ok(operation.map(|operation| Overtaken { conflict: settling.uid, by: operation.user }))
}

fn accept(act: &Act<'_>, settling: &Settling, server_id: i64, rev: i64, corrections: &Corrections) -> Result<()> {
    let Settling { entity, uid, seq } = settling;
    if let Some(winner) = corrections.merged_into {
        twins::merge(act.tx, entity, *uid, winner, act.now)?;
    }
    rows::set_server_id(act.tx, entity, *uid, server_id, rev)?;
    if !corrections.server_ids.is_empty() {
        correct_names(act, *seq, corrections)?;
    }
    if armed(Fault::CorrectionsForgotten) {
        return outbox::set_state(act.tx, *seq, State::Settled, None, act.now);
    }
    corrections::write(act, entity, *uid, rev, &corrections.fields)?;
    followed(act, settling)?;
    if entity.name == SALE.name {
        reversal::confirm(act.tx, *uid, !corrections.movements.is_empty())?;
    }
    if let (Some(part), Some(id)) = (entity.movements(), rows::id_of(act.tx, entity, *uid)?) {
        let mut movements = record::decode_part(part, &corrections.movements)?;
        movements.retain(|row| is_here(act, row));
        ledger::append(act.tx, entity, id, &movements)?;
        walk::heard(act.tx, ledger::number_of(entity), id, rev)?;
    }
    outbox::set_state(act.tx, *seq, State::Settled, None, act.now)
}

/// The rows an operation named, by the ids that the hub has for them: those attached were of another time.
fn correct_names(act: &Act<'_>, seq: i64, corrections: &Corrections) -> Result<()> {
    let Some(queued) = outbox::by_seq(act.tx, seq)? else { return Ok(()) };
    let operation: Operation = serde_json::from_str(&queued.payload)?;
    let mut named = push::references(&operation)?;
    named.extend(entities::entity(&operation.entity).map(|entity| (entity.name, operation.uid)));
    for (entity, uid) in named {
        if let (Some(entity), Some(id)) = (entities::entity(entity), corrections.server_ids.get(&uid)) {
            rows::correct_server_id(act.tx, entity, uid, *id)?;
        }
    }
    Ok(())
}

/// A lot another till opened may not be here yet: its movement comes with the pull, after the lot.
fn is_here(act: &Act<'_>, movement: &[Value]) -> bool {
    let lots = movement.iter().filter_map(Value::uid);
    lots.into_iter().all(|lot| matches!(rows::id_of(act.tx, &PRODUCT_BATCH, lot), Ok(Some(_))))
}

/// A ticket is refused whether the hub stored it or not: somebody decides what becomes of it.
fn reject(
    act: &mut Act<'_>,
    settling: &Settling,
    code: &str,
    params: &Params,
    stored: Option<(i64, i64)>,
    present: Option<Uid>,
) -> Result<ReturnedCart> {
    let Settling { entity, uid, seq } = settling;
    let problem = problem(code, params.clone());
    if entity.name != SALE.name {
        match stored {
            Some((server_id, rev)) => undo::void(act, entity, *uid, (server_id, rev))?,
            None => take_back(act, settling)?,
        }
        followed(act, settling)?;
        outbox::set_state(act.tx, *seq, State::Rejected, Some(&problem), act.now)?;
        return Ok(ReturnedCart::None);
    }
    let cart = reversal::reverse(act, *uid, code, params, present)?;
    let state = match stored {
        Some((server_id, rev)) => {
            rows::set_server_id(act.tx, entity, *uid, server_id, rev)?;
            State::Settled
        }
        None => State::Rejected,
    };
    outbox::set_state(act.tx, *seq, state, Some(&problem), act.now)?;
    Ok(cart)
}

/// A refused ticket follows what the hub made of the decision on it.
fn followed(act: &Act<'_>, settling: &Settling) -> Result<()> {
    let decision = (settling.entity.name == SALE_SETTLEMENT.name).then_some(settling.uid);
    decision.map_or(Ok(()), |decision| settlement::judged(act, decision))
}

/// Undoes here what the hub will never have. A product is found again as it was.
fn take_back(act: &Act<'_>, settling: &Settling) -> Result<()> {
    let Settling { entity, seq, .. } = settling;
    let Some(queued) = outbox::by_seq(act.tx, *seq)? else { return Ok(()) };
    if entity.name == PRODUCT.name {
        catalogue::touch(act.tx)?;
    }
    undo::take_back(act, entity, &serde_json::from_str(&queued.payload)?)
}

fn problem(code: &str, params: Params) -> Problem {
    Error::refused(code, params).problem()
}

/// Tells the window: each ticket by itself while they are few.
fn tell(run: &Run<'_>, settled: &[(Settling, ReturnedCart)]) -> Result<()> {
    let sales: Vec<_> = settled.iter().filter(|(settling, _)| settling.entity.name == SALE.name).collect();
    let today = run.till.today();
    if sales.len() <= TOLD_ONE_BY_ONE {
        for (settling, cart) in &sales {
            let receipt = run.till.store.read(|connection| receipt::read(connection, settling.uid, today))?;
            run.till.tell(&Notice::SaleSettled { receipt: Box::new(receipt), cart: *cart });
        }
    }
    let mut topics = vec![Topic::Sync];
    if settled.iter().any(|(settling, _)| settling.entity.name == CONFLICT.name) {
        topics.push(Topic::Conflicts);
    }
    if !sales.is_empty() {
        topics.extend([Topic::Sales, Topic::Stock]);
    }
    if sales.iter().any(|(_, cart)| *cart != ReturnedCart::None) {
        topics.push(Topic::Cart);
    }
    run.till.changed(&topics);
    Ok(())
}

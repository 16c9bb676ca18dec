//! What waits for a row the hub does not have: sent again while that row is on its way, blocked with its name where it
//! was refused, is blocked itself or is nowhere, and back by itself once the hub has it. What is about a refused ticket
//! that the hub could not store ends here.

use officine_protocol::{
    Uid,
    entities::{self, SALE},
    messages::Missing,
    params,
};
use rusqlite::Connection;

use super::held;
use crate::{
    act::Act,
    error::{Error, Result},
    store::{
        ledger,
        outbox::{self, State},
        rows,
    },
    views::Problem,
};

/// Deferred operations are sent again after this time.
const DEFER_MS: i64 = 5_000;
/// The codes of what waits for a row.
const WAITING: [&str; 3] = ["reference_missing", "reference_refused", held::CODE];

/// Lets an operation wait for what the hub misses, or for a person. `known`: the hub had named the row before, so that
/// nothing more will come by itself.
pub fn defer(act: &Act<'_>, seq: i64, missing: &[Missing]) -> Result<()> {
    let first = missing.first();
    let entity = first.map(|row| row.entity.clone()).unwrap_or_default();
    let uid = first.map(|row| row.uid).unwrap_or_default();
    let boxes =
        entities::entity(&entity).is_some_and(|entity| entity.movements().is_some() && entity.name != SALE.name);
    let code = match outbox::is_refused(act.tx, uid)? {
        true => WAITING[1],
        false if boxes => held::CODE,
        false => WAITING[0],
    };
    if entity == SALE.name && never(act.tx, uid)? && close(act, seq, uid)? {
        return Ok(());
    }
    let known = named(act.tx, &entity, uid)?;
    let params = params! { entity: entity, uid: uid.to_string(), known: known };
    let problem = Error::refused(code, params).problem();
    if outbox::is_pending(act.tx, uid)? && !outbox::is_birth_blocked(act.tx, uid)? {
        return outbox::defer(act.tx, seq, act.now + DEFER_MS, &problem);
    }
    outbox::set_state(act.tx, seq, State::Blocked, Some(&problem), act.now)
}

/// Whether a ticket was refused for good, and the hub has nothing of it.
fn never(connection: &Connection, sale: Uid) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM sale WHERE uid = ?1 AND server_id IS NULL AND state IN ('reversed', 'regularised'))";
    let refused: bool = connection.prepare_cached(sql)?.query_row([sale.as_bytes()], |row| row.get(0))?;
    Ok(refused && !outbox::is_pending(connection, sale)?)
}

/// Ends a decision on such a ticket, or a return of it: it stands here, and moves nothing, as the ticket itself. Says
/// whether it is one.
fn close(act: &Act<'_>, seq: i64, sale: Uid) -> Result<bool> {
    let Some(queued) = outbox::by_seq(act.tx, seq)? else { return Ok(false) };
    let Some(entity) = entities::entity(&queued.entity).filter(|entity| entity.numbered()) else { return Ok(false) };
    if let Some((id, record)) = rows::get(act.tx, entity, queued.uid)? {
        let undone = ledger::opposites(entity, record.part(entity, "movements"), "reversal");
        ledger::append(act.tx, entity, id, &undone)?;
    }
    let problem = Error::refused("ticket_not_stored", params! { uid: sale.to_string() }).problem();
    outbox::set_state(act.tx, seq, State::Rejected, Some(&problem), act.now)?;
    Ok(true)
}

/// Sends again what was blocked for rows that the hub has named since, or for boxes of which it has judged. Says how
/// many.
pub fn release(connection: &Connection) -> Result<usize> {
    let mut released = 0;
    for queued in outbox::blocked(connection)? {
        let Some(problem) = queued.problem.filter(|problem| WAITING.contains(&problem.code.as_str())) else { continue };
        if here_now(connection, &problem)? {
            released += outbox::retry(connection, Some(queued.seq))?;
        }
    }
    Ok(released)
}

fn here_now(connection: &Connection, problem: &Problem) -> Result<bool> {
    let text = |name: &str| problem.params.get(name).and_then(|value| value.as_str()).unwrap_or_default();
    let known = problem.params.get("known").and_then(|value| value.as_bool()).unwrap_or(false);
    let uid = Uid::try_parse(text("uid")).unwrap_or_default();
    if problem.code == held::CODE {
        return Ok(!outbox::is_pending(connection, uid)?);
    }
    Ok(!known && named(connection, text("entity"), uid)?)
}

/// Whether the hub has a name for a row that is here.
fn named(connection: &Connection, entity: &str, uid: Uid) -> Result<bool> {
    let Some(entity) = entities::entity(entity) else { return Ok(false) };
    Ok(matches!(rows::server_id(connection, entity, uid)?, Some(Some(_))))
}

//! Sales of boxes that came in by an operation still deferred or blocked. The hub would find no boxes and refuse them:
//! they wait until that operation is settled, and bear its name where it waits for a person.

use std::collections::BTreeSet;

use officine_protocol::{Uid, entities, entities::SALE, messages::Operation, params};
use rusqlite::Connection;
use serde_json::{Map, Value as Json};

use super::run::Run;
use crate::{
    error::{Error, Result},
    store::outbox::{self, Queued, State},
};

/// The code of what waits so.
pub const CODE: &str = "stock_waiting";

/// An operation that brings boxes and is not on the hub.
struct Holder {
    queued: Queued,
    lots: BTreeSet<Uid>,
    ticket: Option<(i64, i64)>,
}

/// Those of `due` that may go, and whether others were put aside: more may be due then.
pub fn without(run: &mut Run<'_>, due: Vec<Queued>) -> Result<(Vec<Queued>, bool)> {
    let now = run.till.clock.now();
    let holders = run.till.store.read(holders)?;
    if holders.is_empty() {
        return Ok((due, false));
    }
    let (mut goes, mut aside) = (Vec::with_capacity(due.len()), Vec::new());
    for queued in due {
        match first(&holders, &queued)? {
            None => goes.push(queued),
            Some(holder) => aside.push((queued.seq, holder)),
        }
    }
    aside.retain(|(_, holder)| holder.queued.state == State::Blocked || holder.queued.next_attempt > Some(now));
    run.till.store.write(|tx| aside.iter().try_for_each(|(seq, holder)| holder.keep(tx, *seq, now)))?;
    let blocked = aside.iter().filter(|(_, holder)| holder.queued.state == State::Blocked).count();
    run.report.blocked += blocked as u32;
    Ok((goes, !aside.is_empty()))
}

fn holders(connection: &Connection) -> Result<Vec<Holder>> {
    let mut holders = Vec::new();
    for queued in outbox::stuck_but_sales(connection)? {
        let moves = entities::entity(&queued.entity).is_some_and(|entity| entity.movements().is_some());
        if moves {
            let lots = lots(&queued, |row| row.get("delta").and_then(Json::as_i64).is_none_or(|delta| delta > 0))?;
            let ticket = ticket(&queued)?;
            holders.push(Holder { queued, lots, ticket });
        }
    }
    Ok(holders)
}

/// The lots an operation moved or counted, by the rows that are wanted.
fn lots(queued: &Queued, wanted: impl Fn(&Map<String, Json>) -> bool) -> Result<BTreeSet<Uid>> {
    let operation: Operation = serde_json::from_str(&queued.payload)?;
    let told = ["movements", "counts"].into_iter().filter_map(|part| operation.parts.get(part)).flatten();
    let lot = |row: &Map<String, Json>| Uid::try_parse(row.get("batch")?.as_str()?).ok();
    Ok(told.filter(|row| wanted(row)).filter_map(lot).collect())
}

/// The first operation that a sale waits for.
fn first<'a>(holders: &'a [Holder], queued: &Queued) -> Result<Option<&'a Holder>> {
    if queued.entity != SALE.name {
        return Ok(None);
    }
    let (sold, sale) = (lots(queued, |_| true)?, ticket(queued)?);
    let brought = |holder: &&Holder| holder.queued.seq < queued.seq && !holder.is_later(sale);
    Ok(holders.iter().filter(brought).find(|holder| !holder.lots.is_disjoint(&sold)))
}

/// Series and number of a ticket; none of what is no ticket.
fn ticket(queued: &Queued) -> Result<Option<(i64, i64)>> {
    let operation: Operation = serde_json::from_str(&queued.payload)?;
    let int = |name: &str| operation.fields.get(name).and_then(Json::as_i64);
    Ok(int("series").zip(int("number")))
}

impl Holder {
    /// Whether it is a later ticket of the same series: the sale had none of its boxes. One that is told again, to a hub that
    /// lost it, comes behind its own return, which waits for it.
    fn is_later(&self, sale: Option<(i64, i64)>) -> bool {
        let both = self.ticket.zip(sale);
        both.is_some_and(|((series, number), sold)| series == sold.0 && number > sold.1)
    }

    /// Puts a sale aside: for a person where this waits for one, else until this is sent again.
    fn keep(&self, connection: &Connection, seq: i64, now: i64) -> Result<()> {
        let Queued { entity, uid, state, next_attempt, .. } = &self.queued;
        let params = params! { entity: entity, uid: uid.to_string(), known: false };
        let problem = Error::refused(CODE, params).problem();
        if *state == State::Blocked {
            return outbox::set_state(connection, seq, State::Blocked, Some(&problem), now);
        }
        outbox::defer(connection, seq, next_attempt.unwrap_or(now), &problem)
    }
}

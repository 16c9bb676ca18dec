//! Rows given back to a hub that lost them: which it takes, which it keeps as it has them, and what follows for the books.
//!
//! Any enrolled till may offer, for the till that had made a row may be gone. What that lets a till do which lies is no more
//! than what it can do by operations of its own, which name no user: it writes prices and customers, in the log under its
//! name. So that it stays so: a row that is here is overwritten only where its revision is of a history that was lost, and
//! only once since; a row that is not here bears a revision that the hub has given, else it is an operation's to make it; a
//! number that a ticket bears is never given to another; nobody's rights rise, nobody's PIN is changed, and whoever may
//! manage people comes back without a PIN where somebody owns the pharmacy. Nothing of it is ever taken from the log.

use std::collections::HashSet;

use officine_protocol::{
    Uid,
    entities::USER,
    messages::OfferVerdict,
    natural::Likeness,
    params,
    record::Record,
    roles::{Permission, Role},
    schema::Entity,
};

use super::{
    Changes, PartsWrite, Stop, WorkingSet, access,
    cells::Cells,
    completing, giving,
    histories::{self, Histories},
    join::join,
    journal::{Overwritten, log_edit},
    ledger, proof, recast,
    resolve::Resolver,
    stock, twins,
};
use crate::{
    offered::{Offered, blank_secrets},
    operation::{Body, Refusal},
};

/// Decides what was offered, in its order.
pub fn offer(
    working: &mut WorkingSet,
    offered: &[Result<Offered, Refusal>],
    histories: &mut Histories,
) -> (Vec<OfferVerdict>, Changes) {
    let verdicts = offered.iter().map(|row| match row {
        Ok(row) => verdict(working, row, histories),
        Err(refusal) => refused(refusal.clone()),
    });
    let mut verdicts: Vec<_> = verdicts.collect();
    // A ticket may have been kept from its place by a neighbour that was itself written as it was printed after it.
    for (row, before) in offered.iter().zip(&mut verdicts).rev() {
        let ticket = row.as_ref().ok().filter(|row| row.entity.numbered());
        if let Some(row) = ticket.filter(|_| matches!(before, OfferVerdict::Kept { .. })) {
            *before = verdict(working, row, histories);
        }
    }
    (verdicts, working.take())
}

/// The row that the database objected to.
pub fn objected() -> OfferVerdict {
    refused(Refusal { code: "storage_refused", params: params! {} })
}

fn refused(Refusal { code, params }: Refusal) -> OfferVerdict {
    OfferVerdict::Refused { code: code.to_owned(), params }
}

fn verdict(working: &mut WorkingSet, row: &Offered, histories: &mut Histories) -> OfferVerdict {
    let Ok(body) = &row.prepared.body else { return objected() };
    match judge(working, (row, body), histories) {
        Ok(verdict) => verdict,
        Err(Stop::Missing(missing)) => OfferVerdict::Deferred { missing },
        Err(Stop::Refused(refusal) | Stop::Stored { refusal, .. }) => refused(refusal),
    }
}

fn judge(
    working: &mut WorkingSet,
    (row, body): (&Offered, &Body),
    histories: &mut Histories,
) -> Result<OfferVerdict, Stop> {
    let (entity, rev) = (row.entity, row.record.rev);
    let name = row.record.server_id.unwrap_or(0);
    let stood = histories.stood(entity.name, name, rev);
    let not_of_history = || Stop::refuse("offer_not_of_history", params! { entity: entity.name, rev: rev });
    let known = histories::known(working, row).filter(|id| working.row(entity.name, *id).is_some());
    let stands = known.and_then(|id| Some((id, working.row(entity.name, id)?.rev)));
    let gives_way = stands.is_some_and(|(id, here)| histories.gives_way(entity.name, id, here, stood));
    if let Some(id) = known.filter(|_| histories.lost(rev)) {
        rejoin(working, (row, body), id)?;
    }
    let here = known.and_then(|id| Some((id, working.row(entity.name, id)?.clone())));
    if let Some((id, here)) = &here
        && !gives_way
    {
        let more = row.record.parts.iter().zip(&here.parts).any(|(offered, stands)| offered.len() > stands.len());
        let dangles = !histories.nowhere.is_empty();
        if here.rev == rev && (more || dangles || entity.numbered()) {
            let whole = resolved(working, row)?;
            let completed = completing::complete(working, (row, body), (*id, here), (&whole, histories));
            if let Some(rev) = completed.or_else(|| recast::recast(working, (row, body), (*id, here), &whole)) {
                return Ok(OfferVerdict::Taken { server_id: *id, rev });
            }
        }
        let kept = OfferVerdict::Kept { server_id: *id, rev: here.rev };
        return if here.rev >= rev || histories.lost(rev) { Ok(kept) } else { Err(not_of_history()) };
    }
    if here.is_none() && !histories.missed(&working.pharmacy, name, rev) {
        return Err(not_of_history());
    }
    let mut record = resolved(working, row)?;
    let (id, now, own) = match here {
        Some((id, here)) => (id, giving::overwrite(working, (row, body), (id, &here), record)?, true),
        None => match born(working, (row, body), &mut record)? {
            Some((id, rev)) => (id, rev, false),
            None => {
                let (id, rev) = bear(working, (row, body), record, &histories.left);
                histories.borne.extend([id, name]);
                (id, rev, true)
            }
        },
    };
    for alias in histories::uids(row) {
        if working.id_of(entity.name, alias).is_none() {
            working.alias(entity.name, alias, id);
            working.changes.aliases.push((entity.name, alias, id));
        }
    }
    if own {
        note(working, (entity, body), (id, now), stood);
        histories.given_back.insert((entity.name, id), stood);
    }
    Ok(OfferVerdict::Taken { server_id: id, rev: now })
}

/// Rows that are two here and were one in a history that was lost are one again, where their natural key does not say
/// that they are nothing alike.
fn rejoin(working: &mut WorkingSet, (row, body): (&Offered, &Body), id: i64) -> Result<(), Stop> {
    let entity = row.entity;
    for uid in histories::uids(row) {
        let Some(other) = working.id_of(entity.name, uid).filter(|other| *other != id) else { continue };
        let two = working.row(entity.name, other).zip(working.row(entity.name, id));
        if two.is_some_and(|(lost, kept)| entity.likeness(lost, kept) != Likeness::Other) {
            join(working, body, entity, (other, id))?;
        }
    }
    Ok(())
}

/// The row with its references as they are stored here.
fn resolved(working: &WorkingSet, row: &Offered) -> Result<Record, Stop> {
    let mut resolver = Resolver::new(working, &row.prepared);
    let mut record = row.record.clone();
    record.values = resolver.values(row.entity.columns, &row.record.values);
    record.parts = resolver.parts(row.entity, &row.record.parts);
    resolver.finish()?;
    if let Some(refusal) = ledger::gather(row.entity, &mut record)? {
        return Err(Stop::Refused(refusal));
    }
    let movements = Cells::of(row.entity, &record, "movements");
    if stock::stays_in_bounds(working, &movements) { Ok(record) } else { Err(Stop::invalid("delta", "out of range")) }
}

/// Whether a row may come to be: the row that it turns out to be, and its revision, where that is another one.
fn born(
    working: &mut WorkingSet,
    (row, body): (&Offered, &Body),
    record: &mut Record,
) -> Result<Option<(i64, i64)>, Stop> {
    let entity = body.entity;
    let int = |name| record.get(entity, name).int().unwrap_or(0);
    if entity.numbered() && working.number_taken(int("series"), int("number")) {
        return Err(Stop::refuse("number_taken", params! { series: int("series"), number: int("number") }));
    }
    if entity.numbered() && int("series") != working.device.series && !proof::in_chain(working, entity, &row.record) {
        return Err(Stop::refuse("ticket_unproven", params! { series: int("series"), number: int("number") }));
    }
    giving::hubs_own(body, record)?;
    if entity.name == USER.name {
        let role = record.get(&USER, "role").text().and_then(Role::parse);
        let role = role.ok_or_else(|| Stop::invalid("role", "not a role"))?;
        if role.may(Permission::ManageUsers) && access::owners(working).next().is_some() {
            blank_secrets(entity, record);
        }
    }
    let same = twins::find(working, entity, record).same.filter(|_| record.archived_at.is_none());
    let Some((id, winner)) = same.and_then(|id| Some((id, working.row(entity.name, id)?.clone()))) else {
        return Ok(None);
    };
    let rev = working.put(entity, id, winner.clone(), PartsWrite::Keep);
    log_edit(working, (body, entity), (id, rev), (record, &winner), ("restore", "hub"));
    Ok(Some((id, rev)))
}

/// A row under the server id that it had, if nothing else bears that now, and it is one that the hub may have given. What
/// is `left` in the ledger of a document that was lost was never taken out of the lots.
fn bear(
    working: &mut WorkingSet,
    (row, body): (&Offered, &Body),
    record: Record,
    left: &HashSet<(&'static str, i64)>,
) -> (i64, i64) {
    let entity = row.entity;
    let had = row.record.server_id.filter(|id| *id > 0 && *id < working.coming_id());
    let id = had.filter(|id| working.row(entity.name, *id).is_none()).unwrap_or_else(|| working.next_id());
    let moved = record.clone();
    let parts = match (entity.document, entity.parts.is_empty()) {
        (true, _) => PartsWrite::Mend,
        (false, true) => PartsWrite::Insert,
        (false, false) => PartsWrite::Replace,
    };
    let rev = working.put(entity, id, record, parts);
    if !left.contains(&(entity.name, id)) {
        giving::move_lots(working, body, &Cells::of(entity, &moved, "movements"));
    }
    (id, rev)
}

/// The line that says a row was given back, and of which revision.
fn note(working: &mut WorkingSet, (entity, body): (&'static Entity, &Body), (row, rev): (i64, i64), given: i64) {
    let (field, old, new) = ("rev".to_owned(), None, Some(given.to_string()));
    let (kind, strategy) = ("restore", "hub");
    working.log(body, Overwritten { entity: entity.name, row, rev, field, old, new, kind, strategy });
}

/// The uids by which a row may be known: its own is among what its operation names.
pub(crate) fn aliases(offered: &[Result<Offered, Refusal>]) -> impl Iterator<Item = (&'static Entity, Uid, Uid)> {
    let of = |row: &Offered| (row.entity, row.record.uid, row.aliases.clone());
    offered
        .iter()
        .flatten()
        .map(of)
        .flat_map(|(entity, uid, aliases)| aliases.into_iter().map(move |alias| (entity, uid, alias)))
}

/// The tickets that are offered: series and number.
pub(crate) fn tickets(offered: &[Result<Offered, Refusal>]) -> impl Iterator<Item = (i64, i64)> {
    let tickets = offered.iter().flatten().filter(|row| row.entity.numbered());
    let int = |row: &Offered, name| row.record.get(row.entity, name).int();
    tickets.filter_map(move |row| int(row, "series").zip(int(row, "number")))
}

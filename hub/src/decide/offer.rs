//! Rows given back to a hub that lost them: which it takes, which it keeps as it has them, and what follows for the books.
//!
//! Any enrolled till may offer, for the till that had made a row may be gone. What that lets a till do which lies is no more
//! than what it can do by operations of its own, which name no user: it writes prices and customers, in the log under its
//! name. So that it stays so: a row that is here is overwritten only where its revision is of the history that was lost, and
//! only once since; a row that is not here bears a revision that the hub has given, else it is an operation's to make it; a
//! number that a ticket bears is never given to another; nobody's rights rise, nobody's PIN is changed, and whoever may
//! manage people comes back without a PIN where somebody owns the pharmacy. Nothing of it is ever taken from the log.

use std::collections::HashMap;

use officine_protocol::{
    Uid,
    entities::{PRODUCT_BATCH, USER},
    messages::OfferVerdict,
    params,
    record::Record,
    roles::{Permission, Role},
    schema::{Class, Entity, LEDGER},
};

use super::{
    Changes, PartsWrite, Stop, WorkingSet, access,
    cells::Cells,
    journal::{Overwritten, log_edit},
    ledger,
    resolve::Resolver,
    stock, twins,
};
use crate::{
    offered::{Offered, blank_secrets},
    operation::{Body, Refusal, Rows},
};

/// What is known of the histories of a pharmacy.
#[derive(Clone, Debug, Default)]
pub struct Histories {
    /// The last revision shared with the history before.
    pub common: i64,
    /// The first revision of this epoch; 0 where there never was another.
    pub base: i64,
    /// Rows that were given back and not changed since, by entity and server id: the revision that they had been offered with.
    pub given_back: HashMap<(&'static str, i64), i64>,
}

impl Histories {
    /// Whether a revision is of the history that was lost.
    fn lost(&self, rev: i64) -> bool {
        self.common < rev && rev < self.base
    }

    /// Whether a row that is here gives way to one of that revision: of the lost history, and later in it than what is here,
    /// which the hub has not changed in this epoch but by taking it back.
    fn gives_way(&self, entity: &'static str, id: i64, here: i64, rev: i64) -> bool {
        let stands = self.given_back.get(&(entity, id)).copied().unwrap_or(here);
        self.lost(rev) && stands < rev && stands < self.base
    }
}

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
    let verdicts = verdicts.collect();
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
    let not_of_history = || Stop::refuse("offer_not_of_history", params! { entity: entity.name, rev: rev });
    let known = std::iter::once(&row.record.uid).chain(&row.aliases).find_map(|uid| working.id_of(entity.name, *uid));
    let here = known.and_then(|id| Some((id, working.row(entity.name, id)?.clone())));
    if let Some((id, here)) = &here
        && !histories.gives_way(entity.name, *id, here.rev, rev)
    {
        let kept = OfferVerdict::Kept { server_id: *id, rev: here.rev };
        return if here.rev >= rev || histories.lost(rev) { Ok(kept) } else { Err(not_of_history()) };
    }
    if rev <= 0 || rev > working.pharmacy.revision {
        return Err(not_of_history());
    }
    let mut record = resolved(working, row)?;
    let (id, now) = match here {
        Some((id, here)) => (id, overwrite(working, body, (id, &here), record)?),
        None => match born(working, body, &mut record)? {
            Some(same) => same,
            None => bear(working, (row, body), record),
        },
    };
    for alias in std::iter::once(&row.record.uid).chain(&row.aliases) {
        if working.id_of(entity.name, *alias).is_none() {
            working.alias(entity.name, *alias, id);
            working.changes.aliases.push((entity.name, *alias, id));
        }
    }
    if working.row(entity.name, id).is_some_and(|stands| stands.uid == row.record.uid) {
        note(working, (entity, body), (id, now), rev);
        histories.given_back.insert((entity.name, id), rev);
    }
    Ok(OfferVerdict::Taken { server_id: id, rev: now })
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
fn born(working: &mut WorkingSet, body: &Body, record: &mut Record) -> Result<Option<(i64, i64)>, Stop> {
    let entity = body.entity;
    let int = |name| record.get(entity, name).int().unwrap_or(0);
    if entity.numbered() && working.number_taken(int("series"), int("number")) {
        return Err(Stop::refuse("number_taken", params! { series: int("series"), number: int("number") }));
    }
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

/// A row under the server id that it had, if nothing else bears that now, and it is one that the hub may have given.
fn bear(working: &mut WorkingSet, (row, body): (&Offered, &Body), record: Record) -> (i64, i64) {
    let entity = row.entity;
    let had = row.record.server_id.filter(|id| *id > 0 && *id < working.coming_id());
    let id = had.filter(|id| working.row(entity.name, *id).is_none()).unwrap_or_else(|| working.next_id());
    let moved = record.clone();
    let rev = working.put(entity, id, record, PartsWrite::Insert);
    move_lots(working, body, &Cells::of(entity, &moved, "movements"));
    (id, rev)
}

/// Writes a row of the lost history over the one that is here. Of a document the later steps are added, whatever it was born
/// with stays; what only this database knows stays as it is.
fn overwrite(
    working: &mut WorkingSet,
    body: &Body,
    (id, here): (i64, &Record),
    mut record: Record,
) -> Result<i64, Stop> {
    let entity = body.entity;
    (record.uid, record.created_at) = (here.uid, here.created_at);
    for ((column, value), stands) in entity.columns.iter().zip(&mut record.values).zip(&here.values) {
        let own = column.class == Class::Derived && column.fold_of.is_none();
        if own || column.secret || column.class == Class::Immutable {
            value.clone_from(stands);
        }
    }
    let below = here.get(&PRODUCT_BATCH, "quantity").int().unwrap_or(0) < 0;
    if entity.name == USER.name {
        record.set(&USER, "role", here.get(&USER, "role").clone());
        record.archived_at = here.archived_at;
    }
    if entity.name == PRODUCT_BATCH.name && below {
        record.set(&PRODUCT_BATCH, "recount_open", true);
    }
    let fresh = if entity.document { add_steps(entity, here, &mut record) } else { None };
    let parts = match (entity.document, &fresh) {
        (true, Some((known, _))) => PartsWrite::Extend(*known),
        (true, None) => PartsWrite::Keep,
        (false, _) => PartsWrite::Replace,
    };
    let rev = working.put(entity, id, record.clone(), parts);
    log_edit(working, (body, entity), (id, rev), (here, &record), ("restore", "hub"));
    if let (Some((_, rows)), Some(part)) = (fresh, entity.movements()) {
        let fresh: Vec<_> = rows.iter().map(|row| Cells { part, row }).collect();
        move_lots(working, body, &fresh);
    }
    Ok(rev)
}

/// The movements that are here with the steps that are not: how many there were, and those that came.
fn add_steps(entity: &Entity, here: &Record, record: &mut Record) -> Option<(usize, Rows)> {
    let place = entity.parts.iter().position(|part| part.table == LEDGER);
    let key = |cells: &Cells<'_>| [cells.int("line"), cells.int("step"), cells.int("batch")];
    let known: Vec<[i64; 3]> = Cells::of(entity, here, "movements").iter().map(key).collect();
    let offered = Cells::of(entity, record, "movements");
    let fresh: Rows =
        offered.iter().filter(|cells| !known.contains(&key(cells))).map(|cells| cells.row.to_vec()).collect();
    record.parts.clone_from(&here.parts);
    record.parts.get_mut(place?)?.extend(fresh.iter().cloned());
    Some((known.len(), fresh))
}

/// Quantities follow, and whatever is below zero then has a recount open: nothing is refused for stock.
fn move_lots(working: &mut WorkingSet, body: &Body, movements: &[Cells<'_>]) {
    for movement in movements {
        working.move_stock(movement.int("batch"), movement.int("delta"), None);
    }
    for movement in movements {
        ledger::recount_below_zero(working, body, movement.int("batch"));
    }
}

/// The line that says a row was given back, and of which revision.
fn note(working: &mut WorkingSet, (entity, body): (&'static Entity, &Body), (row, rev): (i64, i64), given: i64) {
    let (field, old, new) = ("rev".to_owned(), None, Some(given.to_string()));
    let (kind, strategy) = ("restore", "hub");
    working.log(body, Overwritten { entity: entity.name, row, rev, field, old, new, kind, strategy });
}

/// The uids by which a row may be known: its own is among what its operation names.
pub(crate) fn aliases(offered: &[Result<Offered, Refusal>]) -> impl Iterator<Item = (&'static str, Uid)> {
    offered.iter().flatten().flat_map(|row| row.aliases.iter().map(|alias| (row.entity.name, *alias)))
}

/// The series of the tickets that are offered.
pub(crate) fn series(offered: &[Result<Offered, Refusal>]) -> impl Iterator<Item = i64> {
    let tickets = offered.iter().flatten().filter(|row| row.entity.numbered());
    tickets.filter_map(|row| row.record.get(row.entity, "series").int())
}

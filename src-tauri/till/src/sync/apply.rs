//! Rows from the hub, written: declared synced columns only, births kept, what is overwritten logged. A row that an
//! operation of ours still waits for is held until that is settled; one that is to be given back to a hub that lost it stays
//! as it is until that was tried.

use std::collections::HashSet;

use officine_protocol::{
    Uid,
    entities::{self, SALE},
    fault::{Fault, armed},
    hlc::Hlc,
    messages::WireRow,
    record::{self, Record},
    schema::{Class, Column, Entity, Kind, LEDGER},
    sql,
};
use rusqlite::Connection;
use serde_json::Value as Json;

use super::{aside, twins, walk};
use crate::{
    act::Change,
    error::Result,
    repair::history::{self, Left},
    store::{ledger, outbox, rows as store},
};

/// Applies rows, parents first. Gives what changed: entity and local key.
pub fn rows(connection: &Connection, rows: &[WireRow], now: i64) -> Result<Vec<(&'static str, i64)>> {
    mending(connection, rows, &HashSet::new(), now)
}

/// The same, where what is here of some rows is known to be wrong: the hub's are taken whole, whatever is here says of its
/// age, its birth and what it moved. Operations that wait still hold up theirs.
pub fn mending(
    connection: &Connection,
    rows: &[WireRow],
    wrong: &HashSet<Uid>,
    now: i64,
) -> Result<Vec<(&'static str, i64)>> {
    let mut changed = Vec::new();
    let (exact, left) = (walk::exact(connection)?, history::left(connection)?);
    let mut applying = Applying { exact, left, here: HashSet::new(), now, mends: false };
    for row in rows {
        let Some(entity) = entities::entity(&row.entity) else {
            tracing::warn!(entity = row.entity, "a row of an entity this version does not know");
            continue;
        };
        applying.mends = wrong.contains(&row.uid) || row.aliases.iter().any(|alias| wrong.contains(alias));
        if let Some(id) = one(connection, entity, row, &mut applying)? {
            changed.push((entity.name, id));
        }
    }
    Ok(changed)
}

/// What applying the rows of one page has in common.
struct Applying {
    /// Movements change quantities.
    exact: bool,
    /// What is still to be given back.
    left: Left,
    /// Rows that are known to be here.
    here: HashSet<Uid>,
    now: i64,
    /// What is here of this row is wrong.
    mends: bool,
}

fn one(connection: &Connection, entity: &'static Entity, row: &WireRow, page: &mut Applying) -> Result<Option<i64>> {
    let now = page.now;
    for alias in &row.aliases {
        twins::merge(connection, entity, *alias, row.uid, now)?;
    }
    if store::canonical(connection, entity, row.uid)? != row.uid {
        twins::part(connection, entity, row.uid)?;
    }
    if outbox::is_pending(connection, row.uid)? {
        if !armed(Fault::HeldDropped) {
            hold(connection, row)?;
        }
        return Ok(None);
    }
    let known = store::get(connection, entity, row.uid)?;
    if !page.mends && !entity.document && known.as_ref().is_some_and(|(_, known)| known.rev > row.rev) {
        return Ok(None);
    }
    let fresh = decode(entity, row)?;
    if let Some(missing) = aside::missing(connection, entity, &fresh, &mut page.here)? {
        aside::set(connection, row, missing)?;
        return Ok(None);
    }
    aside::drop_older(connection, row)?;
    let merged = match known {
        None => fresh,
        Some((_, known)) => {
            let whole = page.mends || !row.aliases.is_empty();
            let fresh = if whole { fresh } else { keep_birth(entity, &known, fresh) };
            let mut merged = keep_own(entity, &known, fresh);
            if armed(Fault::BirthOverwritten) {
                merged.created_at = now;
            }
            if !page.mends && (merged == known || page.left.holds(known.rev) && !alike(&known, &merged)) {
                return Ok(None);
            }
            log(connection, entity, &known, &merged, if page.mends { "repair" } else { "pull" }, now)?;
            twins::adopt(connection, entity, &known, &merged)?;
            if page.mends {
                names_nothing(connection, entity, &merged)?;
            }
            merged
        }
    };
    let id = store::put(connection, entity, &merged)?;
    if entity.movements().is_some() {
        let movements = merged.part(entity, "movements");
        match page.exact {
            true if page.mends => ledger::replace(connection, entity, id, movements)?,
            true => ledger::append(connection, entity, id, movements)?,
            false => ledger::remember(connection, entity, id, movements)?,
        }
    }
    Ok(Some(id))
}

/// Whether two states of a row differ by no more than when the hub had them.
fn alike(known: &Record, fresh: &Record) -> bool {
    Record { rev: known.rev, server_id: known.server_id, ..fresh.clone() } == *known
}

/// Where the hub's row names nothing, this one names nothing either, rather than a row that is not here.
fn names_nothing(connection: &Connection, entity: &Entity, fresh: &Record) -> Result<()> {
    let Some(id) = store::id_of(connection, entity, fresh.uid)? else { return Ok(()) };
    let columns = entity.columns.iter().zip(&fresh.values);
    for (column, value) in columns.filter(|(column, value)| matches!(column.kind, Kind::Ref(_)) && value.is_null()) {
        connection.prepare_cached(&sql::correct(entity, column))?.execute((id, value))?;
    }
    Ok(())
}

/// A row from the hub as a record.
pub fn decode(entity: &Entity, row: &WireRow) -> Result<Record> {
    let mut fresh = Record::new(entity, row.uid, row.created_at);
    fresh.server_id = Some(row.server_id);
    fresh.rev = row.rev;
    fresh.archived_at = row.archived_at;
    fresh.values = record::decode_fields(entity, &row.fields)?;
    fresh.parts = record::decode_parts(entity, &row.parts)?;
    Ok(fresh)
}

/// Local-only and derived values stay ours.
fn keep_own(entity: &Entity, known: &Record, fresh: Record) -> Record {
    keep(entity, known, fresh, |column| match column.class {
        Class::LocalOnly => true,
        Class::Derived => column.fold_of.is_none(),
        Class::Immutable | Class::Synced => false,
    })
}

/// Immutable values stay what they were, and so does the birth. Of a row that several became, they are the hub's; of a
/// ticket that could not be read whole, what could be read is the hub's.
fn keep_birth(entity: &Entity, known: &Record, fresh: Record) -> Record {
    let unread = entity.name == SALE.name && fresh.get(entity, "reason_code").text() == Some("field_invalid");
    let kept = keep(entity, known, fresh, |column| column.class == Class::Immutable && !unread);
    Record { created_at: known.created_at, ..kept }
}

fn keep(entity: &Entity, known: &Record, mut fresh: Record, own: impl Fn(&Column) -> bool) -> Record {
    for (place, _) in entity.columns.iter().enumerate().filter(|(_, column)| own(column)) {
        fresh.values[place] = known.values[place].clone();
    }
    fresh
}

/// Writes what `fresh` overwrites of `known`.
pub fn log(
    connection: &Connection,
    entity: &Entity,
    known: &Record,
    fresh: &Record,
    kind: &str,
    now: i64,
) -> Result<()> {
    if armed(Fault::PullUnlogged) {
        return Ok(());
    }
    let (old, new) = (known.wire_fields(entity), fresh.wire_fields(entity));
    let hlc = Hlc::default().tick(now).to_string();
    let write = |field: &str, old: &Json, new: &Json| {
        Change { entity, uid: known.uid, rev: fresh.rev, field, old, new, user: None, hlc: &hlc, kind }
            .write(connection)
    };
    for column in entity.columns.iter().filter(|column| matches!(column.class, Class::Synced | Class::Immutable)) {
        let name = column.wire_name();
        let (before, after) = (old.get(&name).unwrap_or(&Json::Null), new.get(&name).unwrap_or(&Json::Null));
        if before != after {
            write(&name, before, after)?;
        }
    }
    if known.archived_at != fresh.archived_at {
        write("archivedAt", &known.archived_at.into(), &fresh.archived_at.into())?;
    }
    let (old, new) = (known.wire_parts(entity), fresh.wire_parts(entity));
    for part in entity.parts.iter().filter(|part| part.table != LEDGER) {
        if old.get(part.name) != new.get(part.name) {
            write(part.name, &serde_json::to_value(old.get(part.name))?, &serde_json::to_value(new.get(part.name))?)?;
        }
    }
    Ok(())
}

fn hold(connection: &Connection, row: &WireRow) -> Result<()> {
    let sql = "INSERT INTO held_row (entity, uid, rev, body) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT DO UPDATE SET rev = excluded.rev, body = excluded.body WHERE excluded.rev >= held_row.rev";
    connection.execute(sql, (&row.entity, row.uid.as_bytes(), row.rev, serde_json::to_string(row)?))?;
    Ok(())
}

/// Applies held rows whose operations are settled. Gives what changed, as [`rows`] does.
pub fn release_held(connection: &Connection, now: i64) -> Result<Vec<(&'static str, i64)>> {
    if armed(Fault::HeldForEver) {
        return Ok(Vec::new());
    }
    let held: Vec<String> = {
        let sql = "SELECT body FROM held_row h WHERE NOT EXISTS (SELECT 1 FROM outbox o WHERE o.uid = h.uid AND o.state <> 5 AND o.state <> 4)";
        let mut statement = connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| row.get(0))?;
        rows.collect::<rusqlite::Result<_>>()?
    };
    let mut changed = Vec::new();
    for body in held {
        let row: WireRow = serde_json::from_str(&body)?;
        connection.execute("DELETE FROM held_row WHERE entity = ?1 AND uid = ?2", (&row.entity, row.uid.as_bytes()))?;
        changed.extend(rows(connection, std::slice::from_ref(&row), now)?);
    }
    Ok(changed)
}

//! Documents and all that belongs to them: what they name, transitively, and what names them.

use std::collections::BTreeSet;

use officine_protocol::{
    Uid,
    date::Date,
    entities::{ENTITIES, SUPPLIER_ORDER, entity, in_order},
    params,
    schema::{Entity, Kind},
};
use rusqlite::Connection;

use crate::{
    error::{Error, Result},
    store::rows::{self, read_uid},
    views::IntegrityArgs,
};

const DAY_MS: i64 = 86_400_000;

/// A document, and where it stands among those asked for.
#[derive(Clone, Debug)]
pub struct Document {
    /// When it happened.
    pub at: i64,
    /// Entity.
    pub entity: &'static Entity,
    /// Identity.
    pub uid: Uid,
}

/// The documents asked for, oldest first.
pub fn asked(connection: &Connection, args: &IntegrityArgs) -> Result<Vec<Document>> {
    match (&args.document, &args.from, &args.to) {
        (Some(document), ..) => named(connection, document),
        (None, Some(from), Some(to)) => between(connection, day(from)?, day(to)? + DAY_MS),
        _ => Err(Error::refused("field_invalid", params! { field: "document" })),
    }
}

fn day(text: &str) -> Result<i64> {
    let invalid = || Error::refused("field_invalid", params! { field: text });
    Date::parse(text).map(|date| date.days_from(Date::of_instant(0)) * DAY_MS).ok_or_else(invalid)
}

/// A ticket by its number, an order by its own, or any row as `entity:uid`.
fn named(connection: &Connection, text: &str) -> Result<Vec<Document>> {
    let of = |entity, uid| vec![Document { at: 0, entity, uid }];
    let row = text.split_once(':').and_then(|(name, uid)| entity(name).zip(Uid::try_parse(uid.trim()).ok()));
    if let Some((entity, uid)) = row {
        return Ok(of(entity, uid));
    }
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let number =
        plain.split_once('-').and_then(|(series, number)| series.parse::<i64>().ok().zip(number.parse::<i64>().ok()));
    if let Some(number) = number {
        for ticket in in_order().iter().filter(|entity| entity.numbered()) {
            let sql = format!("SELECT uid FROM \"{}\" WHERE series = ?1 AND number = ?2", ticket.table);
            let mut statement = connection.prepare(&sql)?;
            if let Some(uid) = statement.query_map(number, |row| read_uid(row, 0))?.next() {
                return Ok(of(ticket, uid?));
            }
        }
    }
    let mut statement = connection.prepare("SELECT uid FROM supplier_order WHERE number = ?1")?;
    match statement.query_map([text.trim()], |row| read_uid(row, 0))?.next() {
        Some(uid) => Ok(of(&SUPPLIER_ORDER, uid?)),
        None => Err(Error::refused("document_unknown", params! { document: text })),
    }
}

/// Everything recorded in a span of time: documents, and orders.
fn between(connection: &Connection, from: i64, to: i64) -> Result<Vec<Document>> {
    let mut found = Vec::new();
    for entity in in_order() {
        let instant = match entity.document {
            true => "occurred_at",
            false if entity.name == SUPPLIER_ORDER.name => "ordered_at",
            false => continue,
        };
        let sql = format!("SELECT {instant}, uid FROM \"{}\" WHERE {instant} >= ?1 AND {instant} < ?2", entity.table);
        let mut statement = connection.prepare(&sql)?;
        for row in statement.query_map((from, to), |row| Ok((row.get(0)?, read_uid(row, 1)?)))? {
            let (at, uid) = row?;
            found.push(Document { at, entity, uid });
        }
    }
    found.sort_by_key(|document| (document.at, document.uid));
    Ok(found)
}

/// A document with all its relations, parents first: what it names, transitively, and what names it: returns, decisions and
/// repayments of a ticket, lines and lots of an order.
pub fn related(connection: &Connection, document: &Document) -> Result<Vec<(&'static Entity, Uid)>> {
    let mut all = BTreeSet::from([(document.entity.name, document.uid)]);
    all.extend(naming(connection, document.entity, document.uid)?);
    let mut open: Vec<_> = all.iter().copied().collect();
    while let Some((name, uid)) = open.pop() {
        let Some(entity) = entity(name) else { continue };
        let record = match rows::get(connection, entity, uid) {
            // Whoever looks at the row itself is told so.
            Err(error) if error.is_of_one_row() => continue,
            record => record?,
        };
        let Some((_, record)) = record else { continue };
        open.extend(record.references(entity).filter(|named| all.insert(*named)));
    }
    let place = |name: &str| in_order().iter().position(|entity| entity.name == name);
    let mut sorted: Vec<_> = all.into_iter().filter_map(|(name, uid)| Some((place(name)?, uid))).collect();
    sorted.sort();
    Ok(sorted.into_iter().filter_map(|(place, uid)| Some((*in_order().get(place)?, uid))).collect())
}

/// The rows whose own columns name a row.
fn naming(connection: &Connection, target: &Entity, uid: Uid) -> Result<Vec<(&'static str, Uid)>> {
    let mut found = Vec::new();
    let Some(id) = rows::id_of(connection, target, uid)? else { return Ok(found) };
    for owner in ENTITIES {
        for column in owner.columns.iter().filter(|column| column.kind == Kind::Ref(target.name)) {
            let sql = format!("SELECT uid FROM \"{}\" WHERE \"{}\" = ?1", owner.table, column.sql_name());
            let mut statement = connection.prepare_cached(&sql)?;
            for uid in statement.query_map([id], |row| read_uid(row, 0))? {
                found.push((owner.name, uid?));
            }
        }
    }
    Ok(found)
}

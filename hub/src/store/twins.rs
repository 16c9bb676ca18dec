//! Rows that are one by their natural key, or perhaps one, by statements derived from the declaration; and what has to be
//! known to join them.

use officine_protocol::{
    Uid,
    messages::Finding,
    natural::Place,
    schema::{Entity, Kind, Twin},
    sql::Dialect,
};

use super::{load::begin, session::Session};
use crate::{
    StoreError,
    decide::{Needs, WorkingSet, check as decide, join},
};

/// Joins those that are one, and has a person asked about those that may be. The working set stands for the lock.
pub(super) async fn settled(
    session: &mut dyn Session,
    working: &mut WorkingSet,
    entities: &[&'static Entity],
    (room, now, commit): (usize, i64, Uid),
) -> Result<Vec<Finding>, StoreError> {
    let (pharmacy, mut alike) = (working.pharmacy.id, Vec::<(&'static Entity, Uid, Vec<Uid>)>::new());
    for entity in entities.iter().copied() {
        let Some(sql) = found(session.dialect(), entity) else { continue };
        let room = room.saturating_sub(alike.len());
        for row in session.query(&format!("{sql} LIMIT {room}"), &[pharmacy.into()]).await? {
            let (older, younger) = (row.uid(0)?, row.uid(1)?);
            match alike.last_mut().filter(|(known, uid, _)| known.name == entity.name && *uid == younger) {
                Some((.., others)) => others.push(older),
                None => alike.push((entity, younger, vec![older])),
            }
        }
    }
    if alike.is_empty() {
        return Ok(Vec::new());
    }
    let mut needs = Needs::default();
    for (entity, younger, older) in &alike {
        join::needed(&mut needs, entity, older);
        join::needed(&mut needs, entity, &[*younger]);
    }
    let device = working.device.clone();
    *working = begin(session, &[], &[device], &needs).await?.0;
    let settle =
        |(entity, younger, older): (_, Uid, Vec<Uid>)| decide::twins(working, entity, (younger, &older), (now, commit));
    Ok(alike.into_iter().filter_map(settle).collect())
}

/// The uid of a row as its text would be without dashes.
fn plain(dialect: Dialect, alias: &str) -> String {
    match dialect {
        Dialect::Sqlite => format!("lower(hex({alias}.uid))"),
        Dialect::Postgres => format!("encode({alias}.uid, 'hex')"),
    }
}

/// What finds two rows that are, or may be, one by their natural key, the older first: but for those about which a person
/// was asked, whatever they said.
fn found(dialect: Dialect, entity: &Entity) -> Option<String> {
    entity.natural.filter(|natural| natural.twin != Twin::Never)?;
    let (one, table) = (dialect.parameter(1), entity.table);
    let from = listed(entity, &one).or_else(|| own(entity, &one))?;
    let about = |row: &str, other: &str| {
        format!(
            "(replace(c.\"row\", '-', '') = {} AND replace(c.fields, '-', '') LIKE '%' || {} || '%')",
            plain(dialect, row),
            plain(dialect, other)
        )
    };
    let name = entity.name;
    Some(format!(
        "SELECT DISTINCT a.uid, b.uid, b.id, a.id FROM \"{table}\" a JOIN \"{table}\" b ON b.pharmacy_id = a.pharmacy_id AND b.id > a.id \
         {from} WHERE a.pharmacy_id = {one} AND a.archived_at IS NULL AND b.archived_at IS NULL AND NOT EXISTS \
         (SELECT 1 FROM conflict c WHERE c.pharmacy_id = {one} AND c.entity = '{name}' AND c.kind = 'twin' AND ({} OR {})) \
         ORDER BY b.id, a.id",
        about("a", "b"),
        about("b", "a")
    ))
}

/// They share what is listed in a part.
fn listed(entity: &Entity, pharmacy: &str) -> Option<String> {
    let (part, column) = entity.key_places().find_map(|place| match place {
        Place::Listed { part, column } => Some((part, column)),
        Place::Own(_) => None,
    })?;
    let part = entity.parts.get(part)?;
    let (name, table, owner) = (part.columns.get(column)?.sql_name(), part.table, part.owner);
    let shared = among(pharmacy, (table, owner), &format!("\"{name}\""), &format!("\"{name}\" <> ''"));
    Some(format!(
        "JOIN \"{table}\" p ON a.id IN {shared} AND b.id IN {shared} AND p.pharmacy_id = a.pharmacy_id AND p.\"{owner}\" = a.id AND p.\"{name}\" <> '' \
         JOIN \"{table}\" q ON q.pharmacy_id = p.pharmacy_id AND q.\"{name}\" = p.\"{name}\" AND q.\"{owner}\" = b.id"
    ))
}

/// What rows of a table name that have another of the same key, found in one pass: without that, a database that knows
/// nothing of its figures compares every row with every other.
fn among(pharmacy: &str, (table, named): (&str, &str), key: &str, which: &str) -> String {
    format!(
        "(SELECT w.named FROM (SELECT \"{named}\" AS named, count(*) OVER (PARTITION BY {key}) AS rows FROM \"{table}\" \
         WHERE pharmacy_id = {pharmacy} AND {which}) w WHERE w.rows > 1)"
    )
}

/// They are alike in every column of their key, and say something in the first.
fn own(entity: &Entity, pharmacy: &str) -> Option<String> {
    let (mut from, mut key) = (String::new(), Vec::new());
    for (at, place) in entity.key_places().enumerate() {
        let Place::Own(place) = place else { return None };
        let column = entity.columns.get(place)?;
        let name = column.sql_name();
        key.push(format!("\"{name}\""));
        from += &match (at, column.kind) {
            (0, Kind::Text(_)) => format!(" AND a.\"{name}\" = b.\"{name}\" AND a.\"{name}\" <> ''"),
            (0, _) => format!(" AND a.\"{name}\" = b.\"{name}\""),
            _ => format!(" AND (a.\"{name}\" = b.\"{name}\" OR (a.\"{name}\" IS NULL AND b.\"{name}\" IS NULL))"),
        };
        // What names nothing says nothing of whether two rows are one.
        if let Some(target) = column.target() {
            from += &format!(
                " AND (a.\"{name}\" IS NULL OR EXISTS (SELECT 1 FROM \"{}\" t WHERE t.pharmacy_id = {pharmacy} AND t.id = a.\"{name}\"))",
                target.table
            );
        }
    }
    let alike = among(pharmacy, (entity.table, "id"), &key.join(", "), "archived_at IS NULL");
    (!from.is_empty()).then(|| format!("{from} AND a.id IN {alike} AND b.id IN {alike}"))
}

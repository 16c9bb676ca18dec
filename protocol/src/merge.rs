//! Two edits of one row put together: what each changed against what its editor had seen, by column and by cell of a
//! part. Rows of a part are matched by their identity, not by where they stand. Pure; who wins where both wrote is asked.

mod path;

pub use path::{Path, key_of, replaced};

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    check,
    schema::{Entity, Part},
    value::{FieldError, Value},
};

/// The rows of a part.
pub type Rows = Vec<Vec<Value>>;

/// Whose value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The editor's.
    Sent,
    /// The hub's stays.
    Hub,
}

type Named<'a> = BTreeMap<String, &'a Vec<Value>>;

/// Rows by the text of their identity; one that occurs again has its number behind it.
fn named<'a>(part: &Part, rows: &'a Rows) -> Named<'a> {
    let mut named = Named::new();
    for row in rows {
        let key = path::key_of(part, row);
        let free = (2..).map(|n| format!("{key}~+{n}")).find(|again| !named.contains_key(again));
        let key = if named.contains_key(&key) { free.unwrap_or(key) } else { key };
        named.insert(key, row);
    }
    named
}

/// The places of cells that say something: where a row stands does not.
fn cells(part: &Part) -> impl Iterator<Item = usize> {
    let place_only = part.identity != part.key;
    let told = move |(_, column): &(usize, &crate::schema::Column)| !(place_only && part.key.contains(&column.name));
    part.columns.iter().enumerate().filter(told).map(|(place, _)| place)
}

fn alike(part: &Part, one: &[Value], other: &[Value]) -> bool {
    cells(part).all(|place| one.get(place) == other.get(place))
}

/// What differs between two versions of a part: cells of rows that are in both, and whole rows that are in one.
pub fn changed(entity: &Entity, place: usize, before: &Rows, after: &Rows) -> BTreeSet<Path> {
    let Some(part) = entity.parts.get(place) else { return BTreeSet::new() };
    let (before, after) = (named(part, before), named(part, after));
    let mut paths = BTreeSet::new();
    for key in before.keys().chain(after.keys()) {
        match (before.get(key), after.get(key)) {
            (Some(old), Some(new)) => {
                let differ = cells(part).filter(|column| old.get(*column) != new.get(*column));
                paths.extend(differ.map(|column| Path::Cell { part: place, key: key.clone(), column }));
            }
            _ => _ = paths.insert(Path::Row { part: place, key: key.clone() }),
        }
    }
    paths
}

/// The hub's rows with what the editor changed since `base`. Asked, for each place at which the hub holds something else
/// than was sent, is whose value is written: at a cell, or for a whole row where one side made or took it away. Refused
/// are rows without number.
pub fn part(
    entity: &Entity,
    place: usize,
    [base, sent, hub]: [&Rows; 3],
    mut whose: impl FnMut(&Path) -> Side,
) -> Result<Rows, FieldError> {
    let Some(part) = entity.parts.get(place) else { return Ok(hub.clone()) };
    let (sent_rows, mut rows) = (named(part, sent), owned(named(part, hub)));
    let order: Vec<String> = ordered(part, hub);
    let mut asked: BTreeSet<String> = BTreeSet::new();
    for path in changed(entity, place, base, sent) {
        match (&path, sent_rows.get(path.key())) {
            (Path::Cell { key, column, .. }, Some(row)) if rows.contains_key(key) => {
                let (Some(new), Some(old)) = (row.get(*column), rows.get_mut(key).and_then(|row| row.get_mut(*column)))
                else {
                    continue;
                };
                if new != old && whose(&path) == Side::Sent {
                    old.clone_from(new);
                }
            }
            (_, row) if asked.insert(path.key().to_owned()) => {
                let whole = Path::Row { part: place, key: path.key().to_owned() };
                let same = match (row, rows.get(path.key())) {
                    (Some(row), Some(there)) => alike(part, row, there),
                    (one, other) => one.is_none() && other.is_none(),
                };
                if !same && whose(&whole) == Side::Sent {
                    take(&mut rows, path.key(), row.copied());
                }
            }
            _ => {}
        }
    }
    let merged = placed(part, rows, &order, &ordered(part, sent))?;
    check::keys(part, &merged).map(|()| merged)
}

fn owned(rows: Named<'_>) -> BTreeMap<String, Vec<Value>> {
    rows.into_iter().map(|(key, row)| (key, row.clone())).collect()
}

/// Identities in the order of the rows.
fn ordered(part: &Part, rows: &Rows) -> Vec<String> {
    let named = named(part, rows);
    let key = |row: &Vec<Value>| named.iter().find(|(_, known)| std::ptr::eq(**known, row)).map(|(key, _)| key.clone());
    rows.iter().filter_map(key).collect()
}

/// A row that is written over keeps its place.
fn take(rows: &mut BTreeMap<String, Vec<Value>>, key: &str, row: Option<&Vec<Value>>) {
    match row {
        Some(row) => _ = rows.insert(key.to_owned(), row.clone()),
        None => _ = rows.remove(key),
    }
}

/// The rows in order, the hub's first; one whose place is taken stands at the next that is free.
fn placed(
    part: &Part,
    mut rows: BTreeMap<String, Vec<Value>>,
    hub: &[String],
    sent: &[String],
) -> Result<Rows, FieldError> {
    let mut merged = Rows::new();
    for key in hub.iter().chain(sent) {
        let Some(mut row) = rows.remove(key) else { continue };
        let standing = part.identity != part.key;
        if let Some(column) = part.key.first().and_then(|name| part.column(name)).filter(|_| standing) {
            let taken = |place: &Value| merged.iter().any(|other: &Vec<Value>| other.get(column) == Some(place));
            let own = row.get(column).cloned().filter(|place| !taken(place));
            let free = || (0..part.max_rows as i64).map(Value::Int).find(|place| !taken(place));
            if let (Some(slot), Some(place)) = (row.get_mut(column), own.or_else(free)) {
                *slot = place;
            }
        }
        merged.push(row);
    }
    if merged.len() > part.max_rows {
        return Err(FieldError { field: part.name.to_owned(), why: "too many rows" });
    }
    merged.sort_by(|one, other| key_values(part, one).cmp(&key_values(part, other)));
    Ok(merged)
}

fn key_values<'a>(part: &Part, row: &'a [Value]) -> Vec<Option<&'a Value>> {
    part.key.iter().map(|name| part.column(name).and_then(|place| row.get(place))).collect()
}

#[cfg(test)]
mod tests;

//! The rows of a range as they are read: the columns that are hashed, references resolved by the database.

use std::{collections::HashMap, sync::LazyLock};

use super::Hashed;
use crate::{
    Uid, digest,
    entities::ENTITIES,
    record::Record,
    schema::{Column, Entity, Kind, Part},
    sql::{Place, quoted, read},
    value::Value,
};

/// The columns that are hashed, and their places.
pub fn told(columns: &'static [Column]) -> impl Iterator<Item = (usize, &'static Column)> {
    columns.iter().enumerate().filter(|(_, column)| digest::counts(column))
}

fn cell(column: &Column, place: Place) -> String {
    match (column.kind, place) {
        (Kind::Ref(_), Place::Till) => {
            let stored = format!("t.{}", quoted(&column.sql_name()));
            format!("coalesce({}, CASE WHEN {stored} IS NOT NULL THEN 0 END)", read(column, "t", place))
        }
        _ => read(column, "t", place),
    }
}

/// `SELECT` of what a digest tells of rows: `id`, `uid`, `server_id`, `rev`, `created_at`, `archived_at`, then [`told`], from
/// the table as `t`. A reference that names no row reads as 0, or as no bytes.
pub fn select(entity: &'static Entity, place: Place) -> String {
    let server_id = if place == Place::Till { "t.server_id" } else { "t.id" };
    let standard = ["t.id", "t.uid", server_id, "t.rev", "t.created_at", "t.archived_at"].map(str::to_owned);
    let cells: Vec<_> =
        standard.into_iter().chain(told(entity.columns).map(|(_, column)| cell(column, place))).collect();
    format!("SELECT {} FROM {} t", cells.join(", "), quoted(entity.table))
}

/// The same of a part: the owner, then [`told`].
pub fn select_part(part: &'static Part, place: Place) -> String {
    let owner = format!("t.{}", quoted(part.owner));
    let cells: Vec<_> =
        std::iter::once(owner).chain(told(part.columns).map(|(_, column)| cell(column, place))).collect();
    format!("SELECT {} FROM {} t", cells.join(", "), quoted(part.table))
}

/// Rows of a range as they are read, by key.
#[derive(Debug)]
pub struct Rows {
    entity: &'static Entity,
    place: Place,
    rows: Vec<(i64, Record)>,
    whole: bool,
}

impl Rows {
    /// None yet.
    pub fn new(entity: &'static Entity, place: Place) -> Self {
        Self { entity, place, rows: Vec::new(), whole: true }
    }

    /// Takes a row of [`select`], in the order of keys.
    pub fn row(&mut self, cells: Vec<Value>) {
        let mut cells = cells.into_iter();
        let mut next = || cells.next().unwrap_or_default();
        let (id, uid, server_id) = (next().int().unwrap_or_default(), uid(&next()), next().int());
        let (rev, born, archived_at) = (next().int(), next().int(), next().int());
        let mut record = Record::new(self.entity, uid.unwrap_or_default(), born.unwrap_or_default());
        (record.server_id, record.rev, record.archived_at) = (server_id, rev.unwrap_or_default(), archived_at);
        self.fill(self.entity.columns, &mut record.values, cells);
        self.rows.push((id, record));
    }

    /// Takes a row of [`select_part`] of the part at that place.
    pub fn part(&mut self, number: usize, cells: Vec<Value>) {
        let mut cells = cells.into_iter();
        let owner = cells.next().and_then(|owner| owner.int()).unwrap_or_default();
        let (Some(part), Ok(place)) =
            (self.entity.parts.get(number), self.rows.binary_search_by_key(&owner, |(id, _)| *id))
        else {
            return;
        };
        let mut values = vec![Value::Null; part.columns.len()];
        self.fill(part.columns, &mut values, cells);
        self.rows[place].1.parts[number].push(values);
    }

    fn fill(&mut self, columns: &'static [Column], values: &mut [Value], cells: impl Iterator<Item = Value>) {
        for ((place, column), mut value) in told(columns).zip(cells) {
            if matches!(column.kind, Kind::Ref(_)) && !value.is_null() {
                let named = uid(&value).filter(|uid| !uid.is_nil());
                self.whole &= named.is_some();
                let nobody = if self.place == Place::Till { Value::Null } else { Value::Uid(Uid::nil()) };
                value = named.map_or(nobody, Value::Uid);
            }
            values[place] = value;
        }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The last key.
    pub fn last(&self) -> Option<i64> {
        self.rows.last().map(|(id, _)| *id)
    }

    /// Whether every reference led to a row. What does not may do so later, without a word: it is not kept.
    pub fn whole(&self) -> bool {
        self.whole
    }

    /// The rows.
    pub fn records(self) -> Vec<(i64, Record)> {
        self.rows
    }

    /// Hashes those that the hub has named: a book tells of no others.
    pub fn hashed(&self, schema: u32) -> Vec<Hashed> {
        let named = self.rows.iter().filter(|(_, record)| record.server_id.is_some());
        named.map(|(id, record)| Hashed::of(self.entity, *id, record, schema)).collect()
    }
}

fn uid(value: &Value) -> Option<Uid> {
    match value {
        Value::Uid(uid) => Some(*uid),
        Value::Bytes(bytes) => Uid::from_slice(bytes).ok(),
        _ => None,
    }
}

/// The statements of an entity, and of each of its parts.
#[derive(Debug)]
pub struct Texts {
    /// [`select`].
    pub rows: String,
    /// [`select_part`].
    pub parts: Vec<String>,
}

/// They are derived once.
pub fn texts(entity: &'static Entity, place: Place) -> &'static Texts {
    type All = HashMap<&'static str, Texts>;
    static EMPTY: Texts = Texts { rows: String::new(), parts: Vec::new() };
    static TEXTS: LazyLock<[All; 2]> = LazyLock::new(|| [Place::Till, Place::Hub].map(all));
    fn all(place: Place) -> All {
        let parts = |entity: &'static Entity| entity.parts.iter().map(|part| select_part(part, place)).collect();
        let of = |entity| Texts { rows: select(entity, place), parts: parts(entity) };
        ENTITIES.iter().map(|entity| (entity.name, of(entity))).collect()
    }
    TEXTS[usize::from(place == Place::Hub)].get(entity.name).unwrap_or(&EMPTY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{entities::SALE, limits::SCHEMA};

    #[test]
    fn a_row_read_for_a_digest_hashes_as_the_row_itself() {
        let mut sale = Record::new(&SALE, Uid::from_u128(9), 4);
        sale.server_id = Some(3);
        sale.set(&SALE, "user", Uid::from_u128(2)).set(&SALE, "total", 700);
        let mut rows = Rows::new(&SALE, Place::Hub);
        let mut cells: Vec<Value> =
            vec![3.into(), Value::Bytes(vec![0; 15]), 3.into(), 0.into(), 4.into(), Value::Null];
        cells[1] = Value::Bytes(sale.uid.as_bytes().to_vec());
        cells.extend(told(SALE.columns).map(|(place, _)| match &sale.values[place] {
            Value::Uid(uid) => Value::Bytes(uid.as_bytes().to_vec()),
            value => value.clone(),
        }));
        rows.row(cells);
        assert_eq!(rows.hashed(SCHEMA), [Hashed::of(&SALE, 3, &sale, SCHEMA)]);
        assert!(rows.whole());
    }
}

//! What was hashed of a table, kept by ranges of its keys: a range is kept for as long as nothing that it was made from is
//! written, by whatever program. [`triggers`] forget it in the transaction of the write. Beyond the last full range, where
//! new rows come, nothing is kept, so that recording one costs a look into an index.

pub mod triggers;

use std::sync::{
    LazyLock,
    atomic::{AtomicU32, Ordering},
};

use crate::{
    Uid, digest,
    messages::Digest,
    record::Record,
    schema::{Column, Entity, Kind, Part},
    sql::{Place, quoted, read},
    value::Value,
};

/// Rows of a range as it is made.
pub const ROWS: usize = 512;

/// Keys above the first and up to the second.
pub type Span = (i64, i64);

/// A row as its book hashes it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hashed {
    /// Its key in that table.
    pub id: i64,
    /// What places it among buckets.
    pub tail: u32,
    /// Its hash.
    pub sum: u128,
    /// The hash of its names.
    pub name: u128,
}

/// Bytes of one that is packed.
const PACKED: usize = 8 + 4 + 16 + 16;

impl Hashed {
    /// Hashes a row.
    pub fn of(entity: &Entity, id: i64, record: &Record, schema: u32) -> Self {
        let (sum, name) = (digest::hash(entity, record, schema), digest::name(record));
        Self { id, tail: digest::tail(record.uid), sum, name }
    }

    /// Counts it.
    pub fn count_in(&self, digest: &mut Digest) {
        digest.count += 1;
        digest.sum = digest.sum.wrapping_add(self.sum);
        digest.names = digest.names.wrapping_add(self.name);
    }

    /// The bucket it is in, among so many.
    pub fn bucket(&self, buckets: u32) -> u32 {
        self.tail % buckets.max(1)
    }

    fn unpacked(bytes: &[u8]) -> Option<Self> {
        let (id, rest) = bytes.split_first_chunk()?;
        let (tail, rest) = rest.split_first_chunk()?;
        let (sum, name) = rest.split_first_chunk()?;
        let (sum, name) = (u128::from_be_bytes(*sum), u128::from_be_bytes(name.try_into().ok()?));
        Some(Self { id: i64::from_be_bytes(*id), tail: u32::from_be_bytes(*tail), sum, name })
    }
}

/// The rows of a range in bytes.
pub fn pack(rows: &[Hashed]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(rows.len() * PACKED);
    for row in rows {
        bytes.extend_from_slice(&row.id.to_be_bytes());
        bytes.extend_from_slice(&row.tail.to_be_bytes());
        bytes.extend_from_slice(&row.sum.to_be_bytes());
        bytes.extend_from_slice(&row.name.to_be_bytes());
    }
    bytes
}

/// Reads them.
pub fn unpack(bytes: &[u8]) -> impl Iterator<Item = Hashed> {
    bytes.chunks_exact(PACKED).filter_map(Hashed::unpacked)
}

/// A range that is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Kept {
    /// Its keys.
    pub span: Span,
    /// Rows that were there, told or not.
    pub rows: i64,
}

/// Of ranges in the order of their ends, those that do not overlap, and what lies between them and beyond the last.
pub fn plan(kept: impl IntoIterator<Item = Kept>) -> (Vec<Kept>, Vec<Span>) {
    let (mut apart, mut gaps, mut end): (Vec<Kept>, _, _) = (Vec::new(), Vec::new(), i64::MIN);
    for range in kept.into_iter().filter(|range| range.span.0 < range.span.1) {
        if range.span.0 < end {
            continue;
        }
        if range.span.0 > end {
            gaps.push((end, range.span.0));
        }
        end = range.span.1;
        apart.push(range);
    }
    gaps.push((end, i64::MAX));
    (apart, gaps)
}

/// What nobody else marks the ranges with that he reads.
pub fn ticket(now: i64) -> [u8; 16] {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let mine = u64::from(std::process::id()) << 32 | u64::from(NEXT.fetch_add(1, Ordering::Relaxed));
    (u128::from(now.cast_unsigned()) << 64 | u128::from(mine)).to_be_bytes()
}

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
    type All = std::collections::HashMap<&'static str, Texts>;
    static EMPTY: Texts = Texts { rows: String::new(), parts: Vec::new() };
    static TEXTS: LazyLock<[All; 2]> = LazyLock::new(|| [Place::Till, Place::Hub].map(all));
    fn all(place: Place) -> All {
        let parts = |entity: &'static Entity| entity.parts.iter().map(|part| select_part(part, place)).collect();
        let of = |entity| Texts { rows: select(entity, place), parts: parts(entity) };
        crate::entities::ENTITIES.iter().map(|entity| (entity.name, of(entity))).collect()
    }
    TEXTS[usize::from(place == Place::Hub)].get(entity.name).unwrap_or(&EMPTY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{entities::SALE, limits::SCHEMA};

    fn kept(after: i64, up_to: i64) -> Kept {
        Kept { span: (after, up_to), rows: up_to - after }
    }

    #[test]
    fn what_is_not_kept_lies_between_and_beyond() {
        assert_eq!(plan([]), (vec![], vec![(i64::MIN, i64::MAX)]));
        let (apart, gaps) = plan([kept(0, 5), kept(3, 7), kept(9, 12), kept(12, 20)]);
        assert_eq!(apart, [kept(0, 5), kept(9, 12), kept(12, 20)], "of two that overlap the first");
        assert_eq!(gaps, [(i64::MIN, 0), (5, 9), (20, i64::MAX)]);
    }

    #[test]
    fn a_range_comes_back_as_it_was_packed() {
        let rows = [1, -7].map(|id| Hashed { id, tail: 9, sum: u128::MAX - 3, name: 5 });
        assert_eq!(unpack(&pack(&rows)).collect::<Vec<_>>(), rows);
    }

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

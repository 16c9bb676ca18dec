//! Digests: how many rows an entity has and the sum of their hashes, so that two books are compared by a few bytes. A sum
//! does not mind the order, and is narrowed by buckets of uids. The encoding is derived from the declaration and versioned.

use sha2::{Digest as _, Sha256};

use crate::{
    Uid,
    messages::Digest,
    record::{Record, left_out},
    schema::{Column, Entity},
    value::Value,
};

/// The encoding.
pub const VERSION: u32 = 1;
/// The most buckets an entity is told in.
pub const BUCKETS: u32 = 4_096;

/// What places a row among buckets: the last 32 bits of its uid.
pub fn tail(uid: Uid) -> u32 {
    let [.., a, b, c, d] = *uid.as_bytes();
    u32::from_be_bytes([a, b, c, d])
}

/// The bucket of a row among so many, one at least.
pub fn bucket(uid: Uid, buckets: u32) -> usize {
    (tail(uid) % buckets.max(1)) as usize
}

/// Whether a column is one of those that are hashed.
pub fn counts(column: &Column) -> bool {
    column.travels() && !column.secret
}

/// An entity without rows, in so many buckets.
pub fn empty(buckets: u32) -> Vec<Digest> {
    vec![Digest::default(); buckets.max(1) as usize]
}

/// Counts a row in its bucket, as a book of that schema knows it.
pub fn add(digests: &mut [Digest], entity: &Entity, record: &Record, schema: u32) {
    let place = bucket(record.uid, u32::try_from(digests.len()).unwrap_or(u32::MAX));
    if let Some(digest) = digests.get_mut(place) {
        count(digest, entity, record, schema);
    }
}

/// Counts a row, as a book of that schema knows it.
pub fn count(digest: &mut Digest, entity: &Entity, record: &Record, schema: u32) {
    digest.count += 1;
    digest.sum = digest.sum.wrapping_add(hash(entity, record, schema));
    digest.names = digest.names.wrapping_add(name(record));
}

/// Whether a row is among those of bucket `within.1` of `within.0`.
pub fn lies_in(uid: Uid, within: (u32, u32)) -> bool {
    bucket(uid, within.0) == within.1 as usize
}

/// The first 16 bytes of the SHA-256 of a row's uid and the hub's name for it (0 where it has none, 8 bytes big-endian).
pub fn name(record: &Record) -> u128 {
    let mut told = record.uid.as_bytes().to_vec();
    told.extend_from_slice(&record.server_id.unwrap_or(0).to_be_bytes());
    short(&told)
}

/// The first 16 bytes, big-endian, of the SHA-256 of a row. References are those of its record: winners' uids.
pub fn hash(entity: &Entity, record: &Record, schema: u32) -> u128 {
    short(&encode(entity, record, schema))
}

fn short(told: &[u8]) -> u128 {
    let whole: [u8; 32] = Sha256::digest(told).into();
    whole.iter().take(16).fold(0, |sum, byte| sum << 8 | u128::from(*byte))
}

/// A row in bytes. Every integer is 8 bytes big-endian, every text its length as an integer, then its UTF-8 bytes.
///
/// Version 1: version, entity, uid, revision, birth, archival, then its cells, then its parts: name, number of rows, the
/// rows in the order of their bytes, each its length, then its cells. Cells: how many, then each its column's name and its
/// value. A value: 0 absent; 1 integer; 2 text; 3 bytes, their length before them; 4 uid. Left out: what does not travel,
/// secrets, absent values, parts without rows, what came after that schema, and later columns that say nothing.
pub fn encode(entity: &Entity, record: &Record, schema: u32) -> Vec<u8> {
    let mut sink = Sink(Vec::with_capacity(512));
    sink.int(VERSION.into());
    sink.text(entity.name);
    sink.0.extend_from_slice(record.uid.as_bytes());
    [record.rev, record.created_at].into_iter().for_each(|number| sink.int(number));
    sink.value(&record.archived_at.into());
    sink.cells(entity.columns, &record.values, schema);
    let parts = entity.parts.iter().zip(&record.parts);
    for (part, rows) in parts.filter(|(part, rows)| part.since <= schema && !rows.is_empty()) {
        sink.text(part.name);
        sink.int(rows.len() as i64);
        let row = |row: &Vec<Value>| {
            let mut cells = Sink(Vec::with_capacity(128));
            cells.cells(part.columns, row, schema);
            cells.0
        };
        let mut rows: Vec<Vec<u8>> = rows.iter().map(row).collect();
        rows.sort_unstable();
        rows.iter().for_each(|row| sink.bytes(row));
    }
    sink.0
}

struct Sink(Vec<u8>);

impl Sink {
    fn int(&mut self, number: i64) {
        self.0.extend_from_slice(&number.to_be_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.int(bytes.len() as i64);
        self.0.extend_from_slice(bytes);
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.0.push(0),
            Value::Int(number) => {
                self.0.push(1);
                self.int(*number);
            }
            Value::Text(text) => {
                self.0.push(2);
                self.text(text);
            }
            Value::Bytes(bytes) => {
                self.0.push(3);
                self.bytes(bytes);
            }
            Value::Uid(uid) => {
                self.0.push(4);
                self.0.extend_from_slice(uid.as_bytes());
            }
        }
    }

    fn cells(&mut self, columns: &[Column], values: &[Value], schema: u32) {
        let told = |(column, value): &(&Column, &Value)| {
            counts(column) && column.since <= schema && !value.is_null() && !left_out(column, value)
        };
        let cells: Vec<_> = columns.iter().zip(values).filter(told).collect();
        self.int(cells.len() as i64);
        for (column, value) in cells {
            self.text(column.name);
            self.value(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        entities::{PRODUCT_BATCH, SALE, USER},
        limits::SCHEMA,
        value::hex,
    };

    fn lot() -> Record {
        let mut lot = Record::new(&PRODUCT_BATCH, Uid::from_u128(1), 1_700_000_000_000);
        lot.rev = 7;
        lot.set(&PRODUCT_BATCH, "product", Uid::from_u128(2))
            .set(&PRODUCT_BATCH, "lot_number", "É1")
            .set(&PRODUCT_BATCH, "expiry", 20_280_331)
            .set(&PRODUCT_BATCH, "pack_size", 16)
            .set(&PRODUCT_BATCH, "received_at", 5);
        lot
    }

    fn of(lot: &Record) -> u128 {
        hash(&PRODUCT_BATCH, lot, SCHEMA)
    }

    /// Held to these bytes for as long as the version stays.
    #[test]
    fn the_encoding_is_the_one_of_its_version() {
        let bytes = encode(&PRODUCT_BATCH, &lot(), SCHEMA);
        insta::assert_snapshot!(hex(&bytes), @"0000000000000001000000000000000c70726f6475637442617463680000000000000000000000000000000100000000000000070000018bcfe56800000000000000000006000000000000000770726f647563740400000000000000000000000000000002000000000000000a6c6f745f6e756d626572020000000000000003c38931000000000000000665787069727901000000000135740b00000000000000097061636b5f73697a65010000000000000010000000000000000b72656365697665645f6174010000000000000005000000000000000c7265636f756e745f6f70656e010000000000000000");
        insta::assert_snapshot!(format!("{:032x}", of(&lot())), @"03757cb1177d5fe8ba6193fbb26a3f16");
    }

    #[test]
    fn what_the_hub_does_not_hold_changes_nothing() {
        let plain = of(&lot());
        let mut derived = lot();
        derived.set(&PRODUCT_BATCH, "quantity", 12);
        derived.server_id = Some(9);
        assert_eq!(of(&derived), plain);
        let mut user = Record::new(&USER, Uid::from_u128(1), 0);
        let before = hash(&USER, &user, SCHEMA);
        user.set(&USER, "pin_hash", "secret").set(&USER, "failed_pins", 3);
        assert_eq!(hash(&USER, &user, SCHEMA), before, "neither secrets nor what stays on the till");
        user.set(&USER, "role", "owner");
        assert_ne!(hash(&USER, &user, SCHEMA), before);
    }

    #[test]
    fn every_fact_of_a_row_counts() {
        type Change = fn(&mut Record);
        let changes: [Change; 6] = [
            |lot| lot.uid = Uid::from_u128(3),
            |lot| lot.rev = 8,
            |lot| lot.created_at += 1,
            |lot| lot.archived_at = Some(9),
            |lot| _ = lot.set(&PRODUCT_BATCH, "product", Uid::from_u128(4)),
            |lot| _ = lot.set(&PRODUCT_BATCH, "expiry", Value::Null),
        ];
        let mut hashes: Vec<_> = changes.iter().map(|change| of(&changed(*change))).collect();
        hashes.push(of(&lot()));
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), 7);
    }

    fn changed(change: fn(&mut Record)) -> Record {
        let mut lot = lot();
        change(&mut lot);
        lot
    }

    #[test]
    fn an_older_book_agrees_on_what_it_knows() {
        let mut quarantined = lot();
        quarantined.set(&PRODUCT_BATCH, "quarantine", true);
        assert_ne!(of(&quarantined), of(&lot()));
        assert_eq!(hash(&PRODUCT_BATCH, &quarantined, 1), of(&lot()));
    }

    #[test]
    fn rows_of_a_part_come_in_any_order_and_rows_of_an_entity_too() {
        let line = |line: i64| {
            let mut values: Vec<_> = SALE.parts[0].columns.iter().map(Column::empty).collect();
            values[0] = line.into();
            values
        };
        let sale = |uid, lines: [i64; 2]| {
            let mut sale = Record::new(&SALE, Uid::from_u128(uid), 0);
            sale.parts[0] = lines.map(line).to_vec();
            sale
        };
        let rows = [sale(1, [1, 2]), sale(2, [1, 2])];
        let turned = [sale(2, [2, 1]), sale(1, [2, 1])];
        let told = |rows: &[Record], buckets| {
            let mut digests = empty(buckets);
            rows.iter().for_each(|row| add(&mut digests, &SALE, row, SCHEMA));
            digests
        };
        assert_eq!(told(&rows, 1), told(&turned, 1));
        assert_ne!(told(&rows, 1), told(&rows[..1], 1));
        let narrow = told(&rows, 16);
        assert_eq!(narrow.iter().map(|digest| digest.count).collect::<Vec<_>>()[..4], [0, 1, 1, 0]);
        let sum = narrow.iter().fold(0_u128, |sum, digest| sum.wrapping_add(digest.sum));
        assert_eq!(sum, told(&rows, 1)[0].sum);
    }
}

//! What was hashed of a table, kept by ranges of its keys: a range is kept for as long as nothing that it was made from is
//! written, by whatever program. [`triggers`] forget it in the transaction of the write. Beyond the last full range, where
//! new rows come, nothing is kept, so that recording one costs a look into an index.

mod rows;
pub mod triggers;

use std::sync::atomic::{AtomicU32, Ordering};

pub use self::rows::{Rows, Texts, select, select_part, texts, told};
use crate::{digest, messages::Digest, record::Record, schema::Entity};

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

/// What nobody else marks the ranges with that he reads: of a process, at an instant.
pub fn ticket(process: u32, now: i64) -> [u8; 16] {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let mine = u64::from(process) << 32 | u64::from(NEXT.fetch_add(1, Ordering::Relaxed));
    (u128::from(now.cast_unsigned()) << 64 | u128::from(mine)).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

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
}

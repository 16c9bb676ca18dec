//! From two books that differ to the rows in which they do. No store, no socket: digests go in, what to do comes out.

use std::collections::{BTreeMap, BTreeSet};

use officine_protocol::{
    Uid,
    digest::{self, BUCKETS, empty},
    messages::{Digest, RowDigest},
    record::Record,
    schema::{Column, Entity, Kind, Part},
    ticket,
    value::Value,
};

use super::history::Left;

/// The first narrowing, and the second within it.
pub const COARSE: u32 = 64;
/// The second.
pub const FINE: u32 = BUCKETS;
/// Where more than so many of the first differ, the second is asked for as a whole.
pub const MANY: usize = 16;

/// How a row here is beside the hub's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Difference {
    /// Alike, under another name: the hub's.
    Name(i64),
    /// Not alike; the hub's is as new or newer.
    Theirs,
    /// Not alike; this one is newer, or of a history that the hub left: it lost what it had.
    Ours,
    /// On the hub alone, where the hub's name for it is borne here by the row of that uid, which the hub does not list.
    Renamed(Uid),
    /// On the hub alone.
    There,
    /// Here alone, though the hub once named it.
    Here,
}

/// Fine digests as coarser ones. A bucket of few is made of those of many that it divides into.
pub fn folded(fine: &[Digest], buckets: u32) -> Vec<Digest> {
    let mut told = empty(buckets);
    for (place, digest) in fine.iter().enumerate() {
        let len = told.len();
        let sum = &mut told[place % len];
        sum.count += digest.count;
        sum.sum = sum.sum.wrapping_add(digest.sum);
        sum.names = sum.names.wrapping_add(digest.names);
    }
    told
}

/// The places at which two lists of digests differ.
pub fn differing(here: &[Digest], there: &[Digest]) -> Vec<u32> {
    let places = 0..here.len().max(there.len());
    places.filter(|place| here.get(*place) != there.get(*place)).filter_map(|place| u32::try_from(place).ok()).collect()
}

/// The fine buckets that one coarse bucket is made of.
pub fn within(coarse: u32) -> impl Iterator<Item = u32> {
    (0..FINE / COARSE).map(move |step| coarse + step * COARSE)
}

/// What to do about each row of a bucket, by uid, where the hub stands at `revision`: no row is newer than that, and where
/// it left the history of the revisions `left`: those are offered to it first. Rows that are alike are left out.
pub fn differences(
    here: &BTreeMap<Uid, RowDigest>,
    there: &[RowDigest],
    (revision, left): (i64, Left),
) -> BTreeMap<Uid, Difference> {
    let known: BTreeSet<Uid> = there.iter().map(|row| row.uid).collect();
    let mut unlisted: BTreeSet<Uid> = here.keys().filter(|uid| !known.contains(uid)).copied().collect();
    let named: BTreeMap<i64, Uid> = unlisted.iter().filter_map(|uid| Some((here.get(uid)?.server_id, *uid))).collect();
    let mut found = BTreeMap::new();
    for theirs in there {
        let difference = match here.get(&theirs.uid) {
            None => match named.get(&theirs.server_id).filter(|uid| unlisted.remove(uid)) {
                Some(uid) => Difference::Renamed(*uid),
                None => Difference::There,
            },
            Some(own) if own.hash == theirs.hash && own.server_id == theirs.server_id => continue,
            Some(own) if own.hash == theirs.hash => Difference::Name(theirs.server_id),
            Some(own) if (own.rev > theirs.rev || left.holds(own.rev)) && own.rev <= revision => Difference::Ours,
            Some(_) => Difference::Theirs,
        };
        found.insert(theirs.uid, difference);
    }
    found.extend(unlisted.into_iter().map(|uid| (uid, Difference::Here)));
    found
}

/// Whether a ticket is the link of its chain that it says it is: nobody has touched what it printed.
pub fn proven(entity: &Entity, ticket: &Record) -> bool {
    let mut printed = ticket.clone();
    if let Some(movements) = printed.part_mut(entity, "movements") {
        let expiry = |cell: &Value| cell.int().unwrap_or(i64::MAX);
        movements.sort_by_key(|row| (row[0].int(), row[1].int(), expiry(&row[6]), row[5].text().map(str::to_owned)));
    }
    ticket.get(entity, "hash").bytes() == Some(&ticket::link(entity, &printed)[..])
}

/// Whether the hub's row is this one without some rows of its parts, or with references that name nothing there, which
/// read as nil: it lost them, where both are of one revision.
pub fn lacks(entity: &Entity, there: &Record, here: &Record) -> bool {
    let dangles =
        |column: &Column, value: &Value| matches!(column.kind, Kind::Ref(_)) && value.uid() == Some(Uid::nil());
    let cells = |part: &'static Part, rows: &Vec<Vec<Value>>| {
        rows.iter().any(|row| part.columns.iter().zip(row).any(|(column, value)| dangles(column, value)))
    };
    let dangling = entity.columns.iter().zip(&there.values).any(|(column, value)| dangles(column, value))
        || entity.parts.iter().zip(&there.parts).any(|(part, rows)| cells(part, rows));
    let alike = |part: &Part, theirs: &Vec<Value>, own: &Vec<Value>| {
        part.columns
            .iter()
            .zip(theirs.iter().zip(own))
            .all(|(column, (one, other))| one == other || dangles(column, one))
    };
    let mut values = entity.columns.iter().zip(there.values.iter().zip(&here.values));
    let mut parts = entity.parts.iter().zip(there.parts.iter().zip(&here.parts));
    there.rev == here.rev
        && values.all(|(column, (theirs, own))| !digest::counts(column) || theirs == own || dangles(column, theirs))
        && there.archived_at == here.archived_at
        && (there.parts != here.parts || dangling)
        && parts.all(|(part, (theirs, own))| {
            theirs.len() <= own.len() && theirs.iter().all(|row| own.iter().any(|other| alike(part, row, other)))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(uid: u128, server_id: i64, rev: i64, hash: u128) -> RowDigest {
        RowDigest { uid: Uid::from_u128(uid), server_id, rev, hash }
    }

    #[test]
    fn each_row_that_differs_says_which_side_is_right() {
        let here = [
            row(1, 1, 5, 10),
            row(2, 9, 5, 20),
            row(3, 3, 5, 30),
            row(4, 4, 9, 40),
            row(6, 6, 5, 60),
            row(7, 7, 999, 70),
        ];
        let here = here.map(|row| (row.uid, row)).into();
        let there = [
            row(1, 1, 5, 10),
            row(2, 2, 5, 20),
            row(3, 3, 5, 31),
            row(4, 4, 8, 41),
            row(5, 5, 5, 50),
            row(7, 7, 5, 71),
        ];
        let found: Vec<_> = differences(&here, &there, (100, Left::default()))
            .into_iter()
            .map(|(uid, difference)| (uid.as_u128(), difference))
            .collect();
        let expected = [
            (2, Difference::Name(2)),
            (3, Difference::Theirs),
            (4, Difference::Ours),
            (5, Difference::There),
            (6, Difference::Here),
            (7, Difference::Theirs),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn one_row_is_found_by_its_buckets() {
        let mut here = empty(FINE);
        let mut there = empty(FINE);
        for digests in [&mut here, &mut there] {
            digests[70].count = 3;
        }
        there[70].sum = 1;
        let coarse = differing(&folded(&here, COARSE), &folded(&there, COARSE));
        assert_eq!(coarse, [70 % COARSE]);
        let fine: Vec<u32> =
            within(coarse[0]).filter(|place| here[*place as usize] != there[*place as usize]).collect();
        assert_eq!(fine, [70]);
        assert_eq!(differing(&folded(&here, 1), &folded(&there, 1)), [0]);
    }
}

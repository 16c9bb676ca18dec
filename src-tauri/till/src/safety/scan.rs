//! A damaged database, read page by page for what exists nowhere else: operations without a verdict, and where the till's
//! series stand. A row is known by its shape, and an operation by its bytes, which name its key and its sequence: a page
//! that nothing points to any more gives them as well.

use std::collections::BTreeMap;

use officine_protocol::{Uid, chain::Hash, messages::Operation};

use super::{
    carry::{Found, Standing},
    cells::{self, Cell},
    pages::Pages,
    unsent::Unsent,
};
use crate::store::outbox::State;

/// An operation as a page has it, and whether it is done with.
type Seen = (Unsent, bool);

/// Reads every page.
pub fn scan(pages: &mut Pages) -> Found {
    let (mut seen, mut standing): (BTreeMap<i64, Seen>, Option<Standing>) = (BTreeMap::new(), None);
    for number in 1..=pages.count() {
        for (rowid, row) in cells::rows(pages, number) {
            if let Some((unsent, done)) = operation(rowid, &row) {
                // A page that was given up shows an earlier state: what is done with stays done with.
                let known = seen.entry(rowid).or_insert((unsent, done));
                known.1 |= done;
            } else if let Some(found) = stands(rowid, &row)
                && standing.as_ref().is_none_or(|known| known.last_seq <= found.last_seq)
            {
                standing = Some(found);
            }
        }
    }
    let mut found = Found { standing, ..Found::default() };
    for (seq, (unsent, done)) in seen {
        if done {
            found.settled.insert(seq);
        } else {
            found.unsent.push(unsent);
        }
    }
    found
}

/// Columns of the queue: seq, key, entity, action, uid, occurred_at, state, attempts, next_attempt, settled_at, problem,
/// payload, and whether the clock was in doubt.
fn operation(seq: i64, row: &[Cell]) -> Option<Seen> {
    let (key, payload) = (row.get(1)?.bytes()?, row.get(11)?.bytes()?);
    let payload = std::str::from_utf8(payload).ok()?;
    let operation: Operation = serde_json::from_str(payload).ok()?;
    if operation.seq != seq || operation.key != Uid::from_slice(key).ok()? {
        return None;
    }
    let (state, attempts) = (row.get(6)?.int()?, row.get(7)?.int()?);
    let clock_doubtful = row.get(12).and_then(Cell::int).is_some_and(|doubtful| doubtful != 0);
    let (payload, attempts) = (payload.to_owned(), u32::try_from(attempts).unwrap_or(0));
    Some((Unsent { seq, payload, attempts, clock_doubtful }, state == State::Settled as i64))
}

/// Columns of the one row: id, series, last_number, last_hash, last_seq, hlc_millis, hlc_counter …
fn stands(rowid: i64, row: &[Cell]) -> Option<Standing> {
    if rowid != 1 || row.len() < 8 || row.first() != Some(&Cell::Null) {
        return None;
    }
    let int = |place: usize| row.get(place).and_then(Cell::int);
    let last_hash = row.get(3)?.bytes().and_then(|bytes| Hash::try_from(bytes).ok())?;
    Some(Standing { series: int(1)?, last_number: int(2)?, last_hash, last_seq: int(4)?, hlc: (int(5)?, int(6)?) })
}

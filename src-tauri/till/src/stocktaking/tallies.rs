//! What was counted beside what the book had: the difference as of the count. Movements that occurred later are left out
//! of it, so that a sale made between the count and the closing stays right.

use std::{collections::HashMap, sync::LazyLock};

use officine_protocol::{
    entities::{ENTITIES, STOCKTAKE},
    schema::Entity,
    tally::{SHELF, Tally, tally},
};
use rusqlite::Connection;

use super::draft::StoredCount;
use crate::{
    catalogue::lots::{self, StoredLot},
    error::Result,
    store::ledger,
};

/// A lot that was counted.
#[derive(Clone, Debug)]
pub struct Tallied {
    /// As the book has it now.
    pub lot: StoredLot,
    /// Zone by zone.
    pub counts: Vec<StoredCount>,
    /// What was counted in all, and as of when.
    pub tally: Tally,
    /// Base units the book had then.
    pub book: i64,
    /// Boxes came in between the counts of two of its zones: nobody can tell whether the later one has them.
    pub arrived: bool,
    /// Somebody has counted it since: the later count stands, as on the hub.
    pub superseded: bool,
}

impl Tallied {
    /// What the book is short of, or has too much of.
    pub fn difference(&self) -> i64 {
        if self.superseded { 0 } else { self.tally.counted.saturating_sub(self.book) }
    }

    /// What the difference had cost, signed.
    pub fn cost(&self) -> i64 {
        let difference = self.difference();
        self.lot.cost_of(difference.saturating_abs()).unwrap_or(0) * difference.signum()
    }
}

/// Puts the counts, in order of their lots, beside the book.
pub fn of(connection: &Connection, counts: Vec<StoredCount>) -> Result<Vec<Tallied>> {
    let mut tallied: Vec<Tallied> = Vec::new();
    for same in counts.chunk_by(|one, other| one.batch == other.batch) {
        let Some(tally) = tally(same.iter().map(StoredCount::rule_view)) else { continue };
        let lot = lots::load(connection, same[0].batch)?;
        let book = lot.lot.quantity;
        tallied.push(Tallied { lot, counts: same.to_vec(), tally, book, arrived: false, superseded: false });
    }
    let counted_at = |lot: &Tallied| lot.counts.iter().map(|count| count.counted_at).min();
    let Some(first) = tallied.iter().filter_map(counted_at).min() else { return Ok(tallied) };
    let later = later_movements(connection, first)?;
    let counted = last_counts(connection, first)?;
    for lot in &mut tallied {
        let moved = later.get(&lot.lot.id).map_or(&[][..], Vec::as_slice);
        let since = moved.iter().filter(|(at, _)| *at > lot.tally.as_of).map(|(_, delta)| delta);
        lot.book = lot.book.saturating_sub(since.sum());
        lot.arrived = arrived(&lot.counts, moved);
        lot.superseded = counted.get(&lot.lot.id).is_some_and(|at| *at >= lot.tally.as_of);
    }
    Ok(tallied)
}

/// Whether a document brought boxes after the first of the counts and not after the last.
fn arrived(counts: &[StoredCount], moved: &[(i64, i64)]) -> bool {
    let first = counts.iter().map(|count| count.counted_at).min().unwrap_or_default();
    let last = counts.iter().map(|count| count.counted_at).max().unwrap_or_default();
    let mut between: HashMap<i64, i64> = HashMap::new();
    for (at, delta) in moved.iter().filter(|(at, _)| *at > first && *at <= last) {
        *between.entry(*at).or_default() += delta;
    }
    between.values().any(|delta| *delta > 0)
}

/// When a lot was counted in a stocktake: the rule of [`tally`], in SQL.
fn counted_in(document: &str, batch: &str) -> String {
    let last = |shelf: &str| {
        format!(
            "(SELECT max(c.counted_at) FROM stocktake_count c WHERE c.stocktake_id = {document} AND c.batch_id = {batch}{shelf})"
        )
    };
    format!("coalesce({}, {})", last(&format!(" AND c.zone = '{SHELF}'")), last(""))
}

/// Every movement that a document later than an instant made. What a stocktake moved was so when it was counted.
static LATER: LazyLock<String> = LazyLock::new(|| {
    let of_entity = |entity: &&Entity| {
        let at = match entity.name == STOCKTAKE.name {
            true => format!("coalesce({}, d.occurred_at)", counted_in("d.id", "m.batch_id")),
            false => format!("d.{}", entity.moves_at),
        };
        format!(
            "SELECT m.batch_id, {at}, m.delta FROM \"{}\" d CROSS JOIN stock_movement m ON m.document_kind = {} \
             AND m.document_id = d.id WHERE d.{} > ?1",
            entity.table,
            ledger::number_of(entity),
            entity.moves_at
        )
    };
    let moving = ENTITIES.iter().copied().filter(|entity| entity.movements().is_some());
    moving.map(|entity| of_entity(&entity)).collect::<Vec<_>>().join(" UNION ALL ")
});

/// Movements since an instant, by lot: when, and how many.
fn later_movements(connection: &Connection, since: i64) -> Result<HashMap<i64, Vec<(i64, i64)>>> {
    let mut statement = connection.prepare_cached(&LATER)?;
    let mut rows = statement.query([since])?;
    let mut later: HashMap<i64, Vec<(i64, i64)>> = HashMap::new();
    while let Some(row) = rows.next()? {
        later.entry(row.get(0)?).or_default().push((row.get(1)?, row.get(2)?));
    }
    Ok(later)
}

/// The last count of each lot that was counted in a stocktake closed since an instant.
fn last_counts(connection: &Connection, since: i64) -> Result<HashMap<i64, i64>> {
    let sql = format!(
        "SELECT batch_id, max(at) FROM (SELECT DISTINCT k.batch_id, {} AS at FROM stocktake d \
         JOIN stocktake_count k ON k.stocktake_id = d.id WHERE d.occurred_at > ?1) GROUP BY batch_id",
        counted_in("d.id", "k.batch_id")
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([since], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

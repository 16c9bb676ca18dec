//! What was counted beside what the book had: the difference as of the count. Movements that occurred later are left out
//! of it, so that a sale made between the count and the closing stays right. What other stocktakes counted of a lot counts
//! with it, by the rule of [`tally`].

use std::{collections::HashMap, sync::LazyLock};

use officine_protocol::{
    entities::{ENTITIES, STOCKTAKE},
    schema::Entity,
    tally::{Count, Tally, UNNUMBERED, in_force, tally},
};
use rusqlite::Connection;

use super::draft::StoredCount;
use crate::{
    catalogue::lots::{self, StoredLot},
    error::Result,
    store::ledger,
};

/// What another stocktake counted of a lot in a zone.
#[derive(Clone, Debug)]
pub struct KnownCount {
    /// As it lies in the store.
    pub stored: StoredCount,
    /// It said that no other zone held some.
    pub complete: bool,
    /// The hub's number of the stocktake, or its place after those.
    pub document: i64,
    /// Its line.
    pub line: i64,
}

impl KnownCount {
    /// Its stocktake and its line.
    pub fn place(&self) -> (i64, i64) {
        (self.document, self.line)
    }

    fn rule_view(&self) -> Count<'_> {
        let Self { stored, complete, document, line } = self;
        let (counted, counted_at) = (stored.counted, stored.counted_at);
        Count { zone: &stored.zone, counted, counted_at, complete: *complete, document: *document, line: *line }
    }
}

/// A lot that was counted.
#[derive(Clone, Debug)]
pub struct Tallied {
    /// As the book has it now.
    pub lot: StoredLot,
    /// Zone by zone.
    pub counts: Vec<StoredCount>,
    /// What other stocktakes counted of it.
    pub known: Vec<KnownCount>,
    /// No other zone holds some.
    pub complete: bool,
    /// What moved since the first of the counts: when, and how many.
    moved: Vec<(i64, i64)>,
}

impl Tallied {
    /// The counts of this stocktake come after every other.
    fn fresh(&self) -> impl Iterator<Item = Count<'_>> {
        let numbered = self.counts.iter().zip(1..);
        numbered.map(|(count, line)| Count { complete: self.complete, line, ..count.rule_view(i64::MAX) })
    }

    /// The same, had nobody said that other zones hold none.
    pub fn incomplete(&self) -> Self {
        Self { complete: false, ..self.clone() }
    }

    fn known(&self) -> impl Iterator<Item = Count<'_>> {
        self.known.iter().map(KnownCount::rule_view)
    }

    /// The counts that stand once this stocktake is closed: one per zone.
    pub fn standing(&self) -> Vec<Count<'_>> {
        in_force(self.known().chain(self.fresh()))
    }

    /// Whether a count is of this stocktake.
    pub fn is_own(count: &Count<'_>) -> bool {
        count.document == i64::MAX
    }

    /// Nothing of this stocktake stands: every zone of the lot was counted since, and that stays, as on the hub.
    pub fn overtaken(&self) -> bool {
        in_force(self.known()) == self.standing()
    }

    /// The later count of a zone that stands in place of this stocktake's, if one does.
    pub fn later(&self, zone: &str) -> Option<i64> {
        let standing = self.standing();
        let own = standing.iter().any(|count| Self::is_own(count) && count.zone == zone);
        let known = self.known.iter().filter(|count| count.stored.zone == zone).map(|count| count.stored.counted_at);
        if own { None } else { known.max() }
    }

    /// What was counted in all zones, and as of when.
    pub fn tally(&self) -> Tally {
        tally(self.standing()).unwrap_or(Tally { counted: 0, as_of: 0 })
    }

    /// What the book is short of, or has too much of.
    pub fn difference(&self) -> i64 {
        if self.overtaken() {
            return 0;
        }
        let (now, stood) = (self.tally(), self.lot.lot.quantity);
        let since = self.moved.iter().filter(|(at, _)| *at > now.as_of).map(|(_, delta)| delta);
        now.holds(tally(self.known()), stood, since.sum()).saturating_sub(stood)
    }

    /// Base units the book had when they were counted.
    pub fn book(&self) -> i64 {
        self.tally().counted.saturating_sub(self.difference())
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
        let lot = lots::load(connection, same[0].batch)?;
        let known = known_counts(connection, lot.id)?;
        tallied.push(Tallied { lot, counts: same.to_vec(), known, complete: false, moved: Vec::new() });
    }
    let Some(first) = counts.iter().map(|count| count.counted_at).min() else { return Ok(tallied) };
    let mut later = later_movements(connection, first)?;
    for lot in &mut tallied {
        lot.moved = later.remove(&lot.lot.id).unwrap_or_default();
    }
    Ok(tallied)
}

/// Lots of which boxes came in between two counts that stand: nobody can tell whether the later one has them.
pub fn arrived(connection: &Connection, tallied: &[Tallied]) -> Result<Vec<i64>> {
    let span = |lot: &Tallied| {
        let at: Vec<i64> = lot.standing().iter().map(|count| count.counted_at).collect();
        at.iter().min().copied().zip(at.iter().max().copied()).filter(|(first, last)| first != last)
    };
    let spans: HashMap<i64, (i64, i64)> = tallied.iter().filter_map(|lot| Some((lot.lot.id, span(lot)?))).collect();
    let Some(first) = spans.values().map(|(first, _)| *first).min() else { return Ok(Vec::new()) };
    let later = later_movements(connection, first)?;
    let arrived = spans.into_iter().filter(|(lot, (first, last))| {
        let mut between: HashMap<i64, i64> = HashMap::new();
        for (at, delta) in later.get(lot).into_iter().flatten().filter(|(at, _)| at > first && at <= last) {
            *between.entry(*at).or_default() += delta;
        }
        between.values().any(|delta| *delta > 0)
    });
    Ok(arrived.map(|(lot, _)| lot).collect())
}

/// Every movement that a document later than an instant made. A stocktake moves nothing of its own: it says what there was.
static LATER: LazyLock<String> = LazyLock::new(|| {
    let of_entity = |entity: &Entity| {
        let at = entity.moves_at;
        format!(
            "SELECT m.batch_id, d.{at}, m.delta FROM \"{}\" d CROSS JOIN stock_movement m ON m.document_kind = {} \
             AND m.document_id = d.id WHERE d.{at} > ?1 AND m.source <> 'late'",
            entity.table,
            ledger::number_of(entity)
        )
    };
    let moving = ENTITIES.iter().filter(|entity| entity.movements().is_some() && entity.name != STOCKTAKE.name);
    moving.map(|entity| of_entity(entity)).collect::<Vec<_>>().join(" UNION ALL ")
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

/// Every count that stocktakes made of a lot.
fn known_counts(connection: &Connection, lot: i64) -> Result<Vec<KnownCount>> {
    let sql = "SELECT c.zone, c.counted, min(c.counted_at, d.occurred_at), c.user_id, c.complete, \
               coalesce(d.server_id, ?2 + d.id), c.line FROM stocktake_count c JOIN stocktake d ON d.id = c.stocktake_id \
               WHERE c.batch_id = ?1 ORDER BY d.id, c.line";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([lot, UNNUMBERED], |row| {
        let (zone, counted, counted_at, user) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        let stored = StoredCount { batch: lot, zone, counted, counted_at, user };
        Ok(KnownCount { stored, complete: row.get(4)?, document: row.get(5)?, line: row.get(6)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

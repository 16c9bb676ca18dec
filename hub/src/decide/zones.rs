//! Zones of a lot that add up though boxes came in between their counts: whether the later count has them, nobody can
//! tell. The books go by the rule of [`tally`](officine_protocol::tally); the stocktake says so, and a recount stays open
//! until the zones are counted anew.

use std::collections::BTreeMap;

use officine_protocol::{
    Uid,
    tally::{Count, SHELF},
};
use serde_json::json;

use super::{WorkingSet, stocktake};

/// The flag of such a stocktake, and the source of the movement of nothing that lists it.
pub(crate) const FLAG: &str = "zones_old";

/// What came in between two counts that stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Between {
    /// When the earlier zone was counted.
    pub first: i64,
    /// When the later one was.
    pub last: i64,
    /// Base units that came.
    pub came: i64,
}

impl Between {
    /// As a movement's reason says it.
    pub(crate) fn text(&self, document: Option<(&str, Uid)>) -> String {
        let mut said = json!({ "from": self.first, "to": self.last, "came": self.came });
        if let Some((entity, uid)) = document {
            said["document"] = json!(format!("{entity} {uid}"));
        }
        said.to_string()
    }
}

/// What moved between the first and the last of the counts that stand. It is the shelf that is sold from: where that was
/// counted only what came in leaves something open, elsewhere whatever moved.
pub(crate) fn between(working: &WorkingSet, lot: i64, standing: &[Count<'_>]) -> Option<Between> {
    let at = || standing.iter().map(|count| count.counted_at);
    let (first, last) = at().min().zip(at().max()).filter(|(first, last)| first != last)?;
    let shelf = standing.iter().any(|count| count.zone == SHELF);
    let mut moved: BTreeMap<i64, i64> = BTreeMap::new();
    let within = working.books.movements(lot).filter(|moved| moved.at > first && moved.at <= last);
    within.for_each(|one| *moved.entry(one.at).or_default() += one.delta);
    let open = moved.values().filter(|delta| **delta > 0 || (!shelf && **delta < 0));
    let (any, came) = open.fold((false, 0_i64), |(_, sum), delta| (true, sum.saturating_add(*delta)));
    any.then_some(Between { first, last, came })
}

/// The stocktake that counted another zone of a lot after boxes came in which count on top of it, and what that leaves
/// open.
pub(crate) fn counted_after(working: &WorkingSet, lot: i64, (at, delta): (i64, i64)) -> Option<(i64, Between)> {
    let first = working.lot_number(lot, "counted_at").filter(|first| delta > 0 && *first < at)?;
    let later = working.rows(officine_protocol::entities::STOCKTAKE.name).filter_map(|(id, record)| {
        let counts = stocktake::counts(record, id).remove(&lot)?;
        let last = counts.iter().map(|count| count.counted_at).filter(|last| *last >= at).max()?;
        Some((id, Between { first, last, came: delta }))
    });
    later.min_by_key(|(id, _)| *id)
}

//! Clocks that are apart by more than what lies between a count and a movement leave open which came first. The books go by
//! what the tills said; the stocktake says so too, with both quantities, and a person decides.

use officine_protocol::{
    Uid,
    entities::{PRODUCT_BATCH, STOCKTAKE},
    record::Record,
    tally::undecided,
};
use serde_json::json;

use super::{WorkingSet, books::Moved};

/// What a request may have been on its way: clocks that seem apart by no more are not known to be.
const WAY_MS: i64 = 2_000;

/// The flag of such a stocktake, and the source of the movement of nothing that lists it.
pub(crate) const FLAG: &str = "clock_uncertain";

/// By how much a clock is known to be ahead.
pub(crate) fn known_offset(offset: i64) -> i64 {
    if offset.saturating_abs() > WAY_MS { offset } else { 0 }
}

/// What clocks leave open of a lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Doubt {
    /// Milliseconds by which the clocks are apart.
    pub error: i64,
    /// Milliseconds between the count and the movement.
    pub gap: i64,
    /// What the lot would hold more, had the movement come on the other side of the count.
    pub otherwise: i64,
}

impl Doubt {
    /// As a movement's reason says it: both quantities, the error and the gap, and the document if there is one.
    pub(crate) fn text(&self, holds: i64, document: Option<(&str, Uid)>) -> String {
        let otherwise = holds.saturating_add(self.otherwise);
        let mut said = json!({ "error": self.error, "gap": self.gap, "quantity": holds, "otherwise": otherwise });
        if let Some((entity, uid)) = document {
            said["document"] = json!(format!("{entity} {uid}"));
        }
        said.to_string()
    }
}

/// What a movement that this till hands over now leaves open of a lot that stands on that stocktake.
pub(crate) fn between(working: &WorkingSet, lot: i64, stocktake: &Record, at: i64, delta: i64) -> Option<Doubt> {
    let as_of = working.row(PRODUCT_BATCH.name, lot)?.get(&PRODUCT_BATCH, "counted_at").int()?;
    let of = |name| stocktake.get(&STOCKTAKE, name).int();
    let counted = of("till").zip(of("clock_offset"))?;
    doubt(as_of, Moved { at, delta, till: Some((working.device.series, working.clock_offset)) }, counted)
}

/// What the movements of other tills around a count of this one leave open.
pub(crate) fn around(working: &WorkingSet, lot: i64, as_of: i64) -> Option<Doubt> {
    let here = (working.device.series, working.clock_offset);
    let doubts = working.books.movements(lot).filter_map(|moved| doubt(as_of, *moved, here));
    doubts.reduce(|one, other| Doubt {
        error: one.error.max(other.error),
        gap: one.gap.min(other.gap),
        otherwise: one.otherwise.saturating_add(other.otherwise),
    })
}

/// One till is sure of its own order.
fn doubt(as_of: i64, moved: Moved, counted: (i64, i64)) -> Option<Doubt> {
    let Moved { at, delta, till } = moved;
    let (_, offset) = till.filter(|(series, _)| *series != counted.0 && delta != 0)?;
    let error = offset.saturating_sub(counted.1).saturating_abs();
    let otherwise = if at > as_of { delta.saturating_neg() } else { delta };
    (error > WAY_MS && undecided(as_of, at, error)).then(|| Doubt {
        error,
        gap: at.saturating_sub(as_of).saturating_abs(),
        otherwise,
    })
}

//! What undoes a movement: one rule for till and hub, whose rows are compared cell by cell.

use crate::{schema::Part, value::Value};

/// The opposites of a document's own movements, as its next step: all that was said of a movement stays, its reason
/// included, but the way it goes and the source.
pub fn opposites(part: &Part, rows: &[Vec<Value>], source: &str) -> Vec<Vec<Value>> {
    let own = rows.iter().filter(|row| cell(part, row, "step").and_then(Value::int) == Some(0));
    own.map(|row| opposite(part, row, source)).collect()
}

fn opposite(part: &Part, row: &[Value], source: &str) -> Vec<Value> {
    let delta = cell(part, row, "delta").and_then(Value::int).unwrap_or(0);
    let mut undone = row.to_vec();
    for (name, value) in [("step", 1.into()), ("delta", delta.saturating_neg().into()), ("source", source.into())] {
        if let Some(slot) = part.column(name).and_then(|place| undone.get_mut(place)) {
            *slot = value;
        }
    }
    undone
}

fn cell<'a>(part: &Part, row: &'a [Value], name: &str) -> Option<&'a Value> {
    part.column(name).and_then(|place| row.get(place))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Uid, entities::SALE};

    #[test]
    fn a_movement_undone_keeps_why_its_lot_was_chosen() {
        let part = SALE.movements().unwrap();
        let row = |step: i64, delta: i64, source: &str| -> Vec<Value> {
            let lot = Uid::from_u128(7);
            let (number, expiry, cost, reason) = ("L1".into(), 20_271_231.into(), 900.into(), "boîte ouverte".into());
            vec![1.into(), step.into(), lot.into(), delta.into(), source.into(), number, expiry, cost, reason]
        };
        let rows = [row(0, -4, "chosen"), row(1, 4, "transfer")];
        assert_eq!(opposites(part, &rows, "reversal"), [row(1, 4, "reversal")]);
    }
}

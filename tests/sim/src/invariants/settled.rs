//! Refused tickets: what was decided about them stands once, and everybody says the same.

use std::collections::BTreeMap;

use officine_protocol::{
    Uid,
    entities::{SALE, SALE_SETTLEMENT},
    record::Record,
};

use super::{Rest, everywhere};
use crate::rows::Rows;

/// I2: of the decisions on a refused ticket one stands at most, and the ticket says which.
pub fn once(rest: &Rest) -> Result<(), String> {
    everywhere(rest).try_for_each(|(place, rows)| standing(rows).map_err(|said| format!("{place}: {said}")))
}

fn standing(rows: &Rows) -> Result<(), String> {
    let mut standing: BTreeMap<Uid, &Record> = BTreeMap::new();
    for ((_, uid), settled) in rows.iter().filter(|((entity, _), _)| *entity == SALE_SETTLEMENT.name) {
        let sale = settled.get(&SALE_SETTLEMENT, "sale").uid().unwrap_or_default();
        let superseded = settled.get(&SALE_SETTLEMENT, "superseded").int() == Some(1);
        if superseded {
            continue;
        }
        if let Some(other) = standing.insert(sale, settled) {
            return Err(format!("of sale {sale} stand {uid} and {}", other.uid));
        }
    }
    for ((_, uid), sale) in rows.iter().filter(|((entity, _), _)| *entity == SALE.name) {
        let decision = standing.get(uid).and_then(|settled| settled.get(&SALE_SETTLEMENT, "decision").text());
        let state = sale.get(&SALE, "state").text();
        let agrees = match (decision, state) {
            (None, Some("regularised")) => false,
            (Some("kept"), state) => state == Some("regularised"),
            (Some(_), state) => state == Some("reversed"),
            (None, _) => true,
        };
        if !agrees {
            return Err(format!("sale {uid} is {state:?}, its decision {decision:?}"));
        }
    }
    Ok(())
}

//! I1, I2 and I10: what was promised is there, once, and nobody else's is.

use std::collections::{BTreeMap, BTreeSet};

use officine_protocol::{
    Uid,
    entities::{SALE, SALE_RETURN, SALE_SETTLEMENT, entity},
    record::Record,
};

use super::{Rest, TillAtRest};

/// I1: every ticket somebody was given is on its till and on the hub, for what it came to.
pub fn tickets_survive(rest: &Rest) -> Result<(), String> {
    for promise in &rest.promises {
        let till = &rest.tills[promise.station];
        for (place, rows) in [("the till", &till.rows), ("the hub", &rest.hub[till.pharmacy].rows)] {
            let declared = entity(promise.entity).expect("a ticket");
            let total = rows.get(&(promise.entity, promise.uid)).map(|record| record.get(declared, "total").int());
            if total != Some(Some(promise.total)) {
                let (name, entity, uid, expected) = (&till.name, promise.entity, promise.uid, promise.total);
                return Err(format!("{name}: {entity} {uid}: expected {expected} F on {place}, found {total:?}"));
            }
        }
    }
    Ok(())
}

/// I2: on the hub every number is there once; what a till sold is there for the same money, and nothing besides.
pub fn nothing_twice(rest: &Rest) -> Result<(), String> {
    for (place, hub) in rest.hub.iter().enumerate() {
        let mut numbers = BTreeMap::new();
        for (number, uid, _) in tickets(hub.rows.iter()) {
            if let Some(other) = numbers.insert(number, uid) {
                return Err(format!("the hub: number {number:?} is borne by {other} and {uid}"));
            }
        }
        for till in rest.tills.iter().filter(|till| till.pharmacy == place) {
            let own = |rows| -> (BTreeSet<Uid>, i64) {
                let own = tickets(rows).into_iter().filter(|((series, _), ..)| *series == till.series);
                own.fold((BTreeSet::new(), 0), |(mut uids, sum), (_, uid, total)| {
                    uids.insert(uid);
                    (uids, sum + total)
                })
            };
            let (here, there) = (own(till.rows.iter()), own(hub.rows.iter()));
            if here.1 != there.1 || here.0 != there.0 {
                return Err(format!(
                    "{}: {} tickets of {} F here, {} of {} F on the hub: {:?}",
                    till.name,
                    here.0.len(),
                    here.1,
                    there.0.len(),
                    there.1,
                    here.0.symmetric_difference(&there.0).collect::<Vec<_>>()
                ));
            }
        }
    }
    Ok(())
}

type Ticket = ((i64, i64), Uid, i64);

/// Series and number, uid and money of every ticket; what is given back counts below zero.
fn tickets<'a>(rows: impl Iterator<Item = (&'a (&'static str, Uid), &'a Record)>) -> Vec<Ticket> {
    let mut tickets = Vec::new();
    for ((name, uid), record) in rows {
        let Some((declared, sign)) =
            [(&SALE, 1), (&SALE_RETURN, -1), (&SALE_SETTLEMENT, -1)].into_iter().find(|(one, _)| one.name == *name)
        else {
            continue;
        };
        let int = |column| record.get(declared, column).int().unwrap_or(0);
        tickets.push(((int("series"), int("number")), *uid, sign * int("total")));
    }
    tickets
}

/// I10: no till has a row that is not its pharmacy's.
pub fn pharmacies_apart(rest: &Rest) -> Result<(), String> {
    let foreign = |till: &TillAtRest| {
        let others = rest.hub.iter().enumerate().filter(|(place, _)| *place != till.pharmacy);
        let mut others = others.flat_map(|(_, hub)| hub.rows.keys());
        others.find(|key| till.rows.contains_key(*key)).copied()
    };
    for till in &rest.tills {
        if let Some((entity, uid)) = foreign(till) {
            return Err(format!("{}: {entity} {uid} is of another pharmacy", till.name));
        }
    }
    let [one, other] = [0, 1].map(|place| &rest.hub[place].rows);
    match one.keys().find(|key| other.contains_key(*key)) {
        Some((entity, uid)) => Err(format!("the hub: {entity} {uid} is of both pharmacies")),
        None => Ok(()),
    }
}

//! I4 and I9: documents are whole, and no ticket is missing from its chain.

use std::collections::{BTreeMap, BTreeSet};

use officine_protocol::{
    chain::GENESIS,
    entities::{SALE, SALE_RETURN, SALE_SETTLEMENT},
    record::Record,
    schema::Entity,
    ticket,
    value::Value,
};

use super::{Rest, everywhere};
use crate::rows::Rows;

/// I9: numbers of a series follow one another from 1 on, and each ticket proves itself and the one before it. The first of a
/// series that a till was given when it was enrolled anew names the last link of the one before.
pub fn chained(rest: &Rest) -> Result<(), String> {
    let anew = rest.tills.iter().any(|till| till.strange);
    everywhere(rest).try_for_each(|(name, rows)| chain(rows, anew).map_err(|why| format!("{name}: {why}")))
}

fn chain(rows: &Rows, anew: bool) -> Result<(), String> {
    let mut series: BTreeMap<(i64, i64), (&Entity, &Record)> = BTreeMap::new();
    for ((name, uid), record) in rows {
        let Some(entity) = [&SALE, &SALE_RETURN, &SALE_SETTLEMENT].into_iter().find(|one| one.name == *name) else {
            continue;
        };
        let int = |column| record.get(entity, column).int().unwrap_or(0);
        if series.insert((int("series"), int("number")), (entity, record)).is_some() {
            return Err(format!("ticket {}-{} is there twice, once as {uid}", int("series"), int("number")));
        }
    }
    let mut before: Option<(i64, i64, Vec<u8>)> = None;
    let links: BTreeSet<Vec<u8>> = series.values().map(|(entity, record)| link(entity, record, "hash")).collect();
    for ((series, number), (entity, record)) in series {
        let (last, previous) = match &before {
            Some((same, last, hash)) if *same == series => (*last, hash.clone()),
            _ => (0, GENESIS.to_vec()),
        };
        if number != last + 1 {
            return Err(format!("series {series}: after ticket {last} comes {number}"));
        }
        let bytes = |column| link(entity, record, column);
        let goes_on = number == 1 && anew && links.contains(&bytes("previous_hash"));
        if bytes("previous_hash") != previous && !goes_on {
            return Err(format!("ticket {series}-{number} names another ticket before it"));
        }
        if ticket::link(entity, &as_printed(entity, record)).to_vec() != bytes("hash") {
            return Err(format!("ticket {series}-{number} does not prove itself"));
        }
        before = Some((series, number, bytes("hash")));
    }
    Ok(())
}

fn link(entity: &Entity, record: &Record, column: &str) -> Vec<u8> {
    record.get(entity, column).bytes().map(<[u8]>::to_vec).unwrap_or_default()
}

/// A ticket with its lots in the order they were printed: earliest expiry first, none last, then by number.
fn as_printed(entity: &Entity, record: &Record) -> Record {
    let mut record = record.clone();
    if let Some(movements) = record.part_mut(entity, "movements") {
        movements.sort_by_key(|row| {
            let expiry = row.get(6).and_then(Value::int);
            let number = row.get(5).and_then(Value::text).unwrap_or_default().to_owned();
            (expiry.is_none(), expiry, number, row.get(2).and_then(Value::uid))
        });
    }
    record
}

/// I4: a ticket's lines move what they sold, its money adds up, and what was reversed was reversed as a whole.
pub fn whole(rest: &Rest) -> Result<(), String> {
    for (place, rows) in everywhere(rest) {
        for ((name, uid), record) in rows {
            let fault = match *name {
                name if name == SALE.name => sale(record),
                name if name == SALE_RETURN.name => paid(&SALE_RETURN, record),
                _ => None,
            };
            if let Some(fault) = fault {
                return Err(format!("{place}: {name} {uid}: {fault}"));
            }
        }
    }
    Ok(())
}

fn int(row: &[Value], place: usize) -> i64 {
    row.get(place).and_then(Value::int).unwrap_or(0)
}

fn paid(entity: &Entity, record: &Record) -> Option<String> {
    let paid: i64 = record.part(entity, "payments").iter().map(|payment| int(payment, 2)).sum();
    let total = record.get(entity, "total").int().unwrap_or(0);
    (record.part(entity, "items").is_empty())
        .then(|| "it has no line".to_owned())
        .or_else(|| (paid != total).then(|| format!("its payments come to {paid} F, its total to {total} F")))
}

fn sale(record: &Record) -> Option<String> {
    let own = |column| record.get(&SALE, column).int().unwrap_or(0);
    let items = record.part(&SALE, "items");
    let amounts: i64 = items.iter().map(|item| int(item, 7)).sum();
    if amounts - own("discount") + own("rounding") != own("total") {
        return Some(format!("its lines come to {amounts} F, its total to {} F", own("total")));
    }
    let movements = record.part(&SALE, "movements");
    for item in items {
        let (line, quantity) = (int(item, 0), int(item, 6));
        let of_line = |step: fn(i64) -> bool| -> i64 {
            let rows = movements.iter().filter(|row| int(row, 0) == line && step(int(row, 1)));
            rows.map(|row| int(row, 3)).sum()
        };
        let moved = of_line(|step| step == 0);
        if moved != -quantity {
            return Some(format!("line {line} sold {quantity} and moved {moved}"));
        }
        let refused = matches!(record.get(&SALE, "state").text(), Some("reversed" | "regularised"));
        let (later, reversed) = (of_line(|step| step > 0), refused);
        if later != if reversed { quantity } else { 0 } {
            return Some(format!("line {line}: later steps moved {later} of {quantity}, reversed: {reversed}"));
        }
    }
    paid(&SALE, record)
}

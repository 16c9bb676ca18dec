//! What can be read of a ticket that is refused for what it holds: its number is borne, and the hub keeps it.

use std::collections::HashSet;

use serde_json::{Map, Value as Json};

use crate::{
    check,
    record::{WireParts, decode_part},
    schema::{Column, Entity, Kind, Part},
    value::Value,
};

/// The rows of every part, in the order of the declaration.
pub type Parts = Vec<Vec<Vec<Value>>>;

/// The values and parts of a whole row without what its columns can not hold: a sum is 0 then, a text empty, a line left
/// out. Nothing where that would name another ticket: its numbers, its instants, who and what it refers to, its hash.
pub fn salvage(entity: &Entity, fields: &Map<String, Json>, parts: &WireParts) -> Option<(Vec<Value>, Parts)> {
    let value = |column: &Column| match column.travels() {
        true => fields.get(&column.wire_name()).and_then(|json| read(column, json)).or_else(|| spare(column)),
        false => Some(column.empty()),
    };
    let values = entity.columns.iter().map(value).collect::<Option<_>>()?;
    let rows = |part: &Part| parts.get(part.name).map(|rows| readable(part, rows)).unwrap_or_default();
    Some((values, entity.parts.iter().map(rows).collect()))
}

fn read(column: &Column, json: &Json) -> Option<Value> {
    Value::from_json(column, json).ok()
}

/// What stands for a value that says nothing, where one may.
fn spare(column: &Column) -> Option<Value> {
    match column.kind {
        _ if column.nullable => Some(Value::Null),
        Kind::Text(_) | Kind::Bool => Some(column.empty()),
        Kind::Int(least, most) if (least..=most).contains(&0) => Some(column.empty()),
        _ => None,
    }
}

/// The rows of a part that its columns can hold, the first of each key, as many as there may be.
fn readable(part: &Part, rows: &[Map<String, Json>]) -> Vec<Vec<Value>> {
    let mut keys = HashSet::new();
    let decoded = rows.iter().filter_map(|row| decode_part(part, std::slice::from_ref(row)).ok()).flatten();
    decoded.filter(|row| keys.insert(check::key(part, row))).take(part.max_rows).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Uid, entities::SALE, record::Record};

    fn ticket() -> Record {
        let mut ticket = Record::new(&SALE, Uid::from_u128(1), 0);
        ticket.set(&SALE, "series", 2).set(&SALE, "number", 7).set(&SALE, "user", Uid::from_u128(2));
        ticket.set(&SALE, "occurred_at", 5).set(&SALE, "chain_version", 1).set(&SALE, "total", 500);
        ticket.set(&SALE, "previous_hash", Value::Bytes(vec![0; 32])).set(&SALE, "hash", Value::Bytes(vec![1; 32]));
        ticket.parts[2] = vec![vec![1.into(), "cash".into(), 500.into(), Value::Null]];
        ticket
    }

    #[test]
    fn what_can_be_read_of_a_ticket_is_kept() {
        let sound = ticket();
        let (mut fields, mut parts) = (sound.wire_fields(&SALE), sound.wire_parts(&SALE));
        assert_eq!(salvage(&SALE, &fields, &parts), Some((sound.values.clone(), sound.parts.clone())));
        fields.insert("tendered".into(), json!("beaucoup"));
        fields.insert("customer".into(), json!("Awa"));
        fields.insert("unheardOf".into(), json!(1));
        let again = parts["payments"][0].clone();
        parts.get_mut("payments").unwrap().extend([again, json!({ "position": 99 }).as_object().unwrap().clone()]);
        parts.insert("unheardOf".into(), vec![]);
        assert_eq!(salvage(&SALE, &fields, &parts), Some((sound.values, sound.parts)));
    }

    #[test]
    fn what_names_a_ticket_is_never_made_up() {
        for name in ["series", "number", "user", "occurredAt", "hash"] {
            let mut fields = ticket().wire_fields(&SALE);
            fields.insert(name.into(), json!(-1));
            assert_eq!(salvage(&SALE, &fields, &WireParts::new()), None, "{name}");
        }
    }
}

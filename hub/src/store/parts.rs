//! The parts of rows that were loaded: one query per part.

use std::collections::HashMap;

use officine_protocol::{
    Uid,
    record::Record,
    schema::{Column, Entity, Kind, Part},
    sql::{Place, select_part},
    value::Value,
};

use super::{
    session::{Affinity, Param, Session},
    text,
};
use crate::StoreError;

/// How references are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum References {
    /// As they are stored.
    ServerIds,
    /// As they travel.
    Uids,
}

/// Fills the parts of loaded rows, in the order of their keys.
pub(crate) async fn fill(
    session: &mut dyn Session,
    pharmacy: i64,
    entity: &Entity,
    rows: &mut [(i64, Record)],
    references: References,
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let owners: Vec<i64> = rows.iter().map(|(id, _)| *id).collect();
    let places: HashMap<i64, usize> = owners.iter().copied().zip(0..).collect();
    let dialect = session.dialect();
    for (number, part) in entity.parts.iter().enumerate() {
        let owner = format!("t.\"{}\"", part.owner);
        let select = match references {
            References::ServerIds => format!("SELECT {} FROM \"{}\" t", text::stored_part(part), part.table),
            References::Uids => select_part(part, Place::Hub),
        };
        let sql = format!(
            "{select} WHERE t.pharmacy_id = {} AND {}{} ORDER BY {owner}, {}",
            dialect.parameter(1),
            text::any(dialect, &owner, 2, Affinity::Int),
            text::part_kind(part),
            keys(part)
        );
        for row in session.query(&sql, &[pharmacy.into(), Param::Ints(owners.clone())]).await? {
            let record = places.get(&row.int(0)?).and_then(|place| rows.get_mut(*place));
            if let Some(list) = record.and_then(|(_, record)| record.parts.get_mut(number)) {
                let mut values: Vec<Value> = row.0.into_iter().skip(1).collect();
                as_uids(part.columns.iter(), &mut values);
                list.push(values);
            }
        }
    }
    Ok(())
}

/// References that were read as bytes are uids. One that names nothing, in a row that was damaged by hand, is the nil uid:
/// left out it would pass for none, and a till would write that over what it knows.
pub(crate) fn as_uids<'a>(columns: impl Iterator<Item = &'a Column>, values: &mut [Value]) {
    for (column, value) in columns.zip(values) {
        match (column.kind, &*value) {
            (Kind::Ref(_), Value::Bytes(bytes)) => *value = Value::Uid(Uid::from_slice(bytes).unwrap_or_default()),
            (Kind::Ref(_), Value::Int(0)) => *value = Value::Uid(Uid::nil()),
            _ => {}
        }
    }
}

fn keys(part: &Part) -> String {
    let columns = part.columns.iter().filter(|column| part.key.contains(&column.name));
    columns.map(|column| format!("t.\"{}\"", column.sql_name())).collect::<Vec<_>>().join(", ")
}

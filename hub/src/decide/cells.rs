//! Rows of parts, read and rewritten by column name.

use officine_protocol::{
    Uid,
    record::Record,
    schema::{Entity, Part},
    value::Value,
};

/// A row of a part, read by column name.
#[derive(Clone, Copy)]
pub(crate) struct Cells<'a> {
    pub part: &'static Part,
    pub row: &'a [Value],
}

impl<'a> Cells<'a> {
    pub(crate) fn of(entity: &Entity, record: &'a Record, name: &str) -> Vec<Self> {
        let part = entity.part(name).and_then(|place| entity.parts.get(place));
        let rows = record.part(entity, name).iter();
        part.map(|part| rows.map(|row| Self { part, row }).collect()).unwrap_or_default()
    }

    /// The movements a document is born with.
    pub(crate) fn own_movements(entity: &Entity, record: &'a Record) -> Vec<Self> {
        let mut movements = Self::of(entity, record, "movements");
        movements.retain(|movement| movement.int("step") == 0);
        movements
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        self.part.column(name).and_then(|place| self.row.get(place))
    }

    pub(crate) fn maybe_int(&self, name: &str) -> Option<i64> {
        self.get(name).and_then(Value::int)
    }

    pub(crate) fn int(&self, name: &str) -> i64 {
        self.maybe_int(name).unwrap_or(0)
    }

    pub(crate) fn uid(&self, name: &str) -> Option<Uid> {
        self.get(name).and_then(Value::uid)
    }

    pub(crate) fn text(&self, name: &str) -> &'a str {
        self.get(name).and_then(Value::text).unwrap_or_default()
    }

    /// The row with some cells changed.
    pub(crate) fn with(&self, changes: &[(&str, Value)]) -> Vec<Value> {
        let mut row = self.row.to_vec();
        for (name, value) in changes {
            if let Some(slot) = self.part.column(name).and_then(|place| row.get_mut(place)) {
                slot.clone_from(value);
            }
        }
        row
    }
}

/// The sum of a column, in 128 bits.
pub(crate) fn sum(rows: &[Cells<'_>], name: &str) -> i128 {
    rows.iter().map(|row| i128::from(row.int(name))).sum()
}

//! What a row may hold, told before it is written: the bounds by which a receiver would refuse it.

use std::collections::HashSet;

use crate::{
    schema::{Column, Part},
    value::{FieldError, Value},
};

/// Whether the rows of one part are within its bounds: in number, in what they hold, no two with one key.
pub fn part(part: &Part, rows: &[Vec<Value>]) -> Result<(), FieldError> {
    if rows.len() > part.max_rows {
        return Err(FieldError { field: part.name.to_owned(), why: "too many rows" });
    }
    rows.iter().try_for_each(|row| self::row(part.columns, row))?;
    keys(part, rows)
}

/// Whether every value that travels is one its column can hold.
pub(crate) fn row(columns: &[Column], values: &[Value]) -> Result<(), FieldError> {
    columns
        .iter()
        .zip(values)
        .filter(|(column, _)| column.travels())
        .try_for_each(|(column, value)| value.check(column))
}

/// Whether no two rows have one key.
pub(crate) fn keys(part: &Part, rows: &[Vec<Value>]) -> Result<(), FieldError> {
    let mut keys = HashSet::new();
    match rows.iter().all(|row| keys.insert(key(part, row))) {
        true => Ok(()),
        false => Err(FieldError { field: part.name.to_owned(), why: "two rows with one key" }),
    }
}

/// The key of a row.
pub(crate) fn key(part: &Part, row: &[Value]) -> Vec<Value> {
    let cells = part.columns.iter().zip(row).filter(|(column, _)| part.key.contains(&column.name));
    cells.map(|(_, value)| value.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Uid,
        entities::{PRODUCT, PRODUCT_BATCH},
        record::Record,
    };

    fn batch() -> Record {
        let mut batch = Record::new(&PRODUCT_BATCH, Uid::from_u128(1), 0);
        batch.set(&PRODUCT_BATCH, "product", Uid::from_u128(2)).set(&PRODUCT_BATCH, "lot_number", "DL4417");
        batch.set(&PRODUCT_BATCH, "expiry", 20_280_331).set(&PRODUCT_BATCH, "pack_size", 16);
        batch.set(&PRODUCT_BATCH, "received_at", 5);
        batch
    }

    #[test]
    fn a_row_is_checked_before_it_leaves_as_it_is_when_it_arrives() {
        let mut row = batch();
        assert_eq!(row.check(&PRODUCT_BATCH), Ok(()));
        for (name, value, field) in [
            ("lot_number", Value::from("x".repeat(65)), "lotNumber"),
            ("lot_number", "a\0b".into(), "lotNumber"),
            ("expiry", 20_270_230.into(), "expiry"),
            ("pack_size", 0.into(), "packSize"),
            ("product", Value::Null, "product"),
            ("product", "x".into(), "product"),
        ] {
            let kept = row.values.clone();
            row.set(&PRODUCT_BATCH, name, value);
            let refused = row.check(&PRODUCT_BATCH).unwrap_err();
            assert_eq!(refused.field, field);
            row.values = kept;
        }
        let unit = |place: i64| vec![place.into(), "boîte".into(), 1.into(), Value::Null];
        let units = &PRODUCT.parts[0];
        assert_eq!(part(units, &[unit(0), unit(1)]), Ok(()));
        assert_eq!(part(units, &[unit(0), unit(0)]).unwrap_err().why, "two rows with one key");
        assert_eq!(part(units, &[unit(16)]).unwrap_err().why, "out of range");
    }
}

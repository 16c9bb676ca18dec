//! Natural keys, compared as they are declared: what makes two rows the same thing, or alike enough for a person to ask.

use crate::{
    record::Record,
    schema::{Column, Entity, LEDGER, Part, Twin},
    value::Value,
};

/// Where a column of a natural key is.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// A column of the row.
    Own(usize),
    /// A column of any row of a part.
    Listed {
        /// The part.
        part: usize,
        /// Its column.
        column: usize,
    },
}

/// What one row is to another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Likeness {
    /// Another thing.
    Other,
    /// Perhaps the same: a person decides.
    Alike,
    /// The same.
    Same,
}

impl Entity {
    /// The columns of the natural key, in their order.
    pub fn key_places(&self) -> impl Iterator<Item = Place> {
        let names = self.natural.map_or(&[][..], |natural| natural.columns);
        names.iter().filter_map(|name| match name.split_once('.') {
            None => self.column(name).map(Place::Own),
            Some((part, column)) => {
                let part = self.part(part)?;
                Some(Place::Listed { part, column: self.parts.get(part)?.column(column)? })
            }
        })
    }

    /// The column rows are looked up by: the first of the natural key.
    pub fn key_column(&self) -> Option<&'static Column> {
        match self.key_places().next()? {
            Place::Own(place) => self.columns.get(place),
            Place::Listed { part, column } => self.parts.get(part)?.columns.get(column),
        }
    }

    /// What a row is looked up by. A row that says nothing in its whole key has no twin and is not looked for.
    pub fn key_values<'a>(&self, record: &'a Record) -> Vec<&'a Value> {
        let said = |place| match place {
            Place::Own(place) => record.values.get(place) != self.columns.get(place).map(Column::empty).as_ref(),
            Place::Listed { .. } => true,
        };
        if !self.key_places().any(said) {
            return Vec::new();
        }
        self.key_places().next().map_or_else(Vec::new, |place| values(record, place))
    }

    /// The first part, if any, by which a quantity of `one` means something else of `other`: what the one is sold in, the
    /// other is not.
    pub fn misfit(&self, one: &Record, other: &Record) -> Option<&'static Part> {
        let same = |(place, part): &(usize, &Part)| {
            let (rows, others) = (one.parts.get(*place), other.parts.get(*place).map_or(&[][..], Vec::as_slice));
            rows.into_iter().flatten().all(|row| on_same_terms(part, row, others))
        };
        let mut terms =
            self.parts.iter().enumerate().filter(|(_, part)| part.table != LEDGER && part.identity == part.key);
        terms.find(|term| !same(&(term.0, term.1))).map(|(_, part)| part)
    }

    fn fits(&self, one: &Record, other: &Record) -> bool {
        self.misfit(one, other).is_none()
    }

    /// What `one` is to `other` by the declared key. Rows that share what is listed in a part, and differ in the rest,
    /// are alike; so are those of which quantities do not mean the same.
    pub fn likeness(&self, one: &Record, other: &Record) -> Likeness {
        let Some(natural) = self.natural else { return Likeness::Other };
        let shared = |place| values(one, place).iter().any(|value| values(other, place).contains(value));
        let differs = |listed: bool| {
            self.key_places().any(|place| matches!(place, Place::Listed { .. }) == listed && !shared(place))
        };
        let has_list = self.key_places().any(|place| matches!(place, Place::Listed { .. }));
        match (natural.twin, differs(true), differs(false)) {
            (Twin::Never, ..) | (_, true, _) => Likeness::Other,
            (Twin::Merge, false, false) if self.fits(one, other) => Likeness::Same,
            (Twin::Merge | Twin::Propose, false, false) => Likeness::Alike,
            (_, false, true) if has_list => Likeness::Alike,
            _ => Likeness::Other,
        }
    }
}

/// Whether a row of a part that only says where it stands is the same one on the other side: of the same factor.
fn on_same_terms(part: &Part, row: &[Value], others: &[Vec<Value>]) -> bool {
    let key: Vec<usize> = part.key.iter().chain(&["factor"]).filter_map(|name| part.column(name)).collect();
    others.iter().any(|other| key.iter().all(|place| other.get(*place) == row.get(*place)))
}

fn values(record: &Record, place: Place) -> Vec<&Value> {
    match place {
        Place::Own(place) => record.values.get(place).into_iter().collect(),
        Place::Listed { part, column } => {
            record.parts.get(part).into_iter().flatten().filter_map(|row| row.get(column)).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Uid,
        entities::{CUSTOMER, PRODUCT, PRODUCT_BATCH},
    };

    fn product(name: &str, code: &str) -> Record {
        let mut record = Record::new(&PRODUCT, Uid::from_u128(1), 0);
        record.set(&PRODUCT, "name", name).derive(&PRODUCT);
        let row = vec![0.into(), code.into(), "ean13".into(), 0.into(), Value::Null];
        record.part_mut(&PRODUCT, "codes").unwrap().push(row);
        record
    }

    #[test]
    fn a_code_and_a_name_make_one_product_and_a_code_alone_a_question() {
        let known = product("Doliprane", "A");
        assert_eq!(PRODUCT.likeness(&product("DOLIPRANE", "A"), &known), Likeness::Same);
        assert_eq!(PRODUCT.likeness(&product("Efferalgan", "A"), &known), Likeness::Alike);
        let mut by_twelve = product("Doliprane", "A");
        let unit = vec![0.into(), "boîte".into(), 12.into(), Value::Null];
        by_twelve.part_mut(&PRODUCT, "units").unwrap().push(unit);
        assert_eq!(PRODUCT.likeness(&by_twelve, &known), Likeness::Alike, "a box of twelve is no box of one");
        assert_eq!(PRODUCT.likeness(&product("Doliprane", "B"), &known), Likeness::Other);
        assert_eq!(PRODUCT.key_values(&known), [&Value::from("A")]);
    }

    #[test]
    fn a_lot_is_one_however_its_number_is_typed() {
        let lot = |number: &str| {
            let mut lot = Record::new(&PRODUCT_BATCH, Uid::from_u128(1), 0);
            lot.set(&PRODUCT_BATCH, "product", 7).set(&PRODUCT_BATCH, "lot_number", number).derive(&PRODUCT_BATCH);
            lot
        };
        assert_eq!(PRODUCT_BATCH.likeness(&lot("DL 4417"), &lot("dl-4417")), Likeness::Same);
        assert_eq!(PRODUCT_BATCH.likeness(&lot("DL4417"), &lot("DL4418")), Likeness::Other);
    }

    #[test]
    fn who_gave_no_number_is_nobodys_twin_and_a_nameless_lot_is() {
        let nobody = Record::new(&CUSTOMER, Uid::from_u128(1), 0);
        assert!(CUSTOMER.key_values(&nobody).is_empty());
        let mut lot = Record::new(&PRODUCT_BATCH, Uid::from_u128(1), 0);
        lot.set(&PRODUCT_BATCH, "product", 7);
        assert_eq!(PRODUCT_BATCH.key_values(&lot), [&Value::Int(7)]);
        let mut apart = lot.clone();
        apart.set(&PRODUCT_BATCH, "quarantine", true);
        assert_eq!(PRODUCT_BATCH.likeness(&lot, &lot), Likeness::Same);
        assert_eq!(PRODUCT_BATCH.likeness(&lot, &apart), Likeness::Other);
    }
}

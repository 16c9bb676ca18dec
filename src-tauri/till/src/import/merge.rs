//! Brings the rows of one product together: a code and a name make two rows one product, and each adds a lot.
//! A row that shares a code and adds nothing is refused, never dropped. Where two rows state a text, a price or
//! a supplier, the first that states it wins.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::NaiveDate;
use officine_protocol::{
    fold::{fold, fold_lot},
    params,
};

use super::errors::BadRow;
use super::row::{Row, RowLot, base_units};
use super::staged::{StagedLot, StagedProduct};

type LotKey = (usize, String, Option<NaiveDate>);

/// The products met so far.
#[derive(Debug, Default)]
pub struct Shelf {
    products: Vec<StagedProduct>,
    by_code: HashMap<String, usize>,
    uncoded: HashMap<String, usize>,
    lots: HashMap<LotKey, u32>,
}

impl Shelf {
    /// The products, in the order of their first rows.
    pub fn into_products(self) -> Vec<StagedProduct> {
        self.products
    }

    /// Adds a row: a product, or a lot of one.
    pub fn add(&mut self, row: Row) -> Result<(), BadRow> {
        let at = match self.twin(&row)? {
            Some(at) => {
                self.check_units(at, &row)?;
                at
            }
            None => self.products.len(),
        };
        let units = self.products.get(at).map_or(row.units_per_pack.unwrap_or(1), |known| known.units_per_pack);
        let lot = row.lot.as_ref().map(|lot| stage(lot, units, &row)).transpose()?;
        if let Some(lot) = &lot {
            self.claim(at, lot, &row)?;
        }
        for (code, _) in &row.codes {
            self.by_code.insert(code.clone(), at);
        }
        if row.codes.is_empty() {
            self.uncoded.entry(identity(&row)).or_insert(at);
        }
        let lot = lot.filter(|lot| lot.quantity > 0);
        match self.products.get_mut(at) {
            Some(product) => complete(product, row, lot),
            None => self.products.push(product(row, units, lot)),
        }
        Ok(())
    }

    /// The product that the row is another lot of.
    fn twin(&self, row: &Row) -> Result<Option<usize>, BadRow> {
        let mut known: Option<(usize, &str)> = None;
        for (code, _) in &row.codes {
            let Some(at) = self.by_code.get(code) else { continue };
            let same_name = self.products.get(*at).is_some_and(|product| fold(&product.name) == fold(&row.name));
            if !same_name || known.is_some_and(|(other, _)| other != *at) {
                return Err(self.duplicate(*at, code, row));
            }
            known = Some((*at, code));
        }
        if row.codes.is_empty() {
            known = self.uncoded.get(&identity(row)).map(|at| (*at, row.name.as_str()));
        }
        match known {
            Some((at, code)) if row.lot.is_none() => Err(self.duplicate(at, code, row)),
            known => Ok(known.map(|(at, _)| at)),
        }
    }

    /// A lot may be stated once; the nameless one is the product's only one.
    fn claim(&mut self, at: usize, lot: &StagedLot, row: &Row) -> Result<(), BadRow> {
        let expiry = lot.expiry.filter(|_| !lot.lot_number.is_empty());
        match self.lots.entry((at, fold_lot(&lot.lot_number), expiry)) {
            Entry::Vacant(vacant) => {
                vacant.insert(row.line);
                Ok(())
            }
            Entry::Occupied(first) => {
                let code = row.codes.first().map_or(&row.name, |(code, _)| code);
                Err(bad(row, &row.headers.code, "code_duplicate", params! { code: code, line: first.get() }))
            }
        }
    }

    fn check_units(&self, at: usize, row: &Row) -> Result<(), BadRow> {
        match (self.products.get(at), row.units_per_pack) {
            (Some(product), Some(units)) if product.units_per_pack != units => {
                Err(bad(row, &row.headers.units, "number_invalid", params! { value: units.to_string() }))
            }
            _ => Ok(()),
        }
    }

    fn duplicate(&self, at: usize, code: &str, row: &Row) -> BadRow {
        let line = self.products.get(at).map_or(0, |product| product.line);
        bad(row, &row.headers.code, "code_duplicate", params! { code: code, line: line })
    }
}

fn bad(row: &Row, column: &str, code: &'static str, params: officine_protocol::Params) -> BadRow {
    BadRow { line: row.line, column: column.to_owned(), code, params }
}

/// What makes two rows without a code one product.
fn identity(row: &Row) -> String {
    [&row.name, &row.form, &row.strength, &row.maker].map(|text| fold(text)).join("\n")
}

fn stage(lot: &RowLot, units: i64, row: &Row) -> Result<StagedLot, BadRow> {
    let invalid = || bad(row, &row.headers.quantity, "number_invalid", params! { value: lot.packs_text });
    let quantity = base_units(lot.packs, units).ok_or_else(invalid)?;
    Ok(StagedLot { lot_number: lot.number.clone(), expiry: lot.expiry, quantity, pack_cost: lot.cost })
}

fn product(row: Row, units_per_pack: i64, lot: Option<StagedLot>) -> StagedProduct {
    StagedProduct {
        line: row.line,
        name: row.name,
        dci: row.dci,
        form: row.form,
        strength: row.strength,
        maker: row.maker,
        codes: row.codes,
        price: row.price,
        foreign_price: row.foreign_price,
        units_per_pack,
        supplier: row.supplier,
        lots: lot.into_iter().collect(),
    }
}

fn complete(product: &mut StagedProduct, row: Row, lot: Option<StagedLot>) {
    let texts = [
        (&mut product.dci, row.dci),
        (&mut product.form, row.form),
        (&mut product.strength, row.strength),
        (&mut product.maker, row.maker),
    ];
    for (known, stated) in texts {
        if known.is_empty() {
            *known = stated;
        }
    }
    for code in row.codes {
        if !product.codes.contains(&code) {
            product.codes.push(code);
        }
    }
    if product.price.is_none() && !product.foreign_price {
        product.price = row.price;
        product.foreign_price = row.foreign_price;
    }
    product.supplier = product.supplier.take().or(row.supplier);
    product.lots.extend(lot);
}

//! Reads one record into a row, or says the first thing that is wrong with it.

use chrono::NaiveDate;
use officine_protocol::params;

use super::cells::Cells;
use super::columns::Field;
use super::date;
use super::errors::BadRow;
use super::number::{Decimal, Triple};

/// The most base units of a pack.
const MAX_PACK: i64 = 1_000_000;
/// The most base units of a lot.
const MAX_UNITS: i64 = 1_000_000_000;

/// A good row.
#[derive(Debug, Clone)]
pub struct Row {
    pub line: u32,
    pub name: String,
    pub dci: String,
    pub form: String,
    pub strength: String,
    pub maker: String,
    pub codes: Vec<(String, &'static str)>,
    pub price: Option<i64>,
    pub foreign_price: bool,
    pub units_per_pack: Option<i64>,
    pub supplier: Option<String>,
    pub lot: Option<RowLot>,
    /// Headers that a refusal of the row as a twin would name.
    pub headers: TwinHeaders,
}

/// The lot of a row. Its quantity waits for the product's units per pack.
#[derive(Debug, Clone)]
pub struct RowLot {
    pub number: String,
    pub expiry: Option<NaiveDate>,
    pub packs: Decimal,
    pub packs_text: String,
    pub cost: Option<i64>,
}

/// Where a twin's fault shows.
#[derive(Debug, Clone, Default)]
pub struct TwinHeaders {
    pub code: String,
    pub units: String,
    pub quantity: String,
}

impl Cells<'_> {
    /// The row, if nothing is wrong with it.
    pub fn row(&self) -> Result<Row, BadRow> {
        self.check_shape()?;
        let name = self.text(Field::Name)?;
        if name.is_empty() {
            return Err(self.bad(self.column(Field::Name), "value_missing", params! {}));
        }
        let (price, foreign_price) = self.amount(Field::Price)?;
        Ok(Row {
            line: self.record.line,
            name,
            dci: self.text(Field::Dci)?,
            form: self.text(Field::Form)?,
            strength: self.text(Field::Strength)?,
            maker: self.text(Field::Maker)?,
            codes: self.codes()?,
            price,
            foreign_price,
            units_per_pack: self.units_per_pack()?,
            supplier: Some(self.text(Field::Supplier)?).filter(|supplier| !supplier.is_empty()),
            lot: self.lot()?,
            headers: TwinHeaders {
                code: self.header(self.column(Field::Code).or(self.column(Field::Name))),
                units: self.header(self.column(Field::UnitsPerPack)),
                quantity: self.header(self.column(Field::Quantity)),
            },
        })
    }

    fn check_shape(&self) -> Result<(), BadRow> {
        let width = self.width();
        if self.record.unclosed {
            let last = self.record.len().saturating_sub(1).min(width.saturating_sub(1));
            return Err(self.bad(Some(last), "quote_unclosed", params! {}));
        }
        if self.record.overflows(width) {
            return Err(self.bad(None, "columns_extra", params! { count: self.record.len(), expected: width }));
        }
        Ok(())
    }

    fn units_per_pack(&self) -> Result<Option<i64>, BadRow> {
        let text = self.text(Field::UnitsPerPack)?;
        if text.is_empty() {
            return Ok(None);
        }
        let units = Decimal::parse(&text, Triple::Refused).ok().and_then(|units| units.whole_times(1));
        match units.filter(|units| (1..=MAX_PACK).contains(units)) {
            Some(units) => Ok(Some(units)),
            None => Err(self.number_invalid(self.column(Field::UnitsPerPack), &text)),
        }
    }

    fn lot(&self) -> Result<Option<RowLot>, BadRow> {
        let number = self.text(Field::Lot)?;
        let written = self.text(Field::Expiry)?;
        let expiry = date::parse(&written);
        if expiry.is_none() && !written.is_empty() {
            return Err(self.bad(self.column(Field::Expiry), "date_invalid", params! { value: written }));
        }
        let cost = self.amount(Field::Cost)?.0;
        let quantity = self.column(Field::Quantity);
        let packs_text = self.text(Field::Quantity)?;
        if packs_text.is_empty() {
            let missing = || self.bad(quantity.or(self.column(Field::Lot)), "value_missing", params! {});
            return if number.is_empty() { Ok(None) } else { Err(missing()) };
        }
        let packs =
            Decimal::parse(&packs_text, Triple::Refused).map_err(|_| self.number_invalid(quantity, &packs_text))?;
        let nothing = number.is_empty() && packs.whole_times(1) == Some(0);
        Ok((!nothing).then_some(RowLot { number, expiry, packs, packs_text, cost }))
    }
}

/// The base units of a lot, if they are whole.
pub fn base_units(packs: Decimal, units_per_pack: i64) -> Option<i64> {
    packs.whole_times(units_per_pack).filter(|units| *units <= MAX_UNITS)
}

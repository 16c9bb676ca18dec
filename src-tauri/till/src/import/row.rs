//! Reads one record into a row, or says the first thing that is wrong with it.

use chrono::NaiveDate;
use officine_protocol::{Params, params};

use super::columns::Field;
use super::currency::{FRANCS, split_amount};
use super::errors::BadRow;
use super::number::{Decimal, Fault, Rate, Triple};
use super::records::{MAX_FIELD, Record};
use super::sniff::Layout;
use super::text::{clean, is_damaged};
use super::{barcode, date};

/// The most francs a pack may cost: beyond it somebody typed a barcode.
const MAX_FRANCS: i64 = 1_000_000_000_000;
/// The most base units of a pack or of a lot.
const MAX_UNITS: i64 = 1_000_000_000;

/// The longest a field may be, in characters: what the entities hold.
fn longest(field: Field) -> usize {
    match field {
        Field::Name => 512,
        Field::Dci => 2_048,
        Field::Strength => 1_024,
        Field::Form | Field::Maker => 255,
        Field::Supplier => 160,
        _ => 64,
    }
}

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

/// Reads the records of one file.
pub struct RowReader<'a> {
    layout: &'a Layout,
    rate: Option<Rate>,
    index: [Option<usize>; 13],
}

impl<'a> RowReader<'a> {
    /// A reader for a layout.
    pub fn new(layout: &'a Layout, rate: Option<Rate>) -> Self {
        let mut index = [None; 13];
        for column in (0..layout.columns.len()).rev() {
            let slot = layout.columns.field(column).and_then(|field| index.get_mut(field as usize));
            if let Some(slot) = slot {
                *slot = Some(column);
            }
        }
        Self { layout, rate, index }
    }

    /// Reads a record.
    pub fn read(&self, record: &Record) -> Result<Row, BadRow> {
        Cells { reader: self, record }.row()
    }
}

struct Cells<'a> {
    reader: &'a RowReader<'a>,
    record: &'a Record,
}

impl Cells<'_> {
    fn row(&self) -> Result<Row, BadRow> {
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
        let width = self.reader.layout.columns.len();
        if self.record.unclosed {
            let last = self.record.len().saturating_sub(1).min(width.saturating_sub(1));
            return Err(self.bad(Some(last), "quote_unclosed", params! {}));
        }
        if self.record.overflows(width) {
            return Err(self.bad(None, "columns_extra", params! { count: self.record.len(), expected: width }));
        }
        Ok(())
    }

    fn column(&self, field: Field) -> Option<usize> {
        self.reader.index.get(field as usize).copied().flatten()
    }

    fn header(&self, column: Option<usize>) -> String {
        column.map_or("", |column| self.reader.layout.columns.header(column)).to_owned()
    }

    fn bad(&self, column: Option<usize>, code: &'static str, params: Params) -> BadRow {
        BadRow { line: self.record.line, column: self.header(column), code, params }
    }

    fn text(&self, field: Field) -> Result<String, BadRow> {
        self.column(field).map_or_else(|| Ok(String::new()), |column| self.cell(column, longest(field)))
    }

    fn cell(&self, column: usize, max: usize) -> Result<String, BadRow> {
        let raw = self.record.field(column);
        if is_damaged(raw) {
            return Err(self.bad(Some(column), "encoding_invalid", params! {}));
        }
        let clean = clean(raw);
        let written = self.record.chars(column);
        let length = if written > MAX_FIELD { written } else { clean.chars().count() };
        if length > max {
            return Err(self.bad(Some(column), "value_too_long", params! { length: length, max: max }));
        }
        Ok(clean)
    }

    fn number_invalid(&self, column: Option<usize>, value: &str) -> BadRow {
        self.bad(column, "number_invalid", params! { value: value })
    }

    fn codes(&self) -> Result<Vec<(String, &'static str)>, BadRow> {
        let mut codes: Vec<(String, &'static str)> = Vec::new();
        for column in self.reader.layout.columns.filling(Field::Code) {
            let code = barcode::normalise(&self.cell(column, longest(Field::Code))?);
            if barcode::is_spreadsheet_float(&code) {
                return Err(self.number_invalid(Some(column), &code));
            }
            if !barcode::check_digit_holds(&code) {
                return Err(self.bad(Some(column), "barcode_check_digit", params! { code: code }));
            }
            if !code.is_empty() && codes.iter().all(|known| known.0 != code) {
                let kind = barcode::kind(&code);
                codes.push((code, kind));
            }
        }
        Ok(codes)
    }

    /// Francs, absent where nothing or zero is written, and whether another currency is.
    fn amount(&self, field: Field) -> Result<(Option<i64>, bool), BadRow> {
        let text = self.text(field)?;
        if text.is_empty() {
            return Ok((None, false));
        }
        let layout = self.reader.layout;
        let column = self.column(field);
        let stated = column.and_then(|column| layout.columns.currency(column)).unwrap_or(layout.currency);
        let (figure, own) = split_amount(&text);
        let currency = own.unwrap_or(stated);
        let foreign = currency != FRANCS;
        if foreign && layout.foreign != Some(currency) {
            return Err(self.number_invalid(column, &text));
        }
        let triple = if foreign { Triple::Decimals } else { Triple::Thousands };
        let value = Decimal::parse(&figure, triple).map_err(|fault| match fault {
            Fault::Negative => self.bad(column, "price_negative", params! { value: text }),
            Fault::Invalid => self.number_invalid(column, &text),
        })?;
        let francs = match (foreign, self.reader.rate) {
            (true, None) => return Ok((None, true)),
            (true, Some(rate)) => value.at(rate),
            (false, _) => value.rounded(),
        };
        match francs {
            Some(francs) if francs <= MAX_FRANCS => Ok((Some(francs).filter(|francs| *francs > 0), foreign)),
            _ => Err(self.number_invalid(column, &text)),
        }
    }

    fn units_per_pack(&self) -> Result<Option<i64>, BadRow> {
        let text = self.text(Field::UnitsPerPack)?;
        if text.is_empty() {
            return Ok(None);
        }
        let units = Decimal::parse(&text, Triple::Refused).ok().and_then(|units| units.whole_times(1));
        match units.filter(|units| (1..=MAX_UNITS).contains(units)) {
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

//! The cells of one record, each read as what its column promises: a text, codes, an amount.

use officine_protocol::{Params, params};

use super::barcode;
use super::columns::Field;
use super::currency::{FRANCS, settle, split_amount};
use super::errors::BadRow;
use super::number::{Decimal, Fault, Rate, Triple};
use super::records::{MAX_FIELD, Record};
use super::row::Row;
use super::sniff::Layout;
use super::text::{clean, is_damaged};

/// The most francs a pack may cost: beyond it somebody typed a barcode.
const MAX_FRANCS: i64 = 1_000_000_000_000;
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

/// A record under its layout.
pub struct Cells<'a> {
    pub reader: &'a RowReader<'a>,
    pub record: &'a Record,
}

impl Cells<'_> {
    /// How many columns the header has.
    pub fn width(&self) -> usize {
        self.reader.layout.columns.len()
    }

    /// The column that fills a field.
    pub fn column(&self, field: Field) -> Option<usize> {
        self.reader.index.get(field as usize).copied().flatten()
    }

    /// A column's header, as in the file.
    pub fn header(&self, column: Option<usize>) -> String {
        column.map_or("", |column| self.reader.layout.columns.header(column)).to_owned()
    }

    /// The row is refused for what this column holds.
    pub fn bad(&self, column: Option<usize>, code: &'static str, params: Params) -> BadRow {
        BadRow { line: self.record.line, column: self.header(column), code, params }
    }

    /// A field's text, cleaned; empty where there is no such column.
    pub fn text(&self, field: Field) -> Result<String, BadRow> {
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

    /// Refused for a figure that is none.
    pub fn number_invalid(&self, column: Option<usize>, value: &str) -> BadRow {
        self.bad(column, "number_invalid", params! { value: value })
    }

    /// The codes of every code column, none twice.
    pub fn codes(&self) -> Result<Vec<(String, &'static str)>, BadRow> {
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
    pub fn amount(&self, field: Field) -> Result<(Option<i64>, bool), BadRow> {
        let text = self.text(field)?;
        if text.is_empty() {
            return Ok((None, false));
        }
        let layout = self.reader.layout;
        let column = self.column(field);
        let stated = column.and_then(|column| layout.columns.currency(column)).unwrap_or(layout.currency);
        let (figure, own) = split_amount(&text);
        let currency = settle(own, stated);
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
}

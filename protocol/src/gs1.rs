//! What a scanner sends: a plain code, or a GS1 element string with lot, expiry and serial.

use std::collections::BTreeMap;

use crate::date::Date;

/// What a scan says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scan {
    /// Codes to look up, most likely first; never empty for a non-blank input.
    pub candidates: Vec<String>,
    /// The lot, where the code carries one.
    pub lot: Option<String>,
    /// The last day of use, where the code carries one.
    pub expiry: Option<Date>,
    /// The serial number of the box.
    pub serial: Option<String>,
}

/// The fields of a GS1 element string, by application identifier.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Elements {
    /// Each application identifier read, with its value as sent.
    pub fields: BTreeMap<String, String>,
}

/// Why a text is not a GS1 element string.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Gs1Error {
    /// Nothing was sent.
    #[error("empty")]
    Empty,
}

/// Reads what a scanner sent: a plain code or a GS1 element string. Never panics, whatever the bytes.
pub fn read(raw: &str, _today: Date) -> Scan {
    let code = raw.trim();
    let candidates = if code.is_empty() { Vec::new() } else { vec![code.to_owned()] };
    Scan { candidates, ..Scan::default() }
}

/// Strict reading of a GS1 element string: its fields, or why it is not one.
pub fn parse(raw: &str, _today: Date) -> Result<Elements, Gs1Error> {
    if raw.is_empty() { Err(Gs1Error::Empty) } else { Ok(Elements::default()) }
}

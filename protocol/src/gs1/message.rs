//! What a GS1 message holds, and why a text is not one.

use std::collections::BTreeMap;

use crate::date::Date;

/// The fields of a GS1 message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Elements {
    /// The article, as 14 digits with a right check digit.
    pub gtin: Option<String>,
    /// The logistic unit.
    pub sscc: Option<String>,
    /// The lot.
    pub lot: Option<String>,
    /// The last day of use.
    pub expiry: Option<Date>,
    /// The best-before date, which is not an expiry.
    pub best_before: Option<Date>,
    /// The serial number.
    pub serial: Option<String>,
    /// Every other field by its application identifier, as sent.
    pub other: BTreeMap<String, String>,
}

impl Elements {
    /// The numbers under which national agencies know the article (identifiers 710 to 717).
    pub fn national(&self) -> impl Iterator<Item = &str> {
        self.other.range("710".to_owned().."718".to_owned()).map(|(_, number)| number.as_str())
    }
}

/// Why a text is not a GS1 message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Gs1Error {
    /// Nothing was sent.
    #[error("nothing to read")]
    Empty,
    /// The symbology does not carry GS1 data, or the form is none of GS1's.
    #[error("not a GS1 message")]
    Form,
    /// No application identifier begins there.
    #[error("unknown application identifier or stray data")]
    Identifier,
    /// A value is too short or too long.
    #[error("wrong length")]
    Length,
    /// A value holds a character that it may not.
    #[error("wrong character")]
    Character,
    /// A check digit disagrees.
    #[error("wrong check digit")]
    CheckDigit,
    /// No such day.
    #[error("no such date")]
    Date,
    /// One identifier with two values.
    #[error("one identifier, two values")]
    Repeated,
}

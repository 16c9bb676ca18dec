//! What a scanner sends: a plain code, or a GS1 element string with lot, expiry and serial.
//! [`parse`] is strict, as the GS1 General Specifications are; [`read`] is what a counter needs: it always gives
//! something to look up, and believes a lot or an expiry only where the string says so without doubt.

mod checks;
mod elements;
mod identifiers;
mod link;
mod message;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub use elements::parse;
pub use message::{Elements, Gs1Error};

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

/// The ways in which scanners and keyboards spell the separator.
const SEPARATORS: [&str; 8] = ["<GS>", "{GS}", "[GS]", "\\x1d", "\\u001d", "\u{241d}", "\u{2421}", "\u{e8}"];

/// Reads what a scanner sent: a plain code or a GS1 element string. Never panics, whatever the bytes.
pub fn read(raw: &str, today: Date) -> Scan {
    let sent = raw.trim();
    let mut scan = Scan::default();
    if sent.len() > 14 || !sent.bytes().all(|byte| byte.is_ascii_digit()) {
        scan.offer_message(&with_separators(sent), today);
    }
    scan.offer_plain(elements::without_symbology(sent).trim());
    if scan.candidates.is_empty() {
        scan.offer(sent);
    }
    scan
}

/// Whether a reading may be trusted: the scanner said GS1, or the string names a product and is not a plain code.
fn believable(text: &str, found: &Elements) -> bool {
    let announced = text.starts_with(']') || text.starts_with('(') || text.contains('\u{1d}');
    announced || found.gtin.is_some()
}

fn with_separators(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for spelling in SEPARATORS {
        if text.contains(spelling) {
            text = Cow::Owned(text.replace(spelling, "\u{1d}"));
        }
    }
    text
}

impl Scan {
    fn offer(&mut self, code: &str) {
        if !code.is_empty() && !self.candidates.iter().any(|known| known == code) {
            self.candidates.push(code.to_owned());
        }
    }

    fn offer_message(&mut self, text: &str, today: Date) {
        let (found, error) = elements::collect(text, today);
        if !believable(text, &found) {
            return;
        }
        self.offer_gtin(found.gtin.as_deref());
        found.national().for_each(|number| self.offer(number));
        if error != Some(Gs1Error::CheckDigit) {
            (self.lot, self.expiry, self.serial) = (found.lot, found.expiry, found.serial);
        }
    }

    /// A GTIN is sold under its shorter names: a case (indicator 1 to 9) has none.
    fn offer_gtin(&mut self, gtin: Option<&str>) {
        let Some(gtin) = gtin else { return };
        let short = gtin.strip_prefix("000000").or_else(|| gtin.strip_prefix('0'));
        short.into_iter().for_each(|code| self.offer(code));
        self.offer(gtin);
        gtin.strip_prefix("00").filter(|upc| upc.len() == 12).into_iter().for_each(|upc| self.offer(upc));
    }

    /// A plain code: as it was sent, then under the other names of the same article.
    fn offer_plain(&mut self, code: &str) {
        self.offer(code);
        if !code.bytes().all(|byte| byte.is_ascii_digit()) {
            return;
        }
        match code.len() {
            7 => self.offer(&checks::with_check_digit(&format!("34009{code}"))),
            12 => self.offer(&format!("0{code}")),
            13 => code.strip_prefix('0').into_iter().for_each(|upc| self.offer(upc)),
            14 => self.offer_gtin(Some(code)),
            _ => {}
        }
    }
}

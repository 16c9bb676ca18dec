//! The report as a file that Excel opens in French by a double click: UTF-8 with its mark, semicolons, CRLF (RFC 4180),
//! amounts as plain numbers. A text that a spreadsheet would take for a formula is written as text.

use std::{fs::File, io::Write, path::Path};

use officine_protocol::{date::Date, params};

use crate::{
    error::{Error, Result},
    views::{ExpiryReport, ExpiryRow},
};

/// What tells a spreadsheet that the file is UTF-8.
pub const MARK: &[u8] = b"\xEF\xBB\xBF";
const FRENCH: [&str; 13] = [
    "Produit",
    "Forme et DCI",
    "Code",
    "Lot",
    "Péremption",
    "Jours restants",
    "Unités",
    "Quantité",
    "Valeur au prix (GNF)",
    "Valeur au coût (GNF)",
    "Fournisseur",
    "Bloqué",
    "Situation",
];
const ENGLISH: [&str; 13] = [
    "Product",
    "Form and DCI",
    "Code",
    "Lot",
    "Expiry",
    "Days left",
    "Units",
    "Quantity",
    "Value at price (GNF)",
    "Value at cost (GNF)",
    "Supplier",
    "Blocked",
    "Standing",
];
/// Column of the cost, left out where it may not be seen.
const COST: usize = 9;

/// Writes the rows of a report, in the language of the window. What is there is replaced.
pub fn write(path: &Path, report: &ExpiryReport, language: &str) -> Result<()> {
    let text = text(report, language).map_err(|error| unwritable(path, &error.to_string()))?;
    save(path, &text)
}

/// Writes a file that a person asked for, durably. What is there is replaced.
pub fn save(path: &Path, bytes: &[u8]) -> Result<()> {
    let written = File::create(path).and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.map_err(|error| unwritable(path, &error.to_string()))
}

/// Why a file could not be written.
pub fn unwritable(path: &Path, detail: &str) -> Error {
    Error::refused("file_unwritable", params! { path: path.display().to_string(), detail: detail })
}

/// The bytes of the file.
pub fn text(report: &ExpiryReport, language: &str) -> Result<Vec<u8>, csv::Error> {
    let french = language != "en";
    let mut writer =
        csv::WriterBuilder::new().delimiter(b';').terminator(csv::Terminator::CRLF).from_writer(MARK.to_vec());
    let shown = |cells: [String; 13]| {
        let kept = cells.into_iter().enumerate().filter(|(place, _)| report.cost_shown || *place != COST);
        kept.map(|(_, cell)| cell).collect::<Vec<_>>()
    };
    writer.write_record(shown(if french { FRENCH } else { ENGLISH }.map(str::to_owned)))?;
    for row in &report.rows {
        writer.write_record(shown(cells(row, report, french)))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))
}

fn cells(row: &ExpiryRow, report: &ExpiryReport, french: bool) -> [String; 13] {
    let number = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
    [
        plain(&row.name),
        plain(&row.detail),
        plain(&row.code),
        plain(&row.lot_number),
        row.expiry.clone(),
        row.days_left.to_string(),
        row.quantity.to_string(),
        plain(&row.quantity_text),
        number(row.at_price),
        number(row.at_cost),
        plain(&row.supplier),
        plain(row.blocked.as_deref().unwrap_or_default()),
        standing(row, report, french),
    ]
}

fn standing(row: &ExpiryRow, report: &ExpiryReport, french: bool) -> String {
    let end = report.bands.get(row.band as usize).and_then(|band| band.days);
    match (end, french) {
        (None, true) => "périmé".to_owned(),
        (None, false) => "expired".to_owned(),
        (Some(days), true) => format!("{days} jours ou moins"),
        (Some(days), false) => format!("{days} days or fewer"),
    }
}

/// A spreadsheet takes a cell that begins so for a formula; an apostrophe says that it is a text.
pub fn plain(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

/// `2026-11-20 09:00:00`, as clocks show it in Conakry.
pub fn instant(at: i64) -> String {
    let seconds = at.div_euclid(1_000).rem_euclid(86_400);
    format!("{} {:02}:{:02}:{:02}", Date::of_instant(at), seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

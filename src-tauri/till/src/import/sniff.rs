//! Recognises the separator, the columns and the currency from the head of a file.

use super::columns::{Columns, Field};
use super::currency::{FRANCS, named};
use super::errors::ReadError;
use super::records::{Record, Splitter};

const CANDIDATES: [char; 4] = [';', ',', '\t', '|'];
const SAMPLE: usize = 200;

/// How a file is laid out.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Between two fields.
    pub separator: char,
    /// What each column fills; one of them is the name.
    pub columns: Columns,
    /// Of the prices.
    pub currency: &'static str,
    /// The one currency that is not the franc, to which the rate applies.
    pub foreign: Option<&'static str>,
}

/// Lays out a file from its head, which is `whole` if nothing follows.
pub fn layout(head: &str, whole: bool) -> Result<Layout, ReadError> {
    let mut best: Option<Candidate> = None;
    for separator in CANDIDATES {
        let Some(candidate) = Candidate::read(head, whole, separator) else { continue };
        if best.as_ref().is_none_or(|best| candidate.score() > best.score()) {
            best = Some(candidate);
        }
    }
    let Some(Candidate { separator, mut columns, rows, is_text }) = best else {
        let endless = ReadError::Unreadable { reason: "the first line has no end".to_owned() };
        return Err(if whole { ReadError::Empty } else { endless });
    };
    if !is_text {
        return Err(ReadError::Unreadable { reason: "the first line is not text".to_owned() });
    }
    if columns.filling(Field::Name).next().is_none() {
        return Err(ReadError::ColumnMissing { column: Field::Name.name() });
    }
    columns.settle(&rows);
    let currency = currency_of(&columns, &rows, Field::Price).unwrap_or(FRANCS);
    let foreign = [Some(currency), currency_of(&columns, &rows, Field::Cost)];
    let foreign = foreign.into_iter().flatten().find(|iso| *iso != FRANCS);
    Ok(Layout { separator, columns, currency, foreign })
}

fn currency_of(columns: &Columns, rows: &[Record], field: Field) -> Option<&'static str> {
    let index = columns.filling(field).next()?;
    columns.currency(index).or_else(|| rows.iter().find_map(|row| named(row.field(index))))
}

/// The head as one separator reads it.
struct Candidate {
    separator: char,
    columns: Columns,
    rows: Vec<Record>,
    is_text: bool,
}

impl Candidate {
    fn read(head: &str, whole: bool, separator: char) -> Option<Self> {
        let mut records = Vec::new();
        let mut keep = |record: &Record| {
            if records.len() <= SAMPLE && !record.is_blank() {
                records.push(record.clone());
            }
            Ok(())
        };
        let mut splitter = Splitter::new(separator);
        splitter.push(head, &mut keep).ok()?;
        if whole {
            splitter.finish(&mut keep).ok()?;
        }
        let header = (!records.is_empty()).then(|| records.remove(0))?;
        let strange = |c: char| c == '\u{fffd}' || (c < ' ' && !c.is_whitespace());
        let is_text = !(0..header.len()).any(|index| header.field(index).contains(strange));
        Some(Self { separator, columns: Columns::of_header(&header), rows: records, is_text })
    }

    /// Known columns first, then rows as wide as the header, then width.
    fn score(&self) -> (usize, usize, usize) {
        let width = self.columns.len();
        let even = self.rows.iter().filter(|row| row.len() == width).count();
        (self.columns.matched(), even * 1_000 / self.rows.len().max(1), width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn separator(head: &str) -> char {
        layout(head, true).unwrap().separator
    }

    #[test]
    fn the_separator_is_the_one_that_makes_known_columns() {
        assert_eq!(separator("Nom;Prix\nDoliprane, comprimé;5,25\n"), ';');
        assert_eq!(separator("nom,prix\n\"a;b;c\",5\n"), ',');
        assert_eq!(separator("nom\tprix\na,b;c\t5\n"), '\t');
        assert_eq!(separator("nom|prix\na,b|5\n"), '|');
        assert_eq!(separator("nom\nA, 500 mg\nB\n"), ';');
    }

    #[test]
    fn the_currency_is_told_by_the_header_or_by_the_first_prices() {
        let told = |head: &str| layout(head, true).unwrap().currency;
        assert_eq!(told("nom,price_eur\na,5\n"), "EUR");
        assert_eq!(told("nom;Prix (€)\na;5\n"), "EUR");
        assert_eq!(told("nom;Prix public FG\na;5\n"), "GNF");
        assert_eq!(told("nom;prix\na;\nb;5,25 €\n"), "EUR");
        assert_eq!(told("nom;prix\na;5\n"), "GNF");
    }

    #[test]
    fn the_best_column_fills_a_field_and_every_code_column_counts() {
        let head = "cip7,cip13,name,Prix d'achat,price_eur_ex_fee,price_eur,N° de lot,Date de péremption,Conditionnement\n\
                    1,2,a,1,1,1,L,2027-01,plaquette de 30\n";
        let fields: Vec<&str> = layout(head, true).unwrap().columns.report().iter().map(|column| column.1).collect();
        assert_eq!(fields, ["code", "code", "name", "cost", "", "price", "lot", "expiry", ""]);
    }
}

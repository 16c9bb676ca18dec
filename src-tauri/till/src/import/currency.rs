//! The currencies a wholesaler may write, in a header or beside a figure.

use officine_protocol::fold::fold;

/// The pharmacy's own.
pub const FRANCS: &str = "GNF";
/// `F` or `francs` beside a figure: those of the column, if it is in francs of any kind, else the pharmacy's.
const BARE_FRANCS: &str = "F";

const NAMES: [(&str, &[&str]); 6] = [
    (FRANCS, &["gnf", "fg", "guineens"]),
    ("EUR", &["eur", "euro", "euros"]),
    ("USD", &["usd", "dollar", "dollars"]),
    ("XOF", &["xof", "cfa", "fcfa"]),
    ("GBP", &["gbp", "sterling"]),
    ("CHF", &["chf"]),
];

/// ISO code of a folded word.
pub fn of_word(word: &str) -> Option<&'static str> {
    NAMES.iter().find(|(_, names)| names.contains(&word)).map(|(iso, _)| *iso)
}

/// Writes signs as words, so that folding keeps them.
pub fn spell_signs(text: &str) -> String {
    text.replace('€', " eur ").replace('$', " usd ").replace('£', " gbp ")
}

/// What a figure is in: its own currency, or its column's.
pub fn settle(own: Option<&'static str>, column: &'static str) -> &'static str {
    match own {
        Some(BARE_FRANCS) if matches!(column, "XOF" | "CHF") => column,
        Some(BARE_FRANCS) => FRANCS,
        own => own.unwrap_or(column),
    }
}

/// The currency that a figure names beyond doubt.
pub fn named(amount: &str) -> Option<&'static str> {
    split_amount(amount).1.filter(|iso| *iso != BARE_FRANCS)
}

/// Parts `5,25 €` into its figure and its currency.
///
/// Words that are no currency stay with the figure, which then is none.
pub fn split_amount(text: &str) -> (String, Option<&'static str>) {
    let spelled = spell_signs(text);
    let trimmed = spelled.trim();
    let is_word = |c: char| c.is_alphabetic() || c.is_whitespace();
    let figure = trimmed.trim_matches(is_word);
    let words = fold(&trimmed.replacen(figure, " ", 1));
    let mut iso = None;
    for word in words.split(' ').filter(|word| !word.is_empty()) {
        match of_word(word) {
            Some(found) => iso = Some(found),
            None if matches!(word, "f" | "fr" | "frs" | "franc" | "francs") => iso = iso.or(Some(BARE_FRANCS)),
            None => return (trimmed.to_owned(), None),
        }
    }
    (figure.to_owned(), iso)
}

#[cfg(test)]
mod tests {
    use super::{settle, split_amount};

    #[test]
    fn a_figure_may_carry_its_currency() {
        let parted = |text| {
            let (figure, iso) = split_amount(text);
            (figure, iso.unwrap_or("").to_owned())
        };
        assert_eq!(parted("5,25 €"), ("5,25".to_owned(), "EUR".to_owned()));
        assert_eq!(parted("15 000 FG"), ("15 000".to_owned(), "GNF".to_owned()));
        assert_eq!(parted("$3.10"), ("3.10".to_owned(), "USD".to_owned()));
        assert_eq!(parted("900 F"), ("900".to_owned(), "F".to_owned()));
        assert_eq!(parted("12 boîtes"), ("12 boîtes".to_owned(), String::new()));
        assert_eq!(parted("-1"), ("-1".to_owned(), String::new()));
    }

    #[test]
    fn bare_francs_are_never_euros() {
        assert_eq!(settle(Some("F"), "EUR"), "GNF");
        assert_eq!(settle(Some("F"), "XOF"), "XOF");
        assert_eq!(settle(None, "EUR"), "EUR");
        assert_eq!(settle(Some("USD"), "GNF"), "USD");
    }
}

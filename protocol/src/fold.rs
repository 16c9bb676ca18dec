//! One folding for search and natural keys everywhere: case, accents, ligatures and spaces do not tell two names apart.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// `« Spharma  Guinée »` → `spharma guinee`. Letters and digits stay, `.` and `,` inside a number stay, the rest is a space.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        let plain = match c {
            'œ' => "oe",
            'æ' => "ae",
            'ß' => "ss",
            'ø' => "o",
            'đ' => "d",
            'ł' => "l",
            'µ' | 'μ' => "u",
            ',' | '.' if folded.ends_with(|d: char| d.is_ascii_digit()) && !gap => ".",
            c if c.is_alphanumeric() => {
                push(&mut folded, &mut gap, c);
                continue;
            }
            _ => {
                gap = true;
                continue;
            }
        };
        plain.chars().for_each(|c| push(&mut folded, &mut gap, c));
    }
    folded.truncate(folded.trim_end_matches('.').len());
    folded
}

/// What a lot's number is told apart by: `DL 4417`, `dl-4417` and `DL4417` are one lot. Case, accents, spaces and dashes go,
/// every other sign stays.
pub fn fold_lot(number: &str) -> String {
    let letters = number.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    letters.filter(|c| !c.is_whitespace() && !is_dash(*c)).collect()
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{200b}'..='\u{200d}' | '_')
}

fn push(folded: &mut String, gap: &mut bool, c: char) {
    if *gap && !folded.is_empty() {
        folded.push(' ');
    }
    *gap = false;
    folded.push(c);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{fold, fold_lot};

    #[test]
    fn names_that_a_person_reads_as_one_fold_to_one() {
        assert_eq!(fold("« Spharma\u{a0} Guinée »"), "spharma guinee");
        assert_eq!(fold("SPHARMA GUINEE"), "spharma guinee");
        assert_eq!(fold("Œstradiol 1,5 mg/g"), "oestradiol 1.5 mg g");
        assert_eq!(fold("Ventoline 100 µg"), "ventoline 100 ug");
        assert_eq!(fold("2,5%."), "2.5");
    }

    #[test]
    fn a_lot_is_read_as_it_is_printed_whoever_typed_it() {
        for typed in ["DL 4417", "dl-4417", "DL\u{a0}44\u{2011}17", " Dl4417 "] {
            assert_eq!(fold_lot(typed), "dl4417");
        }
        assert_ne!(fold_lot("A/11"), fold_lot("A1/1"));
        assert_ne!(fold_lot("L1.2"), fold_lot("L12"));
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in ".{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
            let lot = fold_lot(&text);
            prop_assert_eq!(fold_lot(&lot), lot);
        }
    }
}

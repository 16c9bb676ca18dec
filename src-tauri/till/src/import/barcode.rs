//! The codes of a box: their check digit and their kind. Shared by the import and the demo pharmacy.

/// The last digit of an EAN-13, from the twelve before it.
///
/// `None` unless `digits` is exactly twelve ASCII digits.
pub fn ean13_check_digit(digits: &str) -> Option<char> {
    if digits.len() != 12 {
        return None;
    }
    let mut sum = 0;
    for (place, digit) in digits.chars().enumerate() {
        sum += digit.to_digit(10)? * if place % 2 == 0 { 1 } else { 3 };
    }
    char::from_digit((10 - sum % 10) % 10, 10)
}

/// Whether a 13-digit code ends with its check digit. Any other code has none to judge, and is right.
pub fn check_digit_holds(code: &str) -> bool {
    if code.len() != 13 || !all_digits(code) {
        return true;
    }
    let (digits, last) = code.split_at(12);
    ean13_check_digit(digits).is_some_and(|check| last.starts_with(check))
}

/// `cip13` (begins with 34009), `inStore` (200 to 299), `ean13`, `cip7`, or `other`.
pub fn kind(code: &str) -> &'static str {
    if !all_digits(code) {
        return "other";
    }
    match code.len() {
        13 if code.starts_with("34009") => "cip13",
        13 if code.starts_with('2') => "inStore",
        13 => "ean13",
        7 => "cip7",
        _ => "other",
    }
}

/// A code as it is kept: without the spaces, quotes and `=` that spreadsheets add, a GTIN-14 of a single box
/// as its EAN-13.
pub fn normalise(text: &str) -> String {
    let bare = text.trim_matches(|c: char| matches!(c, '=' | '"' | '\'') || c.is_whitespace());
    let packed: String = bare.chars().filter(|c| !c.is_whitespace()).collect();
    if !all_digits(&packed) {
        return bare.to_owned();
    }
    match packed.strip_prefix('0') {
        Some(ean13) if packed.len() == 14 => ean13.to_owned(),
        _ => packed,
    }
}

/// A code that a spreadsheet turned into `3,40093E+12`: its digits are lost.
pub fn is_spreadsheet_float(code: &str) -> bool {
    let Some((mantissa, exponent)) = code.split_once(['E', 'e']) else { return false };
    let Some(exponent) = exponent.strip_prefix('+') else { return false };
    all_digits(exponent) && mantissa.contains(['.', ',']) && all_digits(&mantissa.replace(['.', ','], ""))
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_digit_is_that_of_gs1() {
        assert_eq!(ean13_check_digit("340093009293"), Some('4'));
        assert_eq!(ean13_check_digit("400638133393"), Some('1'));
        assert_eq!(ean13_check_digit("40063813339"), None);
        assert_eq!(ean13_check_digit("40063813339x"), None);
        assert!(check_digit_holds("4006381333931"));
        assert!(!check_digit_holds("4006381333932"));
        assert!(check_digit_holds("12345"));
    }

    #[test]
    fn a_code_tells_its_kind() {
        let codes = ["3400930092934", "4006381333931", "2001000000007", "4949729", "ABC-12", ""];
        assert_eq!(codes.map(kind), ["cip13", "ean13", "inStore", "cip7", "other", "other"]);
    }

    #[test]
    fn what_a_spreadsheet_adds_is_taken_off() {
        assert_eq!(normalise("=\"3400930092934\""), "3400930092934");
        assert_eq!(normalise(" 34009 300 9293 4 "), "3400930092934");
        assert_eq!(normalise("03400930092934"), "3400930092934");
        assert_eq!(normalise("A 12"), "A 12");
        assert!(is_spreadsheet_float("3,40093E+12"));
        assert!(!is_spreadsheet_float("BE+12"));
    }
}

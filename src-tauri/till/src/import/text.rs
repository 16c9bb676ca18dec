//! Cleans what a file says into what a person reads.

use std::borrow::Cow;

use encoding_rs::WINDOWS_1252;

/// Trims, and makes one ordinary space of any run of spaces, no-break spaces and control characters.
///
/// U+0080 to U+009F are Windows-1252 that some exporter took for Latin-1: they become the signs they were.
pub fn clean(raw: &str) -> String {
    let mut clean = String::with_capacity(raw.len());
    let mut gap = false;
    for c in raw.chars().filter(|c| !matches!(c, '\u{ad}' | '\u{200b}' | '\u{feff}')).map(repair) {
        if c.is_whitespace() || c.is_control() {
            gap = true;
        } else {
            if gap && !clean.is_empty() {
                clean.push(' ');
            }
            gap = false;
            clean.push(c);
        }
    }
    clean
}

/// Whether the text holds what no encoding gives: a NUL, or U+FFFD for bytes that could not be read.
pub fn is_damaged(raw: &str) -> bool {
    raw.contains(['\0', '\u{fffd}'])
}

fn repair(c: char) -> char {
    match u8::try_from(u32::from(c)) {
        Ok(byte @ 0x80..=0x9f) => match WINDOWS_1252.decode_without_bom_handling(&[byte]).0 {
            Cow::Borrowed(text) => text.chars().next().unwrap_or(c),
            Cow::Owned(text) => text.chars().next().unwrap_or(c),
        },
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn any_run_of_blanks_is_one_space() {
        assert_eq!(clean("\u{a0} Amoxicilline\u{202f}500\u{a0} mg,\r\n gélule\t"), "Amoxicilline 500 mg, gélule");
        assert_eq!(clean(" \u{a0} "), "");
    }

    #[test]
    fn an_apostrophe_lost_by_an_exporter_comes_back() {
        assert_eq!(clean("Vaccin de l\u{92}hépatite A"), "Vaccin de l’hépatite A");
    }
}

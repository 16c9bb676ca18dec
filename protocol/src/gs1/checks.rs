//! Check digits, character sets and dates of GS1 values.

use crate::date::Date;

/// Whether the last digit of a key (GTIN, SSCC, GLN) agrees with the others: weights 3 and 1 from the right.
pub fn check_digit_agrees(key: &str) -> bool {
    let mut sum = 0;
    for (place, byte) in key.bytes().rev().enumerate() {
        if !byte.is_ascii_digit() {
            return false;
        }
        sum += u32::from(byte - b'0') * if place % 2 == 0 { 1 } else { 3 };
    }
    !key.is_empty() && sum.is_multiple_of(10)
}

/// The digits and the check digit that completes them.
pub fn with_check_digit(digits: &str) -> String {
    let check = ('0'..='9').find(|check| check_digit_agrees(&format!("{digits}{check}")));
    check.map_or_else(|| digits.to_owned(), |check| format!("{digits}{check}"))
}

/// Whether a character may stand in a lot or a serial: GS1's set of 82, from ISO/IEC 646.
pub fn in_set_82(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!\"%&'()*+,-./:;<=>?_".contains(&byte)
}

/// Reads `YYMMDD`. Day 00 is the last day of the month; the century is the one that puts the year
/// within 49 years before and 50 years after today (GS1 General Specifications, 7.12).
pub fn date(digits: &str, today: Date) -> Option<Date> {
    let number: i64 = digits.get(..6)?.parse().ok()?;
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    let start = (century(year, today) + year) * 10_000 + month * 100;
    if day == 0 {
        return (28..=31).rev().find_map(|last| Date::from_number(start + last));
    }
    Date::from_number(start + day)
}

fn century(year: i64, today: Date) -> i64 {
    let this_year = today.number() / 10_000;
    let this_century = this_year - this_year % 100;
    match year - this_year % 100 {
        51.. => this_century - 100,
        ..=-50 => this_century + 100,
        _ => this_century,
    }
}

//! Expiry dates as stock files write them. A date without its day is good until the last of the month.

use chrono::{Datelike, NaiveDate};

/// Reads `2027-03-31`, `31/03/2027`, `31/03/27`, `03/2027`, `03/27`, `2027-03`, `20270331`, `202703` and GS1's
/// `270331` or `270300`; a time behind the date is left out. Years 2000 to 2099 only.
pub fn parse(text: &str) -> Option<NaiveDate> {
    let day = text.split(['T', ' ']).next()?;
    let parts: Vec<&str> = day.split(['/', '-', '.']).collect();
    if parts.iter().any(|part| part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    match *parts.as_slice() {
        [y, m, d] if y.len() == 4 => ymd(y, m, d),
        [d, m, y] => ymd(y, m, d),
        [y, m] if y.len() == 4 => ymd(y, m, "00"),
        [m, y] => ymd(y, m, "00"),
        [packed] => unpack(packed),
        _ => None,
    }
}

fn unpack(digits: &str) -> Option<NaiveDate> {
    let of = |range| digits.get(range);
    match digits.len() {
        8 => ymd(of(0..4)?, of(4..6)?, of(6..8)?),
        6 => ymd(of(0..4)?, of(4..6)?, "00").or_else(|| ymd(of(0..2)?, of(2..4)?, of(4..6)?)),
        _ => None,
    }
}

/// Day zero is the last of the month; a year of two digits is of this century.
fn ymd(year: &str, month: &str, day: &str) -> Option<NaiveDate> {
    if month.len() > 2 || day.len() > 2 || !matches!(year.len(), 2 | 4) {
        return None;
    }
    let year: i32 = year.parse::<i32>().ok().map(|y| if year.len() == 2 { 2000 + y } else { y })?;
    let (month, day): (u32, u32) = (month.parse().ok()?, day.parse().ok()?);
    let date = match day {
        0 if month == 12 => NaiveDate::from_ymd_opt(year, 12, 31)?,
        0 => NaiveDate::from_ymd_opt(year, month + 1, 1)?.pred_opt()?,
        _ => NaiveDate::from_ymd_opt(year, month, day)?,
    };
    (2000..2100).contains(&date.year()).then_some(date).filter(|_| month > 0)
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn read(text: &str) -> String {
        parse(text).map_or_else(|| "none".to_owned(), |date| date.to_string())
    }

    #[test]
    fn every_way_of_writing_a_day_is_that_day() {
        let ways = [
            "2027-03-31",
            "31/03/2027",
            "31.03.27",
            "31-3-2027",
            "20270331",
            "270331",
            "2027-03-31 00:00",
            "2027/03/31",
        ];
        for way in ways {
            assert_eq!(read(way), "2027-03-31", "{way}");
        }
    }

    #[test]
    fn a_month_is_good_until_its_last_day() {
        for way in ["02/2028", "2028-02", "202802", "280200", "02/28", "2/2028"] {
            assert_eq!(read(way), "2028-02-29", "{way}");
        }
        assert_eq!(read("12/2027"), "2027-12-31");
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for text in
            ["31/02/2027", "13/2027", "00/2027", "2027-00-10", "soon", "", "1/2/3/4", "12/31/2027", "0031-01-01"]
        {
            assert_eq!(read(text), "none", "{text}");
        }
        assert_eq!(read("46112"), "none");
    }
}

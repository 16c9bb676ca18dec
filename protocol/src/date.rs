//! Calendar dates as databases keep them: the integer `yyyymmdd`, which sorts as dates do.

use std::fmt;

use chrono::{DateTime, Datelike, Days, NaiveDate};

/// A day. `2027-03-31` is kept as `20270331` and travels as `"2027-03-31"`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Date(i32);

impl Date {
    /// The day a stored integer names, if there is such a day.
    pub fn from_number(number: i64) -> Option<Self> {
        let number = i32::try_from(number).ok()?;
        let (year, rest) = (number / 10_000, u32::try_from(number % 10_000).ok()?);
        NaiveDate::from_ymd_opt(year, rest / 100, rest % 100).map(Self::from)
    }

    /// Reads `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 10).then_some(())?;
        NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(Self::from)
    }

    /// The day of an instant in the pharmacy's time zone. Guinea keeps UTC all year.
    pub fn of_instant(millis: i64) -> Self {
        DateTime::from_timestamp_millis(millis).map_or(Self(19_700_101), |instant| Self::from(instant.date_naive()))
    }

    /// The integer `yyyymmdd`.
    pub fn number(self) -> i64 {
        i64::from(self.0)
    }

    /// Days from `today` to this day; negative once past.
    pub fn days_from(self, today: Self) -> i64 {
        match (self.naive(), today.naive()) {
            (Some(day), Some(start)) => (day - start).num_days(),
            _ => 0,
        }
    }

    /// The day so many days later; the last day there is where that lies beyond it.
    pub fn plus(self, days: u32) -> Self {
        let later = self.naive().and_then(|day| day.checked_add_days(Days::new(u64::from(days))));
        later.map_or(Self(99_991_231), Self::from)
    }

    /// The day so many days earlier; the first of 1970 where there is none.
    pub fn minus(self, days: u32) -> Self {
        let earlier = self.naive().and_then(|day| day.checked_sub_days(Days::new(u64::from(days))));
        earlier.map_or(Self(19_700_101), Self::from)
    }

    fn naive(self) -> Option<NaiveDate> {
        let rest = u32::try_from(self.0 % 10_000).ok()?;
        NaiveDate::from_ymd_opt(self.0 / 10_000, rest / 100, rest % 100)
    }
}

impl From<NaiveDate> for Date {
    fn from(day: NaiveDate) -> Self {
        let (month, day_of_month) = (day.month() as i32, day.day() as i32);
        Self(day.year().clamp(0, 9999) * 10_000 + month * 100 + day_of_month)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0 / 10_000, self.0 / 100 % 100, self.0 % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::Date;

    #[test]
    fn a_date_keeps_its_day_through_integer_and_text() {
        let date = Date::parse("2028-02-29").unwrap();
        assert_eq!(date.number(), 20_280_229);
        assert_eq!(Date::from_number(date.number()), Some(date));
        assert_eq!(date.to_string(), "2028-02-29");
        assert_eq!(date.days_from(Date::parse("2028-03-01").unwrap()), -1);
        assert_eq!(date.plus(1).to_string(), "2028-03-01");
        assert_eq!(date.minus(60).to_string(), "2027-12-31");
        assert_eq!(date.plus(u32::MAX).to_string(), "9999-12-31");
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for text in ["2027-02-29", "2027-13-01", "27-01-01", "2027-1-1", ""] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
        assert_eq!(Date::from_number(20_270_230), None);
        assert_eq!(Date::from_number(-1), None);
    }

    #[test]
    fn midnight_begins_a_day() {
        assert_eq!(Date::of_instant(1_795_132_799_999).to_string(), "2026-11-19");
        assert_eq!(Date::of_instant(1_795_132_800_000).to_string(), "2026-11-20");
    }
}

//! Figures as people and spreadsheets write them, kept exact: digits and a scale, never a float.

use officine_protocol::limits::LARGEST;

/// What one separator before exactly three digits means: `1.500`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Triple {
    /// Fifteen hundred: francs have no decimals.
    Thousands,
    /// One and a half: a price in euros.
    Decimals,
    /// Either, so neither: a quantity, a rate.
    Refused,
}

/// Why a figure is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Not a figure, or one that could be read two ways, or beyond any use.
    Invalid,
    /// Below zero.
    Negative,
}

/// A figure of at most 18 digits: `digits / 10^scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    digits: i64,
    scale: u32,
}

impl Decimal {
    /// Reads `1 234,50`, `1.234,50`, `1,234.50`, `12,5`, `1 500`.
    pub fn parse(text: &str, triple: Triple) -> Result<Self, Fault> {
        let text = text.trim().trim_start_matches('+');
        let unsigned = text.trim_start_matches(['-', '−', '–']).trim_end_matches('-').trim();
        let value = Self::parse_unsigned(unsigned, triple).ok_or(Fault::Invalid)?;
        if unsigned.len() < text.len() && value.digits > 0 { Err(Fault::Negative) } else { Ok(value) }
    }

    fn parse_unsigned(text: &str, triple: Triple) -> Option<Self> {
        let spaced = text.replace(['\u{a0}', '\u{202f}', '\u{2009}', '\'', '’'], " ");
        let (whole, fraction) = part(&spaced, triple)?;
        let whole = ungroup(whole)?;
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if whole.len() + fraction.len() > 18 || !digits(&whole) || !digits(fraction) {
            return None;
        }
        let digits = format!("{whole}{fraction}").parse().ok()?;
        Some(Self { digits, scale: u32::try_from(fraction.len()).ok()? })
    }

    /// This many times `factor / divisor`, rounded half up; none beyond [`LARGEST`].
    fn scaled(self, factor: i64, divisor: i128) -> Option<i64> {
        let numerator = i128::from(self.digits) * i128::from(factor);
        let denominator = divisor.checked_mul(10_i128.checked_pow(self.scale)?)?;
        let rounded = (numerator * 2 + denominator) / (denominator * 2);
        i64::try_from(rounded).ok().filter(|value| *value <= LARGEST)
    }

    /// To the nearest whole, half up.
    pub fn rounded(self) -> Option<i64> {
        self.scaled(1, 1)
    }

    /// In francs at a rate, half up.
    pub fn at(self, rate: Rate) -> Option<i64> {
        self.scaled(rate.millionths, 1_000_000)
    }

    /// Multiplied by `factor`, if that is whole.
    pub fn whole_times(self, factor: i64) -> Option<i64> {
        let product = i128::from(self.digits) * i128::from(factor);
        let unit = 10_i128.checked_pow(self.scale)?;
        let whole = (product % unit == 0).then_some(product / unit)?;
        i64::try_from(whole).ok().filter(|value| *value <= LARGEST)
    }
}

/// Parts a figure at its decimal separator, once it is known which one that is.
fn part(text: &str, triple: Triple) -> Option<(&str, &str)> {
    let mut marks = text.char_indices().filter(|(_, c)| matches!(c, '.' | ','));
    let Some((first, mark)) = marks.next() else { return Some((text, "")) };
    let (last, last_mark) = marks.next_back().unwrap_or((first, mark));
    let (whole, fraction) = (text.get(..last)?, text.get(last + 1..)?);
    if fraction.is_empty() {
        return None;
    }
    if first != last {
        return if mark == last_mark { Some((text, "")) } else { Some((whole, fraction)) };
    }
    let could_group = fraction.len() == 3 && !whole.contains(' ') && !whole.starts_with('0');
    match (could_group && (1..=3).contains(&whole.len()), triple) {
        (false, _) | (true, Triple::Decimals) => Some((whole, fraction)),
        (true, Triple::Thousands) => Some((text, "")),
        (true, Triple::Refused) => None,
    }
}

/// Takes one kind of thousands separator out of a whole number; groups must be of three.
fn ungroup(whole: &str) -> Option<String> {
    let Some(mark) = whole.chars().find(|c| matches!(c, ' ' | '.' | ',')) else {
        return Some(whole.to_owned());
    };
    let mut groups = whole.split(mark);
    let first = groups.next().filter(|first| (1..=3).contains(&first.len()))?;
    groups.try_fold(first.to_owned(), |digits, group| (group.len() == 3).then(|| digits + group))
}

/// Francs for one unit of another currency, exact to a millionth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    millionths: i64,
}

impl Rate {
    /// Reads a rate as typed: `10250`, `10 250,5`.
    ///
    /// `None` unless above zero, below a thousand million, and readable in one way only: `10,250` could be ten
    /// or ten thousand.
    pub fn parse(text: &str) -> Option<Self> {
        let millionths = Decimal::parse(text, Triple::Refused).ok()?.whole_times(1_000_000)?;
        (1..1_000_000_000_000_000).contains(&millionths).then_some(Self { millionths })
    }

    /// In millionths of a franc, above zero.
    pub fn millionths(self) -> i64 {
        self.millionths
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn francs(text: &str) -> Result<i64, Fault> {
        Decimal::parse(text, Triple::Thousands).and_then(|d| d.rounded().ok_or(Fault::Invalid))
    }

    #[test]
    fn francs_are_read_however_thousands_are_written() {
        let ways = ["12500", "12 500", "12\u{a0}500", "12\u{202f}500", "12.500", "12,500", "12 500,00", "12,500.00"];
        for way in ways {
            assert_eq!(francs(way), Ok(12_500), "{way}");
        }
        assert_eq!(francs("1.250.000"), Ok(1_250_000));
        assert_eq!(francs("1499,5"), Ok(1_500));
        assert_eq!(francs("1499,49"), Ok(1_499));
        assert_eq!(francs("-0"), Ok(0));
    }

    #[test]
    fn what_is_no_figure_is_refused() {
        for text in
            ["", " ", ",", "12,", "1 50", "1.25.000", "1,2,3", "12a", "1e5", "9999999999999999999", "1 000.000,"]
        {
            assert_eq!(francs(text), Err(Fault::Invalid), "{text:?}");
        }
        for text in ["-1", "−1", "- 12,5", "12-"] {
            assert_eq!(francs(text), Err(Fault::Negative), "{text}");
        }
    }

    #[test]
    fn a_rate_is_exact_and_rounds_half_up() {
        let at = |price, rate| Decimal::parse(price, Triple::Decimals).unwrap().at(Rate::parse(rate).unwrap());
        assert_eq!(at("5,25", "10 250,5"), Some(53_815));
        assert_eq!(at("0.5", "1"), Some(1));
        assert_eq!(at("0,49", "1"), Some(0));
        assert_eq!(at("10142,10", "10250"), Some(103_956_525));
        assert_eq!(at("1.005", "1000000"), Some(1_005_000));
    }

    #[test]
    fn a_rate_that_could_be_read_two_ways_is_refused() {
        assert_eq!(Rate::parse("10250"), Some(Rate { millionths: 10_250_000_000 }));
        assert_eq!(Rate::parse("15,25"), Some(Rate { millionths: 15_250_000 }));
        for text in ["10,250", "10.250", "0", "-3", "", "abc", "0,0000001", "99999999999"] {
            assert_eq!(Rate::parse(text), None, "{text}");
        }
    }
}

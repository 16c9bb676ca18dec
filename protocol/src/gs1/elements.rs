//! The strict reading: symbology identifier, then element string, bracketed form, bare GTIN or Digital Link.

use super::{
    checks::{check_digit_agrees, date, in_set_82},
    identifiers::{Rule, Shape, begins, needs_no_separator},
    link,
    message::{Elements, Gs1Error},
};
use crate::date::Date;

const SEPARATOR: char = '\u{1d}';

/// Strict reading of a GS1 message: its fields, or why it is not one.
pub fn parse(raw: &str, today: Date) -> Result<Elements, Gs1Error> {
    match collect(raw, today) {
        (elements, None) => Ok(elements),
        (_, Some(error)) => Err(error),
    }
}

/// What was read before the first error, and that error.
pub fn collect(raw: &str, today: Date) -> (Elements, Option<Gs1Error>) {
    let mut reading = Reading { today, found: Elements::default() };
    let error = reading.message(raw.trim_matches(['\r', '\n', '\t'])).err();
    (reading.found, error)
}

/// The data without the three characters by which a scanner names the symbology.
pub fn without_symbology(text: &str) -> &str {
    symbology(text).map_or(text, |(_, data)| data)
}

fn symbology(text: &str) -> Option<(&str, &str)> {
    let (name, data) = text.split_at_checked(3)?;
    let mut bytes = name.bytes();
    let named = bytes.next() == Some(b']') && bytes.all(|byte| byte.is_ascii_alphanumeric());
    named.then_some((name, data))
}

/// One message being read.
pub struct Reading {
    today: Date,
    found: Elements,
}

impl Reading {
    fn message(&mut self, text: &str) -> Result<(), Gs1Error> {
        match symbology(text) {
            Some(("]C1" | "]d2" | "]Q3" | "]J1" | "]e0" | "]e1" | "]e2", data)) => self.elements(data),
            Some(("]E0" | "]E3", data)) => self.bare(data, &[12, 13]),
            Some(("]E4", data)) => self.bare(data, &[8]),
            Some(("]I0" | "]I1", data)) => self.bare(data, &[14]),
            Some((_, data)) if link::is_link(data) => self.link(data),
            Some(_) => Err(Gs1Error::Form),
            None if link::is_link(text) => self.link(text),
            None if text.starts_with('(') => self.bracketed(text),
            None => self.unannounced(text),
        }
    }

    /// Nothing says what it is: digits of a GTIN's length are one, unless they are a date.
    fn unannounced(&mut self, text: &str) -> Result<(), Gs1Error> {
        let digits = text.trim();
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return self.elements(text);
        }
        let dated = matches!(digits.get(..2), Some("11" | "13" | "15" | "17"));
        match digits.len() {
            8 if dated => self.elements(digits),
            12..=14 if dated => self.bare(digits, &[12, 13, 14]).or_else(|_| self.elements(digits)),
            0..=14 => self.bare(digits, &[8, 12, 13, 14]),
            _ => self.elements(digits),
        }
    }

    fn bare(&mut self, digits: &str, lengths: &[usize]) -> Result<(), Gs1Error> {
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Gs1Error::Character);
        }
        if !lengths.contains(&digits.len()) {
            return Err(Gs1Error::Length);
        }
        self.field("01", &format!("{digits:0>14}"))
    }

    fn elements(&mut self, data: &str) -> Result<(), Gs1Error> {
        let mut rest = data.strip_prefix(SEPARATOR).unwrap_or(data);
        if rest.is_empty() {
            return Err(Gs1Error::Empty);
        }
        while !rest.is_empty() {
            let (identifier, shape) = begins(rest).ok_or(Gs1Error::Identifier)?;
            let after = rest.get(identifier.len()..).unwrap_or_default();
            let segment = after.split(SEPARATOR).next().unwrap_or_default();
            let length = if needs_no_separator(identifier) { shape.digits } else { segment.len() };
            self.field(identifier, segment.get(..length).ok_or(Gs1Error::Length)?)?;
            rest = after.get(length..).unwrap_or_default();
            rest = rest.strip_prefix(SEPARATOR).unwrap_or(rest);
        }
        Ok(())
    }

    /// `(01)03400935261748(10)LOT-1`, as printed under the symbol.
    fn bracketed(&mut self, text: &str) -> Result<(), Gs1Error> {
        let mut rest = text;
        while !rest.is_empty() {
            let inside = rest.strip_prefix('(').ok_or(Gs1Error::Form)?;
            let (identifier, after) = inside.split_once(')').ok_or(Gs1Error::Form)?;
            let end = after.match_indices('(').map(|(at, _)| at).find(|at| bracket_at(after, *at));
            let (value, next) = after.split_at_checked(end.unwrap_or(after.len())).ok_or(Gs1Error::Form)?;
            self.field(identifier, value)?;
            rest = next;
        }
        Ok(())
    }

    fn link(&mut self, address: &str) -> Result<(), Gs1Error> {
        let pairs = link::pairs(address).ok_or(Gs1Error::Form)?;
        pairs.iter().try_for_each(|(identifier, value)| match identifier.as_str() {
            "01" if value.len() < 14 => self.bare(value, &[8, 12, 13]),
            _ => self.field(identifier, value),
        })
    }

    fn field(&mut self, identifier: &str, value: &str) -> Result<(), Gs1Error> {
        let (_, shape) = begins(identifier).filter(|(it, _)| *it == identifier).ok_or(Gs1Error::Identifier)?;
        check(shape, value, self.today)?;
        let day = || date(value, self.today).ok_or(Gs1Error::Date);
        let found = &mut self.found;
        match identifier {
            "00" => keep(&mut found.sscc, value.to_owned()),
            "01" => keep(&mut found.gtin, value.to_owned()),
            "10" => keep(&mut found.lot, value.to_owned()),
            "15" => keep(&mut found.best_before, day()?),
            "17" => keep(&mut found.expiry, day()?),
            "21" => keep(&mut found.serial, value.to_owned()),
            _ => match found.other.insert(identifier.to_owned(), value.to_owned()) {
                Some(before) if before != value => Err(Gs1Error::Repeated),
                _ => Ok(()),
            },
        }
    }
}

fn bracket_at(text: &str, at: usize) -> bool {
    let inside = text.get(at + 1..).and_then(|rest| rest.split_once(')')).map_or("", |(inside, _)| inside);
    matches!(inside.len(), 2..=4) && inside.bytes().all(|byte| byte.is_ascii_digit())
}

fn keep<T: PartialEq>(slot: &mut Option<T>, value: T) -> Result<(), Gs1Error> {
    match slot {
        Some(before) if *before != value => Err(Gs1Error::Repeated),
        _ => {
            *slot = Some(value);
            Ok(())
        }
    }
}

fn check(shape: &Shape, value: &str, today: Date) -> Result<(), Gs1Error> {
    let (head, tail) = value.split_at_checked(shape.digits).ok_or(Gs1Error::Length)?;
    if !(shape.min..=shape.max).contains(&tail.len()) {
        return Err(Gs1Error::Length);
    }
    let tail_may_hold = |byte: u8| if shape.numeric { byte.is_ascii_digit() } else { in_set_82(byte) };
    if !head.bytes().all(|byte| byte.is_ascii_digit()) || !tail.bytes().all(tail_may_hold) {
        return Err(Gs1Error::Character);
    }
    match shape.rule {
        Rule::Key if !check_digit_agrees(head) => Err(Gs1Error::CheckDigit),
        Rule::Date if date(head, today).is_none() => Err(Gs1Error::Date),
        _ => Ok(()),
    }
}

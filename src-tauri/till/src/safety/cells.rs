//! The rows of a table's leaf page, as their bytes say. Every length is checked: the bytes may be anything.

use super::pages::Pages;

/// A leaf of a table.
const LEAF: u8 = 0x0d;
/// A row longer than this is none of ours.
const LONGEST: usize = 64 << 20;

/// A value of a row.
#[derive(Clone, PartialEq, Debug)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A number.
    Int(i64),
    /// Text, which nothing here asks for.
    Text,
    /// Bytes; numbers with a fraction too, which no table has.
    Blob(Vec<u8>),
}

impl Cell {
    /// As a number.
    pub fn int(&self) -> Option<i64> {
        if let Self::Int(number) = self { Some(*number) } else { None }
    }

    /// As bytes.
    pub fn bytes(&self) -> Option<&[u8]> {
        if let Self::Blob(bytes) = self { Some(bytes) } else { None }
    }
}

/// The rows of a page, if it is a leaf of a table: rowid and values. What cannot be read of it is left out.
pub fn rows(pages: &mut Pages, number: u32) -> Vec<(i64, Vec<Cell>)> {
    let page = pages.get(number);
    let head = if number == 1 { 100 } else { 0 };
    if page.get(head) != Some(&LEAF) {
        return Vec::new();
    }
    let count = short(&page, head + 3).unwrap_or(0);
    (0..count).filter_map(|place| row(pages, &page, short(&page, head + 8 + 2 * place)?)).collect()
}

fn short(page: &[u8], at: usize) -> Option<usize> {
    page.get(at..at + 2).map(|two| usize::from(u16::from_be_bytes([two[0], two[1]])))
}

fn varint(bytes: &[u8], at: &mut usize) -> Option<i64> {
    let mut value: u64 = 0;
    for place in 0..9 {
        let byte = *bytes.get(*at)?;
        *at += 1;
        if place == 8 {
            return Some(((value << 8) | u64::from(byte)) as i64);
        }
        value = (value << 7) | u64::from(byte & 0x7f);
        if byte < 0x80 {
            break;
        }
    }
    Some(value as i64)
}

fn row(pages: &mut Pages, page: &[u8], mut at: usize) -> Option<(i64, Vec<Cell>)> {
    let length = usize::try_from(varint(page, &mut at)?).ok().filter(|length| *length <= LONGEST)?;
    let rowid = varint(page, &mut at)?;
    let here = local(length, page.len());
    let mut body = page.get(at..at + here)?.to_vec();
    if here < length {
        let next = page.get(at + here..at + here + 4)?;
        let mut next = u32::from_be_bytes(next.try_into().ok()?);
        while body.len() < length {
            if next == 0 || next > pages.count() {
                return None;
            }
            let more = pages.get(next);
            next = u32::from_be_bytes(more.get(..4)?.try_into().ok()?);
            let wanted = (length - body.len()).min(more.len() - 4);
            body.extend_from_slice(&more[4..4 + wanted]);
        }
    }
    Some((rowid, record(&body)?))
}

/// As much of a row as stays in its page.
fn local(length: usize, usable: usize) -> usize {
    let most = usable - 35;
    if length <= most {
        return length;
    }
    let least = (usable - 12) * 32 / 255 - 23;
    let fitting = least + (length - least) % (usable - 4);
    if fitting <= most { fitting } else { least }
}

fn record(body: &[u8]) -> Option<Vec<Cell>> {
    let mut at = 0;
    let head = usize::try_from(varint(body, &mut at)?).ok()?;
    let (mut place, mut cells) = (head, Vec::new());
    while at < head {
        let kind = varint(body, &mut at)?;
        let length = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind as usize,
            5 => 6,
            6 | 7 => 8,
            kind if kind >= 12 => usize::try_from((kind - 12) / 2).ok()?,
            _ => return None,
        };
        let bytes = body.get(place..place.checked_add(length)?)?;
        place += length;
        cells.push(match kind {
            0 => Cell::Null,
            1..=6 => Cell::Int(signed(bytes)),
            8 | 9 => Cell::Int(kind - 8),
            7 => Cell::Blob(bytes.to_vec()),
            kind if kind % 2 == 1 => Cell::Text,
            _ => Cell::Blob(bytes.to_vec()),
        });
    }
    Some(cells)
}

fn signed(bytes: &[u8]) -> i64 {
    let first = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { -1 } else { 0 };
    bytes.iter().fold(first, |value, byte| (value << 8) | i64::from(*byte))
}

//! What moves stock without selling it: corrections, destructions, releases from quarantine, conversions, opening stock.
//! Each is one document in one transaction, with a reason, and leaves no lot below zero unless somebody says so.

mod acts;
pub mod document;
pub mod journal;
pub mod lots;

pub(crate) use acts::{converted, keep_blocked, origin_of, pack_size, take, transfer};

use officine_protocol::{Uid, entities::SUPPLIER, fold::fold, limits::LARGEST, params};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::{
    catalogue::products::Product,
    editing,
    error::{Error, Result},
    refuse,
    store::rows,
    views::QuantityArgs,
};

/// The most base units one line of a document may move.
pub const MOST_UNITS: i64 = 1_000_000_000;
/// The most lines one act may have: each becomes two movements at most.
pub const MOST_LINES: usize = officine_protocol::limits::DOCUMENT_LINES / 2;
/// As declared.
const REASON_CHARS: usize = 240;

/// Base units of a quantity of a product, `least` or more.
pub fn base_units(product: &Product, quantity: QuantityArgs, least: i64) -> Result<i64> {
    let factor = unit_factor(product, quantity.unit)?;
    let units = quantity.count.checked_mul(factor).filter(|units| (least..=MOST_UNITS).contains(units));
    units.ok_or_else(|| Error::refused("quantity_invalid", params! { min: least, max: MOST_UNITS }))
}

/// Base units in one of a unit: 1 where none is named.
pub fn unit_factor(product: &Product, unit: Option<u32>) -> Result<i64> {
    let Some(position) = unit else { return Ok(1) };
    let found = product.unit(Some(position)).map(|unit| unit.factor.max(1));
    found.ok_or_else(|| Error::refused("field_invalid", params! { field: "unit" }))
}

/// A reason that is one.
pub fn reason(text: &str) -> Result<String> {
    bounded(editing::reason(text)?, REASON_CHARS, "reason")
}

/// A text within what its column holds.
pub fn bounded(text: &str, max: usize, field: &str) -> Result<String> {
    match text.trim() {
        long if long.chars().count() > max => refuse!("field_invalid", field: field, why: "too long"),
        text => Ok(text.to_owned()),
    }
}

/// An amount, if there is one.
pub fn amount(francs: Option<i64>, field: &str) -> Result<Option<i64>> {
    match francs {
        Some(francs) if !(0..=LARGEST).contains(&francs) => refuse!("field_invalid", field: field, why: "out of range"),
        francs => Ok(francs),
    }
}

/// An act has a line at least, and not too many.
pub fn check_lines(count: usize) -> Result<()> {
    match count {
        0 => refuse!("lines_missing"),
        count if count > MOST_LINES => refuse!("lines_too_many", max: MOST_LINES),
        _ => Ok(()),
    }
}

/// A supplier, as commands name it: by identity, or by name. Its local key and identity.
pub fn supplier(connection: &Connection, named: &str) -> Result<(i64, Uid)> {
    let read = |row: &Row<'_>| Ok((row.get(0)?, rows::read_uid(row, 1)?));
    let found = match Uid::try_parse(named) {
        Ok(uid) => {
            let id = rows::id_of(connection, &SUPPLIER, uid)?;
            connection.prepare_cached("SELECT id, uid FROM supplier WHERE id = ?1")?.query_row([id], read)
        }
        Err(_) => {
            let sql = "SELECT id, uid FROM supplier WHERE name_fold = ?1 AND archived_at IS NULL ORDER BY id LIMIT 1";
            connection.prepare_cached(sql)?.query_row([fold(named)], read)
        }
    };
    let missing = || Error::refused("reference_missing", params! { entity: SUPPLIER.name, uid: named });
    found.optional()?.ok_or_else(missing)
}

//! How rows and values are called in conflicts and in the log.

use officine_protocol::{
    Uid,
    entities::{self, CONFLICT, PRODUCT, SUPPLIER},
    schema::{Column, Entity, Kind, Part},
};
use rusqlite::{Connection, OptionalExtension};
use serde_json::Value as Json;

use super::paths::plain;
use crate::{error::Result, store::rows};

/// What names a row, the first its entity has.
const OWN: [&str; 7] = ["name", "label", "lot_number", "login", "number", "reason", "note"];

/// How a row is called: its name; a lot by its product and its number; a conflict by the row it is about. Empty for what
/// is not here, or has no name.
pub fn label(connection: &Connection, entity: &Entity, uid: Uid) -> Result<String> {
    let uid = rows::canonical(connection, entity, uid)?;
    if entity.name == CONFLICT.name {
        return about(connection, uid);
    }
    let own = OWN.into_iter().find(|name| entity.column(name).is_some());
    let of = |other: &'static Entity| {
        let named = entity.columns.iter().find(|column| column.kind == Kind::Ref(other.name) && own != Some("name"));
        named.map(|column| {
            format!("coalesce((SELECT name FROM \"{}\" WHERE id = t.\"{}\"), '')", other.table, column.sql_name())
        })
    };
    let own = own.map(|name| format!("t.\"{name}\""));
    let supplier = if own.is_none() { of(&SUPPLIER) } else { None };
    let told: Vec<String> = [of(&PRODUCT), supplier, own].into_iter().flatten().collect();
    if told.is_empty() {
        return Ok(String::new());
    }
    let sql = format!("SELECT {} FROM \"{}\" t WHERE t.uid = ?1", told.join(", "), entity.table);
    let mut statement = connection.prepare_cached(&sql)?;
    let cells = statement.query_row([uid.as_bytes()], |row| {
        (0..told.len()).map(|place| row.get::<_, String>(place)).collect::<rusqlite::Result<Vec<_>>>()
    });
    let cells = cells.optional()?.unwrap_or_default();
    Ok(cells.into_iter().filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(" · "))
}

fn about(connection: &Connection, uid: Uid) -> Result<String> {
    let sql = "SELECT entity, \"row\" FROM conflict WHERE uid = ?1";
    let found: Option<(String, String)> =
        connection.prepare_cached(sql)?.query_row([uid.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    match found.and_then(|(entity, row)| entities::entity(&entity).zip(Uid::try_parse(&row).ok())) {
        Some((entity, row)) if entity.name != CONFLICT.name => label(connection, entity, row),
        _ => Ok(String::new()),
    }
}

/// The label of a row that is named by words.
pub fn label_of(connection: &Connection, entity: &str, uid: &str) -> Result<String> {
    match entities::entity(entity).zip(Uid::try_parse(uid).ok()) {
        Some((entity, uid)) => label(connection, entity, uid),
        None => Ok(String::new()),
    }
}

/// A value of a column as a text: a reference by the name of the row, or by its uid where it is not here.
pub fn shown(connection: &Connection, column: Option<&Column>, json: &Json) -> Result<String> {
    let target = column.and_then(|column| match column.kind {
        Kind::Ref(target) => entities::entity(target),
        _ => None,
    });
    let uid = json.as_str().and_then(|text| Uid::try_parse(text).ok());
    let name = target.zip(uid).map(|(target, uid)| label(connection, target, uid)).transpose()?;
    Ok(name.filter(|name| !name.is_empty()).unwrap_or_else(|| plain(json)))
}

/// A row of a part as a text.
pub fn shown_row(connection: &Connection, part: &Part, json: &Json) -> Result<String> {
    let Some(fields) = json.as_object() else { return Ok(plain(json)) };
    let cells = part.columns.iter().filter(|column| !part.key.contains(&column.name));
    let told = cells.filter_map(|column| fields.get(&column.wire_name()).map(|json| (column, json)));
    let texts = told.map(|(column, json)| shown(connection, Some(column), json)).collect::<Result<Vec<_>>>()?;
    Ok(texts.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · "))
}

/// Values of several rows of a part, or of one.
pub fn shown_rows(connection: &Connection, part: &Part, json: &Json) -> Result<String> {
    let Some(rows) = json.as_array() else { return shown_row(connection, part, json) };
    let texts = rows.iter().map(|row| shown_row(connection, part, row)).collect::<Result<Vec<_>>>()?;
    Ok(texts.join("; "))
}

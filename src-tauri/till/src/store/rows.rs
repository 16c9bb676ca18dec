//! Rows of any entity in and out of the store, by statements derived from the declaration.

use std::{collections::HashMap, sync::LazyLock};

use officine_protocol::{
    Uid,
    entities::ENTITIES,
    params,
    record::Record,
    schema::{Entity, LEDGER, Part},
    sql::{self, Dialect, Place},
    value::Value,
};
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter};

use crate::error::{Error, Result};

/// The statements of an entity, derived once.
struct Texts {
    upsert: String,
    id: String,
    select: String,
    parts: HashMap<&'static str, PartTexts>,
}

struct PartTexts {
    delete: String,
    insert: String,
    select: String,
}

static TEXTS: LazyLock<HashMap<&'static str, Texts>> =
    LazyLock::new(|| ENTITIES.iter().map(|entity| (entity.name, Texts::of(entity))).collect());

impl Texts {
    fn of(entity: &Entity) -> Self {
        Self {
            upsert: sql::upsert(entity, Dialect::Sqlite, Place::Till),
            id: format!("SELECT id FROM \"{}\" WHERE uid = ?1", entity.table),
            select: format!("{} WHERE t.uid = ?1", sql::select(entity, Place::Till)),
            parts: entity.parts.iter().map(|part| (part.name, PartTexts::of(part))).collect(),
        }
    }
}

impl PartTexts {
    fn of(part: &Part) -> Self {
        let key = part.key.iter().map(|name| {
            let column = part.columns.iter().find(|column| column.name == *name);
            format!("t.\"{}\"", column.map(|column| column.sql_name()).unwrap_or_default())
        });
        let key = key.collect::<Vec<_>>().join(", ");
        let condition = sql::part_of(part, Dialect::Sqlite, Place::Till, 1);
        Self {
            delete: format!("DELETE FROM \"{}\" WHERE {condition}", part.table),
            insert: sql::insert_part(part, Dialect::Sqlite, Place::Till),
            select: format!("{} WHERE {condition} ORDER BY {key}", sql::select_part(part, Place::Till)),
        }
    }
}

fn texts(entity: &Entity) -> Result<&'static Texts> {
    let unknown = || Error::refused("internal", params! { detail: entity.name });
    TEXTS.get(entity.name).ok_or_else(unknown)
}

fn part_texts(entity: &Entity, part: &Part) -> Result<&'static PartTexts> {
    let unknown = || Error::refused("internal", params! { detail: part.table });
    texts(entity)?.parts.get(part.name).ok_or_else(unknown)
}

/// The local key of a row, by any of its uids.
pub fn id_of(connection: &Connection, entity: &Entity, uid: Uid) -> Result<Option<i64>> {
    let mut statement = connection.prepare_cached(&texts(entity)?.id)?;
    let uid = canonical(connection, entity, uid)?;
    Ok(statement.query_row([uid.as_bytes()], |row| row.get(0)).optional()?)
}

/// The uid that a merged one stands for: itself unless the hub merged it.
pub fn canonical(connection: &Connection, entity: &Entity, uid: Uid) -> Result<Uid> {
    let mut statement = connection.prepare_cached("SELECT winner FROM uid_map WHERE entity = ?1 AND uid = ?2")?;
    let winner = statement.query_row((entity.name, uid.as_bytes()), |row| read_uid(row, 0)).optional()?;
    Ok(winner.unwrap_or(uid))
}

/// A uid column.
pub fn read_uid(row: &Row<'_>, place: usize) -> rusqlite::Result<Uid> {
    Ok(Uid::from_bytes(row.get::<_, [u8; 16]>(place)?))
}

/// Writes a record whole: the row, then its parts in place of those there were. Gives the local key.
pub fn put(connection: &Connection, entity: &Entity, record: &Record) -> Result<i64> {
    let mut statement = connection.prepare_cached(&texts(entity)?.upsert)?;
    let standard = [
        Value::Uid(record.uid),
        Value::from(record.server_id),
        Value::Int(record.rev),
        Value::Int(record.created_at),
        Value::from(record.archived_at),
    ];
    let written = sql::written(entity).map(|(place, _)| record.values.get(place).unwrap_or(&Value::Null));
    statement.execute(params_from_iter(standard.iter().chain(written)))?;
    let mut key = connection.prepare_cached(&texts(entity)?.id)?;
    let id = key.query_row([record.uid.as_bytes()], |row| row.get(0))?;
    for (part, rows) in entity.parts.iter().zip(&record.parts).filter(|(part, _)| !is_ledger(part)) {
        put_part(connection, entity, part, id, rows)?;
    }
    Ok(id)
}

/// Marks a row as archived, or as living again.
pub fn archive(connection: &Connection, entity: &Entity, id: i64, at: Option<i64>) -> Result<()> {
    let sql = format!("UPDATE \"{}\" SET archived_at = ?2 WHERE id = ?1", entity.table);
    connection.prepare_cached(&sql)?.execute((id, at))?;
    Ok(())
}

/// Movements are appended by the ledger alone, never replaced.
fn is_ledger(part: &Part) -> bool {
    part.table == LEDGER
}

/// Replaces the rows of a part.
fn put_part(connection: &Connection, entity: &Entity, part: &Part, owner: i64, rows: &[Vec<Value>]) -> Result<()> {
    let texts = part_texts(entity, part)?;
    connection.prepare_cached(&texts.delete)?.execute([owner])?;
    let mut insert = connection.prepare_cached(&texts.insert)?;
    for row in rows {
        insert.execute(params_from_iter(std::iter::once(&Value::Int(owner)).chain(row)))?;
    }
    Ok(())
}

/// Reads a record whole, by its own uid or a merged one. Its local key comes with it.
pub fn get(connection: &Connection, entity: &Entity, uid: Uid) -> Result<Option<(i64, Record)>> {
    let uid = canonical(connection, entity, uid)?;
    let mut statement = connection.prepare_cached(&texts(entity)?.select)?;
    let found = statement.query_row([uid.as_bytes()], |row| record(entity, row)).optional()?;
    let Some((id, mut record)) = found else { return Ok(None) };
    for (place, part) in entity.parts.iter().enumerate() {
        record.parts[place] = parts(connection, entity, part, id)?;
    }
    Ok(Some((id, record)))
}

/// Every row of an entity in turn, with its parts: one is held at a time.
pub fn each(connection: &Connection, entity: &Entity, mut act: impl FnMut(Record) -> Result<()>) -> Result<()> {
    let mut statement = connection.prepare(&sql::select(entity, Place::Till))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (id, mut record) = record(entity, row)?;
        for (place, part) in entity.parts.iter().enumerate() {
            record.parts[place] = parts(connection, entity, part, id)?;
        }
        act(record)?;
    }
    Ok(())
}

fn record(entity: &Entity, row: &Row<'_>) -> rusqlite::Result<(i64, Record)> {
    let mut record = Record::new(entity, read_uid(row, 1)?, row.get(4)?);
    record.server_id = row.get(2)?;
    record.rev = row.get(3)?;
    record.archived_at = row.get(5)?;
    for (offset, (place, column)) in sql::declared(entity, Place::Till).enumerate() {
        record.values[place] = Value::from_sqlite(column, row.get_ref(6 + offset)?)?;
    }
    Ok((row.get(0)?, record))
}

fn parts(connection: &Connection, entity: &Entity, part: &Part, owner: i64) -> Result<Vec<Vec<Value>>> {
    let mut statement = connection.prepare_cached(&part_texts(entity, part)?.select)?;
    let rows = statement.query_map([owner], |row| {
        let columns = part.columns.iter().enumerate();
        columns.map(|(place, column)| Value::from_sqlite(column, row.get_ref(place + 1)?)).collect()
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many rows an entity has, archived ones too, as the hub counts them; those it never took and nobody uses are none.
pub fn count(connection: &Connection, entity: &Entity) -> Result<i64> {
    let sql = format!("SELECT count(*) FROM \"{}\" WHERE archived_at IS NULL OR server_id IS NOT NULL", entity.table);
    Ok(connection.query_row(&sql, [], |row| row.get(0))?)
}

/// What the hub calls a row: `None` if there is no such row here, `Some(None)` if the hub has not named it yet.
pub fn server_id(connection: &Connection, entity: &Entity, uid: Uid) -> Result<Option<Option<i64>>> {
    let uid = canonical(connection, entity, uid)?;
    let sql = format!("SELECT server_id FROM \"{}\" WHERE uid = ?1", entity.table);
    Ok(connection.prepare_cached(&sql)?.query_row([uid.as_bytes()], |row| row.get(0)).optional()?)
}

/// The hub says what it calls a row that an operation only named; its revision is another matter.
pub fn correct_server_id(connection: &Connection, entity: &Entity, uid: Uid, server_id: i64) -> Result<()> {
    let uid = canonical(connection, entity, uid)?;
    let sql = format!("UPDATE \"{}\" SET server_id = ?2 WHERE uid = ?1", entity.table);
    connection.prepare_cached(&sql)?.execute((uid.as_bytes(), server_id))?;
    Ok(())
}

/// The hub named a row, and gave it a revision.
pub fn set_server_id(connection: &Connection, entity: &Entity, uid: Uid, server_id: i64, rev: i64) -> Result<()> {
    let uid = canonical(connection, entity, uid)?;
    let sql = format!("UPDATE \"{}\" SET server_id = ?2, rev = max(rev, ?3) WHERE uid = ?1", entity.table);
    connection.prepare_cached(&sql)?.execute((uid.as_bytes(), server_id, rev))?;
    Ok(())
}

/// A row bears no name of the hub's any more: that was none.
pub fn forget_server_id(connection: &Connection, entity: &Entity, id: i64) -> Result<()> {
    let sql = format!("UPDATE \"{}\" SET server_id = NULL, rev = 0 WHERE id = ?1", entity.table);
    connection.prepare_cached(&sql)?.execute([id])?;
    Ok(())
}

/// The hub's name and revision of a row, whatever it was before.
pub fn restate(connection: &Connection, entity: &Entity, uid: Uid, server_id: i64, rev: i64) -> Result<()> {
    let uid = canonical(connection, entity, uid)?;
    let sql = format!("UPDATE \"{}\" SET server_id = ?2, rev = ?3 WHERE uid = ?1", entity.table);
    connection.prepare_cached(&sql)?.execute((uid.as_bytes(), server_id, rev))?;
    Ok(())
}

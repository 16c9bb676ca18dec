//! What the hub merged is merged here: every reference goes to the winner, the loser's uid stays as another name.

use officine_protocol::{
    Uid,
    entities::{ENTITIES, PRODUCT_BATCH},
    record::Record,
    schema::{Class, Column, Entity, Kind, LEDGER},
    sql,
};
use rusqlite::Connection;

use super::apply;
use crate::{error::Result, stocktaking::draft, store::rows};

/// Merges the row `loser` into `winner`. Where the winner is not here yet, the row takes its name and its content
/// comes with the next page.
pub fn merge(connection: &Connection, entity: &'static Entity, loser: Uid, winner: Uid, now: i64) -> Result<()> {
    if loser == winner {
        return Ok(());
    }
    let (here, there) = (rows::id_of(connection, entity, loser)?, rows::id_of(connection, entity, winner)?);
    match (here, there) {
        (Some(_), None) => {
            let sql = format!("UPDATE \"{}\" SET uid = ?2 WHERE uid = ?1", entity.table);
            connection.execute(&sql, (loser.as_bytes(), winner.as_bytes()))?;
        }
        (Some(here), Some(there)) if here != there => {
            if let (Some((_, lost)), Some((_, kept))) =
                (rows::get(connection, entity, loser)?, rows::get(connection, entity, winner)?)
            {
                apply::log(connection, entity, &lost, &kept, "merge", now)?;
            }
            repoint(connection, entity, here, there)?;
            remove(connection, entity, here)?;
        }
        _ => {}
    }
    let sql = "UPDATE outbox SET uid = ?2 WHERE uid = ?1 AND entity = ?3 AND state <> 5 AND state <> 4";
    connection.execute(sql, (loser.as_bytes(), winner.as_bytes(), entity.name))?;
    for table in ["held_row", "row_aside"] {
        connection
            .execute(&format!("DELETE FROM {table} WHERE entity = ?1 AND uid = ?2"), (entity.name, loser.as_bytes()))?;
    }
    let sql = "UPDATE uid_map SET winner = ?3 WHERE entity = ?1 AND winner = ?2";
    connection.execute(sql, (entity.name, loser.as_bytes(), winner.as_bytes()))?;
    let sql = "INSERT INTO uid_map (entity, uid, winner) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET winner = excluded.winner";
    connection.execute(sql, (entity.name, loser.as_bytes(), winner.as_bytes()))?;
    Ok(())
}

/// The hub has a row of its own by a name that was another's here: they are two again. What named the winner is told by
/// the rows that come.
pub fn part(connection: &Connection, entity: &Entity, uid: Uid) -> Result<()> {
    let sql = "UPDATE outbox SET uid = ?1 WHERE entity = ?2 AND state <> 5 AND state <> 4 AND uid IN \
               (SELECT winner FROM uid_map WHERE entity = ?2 AND uid = ?1) \
               AND json_extract(CAST(payload AS TEXT), '$.uid') = ?3";
    connection.execute(sql, (uid.as_bytes(), entity.name, uid.to_string()))?;
    connection.execute("DELETE FROM uid_map WHERE entity = ?1 AND uid = ?2", (entity.name, uid.as_bytes()))?;
    Ok(())
}

/// The other names of a row.
pub fn aliases(connection: &Connection, entity: &Entity, winner: Uid) -> Result<Vec<Uid>> {
    let mut statement = connection.prepare_cached("SELECT uid FROM uid_map WHERE entity = ?1 AND winner = ?2")?;
    let names = statement.query_map((entity.name, winner.as_bytes()), |row| rows::read_uid(row, 0))?;
    Ok(names.collect::<rusqlite::Result<_>>()?)
}

/// Writes what is otherwise written once, where the row the hub knows by that name was born elsewhere.
pub fn adopt(connection: &Connection, entity: &Entity, known: &Record, merged: &Record) -> Result<()> {
    let Some(id) = rows::id_of(connection, entity, merged.uid)? else { return Ok(()) };
    let values = entity.columns.iter().zip(known.values.iter().zip(&merged.values));
    for (column, (_, value)) in values.filter(|(column, (old, new))| column.class == Class::Immutable && old != new) {
        connection.prepare_cached(&sql::correct(entity, column))?.execute((id, value))?;
    }
    if known.created_at != merged.created_at {
        let sql = format!("UPDATE \"{}\" SET created_at = ?2 WHERE id = ?1", entity.table);
        connection.execute(&sql, (id, merged.created_at))?;
    }
    Ok(())
}

fn repoint(connection: &Connection, entity: &Entity, from: i64, to: i64) -> Result<()> {
    if entity.table == PRODUCT_BATCH.table {
        gather_movements(connection, from, to)?;
        draft::merge_lots(connection, from, to)?;
    }
    for owner in ENTITIES {
        point(connection, owner.table, owner.columns, entity, from, to)?;
        for part in owner.parts.iter().filter(|part| part.table != LEDGER) {
            point(connection, part.table, part.columns, entity, from, to)?;
        }
    }
    for (table, column, target) in [
        ("cart_line", "product_id", "product"),
        ("cart_line", "batch_id", "product_batch"),
        ("cart", "user_id", "user"),
        ("stocktake_draft", "user_id", "user"),
        ("stocktake_draft_count", "user_id", "user"),
    ] {
        if target == entity.table {
            connection.execute(&format!("UPDATE {table} SET {column} = ?2 WHERE {column} = ?1"), (from, to))?;
        }
    }
    Ok(())
}

/// The movements of one lot become the other's, by one look at the ledger. A line that drew on both drew once on the one
/// they are.
fn gather_movements(connection: &Connection, from: i64, to: i64) -> Result<()> {
    let of_loser = "SELECT document_kind, document_id, line, step FROM stock_movement WHERE batch_id = ?1";
    let mut statement = connection.prepare(of_loser)?;
    let keys = statement.query_map([from], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    let keys: Vec<(i64, i64, i64, i64)> = keys.collect::<rusqlite::Result<_>>()?;
    let key = "document_kind = ?1 AND document_id = ?2 AND line = ?3 AND step = ?4";
    let joined = format!(
        "UPDATE stock_movement AS w SET delta = w.delta + l.delta, cost = coalesce(w.cost + l.cost, w.cost, l.cost) \
         FROM (SELECT delta, cost FROM stock_movement WHERE {key} AND batch_id = ?5) l WHERE {key} AND w.batch_id = ?6"
    );
    let (mut joined, mut moved, mut dropped) = (
        connection.prepare(&joined)?,
        connection.prepare(&format!("UPDATE stock_movement SET batch_id = ?6 WHERE {key} AND batch_id = ?5"))?,
        connection.prepare(&format!("DELETE FROM stock_movement WHERE {key} AND batch_id = ?5"))?,
    );
    for (kind, document, line, step) in keys {
        match joined.execute((kind, document, line, step, from, to))? {
            0 => moved.execute((kind, document, line, step, from, to))?,
            _ => dropped.execute((kind, document, line, step, from))?,
        };
    }
    let sql = "UPDATE product_batch AS w SET quantity = w.quantity + l.quantity FROM product_batch l \
               WHERE l.id = ?1 AND w.id = ?2";
    connection.execute(sql, (from, to))?;
    Ok(())
}

fn point(connection: &Connection, table: &str, columns: &[Column], entity: &Entity, from: i64, to: i64) -> Result<()> {
    for column in columns.iter().filter(|column| column.kind == Kind::Ref(entity.name)) {
        let name = column.sql_name();
        connection.execute(&format!("UPDATE \"{table}\" SET \"{name}\" = ?2 WHERE \"{name}\" = ?1"), (from, to))?;
    }
    Ok(())
}

fn remove(connection: &Connection, entity: &Entity, id: i64) -> Result<()> {
    for part in entity.parts {
        connection.execute(&format!("DELETE FROM \"{}\" WHERE \"{}\" = ?1", part.table, part.owner), [id])?;
    }
    connection.execute(&format!("DELETE FROM \"{}\" WHERE id = ?1", entity.table), [id])?;
    Ok(())
}

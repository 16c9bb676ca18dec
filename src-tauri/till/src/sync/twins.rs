//! What the hub merged is merged here: every reference goes to the winner, the loser's uid stays as another name.

use officine_protocol::{
    Uid,
    entities::{ENTITIES, PRODUCT_BATCH},
    record::Record,
    schema::{Class, Column, Entity, Kind},
    sql,
};
use rusqlite::Connection;

use super::{apply, walk};
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
    let sql = "UPDATE uid_map SET winner = ?3 WHERE entity = ?1 AND winner = ?2";
    connection.execute(sql, (entity.name, loser.as_bytes(), winner.as_bytes()))?;
    let sql = "INSERT INTO uid_map (entity, uid, winner) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET winner = excluded.winner";
    connection.execute(sql, (entity.name, loser.as_bytes(), winner.as_bytes()))?;
    Ok(())
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
    let sum = match walk::exact(connection)? {
        true => "SELECT coalesce(sum(delta), 0) FROM stock_movement WHERE batch_id = ?1",
        false => "SELECT sum(quantity) FROM product_batch WHERE id IN (?1, ?2)",
    };
    if entity.table == PRODUCT_BATCH.table {
        gather_movements(connection, from, to)?;
        draft::merge_lots(connection, from, to)?;
    }
    for owner in ENTITIES {
        point(connection, owner.table, owner.columns, entity, from, to)?;
        for part in owner.parts {
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
    if entity.table == PRODUCT_BATCH.table {
        let sql = format!("UPDATE product_batch SET quantity = ({sum}) WHERE id = ?1 AND ?2 IS NOT NULL");
        connection.execute(&sql, (to, from))?;
    }
    Ok(())
}

/// A line that drew on both lots drew once on the one they are.
fn gather_movements(connection: &Connection, from: i64, to: i64) -> Result<()> {
    let same =
        "w.document_kind = l.document_kind AND w.document_id = l.document_id AND w.line = l.line AND w.step = l.step";
    let gather = format!(
        "UPDATE stock_movement AS w SET delta = w.delta + l.delta, cost = coalesce(w.cost + l.cost, w.cost, l.cost) \
         FROM stock_movement l WHERE l.batch_id = ?1 AND w.batch_id = ?2 AND {same}"
    );
    connection.execute(&gather, (from, to))?;
    let drop = format!(
        "DELETE FROM stock_movement AS l WHERE l.batch_id = ?1 AND EXISTS \
         (SELECT 1 FROM stock_movement w WHERE w.batch_id = ?2 AND {same})"
    );
    connection.execute(&drop, (from, to))?;
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

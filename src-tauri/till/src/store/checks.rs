//! What the store checks of itself: at once only what cannot wait, the rest after the window is there.

use rusqlite::{Connection, OptionalExtension};

use crate::error::Result;

/// The newest migration applied; 0 for a new file.
pub fn schema_version(connection: &Connection) -> Result<i64> {
    let exists = connection
        .query_row("SELECT 1 FROM sqlite_master WHERE name = 'refinery_schema_history'", [], |_| Ok(()))
        .optional()?;
    match exists {
        None => Ok(0),
        Some(()) => {
            let sql = "SELECT coalesce(max(version), 0) FROM refinery_schema_history";
            Ok(connection.query_row(sql, [], |row| row.get(0))?)
        }
    }
}

/// `PRAGMA quick_check`: what it found wrong, if anything.
pub fn quick_check(connection: &Connection) -> Result<Option<String>> {
    let answer: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok((answer != "ok").then_some(answer))
}

/// `PRAGMA integrity_check`, which looks into indexes too: what it found wrong, if anything.
pub fn integrity_check(connection: &Connection) -> Result<Option<String>> {
    let answer: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    Ok((answer != "ok").then_some(answer))
}

/// Lots whose quantity is not the sum of their movements: uid, quantity, sum.
pub fn ledger_differences(connection: &Connection) -> Result<Vec<(Vec<u8>, i64, i64)>> {
    let sql = "SELECT b.uid, b.quantity, coalesce(sum(m.delta), 0) AS ledger FROM product_batch b \
               LEFT JOIN stock_movement m ON m.batch_id = b.id GROUP BY b.id HAVING b.quantity <> ledger";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

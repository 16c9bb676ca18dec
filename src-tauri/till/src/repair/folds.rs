//! Folds that are not those of their texts: a name would not be found, nor its twin. They are computed again.

use officine_protocol::{
    entities::{PRODUCT, in_order},
    params,
    schema::{Column, Entity},
};
use rusqlite::Connection;

use super::{Repair, journal::Finding};
use crate::{catalogue, error::Result, store::rows::read_uid};

impl Repair<'_, '_> {
    /// Looks at every fold, and computes those again that are wrong.
    pub fn folds(&mut self) -> Result<()> {
        for entity in in_order() {
            for column in entity.columns.iter().filter(|column| column.fold_of.is_some()) {
                self.fold(entity, column)?;
            }
        }
        Ok(())
    }

    fn fold(&mut self, entity: &'static Entity, column: &Column) -> Result<()> {
        let (till, journal) = (self.run.till, &mut self.journal);
        let wrong = till.store.read(|connection| wrong(connection, entity, column, &mut journal.report.rows_read))?;
        if wrong.is_empty() {
            return Ok(());
        }
        let sql = format!("UPDATE \"{}\" SET \"{}\" = ?2 WHERE id = ?1", entity.table, column.sql_name());
        till.store.write(|tx| {
            for (id, found, fold) in &wrong {
                tx.prepare_cached(&sql)?.execute((id, fold))?;
                journal.mended(tx, found, "recomputed")?;
            }
            if entity.name == PRODUCT.name {
                catalogue::touch(tx)?;
            }
            Ok(())
        })?;
        if entity.name == PRODUCT.name {
            self.run.touched.extend(wrong.iter().map(|(id, ..)| *id));
        }
        Ok(())
    }
}

fn wrong(
    connection: &Connection,
    entity: &'static Entity,
    column: &Column,
    read: &mut i64,
) -> Result<Vec<(i64, Finding, String)>> {
    let source = column.fold_of.unwrap_or_default();
    let sql = format!("SELECT id, uid, \"{source}\", \"{}\" FROM \"{}\"", column.sql_name(), entity.table);
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([])?;
    let mut wrong = Vec::new();
    while let Some(row) = rows.next()? {
        *read += 1;
        let (text, fold): (Option<String>, Option<String>) = (row.get(2)?, row.get(3)?);
        let right = (column.fold)(&text.unwrap_or_default());
        if fold.as_deref() != Some(right.as_str()) {
            let params = params! { field: column.wire_name(), old: fold.unwrap_or_default(), new: right.clone() };
            wrong.push((row.get(0)?, Finding::new("twin", entity, read_uid(row, 1)?).with(params), right));
        }
    }
    Ok(wrong)
}

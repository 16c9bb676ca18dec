//! Whether the declaration covers the store: what the sync does with each column, compared with the tables there are.

use std::collections::BTreeSet;

use officine_protocol::{
    entities::{ENTITIES, TILL_INFRASTRUCTURE},
    schema::{Class, Column, Entity},
    sql::Place,
};
use rusqlite::Connection;
use serde::Serialize;

use crate::{engine::Till, error::Result, views::CoverageRow};

/// The report. Complete where every column of every table is declared and every declared one exists.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Coverage {
    /// Nothing is undeclared and nothing is missing.
    pub complete: bool,
    /// Columns by class, per entity.
    pub entities: Vec<CoverageRow>,
    /// `table.column` that nobody declared.
    pub undeclared: Vec<String>,
    /// `table.column` declared, and not in the store.
    pub missing: Vec<String>,
}

impl Till {
    /// Compares the declaration with the store.
    pub fn coverage(&self) -> Result<Coverage> {
        let (found, declared) = (self.store.read(found)?, declared());
        let undeclared: Vec<_> = found.difference(&declared).cloned().collect();
        let missing: Vec<_> = declared.difference(&found).cloned().collect();
        let complete = undeclared.is_empty() && missing.is_empty();
        Ok(Coverage { complete, entities: by_class(), undeclared, missing })
    }
}

/// Columns of every entity by class, its parts' with its own.
pub fn by_class() -> Vec<CoverageRow> {
    let row = |entity: &&Entity| {
        let count = |class| {
            let all = entity.columns.iter().chain(entity.parts.iter().flat_map(|part| part.columns));
            all.filter(|column| column.class == class).count() as u32
        };
        CoverageRow {
            entity: entity.name.to_owned(),
            synced: count(Class::Synced),
            immutable: count(Class::Immutable),
            derived: count(Class::Derived),
            local_only: count(Class::LocalOnly),
        }
    };
    ENTITIES.iter().map(row).collect()
}

/// The columns of the store, those of tables that hold no entity left out.
fn found(connection: &Connection) -> Result<BTreeSet<String>> {
    let sql = "SELECT t.name, c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c \
               WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let columns = rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter();
    let held = columns.filter(|(table, _)| !TILL_INFRASTRUCTURE.contains(&table.as_str()));
    Ok(held.map(|(table, column)| format!("{table}.{column}")).collect())
}

fn declared() -> BTreeSet<String> {
    let names = |columns: &[Column]| columns.iter().map(Column::sql_name).collect::<Vec<_>>();
    let named = |table: &'static str, names: Vec<String>| names.into_iter().map(move |name| format!("{table}.{name}"));
    let mut columns = BTreeSet::new();
    for entity in ENTITIES {
        let standard = std::iter::once("id").chain(Place::Till.standard().iter().copied());
        columns.extend(named(entity.table, standard.map(str::to_owned).collect()));
        columns.extend(named(entity.table, names(entity.columns)));
        for part in entity.parts {
            let owner = std::iter::once(part.owner).chain(part.kind.map(|(column, _)| column));
            columns.extend(named(part.table, owner.map(str::to_owned).collect()));
            columns.extend(named(part.table, names(part.columns)));
        }
    }
    columns
}

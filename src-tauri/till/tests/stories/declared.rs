//! The declaration and the migrated tables say the same, column by column.

use std::collections::{BTreeMap, BTreeSet};

use officine_protocol::{
    entities::{ENTITIES, TILL_INFRASTRUCTURE},
    schema::{Class, Column},
    sql::Place,
};
use rusqlite::Connection;

use crate::support::Shop;

type Tables = BTreeMap<String, BTreeSet<String>>;

fn migrated(db: &Connection) -> Tables {
    let sql = "SELECT t.name, c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c \
               WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'";
    let mut statement = db.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)));
    let mut tables = Tables::new();
    for row in rows.unwrap() {
        let (table, column) = row.unwrap();
        tables.entry(table).or_default().insert(column);
    }
    tables
}

fn names(columns: &[Column]) -> impl Iterator<Item = String> {
    columns.iter().map(Column::sql_name)
}

fn declared() -> Tables {
    let mut tables = Tables::new();
    for entity in ENTITIES {
        let own = tables.entry(entity.table.to_owned()).or_default();
        own.insert("id".to_owned());
        own.extend(Place::Till.standard().iter().map(|name| (*name).to_owned()));
        own.extend(names(entity.columns));
        for part in entity.parts {
            let rows = tables.entry(part.table.to_owned()).or_default();
            rows.insert(part.owner.to_owned());
            rows.extend(part.kind.map(|(column, _)| column.to_owned()));
            rows.extend(names(part.columns));
        }
    }
    tables
}

#[test]
fn every_column_of_every_table_is_declared_and_every_declared_column_exists() {
    let shop = Shop::open();
    let mut migrated = migrated(&shop.db());
    for table in TILL_INFRASTRUCTURE {
        assert!(migrated.remove(*table).is_some(), "{table} is named as infrastructure and is not there");
    }
    assert_eq!(migrated, declared());
}

#[test]
fn the_comparison_sees_a_table_or_column_that_nobody_declared() {
    let shop = Shop::open();
    let db = shop.db();
    db.execute_batch("CREATE TABLE stranger (id INTEGER); ALTER TABLE supplier ADD COLUMN colour TEXT;").unwrap();
    let found = migrated(&db);
    let declared = declared();
    assert!(found.contains_key("stranger") && !declared.contains_key("stranger"));
    assert_ne!(found["supplier"], declared["supplier"]);
}

#[test]
fn the_coverage_report_counts_every_declared_column_once() {
    let report = officine_till::sync::state::coverage();
    assert_eq!(report.len(), ENTITIES.len());
    for (row, entity) in report.iter().zip(ENTITIES) {
        let declared = entity.columns.len() + entity.parts.iter().map(|part| part.columns.len()).sum::<usize>();
        let counted = row.synced + row.immutable + row.derived + row.local_only;
        assert_eq!((row.entity.as_str(), counted as usize), (entity.name, declared));
    }
    let local = |name: &str| report.iter().find(|row| row.entity == name).map(|row| row.local_only);
    assert_eq!((local("user"), local("sale")), (Some(2), Some(0)));
    assert!(
        ENTITIES
            .iter()
            .all(|entity| entity.columns.iter().all(|column| column.class != Class::LocalOnly || !column.travels()))
    );
}

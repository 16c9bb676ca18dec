//! Declaration and tables agree, on both databases: every column is declared, standard, or of the infrastructure.

use std::collections::{BTreeMap, BTreeSet};

use officine_hub::{
    StoreError,
    coverage::coverage,
    store::{Postgres, Sqlite},
};
use officine_protocol::{
    entities::{ENTITIES, HUB_INFRASTRUCTURE},
    sql::{Place, declared},
};
use tempfile::TempDir;

use crate::{cluster::Cluster, rooms::Room};

type Tables = BTreeMap<String, BTreeSet<String>>;

fn promised() -> Tables {
    let mut tables = Tables::new();
    for entity in ENTITIES {
        let columns = tables.entry(entity.table.to_owned()).or_default();
        columns.extend(Place::Hub.standard().iter().map(|name| (*name).to_owned()));
        columns.extend(declared(entity, Place::Hub).map(|(_, column)| column.sql_name()));
        for part in entity.parts {
            let columns = tables.entry(part.table.to_owned()).or_default();
            columns.extend(["pharmacy_id", part.owner].map(str::to_owned));
            columns.extend(part.kind.map(|(column, _)| column.to_owned()));
            columns.extend(part.columns.iter().map(|column| column.sql_name()));
        }
    }
    tables
}

fn check(found: Vec<(String, String)>) {
    let report = coverage(&found);
    let mut tables = Tables::new();
    let mut infrastructure = BTreeSet::new();
    for (table, column) in found {
        if HUB_INFRASTRUCTURE.contains(&table.as_str()) {
            infrastructure.insert(table);
        } else {
            tables.entry(table).or_default().insert(column);
        }
    }
    assert_eq!(tables, promised());
    assert!(report.is_whole() && report.percent == 100, "{report:?}");
    assert_eq!(infrastructure.len(), HUB_INFRASTRUCTURE.len());
}

#[tokio::test]
async fn every_column_of_sqlite_is_declared() {
    let folder = TempDir::new().unwrap();
    drop(Sqlite::open(folder.path()).unwrap());
    let connection = rusqlite::Connection::open(folder.path().join("hub.db")).unwrap();
    let sql = "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c \
               WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'";
    let mut statement = connection.prepare(sql).unwrap();
    check(statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect());
}

#[tokio::test]
async fn every_column_of_postgres_is_declared_and_of_three_types() {
    let cluster = Cluster::start();
    let database = cluster.database("coverage");
    let open = async || Postgres::open(&database.app, Some(&database.owner)).await;
    drop(open().await.unwrap());
    drop(open().await.unwrap());
    let (client, connection) = tokio_postgres::connect(&database.root, tokio_postgres::NoTls).await.unwrap();
    let driver = tokio::spawn(connection);
    let sql = "SELECT table_name::text, column_name::text, data_type::text, coalesce(collation_name::text, '') \
               FROM information_schema.columns WHERE table_schema = 'public'";
    let rows = client.query(sql, &[]).await.unwrap();
    check(rows.iter().map(|row| (row.get(0), row.get(1))).collect());
    for row in rows.iter().filter(|row| row.get::<_, String>(0) != "refinery_schema_history") {
        let kind = (row.get::<_, String>(2), row.get::<_, String>(3));
        let known = [("bigint", ""), ("bytea", ""), ("text", "C")];
        assert!(known.contains(&(kind.0.as_str(), kind.1.as_str())), "{kind:?}");
    }
    client.execute("UPDATE refinery_schema_history SET version = 99 WHERE version = 1", &[]).await.unwrap();
    assert!(matches!(open().await, Err(StoreError::SchemaNewer { found: 99, .. })));
    drop(client);
    driver.abort();
}

#[tokio::test]
async fn a_newer_or_unreadable_file_is_named() {
    let folder = TempDir::new().unwrap();
    drop(Sqlite::open(folder.path()).unwrap());
    let file = folder.path().join("hub.db");
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection.execute("UPDATE refinery_schema_history SET version = 99 WHERE version = 1", []).unwrap();
    drop(connection);
    assert!(matches!(Sqlite::open(folder.path()), Err(StoreError::SchemaNewer { found: 99, known: 7 })));
    let other = TempDir::new().unwrap();
    std::fs::write(other.path().join("hub.db"), "this is no database, whatever its name says. ".repeat(50)).unwrap();
    assert!(matches!(Sqlite::open(other.path()), Err(StoreError::Damaged(_))));
}

pub async fn the_report_covers_every_column(room: Room) {
    let mut found = room.app.store.columns().await.unwrap();
    let report = coverage(&found);
    assert!(report.is_whole() && report.percent == 100, "{report:?}");
    let user = report.entities.iter().find(|covered| covered.entity == "user").unwrap();
    assert_eq!(user.local_only, ["failed_pins", "locked_until"]);
    assert!(report.told().ends_with("covered\t100 %"));
    found.retain(|(_, column)| column != "credit_ceiling");
    found.push(("sale".to_owned(), "colour".to_owned()));
    let report = coverage(&found);
    assert_eq!(
        (report.undeclared.as_slice(), report.missing.as_slice()),
        (&["sale.colour".to_owned()][..], &["customer.credit_ceiling".to_owned()][..])
    );
    assert!(report.percent == 99 && !report.is_whole());
}

//! The declaration and the migrated tables say the same, column by column.

use officine_protocol::{
    entities::{ENTITIES, TILL_INFRASTRUCTURE},
    schema::Class,
};

use crate::support::Shop;

#[test]
fn every_column_of_every_table_is_declared_and_every_declared_column_exists() {
    let shop = Shop::open();
    let report = shop.till.coverage().unwrap();
    assert!(report.complete, "{:?} {:?}", report.undeclared, report.missing);
    for table in TILL_INFRASTRUCTURE {
        let sql = format!("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '{table}'");
        assert_eq!(shop.one::<i64>(&sql), 1, "{table} is named as infrastructure and is not there");
    }
}

#[test]
fn the_report_names_what_nobody_declared_and_what_is_missing() {
    let shop = Shop::open();
    let sql = "CREATE TABLE stranger (id INTEGER); ALTER TABLE supplier ADD COLUMN colour TEXT; \
               ALTER TABLE supplier DROP COLUMN address;";
    shop.db().execute_batch(sql).unwrap();
    let report = shop.till.coverage().unwrap();
    assert!(!report.complete);
    assert_eq!(report.undeclared, ["stranger.id", "supplier.colour"]);
    assert_eq!(report.missing, ["supplier.address"]);
}

#[test]
fn the_coverage_report_counts_every_declared_column_once() {
    let report = Shop::open().till.coverage().unwrap().entities;
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

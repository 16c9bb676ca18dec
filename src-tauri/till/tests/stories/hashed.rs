//! What was hashed of the book is kept, and read again once anybody has written to what it was made from.

use officine_till::sync::digest::TillDigest;
use serde_json::json;

use crate::support::{Shop, fields};

/// Of each, more than a range and less than two.
const ROWS: i64 = 700;

/// Suppliers and products that the hub has named, as a first sync leaves them.
fn filled() -> Shop {
    let shop = Shop::open();
    let rows = |table: &str, columns: &str, values: &str| {
        format!(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS}) \
             INSERT INTO {table} (id, uid, server_id, rev, created_at, {columns}) \
             SELECT 1000 + i, unhex(printf('%032x', i)), i, i, i, {values} FROM n;"
        )
    };
    let suppliers = rows("supplier", "name, name_fold, phone, address", "'Grossiste ' || i, 'grossiste' || i, '', ''");
    let products = rows(
        "product",
        "name, name_fold, dci, form, strength, maker, tax_class, min_stock",
        "'P' || i, 'p' || i, '', '', '', '', '', 0",
    );
    shop.db().execute_batch(&(suppliers + &products)).unwrap();
    let parts = "INSERT INTO product_unit SELECT id, 0, 'boîte', 1, 500 FROM product WHERE id > 1000; \
                 INSERT INTO product_code SELECT id, 0, 'c' || id, 'own', 0, id FROM product WHERE id > 1000;";
    shop.db().execute_batch(parts).unwrap();
    shop
}

fn ahead(shop: &Shop, since: i64) -> i64 {
    shop.till.hash_ahead(since, || Ok(())).unwrap()
}

/// As it is told, and as it is without anything that was kept.
fn told(shop: &Shop) -> (TillDigest, TillDigest) {
    let kept = shop.till.digest(64).unwrap();
    shop.db().execute_batch("DELETE FROM digest_range").unwrap();
    (kept, shop.till.digest(64).unwrap())
}

fn by_hand(shop: &Shop, sql: &str) {
    let db = shop.db();
    db.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    db.execute_batch(sql).unwrap();
}

#[test]
fn a_row_is_read_once_for_as_long_as_nobody_writes_it() {
    let shop = filled();
    assert_eq!(ahead(&shop, i64::MIN), 2 * 512, "what comes after the last full range is not kept");
    assert_eq!(ahead(&shop, i64::MIN), 0);
    let before = shop.till.digest(1).unwrap();
    assert!(before.book.read < ROWS, "{}", before.book.read);
    by_hand(&shop, "UPDATE supplier SET phone = '1' WHERE id = 1007");
    assert_eq!(ahead(&shop, i64::MIN), 512);
    assert_ne!(shop.till.digest(1).unwrap().book.entities["supplier"], before.book.entities["supplier"]);
    assert_eq!(ahead(&shop, i64::MAX), 2 * 512, "and again where it was read too long ago");
}

#[test]
fn whatever_is_written_is_noticed() {
    let writes = [
        ("UPDATE supplier SET phone = '1' WHERE id = 1007", "supplier"),
        ("UPDATE supplier SET rev = 9000 WHERE id = 1007", "supplier"),
        ("UPDATE supplier SET server_id = 9000 WHERE id = 1007", "supplier"),
        ("UPDATE supplier SET server_id = NULL WHERE id = 1007", "supplier"),
        ("UPDATE supplier SET uid = zeroblob(16) WHERE id = 1007", "product"),
        ("DELETE FROM supplier WHERE id = 1007", "product"),
        ("UPDATE supplier SET id = -7 WHERE id = 1007", "product"),
        ("UPDATE product_unit SET price = 1 WHERE product_id = 1007", "product"),
        ("UPDATE product_code SET product_id = 1690, position = 1 WHERE product_id = 1007", "product"),
        ("UPDATE product_code SET supplier_id = 1008 WHERE product_id = 1007", "product"),
        ("DELETE FROM product_code WHERE product_id = 1007", "product"),
        ("INSERT INTO product_unit VALUES (1007, 1, 'plaquette', 2, NULL)", "product"),
        ("INSERT OR REPLACE INTO product_unit VALUES (1007, 0, 'carton', 2, NULL)", "product"),
        ("UPDATE product SET archived_at = 1 WHERE id = 1007", "product"),
    ];
    for (sql, entity) in writes {
        let shop = filled();
        ahead(&shop, i64::MIN);
        let before = shop.till.digest(64).unwrap();
        by_hand(&shop, sql);
        ahead(&shop, i64::MIN);
        let (kept, read) = told(&shop);
        assert_eq!(kept.book.entities, read.book.entities, "{sql}");
        assert_ne!(kept.book.entities[entity], before.book.entities[entity], "{sql}");
    }
}

#[test]
fn a_row_that_went_where_nobody_looked_is_missed() {
    let shop = filled();
    ahead(&shop, i64::MIN);
    by_hand(&shop, "DROP TRIGGER supplier_hashed_gone; DELETE FROM supplier WHERE id = 1007");
    assert_eq!(ahead(&shop, i64::MIN), 2 * 512, "those that named it are read again too");
    let (kept, read) = told(&shop);
    assert_eq!(kept.book.entities, read.book.entities);
    assert_eq!(kept.book.entities["supplier"].iter().map(|digest| digest.count).sum::<u64>(), ROWS as u64 - 1);
}

#[test]
fn what_waits_to_be_sent_is_told_as_the_hub_knew_it() {
    let shop = filled();
    shop.sign_in("pharmacist");
    ahead(&shop, i64::MIN);
    let before = shop.till.digest(64).unwrap();
    let uid = officine_protocol::Uid::from_u128(7).to_string();
    shop.till.edit_supplier(&uid, &fields(json!({ "phone": "9" }))).unwrap();
    let (kept, read) = told(&shop);
    assert_eq!(kept.book.entities, read.book.entities);
    assert_eq!(kept.book.entities["supplier"], before.book.entities["supplier"]);
    assert_eq!(kept.pending["supplier"], 1);
}

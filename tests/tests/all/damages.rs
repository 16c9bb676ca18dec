//! Whatever somebody does to a till's file or to the hub's tables by hand: one press, and the books are equal.

use std::{collections::BTreeSet, path::Path};

use officine_tests::{
    Shop,
    books::{are_equal, at_rest},
    programs::till,
    shop::code,
};
use rusqlite::Connection;

use crate::healing::{acts, damage, damage_hub, done, one_till};

/// Damages of a till's file, and a line that tells of each.
const TILL: &[(&str, &str)] = &[
    ("UPDATE supplier SET server_id = NULL", "orphan supplier named"),
    ("UPDATE supplier SET server_id = -4", "orphan supplier named"),
    ("UPDATE product SET server_id = server_id + 100000", "name product named"),
    ("UPDATE sale SET server_id = NULL", "orphan sale named"),
    ("UPDATE product SET name = 'Faux', name_fold = 'vrai' WHERE id = 1", "differs product taken"),
    ("UPDATE product_batch SET quantity = quantity + 3", "ledger productBatch recomputed"),
    ("UPDATE stock_movement SET delta = delta - 1 WHERE document_kind = 1", "differs sale taken"),
    ("UPDATE sale SET total = total + 500 WHERE id = 1", "differs sale taken"),
    ("UPDATE product_batch SET supplier_id = 4711 WHERE id = 1", "reference productBatch repointed"),
    ("DELETE FROM supplier", "missing supplier fetched"),
    ("DELETE FROM sale WHERE id = 1", "missing sale fetched"),
    ("DELETE FROM sale_item WHERE sale_id = 2", "differs sale taken"),
    ("DELETE FROM product_code", "differs product taken"),
    ("UPDATE product SET rev = rev + 1000000 WHERE id = 2", "differs product"),
    ("UPDATE sync_state SET cursor_rev = 1", "stuck setting recomputed"),
    ("UPDATE product SET uid = randomblob(16) WHERE id = 1", "name product named"),
    ("UPDATE supplier SET uid = randomblob(16)", "name supplier named"),
    ("UPDATE product_batch SET uid = randomblob(16)", "name productBatch named"),
    ("UPDATE sale SET uid = randomblob(16) WHERE id = 2", "name sale named"),
    ("UPDATE user SET uid = randomblob(16) WHERE id = 1", "name user named"),
    ("DELETE FROM sync_state", "stuck setting recomputed"),
    ("UPDATE sync_state SET cursor_commit = 'x'", "stuck setting recomputed"),
    ("DELETE FROM sync_state; DELETE FROM passed", "stuck setting recomputed"),
    ("DELETE FROM till_state", "stuck sale recomputed"),
    ("UPDATE till_state SET last_hash = x'00'", "stuck sale recomputed"),
    ("UPDATE till_state SET last_seq = 0, last_number = 0", "stuck sale recomputed"),
];

fn every_damage_of_a_till_is_mended(shop: &Shop) {
    let data = one_till(shop, 3);
    done(&data, "supplier|add|Laborex");
    done(&data, &format!("offer|set|{}|laborex|--set|packCost=4100", code(0)));
    (0..3).for_each(|product| drop(done(&data, &format!("sell|--no-sync|{}", code(product)))));
    done(&data, "sync");
    are_equal(&shop.hub, &shop.pharmacy, &[&data]);
    for (sql, told) in TILL {
        let before = acts(&data).len();
        damage(&data.join("officine.db"), sql);
        let run = till(&data, ["repair"]);
        let new = acts(&data).split_off(before);
        assert_eq!(run.code, Some(0), "{sql}: {} {new:#?} {}", run.json, run.stderr);
        assert!(told.is_empty() || new.iter().any(|line| line.starts_with(told)), "{sql}: {new:#?}");
        are_equal(&shop.hub, &shop.pharmacy, &[&data]);
        let healthy = till(&data, ["doctor"]);
        assert_eq!(healthy.code, Some(0), "{sql}: {}", healthy.json);
    }
    at_rest(shop, &[&data], &BTreeSet::new());
}

#[test]
fn whatever_is_wrong_in_a_tills_file_is_mended_by_one_press_and_told() {
    every_damage_of_a_till_is_mended(&Shop::open());
}

#[test]
fn on_postgres_whatever_is_wrong_in_a_tills_file_is_mended_by_one_press_and_told() {
    every_damage_of_a_till_is_mended(&Shop::open_on_postgres());
}

/// Damages of the hub's tables, and a line that tells of each at the till.
const HUB: &[(&str, &str)] = &[
    ("UPDATE product_batch SET quantity = quantity + 2", "hub productBatch mended"),
    ("UPDATE supplier SET name_fold = 'x'", "hub supplier mended"),
    ("UPDATE product SET dci = 'faux' WHERE name LIKE '% 1'", "differs product taken"),
    ("DELETE FROM supplier", "lost supplier given"),
    (
        "DELETE FROM sale_item; DELETE FROM sale_payment; DELETE FROM stock_movement WHERE document_kind = 1; DELETE FROM sale",
        "lost sale given",
    ),
    ("DELETE FROM product_code", "differs product given"),
    ("DELETE FROM product_unit WHERE product_id = (SELECT min(id) FROM product)", "differs product given"),
    ("DELETE FROM sale_item", "differs sale given"),
    ("DELETE FROM sale_payment", "differs sale given"),
    ("DELETE FROM stock_movement", "differs sale given"),
    ("UPDATE product SET rev = rev + 4000000", "hub product mended"),
    ("UPDATE pharmacy SET next_id = 1", "hub setting mended"),
    ("DELETE FROM product_batch; DELETE FROM product_supplier; DELETE FROM product", "lost product given"),
    ("DELETE FROM \"user\"; DELETE FROM setting", "lost user given"),
    ("DELETE FROM sale WHERE id = (SELECT max(id) FROM sale)", "lost sale given"),
    ("DELETE FROM stock_adjustment", "lost stockAdjustment given"),
    ("DELETE FROM change_log; DELETE FROM idempotency", ""),
    ("UPDATE device SET cursor_rev = 0, acknowledged = 0", ""),
    ("UPDATE product SET rev = 0", "hub product mended"),
    ("UPDATE pharmacy SET revision = 3", ""),
    (
        "UPDATE product SET uid = (SELECT uid FROM device) WHERE id = (SELECT min(id) FROM product)",
        "name product named",
    ),
    ("UPDATE supplier SET uid = (SELECT uid FROM device) WHERE name = 'Laborex'", "name supplier named"),
    ("UPDATE sale SET user_id = 4242", "differs sale given"),
    ("UPDATE product_supplier SET product_id = 4242, supplier_id = 4243", "differs productSupplier given"),
    ("UPDATE sale_item SET product_id = 4242", "differs sale given"),
    ("UPDATE stock_movement SET batch_id = 4242 WHERE document_kind = 1", "differs sale given"),
    (
        "UPDATE stock_movement SET batch_id = 4242 WHERE document_kind <> 1 AND line = 1",
        "differs stockAdjustment given",
    ),
    ("UPDATE product_code SET supplier_id = 4242", "differs product given"),
    ("UPDATE sale SET total = total + 500 WHERE id = (SELECT min(id) FROM sale)", "differs sale given"),
    ("UPDATE sale SET number = number + 70 WHERE id = (SELECT max(id) FROM sale)", "differs sale given"),
    ("UPDATE sale SET previous_hash = hash WHERE id = (SELECT min(id) FROM sale)", "differs sale given"),
    ("UPDATE stock_movement SET delta = delta - 1 WHERE document_kind = 1", "differs sale given"),
    ("UPDATE sale_item SET quantity = quantity + 1, name = 'Faux'", "differs sale given"),
    ("UPDATE sale_payment SET amount = 7", "differs sale given"),
    ("UPDATE product_supplier SET supplier_id = 4242", "differs productSupplier given"),
    (
        "UPDATE product_batch SET product_id = 4242 WHERE id = (SELECT max(id) FROM product_batch)",
        "differs productBatch given",
    ),
    ("UPDATE supplier SET name = 'LABORÈX' WHERE name = 'Ubipharm'", "hub supplier merged"),
    ("UPDATE pharmacy SET epoch = epoch + 1", "history setting restarted"),
    ("DELETE FROM commit_log", "history setting restarted"),
];

fn every_damage_of_the_hub_is_mended(shop: &Shop) {
    let data = one_till(shop, 3);
    done(&data, "supplier|add|Laborex");
    done(&data, "supplier|add|Ubipharm");
    for (product, supplier) in [(0, "laborex"), (1, "ubipharm")] {
        done(&data, &format!("offer|set|{}|{supplier}|--set|packCost=4100", code(product)));
    }
    (0..3).for_each(|product| drop(done(&data, &format!("sell|--no-sync|{}", code(product)))));
    done(&data, "sync");
    let sold = |data: &Path| {
        let store = Connection::open(data.join("officine.db")).unwrap();
        store.query_row("SELECT count(*), sum(total) FROM sale", [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
    };
    let before: (i64, i64) = sold(&data);
    let mut failed = Vec::new();
    for (sql, told) in HUB {
        damage_hub(shop, sql);
        let known = acts(&data).len();
        let run = till(&data, ["repair"]);
        let new = acts(&data).split_off(known);
        if run.code != Some(0) || !(told.is_empty() || new.iter().any(|line| line.starts_with(told))) {
            failed.push(format!("{sql}: {} {new:#?} {}", run.json, run.stderr));
        }
        let compared = done(&data, "sync|compare");
        if compared["equal"] != true {
            failed.push(format!("{sql}: {}", officine_tests::books::different(&compared)));
        }
        let codes = done(&data, &format!("search|{}", code(0)));
        assert!(codes.to_string().contains("Produit"), "{sql}: {codes}");
        assert_eq!(sold(&data), before, "{sql}");
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    at_rest(shop, &[&data], &BTreeSet::new());
}

/// What a ticket printed speaks for the uid that it bears here; there, it would be another ticket and move its stock again.
#[test]
fn a_ticket_that_bears_another_uid_on_the_hub_is_told_and_is_here_once() {
    let shop = Shop::open();
    let data = one_till(&shop, 1);
    done(&data, &format!("sell|--no-sync|{}", code(0)));
    done(&data, "sync");
    let here = || {
        let store = Connection::open(data.join("officine.db")).unwrap();
        let sql =
            "SELECT (SELECT hex(uid) FROM sale), (SELECT count(*) FROM sale), (SELECT quantity FROM product_batch)";
        store.query_row(sql, [], |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?))).unwrap()
    };
    let before: (String, i64, i64) = here();
    damage_hub(&shop, "UPDATE sale SET uid = (SELECT uid FROM device)");
    assert_eq!(till(&data, ["repair"]).code, Some(1));
    assert!(acts(&data).iter().any(|line| line.ends_with("(repair_uid_contested)")), "{:#?}", acts(&data));
    done(&data, "sync");
    assert_eq!(here(), before);
    damage_hub(&shop, &format!("UPDATE sale SET uid = x'{}'", before.0));
    assert_eq!(till(&data, ["repair"]).code, Some(0));
    at_rest(&shop, &[&data], &BTreeSet::new());
}

#[test]
fn whatever_is_wrong_in_the_hubs_tables_is_mended_from_a_till_and_told() {
    every_damage_of_the_hub_is_mended(&Shop::open());
}

#[test]
fn on_postgres_whatever_is_wrong_in_the_hubs_tables_is_mended_from_a_till_and_told() {
    every_damage_of_the_hub_is_mended(&Shop::open_on_postgres());
}

//! What is wrong in a till's file or in the hub's tables is found, mended and told: one press, and the books are equal.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use officine_tests::{
    Shop,
    books::{are_equal, at_rest},
    programs::till,
    shop::{OWNER, PIN, code},
};
use rusqlite::Connection;
use serde_json::Value;

fn done(data: &Path, command: &str) -> Value {
    let said = till(data, ["--user", OWNER, "--pin", PIN].into_iter().chain(command.split('|')));
    assert_eq!(said.code, Some(0), "{command}: {} {}", said.json, said.stderr);
    said.json
}

/// Somebody, or something, has been at a file: nothing holds it to its references.
fn damage(file: &Path, sql: &str) {
    let store = Connection::open(file).unwrap();
    store.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
    store.pragma_update(None, "foreign_keys", false).unwrap();
    store.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
}

fn one_till(shop: &Shop, products: usize) -> PathBuf {
    drop(shop.first_till(&shop.hub.url(), products, 5));
    shop.data("caisse-1")
}

/// What was found and done, oldest first.
fn acts(data: &Path) -> Vec<String> {
    let told = done(data, "repairs|--limit|200");
    let text = |line: &Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
    let lines = told["lines"].as_array().unwrap().iter().rev();
    lines.map(|line| ["kind", "entity", "act", "label"].map(|name| text(line, name)).join(" ")).collect()
}

/// Supplier « Spharma Guinée » is marked as sent and was not; seven orders, eight items and twelve lots stand on it.
fn spharma(shop: &Shop) {
    let data = one_till(shop, 12);
    done(&data, "supplier|add|Spharma Guinée");
    damage(&data.join("officine.db"), "UPDATE outbox SET state = 5, settled_at = 1 WHERE entity = 'supplier'");
    let mut lots = 0;
    for order in 0..7 {
        let items = if order == 0 { 2 } else { 1 };
        let lines: Vec<_> = (0..items).map(|item| format!("{},quantity=9", code(order + 7 * item))).collect();
        let made = done(&data, &format!("order|create|--supplier|spharma guinee|{}", lines.join("|")));
        let number = made["row"]["number"].as_str().unwrap().to_owned();
        let wanted = if order < 5 { 2 } else { 1 };
        let lots_of = |lot| format!("{},lot=S{order}{lot}@2033-01-31,quantity=3", code(order));
        let lines: Vec<_> = (0..wanted).map(lots_of).collect();
        lots += wanted;
        done(&data, &format!("receive|--order|{number}|{}", lines.join("|")));
    }
    assert_eq!(lots, 12);
    let synced = done(&data, "sync");
    assert_eq!((&synced["deferred"], &synced["blocked"], &synced["rejected"]), (&0.into(), &0.into(), &0.into()));
    assert_eq!(acts(&data), ["orphan supplier queued Spharma Guinée"]);
    let store = Connection::open(data.join("officine.db")).unwrap();
    let count = |sql: &str| store.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM outbox WHERE problem IS NOT NULL"), 0, "no reference error anywhere");
    for (table, rows) in [("supplier", 1), ("supplier_order", 7), ("supplier_order_item", 8)] {
        assert_eq!(count(&format!("SELECT count(*) FROM {table} WHERE server_id > 0")), rows, "{table}");
    }
    assert_eq!(count("SELECT count(*) FROM product_batch WHERE server_id > 0 AND lot_number LIKE 'S%'"), 12);
    assert!(!shop.hub.log().contains("reference_missing"));
    at_rest(shop, &[&data], &BTreeSet::new());
}

#[test]
fn a_supplier_that_was_never_sent_and_all_that_stands_on_it_reach_the_hub_by_one_press() {
    spharma(&Shop::open());
}

#[test]
fn on_postgres_a_supplier_that_was_never_sent_and_all_that_stands_on_it_reach_the_hub_by_one_press() {
    spharma(&Shop::open_on_postgres());
}

/// An edit alone would wait for ever for a row that nobody sends.
#[test]
fn a_supplier_that_was_never_sent_and_was_edited_since_reaches_the_hub() {
    let shop = Shop::open();
    let data = one_till(&shop, 1);
    done(&data, "supplier|add|Spharma Guinée");
    damage(&data.join("officine.db"), "UPDATE outbox SET state = 5, settled_at = 1 WHERE entity = 'supplier'");
    done(&data, "supplier|edit|spharma guinee|--set|phone=620000009");
    done(&data, "sync");
    assert_eq!(acts(&data), ["orphan supplier queued Spharma Guinée"]);
    at_rest(&shop, &[&data], &BTreeSet::new());
}

/// Nobody waits for a repair to sell.
#[test]
fn a_till_whose_last_ticket_is_gone_sells_on_and_gets_it_back() {
    let shop = Shop::open();
    let data = one_till(&shop, 1);
    done(&data, &format!("sell|--no-sync|{}", code(0)));
    done(&data, "sync");
    damage(&data.join("officine.db"), "DELETE FROM sale");
    done(&data, &format!("sell|--no-sync|{}", code(0)));
    assert_eq!(till(&data, ["repair"]).code, Some(0));
    assert!(acts(&data).iter().any(|line| line.starts_with("missing sale fetched")));
    done(&data, &format!("sell|--no-sync|{}", code(0)));
    at_rest(&shop, &[&data], &BTreeSet::new());
}

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
];

fn every_damage_of_a_till_is_mended(shop: &Shop) {
    let data = one_till(shop, 3);
    done(&data, "supplier|add|Laborex");
    done(&data, &format!("offer|set|{}|laborex|--set|packCost=4100", code(0)));
    (0..3).for_each(|product| drop(done(&data, &format!("sell|--no-sync|{}", code(product)))));
    done(&data, "sync");
    are_equal(&shop.hub, &shop.pharmacy, &[&data]);
    for (sql, told) in TILL {
        damage(&data.join("officine.db"), sql);
        let before = acts(&data).len();
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

/// Two tills that are equal bear the same certificate; one that is not says in what.
#[test]
fn tills_that_are_equal_bear_one_seal() {
    let shop = Shop::open();
    let first = one_till(&shop, 3);
    drop(shop.next_till("caisse-2"));
    let second = shop.data("caisse-2");
    let [one, other] = [&first, &second].map(|data| done(data, "certify"));
    assert_eq!((&one["equal"], &one["seal"], &one["pending"]), (&true.into(), &other["seal"], &0.into()));
    damage(&first.join("officine.db"), "UPDATE product SET dci = 'x'");
    let told = till(&first, ["certify"]);
    assert_eq!((told.code, &told.json["differing"]), (Some(1), &serde_json::json!(["product"])));
    let mended = done(&first, "certify|--mend");
    assert_eq!((&mended["equal"], &mended["seal"]), (&true.into(), &other["seal"]));
    let lines = done(&first, "repairs");
    assert_eq!(lines["lines"][0]["kind"], "differs", "{lines}");
}

/// A ticket with all its relations is compared and made equal, and the second look skips all of it.
#[test]
fn a_document_is_made_equal_with_all_its_relations() {
    let shop = Shop::open();
    let data = one_till(&shop, 2);
    let sold = done(&data, &format!("sell|--no-sync|{}", code(0)));
    let number = sold["receipt"]["number"].as_str().unwrap().to_owned();
    done(&data, "sync");
    damage(
        &data.join("officine.db"),
        "UPDATE sale SET total = 1; UPDATE product SET dci = 'x'; UPDATE user SET server_id = 9",
    );
    let look = |args: &str| done(&data, &format!("integrity|--document|{number}{args}"))["totals"].clone();
    let first = look("");
    assert_eq!((&first["synced"], &first["failed"]), (&3.into(), &0.into()), "{first}");
    let second = look("");
    assert_eq!((&second["synced"], &second["skipped"]), (&0.into(), &second["total"]));
    assert_eq!(look("|--force")["synced"], second["total"]);
    let day = done(&data, "integrity|--from|2020-01-01|--to|2099-12-31");
    assert_eq!((&day["totals"]["failed"], &day["stopped"]), (&0.into(), &false.into()));
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
    ("UPDATE supplier SET name = 'LABORÈX' WHERE name = 'Ubipharm'", "hub supplier merged"),
    ("UPDATE pharmacy SET epoch = epoch + 1", "history setting restarted"),
    ("DELETE FROM commit_log", "history setting restarted"),
];

fn damage_hub(shop: &Shop, sql: &str) {
    match &shop.cluster {
        Some(cluster) => cluster.order("hub", &format!("SET session_replication_role = replica; {sql}")),
        None => damage(&shop.path().join("hub/data/hub.db"), sql),
    }
}

/// The owner has the books checked beside a hub that is running: what it mends, the tills read.
fn checked_by_its_owner(shop: &Shop) {
    let data = one_till(shop, 2);
    done(&data, "supplier|add|Laborex");
    done(&data, "supplier|add|Ubipharm");
    done(&data, "sync");
    damage_hub(
        shop,
        "UPDATE product_batch SET quantity = 1; UPDATE supplier SET name = 'LABORÈX' WHERE name = 'Ubipharm'; \
         UPDATE pharmacy SET next_id = 1",
    );
    let check = || shop.hub.ask(&["check", "--pharmacy", &shop.pharmacy]);
    let told = check();
    let found: Vec<_> = told["findings"].as_array().unwrap().iter().map(|one| [&one["kind"], &one["done"]]).collect();
    let expected =
        [["counter", "mended"], ["ledger", "mended"], ["ledger", "mended"], ["fold", "mended"], ["twin", "merged"]];
    assert_eq!(serde_json::json!(found), serde_json::json!(expected), "{told}");
    assert_eq!(check()["findings"], serde_json::json!([]), "once");
    done(&data, "sync");
    at_rest(shop, &[&data], &BTreeSet::new());
}

#[test]
fn what_the_hubs_owner_has_checked_is_mended_and_told_and_every_till_reads_it() {
    checked_by_its_owner(&Shop::open());
}

#[test]
fn on_postgres_what_the_hubs_owner_has_checked_is_mended_and_told_and_every_till_reads_it() {
    checked_by_its_owner(&Shop::open_on_postgres());
}

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

#[test]
fn whatever_is_wrong_in_the_hubs_tables_is_mended_from_a_till_and_told() {
    every_damage_of_the_hub_is_mended(&Shop::open());
}

#[test]
fn on_postgres_whatever_is_wrong_in_the_hubs_tables_is_mended_from_a_till_and_told() {
    every_damage_of_the_hub_is_mended(&Shop::open_on_postgres());
}

//! What is wrong in a till's file or in the hub's tables is found, mended and told: one press, and the books are equal.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use officine_tests::{
    Shop,
    books::at_rest,
    programs::till,
    shop::{OWNER, PIN, code},
};
use rusqlite::Connection;
use serde_json::Value;

pub fn done(data: &Path, command: &str) -> Value {
    let said = till(data, ["--user", OWNER, "--pin", PIN].into_iter().chain(command.split('|')));
    assert_eq!(said.code, Some(0), "{command}: {} {}", said.json, said.stderr);
    said.json
}

/// Somebody, or something, has been at a file: nothing holds it to its references.
pub fn damage(file: &Path, sql: &str) {
    let store = Connection::open(file).unwrap();
    store.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
    store.pragma_update(None, "foreign_keys", false).unwrap();
    store.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
}

pub fn damage_hub(shop: &Shop, sql: &str) {
    match &shop.cluster {
        Some(cluster) => cluster.order("hub", &format!("SET session_replication_role = replica; {sql}")),
        None => damage(&shop.path().join("hub/data/hub.db"), sql),
    }
}

pub fn one_till(shop: &Shop, products: usize) -> PathBuf {
    drop(shop.first_till(&shop.hub.url(), products, 5));
    shop.data("caisse-1")
}

/// What was found and done, oldest first.
pub fn acts(data: &Path) -> Vec<String> {
    let told = done(data, "repairs|--limit|200");
    let text = |line: &Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
    let lines = told["lines"].as_array().unwrap().iter().rev();
    let told = |line: &Value| {
        let why = line["problem"]["code"].as_str().map(|code| format!(" ({code})")).unwrap_or_default();
        ["kind", "entity", "act", "label"].map(|name| text(line, name)).join(" ") + &why
    };
    lines.map(told).collect()
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

/// The next sale takes neither the number nor the sequence of another, and the hub sees no file that was restored.
#[test]
fn a_till_whose_counters_were_set_back_or_are_gone_sells_on() {
    let shop = Shop::open();
    let data = one_till(&shop, 2);
    for sql in
        ["UPDATE till_state SET last_seq = 0, last_number = 0", "DELETE FROM till_state", "DELETE FROM sync_state"]
    {
        done(&data, &format!("sell|--no-sync|{}", code(1)));
        done(&data, "sync");
        damage(&data.join("officine.db"), sql);
        done(&data, &format!("sell|--no-sync|{}", code(0)));
        done(&data, "sync");
        assert!(acts(&data).last().unwrap().starts_with("stuck s"), "{sql}: {:#?}", acts(&data));
        assert_eq!(till(&data, ["doctor"]).code, Some(0), "{sql}");
    }
    let store = Connection::open(data.join("officine.db")).unwrap();
    let numbers = "SELECT count(DISTINCT number) = count(*) AND count(*) = 6 FROM sale";
    assert!(store.query_row(numbers, [], |row| row.get::<_, bool>(0)).unwrap());
    at_rest(&shop, &[&data], &BTreeSet::new());
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

//! Two tills and a real hub: whatever each did alone, all three end up with the same book.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "tests")]

use std::{collections::BTreeMap, path::Path, sync::Arc};

use officine_tests::{
    Shop,
    shop::{OWNER, PIN, code, sync},
    till::{sell, sign_in, state, stock_of},
};
use officine_till::{
    Till, Trigger,
    views::{AttachCodeArgs, ImportArgs, ListQueueArgs, SaleStateName, SetPriceArgs},
};
use rusqlite::Connection;

/// Quantity by lot in a till's own store, empty lots left out.
fn quantities(data: &Path) -> BTreeMap<String, i64> {
    let db = Connection::open(data.join("officine.db")).expect("the store");
    let sql = "SELECT lower(hex(uid)), quantity FROM product_batch WHERE quantity <> 0";
    let mut statement = db.prepare(sql).expect("SQL");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.expect("rows").map(|row| row.expect("a row")).collect()
}

fn assert_equal_everywhere(shop: &Shop, tills: &[(&str, &Arc<Till>)]) {
    let hub = shop.hub.stock(&shop.pharmacy).into_iter().map(|(lot, quantity)| (lot.replace('-', ""), quantity));
    let hub: BTreeMap<String, i64> = hub.collect();
    for (name, till) in tills {
        assert_eq!(quantities(&shop.data(name)), hub, "{name} and the hub");
        assert_eq!(till.ledger_differences().expect("the ledger"), 0, "{name}");
        let queue = till.list_queue(&ListQueueArgs { state: None, limit: 200 }).expect("the queue").rows;
        assert!(queue.is_empty(), "{name}: {queue:?}");
    }
}

fn import(till: &Till, shop: &Shop, lines: &[&str]) {
    let file = shop.path().join("import.csv");
    let text = format!("designation;code;prix gnf;fournisseur;lot;peremption;quantite\n{}\n", lines.join("\n"));
    std::fs::write(&file, text).expect("the file");
    let report = till.run_import(&ImportArgs { path: file.display().to_string(), rate: String::new() });
    let report = report.expect("the import");
    assert_eq!(report.bad_count, 0, "{:?}", report.bad_rows);
}

/// A pharmacy of one product, and two tills that know each other's people.
fn two_tills(shop: &Shop) -> (Arc<Till>, Arc<Till>) {
    let first = shop.first_till(&shop.hub.url(), 1, 1);
    let second = shop.next_till("caisse-2");
    (first, second)
}

#[test]
fn a_demo_sold_from_two_tills_ends_equal_lot_by_lot() {
    let shop = Shop::open();
    let first = shop.till_through("caisse-1", &shop.hub.url());
    first.load_demo(7).expect("the demo");
    sync(&first);
    let second = shop.till_through("caisse-2", &shop.hub.url());
    let seller =
        first.people().expect("people").into_iter().find(|person| person.demo_pin.is_some()).expect("a seller");
    for till in [&first, &second] {
        sign_in(till, &seller.login, seller.demo_pin.as_deref().expect("a PIN"));
    }
    let args = officine_till::views::ListProductsArgs {
        text: String::new(),
        standing: Some(officine_till::views::Standing::Sellable),
        offset: 0,
        limit: 40,
    };
    let products = first.list_products(&args).expect("products").rows;
    let mut tickets = Vec::new();
    for (place, product) in products.iter().filter(|product| product.sellable >= 4 * product.unit.factor).enumerate() {
        let till = if place % 3 == 0 { &second } else { &first };
        tickets.push((till, sell(till, &product.code, 1 + place as i64 % 2).uid));
        if place % 7 == 0 {
            sync(till);
        }
    }
    assert!(tickets.len() > 20, "{}", tickets.len());
    for till in [&first, &second, &first] {
        sync(till);
    }
    assert!(tickets.iter().all(|(till, uid)| state(till, uid) == SaleStateName::Confirmed));
    assert_equal_everywhere(&shop, &[("caisse-1", &first), ("caisse-2", &second)]);
}

#[test]
fn a_lot_sold_twice_is_squared_from_another_and_nobody_is_refused() {
    let shop = Shop::open();
    let (first, second) = two_tills(&shop);
    import(
        &first,
        &shop,
        &[
            &format!("Paracetamol;{};500;Spharma;L1;2034-12-31;5", code(1)),
            &format!("Paracetamol;{};500;Spharma;L2;2035-12-31;5", code(1)),
        ],
    );
    sync(&first);
    sync(&second);
    let tickets = [(&first, sell(&first, &code(1), 5)), (&second, sell(&second, &code(1), 5))];
    for till in [&first, &second, &first] {
        sync(till);
    }
    for (till, receipt) in &tickets {
        assert_eq!(state(till, &receipt.uid), SaleStateName::Confirmed);
        let printed = till.receipt(&receipt.uid).expect("a receipt").lines.remove(0).lots;
        assert_eq!((printed.len(), printed[0].lot_number.as_str()), (1, "L1"), "the printed lot stays for ever");
    }
    assert_eq!((stock_of(&first, &code(1)), stock_of(&second, &code(1))), (0, 0));
    assert_equal_everywhere(&shop, &[("caisse-1", &first), ("caisse-2", &second)]);
}

#[test]
fn a_lot_is_squared_from_one_that_this_till_has_not_heard_of() {
    let shop = Shop::open();
    let (first, second) = two_tills(&shop);
    import(&first, &shop, &[&format!("Paracetamol;{};500;Spharma;L1;2034-12-31;5", code(1))]);
    sync(&first);
    sync(&second);
    import(&first, &shop, &[&format!("Paracetamol;{};500;Spharma;NEW;2035-12-31;9", code(1))]);
    sell(&first, &code(1), 5);
    let receipt = sell(&second, &code(1), 5);
    for till in [&first, &second, &first] {
        sync(till);
    }
    assert_eq!(state(&second, &receipt.uid), SaleStateName::Confirmed);
    assert_eq!((stock_of(&first, &code(1)), stock_of(&second, &code(1))), (4, 4));
    assert_equal_everywhere(&shop, &[("caisse-1", &first), ("caisse-2", &second)]);
}

#[test]
fn a_refused_ticket_gives_its_boxes_back_here_and_leaves_no_hole_there() {
    let shop = Shop::open();
    let (first, second) = two_tills(&shop);
    import(&first, &shop, &[&format!("Paracetamol;{};500;Spharma;L1;2034-12-31;5", code(1))]);
    sync(&first);
    sync(&second);
    sell(&first, &code(1), 5);
    let refused = sell(&second, &code(1), 3);
    sync(&first);
    sync(&second);
    assert_eq!(state(&second, &refused.uid), SaleStateName::Reversed);
    let cart = second.cart().expect("the cart");
    let held = second.list_held().expect("held tickets");
    let waiting = second.list_to_settle().expect("tickets to settle");
    assert_eq!(cart.lines.len() + held.len() + waiting.len(), 1, "it is somewhere a person finds it");
    sync(&first);
    assert_eq!(state(&first, &refused.uid), SaleStateName::Reversed, "the other till sees the ticket too");
    assert_equal_everywhere(&shop, &[("caisse-1", &first), ("caisse-2", &second)]);
}

#[test]
fn one_file_imported_on_two_tills_apart_makes_one_catalogue() {
    let shop = Shop::open();
    let (first, second) = two_tills(&shop);
    let lines = [
        format!("Paracetamol;{};500;Spharma Guinée;L1;2034-12-31;5", code(1)),
        format!("Coton;{};100;Spharma Guinée;;;8", code(2)),
    ];
    let lines = lines.each_ref().map(String::as_str);
    import(&first, &shop, &lines);
    import(&second, &shop, &lines);
    sell(&second, &code(1), 2);
    sell(&first, &code(2), 1);
    for till in [&first, &second, &first, &second] {
        sync(till);
    }
    for (name, till) in [("caisse-1", &first), ("caisse-2", &second)] {
        let db = Connection::open(shop.data(name).join("officine.db")).expect("the store");
        let count = |table: &str| -> i64 {
            db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).expect("a count")
        };
        assert_eq!((count("product"), count("supplier"), count("product_batch")), (3, 1, 3), "{name}");
        assert_eq!((stock_of(till, &code(1)), stock_of(till, &code(2))), (8, 15), "{name}");
    }
    assert_equal_everywhere(&shop, &[("caisse-1", &first), ("caisse-2", &second)]);
}

#[test]
fn two_people_change_two_things_of_a_product_and_both_changes_reach_both_tills() {
    let shop = Shop::open();
    let (first, second) = two_tills(&shop);
    import(&first, &shop, &[&format!("Paracetamol;{};500;Spharma;L1;2034-12-31;5", code(1))]);
    sync(&first);
    sync(&second);
    let product = first.find_code(&code(1)).expect("a product").remove(0).uid;
    first.set_price(&SetPriceArgs { product: product.clone(), unit: 0, price: 650 }).expect("a price");
    second.attach_code(&AttachCodeArgs { product: product.clone(), code: code(9), unit: None }).expect("a code");
    for till in [&first, &second, &first] {
        sync(till);
    }
    for till in [&first, &second] {
        let seen = till.product(&product).expect("a product");
        assert_eq!((seen.units[0].price, seen.codes.len()), (Some(650), 2));
    }
}

#[test]
fn a_revoked_till_keeps_all_it_has_and_says_why() {
    let shop = Shop::open();
    let till = shop.first_till(&shop.hub.url(), 1, 50);
    let tickets: Vec<_> = (0..10).map(|_| sell(&till, &code(0), 1).uid).collect();
    let device = till.device().expect("a device").uid.to_string();
    shop.hub.ask(&["devices", "revoke", &device]);
    let report = till.sync_now(Trigger::Manual).expect("a run");
    assert_eq!(report.problem.expect("a problem").code, "device_revoked");
    let queue = till.list_queue(&ListQueueArgs { state: None, limit: 200 }).expect("the queue");
    assert_eq!((queue.rows.len(), queue.counts.blocked, queue.counts.rejected), (10, 0, 0));
    assert!(tickets.iter().all(|uid| till.receipt(uid).is_ok()));
    sign_in(&till, OWNER, PIN);
    sell(&till, &code(0), 1);
    assert_eq!(stock_of(&till, &code(0)), 39, "it goes on selling");
    assert_eq!(till.ledger_differences().expect("the ledger"), 0);
}

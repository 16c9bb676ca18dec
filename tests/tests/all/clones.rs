//! A till's file restored, a till's disk copied: recognised, and everything that either sold reaches the hub once.

use std::{collections::BTreeSet, fs, path::Path, sync::Arc};

use officine_tests::{
    Shop, books,
    shop::{self, OWNER, PIN, code},
    till,
};
use officine_till::{
    Till, Trigger,
    views::{IdentityState, ReenrolArgs, ReturnLineArgs, ReturnSaleArgs},
};
use rusqlite::Connection;

/// Sells one box, and remembers the ticket.
fn sell(till: &Till, sold: &mut BTreeSet<String>) {
    sold.insert(till::sell(till, &code(0), 1).uid);
}

fn problem(till: &Till) -> Option<String> {
    till.sync_now(Trigger::Manual).unwrap().problem.map(|problem| problem.code)
}

fn reenrol(shop: &Shop, till: &Till) -> i64 {
    let view = till.reenrol(&ReenrolArgs { code: shop.hub.code(&shop.pharmacy) }).unwrap();
    assert_eq!(view.state, IdentityState::Known);
    shop::sync(till);
    view.series
}

fn opened(data: &Path) -> Arc<Till> {
    let till = till::open(data);
    till::sign_in(&till, OWNER, PIN);
    till
}

/// The database as it is, whole, in a file.
fn snapshot(data: &Path, into: &Path) {
    let db = Connection::open(data.join("officine.db")).unwrap();
    db.execute("VACUUM INTO ?1", [into.display().to_string()]).unwrap();
}

fn put_back(data: &Path, file: &Path) {
    for ending in ["-wal", "-shm"] {
        let _ = fs::remove_file(data.join(format!("officine.db{ending}")));
    }
    fs::copy(file, data.join("officine.db")).unwrap();
}

fn a_restored_file(shop: &Shop) {
    let mut sold = BTreeSet::new();
    let till = shop.first_till(&shop.hub.url(), 2, 100);
    let data = shop.data("caisse-1");
    sell(&till, &mut sold);
    shop::sync(&till);
    sell(&till, &mut sold);
    let last_week = shop.path().join("last-week.db");
    snapshot(&data, &last_week);
    shop::sync(&till);
    for _ in 0..3 {
        sell(&till, &mut sold);
    }
    shop::sync(&till);
    drop(till);
    put_back(&data, &last_week);
    let till = opened(&data);
    for _ in 0..2 {
        sell(&till, &mut sold);
    }
    assert_eq!(problem(&till).as_deref(), Some("till_restored"));
    sell(&till, &mut sold);
    assert_eq!(reenrol(shop, &till), 2);
    sell(&till, &mut sold);
    shop::sync(&till);
    drop(till);
    let census = books::at_rest(shop, &[&data], &sold);
    assert_eq!((census.confirmed, census.named), (9, 0));
}

#[test]
fn a_file_of_last_week_is_recognised_and_re_enrolled_nothing_is_lost_nothing_doubled() {
    a_restored_file(&Shop::open());
}

#[test]
fn the_same_on_postgresql() {
    a_restored_file(&Shop::open_on_postgres());
}

/// What stands on a ticket reaches the hub before anybody compares books: the ticket is not this till's to tell again, for it
/// bears the series of what the till was.
#[test]
fn a_ticket_of_the_series_before_that_the_hub_lost_is_given_back_and_not_born_again() {
    let shop = Shop::open();
    let mut sold = BTreeSet::new();
    let till = shop.first_till(&shop.hub.url(), 2, 100);
    let data = shop.data("caisse-1");
    let ticket = till::sell(&till, &code(0), 2).uid;
    sold.insert(ticket.clone());
    shop::sync(&till);
    let last_week = shop.path().join("last-week.db");
    snapshot(&data, &last_week);
    sell(&till, &mut sold);
    shop::sync(&till);
    drop(till);
    put_back(&data, &last_week);
    let till = opened(&data);
    assert_eq!(problem(&till).as_deref(), Some("till_restored"));
    assert_eq!(reenrol(&shop, &till), 2);
    let hub = Connection::open(shop.path().join("hub/data/hub.db")).unwrap();
    hub.pragma_update(None, "foreign_keys", false).unwrap();
    let lost = "SELECT id FROM sale WHERE number = 1";
    hub.execute_batch(&format!(
        "DELETE FROM sale_item WHERE sale_id IN ({lost}); DELETE FROM sale_payment WHERE sale_id IN ({lost}); \
         UPDATE product_batch SET quantity = quantity + 2 WHERE id IN (SELECT batch_id FROM stock_movement \
         WHERE document_kind = 1 AND document_id IN ({lost})); \
         DELETE FROM stock_movement WHERE document_kind = 1 AND document_id IN ({lost}); DELETE FROM sale WHERE number = 1"
    ))
    .unwrap();
    drop(hub);
    let lines = vec![ReturnLineArgs { line: 1, quantity: 1, disposition: None }];
    let reason = "erreur de boîte".to_owned();
    till.return_sale(&ReturnSaleArgs { sale: ticket, lines, reason, payments: vec![] }).unwrap();
    shop::sync(&till);
    drop(till);
    let census = books::at_rest(&shop, &[&data], &sold);
    assert_eq!((census.confirmed, census.returns, census.named), (2, 1, 0));
}

/// The whole folder, device file and all.
fn cloned(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten().filter(|entry| entry.path().is_file()) {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn a_copied_disk_is_recognised_and_every_ticket_of_both_reaches_the_hub() {
    let shop = Shop::open();
    let mut sold = BTreeSet::new();
    let till = shop.first_till(&shop.hub.url(), 2, 100);
    let (data, copy) = (shop.data("caisse-1"), shop.data("copie"));
    sell(&till, &mut sold);
    shop::sync(&till);
    sell(&till, &mut sold);
    drop(till);
    cloned(&data, &copy);
    let (one, other) = (opened(&data), opened(&copy));
    sell(&one, &mut sold);
    sell(&one, &mut sold);
    sell(&other, &mut sold);
    shop::sync(&one);
    let found = problem(&other);
    assert!(matches!(found.as_deref(), Some("till_restored" | "till_copied")), "{found:?}");
    sell(&other, &mut sold);
    sell(&one, &mut sold);
    reenrol(&shop, &other);
    // Whichever of the two the hub takes for the copy: one that it still knows goes on, one that it does not begins anew.
    if problem(&one).is_some() {
        reenrol(&shop, &one);
    }
    sell(&one, &mut sold);
    sell(&other, &mut sold);
    drop((one, other));
    let census = books::at_rest(&shop, &[&data, &copy], &sold);
    assert_eq!((census.confirmed, census.named), (sold.len(), 0));
}

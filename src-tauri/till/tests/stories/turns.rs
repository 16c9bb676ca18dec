//! On a link that cuts: neither way waits for the other for long, and a sale just made waits for neither.

use std::{
    fmt::Write,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use officine_protocol::{
    Uid,
    limits::{PULL_ROWS, PUSH_OPERATIONS},
    messages::Operation,
};
use officine_till::{
    Till,
    views::{CommitSaleArgs, ImportArgs, ScanArgs},
};

use crate::support::{Shop, hub::unreachable};

const CODE: &str = "2000000000015";

fn stocked() -> Shop {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", CODE, Some(500));
    shop.hub.lot(product, "A", Some("2027-12-31"), 20);
    shop.sync();
    shop.hub.asked();
    shop
}

/// A till with a catalogue of its own to send.
fn with_a_long_queue(products: usize) -> Shop {
    let shop = stocked();
    let mut text = String::from("Désignation;Code barres;Prix (GNF)\n");
    for row in 0..products {
        writeln!(text, "Produit {row};MAISON-{row};100").unwrap();
    }
    let path = shop.dir.path().join("catalogue.csv");
    std::fs::write(&path, text).unwrap();
    shop.sign_in("manager");
    shop.till.run_import(&ImportArgs { path: path.display().to_string(), rate: String::new() }).unwrap();
    shop
}

fn sell(till: &Till) -> String {
    let cart = till.scan(&ScanArgs { code: CODE.into(), count: 1 }).unwrap().cart;
    till.commit_sale(&CommitSaleArgs { expected_total: cart.total, ..Default::default() }).unwrap().uid
}

/// From here on, somebody sells on this till whenever this is called.
fn seller(shop: &Shop) -> impl Fn() + Send + Sync + use<> {
    let till = Arc::downgrade(&shop.till);
    move || drop(sell(&till.upgrade().unwrap()))
}

/// Pushes that are cut: those whose number, from 1 on, says so.
fn cut_pushes(shop: &Shop, cut: impl Fn(usize) -> bool + Send + Sync + 'static) {
    let count = AtomicUsize::new(0);
    shop.hub.gate(move |_| cut(count.fetch_add(1, Ordering::SeqCst) + 1).then(unreachable));
}

fn knows(shop: &Shop, product: Uid) -> bool {
    shop.till.product(&product.to_string()).is_ok()
}

fn pushes(asked: &[(&'static str, usize)]) -> Vec<usize> {
    asked.iter().filter(|(what, _)| *what == "push").map(|(_, much)| *much).collect()
}

#[test]
fn what_is_cut_among_answers_is_asked_for_again_in_the_same_run_and_in_smaller_pieces() {
    let shop = with_a_long_queue(1_100);
    cut_pushes(&shop, |number| number == 2);
    assert!(shop.sync().problem.is_none());
    let asked = pushes(&shop.hub.asked());
    assert_eq!(asked[..2], [PUSH_OPERATIONS; 2]);
    assert!(asked[2] < PUSH_OPERATIONS, "{asked:?}");
    let sent: Vec<String> = shop.hub.sent().into_iter().flatten().collect();
    assert_eq!(sent.len(), 1_100 + PUSH_OPERATIONS, "only the cut ones went twice");
}

#[test]
fn a_run_that_was_cut_on_the_way_up_makes_the_next_begin_with_the_way_down() {
    let shop = with_a_long_queue(1_100);
    let product = shop.hub.product("Coton", "2000000000022", Some(100));
    cut_pushes(&shop, |number| number > 1);
    assert_eq!(shop.sync().problem.unwrap().code, "hub_unreachable");
    assert_eq!(pushes(&shop.hub.asked()).len(), 1 + 3, "tried three times, no more");
    assert!(!knows(&shop, product));
    assert_eq!(shop.sync().problem.unwrap().code, "hub_unreachable");
    assert!(knows(&shop, product));
    assert_eq!(shop.hub.asked()[0].0, "pull");
    shop.hub.accept_all();
    assert!(shop.sync().problem.is_none());
    assert_eq!(shop.till.sync_state().unwrap().queue.waiting, 0);
}

#[test]
fn a_hub_that_never_answers_is_asked_once_a_run() {
    let shop = stocked();
    sell(&shop.till);
    cut_pushes(&shop, |_| true);
    assert_eq!(shop.sync().problem.unwrap().code, "hub_unreachable");
    assert_eq!(shop.hub.asked(), [("push", 1)]);
}

#[test]
fn a_page_that_is_cut_is_asked_for_again_in_the_same_run() {
    let shop = stocked();
    let products =
        ["2000000000101", "2000000000102", "2000000000103"].map(|code| shop.hub.product(code, code, Some(1)));
    shop.hub.cut_after_pages(1);
    assert_eq!(shop.sync().problem.unwrap().code, "hub_unreachable");
    let asked: Vec<_> = shop.hub.asked().into_iter().map(|(_, rows)| rows).collect();
    assert_eq!(asked, [PULL_ROWS, PULL_ROWS, 200, 100], "three times, no more, and for fewer rows");
    assert!(shop.sync().problem.is_none());
    assert!(products.into_iter().all(|product| knows(&shop, product)));
}

#[test]
fn a_sale_made_during_a_long_pull_goes_up_before_the_next_page() {
    let shop = stocked();
    for code in ["2000000000101", "2000000000102", "2000000000103"] {
        shop.hub.product(code, code, Some(1));
    }
    shop.hub.meanwhile(seller(&shop));
    let report = shop.sync();
    assert_eq!((report.accepted, report.pulled, report.problem.is_none()), (1, 3, true));
    let asked: Vec<_> = shop.hub.asked().into_iter().map(|(what, _)| what).collect();
    assert_eq!(asked, ["pull", "push", "pull", "pull"]);
}

#[test]
fn a_sale_that_does_not_get_through_keeps_no_page_from_coming() {
    let shop = stocked();
    for code in ["2000000000101", "2000000000102", "2000000000103"] {
        shop.hub.product(code, code, Some(1));
    }
    shop.hub.meanwhile(seller(&shop));
    cut_pushes(&shop, |_| true);
    let report = shop.sync();
    assert_eq!((report.pulled, report.problem.unwrap().code.as_str()), (3, "hub_unreachable"));
    let asked: Vec<_> = shop.hub.asked().into_iter().map(|(what, _)| what).collect();
    assert_eq!(asked, ["pull", "push", "push", "push", "pull", "pull"], "not tried before every page");
}

#[test]
fn a_sale_made_during_a_long_push_goes_with_its_next_request() {
    let shop = with_a_long_queue(1_100);
    let sale = seller(&shop);
    let first = AtomicUsize::new(0);
    shop.hub.gate(move |_| {
        if first.fetch_add(1, Ordering::SeqCst) == 0 {
            sale();
        }
        None
    });
    assert!(shop.sync().problem.is_none());
    let requests = shop.hub.sent().into_iter().filter(|request| !request.is_empty());
    let first = |request: Vec<String>| serde_json::from_str::<Operation>(&request[0]).unwrap().entity;
    assert_eq!(requests.map(first).collect::<Vec<_>>(), ["product", "sale", "product"]);
}

//! In which order the queue goes up: a fresh sale does not wait behind a catalogue.

use std::fmt::Write;

use officine_protocol::{limits::PUSH_OPERATIONS, messages::Operation};
use officine_till::views::{CountArgs, ImportArgs, StartStocktakeArgs};

use crate::support::{
    Shop,
    goods::{lot_name, units},
};

const CODE: &str = "2000000000015";

/// A till whose queue holds so many new products.
fn with_a_long_queue(products: usize) -> Shop {
    let shop = Shop::open();
    let known = shop.hub.product("Paracétamol", CODE, Some(500));
    shop.hub.lot(known, "A", Some("2027-12-31"), 20);
    shop.sync();
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

fn sent(shop: &Shop) -> Vec<Vec<Operation>> {
    let requests = shop.hub.sent().into_iter().filter(|operations| !operations.is_empty());
    requests.map(|operations| operations.iter().map(|frozen| serde_json::from_str(frozen).unwrap()).collect()).collect()
}

#[test]
fn a_sale_overtakes_what_it_does_not_need() {
    let shop = with_a_long_queue(1_100);
    shop.scan(CODE);
    shop.sell();
    shop.sync();
    let requests = sent(&shop);
    assert_eq!(requests[0][0].entity, "sale");
    assert!(requests.iter().all(|operations| operations.len() <= PUSH_OPERATIONS));
    let mut seqs: Vec<i64> = requests.iter().flatten().skip(1).map(|operation| operation.seq).collect();
    assert!(seqs.is_sorted(), "the rest goes in the order it was made");
    seqs.push(requests[0][0].seq);
    seqs.sort_unstable();
    assert_eq!(seqs, (1..=1_101).collect::<Vec<_>>(), "each once");
}

#[test]
fn a_sale_waits_for_the_product_it_names() {
    let shop = with_a_long_queue(600);
    shop.scan("MAISON-550");
    shop.till.mark_in_hand(1, true).unwrap();
    shop.sell();
    shop.sync();
    let order: Vec<Operation> = sent(&shop).into_iter().flatten().collect();
    let place = |entity: &str| order.iter().position(|operation| operation.entity == entity).unwrap();
    let named = &order[place("sale")].parts["items"][0]["product"];
    let product = order.iter().position(|operation| *named == operation.uid.to_string()).unwrap();
    assert!(product < place("productBatch") && place("productBatch") < place("sale"), "parents first");
}

#[test]
fn a_sale_waits_behind_every_document_that_moves_stock() {
    let shop = with_a_long_queue(600);
    let product = shop.till.find_code(CODE).unwrap().remove(0).uid;
    shop.till.start_stocktake(&StartStocktakeArgs { products: vec![], note: String::new() }).unwrap();
    let (lot, scan, zone) = (lot_name("A", Some("2027-12-31")), String::new(), "shelf".to_owned());
    let args = CountArgs { product, batch: None, lot, scan, zone, quantity: units(3), add: false };
    shop.till.count_lot(&args).unwrap();
    shop.till.close_stocktake(false).unwrap();
    shop.clock.advance(1);
    shop.scan(CODE);
    shop.sell();
    shop.sync();
    let order: Vec<Operation> = sent(&shop).into_iter().flatten().collect();
    let place = |entity: &str| order.iter().position(|operation| operation.entity == entity).unwrap();
    assert!(place("stocktake") < place("sale"), "the hub must know the count before what was sold after it");
}

#[test]
fn one_product_edited_twice_names_its_own_unanswered_edit() {
    let shop = with_a_long_queue(1);
    let product = shop.till.find_code(CODE).unwrap().remove(0).uid;
    for price in [600, 700] {
        let args = officine_till::views::SetPriceArgs { product: product.clone(), unit: 0, price };
        shop.till.set_price(&args).unwrap();
        shop.hub.lose_answers(u32::from(price == 600));
        shop.sync();
    }
    let mut edits: Vec<Operation> =
        sent(&shop).into_iter().flatten().filter(|operation| operation.uid.to_string() == product).collect();
    edits.dedup();
    assert_eq!((edits[0].predecessor, edits[0].base_rev.is_some()), (None, true));
    assert_eq!((edits[1].predecessor, edits[1].base_rev), (Some(edits[0].key), edits[0].base_rev));
    assert_eq!(edits[1].replaced["units"][0]["price"], 600);
}

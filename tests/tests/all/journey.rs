//! From a sale at one till to the stock of another, by the command lines alone.

use officine_tests::{
    Hub, Shop,
    programs::till,
    shop,
    till::{self as counter, quantities},
};
use officine_till::{Trigger, views::SaleStateName};
use tempfile::TempDir;

const CASHIER: [&str; 4] = ["--user", "aissatou", "--pin", "1111"];

#[test]
fn a_demo_pharmacy_reaches_a_second_till_and_a_sale_moves_the_stock_everywhere() {
    let folder = TempDir::new().unwrap();
    let hub = Hub::start(&folder.path().join("hub"));
    let pharmacy = hub.pharmacy("Pharmacie du Grand Fromager");
    let [first, second] = ["caisse-1", "caisse-2"].map(|name| {
        let data = folder.path().join(name);
        till(&data, ["enrol", "--hub", &hub.url(), "--code", &hub.code(&pharmacy), "--name", name]).done();
        data
    });
    till(&first, ["demo"]).done();
    till(&first, ["sync"]).done();
    till(&second, ["sync"]).done();
    let stock = |data| quantities(&till(data, ["stock"]).done());
    let before = hub.stock(&pharmacy);
    assert!(before.len() > 700, "{} lots on the hub", before.len());
    assert_eq!(stock(&first), before);
    assert_eq!(stock(&second), before, "the second till got the pharmacy by pull");

    let hits = till(&first, ["search", "parac"]).done();
    let hit = hits.as_array().unwrap().iter().find(|hit| hit["standing"] == "sellable").expect("paracetamol in stock");
    let sold = till(&first, CASHIER.into_iter().chain(["sell", hit["code"].as_str().unwrap()])).done();
    assert_eq!(sold["receipt"]["state"], "confirmed", "{sold}");
    assert!(!sold["receipt"]["lines"][0]["lots"].as_array().unwrap().is_empty(), "the receipt names the lot");

    till(&second, ["sync"]).done();
    let after = hub.stock(&pharmacy);
    let moved: i64 = before.values().sum::<i64>() - after.values().sum::<i64>();
    assert_eq!(moved, sold["receipt"]["lines"][0]["lots"][0]["quantity"].as_i64().unwrap());
    assert_eq!(stock(&first), after);
    assert_eq!(stock(&second), after);
    assert!(!hub.log().contains("panicked"));
}

#[test]
fn a_sale_made_while_the_hub_is_down_waits_and_is_confirmed_when_it_is_back() {
    let mut pharmacy = Shop::open();
    let open = pharmacy.first_till(&pharmacy.hub.url(), 1, 10);
    pharmacy.hub.kill();
    let receipt = counter::sell(&open, &shop::code(0), 3);
    let report = open.sync_now(Trigger::Sale).unwrap();
    assert_eq!(report.problem.unwrap().code, "hub_unreachable");
    assert!(counter::waits(&open, &receipt.uid));
    pharmacy.hub.restart();
    shop::sync(&open);
    assert_eq!(counter::state(&open, &receipt.uid), SaleStateName::Confirmed);
    assert_eq!(pharmacy.hub.stock(&pharmacy.pharmacy).values().sum::<i64>(), 7);
}

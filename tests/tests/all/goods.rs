//! Goods from the order to the supplier's credit, by the command line alone: every document is accepted, and both books
//! say the same.

use std::path::Path;

use officine_tests::{Hub, books, programs::till, shop::code, till::quantities};
use serde_json::Value;
use tempfile::TempDir;

const OWNER: [&str; 4] = ["--user", "mariama", "--pin", "5555"];
const CATALOGUE: &str = "designation;code;prix gnf;fournisseur;lot;peremption;quantite\n\
    Amoxicilline;{0};6000;Laborex Guinée;OLD;2030-06-30;5\n\
    Zinc;{1};1000;Laborex Guinée;Z1;2031-01-31;8\n";

fn told(data: &Path, args: &[&str]) -> Value {
    till(data, OWNER.iter().chain(args)).done()
}

fn enrol(hub: &Hub, pharmacy: &str, data: &Path) {
    let (url, code) = (hub.url(), hub.code(pharmacy));
    till(data, ["enrol", "--hub", &url, "--code", &code, "--name", "Caisse"]).done();
}

/// A till with two products in stock and their supplier.
fn stocked(hub: &Hub, pharmacy: &str, data: &Path) {
    enrol(hub, pharmacy, data);
    told(data, &["owner", "--name", "Hadja Mariama Sylla"]);
    let file = data.join("catalogue.csv");
    std::fs::write(&file, CATALOGUE.replace("{0}", &code(0)).replace("{1}", &code(1))).unwrap();
    told(data, &["import", file.to_str().unwrap()]);
}

fn quantity(data: &Path, code: &str, lot: &str) -> i64 {
    let rows = till(data, ["stock", code]).done();
    let row = rows.as_array().unwrap().iter().find(|row| row["lotNumber"] == lot);
    row.map_or(0, |row| row["quantity"].as_i64().unwrap())
}

#[test]
fn goods_are_ordered_received_named_counted_corrected_and_sent_back() {
    let folder = TempDir::new().unwrap();
    let hub = Hub::start(&folder.path().join("hub"));
    let pharmacy = hub.pharmacy("Pharmacie du Grand Fromager");
    let [first, second] = ["caisse-1", "caisse-2"].map(|name| folder.path().join(name));
    stocked(&hub, &pharmacy, &first);
    let (amox, zinc) = (code(0), code(1));

    let line = format!("{amox},quantity=10,free=1,cost=4000");
    let order = told(&first, &["order", "create", "--supplier", "laborex guinee", &line]);
    let number = order["row"]["number"].as_str().unwrap();
    assert!(number.ends_with("-000001"), "{number}");
    let line = format!("{amox},quantity=4");
    let delivery = told(&first, &["receive", "--order", number, "--reference", "BL 9", &line]);
    assert_eq!((&delivery["cost"], &delivery["order"]["row"]["state"]), (&16_000.into(), &"partly".into()));
    told(&first, &["name-lots", &amox, "lot=N1@2032-01-31,quantity=3"]);
    assert_eq!((quantity(&first, &amox, ""), quantity(&first, &amox, "N1")), (1, 3));
    till(&first, ["sync"]).done();

    told(&first, &["stocktake", "start"]);
    told(&first, &["stocktake", "count", &format!("{amox},lot=OLD,quantity=4")]);
    told(&first, &["stocktake", "count", "--zone", "reserve", &format!("{zinc},lot=Z1,quantity=9")]);
    told(&first, &["sell", "--no-sync", &amox]);
    let closed = told(&first, &["stocktake", "close"]);
    assert_eq!((&closed["lots"], &closed["differing"]), (&2.into(), &2.into()));
    assert_eq!(quantity(&first, &amox, "OLD"), 3, "four counted, one sold since");
    assert_eq!(quantity(&first, &zinc, "Z1"), 9);

    told(&first, &["adjust", &format!("{amox},lot=N1,quantity=2"), "--reason", "carton retrouvé"]);
    told(&first, &["destroy", &format!("{amox},lot=-"), "--reason", "boîte écrasée"]);
    let back = format!("{zinc},lot=Z1@2031-01-31,quantity=4");
    let sent = ["supplier-return", "--supplier", "Laborex Guinée", "--reason", "rappel", "--credit", "3000", &back];
    told(&first, &sent);
    let destroyed = ["destroy", &back, "--reason", "périmé"];
    told(&first, &destroyed);
    let refused = till(&first, OWNER.iter().chain(&destroyed));
    assert_eq!(refused.problem(), (1, "stock_insufficient"), "one is left");
    let journal = told(&first, &["journal", &amox]);
    assert_eq!(journal["rows"][0]["quantity"], 8, "three of OLD, five of N1: {journal}");

    let report = till(&first, ["sync"]).done();
    assert_eq!((&report["rejected"], &report["blocked"], &report["deferred"]), (&0.into(), &0.into(), &0.into()));
    let status = till(&first, ["status"]).done();
    assert_eq!(status["ledgerDifferences"], 0);
    enrol(&hub, &pharmacy, &second);
    till(&second, ["sync"]).done();
    till(&first, ["sync"]).done();
    let stock = |data: &Path| quantities(&till(data, ["stock"]).done());
    assert_eq!(stock(&first), hub.stock(&pharmacy));
    assert_eq!(stock(&second), hub.stock(&pharmacy));
    books::are_equal(&hub, &pharmacy, &[&first, &second]);
    assert_eq!(told(&second, &["order", "show", number])["lines"], told(&first, &["order", "show", number])["lines"]);
    assert!(!hub.log().contains("panicked"));
}

//! The last box is sold twice, by two tills that do not hear of each other; two managers decide at once what becomes of the
//! ticket that was refused. One decision stands, the other till is told, and all say the same of stock and money.

use std::path::{Path, PathBuf};

use officine_tests::{Shop, shop::code, till::quantities};
use serde_json::Value;

use crate::desk::{ask, done, enrolled};

const PHONE: &str = "622123456";

/// Two tills of a pharmacy with one box, their drawers open.
fn stocked(shop: &Shop) -> [PathBuf; 2] {
    let first = enrolled(shop, "caisse-1");
    done(&first, "owner|--name|Hadja Mariama Sylla");
    let file = first.join("catalogue.csv");
    let rows = format!("designation;code;prix gnf;lot;peremption;quantite\nCoton;{};5000;C1;2045-01-31;1\n", code(0));
    std::fs::write(&file, rows).unwrap();
    done(&first, &format!("import|{}", file.display()));
    done(&first, &format!("customer|add|Aïssatou Bah|--set|phone={PHONE}|--set|creditCeiling=20000"));
    done(&first, "sync");
    let second = enrolled(shop, "caisse-2");
    [&first, &second].into_iter().for_each(|data| drop(done(data, "session|open|--float|10000")));
    [first, second]
}

fn sell_the_last(data: &Path) -> String {
    let pay = format!("--customer|{PHONE}|--pay|credit:2000|--pay|cash:3000");
    let sold = done(data, &format!("sell|--no-sync|{pay}|{}", code(0)));
    sold["receipt"]["uid"].as_str().unwrap().to_owned()
}

fn ticket(data: &Path, uid: &str) -> Value {
    done(data, &format!("ticket|{uid}"))
}

fn balance(data: &Path) -> i64 {
    done(data, &format!("credit|show|{PHONE}"))["balance"].as_i64().unwrap()
}

fn waiting(data: &Path) -> usize {
    done(data, "sales|to-settle").as_array().unwrap().len()
}

/// Sells the last box at both tills; the second till's ticket is refused. Gives its uid.
fn refused_too_late(tills: [&Path; 2]) -> String {
    let [_, sale] = tills.map(sell_the_last);
    done(tills[0], "sync");
    assert_eq!(done(tills[1], "sync")["rejected"], 1);
    done(tills[0], "sync");
    for data in tills {
        assert_eq!(done(data, "sales|to-settle")[0]["uid"], sale.as_str(), "any till may settle it");
        assert_eq!((&ticket(data, &sale)["state"], balance(data)), (&"reversed".into(), 2_000));
    }
    assert_eq!(done(tills[1], "session|report")["expected"], 13_000, "the money is in the drawer");
    sale
}

/// Kept at the first till, cancelled at the second, neither having heard of the other.
fn two_managers_decide(tills: [&Path; 2], sale: &str) {
    done(tills[0], &format!("sales|settle|{sale}|--keep|--reason|la boîte est partie"));
    let cancelled = done(tills[1], &format!("sales|settle|{sale}|--cancel|--reason|client remboursé"));
    assert_eq!(cancelled["settled"]["decision"], "cancelled");
    let twice = ask(tills[1], &format!("sales|settle|{sale}|--keep|--reason|encore"));
    assert_eq!(twice.problem().1, "already_settled");
    for data in [tills[0], tills[1], tills[0]] {
        let report = done(data, "sync");
        assert_eq!((&report["rejected"], &report["blocked"]), (&0.into(), &0.into()), "{report}");
    }
    for data in tills {
        let told = ticket(data, sale);
        assert_eq!((&told["state"], &told["settled"]["decision"]), (&"regularised".into(), &"kept".into()));
        assert_eq!((balance(data), waiting(data)), (4_000, 0), "what is owed for it counts again");
    }
    assert_eq!(done(tills[1], "session|report")["expected"], 10_000, "what was handed out is out of the drawer");
}

fn return_and_repay(tills: [&Path; 2], sale: &str) {
    let back = done(tills[0], &format!("return|{sale}|--line|1:1:shelf|--reason|erreur"));
    assert_eq!(back["flagged"], false);
    done(tills[1], &format!("credit|pay|--ticket|{sale}|--pay|cash:500"));
    for data in [tills[0], tills[1], tills[0]] {
        done(data, "sync");
    }
    for data in tills {
        assert_eq!(balance(data), 1_500, "2 000 of the first, 2 000 of the second back, 500 repaid");
        let status = done(data, "status");
        assert_eq!((&status["ledgerDifferences"], &status["sync"]["queue"]["rejected"]), (&0.into(), &0.into()));
    }
}

fn agree(shop: &Shop, tills: [&Path; 2]) {
    let hub = shop.hub.stock(&shop.pharmacy);
    for data in tills {
        assert_eq!(quantities(&done(data, "stock")), hub, "the same boxes in each lot");
        let compared = done(data, "sync|compare");
        assert_eq!(compared["equal"], true, "{compared}");
    }
}

fn one_decision_stands(shop: &Shop) {
    let [first, second] = stocked(shop);
    let tills = [first.as_path(), second.as_path()];
    let sale = refused_too_late(tills);
    two_managers_decide(tills, &sale);
    let lots = shop.hub.ask(&["stock", "--pharmacy", &shop.pharmacy]);
    assert_eq!((&lots[0]["quantity"], &lots[0]["recountOpen"]), (&(-1).into(), &true.into()), "{lots}");
    agree(shop, tills);
    return_and_repay(tills, &sale);
    agree(shop, tills);
    assert!(!shop.hub.log().contains("panicked"));
}

#[test]
fn two_managers_decide_on_one_refused_ticket_and_the_first_stands() {
    one_decision_stands(&Shop::open());
}

#[test]
fn on_postgres_two_managers_decide_on_one_refused_ticket_and_the_first_stands() {
    one_decision_stands(&Shop::open_on_postgres());
}

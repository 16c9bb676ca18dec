//! Two tills set one price while neither hears of the other. A manager decides; both tills end equal, and the history tells
//! what happened, as the hub has it. Of two managers who decide at once, the first to reach the hub stands.

use std::path::{Path, PathBuf};

use officine_tests::{Shop, shop::code};
use serde_json::Value;

use crate::desk::{ask, done, enrolled};

/// Two tills of a pharmacy with one product, at 5 000.
fn priced(shop: &Shop) -> [PathBuf; 2] {
    let first = enrolled(shop, "caisse-1");
    done(&first, "owner|--name|Hadja Mariama Sylla");
    let file = first.join("catalogue.csv");
    let rows = format!("designation;code;prix gnf;lot;peremption;quantite\nCoton;{};5000;C1;2045-01-31;9\n", code(0));
    std::fs::write(&file, rows).unwrap();
    done(&first, &format!("import|{}", file.display()));
    done(&first, "sync");
    let second = enrolled(shop, "caisse-2");
    [first, second]
}

fn product(data: &Path) -> Value {
    done(data, "search|Coton")[0].clone()
}

fn price(data: &Path) -> i64 {
    product(data)["unit"]["price"].as_i64().unwrap()
}

fn open(data: &Path) -> u64 {
    done(data, "conflicts|list")["open"].as_u64().unwrap()
}

/// Both set the price, the first one's reaches the hub first. Gives the conflict.
fn set_at_once(tills: [&Path; 2], prices: [i64; 2]) -> String {
    for (data, price) in tills.into_iter().zip(prices) {
        done(data, &format!("price|{}|{price}", code(0)));
    }
    done(tills[0], "sync");
    let report = done(tills[1], "sync");
    assert_eq!((&report["conflict"], &report["rejected"]), (&1.into(), &0.into()), "{report}");
    done(tills[0], "sync");
    for data in tills {
        assert_eq!((price(data), open(data)), (prices[0], 1), "the hub's value is in force");
        assert_eq!(product(data)["conflict"], true);
        assert_eq!(done(data, "status")["sync"]["conflicts"], 1);
        assert_eq!(done(data, "sync|queue")["counts"]["blocked"], 0, "nothing is stuck");
    }
    done(tills[0], "conflicts|list")["rows"][0]["uid"].as_str().unwrap().to_owned()
}

fn one_manager_decides(tills: [&Path; 2]) {
    let uid = set_at_once(tills, [5_500, 6_000]);
    let shown = done(tills[0], &format!("conflicts|show|{uid}"));
    let field = &shown["fields"][0];
    assert_eq!((&field["path"], &field["partLabel"]), (&"units/0/price".into(), &"boîte".into()));
    assert_eq!(
        [&field["base"], &field["till"], &field["hub"]],
        [&5_000.into(), &6_000.into(), &5_500.into()] as [&Value; 3]
    );
    assert_eq!((&shown["summary"]["device"], &shown["summary"]["hubDevice"]), (&"caisse-2".into(), &"caisse-1".into()));
    let resolved = done(tills[0], &format!("conflicts|resolve|{uid}|--take|till"));
    assert_eq!((&resolved["summary"]["state"], price(tills[0])), (&"sent".into(), 5_500));
    tills.into_iter().for_each(|data| drop(done(data, "sync")));
    for data in tills {
        assert_eq!((price(data), open(data)), (6_000, 0));
        let settled = done(data, &format!("conflicts|show|{uid}"));
        assert_eq!((&settled["summary"]["state"], &settled["summary"]["taken"]), (&"settled".into(), &"till".into()));
        assert_eq!(settled["resolution"]["canUndo"], true);
    }
    the_history_tells_it(tills[1]);
    done(tills[1], &format!("conflicts|undo|{uid}"));
    [tills[1], tills[0]].into_iter().for_each(|data| drop(done(data, "sync")));
    tills.into_iter().for_each(|data| assert_eq!(price(data), 5_500));
}

/// What became of the price, oldest first, as the hub has it: on whichever till it is asked for.
fn the_history_tells_it(data: &Path) {
    let uid = product(data)["uid"].as_str().unwrap().to_owned();
    let page = done(data, &format!("log|--row|product|{uid}"));
    assert_eq!(page["source"], "hub", "{page}");
    let lines = page["lines"].as_array().unwrap().iter().rev();
    let of_price = lines.filter(|line| line["field"] == "units/0/price");
    let told: Vec<_> = of_price
        .map(|line| {
            assert_eq!(line["userName"], "Hadja Mariama Sylla");
            let value = |name: &str| line[name].as_i64().unwrap();
            (line["kind"].as_str().unwrap(), value("old"), value("new"), line["deviceName"].as_str().unwrap())
        })
        .collect();
    let story = [
        ("edit", 5_000, 5_500, "caisse-1"),
        ("conflict", 6_000, 5_500, "caisse-2"),
        ("resolution", 5_500, 6_000, "caisse-1"),
    ];
    assert_eq!(told, story, "{page}");
    let refused = done(data, "log|--kind|conflict");
    assert_eq!(refused["lines"][0]["strategy"], "manual", "{refused}");
}

fn two_managers_decide_at_once(tills: [&Path; 2]) {
    let uid = set_at_once(tills, [7_000, 7_500]);
    done(tills[0], &format!("conflicts|resolve|{uid}|--take|hub"));
    done(tills[1], &format!("conflicts|resolve|{uid}|--set|units/0/price=7200"));
    done(tills[0], "sync");
    let report = done(tills[1], "sync");
    assert_eq!((&report["rejected"], &report["blocked"]), (&1.into(), &0.into()), "{report}");
    for data in tills {
        assert_eq!((price(data), open(data)), (7_000, 0));
        let settled = done(data, &format!("conflicts|show|{uid}"));
        assert_eq!((&settled["summary"]["state"], &settled["summary"]["taken"]), (&"settled".into(), &"hub".into()));
    }
    let again = ask(tills[1], &format!("conflicts|resolve|{uid}|--take|till"));
    assert_eq!(again.problem().1, "conflict_settled");
}

/// Whoever decides has not seen what the other wrote meanwhile: it stands, and they are asked again.
fn a_decision_overwrites_nothing_unseen(tills: [&Path; 2]) {
    let set = |till: &Path, price: i64| drop(done(till, &format!("price|{}|{price}", code(0))));
    for (data, price) in tills.into_iter().zip([8_000, 8_500]) {
        set(data, price);
    }
    done(tills[0], "sync");
    assert_eq!(done(tills[1], "sync")["conflict"], 1);
    let uid = done(tills[1], "conflicts|list")["rows"][0]["uid"].as_str().unwrap().to_owned();
    set(tills[0], 8_200);
    done(tills[1], &format!("conflicts|resolve|{uid}|--take|till"));
    done(tills[0], "sync");
    let report = done(tills[1], "sync");
    assert_eq!((&report["conflict"], &report["rejected"], &report["blocked"]), (&1.into(), &0.into(), &0.into()));
    assert_eq!((price(tills[1]), open(tills[1])), (8_200, 1), "{report}");
    let shown = done(tills[1], &format!("conflicts|show|{uid}"));
    assert_eq!((&shown["fields"][0]["till"], &shown["fields"][0]["hub"]), (&8_500.into(), &8_200.into()));
    done(tills[1], &format!("conflicts|resolve|{uid}|--take|till"));
    for data in [tills[1], tills[0]] {
        done(data, "sync");
        assert_eq!((price(data), open(data)), (8_500, 0));
    }
}

fn they_end_equal(shop: &Shop) {
    let [first, second] = priced(shop);
    let tills = [first.as_path(), second.as_path()];
    one_manager_decides(tills);
    two_managers_decide_at_once(tills);
    a_decision_overwrites_nothing_unseen(tills);
    for data in tills {
        done(data, "sync");
        let compared = done(data, "sync|compare");
        assert_eq!(compared["equal"], true, "{compared}");
    }
    assert!(!shop.hub.log().contains("panicked"));
}

#[test]
fn two_tills_set_one_price_a_manager_decides_and_both_end_equal() {
    they_end_equal(&Shop::open());
}

#[test]
fn on_postgres_two_tills_set_one_price_a_manager_decides_and_both_end_equal() {
    they_end_equal(&Shop::open_on_postgres());
}

//! The money of a shop by the command line alone, against a hub: what is paid, owed, given back, spent and counted is
//! accepted, and every till and the hub say the same of it.

use std::path::{Path, PathBuf};

use officine_tests::{Shop, books, programs::till, shop::code, till::quantities};
use serde_json::{Value, json};

use crate::desk::{ask, done, enrolled};

const CATALOGUE: &str = "designation;code;prix gnf;lot;peremption;quantite\n\
    Amoxicilline;{0};6130;OLD;2040-06-30;3\n\
    Amoxicilline;{0};6130;NEW;2042-06-30;9\n\
    Coton;{1};1475;C1;2045-01-31;20\n";
const PHONE: &str = "622123456";

/// Whoever only looks signs in nowhere.
fn look(data: &Path, command: &str) -> Value {
    till(data, command.split('|')).done()
}

fn refused(data: &Path, command: &str) -> String {
    let said = ask(data, command);
    assert_eq!(said.code, Some(1), "{command}: {}", said.json);
    said.problem().1.to_owned()
}

/// A till of a shop that counts its drawers and rounds to 500 francs, with two products and a customer.
fn stocked(shop: &Shop) -> PathBuf {
    let data = enrolled(shop, "caisse-1");
    done(&data, "owner|--name|Hadja Mariama Sylla");
    let file = data.join("catalogue.csv");
    std::fs::write(&file, CATALOGUE.replace("{0}", &code(0)).replace("{1}", &code(1))).unwrap();
    done(&data, &format!("import|{}", file.display()));
    done(&data, "settings|--set|sale.roundingStep=500|--set|cash.sessionRequired=true");
    done(&data, &format!("customer|add|Aïssatou Bah|--set|phone={PHONE}|--set|creditCeiling=20000"));
    data
}

/// Everything goes up, and the hub has nothing to say against it.
fn sync(data: &Path) {
    let report = look(data, "sync");
    assert_eq!((&report["rejected"], &report["blocked"], &report["deferred"]), (&0.into(), &0.into(), &0.into()));
    let status = look(data, "status");
    for state in ["waiting", "sent", "deferred", "blocked", "rejected"] {
        assert_eq!(status["sync"]["queue"][state], 0, "{state}: {status}");
    }
    assert_eq!(status["ledgerDifferences"], 0);
}

fn sold(answer: &Value) -> String {
    answer["receipt"]["uid"].as_str().expect("a ticket").to_owned()
}

fn uid(receipt: &Value) -> String {
    receipt["uid"].as_str().expect("an identity").to_owned()
}

fn ticket(data: &Path, uid: &str) -> Value {
    look(data, &format!("ticket|{uid}"))
}

fn balance(data: &Path) -> i64 {
    done(data, &format!("credit|show|{PHONE}"))["balance"].as_i64().expect("francs")
}

/// Means and amount of each payment.
fn paid(receipt: &Value) -> Value {
    let payments = receipt["payments"].as_array().expect("payments").iter();
    payments.map(|payment| json!([payment["means"], payment["amount"]])).collect()
}

/// What every till has to say the same of, these returns among it.
fn book(data: &Path, returns: &[String]) -> Vec<Value> {
    let lists = [look(data, "sales|--limit|200")["rows"].clone(), done(data, "credit|list")];
    let sales: Vec<String> = lists[0].as_array().expect("tickets").iter().map(uid).collect();
    let account = done(data, &format!("credit|show|{PHONE}"));
    let drawers = [done(data, "session|list"), done(data, "expense|list")];
    lists
        .into_iter()
        .chain([account])
        .chain(drawers)
        .chain(sales.iter().chain(returns).map(|uid| ticket(data, uid)))
        .collect()
}

/// Both tills and the hub agree once each has heard of the other. Gives how many tickets a person has to look at.
fn agree(shop: &Shop, tills: [&Path; 2], returns: &[String]) -> usize {
    tills.iter().chain([&tills[0]]).for_each(|data| sync(data));
    let hub = shop.hub.stock(&shop.pharmacy);
    for data in tills {
        assert_eq!(quantities(&look(data, "stock")), hub, "the same boxes in each lot");
    }
    let [one, other] = tills.map(|data| book(data, returns));
    books::are_equal(&shop.hub, &shop.pharmacy, &tills);
    one.iter().zip(&other).for_each(|(one, other)| assert_eq!(one, other));
    one.iter().filter(|told| told["flagged"] == true).count()
}

/// A ticket with discounts, rounding and three means, taken back in two steps. Gives its returns.
fn sell_and_take_back(data: &Path) -> Vec<String> {
    let (amox, cotton) = (code(0), code(1));
    let off = "--line-discount|1:10%|--discount|700";
    let pay = format!("--customer|{PHONE}|--pay|credit:8000|--pay|om:10000:pp26 1120.1|--pay|cash:10000");
    let receipt = done(data, &format!("sell|--no-sync|{off}|{pay}|{amox}*4|{cotton}*3"))["receipt"].clone();
    let sums = ["discount", "rounding", "total", "tendered", "change"].map(|name| receipt[name].clone());
    assert_eq!(json!(sums), json!([700, 207, 26_000, 28_000, 2_000]), "{receipt}");
    assert_eq!(paid(&receipt), json!([["credit", 8_000], ["orangeMoney", 10_000], ["cash", 8_000]]));
    assert_eq!(balance(data), 8_000);
    assert_eq!(refused(data, &format!("sell|--no-sync|--pay|om:1500:PP261120.1|{cotton}")), "reference_used");
    let dear = format!("sell|--no-sync|--customer|{PHONE}|--pay|credit:12500|{amox}*2");
    assert_eq!(refused(data, &dear), "ceiling_exceeded", "8 000 owed, 12 500 more, 20 000 at most");

    let number = receipt["number"].as_str().unwrap();
    let part = done(data, &format!("return|{number}|--line|1:2|--reason|effet indésirable"));
    assert_eq!(paid(&part), json!([["credit", 8_000], ["cash", 2_828]]), "what is owed first");
    let stock = look(data, &format!("stock|{amox}"));
    let held = stock.as_array().unwrap().iter().filter(|lot| lot["blocked"] == "quarantine");
    assert_eq!(held.map(|lot| lot["quantity"].as_i64().unwrap()).sum::<i64>(), 2, "medicine is set apart: {stock}");
    let rest = done(data, &format!("return|{number}|--line|1:2|--line|2:3:shelf"));
    assert_eq!(rest["total"], 26_000 - 10_828, "the refunds are the total");
    assert_eq!(refused(data, &format!("return|{number}")), "returned_too_much");
    vec![uid(&part), uid(&rest)]
}

/// Credit repaid, money spent and moved, the drawer told. Gives the ticket of a cancellation.
fn keep_the_drawer(data: &Path) -> String {
    let cotton = code(1);
    done(data, &format!("sell|--no-sync|--pay|om:3000:OM9|{cotton}*2"));
    let cancelled = done(data, "cancel-last|--reason|client parti")["receipt"].clone();
    assert_eq!((&cancelled["kind"], &cancelled["total"]), (&"cancellation".into(), &3_000.into()));
    assert_eq!(cancelled["payments"][0]["reference"], "OM9", "back the way it came");
    let pay = format!("--customer|{PHONE}|--pay|credit:6000|--pay|om:3000:OM9");
    let owed = done(data, &format!("sell|--no-sync|{pay}|{cotton}*6"));
    let number = owed["receipt"]["number"].as_str().unwrap();
    done(data, &format!("credit|pay|{PHONE}|--pay|cash:2500"));
    assert_eq!(refused(data, &format!("credit|pay|{PHONE}|--pay|om:500:PP261120.1")), "reference_used");
    done(data, &format!("credit|pay|--ticket|{number}|--pay|om:1000:RP1"));
    assert_eq!(balance(data), 2_500);
    done(data, "expense|add|transport|taxi|--pay|cash:1500");
    done(data, "session|feed|in|10000|monnaie");
    done(data, "session|feed|out|5000|banque");
    let report = done(data, "session|report");
    let sums = ["openingFloat", "fed", "takenOut", "expected", "sales", "returns"].map(|name| report[name].clone());
    assert_eq!(json!(sums), json!([50_000, 10_000, 5_000, 46_000, 3, 3]), "{report}");
    let closed = done(data, "session|close|--count|20000*2|--count|5000*1|--note|un billet manque");
    assert_eq!((&closed["counted"], &closed["difference"]), (&45_000.into(), &(-1_000).into()));
    assert_eq!(refused(data, "session|report"), "session_none");
    uid(&cancelled)
}

/// Two tills, neither of which hears of the other, take the same line back. Gives both returns.
fn take_back_twice(shop: &Shop, tills: [&Path; 2]) -> [String; 2] {
    let sale = sold(&done(tills[0], &format!("sell|{}*3", code(0))));
    sync(tills[1]);
    let before: i64 = shop.hub.stock(&shop.pharmacy).values().sum();
    let returns = tills.map(|data| uid(&done(data, &format!("return|{sale}|--line|1:2:shelf"))));
    tills.iter().for_each(|data| sync(data));
    let after: i64 = shop.hub.stock(&shop.pharmacy).values().sum();
    assert_eq!(after - before, 4, "the boxes are there, whatever was sold");
    sync(tills[0]);
    for data in tills {
        let flags = returns.each_ref().map(|uid| ticket(data, uid)["flagged"].clone());
        assert_eq!(json!(flags), json!([false, true]), "a person looks at the second");
        assert_eq!(ticket(data, &sale)["lines"][0]["returned"], 4);
    }
    returns
}

/// A ticket on credit that the hub refuses, part of it taken back and repaid before anybody knew. Gives the return.
fn refuse_a_credit(tills: [&Path; 2]) -> String {
    let (cotton, owed) = (code(1), balance(tills[1]));
    let left = look(tills[1], &format!("stock|{cotton}"));
    let left: i64 = left
        .as_array()
        .unwrap()
        .iter()
        .filter(|lot| lot["blocked"].is_null())
        .fold(0, |sum, lot| sum + lot["quantity"].as_i64().unwrap());
    done(tills[0], &format!("sell|{cotton}*{}", left - 5));
    let sale = sold(&done(
        tills[1],
        &format!("sell|--no-sync|--customer|{PHONE}|--pay|credit:7000|--pay|om:2000:CUT|{cotton}*6"),
    ));
    let back = uid(&done(tills[1], &format!("return|{sale}|--line|1:2:shelf")));
    done(tills[1], &format!("credit|pay|--ticket|{sale}|--pay|cash:1000"));
    assert_eq!(balance(tills[1]), owed + 7_000 - 3_000 - 1_000);
    let report = look(tills[1], "sync");
    assert_eq!((&report["rejected"], &report["blocked"]), (&1.into(), &0.into()), "{report}");
    let refused = ticket(tills[1], &sale);
    assert_eq!((&refused["state"], &refused["reason"]["code"]), (&"reversed".into(), &"stock_insufficient".into()));
    sync(tills[0]);
    for data in tills {
        assert_eq!(balance(data), owed - 1_000, "nothing is owed for it, and what was paid is an advance");
    }
    let again = sold(&done(tills[1], &format!("sell|--pay|om:1500:CUT|{cotton}")));
    assert_eq!(ticket(tills[1], &again)["state"], "confirmed", "what it was paid with pays another");
    back
}

/// What no till can know alone: a reference that pays at both, a ceiling passed by both together.
fn spend_twice(tills: [&Path; 2]) {
    let [amox, cotton] = [0, 1].map(code);
    for data in tills {
        done(data, &format!("sell|--no-sync|--pay|om:1500:SAME|{cotton}"));
        let pay = format!("--customer|{PHONE}|--pay|credit:11000|--pay|cash:1500");
        done(data, &format!("sell|--no-sync|{pay}|{amox}*2"));
    }
    tills.iter().for_each(|data| sync(data));
}

fn the_money_of_a_shop_is_right_everywhere(shop: &Shop) {
    let first = stocked(shop);
    assert_eq!(refused(&first, &format!("sell|--no-sync|{}", code(1))), "session_required");
    done(&first, "session|open|--float|50000");
    let mut returns = sell_and_take_back(&first);
    returns.push(keep_the_drawer(&first));
    sync(&first);
    let second = enrolled(shop, "caisse-2");
    let tills = [first.as_path(), second.as_path()];
    assert_eq!(agree(shop, tills, &returns), 0, "nothing here is out of order");

    tills.iter().for_each(|data| drop(done(data, "session|open")));
    returns.extend(take_back_twice(shop, tills));
    returns.push(refuse_a_credit(tills));
    spend_twice(tills);
    let flagged = agree(shop, tills, &returns);
    assert_eq!(flagged, 4, "a line and a reference twice, a ceiling passed, a return of a refused ticket");
    assert!(!shop.hub.log().contains("panicked"));
}

#[test]
fn money_by_the_command_line_is_accepted_and_the_same_everywhere() {
    the_money_of_a_shop_is_right_everywhere(&Shop::open());
}

#[test]
fn on_postgres_money_by_the_command_line_is_accepted_and_the_same_everywhere() {
    the_money_of_a_shop_is_right_everywhere(&Shop::open_on_postgres());
}

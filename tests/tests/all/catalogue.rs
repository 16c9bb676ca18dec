//! Suppliers, products, lots, customers, users, settings, recalls and requests: by the command line, against a hub.

use std::path::Path;

use officine_tests::{
    Shop, books,
    programs::{Said, till},
};
use serde_json::Value;

const OWNER: [&str; 4] = ["--user", "mariama", "--pin", "5555"];

fn ask(data: &Path, command: &str) -> Said {
    till(data, OWNER.into_iter().chain(command.split('|')))
}

fn done(data: &Path, command: &str) -> Value {
    ask(data, command).done()
}

fn refused(data: &Path, command: &str) -> String {
    let said = ask(data, command);
    assert_eq!(said.code, Some(1), "{command}: {}", said.json);
    said.problem().1.to_owned()
}

fn uid(row: &Value) -> String {
    row["uid"].as_str().expect("an identity").to_owned()
}

fn enrolled(shop: &Shop, name: &str) -> std::path::PathBuf {
    let data = shop.data(name);
    till(&data, ["enrol", "--hub", &shop.hub.url(), "--code", &shop.hub.code(&shop.pharmacy), "--name", name]).done();
    data
}

/// Each pharmacy row that people keep, as a till has it.
fn book(data: &Path) -> Vec<Value> {
    let mut people = done(data, "user|list");
    people.as_array_mut().expect("people").sort_by_key(uid);
    ["supplier|list", "customer|list", "recall|list", "request|list|ordered", "offer|list|2000000000015"]
        .into_iter()
        .map(|command| done(data, command))
        .chain([people, done(data, "stock"), done(data, "settings")["pharmacy"].clone(), done(data, "search|sirop")])
        .collect()
}

fn keep_the_catalogue(data: &Path) {
    let supplier = done(data, "supplier|add|Spharma Guinée|--set|phone=622000000");
    assert_eq!(refused(data, "supplier|add|SPHARMA guinee"), "supplier_exists");
    done(data, "supplier|edit|spharma guinee|--set|address=Kaloum, Conakry");
    done(data, "supplier|add|Ubipharm");
    let units = "--unit|boîte:16:4500|--unit|plaquette:4:1200";
    let product =
        done(data, &format!("product|add|Amoxicilline 500 mg|{units}|--code|2000000000015|--set|minStock=32"));
    assert_eq!(product["units"][1]["price"], 1200);
    done(data, "product|edit|2000000000015|--set|dci=amoxicilline|--set|returnable=true");
    done(data, "product|add-unit|2000000000015|gélule:1:300");
    done(data, "product|edit-unit|2000000000015|1|--name|étui|--factor|8");
    done(data, "product|add-code|2000000000015|3400930000014");
    done(data, "product|add-code|2000000000015");
    let syrup = done(data, "product|add|Sirop maison|--code|2000000000022");
    done(data, &format!("product|move-code|3400930000014|{}", uid(&syrup)));
    done(data, "product|remove-code|2000000000022|3400930000014");
    done(data, "price|2000000000022|2500");
    done(data, "product|add|À jeter|--code|2000000000039");
    assert_eq!(done(data, "product|archive|2000000000039")["stock"], 0);
    assert_eq!(refused(data, "product|edit|2000000000039|--set|name=x"), "code_unknown");
    done(data, "offer|set|2000000000015|ubipharm|--set|packCost=4100|--set|packSize=16");
    done(data, &format!("offer|set|2000000000015|{}|--set|preferred=true", uid(&supplier)));
    done(data, "offer|set|2000000000022|ubipharm");
    done(data, "offer|remove|2000000000022|ubipharm");
    done(data, "supplier|add|Fermé");
    done(data, "supplier|archive|fermé");
}

fn keep_the_lots(data: &Path) {
    let lot = uid(&done(data, "lot|add|2000000000015|DL4417|--set|expiry=2035-12-31|--set|packCost=3900"));
    assert_eq!(refused(data, "lot|add|2000000000015|DL4417|--set|expiry=2035-12-31"), "lot_exists");
    done(data, &format!("lot|edit|{lot}|--set|expiry=2036-01-31"));
    done(data, &format!("lot|block|{lot}|boîtes mouillées"));
    done(data, &format!("lot|unblock|{lot}"));
    let recall =
        uid(&done(data, "recall|open|contamination|--product|2000000000015|--number|dl4417|--reference|AMM-7"));
    assert_eq!(refused(data, &format!("lot|unblock|{lot}")), "lot_recalled");
    let late = done(data, "lot|add|2000000000015|DL4417|--set|expiry=2037-01-31");
    assert!(late["blockedReason"].as_str().expect("blocked at birth").contains("AMM-7"));
    assert_eq!(done(data, &format!("recall|tickets|{recall}"))["certain"], Value::Array(vec![]));
    done(data, &format!("recall|close|{recall}"));
    done(data, &format!("recall|open|étiquetage|--lot|{lot}"));
    done(data, &format!("lot|archive|{}", uid(&late)));
    let request = done(data, "request|add|--set|label=Lait 2e âge|--set|contact=622123456");
    done(data, "request|add|--product|2000000000015|--set|quantity=2");
    assert_eq!(done(data, "request|list").as_array().map(Vec::len), Some(2));
    done(data, &format!("request|mark|{}|ordered", uid(&request)));
}

fn keep_the_people(data: &Path) {
    done(data, "customer|add|Aïssatou Bah|--set|phone=+224 622-12-34-56|--set|creditCeiling=200000");
    assert_eq!(refused(data, "customer|add|Autre|--set|phone=00224622123456"), "customer_exists");
    done(data, "customer|edit|622123456|--set|address=Kaloum");
    done(data, "customer|add|De passage");
    done(data, "customer|archive|de passage");
    done(data, "user|add|fanta|Fanta Camara|cashier|--new-pin|1234");
    done(data, "user|edit|fanta|--set|role=pharmacist");
    done(data, "user|pin|fanta|--new-pin|4321");
    till(data, ["--user", "fanta", "--pin", "4321", "user", "list"]).done();
    done(data, "user|add|parti|Il Est Parti|cashier|--new-pin|1234");
    done(data, "user|archive|parti");
    assert_eq!(refused(data, "user|archive|mariama"), "last_owner");
    done(data, "settings|--set|sale.roundingStep=50|--set|stock.zones=[\"shelf\",\"reserve\"]|--set|sale.credit=none");
    assert_eq!(refused(data, "settings|--set|sale.roundingStep=7"), "field_invalid");
    assert_eq!(done(data, "coverage")["complete"], true);
}

#[test]
fn what_people_keep_by_the_command_line_is_accepted_and_reaches_another_till() {
    let shop = Shop::open();
    let first = enrolled(&shop, "caisse-1");
    till(&first, ["sync"]).done();
    till(&first, OWNER.into_iter().chain(["owner", "--name", "Hadja Mariama Sylla"])).done();
    keep_the_catalogue(&first);
    keep_the_lots(&first);
    keep_the_people(&first);
    done(&first, "user|pin|--new-pin|5555");
    done(&first, "sync");
    let queue = done(&first, "status")["sync"]["queue"].clone();
    for state in ["waiting", "sent", "deferred", "blocked", "rejected"] {
        assert_eq!(queue[state], 0, "{state}: {queue}");
    }
    let second = enrolled(&shop, "caisse-2");
    done(&second, "sync");
    assert_eq!(book(&second), book(&first), "the hub has what the first till has");
    done(&first, "sync");
    books::are_equal(&shop.hub, &shop.pharmacy, &[&first, &second]);
    assert!(!shop.hub.log().contains("panicked"));
}

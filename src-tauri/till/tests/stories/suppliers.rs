//! Suppliers, and what they offer.

use officine_till::{Result, editing::Fields};
use serde_json::{Value as Json, json};

use crate::support::{Shop, fields, queued};

fn add(shop: &Shop, name: &str) -> Result<Json> {
    shop.till.create_supplier(&fields(json!({ "name": name })))
}

fn text(row: &Json, field: &str) -> String {
    row[field].as_str().unwrap().to_owned()
}

#[test]
fn a_supplier_is_created_edited_found_and_archived() {
    let shop = Shop::open();
    shop.sign_in("pharmacist");
    let supplier = add(&shop, "  Spharma Guinée ").unwrap();
    assert_eq!(supplier["name"], "Spharma Guinée");
    let uid = text(&supplier, "uid");
    let edited = shop.till.edit_supplier(&uid, &fields(json!({ "phone": "622 00 00 00" }))).unwrap();
    assert_eq!((edited["phone"].as_str(), edited["name"].as_str()), (Some("622 00 00 00"), Some("Spharma Guinée")));
    assert_eq!(shop.till.list_suppliers("SPHARMA guinee", 10).unwrap().len(), 1);
    assert_eq!(shop.till.list_suppliers("% _", 10).unwrap().len(), 1, "what is no letter is no wildcard");
    assert!(shop.till.list_suppliers("ubipharm", 10).unwrap().is_empty());
    let archived = shop.till.archive_supplier(&uid).unwrap();
    assert_eq!(archived["archivedAt"], crate::support::NOW);
    assert!(shop.till.list_suppliers("", 10).unwrap().is_empty());
    assert_eq!(queued(&shop), ["supplier create", "supplier update", "supplier delete"]);
    let logged = "SELECT group_concat(kind || ' ' || field, ', ') FROM change_log";
    assert_eq!(shop.one::<String>(logged), "edit phone, archive archivedAt");
    shop.sync();
    assert_eq!(queued(&shop), Vec::<String>::new());
}

#[test]
fn a_second_one_of_the_same_name_is_refused_by_the_name_of_the_first_and_leaves_nothing() {
    let shop = Shop::open();
    shop.sign_in("pharmacist");
    let first = add(&shop, "Ubipharm Guinée").unwrap();
    let problem = add(&shop, "UBIPHARM  guinee").unwrap_err().problem();
    assert_eq!((problem.code.as_str(), &problem.params["name"]), ("supplier_exists", &json!("Ubipharm Guinée")));
    let other = add(&shop, "Laborex").unwrap();
    let renamed = shop.till.edit_supplier(&text(&other, "uid"), &fields(json!({ "name": "Ubipharm guinée" })));
    assert_eq!(renamed.unwrap_err().code(), "supplier_exists");
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM supplier"), 2);
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM change_log"), 0);
    assert_eq!(queued(&shop), ["supplier create", "supplier create"]);
    shop.till.archive_supplier(&text(&first, "uid")).unwrap();
    add(&shop, "Ubipharm Guinée").unwrap();
    let gone = shop.till.edit_supplier(&text(&first, "uid"), &fields(json!({ "phone": "1" })));
    assert_eq!(gone.unwrap_err().code(), "row_archived");
}

#[test]
fn what_the_hub_would_refuse_is_refused_before_it_is_written() {
    let shop = Shop::open();
    shop.sign_in("pharmacist");
    let code = |fields: Json| shop.till.create_supplier(&self::fields(fields)).unwrap_err().problem();
    for (given, field) in [
        (json!({ "name": "x".repeat(161) }), "name"),
        (json!({ "name": "Spharma", "phone": "1\0" }), "phone"),
        (json!({ "name": "Spharma", "address": 12 }), "address"),
        (json!({ "name": "Spharma", "nameFold": "x" }), "nameFold"),
        (json!({ "name": "Spharma", "colour": "red" }), "colour"),
    ] {
        let problem = code(given);
        assert_eq!((problem.code.as_str(), problem.params["field"].as_str()), ("field_invalid", Some(field)));
    }
    assert_eq!(code(json!({ "name": " … " })).code, "name_missing");
    assert_eq!(shop.till.create_supplier(&Fields::new()).unwrap_err().code(), "name_missing");
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM outbox"), 0);
}

#[test]
fn a_supplier_archived_elsewhere_is_listed_no_more_and_the_log_tells() {
    let shop = Shop::open();
    shop.sign_in("pharmacist");
    let uid = shop.hub.supplier("Laborex");
    shop.sync();
    assert_eq!(shop.till.list_suppliers("laborex", 10).unwrap().len(), 1);
    shop.hub.edit(uid, |row| row.archived_at = Some(7));
    shop.sync();
    assert!(shop.till.list_suppliers("laborex", 10).unwrap().is_empty());
    assert_eq!(shop.one::<String>("SELECT kind || ' ' || field || ' ' || new FROM change_log"), "pull archivedAt 7");
}

#[test]
fn a_row_archived_here_holds_what_the_hub_says_of_it_until_its_verdict() {
    let shop = Shop::open();
    shop.sign_in("pharmacist");
    let uid = shop.hub.supplier("Laborex");
    shop.sync();
    shop.till.archive_supplier(&uid.to_string()).unwrap();
    shop.hub.gate(|_| Some(crate::support::hub::unreachable()));
    let _ = shop.till.sync_now(officine_till::Trigger::Manual);
    shop.hub.accept_all();
    shop.hub.forget_verdicts(1);
    shop.hub.edit(uid, |row| row.fields["phone"] = "622".into());
    let _ = shop.till.sync_now(officine_till::Trigger::Manual);
    assert!(shop.till.list_suppliers("laborex", 10).unwrap().is_empty(), "what was archived here stays so");
}

#[test]
fn exactly_one_offer_of_a_product_is_preferred() {
    let shop = Shop::open();
    let product = shop.hub.product("Amoxicilline", "2000000000015", None).to_string();
    let [first, second] = ["Laborex", "Ubipharm"].map(|name| shop.hub.supplier(name).to_string());
    shop.sync();
    shop.sign_in("pharmacist");
    let set = |supplier: &str, given: Json| shop.till.set_offer(&product, supplier, &fields(given)).unwrap();
    let preferred = || {
        let offers = shop.till.list_offers(&product).unwrap();
        assert_eq!(offers.iter().filter(|offer| offer["preferred"] == true).count(), 1, "{offers:?}");
        text(&offers[0], "supplier")
    };
    assert_eq!(set(&first, json!({ "packCost": 3900 }))["preferred"], true, "the first is, whatever is said");
    assert_eq!(set(&second, json!({ "reference": "AMX", "packSize": 16 }))["preferred"], false);
    assert_eq!(preferred(), first);
    set(&second, json!({ "preferred": true }));
    assert_eq!(preferred(), second);
    set(&second, json!({ "preferred": false, "packCost": 4100 }));
    assert_eq!(preferred(), first);
    shop.till.remove_offer(&product, &first).unwrap();
    assert_eq!(preferred(), second, "the last one takes the place");
    shop.till.archive_supplier(&second).unwrap();
    assert!(shop.till.list_offers(&product).unwrap().is_empty());
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM product_supplier WHERE archived_at IS NULL"), 0);
    shop.sync();
    assert_eq!(queued(&shop), Vec::<String>::new());
}

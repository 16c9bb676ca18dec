//! Customers, known by their phone.

use officine_till::{Result, views::ListContactsArgs};
use serde_json::{Value as Json, json};

use crate::support::{Shop, fields, queued};

fn add(shop: &Shop, given: Json) -> Result<Json> {
    shop.till.create_customer(&fields(given))
}

#[test]
fn one_number_is_one_customer_however_it_is_typed() {
    let shop = Shop::open();
    let customer = add(&shop, json!({ "name": "Aïssatou Bah", "phone": "+224 622-12-34-56" })).unwrap();
    assert_eq!(customer["phone"], "622123456");
    let problem = add(&shop, json!({ "name": "Autre", "phone": "00224622123456" })).unwrap_err().problem();
    assert_eq!((problem.code.as_str(), &problem.params["name"]), ("customer_exists", &json!("Aïssatou Bah")));
    assert_eq!(add(&shop, json!({ "name": "Autre", "phone": "12" })).unwrap_err().code(), "phone_invalid");
    assert_eq!(add(&shop, json!({ "phone": "655000000" })).unwrap_err().code(), "name_missing");
    for name in ["Sans numéro", "Sans numéro non plus"] {
        add(&shop, json!({ "name": name })).unwrap();
    }
    assert_eq!(queued(&shop), ["customer create"; 3]);
    for text in ["62212", "+224 622", "aissatou", "BAH aïss"] {
        assert_eq!(shop.till.find_customers(text, 10).unwrap().len(), 1, "{text}");
    }
    assert_eq!(shop.till.find_customers("", 10).unwrap().len(), 3);
    let uid = customer["uid"].as_str().unwrap();
    shop.till.archive_customer(uid).unwrap();
    assert!(shop.till.find_customers("62212", 10).unwrap().is_empty());
    add(&shop, json!({ "name": "Le nouveau", "phone": "622123456" })).unwrap();
    shop.sync();
    assert_eq!(queued(&shop), Vec::<String>::new());
}

#[test]
fn suppliers_and_customers_are_listed_with_what_the_window_shows_of_them() {
    let shop = Shop::open();
    add(&shop, json!({ "name": "Awa Sow", "phone": "622123456", "address": "Madina" })).unwrap();
    shop.hub.supplier("Spharma");
    shop.sync();
    let list = |entity: &str, text: &str| {
        shop.till.list_contacts(&ListContactsArgs { entity: entity.into(), text: text.into(), limit: 9 })
    };
    let awa = &list("customer", "6221").unwrap()[0];
    assert_eq!([&awa.name, &awa.phone, &awa.address], ["Awa Sow", "622123456", "Madina"]);
    assert!(!awa.conflict);
    assert_eq!(list("supplier", "").unwrap()[0].name, "Spharma");
    assert_eq!(list("sale", "").unwrap_err().code(), "field_invalid");
}

#[test]
fn how_much_a_customer_may_owe_is_not_for_the_counter_to_say() {
    let shop = Shop::open();
    let ceiling = |amount: i64| json!({ "name": "Awa", "phone": "622123456", "creditCeiling": amount });
    assert_eq!(add(&shop, ceiling(50_000)).unwrap_err().code(), "forbidden");
    let uid = add(&shop, ceiling(0)).unwrap()["uid"].as_str().unwrap().to_owned();
    let edit = |given: Json| shop.till.edit_customer(&uid, &fields(given));
    assert_eq!(edit(json!({ "creditCeiling": 50_000, "address": "Kaloum" })).unwrap_err().code(), "forbidden");
    assert_eq!(edit(json!({ "creditCeiling": 0, "address": "Kaloum" })).unwrap()["address"], "Kaloum");
    shop.sign_in("manager");
    assert_eq!(edit(json!({ "creditCeiling": 50_000 })).unwrap()["creditCeiling"], 50_000);
    assert_eq!(edit(json!({ "creditCeiling": -1 })).unwrap_err().code(), "field_invalid");
    assert_eq!(shop.one::<String>("SELECT old || ' ' || new FROM change_log WHERE field = 'creditCeiling'"), "0 50000");
}

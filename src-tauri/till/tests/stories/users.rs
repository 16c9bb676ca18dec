//! Who works here: nobody reaches above themselves, and somebody always owns the pharmacy.

use officine_till::{
    Result,
    people::users::NewUser,
    views::{SessionView, SignInArgs},
};
use serde_json::{Value as Json, json};

use crate::support::{PIN, Shop, fields, queued};

fn add(shop: &Shop, login: &str, role: &str) -> Result<Json> {
    shop.till.create_user(&NewUser { login, name: "Fanta Camara", role, pin: "1234" })
}

fn edit(shop: &Shop, login: &str, given: Json) -> Result<Json> {
    shop.till.edit_user(&shop.person(login), &fields(given))
}

fn sign_in(shop: &Shop, login: &str, pin: &str) -> Result<SessionView> {
    shop.till.sign_in(&SignInArgs { uid: shop.person(login), pin: pin.into() })
}

fn code_of<T: std::fmt::Debug>(result: Result<T>) -> String {
    result.unwrap_err().code()
}

#[test]
fn a_manager_adds_somebody_who_signs_in_and_leaves() {
    let shop = Shop::open();
    shop.sign_in("manager");
    let user = add(&shop, "Fanta", "cashier").unwrap();
    assert_eq!((&user["login"], user.get("pinHash")), (&json!("fanta"), None));
    assert_eq!(code_of(add(&shop, "FANTA", "cashier")), "login_taken");
    assert_eq!(code_of(edit(&shop, "cashier2", json!({ "login": "Fanta" }))), "login_taken");
    assert_eq!(code_of(add(&shop, "x", "emperor")), "field_invalid");
    assert_eq!(code_of(add(&shop, &"x".repeat(33), "cashier")), "field_invalid");
    edit(&shop, "fanta", json!({ "role": "pharmacist", "name": "Fanta Diallo" })).unwrap();
    assert_eq!(sign_in(&shop, "fanta", "1234").unwrap().name, "Fanta Diallo");
    shop.sign_in("manager");
    let fanta = shop.person("fanta");
    shop.till.archive_user(&fanta).unwrap();
    assert!(shop.till.people().unwrap().iter().all(|person| person.login != "fanta"));
    assert_eq!(queued(&shop), ["user create", "user update", "user delete"]);
    shop.sync();
    assert_eq!(queued(&shop), Vec::<String>::new());
}

#[test]
fn nobody_creates_or_edits_above_their_own_role() {
    let shop = Shop::open();
    shop.sign_in("manager");
    assert_eq!(code_of(add(&shop, "fanta", "owner")), "role_above");
    assert_eq!(code_of(edit(&shop, "cashier", json!({ "role": "owner" }))), "role_above");
    assert_eq!(code_of(edit(&shop, "owner", json!({ "role": "cashier" }))), "role_above");
    assert_eq!(code_of(edit(&shop, "manager", json!({ "role": "owner" }))), "role_above");
    assert_eq!(code_of(shop.till.reset_pin(&shop.person("owner"), "9999")), "role_above");
    assert_eq!(code_of(shop.till.archive_user(&shop.person("owner"))), "role_above");
    assert_eq!(code_of(edit(&shop, "cashier", json!({ "pinHash": "x" }))), "field_invalid");
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM outbox"), 0);
}

#[test]
fn the_last_owner_stays() {
    let shop = Shop::open();
    shop.sign_in("owner");
    let owner = shop.person("owner");
    assert_eq!(code_of(shop.till.archive_user(&owner)), "last_owner");
    assert_eq!(code_of(edit(&shop, "owner", json!({ "role": "manager" }))), "last_owner");
    edit(&shop, "manager", json!({ "role": "owner" })).unwrap();
    shop.till.archive_user(&owner).unwrap();
    assert_eq!(code_of(add(&shop, "fanta", "cashier")), "not_signed_in", "who is archived is nobody here");
}

#[test]
fn a_changed_pin_signs_nobody_out_and_counts_from_the_next_sign_in() {
    let shop = Shop::open();
    let product = shop.hub.product("Amoxicilline", "2000000000015", Some(100));
    shop.hub.lot(product, "L1", None, 5);
    shop.sync();
    shop.scan("2000000000015");
    assert_eq!(code_of(shop.till.change_pin("0000", "7777")), "pin_wrong");
    assert_eq!(code_of(shop.till.change_pin(PIN, "77")), "pin_invalid");
    shop.till.change_pin(PIN, "7777").unwrap();
    shop.sell();
    assert_eq!(code_of(sign_in(&shop, "cashier", PIN)), "pin_wrong");
    sign_in(&shop, "cashier", "7777").unwrap();
    let sql = "SELECT count(*) FROM change_log WHERE field = 'pinHash' AND old IS NULL AND new IS NULL";
    assert_eq!(shop.one::<i64>(sql), 1);
    let payload: String = shop.one("SELECT CAST(payload AS TEXT) FROM outbox WHERE entity = 'user'");
    assert_eq!(payload.matches("argon2").count(), 1, "the old one leaves this till in no form");
}

#[test]
fn a_reset_pin_unlocks_and_a_wrong_old_one_locks() {
    let shop = Shop::open();
    for _ in 0..5 {
        assert!(shop.till.change_pin("0000", "7777").is_err());
    }
    assert_eq!(code_of(shop.till.change_pin(PIN, "7777")), "pin_locked");
    let cashier = shop.person("cashier");
    shop.sign_in("manager");
    shop.till.reset_pin(&cashier, "8888").unwrap();
    sign_in(&shop, "cashier", "8888").unwrap();
}

#[test]
fn the_pharmacys_settings_are_set_by_name_within_what_they_hold_all_or_none() {
    let shop = Shop::open();
    let set = |pairs: &[(&str, Json)]| {
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        shop.till.set_pharmacy_settings(&pairs)
    };
    assert_eq!(code_of(set(&[("sale.roundingStep", json!(50))])), "forbidden");
    shop.sign_in("manager");
    let settings = shop.till.pharmacy_settings().unwrap();
    assert_eq!((&settings["sale.roundingStep"], &settings["stock.zones"]), (&json!(0), &json!(["shelf", "reserve"])));
    let limits = json!({ "cashier": 0, "pharmacist": 10, "manager": 30, "owner": 100 });
    assert_eq!(settings["sale.discountPercent"], limits);
    for (name, value) in [
        ("sale.roundingStep", json!(7)),
        ("sale.discountPercent", json!({ "cashier": 101 })),
        ("sale.discountPercent", json!({ "emperor": 1 })),
        ("stock.zones", json!([])),
        ("stock.zones", json!(["reserve"])),
        ("stock.zones", json!(["shelf", "shelf"])),
        ("stock.zones", json!(["x".repeat(41)])),
        ("sale.credit", json!("free")),
        ("pharmacy.address", json!("x".repeat(241))),
    ] {
        let both = set(&[("sale.inHandPerDay", json!(9)), (name, value.clone())]);
        assert_eq!(code_of(both), "field_invalid", "{name} {value}");
    }
    assert_eq!(code_of(set(&[("demo.pins", json!({}))])), "setting_unknown");
    assert_eq!(code_of(set(&[("pharmacy.name", json!(" "))])), "name_missing");
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM outbox"), 0);
    let new = set(&[("sale.roundingStep", json!(50)), ("stock.zones", json!(["shelf", "fridge"]))]).unwrap();
    assert_eq!((&new["sale.roundingStep"], &new["stock.zones"][1]), (&json!(50), &json!("fridge")));
    assert_eq!(queued(&shop), ["setting create", "setting create"]);
}

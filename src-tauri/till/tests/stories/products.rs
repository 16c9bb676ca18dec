//! Products: what they are, what they are sold in, what they are found by.

use officine_till::{catalogue::product_acts::NewUnit, views::SearchArgs};
use serde_json::{Value as Json, json};

use crate::support::{Shop, fields, queued};

fn unit(name: &str, factor: i64, price: Option<i64>) -> NewUnit {
    NewUnit { name: name.into(), factor, price }
}

fn found(shop: &Shop, text: &str) -> usize {
    shop.till.search_products(&SearchArgs { text: text.into(), limit: 10 }).unwrap().len()
}

fn codes(product: &Json) -> Vec<String> {
    product["codes"].as_array().unwrap().iter().map(|code| code["code"].as_str().unwrap().to_owned()).collect()
}

fn code_of(result: officine_till::Result<Json>) -> String {
    result.unwrap_err().code()
}

#[test]
fn a_product_is_created_sold_found_under_its_new_name_and_archived_with_its_stock() {
    let shop = Shop::open();
    shop.till.refresh_search().unwrap();
    shop.sign_in("manager");
    let units = [unit("boîte", 16, Some(4_500)), unit("plaquette", 4, Some(1_200))];
    let given = fields(json!({ "name": "Amoxicilline 500 mg", "form": "gélule", "minStock": 32 }));
    let product = shop.till.create_product(&given, &units, &["2000000000015".into()]).unwrap();
    assert_eq!(product["returnable"], false, "what is new is a medicine");
    assert_eq!(product["units"][1]["factor"], 4);
    let uid = product["uid"].as_str().unwrap().to_owned();
    assert_eq!(found(&shop, "amox"), 1);
    shop.till.edit_product(&uid, &fields(json!({ "name": "Clamoxyl 500 mg", "returnable": true }))).unwrap();
    assert_eq!((found(&shop, "amox"), found(&shop, "clam")), (0, 1));
    shop.hub.lot(officine_protocol::Uid::try_parse(&uid).unwrap(), "L1", None, 40);
    shop.sync();
    assert_eq!(shop.till.archive_product(&uid).unwrap()["stock"], 40);
    assert_eq!((found(&shop, "clam"), shop.till.find_code("2000000000015").unwrap().len()), (0, 0));
    assert_eq!(code_of(shop.till.edit_product(&uid, &fields(json!({ "name": "x" })))), "row_archived");
}

#[test]
fn a_name_and_a_code_make_two_products_one_and_neither_alone_does() {
    let shop = Shop::open();
    shop.sign_in("manager");
    let create =
        |name: &str, code: &str| shop.till.create_product(&fields(json!({ "name": name })), &[], &[code.to_owned()]);
    create("Doliprane 1 g", "3400930000014").unwrap();
    create("Doliprane 1 g", "3400930000021").unwrap();
    create("Doliprane 500 mg", "3400930000014").unwrap();
    let problem = create("DOLIPRANE 1 G", "3400930000014").unwrap_err().problem();
    assert_eq!((problem.code.as_str(), &problem.params["name"]), ("product_exists", &json!("Doliprane 1 g")));
    assert_eq!(queued(&shop), ["product create"; 3]);
}

#[test]
fn the_factor_of_a_unit_is_fixed_once_stock_has_moved_and_its_name_is_not() {
    let shop = Shop::open();
    let product = shop.hub.product_in_units("Amoxicilline", "2000000000015", &[("boîte", 16, Some(4_500))]);
    shop.sync();
    shop.sign_in("manager");
    let uid = product.to_string();
    let edit = |name: Option<&str>, factor: Option<i64>| shop.till.edit_unit(&uid, 0, name, factor);
    assert_eq!(edit(None, Some(12)).unwrap()["units"][0]["factor"], 12);
    shop.hub.lot(product, "L1", None, 24);
    shop.sync();
    let problem = edit(None, Some(16)).unwrap_err().problem();
    assert_eq!((problem.code.as_str(), &problem.params["unit"]), ("unit_fixed", &json!("boîte")));
    assert_eq!(edit(Some("étui"), Some(12)).unwrap()["units"][0]["name"], "étui");
    let added = shop.till.add_unit(&uid, &unit("gélule", 1, Some(300))).unwrap();
    assert_eq!(added["units"][1], json!({ "position": 1, "name": "gélule", "factor": 1, "price": 300 }));
    assert_eq!(code_of(shop.till.add_unit(&uid, &unit("gélule", 2, None))), "field_invalid");
    assert_eq!(code_of(shop.till.add_unit(&uid, &unit("rien", 0, None))), "field_invalid");
    assert_eq!(code_of(shop.till.edit_unit(&uid, 7, Some("x"), None)), "field_invalid");
}

#[test]
fn a_code_is_added_moved_and_removed_and_the_scan_follows() {
    let shop = Shop::open();
    let [one, other] = [("Un", "2000000000015"), ("Autre", "2000000000022")]
        .map(|(name, code)| shop.hub.product(name, code, Some(100)).to_string());
    shop.sync();
    shop.sign_in("manager");
    let name_of = |code: &str| shop.till.find_code(code).unwrap().first().map(|hit| hit.name.clone());
    shop.till.move_code(&one, &other, "2000000000015").unwrap();
    assert_eq!(name_of("2000000000015").as_deref(), Some("Autre"));
    assert_eq!(queued(&shop), ["product update", "product update"]);
    shop.till.remove_code(&other, "2000000000015").unwrap();
    assert_eq!(name_of("2000000000015"), None);
    assert_eq!(code_of(shop.till.remove_code(&other, "2000000000015")), "code_unknown");
    assert_eq!(code_of(shop.till.move_code(&one, &other, "2000000000015")), "code_unknown");
}

#[test]
fn two_tills_offline_never_mint_the_same_code() {
    let shops = [Shop::open(), Shop::open()];
    shops[1].db().execute("UPDATE till_state SET series = 3", []).unwrap();
    let minted = shops.each_ref().map(|shop| {
        let product = shop.hub.product("Sirop maison", "2000000000015", None).to_string();
        shop.sync();
        shop.sign_in("pharmacist");
        shop.till.mint_code(&product, None).unwrap();
        codes(&shop.till.mint_code(&product, None).unwrap()).split_off(1)
    });
    let [first, second] = minted;
    assert_eq!(first.len(), 2);
    assert!(first.iter().all(|code| !second.contains(code)), "{first:?} {second:?}");
    for code in first.iter().chain(&second) {
        assert!(officine_till::import::barcode::check_digit_holds(code) && code.len() == 13, "{code}");
        assert_eq!(officine_till::import::barcode::kind(code), "inStore");
    }
}

#[test]
fn a_code_minted_once_is_not_minted_again_after_it_was_removed() {
    let shop = Shop::open();
    let product = shop.hub.product("Sirop maison", "2000000000015", None).to_string();
    shop.sync();
    shop.sign_in("manager");
    let first = codes(&shop.till.mint_code(&product, None).unwrap()).pop().unwrap();
    shop.till.remove_code(&product, &first).unwrap();
    let second = codes(&shop.till.mint_code(&product, None).unwrap()).pop().unwrap();
    assert_ne!(first, second);
}

#[test]
fn a_lot_is_made_known_corrected_blocked_and_archived_once_empty() {
    let shop = Shop::open();
    let product = shop.hub.product("Amoxicilline", "2000000000015", Some(100));
    let stocked = shop.hub.lot(product, "L1", Some("2027-03-31"), 5).to_string();
    shop.sync();
    shop.sign_in("pharmacist");
    let given = fields(json!({ "lotNumber": "L2", "expiry": "2028-01-31", "packCost": 900 }));
    let lot = shop.till.create_lot(&product.to_string(), &given).unwrap();
    assert_eq!((&lot["quantity"], &lot["expiry"]), (&json!(0), &json!("2028-01-31")));
    let uid = lot["uid"].as_str().unwrap();
    assert_eq!(code_of(shop.till.create_lot(&product.to_string(), &given)), "lot_exists");
    let twin = fields(json!({ "lotNumber": "L1", "expiry": "2027-03-31" }));
    assert_eq!(code_of(shop.till.edit_lot(uid, &twin)), "lot_exists");
    for fixed in ["quantity", "blockedReason", "product", "quarantine", "countedAt"] {
        let result = shop.till.edit_lot(uid, &fields(json!({ fixed: Json::Null })));
        assert_eq!(code_of(result), "field_invalid", "{fixed}");
    }
    shop.till.edit_lot(uid, &fields(json!({ "expiry": "2028-02-29" }))).unwrap();
    assert_eq!(code_of(shop.till.block_lot(&stocked, "x")), "reason_missing");
    shop.till.block_lot(&stocked, "boîtes mouillées").unwrap();
    shop.sign_in("cashier");
    assert_eq!(shop.scan("2000000000015").outcome, officine_till::views::ScanOutcome::Refused);
    shop.sign_in("pharmacist");
    shop.till.unblock_lot(&stocked).unwrap();
    assert_eq!(code_of(shop.till.archive_lot(&stocked)), "lot_not_empty");
    shop.till.archive_lot(uid).unwrap();
    shop.sync();
    assert_eq!(queued(&shop), Vec::<String>::new());
}

#[test]
fn a_quarantine_lot_is_never_unblocked_by_hand() {
    let shop = Shop::open();
    let product = shop.hub.product("Amoxicilline", "2000000000015", Some(100));
    let lot = shop.hub.lot_with(product, "L1", None, 5, |lot| {
        lot.set(&officine_protocol::entities::PRODUCT_BATCH, "quarantine", true);
        lot.set(&officine_protocol::entities::PRODUCT_BATCH, "blocked_reason", "retour");
    });
    shop.sync();
    shop.sign_in("owner");
    assert_eq!(code_of(shop.till.unblock_lot(&lot.to_string())), "lot_quarantined");
    assert_eq!(code_of(shop.till.block_lot(&lot.to_string(), "autre chose")), "lot_quarantined");
    assert_eq!(shop.one::<String>("SELECT blocked_reason FROM product_batch"), "retour");
}

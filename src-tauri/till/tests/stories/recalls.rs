//! A lot called back: off sale at once and wherever it turns up, and whom to call.

use officine_protocol::{
    Uid,
    entities::RECALL,
    messages::{Missing, Outcome},
    params,
    record::Record,
};
use officine_till::{
    catalogue::recalls::Recalled,
    views::{
        ChooseLotArgs, ListQueueArgs, LotQuantityArgs, NameLotsArgs, NamedPartArgs, ReleaseStockArgs, ScanOutcome,
    },
};
use serde_json::{Value as Json, json};

use crate::support::{
    MINUTE, NOW, Shop, fields,
    goods::{lot_name, units},
    queued,
};

const CODE: &str = "2000000000015";

fn stocked() -> (Shop, Uid) {
    let shop = Shop::open();
    let product = shop.hub.product("Amoxicilline", CODE, Some(100));
    shop.hub.lot(product, "DL4417", Some("2027-03-31"), 10);
    shop.hub.lot(product, "DL9000", Some("2028-03-31"), 10);
    shop.sync();
    (shop, product)
}

fn recall(shop: &Shop, product: Uid, number: &str, reference: &str) -> String {
    shop.sign_in("pharmacist");
    let what = product.to_string();
    let recall = shop.till.record_recall(&Recalled::Number(&what, number), "contamination", reference).unwrap();
    recall["uid"].as_str().unwrap().to_owned()
}

fn blocked(shop: &Shop, number: &str) -> Option<String> {
    shop.one(&format!("SELECT blocked_reason FROM product_batch WHERE lot_number = '{number}'"))
}

#[test]
fn a_recall_blocks_every_lot_of_that_number_at_once_and_the_sale_takes_another() {
    let (shop, product) = stocked();
    recall(&shop, product, " dl4417 ", "AMM-7");
    assert_eq!(blocked(&shop, "DL4417").as_deref(), Some("Rappel AMM-7\u{a0}: contamination"));
    assert_eq!(blocked(&shop, "DL9000"), None);
    assert_eq!(queued(&shop), ["recall create", "productBatch update"]);
    shop.scan(CODE);
    assert_eq!(shop.sell().lines[0].lots[0].lot_number, "DL9000");
    shop.sync();
    assert_eq!(queued(&shop), Vec::<String>::new());
    shop.assert_sound();
}

#[test]
fn a_lot_that_turns_up_later_is_blocked_by_a_pull_by_a_receipt_and_by_a_correction() {
    let (shop, product) = stocked();
    recall(&shop, product, "DL5555", "");
    shop.sync();
    let reason = Some("Rappel\u{a0}: contamination");
    let typed = shop.till.create_lot(&product.to_string(), &fields(json!({ "lotNumber": "dl5555" }))).unwrap();
    assert_eq!(typed["blockedReason"].as_str(), reason);
    shop.hub.lot(product, "DL5555", Some("2029-01-31"), 3);
    shop.sync();
    assert_eq!(blocked(&shop, "DL5555").as_deref(), reason);
    let other = shop.one::<[u8; 16]>("SELECT uid FROM product_batch WHERE lot_number = 'DL9000'");
    let edited = shop.till.edit_lot(&Uid::from_bytes(other).to_string(), &fields(json!({ "lotNumber": "DL5555" })));
    assert_eq!(edited.unwrap()["blockedReason"].as_str(), reason);
    shop.sync();
    assert_eq!(queued(&shop), Vec::<String>::new(), "the hub is told of each");
}

#[test]
fn a_recall_recorded_at_another_till_blocks_what_only_this_one_has() {
    let (shop, product) = stocked();
    let mut recall = Record::new(&RECALL, Uid::from_u128(77), NOW);
    recall.set(&RECALL, "product", product).set(&RECALL, "lot_number", "DL4417").set(&RECALL, "reason", "rupture");
    recall.set(&RECALL, "user", Uid::try_parse(&shop.person("pharmacist")).unwrap()).set(&RECALL, "issued_at", NOW);
    shop.hub.send(&RECALL, &recall);
    shop.sync();
    assert_eq!(blocked(&shop, "DL4417").as_deref(), Some("Rappel\u{a0}: rupture"));
    shop.hub.edit(recall.uid, |row| drop(row.fields.insert("closedAt".into(), NOW.into())));
    shop.sync();
    shop.sign_in("pharmacist");
    let lot = shop.one::<[u8; 16]>("SELECT uid FROM product_batch WHERE lot_number = 'DL4417'");
    shop.till.unblock_lot(&Uid::from_bytes(lot).to_string()).unwrap();
    assert_eq!(blocked(&shop, "DL4417"), None);
}

#[test]
fn a_closed_recall_frees_what_it_had_blocked_and_nothing_that_something_else_holds() {
    let (shop, product) = stocked();
    shop.sign_in("pharmacist");
    let lot = Uid::from_bytes(shop.one("SELECT uid FROM product_batch WHERE lot_number = 'DL9000'")).to_string();
    shop.till.block_lot(&lot, "boîtes mouillées").unwrap();
    let first = recall(&shop, product, "DL4417", "AMM-1");
    shop.clock.advance(MINUTE);
    let second = recall(&shop, product, "DL4417", "AMM-2");
    let third = shop.till.record_recall(&Recalled::Lot(&lot), "étiquetage", "").unwrap();
    assert_eq!(third["lots"].as_array().unwrap().len(), 1);
    assert_eq!(shop.till.unblock_lot(&lot).unwrap_err().code(), "lot_recalled");
    shop.till.close_recall(&first).unwrap();
    assert_eq!(blocked(&shop, "DL4417").as_deref(), Some("Rappel AMM-2\u{a0}: contamination"));
    shop.till.close_recall(&second).unwrap();
    assert_eq!(blocked(&shop, "DL4417"), None);
    shop.till.close_recall(third["uid"].as_str().unwrap()).unwrap();
    assert_eq!(blocked(&shop, "DL9000").as_deref(), Some("boîtes mouillées"));
    assert_eq!(shop.till.close_recall(&first).unwrap_err().code(), "recall_closed");
    let open = |recall: &&Json| recall["closedAt"].is_null();
    assert_eq!(shop.till.list_recalls().unwrap().iter().filter(open).count(), 0);
}

#[test]
fn tickets_are_certain_where_the_lot_was_chosen_and_possible_where_it_was_assumed() {
    let (shop, product) = stocked();
    shop.add(product, 2);
    let assumed = shop.sell();
    shop.add(product, 1);
    let lot = Uid::from_bytes(shop.one("SELECT uid FROM product_batch WHERE lot_number = 'DL9000'")).to_string();
    let args = ChooseLotArgs { line: 1, batch: Some(lot), reason: "le client la préfère".into() };
    shop.till.choose_lot(&args).unwrap();
    let chosen = shop.sell();
    let [first, second] = ["DL4417", "DL9000"].map(|number| recall(&shop, product, number, ""));
    let tickets = shop.till.recalled_tickets(&first).unwrap();
    assert_eq!(tickets["certain"], json!([]));
    assert_eq!(tickets["possible"][0]["number"], assumed.number.as_str());
    assert_eq!(tickets["possible"][0]["quantity"], 2);
    let tickets = shop.till.recalled_tickets(&second).unwrap();
    assert_eq!(tickets["certain"][0]["number"], chosen.number.as_str());
    assert_eq!((&tickets["possible"], &tickets["certain"][0]["customer"]), (&json!([]), &Json::Null));
}

#[test]
fn a_recall_says_what_and_why_or_leaves_nothing() {
    let (shop, product) = stocked();
    shop.sign_in("pharmacist");
    let product = product.to_string();
    let code = |what: &Recalled<'_>, reason: &str| shop.till.record_recall(what, reason, "").unwrap_err().code();
    assert_eq!(code(&Recalled::Number(&product, " "), "contamination"), "field_invalid");
    assert_eq!(code(&Recalled::Number(&product, "DL4417"), " x "), "reason_missing");
    assert_eq!(code(&Recalled::Number(&product, "DL4417"), &"é".repeat(241)), "field_invalid");
    assert_eq!(code(&Recalled::Lot("nothing"), "contamination"), "reference_missing");
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM recall") + shop.one::<i64>("SELECT count(*) FROM outbox"), 0);
    assert_eq!(blocked(&shop, "DL4417"), None);
}

#[test]
fn what_was_asked_for_in_vain_is_counted_by_thing_and_marked() {
    let (shop, product) = stocked();
    let ask = |product: Option<&str>, given: Json| shop.till.request_product(product, &fields(given));
    let uid = product.to_string();
    ask(None, json!({ "label": "Lait 2e âge", "contact": "622123456" })).unwrap();
    ask(Some(&uid), json!({ "quantity": 2 })).unwrap();
    let first = ask(None, json!({ "label": "LAIT 2E AGE", "quantity": 3 })).unwrap();
    let open = shop.till.list_requests("open").unwrap();
    assert_eq!((open.len(), &open[0]["count"], &open[0]["quantity"]), (2, &json!(2), &json!(4)));
    assert_eq!(open[1]["product"].as_str(), Some(uid.as_str()));
    shop.till.mark_request(first["uid"].as_str().unwrap(), "ordered").unwrap();
    assert_eq!(shop.till.list_requests("open").unwrap()[0]["count"], 1);
    assert_eq!(shop.till.list_requests("ordered").unwrap().len(), 1);
    let wrong = shop.till.mark_request(first["uid"].as_str().unwrap(), "eaten");
    assert_eq!(wrong.unwrap_err().code(), "field_invalid");
    assert_eq!(ask(None, json!({})).unwrap_err().code(), "name_missing");
    assert_eq!(ask(None, json!({ "label": "x", "quantity": 0 })).unwrap_err().code(), "field_invalid");
}

#[test]
fn a_box_that_bears_a_number_called_back_or_blocked_is_refused_though_the_book_has_no_such_lot() {
    let (shop, product) = stocked();
    recall(&shop, product, "DL6000", "AMM-7");
    let other = Uid::from_bytes(shop.one("SELECT uid FROM product_batch WHERE lot_number = 'DL9000'")).to_string();
    shop.till.block_lot(&other, "boîtes mouillées").unwrap();
    for (number, expiry) in [("dl6000", "17280630"), ("DL6000", ""), ("DL9000", "17280630"), ("DL9000", "")] {
        let scan = shop.scan(&format!("]d20102000000000015{expiry}10{number}"));
        let problem = scan.problem.map(|problem| problem.code);
        let refused = (ScanOutcome::Refused, Some("lot_blocked"));
        assert_eq!((scan.outcome, problem.as_deref()), refused, "{number} {expiry}");
    }
    assert_eq!(shop.scan("]d201020000000000151728063010DL1").outcome, ScanOutcome::Added);
}

#[test]
fn one_lot_called_back_is_blocked_again_where_it_is_born_again() {
    let (shop, product) = stocked();
    let lot = shop.hub.lot(product, "DL7000", Some("2028-06-30"), 0).to_string();
    let apart = shop.quarantined(product, "DL7000", Some("2028-06-30"), 2);
    shop.sync();
    shop.sign_in("pharmacist");
    let recall = shop.till.record_recall(&Recalled::Lot(&lot), "contamination", "").unwrap();
    shop.till.archive_lot(&lot).unwrap();
    let boxes = LotQuantityArgs { batch: apart.to_string(), quantity: None };
    shop.till.release_stock(&ReleaseStockArgs { lot: boxes, reason: "boîtes saines".into() }).unwrap();
    let living = "SELECT blocked_reason FROM product_batch WHERE lot_number = 'DL7000' AND archived_at IS NULL";
    let born = || shop.one::<Option<String>>(&format!("{living} AND quarantine = 0"));
    assert_eq!(born().as_deref(), Some("Rappel\u{a0}: contamination"));
    shop.till.close_recall(recall["uid"].as_str().unwrap()).unwrap();
    assert_eq!(born(), None);
}

#[test]
fn boxes_of_a_blocked_lot_stay_blocked_once_their_lots_are_named() {
    let (shop, product) = stocked();
    let nameless = shop.hub.lot(product, "", None, 5).to_string();
    shop.sync();
    shop.sign_in("pharmacist");
    shop.till.block_lot(&nameless, "boîtes mouillées").unwrap();
    let part = |number: &str| NamedPartArgs { lot: lot_name(number, Some("2028-03-31")), quantity: units(2) };
    let args = NameLotsArgs { batch: nameless, parts: vec![part("DL7777"), part("DL9000")] };
    shop.till.name_lots(&args).unwrap();
    for number in ["DL7777", "DL9000"] {
        assert_eq!(blocked(&shop, number).as_deref(), Some("boîtes mouillées"), "{number}");
    }
}

#[test]
fn a_lot_whose_row_was_held_back_is_blocked_when_it_is_released() {
    let (shop, product) = stocked();
    recall(&shop, product, "DL5555", "");
    shop.sync();
    let lot = Uid::from_bytes(shop.one("SELECT uid FROM product_batch WHERE lot_number = 'DL9000'"));
    shop.till.edit_lot(&lot.to_string(), &fields(json!({ "packCost": 900 }))).unwrap();
    shop.hub.edit(lot, |row| row.fields["lotNumber"] = "DL5555".into());
    let missing = vec![Missing { entity: "supplier".into(), uid: Uid::from_u128(78) }];
    shop.hub.judge(move |_| Some(Outcome::Deferred { missing: missing.clone() }));
    shop.sync();
    assert_eq!(blocked(&shop, "DL9000"), None, "held");
    let params = params! { field: "packCost" };
    shop.hub.judge(move |operation| {
        let (code, params) = ("field_invalid".to_owned(), params.clone());
        let refused = operation.fields.contains_key("packCost");
        refused.then_some(Outcome::Rejected { code, params, server_id: None, rev: None })
    });
    shop.hub.forget_answers();
    shop.sign_in("owner");
    let queue = ListQueueArgs { state: Some("blocked".into()), limit: 9 };
    shop.till.retry_operation(shop.till.list_queue(&queue).unwrap().rows[0].seq).unwrap();
    shop.sync();
    assert_eq!(blocked(&shop, "DL5555").as_deref(), Some("Rappel\u{a0}: contamination"));
}

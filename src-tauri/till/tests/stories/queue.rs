//! The queue: what folds, what overtakes, who is held, what a refusal leaves behind, and what people do with it.

use officine_protocol::{
    Uid,
    clock::Clock,
    limits::PUSH_OPERATIONS,
    messages::{Missing, Operation, Outcome},
    params,
};
use officine_till::{
    Error,
    views::{CorrectStockArgs, ExportQueueArgs, ListQueueArgs, QueueRow, SetPriceArgs},
};
use serde_json::{Value as Json, json};

use crate::support::{DAY, MINUTE, Shop, fields, goods::units};

const CODE: &str = "2000000000015";

fn stocked() -> (Shop, Uid, Uid) {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", CODE, Some(500));
    let lot = shop.hub.lot(product, "A", Some("2027-12-31"), 20);
    shop.sync();
    shop.sign_in("manager");
    (shop, product, lot)
}

fn price(shop: &Shop, product: Uid, price: i64) {
    shop.till.set_price(&SetPriceArgs { product: product.to_string(), unit: 0, price }).unwrap();
}

fn customer(shop: &Shop, name: &str) -> Uid {
    let customer = shop.till.create_customer(&fields(json!({ "name": name }))).unwrap();
    Uid::try_parse(customer["uid"].as_str().unwrap()).unwrap()
}

fn correct(shop: &Shop, lot: Uid, delta: i64) {
    let (batch, reason) = (lot.to_string(), "boîte retrouvée".to_owned());
    shop.till.correct_stock(&CorrectStockArgs { batch, delta: units(delta), reason, below_zero: false }).unwrap();
}

fn listed(shop: &Shop, state: Option<&str>) -> Vec<QueueRow> {
    let state = state.map(str::to_owned);
    shop.till.list_queue(&ListQueueArgs { state, limit: 200 }).unwrap().rows
}

fn refuse(shop: &Shop, entity: &'static str) {
    shop.hub.judge(move |operation| {
        let (code, params) = ("field_invalid".to_owned(), params! { field: "x" });
        (operation.entity == entity).then_some(Outcome::Rejected { code, params, server_id: None, rev: None })
    });
}

fn hub_says(status: u16) -> Error {
    Error::hub("hub_refused", params! { hub: "h", status: status, detail: "" })
}

/// Entity and action of what was sent first.
fn first_sent(shop: &Shop, count: usize) -> Vec<String> {
    let sent = shop.hub.sent().into_iter().find(|operations| !operations.is_empty()).unwrap();
    let read = |text: &String| serde_json::from_str::<Operation>(text).unwrap();
    sent.iter().take(count).map(|text| format!("{} {}", read(text).entity, read(text).seq)).collect()
}

#[test]
fn edits_that_never_left_fold_into_one_and_one_that_was_sent_is_followed() {
    let (shop, product, _) = stocked();
    price(&shop, product, 600);
    shop.till.edit_product(&product.to_string(), &fields(json!({ "minStock": 5 }))).unwrap();
    price(&shop, product, 700);
    let [folded] = shop.recorded().try_into().unwrap();
    assert_eq!((folded.seq, folded.base_rev.is_some(), folded.predecessor), (3, true, None));
    assert_eq!((&folded.fields["minStock"], &folded.replaced["minStock"]), (&json!(5), &json!(0)));
    assert_eq!((&folded.parts["units"][0]["price"], &folded.replaced["units"][0]["price"]), (&json!(700), &json!(500)));
    shop.hub.lose_answers(1);
    shop.sync();
    price(&shop, product, 800);
    let [sent, after] = shop.recorded().try_into().unwrap();
    assert_eq!(sent, folded, "frozen once it was sent");
    assert_eq!((after.predecessor, after.base_rev, after.seq), (Some(sent.key), sent.base_rev, 4));
    assert_eq!(shop.sync().processed, 2);
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM change_log WHERE field = 'units' AND kind = 'edit'"), 3);
}

#[test]
fn another_persons_edit_stays_theirs_and_a_deletion_keeps_the_edit_before_it() {
    let (shop, product, _) = stocked();
    price(&shop, product, 600);
    shop.sign_in("owner");
    price(&shop, product, 700);
    assert_eq!(shop.recorded_after(0), ["product update", "product update"]);
    let awa = customer(&shop, "Awa");
    shop.sync();
    shop.till.edit_customer(&awa.to_string(), &fields(json!({ "address": "Kaloum" }))).unwrap();
    shop.till.archive_customer(&awa.to_string()).unwrap();
    assert_eq!(shop.recorded_after(3), ["customer update", "customer delete"]);
}

#[test]
fn a_fresh_sale_overtakes_with_what_it_stands_on_and_nothing_else() {
    let (shop, product, lot) = stocked();
    let other = shop.hub.product("Ibuprofène", "2000000000022", Some(900));
    let other_lot = shop.hub.lot(other, "B", Some("2027-12-31"), 20);
    shop.sync();
    for number in 0..PUSH_OPERATIONS {
        customer(&shop, &format!("Client {number}"));
    }
    correct(&shop, other_lot, -1);
    correct(&shop, lot, -1);
    let awa = customer(&shop, "Awa");
    shop.add(product, 1);
    shop.pay(&[], Some(awa)).unwrap();
    shop.sync();
    let base = PUSH_OPERATIONS as i64;
    let first = [
        format!("stockAdjustment {}", base + 2),
        format!("customer {}", base + 3),
        format!("sale {}", base + 4),
        "customer 1".to_owned(),
    ];
    assert_eq!(first_sent(&shop, 4), first);
    assert_eq!(shop.till.sync_state().unwrap().queue.waiting, 0, "the rest followed");
}

#[test]
fn what_is_refused_is_taken_back_and_named() {
    let (shop, product, lot) = stocked();
    let awa = customer(&shop, "Awa");
    shop.sync();
    correct(&shop, lot, -3);
    shop.till.archive_customer(&awa.to_string()).unwrap();
    let binta = customer(&shop, "Binta");
    price(&shop, product, 600);
    shop.hub.judge(|_| {
        let (code, params) = ("not_permitted".to_owned(), params! { permission: "adjustStock" });
        Some(Outcome::Rejected { code, params, server_id: None, rev: None })
    });
    assert_eq!(shop.sync().rejected, 4);
    assert_eq!(shop.quantity(lot), 20);
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM stock_movement WHERE step = 1 AND source = 'refused'"), 1);
    let names = |text| shop.till.find_customers(text, 9).unwrap().len();
    assert_eq!((names("awa"), names("binta")), (1, 0), "she is back, and the newborn is out of the lists");
    let found = officine_till::editing::view(&shop.db(), &officine_protocol::entities::CUSTOMER, binta).unwrap();
    assert_eq!(found["name"], "Binta", "and still there to be read");
    assert_eq!(shop.till.product(&product.to_string()).unwrap().units[0].price, Some(500));
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM change_log WHERE kind = 'refused'"), 4);
    let rejected = listed(&shop, Some("rejected"));
    assert!(rejected.iter().all(|row| row.problem.as_ref().unwrap().code == "not_permitted"));
    assert_eq!(rejected.len(), 4);
    shop.assert_sound();
}

#[test]
fn refused_edits_of_one_field_lead_back_to_what_the_first_replaced_and_a_newer_one_stays() {
    let (shop, product, _) = stocked();
    let stock = |wanted: i64| {
        shop.till.edit_product(&product.to_string(), &fields(json!({ "minStock": wanted }))).unwrap();
    };
    let held = || shop.one::<i64>("SELECT min_stock FROM product");
    stock(5);
    shop.hub.lose_answers(1);
    shop.sync();
    shop.hub.forget_answers();
    stock(9);
    shop.hub.judge(|operation| {
        let refused = operation.fields.get("minStock") == Some(&json!(5));
        let (code, params) = ("field_invalid".to_owned(), params! { field: "minStock" });
        refused.then_some(Outcome::Rejected { code, params, server_id: None, rev: None })
    });
    shop.sync();
    assert_eq!(held(), 9, "the newer edit was accepted");
    stock(11);
    shop.hub.lose_answers(1);
    shop.sync();
    shop.hub.forget_answers();
    stock(12);
    refuse(&shop, "product");
    shop.sync();
    assert_eq!(held(), 9);
}

#[test]
fn a_hub_that_refuses_everything_blocks_nothing() {
    let (shop, product, _) = stocked();
    for _ in 0..20 {
        shop.add(product, 1);
        shop.sell();
    }
    for status in [500, 400, 413] {
        shop.hub.gate(move |_| Some(hub_says(status)));
        assert_eq!(shop.sync().problem.unwrap().code, "hub_refused");
        let queue = shop.till.sync_state().unwrap().queue;
        assert_eq!((queue.blocked, queue.waiting), (0, 20), "{status}");
    }
    shop.hub.accept_all();
    assert_eq!(shop.sync().accepted, 20);
}

#[test]
fn one_at_fault_is_held_once_the_hub_takes_another() {
    let (shop, product, _) = stocked();
    shop.add(product, 1);
    let culprit = shop.sell().uid;
    shop.hub.gate(move |request| {
        let hit = request.operations.iter().any(|sent| sent.operation.get().contains(&culprit));
        hit.then(|| hub_says(500))
    });
    assert_eq!(shop.sync().problem.unwrap().code, "hub_refused", "alone, it may be the hub");
    assert_eq!(shop.till.sync_state().unwrap().queue.blocked, 0);
    let lot = shop.hub.lot(product, "B", Some("2027-12-31"), 7);
    shop.sync();
    assert_eq!(shop.quantity(lot), 7, "rows come down all the same");
    shop.add(product, 1);
    shop.sell();
    let report = shop.sync();
    assert_eq!((report.accepted, report.blocked, report.problem.is_none()), (1, 1, true));
    let held = listed(&shop, Some("blocked"));
    assert_eq!((held.len(), held[0].problem.as_ref().unwrap().code.as_str()), (1, "hub_refused"));
}

#[test]
fn an_operation_refused_by_name_is_held_though_nothing_else_waits() {
    let (shop, product, _) = stocked();
    shop.add(product, 1);
    shop.sell();
    shop.hub.gate(|request| {
        let any = !request.operations.is_empty();
        any.then(|| Error::hub("operation_unreadable", params! { status: 400, index: 0 }))
    });
    let report = shop.sync();
    assert_eq!((report.blocked, report.problem.is_none()), (1, true));
}

#[test]
fn what_waits_for_a_refused_row_is_blocked_and_comes_back_with_the_row() {
    let (shop, product, _) = stocked();
    let awa = customer(&shop, "Awa");
    shop.add(product, 1);
    let receipt = shop.pay(&[], Some(awa)).unwrap();
    refuse(&shop, "customer");
    let hub = shop.hub.clone();
    shop.hub.judge(move |operation| match operation.entity.as_str() {
        "customer" => {
            let (code, params) = ("field_invalid".to_owned(), params! { field: "name" });
            Some(Outcome::Rejected { code, params, server_id: None, rev: None })
        }
        _ => Some(Outcome::Deferred { missing: vec![Missing { entity: "customer".into(), uid: awa }] }),
    });
    let report = shop.sync();
    assert_eq!((report.rejected, report.deferred), (1, 1));
    let blocked = listed(&shop, Some("blocked"));
    assert_eq!(
        (blocked[0].entity.as_str(), blocked[0].problem.as_ref().unwrap().code.as_str()),
        ("sale", "reference_refused")
    );
    assert_eq!(shop.sync().processed, 0, "it is not asked for again");
    hub.accept_all();
    let (_, row) =
        officine_till::store::rows::get(&shop.db(), &officine_protocol::entities::CUSTOMER, awa).unwrap().unwrap();
    hub.send(&officine_protocol::entities::CUSTOMER, &row);
    shop.sync();
    assert_eq!(shop.sync().accepted, 1);
    assert_eq!(shop.state_of(&receipt), "confirmed");
}

#[test]
fn a_value_that_came_too_late_settles_with_the_hubs_row_in_force() {
    let (shop, product, _) = stocked();
    shop.till.edit_product(&product.to_string(), &fields(json!({ "minStock": 5 }))).unwrap();
    let hub = shop.hub.clone();
    shop.hub.judge(move |_| {
        hub.edit(product, |row| _ = row.fields.insert("minStock".into(), json!(8)));
        Some(Outcome::Conflict { kind: "edit".into(), fields: vec!["minStock".into()], rev: hub.revision() })
    });
    let report = shop.sync();
    assert_eq!((report.conflict, report.blocked, report.problem.is_none()), (1, 0, true));
    assert_eq!(shop.one::<i64>("SELECT min_stock FROM product"), 8);
    assert!(listed(&shop, None).is_empty());
    assert_eq!(listed(&shop, Some("settled"))[0].problem.as_ref().unwrap().code, "conflict");
}

#[test]
fn people_retry_export_and_clear_the_queue() {
    let (shop, product, lot) = stocked();
    correct(&shop, lot, -1);
    customer(&shop, "=Awa");
    shop.add(product, 1);
    shop.sell();
    let missing = vec![Missing { entity: "product".into(), uid: product }];
    shop.hub.judge(move |operation| match operation.entity.as_str() {
        "sale" => Some(Outcome::Deferred { missing: missing.clone() }),
        "customer" => {
            let (code, params) = ("field_invalid".to_owned(), params! { field: "name" });
            Some(Outcome::Rejected { code, params, server_id: None, rev: None })
        }
        _ => None,
    });
    shop.sync();
    let path = shop.dir.path().join("queue.csv");
    let export = |state: Option<&str>, json: bool| {
        let args = ExportQueueArgs { state: state.map(str::to_owned), json };
        (shop.till.export_queue(&args, &path).unwrap().rows, std::fs::read_to_string(&path).unwrap())
    };
    let (rows, text) = export(None, false);
    assert_eq!(rows, 2);
    assert!(text.contains("2;customer;create;'=Awa;;2026-11-20 09:00:00;rejected;1;;field_invalid;"), "{text}");
    let (rows, text) = export(Some("settled"), true);
    let settled: Json = serde_json::from_str(&text).unwrap();
    assert_eq!((rows, &settled[0]["entity"]), (1, &json!("stockAdjustment")));
    assert_eq!(shop.till.clear_queue().unwrap().count, 2);
    assert_eq!((listed(&shop, None).len(), listed(&shop, Some("settled")).len()), (1, 0), "the sale still waits");
    shop.hub.accept_all();
    assert_eq!(shop.till.retry_queue().unwrap().count, 1);
    assert_eq!(shop.sync().accepted, 1);
    shop.clock.advance(MINUTE);
    shop.sign_in("cashier");
    assert_eq!(shop.till.clear_queue().unwrap_err().code(), "forbidden");
    shop.till.maintain().unwrap();
    assert_eq!(shop.recorded().len(), 3);
    shop.clock.advance(31 * DAY);
    shop.till.maintain().unwrap();
    assert_eq!(shop.recorded().len(), 0, "kept for thirty days");
}

/// The hub has no room for what bears this text, whatever else comes with it.
fn too_large(shop: &Shop, text: String) {
    shop.hub.gate(move |request| {
        let hit = request.operations.iter().any(|sent| sent.operation.get().contains(&text));
        hit.then(|| hub_says(413))
    });
}

#[test]
fn what_waits_for_a_blocked_row_is_blocked_with_its_name_and_comes_back_behind_it() {
    let (shop, product, _) = stocked();
    let awa = customer(&shop, "Awa");
    too_large(&shop, "\"Awa\"".to_owned());
    shop.sync();
    assert_eq!(shop.till.sync_state().unwrap().queue.blocked, 1);
    shop.add(product, 1);
    let receipt = shop.pay(&[], Some(awa)).unwrap();
    let missing = move || Outcome::Deferred { missing: vec![Missing { entity: "customer".into(), uid: awa }] };
    shop.hub.judge(move |operation| (operation.entity == "sale").then(missing));
    shop.sync();
    let queue = shop.till.sync_state().unwrap().queue;
    assert_eq!((queue.blocked, queue.deferred), (2, 0));
    let problem = listed(&shop, Some("blocked")).remove(1).problem.unwrap();
    assert_eq!((problem.code.as_str(), &problem.params["uid"]), ("reference_missing", &json!(awa.to_string())));
    shop.clock.advance(MINUTE);
    assert_eq!(shop.sync().processed, 0, "it is not asked for again");
    shop.hub.accept_all();
    shop.hub.gate(|_| None);
    let birth = listed(&shop, Some("blocked")).remove(0).seq;
    shop.till.retry_operation(birth).unwrap();
    assert_eq!(shop.sync().accepted, 2);
    assert_eq!(shop.state_of(&receipt), "confirmed");
}

#[test]
fn boxes_of_an_operation_that_waits_are_sold_on_the_hub_after_it() {
    for blocked in [false, true] {
        let (shop, product, lot) = stocked();
        correct(&shop, lot, 7);
        let missing = vec![Missing { entity: "productBatch".into(), uid: Uid::from_u128(7) }];
        if blocked {
            shop.hub.judge(move |_| Some(Outcome::Deferred { missing: missing.clone() }));
        } else {
            let sql = "UPDATE outbox SET state = 2, next_attempt = ?1";
            shop.db().execute(sql, [shop.clock.now() + MINUTE]).unwrap();
        }
        shop.sync();
        shop.hub.accept_all();
        shop.add(product, 1);
        let sold = shop.sell();
        let awa = customer(&shop, "Awa");
        assert_eq!(shop.sync().accepted, 1, "she goes: she needs no boxes");
        assert_eq!(shop.state_of(&sold), "recorded");
        let state = if blocked { "blocked" } else { "deferred" };
        let held = listed(&shop, Some(state)).remove(1);
        assert_eq!((held.entity.as_str(), held.problem.unwrap().code.as_str()), ("sale", "stock_waiting"), "{awa}");
        shop.clock.advance(2 * MINUTE);
        if blocked {
            shop.till.retry_operation(listed(&shop, Some(state)).remove(0).seq).unwrap();
        }
        assert_eq!(shop.sync().accepted, 2);
        assert_eq!(shop.state_of(&sold), "confirmed");
    }
}

//! What two tills wrote in one place: seen, explained, resolved, taken back; and what the log says of it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use officine_protocol::{
    Uid,
    entities::{CONFLICT, CUSTOMER},
    messages::{Operation, Outcome},
    params,
    record::Record,
};
use officine_till::views::{
    CellKind, ChangeLogArgs, ConflictArgs, ConflictStateName, ConflictView, ListConflictsArgs, LogSource, Notice,
    ResolveAllArgs, ResolveConflictArgs, RowHistoryArgs, SetPriceArgs, TakenName, Topic,
};
use serde_json::{Value as Json, json};

use crate::support::{MINUTE, NOW, Shop, goods::code_of};

const CODE: &str = "2000000000015";
const PRICE: &str = "units/0/price";

/// A till with a product that the hub sells for 500, and a manager.
fn shop() -> (Shop, Uid) {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", CODE, Some(500));
    shop.sync();
    shop.sign_in("manager");
    (shop, product)
}

/// A conflict that the hub has noted about a row.
fn conflict(shop: &Shop, number: u128, entity: &str, row: Uid, kind: &str, fields: Json) -> String {
    let mut conflict = Record::new(&CONFLICT, Uid::from_u128(0xc0f1_0000 + number), NOW);
    conflict.set(&CONFLICT, "entity", entity).set(&CONFLICT, "row", row.to_string()).set(&CONFLICT, "kind", kind);
    conflict.set(&CONFLICT, "fields", fields.to_string()).set(&CONFLICT, "base_rev", 1);
    conflict.set(&CONFLICT, "device", "Caisse 2").set(&CONFLICT, "edited_at", NOW + MINUTE);
    conflict.set(&CONFLICT, "hub_at", NOW).set(&CONFLICT, "hub_device", "Caisse 1");
    shop.hub.send(&CONFLICT, &conflict).to_string()
}

fn about_price(shop: &Shop, product: Uid) -> String {
    let fields = json!([{ "field": PRICE, "base": 450, "till": 600, "hub": 500 }]);
    let uid = conflict(shop, 1, "product", product, "edit", fields);
    shop.sync();
    uid
}

fn read(shop: &Shop, uid: &str) -> ConflictView {
    shop.till.read_conflict(&ConflictArgs { uid: uid.to_owned() }).unwrap()
}

fn resolve(shop: &Shop, uid: &str, taken: TakenName, fields: &[(&str, Json)]) -> officine_till::Result<ConflictView> {
    let fields: BTreeMap<_, _> = fields.iter().map(|(path, json)| ((*path).to_owned(), json.clone())).collect();
    shop.till.resolve_conflict(&ResolveConflictArgs { uid: uid.to_owned(), taken, fields })
}

fn list(shop: &Shop, open: bool) -> officine_till::views::ConflictsView {
    shop.till.list_conflicts(&ListConflictsArgs { entity: None, open, after: None, limit: 500 }).unwrap()
}

fn price(shop: &Shop, product: Uid) -> Option<i64> {
    shop.till.product(&product.to_string()).unwrap().units[0].price
}

/// The hub writes a price, and the till reads it.
fn hub_price(shop: &Shop, product: Uid, price: i64) {
    shop.hub.edit(product, |row| row.parts.get_mut("units").unwrap()[0]["price"] = price.into());
    shop.sync();
}

fn notices(shop: &Shop) -> Arc<Mutex<Vec<Notice>>> {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let into = heard.clone();
    shop.till.listen(move |notice| into.lock().unwrap().push(notice.clone()));
    heard
}

#[test]
fn a_conflict_that_comes_down_is_counted_told_and_marks_its_row_while_the_hubs_value_is_in_force() {
    let (shop, product) = shop();
    let heard = notices(&shop);
    let uid = about_price(&shop, product);
    assert_eq!(shop.till.sync_state().unwrap().conflicts, 1);
    let told = heard.lock().unwrap().clone();
    assert!(told.iter().any(|notice| matches!(notice, Notice::Conflicts { open: 1 })), "{told:?}");
    let listed = list(&shop, true);
    assert_eq!((listed.open, listed.by_entity[0].entity.as_str(), listed.next), (1, "product", None));
    assert_eq!((listed.rows[0].uid.as_str(), listed.rows[0].label.as_str()), (uid.as_str(), "Paracétamol"));
    assert_eq!(listed.rows[0].state, ConflictStateName::Open);
    let view = read(&shop, &uid);
    let field = &view.fields[0];
    assert_eq!(
        (field.kind, field.part_label.as_deref(), field.column.as_str()),
        (CellKind::Money, Some("boîte"), "price")
    );
    assert_eq!(
        [&field.base, &field.till, &field.hub, &field.now],
        [&json!(450), &json!(600), &json!(500), &json!(500)]
    );
    let shown = shop.till.product(&product.to_string()).unwrap();
    assert!(shown.hit.conflict && shown.units[0].price == Some(500));
}

#[test]
fn a_cashier_is_told_nothing_and_resolves_nothing_but_sells_the_row() {
    let (shop, product) = shop();
    shop.hub.lot(product, "A", Some("2027-12-31"), 5);
    shop.sign_in("cashier");
    let heard = notices(&shop);
    let uid = about_price(&shop, product);
    shop.sync();
    assert!(!heard.lock().unwrap().iter().any(|notice| matches!(notice, Notice::Conflicts { .. })));
    assert_eq!(code_of(resolve(&shop, &uid, TakenName::Hub, &[])), "forbidden");
    assert_eq!(code_of(shop.till.undo_resolution(&ConflictArgs { uid })), "forbidden");
    shop.add(product, 1);
    assert_eq!(shop.sell().total, 500);
}

#[test]
fn a_resolution_is_an_edit_of_the_conflict_and_the_row_changes_when_the_hub_says_so() {
    let (shop, product) = shop();
    let uid = about_price(&shop, product);
    let before = shop.recorded().len();
    let resolved = resolve(&shop, &uid, TakenName::Till, &[]).unwrap();
    assert_eq!((resolved.summary.state, price(&shop, product)), (ConflictStateName::Sent, Some(500)));
    let sent: Operation = shop.recorded().remove(before);
    assert_eq!((sent.entity.as_str(), sent.uid.to_string()), ("conflict", uid.clone()));
    let resolution: Json = serde_json::from_str(sent.fields["resolution"].as_str().unwrap()).unwrap();
    let wanted = json!({ "entity": "product", "row": product, "strategy": "till", "fields": { PRICE: 600 } });
    assert_eq!(resolution, wanted);
    assert_eq!((list(&shop, true).open, list(&shop, false).rows.len()), (0, 1));
    assert_eq!(code_of(resolve(&shop, &uid, TakenName::Hub, &[])), "conflict_settled");
    hub_price(&shop, product, 600);
    assert_eq!((read(&shop, &uid).summary.state, price(&shop, product)), (ConflictStateName::Settled, Some(600)));
    assert!(!shop.till.product(&product.to_string()).unwrap().hit.conflict);
}

#[test]
fn values_typed_are_held_to_what_an_edit_is_held_to() {
    let (shop, product) = shop();
    let uid = about_price(&shop, product);
    for (path, value, code) in [
        (PRICE, json!(0), "price_invalid"),
        (PRICE, json!("650"), "field_invalid"),
        (PRICE, json!(-1), "field_invalid"),
        ("name", json!("Autre"), "field_invalid"),
        ("wheels/0/size", json!(1), "field_invalid"),
    ] {
        assert_eq!(code_of(resolve(&shop, &uid, TakenName::Picked, &[(path, value)])), code, "{path}");
    }
    assert_eq!(code_of(resolve(&shop, &uid, TakenName::Distinct, &[])), "field_invalid");
    assert_eq!(read(&shop, &uid).summary.state, ConflictStateName::Open);
    resolve(&shop, &uid, TakenName::Picked, &[(PRICE, json!(650))]).unwrap();
    assert_eq!(read(&shop, &uid).resolution.unwrap().fields[PRICE], 650);
}

#[test]
fn a_name_left_empty_and_a_role_above_ones_own_are_refused() {
    let (shop, _) = shop();
    let supplier = shop.hub.supplier("Spharma");
    let cashier = Uid::try_parse(&shop.person("cashier")).unwrap();
    let name =
        conflict(&shop, 2, "supplier", supplier, "edit", json!([{ "field": "name", "till": "S", "hub": "Spharma" }]));
    let role =
        conflict(&shop, 3, "user", cashier, "edit", json!([{ "field": "role", "till": "owner", "hub": "cashier" }]));
    shop.sync();
    assert_eq!(code_of(resolve(&shop, &name, TakenName::Picked, &[("name", json!("  "))])), "name_missing");
    assert_eq!(code_of(resolve(&shop, &role, TakenName::Till, &[])), "role_above");
    resolve(&shop, &role, TakenName::Hub, &[]).unwrap();
}

#[test]
fn of_two_managers_the_second_is_told_and_both_tills_end_with_the_first_ones_decision() {
    let (shop, product) = shop();
    let uid = about_price(&shop, product);
    resolve(&shop, &uid, TakenName::Till, &[]).unwrap();
    let heard = notices(&shop);
    shop.hub.judge(|operation: &Operation| {
        let refused =
            Outcome::Rejected { code: "conflict_settled".into(), params: params!(), server_id: None, rev: None };
        (operation.entity == "conflict").then_some(refused)
    });
    let (other, conflict) = (Uid::try_parse(&shop.person("owner")).unwrap(), Uid::try_parse(&uid).unwrap());
    let first = json!({ "entity": "product", "row": product, "strategy": "hub", "fields": {} }).to_string();
    shop.hub.edit(conflict, |row| {
        row.fields.insert("resolvedAt".into(), (NOW + 5).into());
        row.fields.insert("resolvedBy".into(), other.to_string().into());
        row.fields.insert("resolution".into(), first.clone().into());
    });
    shop.sync();
    let view = read(&shop, &uid);
    assert_eq!((view.summary.resolved_by.as_deref(), view.summary.taken), (Some("owner"), Some(TakenName::Hub)));
    assert_eq!((view.summary.state, price(&shop, product)), (ConflictStateName::Settled, Some(500)));
    let told = heard.lock().unwrap().clone();
    let settled = told.iter().find_map(|notice| match notice {
        Notice::ConflictAlreadySettled { conflict } => Some(conflict.resolved_by.clone()),
        _ => None,
    });
    assert_eq!(settled, Some(Some("owner".to_owned())), "{told:?}");
}

#[test]
fn a_resolution_that_the_hub_refuses_waits_again_until_the_row_comes() {
    let (shop, product) = shop();
    let uid = about_price(&shop, product);
    resolve(&shop, &uid, TakenName::Till, &[]).unwrap();
    shop.hub.judge(|operation: &Operation| {
        let params = params! { field: PRICE };
        let refused = Outcome::Rejected { code: "field_invalid".into(), params, server_id: None, rev: None };
        (operation.entity == "conflict").then_some(refused)
    });
    shop.sync();
    assert_eq!(
        (read(&shop, &uid).summary.state, shop.till.sync_state().unwrap().conflicts),
        (ConflictStateName::Open, 1)
    );
}

#[test]
fn a_resolution_is_taken_back_by_an_edit_of_what_it_overwrote_and_not_of_what_changed_since() {
    let (shop, product) = shop();
    let uid = about_price(&shop, product);
    hub_price(&shop, product, 520);
    resolve(&shop, &uid, TakenName::Till, &[]).unwrap();
    let undo = || shop.till.undo_resolution(&ConflictArgs { uid: uid.clone() });
    assert_eq!(code_of(undo()), "nothing_to_undo", "the hub has not heard of it");
    hub_price(&shop, product, 600);
    assert!(read(&shop, &uid).resolution.unwrap().can_undo);
    let before = shop.recorded().len();
    let undone = undo().unwrap();
    assert_eq!(price(&shop, product), Some(520), "what was in force, not what was when it was noted");
    assert_eq!(shop.recorded_after(before), ["product update"]);
    assert!(!undone.resolution.unwrap().can_undo);
    assert_eq!(code_of(undo()), "nothing_to_undo");
}

#[test]
fn all_are_resolved_alike_but_twins_and_what_the_row_may_not_hold() {
    let (shop, product) = shop();
    let edit = |number, till: Json| {
        let fields = json!([{ "field": PRICE, "base": 450, "till": till, "hub": 500 }]);
        conflict(&shop, number, "product", product, "edit", fields)
    };
    (10..1_210).for_each(|number| drop(edit(number, json!(600))));
    let wrong = edit(9, json!("?"));
    let twin = json!([{ "field": "login", "till": Uid::from_u128(7), "hub": [Uid::from_u128(8)] }]);
    let twin = conflict(&shop, 8, "user", Uid::from_u128(7), "twin", twin);
    shop.sync();
    let heard = notices(&shop);
    let all = |taken| shop.till.resolve_conflicts(&ResolveAllArgs { entity: None, taken });
    assert_eq!(code_of(all(TakenName::Picked)), "field_invalid");
    let outcome = all(TakenName::Till).unwrap();
    assert_eq!((outcome.resolved, outcome.left), (1_200, 2));
    let steps = heard.lock().unwrap().iter().filter(|notice| matches!(notice, Notice::ResolveProgress { .. })).count();
    assert_eq!(steps, 3);
    let left: Vec<_> = list(&shop, true).rows.into_iter().map(|row| row.uid).collect();
    assert!(left.len() == 2 && left.contains(&wrong) && left.contains(&twin), "{left:?}");
    resolve(&shop, &twin, TakenName::Distinct, &[]).unwrap();
    assert_eq!(list(&shop, true).open, 1);
}

#[test]
fn the_later_write_is_taken_and_a_tie_leaves_the_hubs() {
    let (shop, product) = shop();
    let uid = about_price(&shop, product);
    let later = resolve(&shop, &uid, TakenName::LastWrite, &[]).unwrap();
    assert_eq!(later.resolution.unwrap().fields[PRICE], 600);
    let fields = json!([{ "field": "dci", "till": "a", "hub": "b" }]);
    let tie = conflict(&shop, 4, "product", product, "edit", fields);
    let conflict = Uid::try_parse(&tie).unwrap();
    shop.hub.edit(conflict, |row| drop(row.fields.insert("editedAt".into(), NOW.into())));
    shop.sync();
    shop.db().execute("UPDATE conflict SET edited_at = hub_at WHERE uid = ?1", [conflict.as_bytes()]).unwrap();
    let tie = resolve(&shop, &tie, TakenName::LastWrite, &[]).unwrap();
    assert!(tie.resolution.unwrap().fields.is_empty());
}

#[test]
fn pages_follow_each_other_and_one_entity_can_be_asked_for() {
    let (shop, product) = shop();
    let supplier = shop.hub.supplier("Spharma");
    let fields = || json!([{ "field": "name", "till": "a", "hub": "b" }]);
    (0..5).for_each(|number| drop(conflict(&shop, 20 + number, "product", product, "edit", fields())));
    conflict(&shop, 30, "supplier", supplier, "edit", fields());
    shop.sync();
    let page = |entity: Option<&str>, after| {
        let entity = entity.map(str::to_owned);
        shop.till.list_conflicts(&ListConflictsArgs { entity, open: true, after, limit: 4 }).unwrap()
    };
    let first = page(None, None);
    let second = page(None, first.next.clone());
    assert_eq!((first.rows.len(), second.rows.len(), second.next), (4, 2, None));
    assert_eq!(page(Some("supplier"), None).rows.len(), 1);
    assert_eq!(first.rows[0].label, "Spharma", "the newest first");
    let counted: Vec<_> = first.by_entity.iter().map(|one| (one.entity.as_str(), one.open)).collect();
    assert_eq!(counted, [("product", 5), ("supplier", 1)]);
    let wrong = ListConflictsArgs { entity: None, open: true, after: Some("x".into()), limit: 4 };
    assert_eq!(code_of(shop.till.list_conflicts(&wrong)), "field_invalid");
}

#[test]
fn a_customer_and_a_supplier_are_marked_and_a_merged_row_by_its_other_name() {
    let (shop, _) = shop();
    let customer = shop.hub.customer("Aïssatou", "622123456", 0);
    let gone = Uid::from_u128(0xdead);
    let fields = json!([{ "field": "name", "till": "a", "hub": "b" }]);
    let uid = conflict(&shop, 40, CUSTOMER.name, gone, "edit", fields);
    shop.sync();
    assert_eq!(shop.till.find_customers("aissatou", 5).unwrap()[0].get("conflict"), None);
    shop.hub.edit(customer, |row| row.aliases = vec![gone]);
    shop.sync();
    assert_eq!(shop.till.find_customers("aissatou", 5).unwrap()[0]["conflict"], true);
    let summary = read(&shop, &uid).summary;
    assert_eq!((summary.row, summary.label.as_str()), (customer.to_string(), "Aïssatou"));
}

#[test]
fn a_verdict_of_conflict_settles_the_operation_and_the_log_keeps_the_value_that_did_not_win() {
    let (shop, product) = shop();
    shop.till.set_price(&SetPriceArgs { product: product.to_string(), unit: 0, price: 600 }).unwrap();
    let hub = shop.hub.clone();
    shop.hub.judge(move |operation: &Operation| {
        let conflict = Outcome::Conflict { kind: "edit".into(), fields: vec![PRICE.into()], rev: hub.revision() };
        (operation.entity == "product").then_some(conflict)
    });
    shop.hub.edit(product, |row| row.parts.get_mut("units").unwrap()[0]["price"] = 520.into());
    let heard = notices(&shop);
    assert_eq!(shop.sync().conflict, 1);
    let state = shop.till.sync_state().unwrap();
    assert_eq!((state.queue.blocked, state.queue.rejected, state.conflicts), (0, 0, 0), "nothing is stuck");
    assert_eq!(price(&shop, product), Some(520));
    assert!(!heard.lock().unwrap().iter().any(|notice| matches!(notice, Notice::Conflicts { .. })));
    let history = RowHistoryArgs { entity: "product".into(), uid: product.to_string(), after: None, limit: 50 };
    let page = shop.till.row_history(&history).unwrap();
    assert_eq!((page.source, page.problem.unwrap().code.as_str()), (LogSource::Till, "hub_unreachable"));
    let told: Vec<_> =
        page.lines.iter().map(|line| (line.kind.as_str(), line.field.as_str(), &line.old, &line.new)).collect();
    assert_eq!(told, [("pull", PRICE, &json!(600), &json!(520)), ("edit", PRICE, &json!(500), &json!(600))]);
    assert_eq!((page.lines[1].user_name.as_str(), page.lines[1].device_name.as_str()), ("manager", "Caisse 2"));
}

#[test]
fn the_log_is_filtered_and_written_to_a_file() {
    let (shop, product) = shop();
    let supplier = shop.hub.supplier("Spharma");
    shop.sync();
    shop.till.set_price(&SetPriceArgs { product: product.to_string(), unit: 0, price: 600 }).unwrap();
    let fields = json!({ "phone": "=2+2" });
    shop.till.edit_supplier(&supplier.to_string(), fields.as_object().unwrap()).unwrap();
    let lines = |args: ChangeLogArgs| {
        let page = shop.till.change_log(&ChangeLogArgs { limit: 50, ..args }).unwrap();
        page.lines.into_iter().map(|line| (line.entity, line.pending)).collect::<Vec<_>>()
    };
    let both = [("supplier".to_owned(), true), ("product".to_owned(), true)];
    assert_eq!(lines(ChangeLogArgs::default()), both);
    assert_eq!(lines(ChangeLogArgs { entity: Some("product".into()), ..Default::default() }), both[1..]);
    assert_eq!(lines(ChangeLogArgs { text: Some("para 600".into()), ..Default::default() }), both[1..]);
    assert_eq!(lines(ChangeLogArgs { kinds: vec!["pull".into()], ..Default::default() }), []);
    assert_eq!(lines(ChangeLogArgs { until: Some(NOW), ..Default::default() }), []);
    assert_eq!(lines(ChangeLogArgs { user: Some(shop.person("owner")), ..Default::default() }), []);
    let file = shop.dir.path().join("journal.csv");
    assert_eq!(shop.till.export_change_log(&ChangeLogArgs::default(), &file).unwrap().rows, 2);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("'=2+2") && text.contains("Paracétamol;units/0/price;boîte;500;600;manager"), "{text}");
    shop.sign_in("cashier");
    assert_eq!(code_of(shop.till.change_log(&ChangeLogArgs::default())), "forbidden");
}

#[test]
fn strategies_are_settings_chosen_for_all_and_for_one_entity_by_whoever_may() {
    let (shop, _) = shop();
    let settings = shop.till.pharmacy_settings().unwrap();
    assert_eq!((&settings["conflict.default"], &settings["conflict.product"]), (&Json::Null, &Json::Null));
    let set = |name: &str, value: Json| shop.till.set_pharmacy_settings(&[(name.to_owned(), value)]);
    assert_eq!(set("conflict.product", json!("manual")).unwrap()["conflict.product"], "manual");
    assert_eq!(set("conflict.product", Json::Null).unwrap()["conflict.product"], Json::Null, "chosen no more");
    assert_eq!(code_of(set("conflict.product", json!("chance"))), "field_invalid");
    assert_eq!(code_of(set("conflict.sale", json!("manual"))), "setting_unknown");
    shop.sign_in("pharmacist");
    assert_eq!(code_of(set("conflict.default", json!("server"))), "forbidden");
}

#[test]
fn what_is_recorded_after_the_clock_went_back_is_doubtful_until_the_hub_has_answered() {
    let (shop, product) = shop();
    let set = |price| shop.till.set_price(&SetPriceArgs { product: product.to_string(), unit: 0, price }).unwrap();
    set(510);
    shop.sync();
    shop.clock.advance(-60 * MINUTE);
    set(520);
    assert!(shop.one::<bool>("SELECT clock_doubtful FROM outbox ORDER BY seq DESC LIMIT 1"));
    set(530);
    assert!(
        shop.one::<bool>("SELECT clock_doubtful FROM outbox ORDER BY seq DESC LIMIT 1"),
        "one edit with the one before"
    );
    shop.sync();
    set(540);
    assert!(
        !shop.one::<bool>("SELECT clock_doubtful FROM outbox ORDER BY seq DESC LIMIT 1"),
        "how far it is off is known"
    );
    shop.clock.advance(-MINUTE);
    set(550);
    assert!(!shop.one::<bool>("SELECT clock_doubtful FROM outbox ORDER BY seq DESC LIMIT 1"), "a minute is no jump");
}

#[test]
fn a_topic_says_that_conflicts_are_stale() {
    let (shop, product) = shop();
    let heard = notices(&shop);
    about_price(&shop, product);
    let stale = |notice: &Notice| matches!(notice, Notice::Changed { topics } if topics.contains(&Topic::Conflicts));
    assert!(heard.lock().unwrap().iter().any(stale));
}

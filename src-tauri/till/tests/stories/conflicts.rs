//! What two tills wrote in one place: seen, explained, resolved, taken back.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use officine_protocol::{
    Uid,
    entities::CONFLICT,
    messages::{Operation, Outcome},
    params,
    record::Record,
};
use officine_till::views::{
    CellKind, ConflictArgs, ConflictStateName, ConflictView, ListConflictsArgs, Notice, ResolveAllArgs,
    ResolveConflictArgs, TakenName,
};
use serde_json::{Value as Json, json};

use crate::support::{MINUTE, NOW, Shop, goods::code_of};

pub(crate) const CODE: &str = "2000000000015";
pub(crate) const PRICE: &str = "units/0/price";

/// A till with a product that the hub sells for 500, and a manager.
pub(crate) fn shop() -> (Shop, Uid) {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", CODE, Some(500));
    shop.sync();
    shop.sign_in("manager");
    (shop, product)
}

/// A conflict that the hub has noted about a row.
pub(crate) fn conflict(shop: &Shop, number: u128, entity: &str, row: Uid, kind: &str, fields: Json) -> String {
    let mut conflict = Record::new(&CONFLICT, Uid::from_u128(0xc0f1_0000 + number), NOW);
    conflict.set(&CONFLICT, "entity", entity).set(&CONFLICT, "row", row.to_string()).set(&CONFLICT, "kind", kind);
    conflict.set(&CONFLICT, "fields", fields.to_string()).set(&CONFLICT, "base_rev", 1);
    conflict.set(&CONFLICT, "device", "Caisse 2").set(&CONFLICT, "edited_at", NOW + MINUTE);
    conflict.set(&CONFLICT, "hub_at", NOW).set(&CONFLICT, "hub_device", "Caisse 1");
    shop.hub.send(&CONFLICT, &conflict).to_string()
}

pub(crate) fn about_price(shop: &Shop, product: Uid) -> String {
    let fields = json!([{ "field": PRICE, "base": 450, "till": 600, "hub": 500 }]);
    let uid = conflict(shop, 1, "product", product, "edit", fields);
    shop.sync();
    uid
}

pub(crate) fn read(shop: &Shop, uid: &str) -> ConflictView {
    shop.till.read_conflict(&ConflictArgs { uid: uid.to_owned() }).unwrap()
}

fn resolve(shop: &Shop, uid: &str, taken: TakenName, fields: &[(&str, Json)]) -> officine_till::Result<ConflictView> {
    let fields: BTreeMap<_, _> = fields.iter().map(|(path, json)| ((*path).to_owned(), json.clone())).collect();
    shop.till.resolve_conflict(&ResolveConflictArgs { uid: uid.to_owned(), taken, fields })
}

fn list(shop: &Shop, open: bool) -> officine_till::views::ConflictsView {
    shop.till.list_conflicts(&ListConflictsArgs { entity: None, open, after: None, limit: 500 }).unwrap()
}

pub(crate) fn price(shop: &Shop, product: Uid) -> Option<i64> {
    shop.till.product(&product.to_string()).unwrap().units[0].price
}

/// The hub writes a price, and the till reads it.
fn hub_price(shop: &Shop, product: Uid, price: i64) {
    shop.hub.edit(product, |row| row.parts.get_mut("units").unwrap()[0]["price"] = price.into());
    shop.sync();
}

pub(crate) fn notices(shop: &Shop) -> Arc<Mutex<Vec<Notice>>> {
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
    let [chosen, seen] = [json!({ PRICE: 600 }), json!({ PRICE: 500 })];
    let wanted = json!({ "entity": "product", "row": product, "strategy": "till", "fields": chosen, "replaced": seen });
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
    let together: u32 = list(&shop, true).by_entity.iter().map(|one| one.together).sum();
    assert_eq!(together, 1_201, "the twin is for a person");
    let all = |taken| shop.till.resolve_conflicts(&ResolveAllArgs { entity: None, taken });
    assert_eq!(code_of(all(TakenName::Picked)), "field_invalid");
    let outcome = all(TakenName::Till).unwrap();
    assert_eq!((outcome.resolved, outcome.left), (1_200, 2));
    let steps = heard.lock().unwrap().iter().filter(|notice| matches!(notice, Notice::ResolveProgress { .. })).count();
    assert_eq!(steps, 3);
    let of = |notice: &Notice| if let Notice::ResolveProgress { of, .. } = notice { Some(*of) } else { None };
    assert!(heard.lock().unwrap().iter().filter_map(of).all(|of| of == together), "as many as were shown");
    let left: Vec<_> = list(&shop, true).rows.into_iter().map(|row| row.uid).collect();
    assert!(left.len() == 2 && left.contains(&wrong) && left.contains(&twin), "{left:?}");
    resolve(&shop, &twin, TakenName::Distinct, &[]).unwrap();
    assert_eq!(list(&shop, true).open, 1);
}

#[test]
fn resolving_them_all_is_stopped_between_two_portions_and_keeps_what_it_did() {
    let (shop, product) = shop();
    for number in 10..1_210 {
        let fields = json!([{ "field": PRICE, "base": 450, "till": 600, "hub": 500 }]);
        conflict(&shop, number, "product", product, "edit", fields);
    }
    shop.sync();
    let till = std::sync::Arc::downgrade(&shop.till);
    shop.till.listen(move |notice| {
        if matches!(notice, Notice::ResolveProgress { .. }) {
            till.upgrade().unwrap().stop_resolving();
        }
    });
    let all = || shop.till.resolve_conflicts(&ResolveAllArgs { entity: None, taken: TakenName::Hub }).unwrap();
    let outcome = all();
    assert_eq!((outcome.resolved, outcome.left, list(&shop, true).open), (500, 700, 700));
    assert_eq!(all().resolved, 500, "the next one begins afresh");
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

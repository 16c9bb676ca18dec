//! Decisions on a working set, without a database.

use std::collections::BTreeMap;

use officine_hub::{
    decide::{Changes, Device, Pharmacy, WorkingSet, decide},
    operation::prepare,
};
use officine_protocol::{
    Uid,
    entities::{PRODUCT, PRODUCT_BATCH, SUPPLIER, USER},
    messages::{Action, Operation, Outcome, SentOperation, Verdict},
};
use serde_json::json;

use crate::shop::{Shop, prepared};

pub fn desk() -> WorkingSet {
    let pharmacy = Pharmacy { id: 1, epoch: 1, revision: 0, next_id: 1 };
    WorkingSet::new(pharmacy, Device { pharmacy: 1, id: 1, uid: Uid::from_u128(77), series: 2 })
}

pub fn shop() -> Shop {
    Shop::new(1, 2)
}

pub fn push(desk: &mut WorkingSet, operations: &[Operation]) -> Changes {
    decide(desk, &prepared(operations))
}

pub fn one(desk: &mut WorkingSet, operation: &Operation) -> Outcome {
    push(desk, std::slice::from_ref(operation)).verdicts.remove(0).outcome
}

pub fn accepted(verdict: &Verdict) -> bool {
    matches!(verdict.outcome, Outcome::Accepted { .. })
}

pub fn code(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Rejected { code, .. } => code,
        Outcome::Accepted { .. } => "accepted",
        Outcome::Deferred { .. } => "deferred",
        Outcome::Conflict { .. } => "conflict",
    }
}

#[test]
fn children_find_the_parents_born_before_them_in_the_same_batch() {
    let (mut desk, mut shop) = (desk(), shop());
    let (_, _, operations) = shop.stocked(&[5]);
    let changes = push(&mut desk, &operations);
    assert!(changes.verdicts.iter().all(accepted), "{:?}", changes.verdicts);
    assert_eq!(changes.revision, 4, "one revision per row, the opening counted as one");
    assert_eq!(changes.deltas.values().sum::<i64>(), 5);
}

#[test]
fn a_child_of_a_refused_parent_waits_and_names_it() {
    let (mut desk, mut shop) = (desk(), shop());
    let (product, mut born) = shop.product("Ibuprofène", "2000000000022");
    born.fields.insert("minStock".into(), json!(-1));
    let (_, lot) = shop.lot(product, "L1", None);
    let verdicts = push(&mut desk, &[born, lot]).verdicts;
    assert_eq!(code(&verdicts[0].outcome), "field_invalid");
    let Outcome::Deferred { missing } = &verdicts[1].outcome else { panic!("{verdicts:?}") };
    assert_eq!((missing[0].entity.as_str(), missing[0].uid), ("product", product));
}

#[test]
fn a_deferred_operation_is_decided_anew_when_it_comes_again() {
    let (mut desk, mut shop) = (desk(), shop());
    let (product, born) = shop.product("Ibuprofène", "2000000000022");
    let (_, lot) = shop.lot(product, "L1", None);
    assert_eq!(code(&one(&mut desk, &lot)), "deferred");
    one(&mut desk, &born);
    assert_eq!(code(&one(&mut desk, &lot)), "accepted");
}

#[test]
fn the_uid_decides_where_the_attached_server_id_contradicts_it() {
    let (mut desk, mut shop) = (desk(), shop());
    let (product, _, operations) = shop.stocked(&[5]);
    push(&mut desk, &operations);
    let (_, lot) = shop.lot(product, "L9", None);
    let mut prepared = prepared(&[lot]);
    prepared[0].server_ids = BTreeMap::from([(product, 4_711)]);
    let verdicts = decide(&mut desk, &prepared).verdicts;
    let Outcome::Accepted { corrections, .. } = &verdicts[0].outcome else { panic!("{verdicts:?}") };
    assert_eq!(corrections.server_ids[&product], desk.id_of("product", product).unwrap());
}

#[test]
fn an_attached_server_id_serves_where_the_uid_says_nothing() {
    let (mut desk, mut shop) = (desk(), shop());
    let (product, _, operations) = shop.stocked(&[5]);
    push(&mut desk, &operations);
    let known = desk.id_of("product", product).unwrap();
    let stranger = shop.uid();
    let (lot, born) = shop.lot(stranger, "L9", None);
    let mut prepared = prepared(&[born]);
    prepared[0].server_ids = BTreeMap::from([(stranger, known)]);
    assert!(accepted(&decide(&mut desk, &prepared).verdicts[0]));
    let lot = desk.row("productBatch", desk.id_of("productBatch", lot).unwrap()).unwrap();
    assert_eq!(lot.get(&PRODUCT_BATCH, "product").int(), Some(known));
}

#[test]
fn suppliers_of_one_name_are_one_and_the_loser_stays_an_alias() {
    let (mut desk, mut shop) = (desk(), shop());
    let (winner, first) = shop.supplier("Spharma Guinée");
    let (loser, second) = shop.supplier("SPHARMA  GUINEE");
    let changes = push(&mut desk, &[first, second]);
    let Outcome::Accepted { server_id, corrections, .. } = &changes.verdicts[1].outcome else { panic!() };
    assert_eq!(corrections.merged_into, Some(winner));
    assert_eq!(changes.aliases, [("supplier", loser, *server_id)]);
    let edit = shop.edit(&SUPPLIER, loser, json!({ "phone": "622" }));
    assert_eq!(code(&one(&mut desk, &edit)), "accepted");
    assert_eq!(desk.row("supplier", *server_id).unwrap().get(&SUPPLIER, "phone").text(), Some("622"));
}

#[test]
fn products_are_one_only_by_a_shared_code_and_the_same_name() {
    let (mut desk, mut shop) = (desk(), shop());
    let names = [("Doliprane", "A"), ("DOLIPRANE", "A"), ("Doliprane", "B"), ("Efferalgan", "A")];
    let operations: Vec<_> = names.iter().map(|(name, code)| shop.product(name, code).1).collect();
    let verdicts = push(&mut desk, &operations).verdicts;
    let ids: Vec<i64> = verdicts.iter().map(|verdict| server_id(&verdict.outcome)).collect();
    assert_eq!(ids[0], ids[1]);
    assert!(ids[2] != ids[0] && ids[3] != ids[0] && ids[2] != ids[3]);
}

fn server_id(outcome: &Outcome) -> i64 {
    match outcome {
        Outcome::Accepted { server_id, .. } => *server_id,
        other => panic!("{other:?}"),
    }
}

#[test]
fn lots_of_one_number_and_expiry_are_one_and_stock_adds_up() {
    let (mut desk, mut shop) = (desk(), shop());
    let (product, _, operations) = shop.stocked(&[5]);
    push(&mut desk, &operations);
    let (twin, born) = shop.lot(product, "L1", Some(20_270_101));
    let opening = shop.opening(&[(twin, 7)]);
    push(&mut desk, &[born, opening]);
    let id = desk.id_of("productBatch", twin).unwrap();
    assert_eq!(desk.row("productBatch", id).unwrap().get(&PRODUCT_BATCH, "quantity").int(), Some(12));
}

#[test]
fn users_of_one_login_stay_two_for_a_person_to_decide() {
    let (mut desk, mut shop) = (desk(), shop());
    let one_uid = shop.uid();
    let operations = [shop.person(one_uid, "awa", "cashier"), shop.owner()];
    let verdicts = push(&mut desk, &operations).verdicts;
    assert_ne!(server_id(&verdicts[0].outcome), server_id(&verdicts[1].outcome));
}

#[test]
fn an_edit_logs_what_it_overwrites_and_never_a_secret() {
    let (mut desk, mut shop) = (desk(), shop());
    let owner = shop.owner();
    push(&mut desk, &[owner]);
    let edit = shop.edit(&USER, shop.user, json!({ "name": "Awa B.", "pinHash": "$argon2id$other" }));
    let changes = push(&mut desk, &[edit]);
    let mut lines: Vec<_> =
        changes.log.iter().map(|line| (line.field.as_str(), line.old.as_deref(), line.new.as_deref())).collect();
    lines.sort_unstable();
    assert_eq!(lines, [("name", Some("\"awa\""), Some("\"Awa B.\"")), ("pinHash", None, None)]);
    assert!(!format!("{:?}", changes.log).contains("argon2"));
}

#[test]
fn parts_given_are_replaced_whole_and_an_empty_edit_moves_nothing() {
    let (mut desk, mut shop) = (desk(), shop());
    let (product, born) = shop.product("Doliprane", "A");
    push(&mut desk, &[born]);
    let mut edit = shop.edit(&PRODUCT, product, json!({}));
    let unit = json!([{ "position": 0, "name": "boîte", "factor": 1, "price": 2_000 }]);
    edit.parts = serde_json::from_value(json!({ "units": unit })).unwrap();
    let changes = push(&mut desk, &[edit.clone()]);
    assert_eq!((changes.log.len(), changes.revision), (1, 2));
    assert_eq!(desk.row("product", server_id(&changes.verdicts[0].outcome)).unwrap().part(&PRODUCT, "codes").len(), 1);
    edit = shop.again(&edit);
    assert_eq!(push(&mut desk, &[edit]).revision, 2);
}

#[test]
fn an_archived_row_keeps_its_tombstone_and_is_no_twin() {
    let (mut desk, mut shop) = (desk(), shop());
    let (first, born) = shop.supplier("Spharma");
    let archive = shop.operation(&SUPPLIER, Action::Delete, first);
    let (second, again) = shop.supplier("Spharma");
    let changes = push(&mut desk, &[born, archive, again]);
    assert!(changes.verdicts.iter().all(accepted));
    assert!(desk.row("supplier", desk.id_of("supplier", first).unwrap()).unwrap().archived_at.is_some());
    assert_ne!(desk.id_of("supplier", first), desk.id_of("supplier", second));
}

#[test]
fn a_birth_sent_under_another_key_is_the_same_row_or_refused() {
    let (mut desk, mut shop) = (desk(), shop());
    let (_, born) = shop.product("Doliprane", "A");
    let id = server_id(&one(&mut desk, &born));
    let mut again = shop.again(&born);
    assert_eq!(server_id(&one(&mut desk, &again)), id);
    again = shop.again(&again);
    again.fields.insert("name".into(), json!("Efferalgan"));
    assert_eq!(code(&one(&mut desk, &again)), "uid_known");
}

#[test]
fn the_same_key_gives_the_same_answer_and_another_payload_is_refused() {
    let (mut desk, mut shop) = (desk(), shop());
    let (_, mut born) = shop.supplier("Spharma");
    let first = push(&mut desk, &[born.clone()]).verdicts.remove(0);
    let second = push(&mut desk, &[born.clone()]).verdicts.remove(0);
    assert!(second.duplicate && first.outcome == second.outcome);
    born.fields.insert("phone".into(), json!("622"));
    let third = push(&mut desk, &[born]);
    assert_eq!(code(&third.verdicts[0].outcome), "key_reused");
    assert!(third.answers.is_empty() && third.rows.is_empty());
}

#[test]
fn who_is_named_must_be_allowed() {
    let (mut desk, mut shop) = (desk(), shop());
    let (cashier, manager) = (shop.uid(), shop.uid());
    let people = [shop.person(cashier, "ali", "cashier"), shop.person(manager, "fanta", "manager")];
    let (product, born) = shop.product("Doliprane", "A");
    push(&mut desk, &[&people[..], &[born]].concat());
    let mut edit = shop.edit(&PRODUCT, product, json!({ "name": "Doliprane 500" }));
    edit.user = Some(cashier);
    assert_eq!(code(&one(&mut desk, &edit)), "not_permitted");
    edit = Operation { user: Some(manager), ..shop.again(&edit) };
    assert_eq!(code(&one(&mut desk, &edit)), "accepted");
    let mut attach = shop.edit(&PRODUCT, product, json!({}));
    attach.user = Some(cashier);
    attach.parts.insert("codes".into(), vec![]);
    assert_eq!(code(&one(&mut desk, &attach)), "accepted");
    attach = Operation { user: Some(shop.uid()), ..shop.again(&attach) };
    assert_eq!(code(&one(&mut desk, &attach)), "deferred");
}

#[test]
fn nonsense_is_refused_by_name() {
    let (mut desk, mut shop) = (desk(), shop());
    let (_, mut stranger) = shop.supplier("x");
    stranger.entity = "starship".into();
    let (_, mut newer) = shop.supplier("x");
    newer.version = 99;
    let uid = shop.uid();
    let role = shop.person(uid, "x", "emperor");
    let (_, mut nul) = shop.supplier("x");
    nul.fields.insert("phone".into(), json!("6\0"));
    let codes: Vec<String> =
        [stranger, newer, role, nul].iter().map(|operation| code(&one(&mut desk, operation)).to_owned()).collect();
    assert_eq!(codes, ["entity_unknown", "schema_newer", "field_invalid", "field_invalid"]);
}

#[test]
fn the_reason_of_a_refusal_is_short_however_long_the_nonsense() {
    let (mut desk, mut shop) = (desk(), shop());
    let (_, supplier) = shop.supplier("x");
    let mut wire = serde_json::to_value(&supplier).unwrap();
    wire["z".repeat(100_000)] = json!(1);
    let frozen = serde_json::value::RawValue::from_string(wire.to_string()).unwrap();
    let sent = SentOperation { operation: frozen, server_ids: BTreeMap::new(), attempts: 0, clock_doubtful: false };
    let verdicts = decide(&mut desk, &[prepare(sent).unwrap()]).verdicts;
    let Outcome::Rejected { code, params, .. } = &verdicts[0].outcome else { panic!("{verdicts:?}") };
    assert_eq!(code, "operation_malformed");
    assert!(params["why"].as_str().unwrap().len() < 500);
}

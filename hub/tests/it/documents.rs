//! Documents and rows, each by itself, without a database: what is refused by name, what is flagged, who may.

use officine_hub::decide::WorkingSet;
use officine_protocol::{
    Uid,
    entities::{CUSTOMER, PRODUCT_BATCH, SALE, SALE_RETURN, STOCKTAKE, USER},
    messages::{Operation, Outcome},
    schema::Entity,
};
use serde_json::json;

use crate::{
    decisions::{code, desk, one, push, shop},
    shop::{Line, NOON, Shop, line, take},
};

fn stocked(quantities: &[i64]) -> (WorkingSet, Shop, Uid, Vec<Uid>) {
    let (mut desk, mut shop) = (desk(), shop());
    let (product, lots, operations) = shop.stocked(quantities);
    push(&mut desk, &operations);
    (desk, shop, product, lots)
}

fn lot(desk: &WorkingSet, uid: Uid) -> (i64, bool) {
    let record = desk.row("productBatch", desk.id_of("productBatch", uid).unwrap()).unwrap();
    let number = |name| record.get(&PRODUCT_BATCH, name).int().unwrap();
    (number("quantity"), number("recount_open") == 1)
}

fn flagged(desk: &WorkingSet, entity: &Entity, uid: Uid) -> bool {
    let record = desk.row(entity.name, desk.id_of(entity.name, uid).unwrap()).unwrap();
    record.get(entity, "flagged").int() == Some(1)
}

/// A ticket of three boxes that was sold, and what a return of it says.
fn returned(change: impl Fn(&mut Operation, Uid)) -> (WorkingSet, Outcome, Uid, Uid) {
    let (mut desk, mut shop, product, lots) = stocked(&[9]);
    let lines = [line(product, vec![take(lots[0], 3, "scanned")])];
    let sale = shop.sale(&lines);
    one(&mut desk, &sale);
    let mut back = shop.returned(sale.uid, &lines);
    change(&mut back, lots[0]);
    let outcome = one(&mut desk, &back);
    (desk, outcome, back.uid, lots[0])
}

#[test]
fn a_return_that_does_not_add_up_keeps_its_number_and_moves_nothing() {
    type Change = fn(&mut Operation, Uid);
    let cases: [Change; 4] = [
        |back, _| _ = back.fields.insert("total".into(), json!(1)),
        |back, _| _ = back.parts.get_mut("payments").unwrap()[0].insert("amount".into(), json!(1)),
        |back, _| _ = back.parts.get_mut("items").unwrap()[0].insert("saleLine".into(), json!(2)),
        |back, _| _ = back.parts.get_mut("movements").unwrap()[0].insert("delta".into(), json!(30)),
    ];
    for change in cases {
        let (desk, outcome, back, held) = returned(change);
        let Outcome::Accepted { corrections, .. } = outcome else { panic!("{outcome:?}") };
        assert_eq!(corrections.movements.len(), 1);
        assert_eq!((lot(&desk, held), flagged(&desk, &SALE_RETURN, back)), ((6, false), true));
    }
    let (desk, outcome, back, held) = returned(|_, _| ());
    assert_eq!(code(&outcome), "accepted");
    assert_eq!((lot(&desk, held), flagged(&desk, &SALE_RETURN, back)), ((9, false), false));
}

#[test]
fn a_return_with_a_broken_link_is_flagged_and_counts() {
    let (desk, _, back, held) = returned(|back, _| _ = back.fields.insert("hash".into(), json!("ab".repeat(32))));
    assert_eq!((lot(&desk, held), flagged(&desk, &SALE_RETURN, back)), ((9, false), true));
}

#[test]
fn what_is_destroyed_at_the_counter_never_comes_back_and_quarantine_is_a_lot_of_its_own() {
    let (mut desk, mut shop, product, lots) = stocked(&[9]);
    let lines = [line(product, vec![take(lots[0], 3, "scanned")])];
    let sale = shop.sale(&lines);
    one(&mut desk, &sale);
    let (apart, mut born) = shop.lot(product, "L1", Some(20_270_101));
    born.fields.insert("quarantine".into(), json!(true));
    assert_eq!(code(&one(&mut desk, &born)), "accepted");
    assert_ne!(desk.id_of("productBatch", apart), desk.id_of("productBatch", lots[0]));
    let back = |lot, boxes| [Line { takes: vec![take(lot, boxes, "")], ..line(product, vec![]) }];
    for (lot, disposition, odd) in
        [(lots[0], "destroyed", false), (apart, "quarantine", false), (lots[0], "quarantine", true)]
    {
        let record = shop.bring_back(sale.uid, &back(lot, 1), disposition);
        let back = shop.birth(&SALE_RETURN, &record);
        assert_eq!(code(&one(&mut desk, &back)), "accepted");
        assert_eq!(flagged(&desk, &SALE_RETURN, back.uid), odd, "{disposition}");
    }
    assert_eq!((lot(&desk, lots[0]), lot(&desk, apart)), ((7, false), (1, false)));
    let sold = shop.sale(&[line(product, vec![take(lots[0], 8, "assumed")])]);
    assert_eq!(code(&one(&mut desk, &sold)), "stock_insufficient", "what is set apart is not for sale");
}

#[test]
fn adjustments_are_known_by_name_and_transfers_balance() {
    let (mut desk, mut shop, _, lots) = stocked(&[5, 5]);
    let cases = [
        (shop.adjust("theft", &[(lots[0], -1)]), "field_invalid"),
        (shop.adjust("transfer", &[(lots[0], -2), (lots[1], 1)]), "document_mismatch"),
        (shop.adjust("transfer", &[(lots[0], -2), (lots[1], 2)]), "accepted"),
        (shop.adjust("destruction", &[(lots[0], -4)]), "accepted"),
    ];
    for (adjustment, wanted) in cases {
        assert_eq!(code(&one(&mut desk, &adjustment)), wanted);
    }
    assert_eq!((lot(&desk, lots[0]), lot(&desk, lots[1])), ((-1, true), (7, false)));
    let (supplier, born) = shop.supplier("Spharma");
    let sent = shop.send_back(supplier, &[(lots[1], -9)]);
    assert!(push(&mut desk, &[born, sent]).verdicts.iter().all(crate::decisions::accepted));
    assert_eq!(lot(&desk, lots[1]), (-2, true), "never refused for stock");
}

#[test]
fn each_act_asks_for_what_the_declaration_says() {
    let (mut desk, mut shop, product, lots) = stocked(&[9]);
    let people = ["cashier", "pharmacist", "manager"].map(|role| (role, shop.uid()));
    let mut born: Vec<_> = people.iter().map(|(role, uid)| shop.person(*uid, role, role)).collect();
    born.iter_mut().for_each(|born| born.user = Some(shop.user));
    push(&mut desk, &born);
    let lines = [line(product, vec![take(lots[0], 1, "scanned")])];
    let sale = shop.sale(&lines);
    one(&mut desk, &sale);
    let (customer, known) = shop.customer("Binta", "1", 0);
    one(&mut desk, &known);
    let count = |shop: &mut Shop| shop.count(&[(lots[0], "shelf", 5, shop.now)], &[]);
    let mut cancelled = shop.returned(sale.uid, &lines);
    cancelled.fields.insert("kind".into(), json!("cancellation"));
    let owner = shop.user;
    let cases: Vec<(Operation, usize)> = vec![
        (cancelled, 0),
        (shop.returned(sale.uid, &lines), 1),
        (shop.adjust("receipt", &[(lots[0], 1)]), 1),
        (shop.adjust("correction", &[(lots[0], 1)]), 1),
        (shop.adjust("opening", &[(lots[0], 1)]), 2),
        (count(&mut shop), 1),
        (shop.customer("Aïssatou", "2", 0).1, 0),
        (shop.customer("Mariam", "3", 5).1, 2),
        (shop.edit(&CUSTOMER, customer, json!({ "address": "Kaloum" })), 0),
        (shop.edit(&CUSTOMER, customer, json!({ "creditCeiling": 5 })), 2),
        (shop.supplier("Spharma").1, 1),
        (shop.setting("currency", "\"GNF\"").1, 2),
        (shop.edit(&USER, people[1].1, json!({ "name": "F." })), 2),
        (shop.edit(&USER, owner, json!({ "name": "A." })), 3),
        (shop.edit(&USER, people[0].1, json!({ "role": "owner" })), 3),
    ];
    for (mut operation, least) in cases {
        for (place, (role, user)) in people.iter().enumerate() {
            operation = Operation { user: Some(*user), ..shop.again(&operation) };
            let wanted = if place < least { "not_permitted" } else { "accepted" };
            let told = one(&mut desk, &operation);
            assert_eq!(code(&told), wanted, "{role}: {operation:?} {told:?}");
            if place >= least {
                break;
            }
        }
    }
    let mut own = shop.edit(&USER, people[0].1, json!({ "pinHash": "$argon2id$other" }));
    own.user = Some(people[0].1);
    assert_eq!(code(&one(&mut desk, &own)), "accepted", "one's own PIN is one's own");
}

#[test]
fn who_may_be_the_same_is_written_down_for_a_person() {
    let (mut desk, mut shop) = (desk(), shop());
    let (first, born) = shop.customer("Aïssatou", "622", 0);
    let (second, again) = shop.customer("A. Bah", "622", 0);
    let (_, silent) = shop.customer("Binta", "", 0);
    let (_, other) = shop.customer("Mariam", "", 0);
    let (_, known) = shop.product("Doliprane", "A");
    let (_, alike) = shop.product("Efferalgan", "A");
    let changes = push(&mut desk, &[born, again, silent, other, known, alike]);
    let told: Vec<_> = changes.log.iter().map(|line| (line.entity, line.field.as_str(), line.strategy)).collect();
    assert_eq!(told, [("customer", "phone", "proposed"), ("product", "code", "proposed")]);
    let (old, new) = (json!([first]).to_string(), json!(second).to_string());
    assert_eq!(
        (changes.log[0].old.as_deref(), changes.log[0].new.as_deref()),
        (Some(old.as_str()), Some(new.as_str()))
    );
}

#[test]
fn what_a_merged_row_said_otherwise_is_in_the_log() {
    let (mut desk, mut shop) = (desk(), shop());
    let (_, first) = shop.setting("currency", "\"GNF\"");
    let (_, second) = shop.setting("currency", "\"EUR\"");
    let changes = push(&mut desk, &[first, second]);
    let line = changes.log.iter().find(|line| line.kind == "merge").unwrap();
    assert_eq!((line.field.as_str(), line.old.as_deref()), ("value", Some(r#""\"EUR\"""#)));
}

#[test]
fn a_flag_says_why() {
    let (mut desk, mut shop, product, lots) = stocked(&[9]);
    let block = shop.edit(&PRODUCT_BATCH, lots[0], json!({ "blockedReason": "rappel" }));
    let sale = shop.sale(&[line(product, vec![take(lots[0], 1, "scanned")])]);
    let changes = push(&mut desk, &[block, sale.clone()]);
    assert!(flagged(&desk, &SALE, sale.uid));
    let line = changes.log.iter().find(|line| line.kind == "flag").unwrap();
    assert_eq!((line.field.as_str(), line.new.as_deref()), ("flagged", Some(r#"["lot_withheld"]"#)));
}

#[test]
fn a_stocktake_without_room_leaves_what_is_late_to_take_itself_back() {
    let (mut desk, mut shop, _, lots) = stocked(&[9]);
    shop.now = NOON + 10;
    let count = shop.count(&[(lots[0], "shelf", 5, NOON + 10)], &[]);
    one(&mut desk, &count);
    shop.now = NOON + 5;
    let late: Vec<_> = (0..1_001).map(|_| shop.adjust("correction", &[(lots[0], 1)])).collect();
    let verdicts = push(&mut desk, &late).verdicts;
    let corrected = |outcome: &Outcome| match outcome {
        Outcome::Accepted { corrections, .. } => corrections.movements.len(),
        other => panic!("{other:?}"),
    };
    assert_eq!(verdicts.iter().map(|verdict| corrected(&verdict.outcome)).sum::<usize>(), 2);
    let stored = desk.row("stocktake", desk.id_of("stocktake", count.uid).unwrap()).unwrap();
    assert_eq!(stored.part(&STOCKTAKE, "movements").len(), 1_000, "the difference, and as many as there are steps");
    assert_eq!(lot(&desk, lots[0]), (5, false));
}

//! What a ticket proves by itself.

use officine_protocol::{
    entities::SALE,
    messages::{Operation, Outcome},
};
use serde_json::{Value as Json, json};

use crate::{
    decisions::{code, desk, one, push, shop},
    shop::{line, take},
};

fn tampered(change: impl Fn(&mut Operation)) -> (Outcome, bool) {
    let (mut desk, mut shop) = (desk(), shop());
    let (product, lots, operations) = shop.stocked(&[9]);
    push(&mut desk, &operations);
    let mut sale = shop
        .sale(&[line(product, vec![take(lots[0], 2, "assumed")]), line(product, vec![take(lots[0], 1, "assumed")])]);
    change(&mut sale);
    let outcome = one(&mut desk, &sale);
    let stored = desk.id_of("sale", sale.uid).and_then(|id| desk.row("sale", id));
    let flagged = stored.is_some_and(|row| row.get(&SALE, "flagged").int() == Some(1));
    (outcome, flagged)
}

fn set(operation: &mut Operation, part: &str, row: usize, field: &str, value: Json) {
    operation.parts.get_mut(part).unwrap()[row].insert(field.to_owned(), value);
}

#[test]
fn a_ticket_that_does_not_add_up_is_stored_reversed_and_says_what() {
    type Change = fn(&mut Operation);
    let cases: [(&str, Change); 8] = [
        ("lines", |op| {
            set(op, "items", 1, "line", json!(3));
            set(op, "movements", 1, "line", json!(3));
        }),
        ("amount", |op| set(op, "items", 0, "amount", json!(1))),
        ("unit", |op| {
            set(op, "items", 0, "quantity", json!(3));
            set(op, "movements", 0, "delta", json!(-3));
        }),
        ("total", |op| _ = op.fields.insert("total".into(), json!(1))),
        ("payments", |op| set(op, "payments", 0, "amount", json!(1))),
        ("tendered", |op| _ = op.fields.insert("tendered".into(), json!(1))),
        ("movements", |op| set(op, "movements", 0, "delta", json!(-1))),
        ("movements", |op| set(op, "movements", 0, "step", json!(1))),
    ];
    for (what, change) in cases {
        let (outcome, _) = tampered(change);
        let Outcome::Rejected { code, params, server_id, .. } = outcome else { panic!("{what}: {outcome:?}") };
        assert_eq!((code.as_str(), &params["what"]), ("document_mismatch", &json!(what)));
        assert!(server_id.is_some());
    }
}

#[test]
fn a_broken_link_of_the_chain_is_flagged_and_not_refused() {
    let (outcome, flagged) = tampered(|op| _ = op.fields.insert("hash".into(), json!("ab".repeat(32))));
    assert_eq!((code(&outcome), flagged), ("accepted", true));
    let (outcome, flagged) = tampered(|_| ());
    assert_eq!((code(&outcome), flagged), ("accepted", false));
}

#[test]
fn the_state_of_a_ticket_is_the_hubs_to_say() {
    let (outcome, flagged) = tampered(|op| {
        op.fields.insert("state".into(), json!("regularised"));
        op.fields.insert("flagged".into(), json!(true));
    });
    assert_eq!((code(&outcome), flagged), ("accepted", false));
}

#[test]
fn the_columns_of_the_hub_need_not_be_sent() {
    let (outcome, _) = tampered(|op| {
        op.fields.remove("state");
        op.fields.remove("flagged");
    });
    assert_eq!(code(&outcome), "accepted");
}

#[test]
fn another_tills_series_and_a_number_used_before_are_refused() {
    let (outcome, _) = tampered(|op| _ = op.fields.insert("series".into(), json!(7)));
    let Outcome::Rejected { params, server_id: None, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(params["what"], json!("series"));

    let (mut desk, mut shop) = (desk(), shop());
    let (product, lots, operations) = shop.stocked(&[9]);
    push(&mut desk, &operations);
    let sell = || line(product, vec![take(lots[0], 1, "assumed")]);
    one(&mut desk, &shop.sale(&[sell()]));
    shop.number = 0;
    assert_eq!(code(&one(&mut desk, &shop.sale(&[sell()]))), "number_taken");
}

#[test]
fn a_lot_of_another_product_does_not_prove_a_line() {
    let (mut desk, mut shop) = (desk(), shop());
    let (_, lots, operations) = shop.stocked(&[9]);
    let (other, born) = shop.product("Ibuprofène", "B");
    push(&mut desk, &[operations, vec![born]].concat());
    let sale = shop.sale(&[line(other, vec![take(lots[0], 1, "assumed")])]);
    let Outcome::Rejected { params, .. } = one(&mut desk, &sale) else { panic!() };
    assert_eq!(params["what"], json!("product"));
}

#[test]
fn documents_are_never_edited() {
    let (mut desk, mut shop) = (desk(), shop());
    let (product, lots, operations) = shop.stocked(&[9]);
    push(&mut desk, &operations);
    let sale = shop.sale(&[line(product, vec![take(lots[0], 1, "assumed")])]);
    one(&mut desk, &sale);
    let delete = shop.operation(&SALE, officine_protocol::messages::Action::Delete, sale.uid);
    assert_eq!(code(&one(&mut desk, &delete)), "document_fixed");
}

#[test]
fn a_ticket_that_names_another_before_it_than_the_hub_knows_is_flagged() {
    let (mut desk, mut shop) = (desk(), shop());
    let (product, lots, operations) = shop.stocked(&[9]);
    push(&mut desk, &operations);
    let sell = |desk: &mut _, shop: &mut crate::shop::Shop| {
        let sale = shop.sale(&[line(product, vec![take(lots[0], 1, "assumed")])]);
        let outcome = one(desk, &sale);
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
        sale.uid
    };
    shop.previous = [7; 32];
    let first = sell(&mut desk, &mut shop);
    let second = sell(&mut desk, &mut shop);
    shop.previous = [8; 32];
    let third = sell(&mut desk, &mut shop);
    let flagged = |uid| {
        let row = desk.id_of("sale", uid).and_then(|id| desk.row("sale", id));
        row.is_some_and(|row| row.get(&SALE, "flagged").int() == Some(1))
    };
    let told = [first, second, third].map(flagged);
    assert_eq!(told, [true, false, true], "a first link of nothing, and one of another chain");
}

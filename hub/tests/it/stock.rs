//! Sales against stock, without a database.

use officine_hub::decide::WorkingSet;
use officine_protocol::{
    Uid,
    entities::{PRODUCT_BATCH, SALE},
    limits::{DOCUMENT_LINES, LARGEST},
    messages::Outcome,
    record::{Record, decode_part},
    value::Value,
};
use serde_json::json;

use crate::{
    decisions::{code, desk, one, push, shop},
    shop::{Shop, line, take},
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

fn sale(desk: &WorkingSet, uid: Uid) -> &Record {
    desk.row("sale", desk.id_of("sale", uid).unwrap()).unwrap()
}

fn flagged(desk: &WorkingSet, uid: Uid) -> bool {
    sale(desk, uid).get(&SALE, "flagged").int() == Some(1)
}

/// Line, step, delta, source.
fn movements(record: &Record) -> Vec<(i64, i64, i64, &str)> {
    let rows = record.part(&SALE, "movements").iter();
    let row = |row: &'_ Vec<officine_protocol::value::Value>| (row[0].int(), row[1].int(), row[3].int());
    rows.map(|cells| {
        let (line, step, delta) = row(cells);
        (line.unwrap(), step.unwrap(), delta.unwrap(), cells[4].text().unwrap())
    })
    .collect()
}

#[test]
fn two_sales_of_five_of_five_boxes_one_is_accepted_and_the_other_stored_reversed() {
    let (mut desk, mut shop, product, lots) = stocked(&[5]);
    let first = shop.sale(&[line(product, vec![take(lots[0], 5, "assumed")])]);
    let second = shop.sale(&[line(product, vec![take(lots[0], 5, "assumed")])]);
    assert_eq!(code(&one(&mut desk, &first)), "accepted");
    let Outcome::Rejected { code, params, server_id, rev } = one(&mut desk, &second) else { panic!() };
    assert_eq!(code, "stock_insufficient");
    assert_eq!(json!(params), json!({ "product": "Paracétamol", "asked": 5, "available": 0, "line": 1 }));
    assert!(server_id.is_some() && rev.is_some());
    let stored = sale(&desk, second.uid);
    assert_eq!(stored.get(&SALE, "state").text(), Some("reversed"));
    assert_eq!(movements(stored), [(1, 0, -5, "assumed"), (1, 1, 5, "reversal")]);
    assert_eq!(lot(&desk, lots[0]), (0, false));
    assert_eq!(sale(&desk, first.uid).get(&SALE, "state").text(), Some("confirmed"));
}

#[test]
fn a_refused_sale_sent_under_another_key_is_refused_alike() {
    let (mut desk, mut shop, product, lots) = stocked(&[1]);
    let mut sold = shop.sale(&[line(product, vec![take(lots[0], 5, "assumed")])]);
    let first = one(&mut desk, &sold);
    sold = shop.again(&sold);
    assert_eq!(one(&mut desk, &sold), first);
}

#[test]
fn two_lines_on_one_lot_are_added_before_they_are_weighed() {
    let (mut desk, mut shop, product, lots) = stocked(&[5]);
    let half = || line(product, vec![take(lots[0], 3, "scanned")]);
    assert_eq!(code(&one(&mut desk, &shop.sale(&[half(), half()]))), "stock_insufficient");
    assert_eq!(lot(&desk, lots[0]), (5, false));
}

#[test]
fn an_assumed_lot_that_is_short_is_squared_from_the_next_and_recounted() {
    let (mut desk, mut shop, product, lots) = stocked(&[2, 4]);
    let sold = shop.sale(&[line(product, vec![take(lots[0], 5, "assumed")])]);
    let Outcome::Accepted { corrections, .. } = one(&mut desk, &sold) else { panic!() };
    assert_eq!(corrections.movements.len(), 2);
    assert!(corrections.movements.iter().any(|row| row["batch"] == json!(lots[1]) && row["delta"] == json!(-3)));
    assert!(corrections.movements.iter().all(|row| row["reason"] == json!("lot_short")));
    assert_eq!((lot(&desk, lots[0]), lot(&desk, lots[1])), ((0, true), (1, false)));
    assert!(flagged(&desk, sold.uid));
}

#[test]
fn a_scanned_or_chosen_lot_is_never_re_allocated() {
    for source in ["scanned", "chosen"] {
        let (mut desk, mut shop, product, lots) = stocked(&[2, 4]);
        let sold = shop.sale(&[line(product, vec![take(lots[0], 5, source)])]);
        assert_eq!(code(&one(&mut desk, &sold)), "accepted");
        assert_eq!((lot(&desk, lots[0]), lot(&desk, lots[1])), ((-3, true), (4, false)));
    }
}

#[test]
fn what_is_in_hand_is_sold_whatever_the_book_says() {
    let (mut desk, mut shop, product, lots) = stocked(&[1]);
    let mut held = line(product, vec![take(lots[0], 3, "assumed")]);
    held.in_hand = true;
    assert_eq!(code(&one(&mut desk, &shop.sale(&[held]))), "accepted");
    assert_eq!(lot(&desk, lots[0]), (-2, true));
}

#[test]
fn what_is_in_hand_opens_a_recount_even_where_the_book_has_it() {
    let (mut desk, mut shop, product, lots) = stocked(&[9, 9]);
    let mut held = line(product, vec![take(lots[0], 3, "assumed")]);
    held.in_hand = true;
    let beside = line(product, vec![take(lots[1], 3, "assumed")]);
    assert_eq!(code(&one(&mut desk, &shop.sale(&[held, beside]))), "accepted");
    assert_eq!((lot(&desk, lots[0]), lot(&desk, lots[1])), ((6, true), (6, false)));
}

#[test]
fn only_quantity_refuses_an_expired_or_blocked_lot_is_flagged() {
    let (mut desk, mut shop, product, lots) = stocked(&[3]);
    let block = shop.edit(&PRODUCT_BATCH, lots[0], json!({ "blockedReason": "rappel" }));
    one(&mut desk, &block);
    let blocked = shop.sale(&[line(product, vec![take(lots[0], 1, "scanned")])]);
    assert_eq!(code(&one(&mut desk, &blocked)), "accepted");
    assert!(flagged(&desk, blocked.uid));
    let (expired, born) = shop.lot(product, "OLD", Some(20_200_101));
    let opening = shop.opening(&[(expired, 2)]);
    push(&mut desk, &[born, opening]);
    let sold = shop.sale(&[line(product, vec![take(expired, 1, "chosen")])]);
    assert_eq!(code(&one(&mut desk, &sold)), "accepted");
    assert!(flagged(&desk, sold.uid));
}

#[test]
fn blocked_stock_that_no_line_names_is_not_there() {
    let (mut desk, mut shop, product, lots) = stocked(&[2, 4]);
    let block = shop.edit(&PRODUCT_BATCH, lots[1], json!({ "blockedReason": "rappel" }));
    one(&mut desk, &block);
    let sold = shop.sale(&[line(product, vec![take(lots[0], 3, "assumed")])]);
    assert_eq!(code(&one(&mut desk, &sold)), "stock_insufficient");
}

#[test]
fn a_correction_below_zero_is_accepted_and_opens_a_recount() {
    let (mut desk, mut shop, _, lots) = stocked(&[2]);
    let correction = shop.opening(&[(lots[0], -5)]);
    let changes = push(&mut desk, &[correction]);
    assert_eq!(lot(&desk, lots[0]), (-3, true));
    assert_eq!(changes.log.len(), 1, "the recount is logged");
    assert_eq!(changes.rows["productBatch"].len(), 1, "and the lot has a new revision");
}

#[test]
fn a_sale_that_takes_what_is_there_does_not_rewrite_the_lot() {
    let (mut desk, mut shop, product, lots) = stocked(&[5]);
    let sold = shop.sale(&[line(product, vec![take(lots[0], 2, "assumed")])]);
    let changes = push(&mut desk, &[sold]);
    assert!(!changes.rows.contains_key("productBatch"));
    assert_eq!(changes.deltas.values().copied().collect::<Vec<_>>(), [-2]);
}

#[test]
fn no_lot_leaves_the_bounds_of_a_quantity() {
    let (mut desk, mut shop, product, lots) = stocked(&[5]);
    let most = shop.opening(&[(lots[0], LARGEST)]);
    assert_eq!(code(&one(&mut desk, &most)), "field_invalid");
    let two = shop.opening(&[(lots[0], LARGEST - 5), (lots[0], 1)]);
    assert_eq!(code(&one(&mut desk, &two)), "field_invalid");
    let mut held = line(product, vec![take(lots[0], LARGEST, "assumed")]);
    (held.price, held.in_hand) = (0, true);
    assert_eq!(code(&one(&mut desk, &shop.sale(&[held.clone()]))), "accepted");
    assert_eq!(code(&one(&mut desk, &shop.sale(&[held]))), "document_mismatch");
    assert_eq!(lot(&desk, lots[0]), (5 - LARGEST, true));
}

#[test]
fn two_lots_of_a_line_that_were_merged_are_one_movement_with_the_cost_of_both() {
    let (mut desk, mut shop, product, lots) = stocked(&[9]);
    let (twin, born) = shop.lot(product, "L1", Some(20_270_101));
    push(&mut desk, &[born]);
    let mut sold = shop.sale(&[line(product, vec![take(lots[0], 2, "assumed"), take(twin, 1, "scanned")])]);
    for (place, cost) in [(0, 700), (1, 350)] {
        sold.parts.get_mut("movements").unwrap()[place].insert("cost".into(), json!(cost));
    }
    assert_eq!(code(&one(&mut desk, &sold)), "accepted");
    let rows = sale(&desk, sold.uid).part(&SALE, "movements");
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0][3].int(), rows[0][7].int()), (Some(-3), Some(1_050)));
    assert_eq!(rows[0][4].text(), Some("scanned"), "never re-allocated");
}

#[test]
fn movements_that_no_number_holds_are_refused() {
    let (mut desk, mut shop, product, lots) = stocked(&[9]);
    let (twin, born) = shop.lot(product, "L1", Some(20_270_101));
    push(&mut desk, &[born]);
    let mut sold = shop.sale(&[line(product, vec![take(lots[0], 2, "scanned"), take(twin, 1, "scanned")])]);
    for place in 0..2 {
        sold.parts.get_mut("movements").unwrap()[place].insert("delta".into(), json!(-LARGEST));
    }
    assert_eq!(code(&one(&mut desk, &sold)), "field_invalid");
}

#[test]
fn a_refused_ticket_of_the_largest_size_can_still_be_read() {
    let (mut desk, mut shop, product, _) = stocked(&[1]);
    let mut lots = Vec::new();
    for number in 0..4 {
        let (lot, born) = shop.lot(product, &format!("M{number}"), None);
        push(&mut desk, &[born]);
        lots.push(lot);
    }
    let takes = || lots.iter().map(|lot| take(*lot, 1, "assumed")).collect();
    let lines: Vec<_> = (0..DOCUMENT_LINES).map(|_| line(product, takes())).collect();
    let sold = shop.sale(&lines);
    assert_eq!(code(&one(&mut desk, &sold)), "stock_insufficient");
    let part = &SALE.parts[SALE.part("movements").unwrap()];
    let rows = sale(&desk, sold.uid).part(&SALE, "movements");
    assert_eq!(rows.len(), 8 * DOCUMENT_LINES);
    let uid = |row: &[Value]| lots.iter().find(|lot| desk.id_of("productBatch", **lot) == row[2].int()).unwrap();
    let wire: Vec<_> = rows
        .iter()
        .map(|row| {
            let row = json!({ "line": row[0].int(), "step": row[1].int(), "batch": uid(row), "delta": row[3].int(),
                              "source": row[4].text(), "lotNumber": row[5].text() });
            row.as_object().unwrap().clone()
        })
        .collect();
    assert!(decode_part(part, &wire).is_ok(), "every till reads what the hub stores");
}

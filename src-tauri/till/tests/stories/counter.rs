//! FEFO at the counter: which lot a line takes, and which it may not.

use officine_protocol::Uid;
use officine_till::views::{CartView, ChooseLotArgs, LotSourceName, Nudge, ScanOutcome};

use crate::support::{Shop, lots};

const CODE: &str = "2000000000015";

fn choose(shop: &Shop, lot: Uid, reason: &str) -> officine_till::Result<CartView> {
    let args = ChooseLotArgs { line: 1, batch: Some(lot.to_string()), reason: reason.into() };
    shop.till.choose_lot(&args)
}

#[test]
fn a_line_takes_the_lot_that_expires_first_then_the_next() {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", CODE, Some(500));
    let later = shop.hub.lot(product, "LATER", Some("2027-06-30"), 5);
    let sooner = shop.hub.lot(product, "SOONER", Some("2026-12-31"), 3);
    shop.sync();
    let cart = shop.add(product, 4);
    assert_eq!(lots(&cart, 0), [("SOONER".into(), 3), ("LATER".into(), 1)]);
    assert_eq!(cart.lines[0].left, 4);
    let receipt = shop.sell();
    let printed: Vec<_> = receipt.lines[0].lots.iter().map(|take| (take.lot_number.as_str(), take.quantity)).collect();
    assert_eq!(printed, [("SOONER", 3), ("LATER", 1)]);
    assert_eq!((shop.quantity(sooner), shop.quantity(later)), (0, 4));
    shop.assert_sound();
}

#[test]
fn expired_and_blocked_stock_is_refused_with_the_reason() {
    let shop = Shop::open();
    let expired = shop.hub.product("Expiré", CODE, Some(500));
    shop.hub.lot(expired, "OLD", Some("2026-11-19"), 5);
    let blocked = shop.hub.product("Bloqué", "2000000000022", Some(500));
    shop.hub.lot_with(blocked, "RECALLED", None, 5, |lot| {
        lot.set(&officine_protocol::entities::PRODUCT_BATCH, "blocked_reason", "rappel du fabricant");
    });
    shop.sync();
    for (code, why, param, value) in [
        (CODE, "lot_expired", "expiry", "2026-11-19"),
        ("2000000000022", "lot_blocked", "reason", "rappel du fabricant"),
    ] {
        let view = shop.scan(code);
        let problem = view.problem.unwrap();
        assert_eq!((view.outcome, problem.code.as_str()), (ScanOutcome::Refused, why));
        assert_eq!(problem.params[param], value);
        assert!(view.cart.lines.is_empty(), "nothing was added");
    }
}

#[test]
fn a_lot_is_sold_on_its_last_day_and_not_after() {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", CODE, Some(500));
    shop.hub.lot(product, "TODAY", Some("2026-11-20"), 5);
    shop.sync();
    assert_eq!(shop.scan(CODE).outcome, ScanOutcome::Added);
    shop.sell();
    shop.add(product, 1);
    shop.clock.advance(crate::support::DAY);
    assert_eq!(shop.try_sell().unwrap_err().code(), "lot_expired");
    assert_eq!(shop.scan(CODE).problem.unwrap().code, "lot_expired");
}

#[test]
fn another_lot_is_taken_for_a_reason_and_the_ticket_says_so() {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", CODE, Some(500));
    let first = shop.hub.lot(product, "FIRST", Some("2026-12-31"), 3);
    let other = shop.hub.lot(product, "OTHER", Some("2027-12-31"), 3);
    let empty = shop.hub.lot(product, "EMPTY", Some("2027-12-31"), 0);
    let old = shop.hub.lot(product, "OLD", Some("2026-01-31"), 3);
    shop.sync();
    shop.add(product, 1);
    assert_eq!(choose(&shop, other, " x ").unwrap_err().code(), "reason_missing");
    assert_eq!(choose(&shop, empty, "demande du client").unwrap_err().code(), "lot_empty");
    assert_eq!(choose(&shop, old, "demande du client").unwrap_err().code(), "lot_expired");
    assert_eq!(choose(&shop, Uid::from_u128(5), "demande").unwrap_err().code(), "field_invalid");
    assert!(choose(&shop, first, "").is_ok(), "the lot that FEFO takes needs no reason");
    let cart = choose(&shop, other, "demande du client").unwrap();
    assert_eq!(lots(&cart, 0), [("OTHER".into(), 1)]);
    assert_eq!(cart.lines[0].lots[0].source, LotSourceName::Chosen);
    let Some(Nudge::ShorterLot { lot_number, .. }) = &cart.lines[0].nudge else { panic!("{:?}", cart.lines[0].nudge) };
    assert_eq!(lot_number, "FIRST");
    shop.sell();
    let (source, reason): (String, String) = shop
        .db()
        .query_row("SELECT source, reason FROM stock_movement WHERE document_kind = 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!((source.as_str(), reason.as_str()), ("chosen", "demande du client"));
    assert_eq!((shop.quantity(first), shop.quantity(other)), (3, 2));
}

#[test]
fn a_chosen_lot_is_given_back_to_fefo() {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", CODE, Some(500));
    shop.hub.lot(product, "FIRST", Some("2026-12-31"), 3);
    let other = shop.hub.lot(product, "OTHER", Some("2027-12-31"), 3);
    shop.sync();
    shop.add(product, 1);
    choose(&shop, other, "demande du client").unwrap();
    let cart = shop.till.choose_lot(&ChooseLotArgs { line: 1, batch: None, reason: String::new() }).unwrap();
    assert_eq!(lots(&cart, 0), [("FIRST".into(), 1)]);
    let choices = shop.till.list_lots(1).unwrap();
    let shown: Vec<_> = choices.iter().map(|lot| (lot.lot_number.as_str(), lot.taken, lot.first)).collect();
    assert_eq!(shown, [("FIRST", 1, true), ("OTHER", 0, false)]);
}

#[test]
fn the_lot_read_from_the_box_is_the_lot_taken() {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", CODE, Some(500));
    shop.hub.lot(product, "FIRST", Some("2026-12-31"), 3);
    shop.hub.lot(product, "L2", Some("2027-01-31"), 3);
    shop.sync();
    let view = shop.scan("]d201020000000000151727013110L2");
    assert_eq!(view.outcome, ScanOutcome::Added);
    assert_eq!(lots(&view.cart, 0), [("L2".into(), 1)]);
    assert_eq!(view.cart.lines[0].lots[0].source, LotSourceName::Scanned);
    assert!(matches!(view.cart.lines[0].nudge, Some(Nudge::ShorterLot { .. })));
}

#[test]
fn a_box_past_its_day_is_refused_though_the_book_does_not_know_its_lot() {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", CODE, Some(500));
    shop.hub.lot(product, "FIRST", Some("2027-12-31"), 3);
    shop.sync();
    let view = shop.scan("]d201020000000000151726103110UNKNOWN");
    let problem = view.problem.unwrap();
    assert_eq!((problem.code.as_str(), problem.params["expiry"].as_str()), ("lot_expired", Some("2026-10-31")));
    let view = shop.scan("]d201020000000000151727103110UNKNOWN");
    assert_eq!(view.outcome, ScanOutcome::Added, "a good box of an unknown lot is sold from the book's lots");
    assert_eq!(view.cart.lines[0].lots[0].source, LotSourceName::Assumed);
}

#[test]
fn two_lines_of_a_product_never_take_the_same_box() {
    let shop = Shop::open();
    let units = [("boîte", 10, Some(1_000)), ("comprimé", 1, Some(150))];
    let product = shop.hub.product_in_units("Paracétamol", CODE, &units);
    let lot = shop.hub.lot(product, "L1", None, 12);
    shop.sync();
    shop.add_unit(product, 1, Some(0));
    let cart = shop.add_unit(product, 2, Some(1));
    assert_eq!((cart.total, cart.lines[1].left, cart.blocker.is_none()), (1_300, 0, true));
    let cart = shop.add_unit(product, 1, Some(1));
    let problem = cart.blocker.unwrap();
    assert_eq!((problem.code.as_str(), problem.params["available"].as_i64()), ("stock_insufficient", Some(2)));
    assert_eq!(shop.try_sell().unwrap_err().code(), "stock_insufficient");
    assert_eq!(shop.quantity(lot), 12);
}

#[test]
fn unknown_codes_and_endless_ones_are_told_apart() {
    let shop = Shop::open();
    let view = shop.scan("2000000000992");
    assert_eq!((view.outcome, view.problem.unwrap().code.as_str()), (ScanOutcome::Unknown, "code_unknown"));
    let args = officine_till::views::ScanArgs { code: "1".repeat(4_000), count: 1 };
    assert_eq!(shop.till.scan(&args).unwrap_err().code(), "code_too_long");
}

#[test]
fn a_code_of_two_products_asks_which_one() {
    let shop = Shop::open();
    for name in ["Amoxicilline", "Amoxiclav"] {
        let product = shop.hub.product(name, CODE, Some(500));
        shop.hub.lot(product, "L", None, 3);
    }
    shop.sync();
    let view = shop.scan(CODE);
    assert_eq!(view.outcome, ScanOutcome::Ambiguous);
    assert_eq!(view.candidates.len(), 2);
    assert!(view.cart.lines.is_empty());
}

#[test]
fn a_scanned_box_leaves_its_own_lot_even_where_the_book_says_it_is_empty() {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", CODE, Some(500));
    let scanned = shop.hub.lot(product, "SCANNED", Some("2027-06-30"), 0);
    let other = shop.hub.lot(product, "OTHER", Some("2027-01-31"), 3);
    shop.sync();
    let view = shop.scan("]d201020000000000151727063010SCANNED");
    assert_eq!(view.outcome, ScanOutcome::Added);
    assert_eq!(lots(&view.cart, 0), [("SCANNED".into(), 1)]);
    let receipt = shop.sell();
    assert_eq!(receipt.lines[0].lots[0].source, LotSourceName::Scanned);
    assert_eq!((shop.quantity(scanned), shop.quantity(other)), (-1, 3));
    shop.assert_sound();
}

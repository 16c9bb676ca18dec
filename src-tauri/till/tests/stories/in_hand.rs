//! « J'ai la boîte en main »: sold although the book says there is none, so many times a day.

use officine_protocol::{Uid, entities::PRODUCT_BATCH};

use crate::support::{DAY, Shop};

fn empty_product(shop: &Shop) -> Uid {
    let product = shop.hub.product("Coton", "2000000000015", Some(500));
    shop.sync();
    product
}

#[test]
fn goods_without_any_lot_are_sold_in_hand_from_a_nameless_lot() {
    let shop = Shop::open();
    let product = empty_product(&shop);
    shop.add(product, 2);
    assert_eq!(shop.try_sell().unwrap_err().code(), "stock_insufficient");
    shop.till.mark_in_hand(1, true).unwrap();
    let receipt = shop.sell();
    assert!(receipt.lines[0].in_hand);
    assert_eq!((receipt.lines[0].lots[0].lot_number.as_str(), receipt.lines[0].lots[0].quantity), ("", 2));
    assert_eq!(shop.one::<i64>("SELECT quantity FROM product_batch"), -2);
    shop.add(product, 1);
    shop.till.mark_in_hand(1, true).unwrap();
    shop.sell();
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM product_batch"), 1, "one nameless lot, for ever");
    assert_eq!(shop.one::<i64>("SELECT quantity FROM product_batch"), -3);
    shop.assert_sound();
}

#[test]
fn two_lines_in_hand_of_one_product_open_one_nameless_lot() {
    let shop = Shop::open();
    let units = [("boîte", 10, Some(1_000)), ("comprimé", 1, Some(150))];
    let product = shop.hub.product_in_units("Paracétamol", "2000000000015", &units);
    shop.sync();
    shop.add_unit(product, 1, Some(0));
    shop.add_unit(product, 3, Some(1));
    shop.till.mark_in_hand(1, true).unwrap();
    shop.till.mark_in_hand(2, true).unwrap();
    shop.sell();
    let (lots, quantity): (i64, i64) = shop
        .db()
        .query_row("SELECT count(*), sum(quantity) FROM product_batch", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert_eq!((lots, quantity), (1, -13));
    shop.assert_sound();
}

#[test]
fn the_lot_in_the_book_goes_below_zero_rather_than_a_new_one() {
    let shop = Shop::open();
    let product = empty_product(&shop);
    let lot = shop.hub.lot(product, "L1", Some("2027-12-31"), 1);
    shop.sync();
    shop.add(product, 3);
    shop.till.mark_in_hand(1, true).unwrap();
    shop.sell();
    assert_eq!(shop.quantity(lot), -2);
    shop.assert_sound();
}

#[test]
fn a_cashier_marks_so_many_lines_a_day_and_a_pharmacist_as_many_as_needed() {
    let shop = Shop::open();
    let product = empty_product(&shop);
    for _ in 0..5 {
        shop.add(product, 1);
        shop.till.mark_in_hand(1, true).unwrap();
        shop.sell();
    }
    shop.add(product, 1);
    assert_eq!(shop.till.mark_in_hand(1, true).unwrap_err().code(), "in_hand_limit");
    shop.clock.advance(DAY);
    shop.till.mark_in_hand(1, true).unwrap();
    shop.sell();
    shop.sign_in("pharmacist");
    for _ in 0..7 {
        shop.add(product, 1);
        shop.till.mark_in_hand(1, true).unwrap();
        shop.sell();
    }
}

#[test]
fn tickets_on_hold_do_not_stretch_the_cashiers_limit() {
    let shop = Shop::open();
    let product = empty_product(&shop);
    for _ in 0..6 {
        shop.add(product, 1);
        shop.till.mark_in_hand(1, true).unwrap();
        shop.till.hold_cart().unwrap();
    }
    for (place, held) in shop.till.list_held().unwrap().into_iter().enumerate() {
        shop.till.recall_cart(&held.cart).unwrap();
        match place {
            0..5 => drop(shop.sell()),
            _ => assert_eq!(shop.try_sell().unwrap_err().code(), "in_hand_limit"),
        }
    }
}

/// What stops a cart of that many boxes in hand, and the sale of it.
fn in_hand(shop: &Shop, product: Uid, count: i64) -> (Option<String>, Option<String>) {
    shop.add(product, count);
    let cart = shop.till.mark_in_hand(1, true).unwrap();
    (cart.blocker.map(|problem| problem.code), shop.try_sell().err().map(|error| error.code()))
}

#[test]
fn a_box_in_hand_of_goods_that_may_not_be_sold_is_not_sold_either() {
    for (number, expiry, why) in [("OLD", "2026-01-31", "lot_expired"), ("BACK", "2027-12-31", "lot_blocked")] {
        let shop = Shop::open();
        let product = empty_product(&shop);
        shop.hub.lot_with(product, number, Some(expiry), 4, |lot| {
            let reason = (why == "lot_blocked").then_some("Rappel");
            lot.set(&PRODUCT_BATCH, "blocked_reason", reason);
        });
        shop.sync();
        let why = Some(why.to_owned());
        assert_eq!(in_hand(&shop, product, 1), (why.clone(), why.clone()));
        shop.till.clear_cart().unwrap();
        shop.hub.lot(product, "GONE", Some("2028-12-31"), 0);
        shop.sync();
        assert_eq!(in_hand(&shop, product, 1), (why.clone(), why), "an empty lot does not cover for them");
        assert_eq!(shop.one::<i64>("SELECT count(*) FROM product_batch WHERE quantity < 0 OR lot_number = ''"), 0);
    }
}

#[test]
fn beside_goods_that_may_be_sold_boxes_in_hand_are() {
    let shop = Shop::open();
    let product = empty_product(&shop);
    shop.hub.lot(product, "OLD", Some("2026-01-31"), 4);
    let good = shop.hub.lot(product, "GOOD", Some("2028-12-31"), 1);
    shop.sync();
    assert_eq!(in_hand(&shop, product, 3), (None, None));
    assert_eq!(shop.quantity(good), -2);
    shop.assert_sound();
}

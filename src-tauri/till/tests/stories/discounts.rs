//! Discounts: on lines and on the ticket, within the limit of a role, frozen when the ticket is sold; and rounding.

use officine_protocol::Uid;
use officine_till::views::{
    DiscountLineArgs, DiscountTicketArgs,
    DiscountView::{self, Francs, Percent},
    SetQuantityArgs,
};

use crate::support::{Shop, hub::short};

const CODE: &str = "2000000000015";

fn shop() -> (Shop, Uid) {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", CODE, Some(1_005));
    shop.hub.lot(product, "A", None, 40);
    shop.hub.setting("sale.discountPercent", r#"{"cashier": 10, "manager": 50}"#);
    shop.sync();
    (shop, product)
}

fn line(discount: DiscountView) -> DiscountLineArgs {
    DiscountLineArgs { line: 1, discount: Some(discount) }
}

fn ticket(discount: DiscountView) -> DiscountTicketArgs {
    DiscountTicketArgs { discount: Some(discount) }
}

#[test]
fn a_percentage_follows_the_quantity_and_is_frozen_with_the_ticket() {
    let (shop, product) = shop();
    shop.add(product, 1);
    let cart = shop.till.discount_line(&line(Percent { percent: 10 })).unwrap();
    assert_eq!((cart.lines[0].discount, cart.lines[0].amount, cart.total), (100, 905, 905));
    let cart = shop.till.set_quantity(&SetQuantityArgs { line: 1, count: 4, unit: None }).unwrap();
    assert_eq!((cart.lines[0].discount, cart.total), (402, 3_618));
    assert_eq!(cart.lines[0].discount_given, Some(Percent { percent: 10 }));
    let receipt = shop.sell();
    assert_eq!((receipt.lines[0].discount, receipt.lines[0].amount, receipt.total), (402, 3_618, 3_618));
    let stored: (i64, i64) = shop
        .db()
        .query_row("SELECT discount, amount FROM sale_item", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert_eq!(stored, (402, 3_618));
}

#[test]
fn a_discounted_cart_survives_a_restart() {
    let (shop, product) = shop();
    shop.add(product, 2);
    shop.till.discount_line(&line(Francs { amount: 50 })).unwrap();
    shop.till.discount_ticket(&ticket(Percent { percent: 5 })).unwrap();
    let before = shop.till.cart().unwrap();
    assert_eq!((before.subtotal, before.discount, before.total), (1_960, 98, 1_862));
    let shop = shop.reopen();
    shop.sign_in("cashier");
    let after = shop.till.cart().unwrap();
    assert_eq!((after.total, after.discount_given), (before.total, before.discount_given));
    let receipt = shop.sell();
    assert_eq!((receipt.discount, receipt.total), (98, 1_862));
}

#[test]
fn more_than_a_role_may_give_is_refused_with_its_limit() {
    let (shop, product) = shop();
    shop.add(product, 2);
    let problem = shop.till.discount_line(&line(Percent { percent: 11 })).unwrap_err().problem();
    assert_eq!(problem.code, "discount_too_large");
    assert_eq!((problem.params["limit"].as_i64(), problem.params["most"].as_i64()), (Some(10), Some(201)));
    shop.till.discount_line(&line(Percent { percent: 10 })).unwrap();
    let both = shop.till.discount_ticket(&ticket(Percent { percent: 1 })).unwrap_err();
    assert_eq!(both.code(), "discount_too_large", "line and ticket together count");
    for nonsense in [Percent { percent: 101 }, Percent { percent: 0 }, Francs { amount: -5 }] {
        assert_eq!(shop.till.discount_line(&line(nonsense)).unwrap_err().code(), "field_invalid");
    }
    shop.sign_in("manager");
    shop.add(product, 2);
    shop.till.discount_line(&line(Percent { percent: 40 })).unwrap();
    shop.db().execute("UPDATE \"user\" SET role = 'cashier' WHERE login = 'manager'", []).unwrap();
    assert_eq!(shop.till.cart().unwrap().blocker.unwrap().code, "discount_too_large");
    assert_eq!(shop.try_sell().unwrap_err().code(), "discount_too_large", "by the role of now");
    shop.till.discount_line(&DiscountLineArgs { line: 1, discount: None }).unwrap();
    assert_eq!(shop.sell().total, 2_010);
}

#[test]
fn a_fixed_discount_never_exceeds_its_line() {
    let (shop, product) = shop();
    shop.hub.setting("sale.discountPercent", r#"{"cashier": 100}"#);
    shop.sync();
    shop.add(product, 3);
    shop.till.discount_line(&line(Francs { amount: 3_015 })).unwrap();
    let cart = shop.till.set_quantity(&SetQuantityArgs { line: 1, count: 1, unit: None }).unwrap();
    assert_eq!((cart.lines[0].discount, cart.total), (1_005, 0));
    assert_eq!(shop.sell().total, 0);
}

#[test]
fn the_total_is_rounded_to_the_shops_step_and_the_ticket_says_by_how_much() {
    let (shop, product) = shop();
    shop.hub.setting("sale.roundingStep", "500");
    shop.sync();
    let cart = shop.add(product, 1);
    assert_eq!((cart.subtotal, cart.rounding, cart.total), (1_005, -5, 1_000));
    assert_eq!(shop.sell().total, 1_000);
    let cart = shop.add(product, 2);
    assert_eq!((cart.rounding, cart.total), (-10, 2_000));
    shop.till.discount_ticket(&ticket(Francs { amount: 200 })).unwrap();
    let receipt = shop.sell();
    assert_eq!((receipt.discount, receipt.rounding, receipt.total), (200, 190, 2_000));
}

#[test]
fn a_refused_ticket_gives_its_discounts_back_to_the_cart() {
    let (shop, product) = shop();
    shop.add(product, 38);
    shop.sell();
    shop.sync();
    shop.add(product, 2);
    shop.till.discount_line(&line(Percent { percent: 5 })).unwrap();
    shop.till.discount_ticket(&ticket(Francs { amount: 60 })).unwrap();
    let total = shop.sell().total;
    shop.hub.judge(|operation| (operation.entity == "sale").then(|| short(1, 1)));
    shop.sync();
    let cart = shop.till.cart().unwrap();
    assert_eq!((cart.total, cart.lines[0].discount, cart.discount), (total, 100, 60));
}

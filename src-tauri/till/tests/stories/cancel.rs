//! « Annuler le dernier »: the ticket is taken back the way it was made, and its cart is there again.

use officine_protocol::Uid;
use officine_till::views::{
    CloseSessionArgs, DiscountLineArgs, DiscountView, MeansName::OrangeMoney, OpenSessionArgs, TicketKind,
};

use crate::support::{
    DAY, MINUTE, Shop,
    hub::{refuses_the_ticket, short},
    lots, sent,
};

const CODE: &str = "2000000000015";

fn shop() -> (Shop, Uid, [Uid; 2]) {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", CODE, Some(500));
    shop.hub.setting("sale.discountPercent", r#"{"cashier": 5}"#);
    let lots =
        [shop.hub.lot(product, "SOON", Some("2027-01-31"), 3), shop.hub.lot(product, "LATE", Some("2027-12-31"), 9)];
    shop.sync();
    (shop, product, lots)
}

fn refused(shop: &Shop) -> String {
    shop.till.cancel_last("").unwrap_err().code()
}

#[test]
fn goods_money_and_cart_come_back_as_they_were() {
    let (shop, product, [soon, late]) = shop();
    shop.add(product, 4);
    let five = Some(DiscountView::Percent { percent: 5 });
    shop.till.discount_line(&DiscountLineArgs { line: 1, discount: five }).unwrap();
    let sold = shop.pay(&[sent(OrangeMoney, 1_900, "OM1")], None).unwrap();
    let cancelled = shop.till.cancel_last("client parti").unwrap();
    let receipt = &cancelled.receipt;
    assert_eq!((receipt.kind, receipt.total, receipt.why.as_str()), (TicketKind::Cancellation, 1_900, "client parti"));
    assert_eq!(receipt.takes_back.as_deref(), Some(sold.number.as_str()));
    assert_eq!(receipt.payments, sold.payments, "back the way it came");
    assert_eq!((shop.quantity(soon), shop.quantity(late)), (3, 9), "no quarantine: the goods have not left");
    assert!(!cancelled.held);
    assert_eq!((cancelled.cart.total, lots(&cancelled.cart, 0)), (1_900, vec![("SOON".into(), 3), ("LATE".into(), 1)]));
    assert_eq!(refused(&shop), "ticket_returned", "once");
    assert_eq!(shop.sell().number, "2-000 003");
    shop.assert_sound();
}

#[test]
fn a_cart_begun_since_is_left_alone() {
    let (shop, product, _) = shop();
    shop.add(product, 1);
    shop.sell();
    shop.add(product, 2);
    let cancelled = shop.till.cancel_last("").unwrap();
    assert!(cancelled.held);
    assert_eq!((cancelled.cart.lines[0].count, cancelled.cart.held), (2, 1));
    assert_eq!(shop.till.sync_state().unwrap().to_regularise, 0, "nobody has to decide anything");
}

#[test]
fn what_is_not_the_last_own_ticket_of_the_day_is_refused_with_why() {
    let (shop, product, _) = shop();
    assert_eq!(refused(&shop), "ticket_none");
    shop.add(product, 1);
    let sold = shop.sell();
    shop.sign_in("cashier2");
    assert_eq!(refused(&shop), "ticket_not_own");
    shop.sign_in("pharmacist");
    let part = officine_till::views::ReturnSaleArgs { sale: sold.uid, ..Default::default() };
    shop.till.return_sale(&part).unwrap();
    shop.sign_in("cashier");
    assert_eq!(refused(&shop), "ticket_returned");
    shop.add(product, 1);
    shop.sell();
    shop.clock.advance(DAY);
    assert_eq!(refused(&shop), "ticket_too_old");
    shop.add(product, 1);
    shop.sell();
    shop.hub.setting("sale.cancelMinutes", "10");
    shop.sync();
    shop.clock.advance(10 * MINUTE + 1);
    assert_eq!(refused(&shop), "ticket_too_old");
    shop.add(product, 1);
    shop.sell();
    shop.hub.judge(|operation| (operation.entity == "sale").then(|| short(1, 0)));
    shop.sync();
    assert_eq!(refused(&shop), "ticket_reversed");
}

#[test]
fn a_ticket_of_a_drawer_that_is_closed_is_returned_and_not_cancelled() {
    let (shop, product, _) = shop();
    shop.till.open_session(&OpenSessionArgs { opening_float: 0 }).unwrap();
    shop.add(product, 1);
    shop.sell();
    shop.till.close_session(&CloseSessionArgs { counted: Some(500), ..Default::default() }).unwrap();
    assert_eq!(refused(&shop), "ticket_too_old");
}

#[test]
fn a_refusal_that_comes_after_the_cancellation_gives_nothing_back_twice() {
    let (shop, product, [soon, late]) = shop();
    shop.add(product, 4);
    shop.sell();
    shop.till.cancel_last("").unwrap();
    shop.till.clear_cart().unwrap();
    shop.hub.judge(refuses_the_ticket);
    shop.sync();
    assert_eq!((shop.quantity(soon), shop.quantity(late)), (3, 9));
    assert!(shop.till.cart().unwrap().lines.is_empty() && shop.till.list_held().unwrap().is_empty());
    shop.assert_sound();
}

//! A ticket is paid by several means, each reference once, and change comes from cash.

use officine_till::views::MeansName::{Cash, Credit, MtnMomo, OrangeMoney};

use crate::support::{DAY, Shop, hub::short, paid, sent};

const CODE: &str = "2000000000015";

fn shop() -> Shop {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", CODE, Some(5_000));
    shop.hub.lot(product, "A", None, 400);
    shop.sync();
    shop
}

#[test]
fn one_ticket_is_paid_by_operator_account_and_cash_with_change() {
    let shop = shop();
    let customer = shop.hub.customer("Mariama", "620000001", 10_000);
    shop.sync();
    for _ in 0..4 {
        shop.scan(CODE);
    }
    let payments = [sent(OrangeMoney, 8_000, " pp2611.x1 "), paid(Credit, 3_000), paid(Cash, 5_000), paid(Cash, 5_000)];
    let receipt = shop.pay(&payments, Some(customer)).unwrap();
    assert_eq!((receipt.total, receipt.tendered, receipt.change), (20_000, 21_000, 1_000));
    let stored: Vec<_> = receipt.payments.iter().map(|payment| (payment.means, payment.amount)).collect();
    assert_eq!(stored, [(OrangeMoney, 8_000), (Credit, 3_000), (Cash, 9_000)]);
    assert_eq!(receipt.payments[0].reference.as_deref(), Some("PP2611.X1"));
    assert_eq!(receipt.customer.as_deref(), Some("Mariama"));
    assert_eq!(shop.till.account(&customer.to_string()).unwrap().balance, 3_000);
    let operation = shop.one::<String>("SELECT CAST(payload AS TEXT) FROM outbox WHERE entity = 'sale'");
    assert!(operation.contains("PP2611.X1") && operation.contains("orange_money"), "{operation}");
}

#[test]
fn a_reference_pays_once_until_its_ticket_is_undone() {
    let shop = shop();
    let pay = |means, reference: &str| {
        shop.scan(CODE);
        let sold = shop.pay(&[sent(means, 5_000, reference)], None);
        shop.till.clear_cart().unwrap();
        sold
    };
    pay(OrangeMoney, "OM1").unwrap();
    let problem = pay(OrangeMoney, "om 1").unwrap_err().problem();
    assert_eq!((problem.code.as_str(), problem.params["ticket"].as_str()), ("reference_used", Some("2-000 001")));
    assert_eq!(pay(MtnMomo, "OM1").unwrap_err().code(), "reference_used", "whichever means was pressed");
    assert_eq!(pay(OrangeMoney, "").unwrap_err().code(), "reference_required");
    assert_eq!(pay(OrangeMoney, &"1".repeat(70)).unwrap_err().code(), "reference_invalid");
    shop.hub.judge(|operation| (operation.entity == "sale").then(|| short(1, 0)));
    shop.clock.advance(DAY);
    shop.sync();
    pay(OrangeMoney, "OM1").unwrap();
    shop.till.cancel_last("").unwrap();
    shop.till.clear_cart().unwrap();
    pay(MtnMomo, "OM1").unwrap();
}

#[test]
fn the_same_reference_twice_on_one_ticket_is_refused() {
    let shop = shop();
    shop.scan(CODE);
    let twice = [sent(OrangeMoney, 2_500, "A-1"), sent(MtnMomo, 2_500, "a-1")];
    assert_eq!(shop.pay(&twice, None).unwrap_err().code(), "reference_used");
}

#[test]
fn what_does_not_cover_the_total_or_names_nobody_is_refused_and_leaves_no_trace() {
    let shop = shop();
    shop.scan(CODE);
    for (payments, code) in [
        (vec![paid(Cash, 4_999)], "payments_short"),
        (vec![sent(OrangeMoney, 5_001, "A")], "payments_exceed"),
        (vec![paid(Credit, 5_000)], "customer_required"),
        (vec![paid(Cash, -5_000)], "field_invalid"),
        (vec![paid(Cash, 1); 17], "field_invalid"),
    ] {
        assert_eq!(shop.pay(&payments, None).unwrap_err().code(), code);
    }
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM sale"), 0);
    assert_eq!(shop.one::<i64>("SELECT last_number FROM till_state"), 0, "a refused act takes no number");
    assert_eq!(shop.till.cart().unwrap().lines.len(), 1, "the cart is as it was");
    shop.assert_sound();
}

#[test]
fn credit_ends_at_the_ceiling_unless_a_manager_may_go_beyond() {
    let shop = shop();
    let customer = shop.hub.customer("Mariama", "620000001", 7_000);
    shop.sync();
    let on_credit = || {
        shop.till.clear_cart().unwrap();
        shop.scan(CODE);
        shop.pay(&[paid(Credit, 5_000)], Some(customer))
    };
    on_credit().unwrap();
    let problem = on_credit().unwrap_err().problem();
    assert_eq!(problem.code, "ceiling_exceeded");
    let figures = ["ceiling", "balance", "amount"].map(|name| problem.params[name].as_i64().unwrap());
    assert_eq!(figures, [7_000, 5_000, 5_000]);
    shop.sign_in("manager");
    assert_eq!(on_credit().unwrap_err().code(), "ceiling_exceeded", "not unless the pharmacy says so");
    shop.hub.setting("sale.credit", "\"manager\"");
    shop.sync();
    on_credit().unwrap();
    shop.sign_in("cashier");
    assert_eq!(on_credit().unwrap_err().code(), "ceiling_exceeded");
}

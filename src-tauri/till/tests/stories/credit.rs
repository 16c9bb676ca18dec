//! Customers' accounts: what is owed follows from tickets, refunds and repayments.

use officine_protocol::Uid;
use officine_till::views::{
    AccountEntryKind,
    MeansName::{Cash, Credit, MtnMomo},
    PaymentArgs, ReceiptView, RepayArgs, ReturnSaleArgs,
};

use crate::support::{Shop, hub::short, paid, sent};

const CODE: &str = "2000000000015";

fn shop() -> (Shop, Uid) {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", CODE, Some(5_000));
    shop.hub.lot(product, "A", None, 400);
    let customer = shop.hub.customer("Mariama", "620000001", 20_000);
    shop.sync();
    (shop, customer)
}

fn on_credit(shop: &Shop, customer: Uid) -> ReceiptView {
    shop.scan(CODE);
    shop.pay(&[paid(Credit, 5_000)], Some(customer)).unwrap()
}

fn repay(
    shop: &Shop,
    customer: Option<Uid>,
    sale: Option<&ReceiptView>,
    payment: PaymentArgs,
) -> officine_till::Result<i64> {
    let customer = customer.map(|customer| customer.to_string());
    let args = RepayArgs { customer, sale: sale.map(|sale| sale.uid.clone()), payment: Some(payment) };
    Ok(shop.till.repay(&args)?.balance)
}

#[test]
fn an_account_tells_every_step_to_what_is_owed() {
    let (shop, customer) = shop();
    let first = on_credit(&shop, customer);
    shop.clock.advance(1);
    on_credit(&shop, customer);
    shop.clock.advance(1);
    assert_eq!(repay(&shop, Some(customer), None, paid(Cash, 2_000)).unwrap(), 8_000);
    shop.clock.advance(1);
    assert_eq!(repay(&shop, None, Some(&first), sent(MtnMomo, 1_000, "M1")).unwrap(), 7_000);
    shop.clock.advance(1);
    shop.sign_in("pharmacist");
    shop.till.return_sale(&ReturnSaleArgs { sale: first.uid.clone(), ..Default::default() }).unwrap();
    let account = shop.till.account(&customer.to_string()).unwrap();
    let entries: Vec<_> = account.entries.iter().map(|entry| (entry.kind, entry.amount, entry.balance)).collect();
    use AccountEntryKind::{Repayment, Return, Sale};
    assert_eq!(
        entries,
        [
            (Sale, 5_000, 5_000),
            (Sale, 5_000, 10_000),
            (Repayment, -2_000, 8_000),
            (Repayment, -1_000, 7_000),
            (Return, -5_000, 2_000)
        ]
    );
    assert_eq!((account.balance, account.ceiling, account.phone.as_str()), (2_000, 20_000, "620000001"));
    assert_eq!(account.entries[3].number, first.number);
    let debtors = shop.till.list_debtors().unwrap();
    assert_eq!((debtors.len(), debtors[0].balance), (1, 2_000));
    shop.sync();
    assert_eq!(shop.till.account(&customer.to_string()).unwrap().balance, 2_000);
}

#[test]
fn a_reversed_ticket_is_not_owed_and_what_was_paid_for_it_is_an_advance() {
    let (shop, customer) = shop();
    let sold = on_credit(&shop, customer);
    repay(&shop, None, Some(&sold), paid(Cash, 3_000)).unwrap();
    shop.hub.judge(|operation| (operation.entity == "sale").then(|| short(1, 0)));
    shop.sync();
    let account = shop.till.account(&customer.to_string()).unwrap();
    assert_eq!((account.balance, account.entries.len()), (-3_000, 1));
    assert_eq!(account.entries[0].kind, AccountEntryKind::Advance);
}

#[test]
fn a_repayment_that_makes_no_sense_is_refused() {
    let (shop, customer) = shop();
    let other = shop.hub.customer("Ibrahima", "620000002", 0);
    shop.sync();
    let sold = on_credit(&shop, customer);
    shop.scan(CODE);
    let anonymous = shop.sell();
    let nobody = Some(Uid::from_u128(5));
    let cases = [
        (repay(&shop, Some(customer), None, paid(Credit, 5)), "field_invalid"),
        (repay(&shop, Some(customer), None, paid(Cash, 0)), "field_invalid"),
        (repay(&shop, Some(customer), None, paid(MtnMomo, 5)), "reference_required"),
        (repay(&shop, None, None, paid(Cash, 5)), "customer_required"),
        (repay(&shop, None, Some(&anonymous), paid(Cash, 5)), "customer_required"),
        (repay(&shop, Some(other), Some(&sold), paid(Cash, 5)), "field_invalid"),
        (repay(&shop, nobody, None, paid(Cash, 5)), "reference_missing"),
    ];
    for (done, code) in cases {
        assert_eq!(done.unwrap_err().code(), code);
    }
    repay(&shop, Some(customer), None, sent(MtnMomo, 500, "M1")).unwrap();
    let twice = repay(&shop, Some(customer), None, sent(MtnMomo, 500, "m1")).unwrap_err().problem();
    assert_eq!((twice.code.as_str(), twice.params["ticket"].as_str()), ("reference_used", Some("Mariama")));
    shop.scan(CODE);
    assert_eq!(shop.pay(&[sent(MtnMomo, 5_000, "M1")], None).unwrap_err().code(), "reference_used");
}

#[test]
fn a_customer_archived_since_still_owes_and_repays_once_but_is_sold_nothing_more() {
    let (shop, customer) = shop();
    on_credit(&shop, customer);
    shop.hub.edit(customer, |row| row.archived_at = Some(1));
    shop.sync();
    assert_eq!(shop.till.list_debtors().unwrap()[0].balance, 5_000);
    assert_eq!(shop.till.customer_uid("620000001").unwrap(), customer.to_string());
    assert_eq!(repay(&shop, Some(customer), None, paid(Cash, 2_000)).unwrap(), 3_000);
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM credit_payment"), 1);
    shop.scan(CODE);
    assert_eq!(shop.pay(&[paid(Credit, 5_000)], Some(customer)).unwrap_err().code(), "reference_missing");
}

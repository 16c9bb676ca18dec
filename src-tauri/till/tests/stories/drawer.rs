//! The drawer: what must be in it, what was, and a closed one that never changes.

use std::collections::BTreeMap;

use officine_protocol::limits::LARGEST;
use officine_till::views::{
    CloseSessionArgs, DecisionName, ExpenseArgs, FeedSessionArgs, ListExpensesArgs,
    MeansName::{Cash, Credit, OrangeMoney},
    OpenSessionArgs, ReceiptView, RepayArgs, ReturnSaleArgs, SessionReport, SetQuantityArgs, SettleSaleArgs,
};

use crate::support::{
    DAY, MINUTE, Shop,
    hub::{refuses_the_ticket, short, unreachable},
    paid, sent,
};

const CODE: &str = "2000000000015";

fn shop() -> Shop {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", CODE, Some(5_000));
    shop.hub.lot(product, "A", None, 400);
    shop.sync();
    shop
}

fn open(shop: &Shop, opening_float: i64) -> SessionReport {
    shop.till.open_session(&OpenSessionArgs { opening_float }).unwrap()
}

fn close(shop: &Shop, counted: i64) -> SessionReport {
    shop.till.close_session(&CloseSessionArgs { counted: Some(counted), ..Default::default() }).unwrap()
}

fn feed(inward: bool, amount: i64) -> FeedSessionArgs {
    FeedSessionArgs { inward, amount, reason: "monnaie".into() }
}

fn sell(shop: &Shop) -> String {
    shop.scan(CODE);
    shop.sell().uid
}

#[test]
fn a_day_at_the_drawer_adds_up() {
    let shop = shop();
    let customer = shop.hub.customer("Mariama", "620000001", 20_000);
    shop.sync();
    shop.sign_in("pharmacist");
    open(&shop, 20_000);
    let first = sell(&shop);
    shop.scan(CODE);
    shop.pay(&[sent(OrangeMoney, 2_000, "OM1"), paid(Credit, 1_000), paid(Cash, 3_000)], Some(customer)).unwrap();
    shop.till.return_sale(&ReturnSaleArgs { sale: first, ..Default::default() }).unwrap();
    let customer = Some(customer.to_string());
    shop.till.repay(&RepayArgs { customer, sale: None, payment: Some(paid(Cash, 600)) }).unwrap();
    let expense = |payment| ExpenseArgs { category: "transport".into(), label: "taxi".into(), payment };
    shop.till.record_expense(&expense(paid(Cash, 1_500))).unwrap();
    shop.till.record_expense(&expense(sent(OrangeMoney, 700, "X"))).unwrap();
    shop.till.feed_session(&feed(true, 4_000)).unwrap();
    shop.till.feed_session(&feed(false, 10_000)).unwrap();
    let so_far = shop.till.session_report(None).unwrap();
    assert_eq!(so_far.expected, 20_000 + 5_000 + 2_000 - 5_000 + 600 - 1_500 + 4_000 - 10_000);
    let count = BTreeMap::from([("10000".to_owned(), 1), ("1000".to_owned(), 5)]);
    shop.hub.gate(|_| Some(unreachable()));
    let closed =
        shop.till.close_session(&CloseSessionArgs { count, note: "juste".into(), ..Default::default() }).unwrap();
    assert_eq!((closed.counted, closed.expected, closed.difference), (Some(15_000), 15_100, Some(-100)));
    assert_eq!((closed.sales, closed.sales_total, closed.returns, closed.returns_total), (2, 10_000, 1, 5_000));
    assert_eq!(closed.tickets, Some(("2-000 001".into(), "2-000 003".into())));
    let of = |means| closed.means.iter().find(|sums| sums.means == means).copied().unwrap();
    assert_eq!((of(Credit).sales, of(OrangeMoney).sales, of(OrangeMoney).expenses), (1_000, 2_000, 700));
    assert_eq!((of(Cash).sales, of(Cash).returns, of(Cash).repayments, of(Cash).expenses), (7_000, 5_000, 600, 1_500));
    assert_eq!(closed.users.len(), 1);
    assert_eq!((closed.users[0].sales, closed.users[0].returns_total), (2, 5_000));
    shop.hub.accept_all();
    let report = shop.sync();
    assert_eq!((report.rejected, report.problem.is_none()), (0, true));
    let spent = shop.till.list_expenses(&ListExpensesArgs { session: Some(closed.uid), ..Default::default() }).unwrap();
    assert_eq!(spent.iter().map(|row| row.payment.amount).sum::<i64>(), 2_200);
    assert_eq!(shop.till.list_expenses(&ListExpensesArgs::default()).unwrap().len(), 2);
}

#[test]
fn one_drawer_at_a_time_and_nothing_goes_into_a_closed_one() {
    let shop = shop();
    let opening = |opening_float| shop.till.open_session(&OpenSessionArgs { opening_float });
    assert_eq!(opening(-1).unwrap_err().code(), "field_invalid");
    assert_eq!(shop.till.session_report(None).unwrap_err().code(), "session_none");
    assert_eq!(shop.till.feed_session(&feed(true, 5)).unwrap_err().code(), "session_none");
    open(&shop, 1_000);
    assert_eq!(opening(0).unwrap_err().code(), "session_open");
    let silent = FeedSessionArgs { reason: " ".into(), ..feed(true, 5) };
    assert_eq!(shop.till.feed_session(&silent).unwrap_err().code(), "reason_missing");
    assert_eq!(shop.till.feed_session(&feed(true, 0)).unwrap_err().code(), "field_invalid");
    let closing = |args: CloseSessionArgs| shop.till.close_session(&args).map(|_| ()).unwrap_err().code();
    assert_eq!(closing(CloseSessionArgs::default()), "count_missing");
    let count = BTreeMap::from([("500".to_owned(), 3)]);
    assert_eq!(closing(CloseSessionArgs { counted: Some(1_000), count, ..Default::default() }), "count_mismatch");
    let count = BTreeMap::from([("x".to_owned(), 3)]);
    assert_eq!(closing(CloseSessionArgs { count, ..Default::default() }), "field_invalid");
    close(&shop, 1_000);
    assert_eq!(closing(CloseSessionArgs { counted: Some(0), ..Default::default() }), "session_none");
    let shop = shop.reopen();
    shop.sign_in("cashier");
    assert_eq!(shop.till.list_sessions().unwrap()[0].difference, Some(0));
}

#[test]
fn where_the_shop_wants_a_drawer_nothing_is_sold_without() {
    let shop = shop();
    sell(&shop);
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM sale WHERE cash_session_id IS NULL"), 1);
    shop.hub.setting("cash.sessionRequired", "true");
    shop.sync();
    shop.scan(CODE);
    assert_eq!(shop.try_sell().unwrap_err().code(), "session_required");
    open(&shop, 0);
    shop.sell();
    assert_eq!(shop.till.session_report(None).unwrap().expected, 5_000);
}

/// What the hub refuses once its paper is out; what happens in between comes from `meanwhile`.
fn refused(meanwhile: impl FnOnce(&Shop, &str)) -> (Shop, String) {
    let shop = shop();
    shop.sign_in("manager");
    open(&shop, 0);
    let sold = sell(&shop);
    meanwhile(&shop, &sold);
    shop.clock.advance(MINUTE);
    shop.hub.judge(|operation| (operation.entity == "sale").then(|| short(1, 0)));
    (shop, sold)
}

fn settle(shop: &Shop, sale: &str, decision: DecisionName) {
    let reason = "revu avec la caissière".to_owned();
    shop.till.settle_sale(&SettleSaleArgs { sale: sale.into(), decision, reason, payments: vec![] }).unwrap();
}

#[test]
fn the_money_of_a_refused_ticket_is_in_its_drawer_until_somebody_gives_it_back() {
    let (shop, sold) = refused(|_, _| {});
    shop.sync();
    let report = shop.till.session_report(None).unwrap();
    assert_eq!((report.expected, report.sales, report.late_reversals), (5_000, 1, 0));
    settle(&shop, &sold, DecisionName::Cancelled);
    let report = shop.till.session_report(None).unwrap();
    assert_eq!((report.expected, report.sales, report.late_reversals), (0, 1, 1));
    assert_eq!(report.tickets, Some(("2-000 001".into(), "2-000 002".into())));
}

/// The last boxes: the paper waits for the verdict.
fn sell_all(shop: &Shop) -> ReceiptView {
    shop.scan(CODE);
    shop.till.set_quantity(&SetQuantityArgs { line: 1, count: 400, unit: None }).unwrap();
    shop.sell()
}

#[test]
fn a_ticket_withdrawn_before_its_paper_was_out_was_never_in_the_drawer() {
    let shop = shop();
    open(&shop, 0);
    assert!(sell_all(&shop).paper_waits);
    shop.hub.judge(|operation| (operation.entity == "sale").then(|| short(1, 0)));
    shop.sync();
    let report = shop.till.session_report(None).unwrap();
    assert_eq!((report.expected, report.sales, report.late_reversals), (0, 0, 0));
}

/// Another till has decided otherwise of what was withdrawn here, or the refusal of a cancelled ticket comes a day late: no
/// drawer that is closed says anything else for it.
#[test]
fn what_is_closed_says_the_same_whatever_becomes_of_its_refused_tickets() {
    let shop = shop();
    open(&shop, 0);
    sell_all(&shop);
    shop.hub.judge(|operation| (operation.entity == "sale").then(|| short(1, 0)));
    shop.sync();
    let closed = close(&shop, 0);
    shop.db().execute("UPDATE sale_settlement SET superseded = 1", []).unwrap();
    let after = shop.till.session_report(Some(&closed.uid)).unwrap();
    assert_eq!((after.sales, after.sales_total, after.means), (closed.sales, closed.sales_total, closed.means));

    let shop = self::shop();
    open(&shop, 0);
    sell(&shop);
    shop.till.cancel_last("").unwrap();
    shop.till.clear_cart().unwrap();
    let closed = close(&shop, 0);
    open(&shop, 1_000);
    shop.hub.judge(refuses_the_ticket);
    shop.sync();
    let after = shop.till.session_report(Some(&closed.uid)).unwrap();
    assert_eq!((&after.tickets, after.means), (&closed.tickets, closed.means));
    let now = shop.till.session_report(None).unwrap().tickets;
    assert_eq!(now, Some(("2-000 003".into(), "2-000 003".into())), "the decision is a ticket of today");
}

#[test]
fn a_drawer_that_is_counted_has_let_all_papers_out() {
    let shop = shop();
    open(&shop, 0);
    sell_all(&shop);
    close(&shop, 2_000_000);
    shop.hub.judge(|operation| (operation.entity == "sale").then(|| short(1, 0)));
    shop.sync();
    assert_eq!(shop.till.list_sessions().unwrap()[0].sales, 1, "closed, it never changes");
    assert_eq!(shop.till.list_to_settle().unwrap().len(), 1);
}

#[test]
fn what_is_given_back_for_a_ticket_of_a_closed_drawer_leaves_the_one_open_then() {
    let (shop, sold) = refused(|shop, _| drop(close(shop, 5_000)));
    let closed = shop.till.list_sessions().unwrap().remove(0);
    open(&shop, 9_000);
    shop.sync();
    assert_eq!(shop.till.session_report(None).unwrap().expected, 9_000, "nobody has decided yet");
    settle(&shop, &sold, DecisionName::Cancelled);
    let after = shop.till.session_report(Some(&closed.uid)).unwrap();
    assert_eq!((after.expected, after.sales_total, after.means), (closed.expected, closed.sales_total, closed.means));
    let now = shop.till.session_report(None).unwrap();
    assert_eq!((now.expected, now.late_reversals), (4_000, 1));
    shop.clock.advance(DAY);
    assert_eq!(close(&shop, 4_000).difference, Some(0));
}

#[test]
fn what_came_back_before_was_given_back_before_and_what_is_kept_gives_nothing_back() {
    let (shop, sold) = refused(|shop, sold| {
        let payments = vec![paid(Cash, 5_000)];
        shop.till.return_sale(&ReturnSaleArgs { sale: sold.to_owned(), payments, ..Default::default() }).unwrap();
    });
    shop.sync();
    assert_eq!(shop.till.session_report(None).unwrap().expected, 0);
    assert!(shop.till.list_to_settle().unwrap()[0].to_give_back.is_empty());
    settle(&shop, &sold, DecisionName::Cancelled);
    assert_eq!(shop.till.session_report(None).unwrap().expected, 0);

    let (shop, sold) = refused(|_, _| {});
    shop.sync();
    settle(&shop, &sold, DecisionName::Kept);
    assert_eq!(shop.till.session_report(None).unwrap().expected, 5_000);
}

#[test]
fn a_drawer_is_never_fed_more_than_can_be_counted() {
    let shop = Shop::open();
    shop.sign_in("manager");
    shop.till.open_session(&OpenSessionArgs { opening_float: LARGEST }).unwrap();
    let feed = |amount, inward| {
        shop.till.feed_session(&FeedSessionArgs { inward, amount, reason: "fond".into() }).map_err(|error| error.code())
    };
    assert_eq!(feed(1, true).unwrap_err(), "field_invalid");
    feed(5, false).unwrap();
    feed(5, true).unwrap();
    shop.till.close_session(&CloseSessionArgs { counted: Some(LARGEST), ..Default::default() }).unwrap();
}

#[test]
fn an_expense_bears_no_reference_that_served_before() {
    let shop = Shop::open();
    shop.hub.product("Paracétamol", "2000000000015", Some(500));
    shop.sync();
    shop.sign_in("manager");
    let spend = |payment| {
        let expense = ExpenseArgs { category: "transport".into(), label: "taxi".into(), payment };
        shop.till.record_expense(&expense).map(drop).map_err(|error| error.code())
    };
    shop.scan("2000000000015");
    shop.till.mark_in_hand(1, true).unwrap();
    shop.pay(&[sent(OrangeMoney, 500, "OM1")], None).unwrap();
    assert_eq!(spend(sent(OrangeMoney, 500, "om1")).unwrap_err(), "reference_used");
    spend(sent(OrangeMoney, 500, "OM2")).unwrap();
    assert_eq!(spend(sent(OrangeMoney, 500, "OM 2")).unwrap_err(), "reference_used");
    spend(sent(Cash, 500, "OM2")).unwrap();
    shop.scan("2000000000015");
    shop.till.mark_in_hand(1, true).unwrap();
    assert_eq!(shop.pay(&[sent(OrangeMoney, 500, "OM2")], None).unwrap_err().code(), "reference_used");
}

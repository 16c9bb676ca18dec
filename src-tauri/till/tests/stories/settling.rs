//! « À régulariser »: a ticket refused after its paper was out waits, and whoever may decides what becomes of it.

use std::sync::{Arc, Mutex};

use officine_protocol::{
    Uid,
    entities::{SALE, SALE_SETTLEMENT},
    messages::{Corrections, Operation, Outcome},
    params,
    record::Record,
    ticket,
};
use officine_till::{
    Result,
    views::{
        DecisionName::{self, Cancelled, Kept, Withdrawn},
        ListSalesArgs,
        MeansName::{Cash, Credit, OrangeMoney},
        Notice, ReceiptView, ReturnLineArgs, ReturnSaleArgs, SaleStateName, SettleSaleArgs,
    },
};
use serde_json::json;

use crate::support::{Shop, hub::short, paid, sent};

struct Story {
    shop: Shop,
    lot: Uid,
    customer: Uid,
    sale: String,
    told: Arc<Mutex<Vec<Notice>>>,
}

/// Five of nine boxes sold for 2 500, 1 000 of them on credit and 500 by telephone; the hub refuses them too late.
fn refused() -> Story {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", "2000000000015", Some(500));
    let lot = shop.hub.lot(product, "A", Some("2027-12-31"), 9);
    let customer = shop.hub.customer("Mariama", "620000001", 20_000);
    shop.sync();
    let told: Arc<Mutex<Vec<Notice>>> = Arc::default();
    let heard = told.clone();
    shop.till.listen(move |notice| heard.lock().unwrap().push(notice.clone()));
    shop.add(product, 5);
    let payments = [paid(Credit, 1_000), sent(OrangeMoney, 500, "OM1"), paid(Cash, 1_000)];
    let sale = shop.pay(&payments, Some(customer)).unwrap();
    assert!(!sale.paper_waits);
    shop.hub.judge(|operation| (operation.entity == "sale").then(|| short(1, 3)));
    shop.sync();
    Story { shop, lot, customer, sale: sale.uid, told }
}

impl Story {
    fn settle(&self, decision: DecisionName) -> Result<ReceiptView> {
        let reason = "vu avec la caissière".to_owned();
        self.shop.till.settle_sale(&SettleSaleArgs { sale: self.sale.clone(), decision, reason, payments: vec![] })
    }

    fn balance(&self) -> i64 {
        self.shop.till.account(&self.customer.to_string()).unwrap().balance
    }
}

#[test]
fn it_waits_with_all_that_is_needed_to_decide() {
    let story = refused();
    let shop = &story.shop;
    assert!(shop.till.cart().unwrap().lines.is_empty() && shop.till.list_held().unwrap().is_empty());
    assert_eq!((shop.quantity(story.lot), shop.till.sync_state().unwrap().to_regularise), (9, 1));
    let told = story.told.lock().unwrap();
    let waiting: Vec<_> = told.iter().filter(|notice| matches!(notice, Notice::SaleToSettle { .. })).collect();
    let [Notice::SaleToSettle { sale }] = waiting.as_slice() else { panic!("{told:?}") };
    assert_eq!((sale.number.as_str(), sale.seller.as_str(), sale.total), ("2-000 001", "cashier", 2_500));
    assert_eq!(
        (sale.customer.as_deref(), sale.reason.as_ref().unwrap().params["available"].as_i64()),
        (Some("Mariama"), Some(3))
    );
    assert_eq!((sale.lines[0].quantity, sale.lines[0].available, sale.lines[0].short), (5, 9, 0));
    assert_eq!(sale.to_give_back.iter().map(|payment| payment.amount).sum::<i64>(), 2_500);
}

#[test]
fn a_cashier_does_not_decide_and_who_decides_says_why() {
    let story = refused();
    assert_eq!(story.settle(Kept).unwrap_err().code(), "forbidden");
    story.shop.sign_in("manager");
    assert_eq!(story.settle(Withdrawn).unwrap_err().code(), "field_invalid");
    let silent = SettleSaleArgs { sale: story.sale.clone(), decision: Kept, reason: " x".into(), payments: vec![] };
    assert_eq!(story.shop.till.settle_sale(&silent).unwrap_err().code(), "reason_missing");
    let elsewhere =
        SettleSaleArgs { decision: Cancelled, reason: "rendu".into(), payments: vec![paid(Cash, 2_500)], ..silent };
    assert_eq!(story.shop.till.settle_sale(&elsewhere).unwrap_err().code(), "field_invalid", "the account is its own");
    assert_eq!(story.shop.one::<i64>("SELECT count(*) FROM sale_settlement"), 0);
}

#[test]
fn kept_the_goods_have_left_and_what_is_owed_counts() {
    let story = refused();
    let shop = &story.shop;
    assert_eq!(story.balance(), 0);
    shop.sign_in("manager");
    let receipt = story.settle(Kept).unwrap();
    assert_eq!((receipt.state, shop.quantity(story.lot), story.balance()), (SaleStateName::Regularised, 4, 1_000));
    let settled = receipt.settled.unwrap();
    assert_eq!((settled.number.as_str(), settled.by.as_str(), settled.total), ("2-000 002", "manager", 0));
    assert!(shop.till.list_to_settle().unwrap().is_empty());
    let args = ListSalesArgs { text: String::new(), states: vec![], flagged: false, after: None, limit: 9 };
    let listed = shop.till.list_sales(&args).unwrap().rows;
    assert_eq!((listed.len(), listed[0].state, listed[0].settled), (1, SaleStateName::Regularised, Some(Kept)));
    let again = story.settle(Cancelled).unwrap_err().problem();
    assert_eq!((again.code.as_str(), again.params["by"].as_str()), ("already_settled", Some("manager")));
    let states = "SELECT group_concat(old || new, ' ') FROM change_log WHERE entity = 'sale' AND field = 'state'";
    assert_eq!(shop.one::<String>(states), r#""recorded""reversed" "reversed""regularised""#);
    let back = ReturnSaleArgs {
        sale: story.sale.clone(),
        lines: vec![ReturnLineArgs {
            line: 1,
            quantity: 2,
            disposition: Some(officine_till::views::DispositionName::Shelf),
        }],
        ..Default::default()
    };
    shop.till.return_sale(&back).unwrap();
    assert_eq!(shop.quantity(story.lot), 6, "it is returned as any other");
    shop.assert_sound();
}

#[test]
fn the_decision_is_a_ticket_of_the_chain_and_counts_from_the_sale() {
    let story = refused();
    story.shop.clock.advance(3_600_000);
    story.shop.sign_in("manager");
    story.settle(Kept).unwrap();
    let recorded = story.shop.recorded();
    let of = |entity: &str| recorded.iter().find(|operation| operation.entity == entity).unwrap();
    let (sale, settlement) = (of("sale"), of("saleSettlement"));
    assert_eq!(settlement.fields["previousHash"], sale.fields["hash"]);
    assert_eq!(settlement.fields["soldAt"], sale.fields["occurredAt"]);
    assert_ne!(settlement.fields["occurredAt"], sale.fields["occurredAt"]);
    let mut record = Record::new(&SALE_SETTLEMENT, settlement.uid, 0);
    record.values = officine_protocol::record::decode_fields(&SALE_SETTLEMENT, &settlement.fields).unwrap();
    record.parts = officine_protocol::record::decode_parts(&SALE_SETTLEMENT, &settlement.parts).unwrap();
    let hash = ticket::link(&SALE_SETTLEMENT, &record);
    assert_eq!(record.get(&SALE_SETTLEMENT, "hash").bytes(), Some(hash.as_slice()));
    assert_eq!(settlement.parts["movements"][0]["source"], "regularised");
}

#[test]
fn another_decision_was_first_and_this_till_is_told() {
    let story = refused();
    let shop = &story.shop;
    shop.sign_in("manager");
    story.settle(Kept).unwrap();
    let lot = story.lot;
    shop.hub.judge(move |operation| {
        let undone = json!({
            "line": 1, "step": 1, "batch": lot, "delta": 5, "source": "reversal", "lotNumber": "A", "expiry": "2027-12-31",
        });
        let corrections = Corrections {
            movements: vec![undone.as_object().unwrap().clone()],
            fields: json!({ "superseded": true, "flagged": true }).as_object().unwrap().clone(),
            ..Corrections::default()
        };
        let accepted = Outcome::Accepted { server_id: 77, rev: 77, corrections };
        (operation.entity == "saleSettlement").then_some(accepted)
    });
    shop.sync();
    let receipt = shop.till.receipt(&story.sale).unwrap();
    assert_eq!((receipt.state, shop.quantity(lot), story.balance()), (SaleStateName::Reversed, 9, 0));
    assert!(receipt.settled.unwrap().superseded);
    let told = story.told.lock().unwrap();
    let forestalled = told.iter().filter(|notice| matches!(notice, Notice::SaleAlreadySettled { .. }));
    assert_eq!(forestalled.count(), 1);
    shop.assert_sound();
}

#[test]
fn any_till_settles_what_it_has_pulled() {
    let story = refused();
    let (_, sale) = story.shop.recorded().into_iter().enumerate().find(|(_, op)| op.entity == "sale").unwrap();
    let shop = Shop::open();
    let mut record = Record::new(&SALE, sale.uid, sale.occurred_at);
    record.values = officine_protocol::record::decode_fields(&SALE, &sale.fields).unwrap();
    record.parts = officine_protocol::record::decode_parts(&SALE, &sale.parts).unwrap();
    let product = shop.hub.product("Paracétamol", "2000000000015", Some(500));
    let lot = shop.hub.lot(product, "A", Some("2027-12-31"), 9);
    shop.sync();
    assert_eq!((lot, product), (story.lot, product), "the same names on both tills");
    record.set(&SALE, "series", 7).set(&SALE, "state", "reversed").set(&SALE, "reason_code", "stock_insufficient");
    record.set(&SALE, "customer", officine_protocol::value::Value::Null);
    record.set(&SALE, "user", Uid::parse_str(&shop.person("cashier")).unwrap());
    let rows = record.part_mut(&SALE, "movements").unwrap();
    let mut undone = rows[0].clone();
    (undone[1], undone[3], undone[4]) = (1.into(), 5.into(), "reversal".into());
    rows.push(undone);
    shop.hub.send(&SALE, &record);
    shop.sync();
    let waits = shop.till.list_to_settle().unwrap();
    assert_eq!((waits.len(), waits[0].till.as_str(), shop.quantity(lot)), (1, "Caisse 7", 9));
    shop.sign_in("manager");
    let args = SettleSaleArgs { sale: waits[0].uid.clone(), decision: Kept, reason: "vendu".into(), payments: vec![] };
    shop.till.settle_sale(&args).unwrap();
    assert_eq!(shop.quantity(lot), 4);
}

fn not_permitted(operation: &Operation) -> Option<Outcome> {
    let (server_id, rev) = (Some(78), Some(78));
    let refused = Outcome::Rejected { code: "not_permitted".into(), params: params! {}, server_id, rev };
    (operation.entity == "saleSettlement").then_some(refused)
}

/// The manager was demoted meanwhile, or the hub has no row for the decision at all: either way nothing is decided.
#[test]
fn a_decision_that_the_hub_refuses_is_undone_and_the_ticket_waits_again() {
    let unstored = |operation: &Operation| match not_permitted(operation) {
        Some(Outcome::Rejected { code, params, .. }) => {
            Some(Outcome::Rejected { code, params, server_id: None, rev: None })
        }
        other => other,
    };
    for judge in [not_permitted as fn(&Operation) -> Option<Outcome>, unstored] {
        let story = refused();
        let shop = &story.shop;
        shop.sign_in("manager");
        story.settle(Kept).unwrap();
        assert_eq!(shop.quantity(story.lot), 4);
        shop.hub.judge(judge);
        shop.sync();
        let receipt = shop.till.receipt(&story.sale).unwrap();
        assert_eq!((receipt.state, shop.quantity(story.lot), story.balance()), (SaleStateName::Reversed, 9, 0));
        assert_eq!(shop.till.list_to_settle().unwrap().len(), 1);
        assert!(shop.till.sync_state().unwrap().queue.rejected > 0, "somebody sees why");
        shop.hub.accept_all();
        story.settle(Cancelled).unwrap();
        assert_eq!(shop.till.receipt(&story.sale).unwrap().settled.unwrap().number, "2-000 003");
        shop.assert_sound();
    }
}

/// A ticket that the hub can not even store waits for a decision as any other, whatever becomes of its operation.
#[test]
fn a_ticket_refused_without_being_stored_waits_too() {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", "2000000000015", Some(500));
    let lot = shop.hub.lot(product, "A", Some("2027-12-31"), 9);
    shop.sync();
    shop.add(product, 5);
    let sale = shop.sell();
    shop.hub.judge(|operation| {
        let params = params! { series: 2, number: 1 };
        let refused = Outcome::Rejected { code: "number_taken".into(), params, server_id: None, rev: None };
        (operation.entity == "sale").then_some(refused)
    });
    shop.sync();
    assert_eq!((shop.state_of(&sale).as_str(), shop.quantity(lot)), ("reversed", 9));
    shop.sign_in("manager");
    shop.till.clear_queue().unwrap();
    let waits = shop.till.list_to_settle().unwrap();
    assert_eq!((waits.len(), waits[0].reason.as_ref().unwrap().code.as_str()), (1, "number_taken"));
    shop.assert_sound();
}

/// Whoever decided is told once, even where the till fell between the answer and the telling.
#[test]
fn a_decision_forestalled_is_told_after_a_fall_and_once() {
    let story = refused();
    let shop = &story.shop;
    shop.sign_in("manager");
    story.settle(Cancelled).unwrap();
    shop.sync();
    shop.db().execute("UPDATE sale_settlement SET superseded = 1", []).unwrap();
    shop.sync();
    shop.sync();
    let told = story.told.lock().unwrap();
    assert_eq!(told.iter().filter(|notice| matches!(notice, Notice::SaleAlreadySettled { .. })).count(), 1);
}

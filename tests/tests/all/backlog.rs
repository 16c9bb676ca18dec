//! A till that was away for long comes back with a refused ticket in the middle of its queue: nothing else waits.

use std::{collections::BTreeMap, sync::Arc};

use officine_tests::{
    Shop,
    shop::{code, sync},
    till,
};
use officine_till::{
    Till, Trigger,
    views::{
        CommitSaleArgs, MeansName, PaymentArgs, ReceiptView, RepayArgs, ReturnLineArgs, ReturnSaleArgs, SaleStateName,
        ScanArgs,
    },
};
use serde_json::json;

/// Sales in the queue; as many as `OFFICINE_BACKLOG` says, for whoever has the time.
const SALES: usize = 1_000;
const PRODUCTS: usize = 20;
const SCARCE: usize = PRODUCTS - 1;

fn cash(amount: i64) -> PaymentArgs {
    PaymentArgs { means: MeansName::Cash, amount, reference: None }
}

fn on_credit(till: &Till, customer: &str) -> ReceiptView {
    let cart = till.scan(&ScanArgs { code: code(SCARCE), count: 2 }).unwrap().cart;
    let payments = vec![PaymentArgs { means: MeansName::Credit, amount: cart.total, reference: None }];
    let customer = Some(customer.to_owned());
    till.commit_sale(&CommitSaleArgs { expected_total: cart.total, payments, customer, ..Default::default() }).unwrap()
}

fn some(till: &Arc<Till>, count: usize) -> Vec<ReceiptView> {
    (0..count).map(|n| till::sell(till, &code(n % SCARCE), 1)).collect()
}

#[test]
fn a_refused_ticket_in_a_long_queue_holds_nothing_up() {
    let sales = std::env::var("OFFICINE_BACKLOG").ok().and_then(|text| text.parse().ok()).unwrap_or(SALES);
    let boxes = sales / 10;
    let shop = Shop::open();
    let away = shop.first_till(&shop.hub.url(), PRODUCTS, boxes as i64);
    let fields = json!({ "name": "Aïssatou Bah", "phone": "622123456", "creditCeiling": 1_000_000 });
    let customer = away.create_customer(fields.as_object().unwrap()).unwrap()["uid"].as_str().unwrap().to_owned();
    sync(&away);
    let near = shop.next_till("caisse-2");
    till::sell(&near, &code(SCARCE), boxes as i64 - 1);
    sync(&near);

    let mut sold = some(&away, sales / 2);
    let refused = on_credit(&away, &customer);
    let lines = vec![ReturnLineArgs { line: 1, quantity: 1, disposition: None }];
    let reason = "erreur de boîte".to_owned();
    away.return_sale(&ReturnSaleArgs { sale: refused.uid.clone(), lines, reason, payments: vec![] }).unwrap();
    let payment = Some(cash(1_000));
    away.repay(&RepayArgs { customer: None, sale: Some(refused.uid.clone()), payment }).unwrap();
    sold.extend(some(&away, sales / 2 - 1));

    let queued = away.sync_state().unwrap().queue.waiting;
    assert!(queued as usize >= sales + 2);
    let report = away.sync_now(Trigger::Manual).unwrap();
    assert!(report.problem.is_none(), "{:?}", report.problem);
    assert_eq!((report.rejected, report.accepted), (1, queued - 1), "{report:?}");
    let mut states: BTreeMap<String, usize> = BTreeMap::new();
    for receipt in &sold {
        *states.entry(format!("{:?}", till::state(&away, &receipt.uid))).or_default() += 1;
    }
    assert_eq!(states, BTreeMap::from([("Confirmed".to_owned(), sales - 1)]));
    assert_ne!(till::state(&away, &refused.uid), SaleStateName::Confirmed);
    let state = away.sync_state().unwrap();
    let queue = state.queue;
    assert_eq!([queue.waiting, queue.sent, queue.deferred, queue.blocked, queue.rejected], [0; 5]);
    assert_eq!(state.to_regularise, 1);
    sync(&near);
    for product in 0..PRODUCTS {
        assert_eq!(till::stock_of(&near, &code(product)), till::stock_of(&away, &code(product)), "{product}");
    }
}

//! The way up: what is sent stays as it was frozen, and leaves the queue only with a verdict.

use officine_protocol::{
    Uid,
    messages::{Corrections, Missing, Operation, Outcome},
    params,
};
use officine_till::{
    Error,
    views::{ListQueueArgs, Network, QueueRow, SetPriceArgs},
};
use serde_json::json;

use crate::support::{MINUTE, Shop};

const CODE: &str = "2000000000015";

fn stocked() -> (Shop, Uid, Uid) {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", CODE, Some(500));
    let lot = shop.hub.lot(product, "A", Some("2027-12-31"), 20);
    shop.sync();
    (shop, product, lot)
}

fn queue(shop: &Shop) -> Vec<QueueRow> {
    shop.till.list_queue(&ListQueueArgs { state: None, limit: 200 }).unwrap().rows
}

fn price(shop: &Shop, product: Uid, price: i64) {
    shop.sign_in("manager");
    shop.till.set_price(&SetPriceArgs { product: product.to_string(), unit: 0, price }).unwrap();
    shop.sign_in("cashier");
}

#[test]
fn an_accepted_sale_is_confirmed() {
    let (shop, product, lot) = stocked();
    shop.add(product, 2);
    let receipt = shop.sell();
    assert_eq!(shop.state_of(&receipt), "recorded");
    let report = shop.sync();
    assert_eq!((report.processed, report.accepted, report.problem.is_none()), (1, 1, true));
    assert_eq!(shop.state_of(&receipt), "confirmed");
    assert_eq!((queue(&shop).len(), shop.quantity(lot)), (0, 18));
    assert_eq!(shop.sync().processed, 0, "nothing is left to say");
    shop.assert_sound();
}

#[test]
fn a_lost_answer_is_asked_for_again_with_the_same_bytes_and_counts_once() {
    let (shop, product, lot) = stocked();
    shop.add(product, 2);
    let receipt = shop.sell();
    shop.hub.lose_answers(2);
    assert_eq!(shop.sync().problem.unwrap().code, "hub_unreachable");
    assert_eq!(shop.till.sync_state().unwrap().network, Network::Offline);
    assert_eq!(shop.state_of(&receipt), "recorded");
    let shop = shop.reopen();
    shop.sync();
    let report = shop.sync();
    assert_eq!((report.accepted, report.duplicate), (0, 1));
    let sent: Vec<_> = shop.hub.sent().into_iter().filter(|operations| !operations.is_empty()).collect();
    assert_eq!(sent.len(), 3);
    assert!(sent.iter().all(|operations| *operations == sent[0]), "frozen bytes never change");
    assert_eq!((shop.state_of(&receipt).as_str(), shop.quantity(lot)), ("confirmed", 18));
    shop.assert_sound();
}

#[test]
fn a_correction_counts_once_though_the_pull_echoes_it() {
    let (shop, product, lot) = stocked();
    let other = shop.hub.lot(product, "B", Some("2028-12-31"), 20);
    shop.sync();
    shop.add(product, 5);
    let receipt = shop.sell();
    let moved = [(lot, 5, "A"), (other, -5, "B")];
    let rows: Vec<_> = moved
        .map(|(lot, delta, number)| {
            let row =
                json!({"line": 1, "step": 1, "batch": lot, "delta": delta, "source": "transfer", "lotNumber": number});
            row.as_object().unwrap().clone()
        })
        .into();
    let (movements, hub) = (rows, shop.hub.clone());
    shop.hub.judge(move |_| {
        let corrections = Corrections { movements: movements.clone(), ..Corrections::default() };
        Some(Outcome::Accepted { server_id: 70, rev: hub.next_rev(), corrections })
    });
    shop.sync();
    assert_eq!((shop.quantity(lot), shop.quantity(other)), (20, 15));
    let (_, sale) = stored_sale(&shop, &receipt.uid);
    let echo = shop.hub.row(&officine_protocol::entities::SALE, &sale);
    assert_eq!(echo.parts["movements"].len(), 3, "the ticket's own and the two of the correction");
    shop.hub.serve(echo);
    shop.sync();
    assert_eq!((shop.quantity(lot), shop.quantity(other)), (20, 15));
    assert_eq!(shop.till.receipt(&receipt.uid).unwrap().lines[0].lots[0].lot_number, "A", "the printed lot stays");
    assert!(shop.one::<bool>("SELECT flagged FROM sale"));
    let flags = shop.till.receipt(&receipt.uid).unwrap().flags;
    assert_eq!(flags.iter().map(|flag| flag.code.as_str()).collect::<Vec<_>>(), ["lot_short"]);
    shop.assert_sound();
}

/// A sale as it lies in the store.
fn stored_sale(shop: &Shop, uid: &str) -> (i64, officine_protocol::record::Record) {
    let sale = &officine_protocol::entities::SALE;
    officine_till::store::rows::get(&shop.db(), sale, Uid::try_parse(uid).unwrap()).unwrap().unwrap()
}

#[test]
fn a_correction_onto_a_lot_not_known_here_yet_waits_for_the_pull() {
    let (shop, product, lot) = stocked();
    shop.add(product, 5);
    let receipt = shop.sell();
    let (hub, unknown) = (shop.hub.clone(), shop.hub.lot(product, "B", Some("2028-12-31"), 20));
    shop.hub.judge(move |_| {
        let movements = [(lot, 5, "A"), (unknown, -5, "B")].map(|(lot, delta, number)| {
            let row =
                json!({"line": 1, "step": 1, "batch": lot, "delta": delta, "source": "transfer", "lotNumber": number});
            row.as_object().unwrap().clone()
        });
        let corrections = Corrections { movements: movements.into(), ..Corrections::default() };
        Some(Outcome::Accepted { server_id: 70, rev: hub.next_rev(), corrections })
    });
    let report = shop.sync();
    assert!(report.problem.is_none(), "{:?}", report.problem);
    assert_eq!(shop.state_of(&receipt), "confirmed");
    assert_eq!(shop.quantity(lot), 20);
    let (_, mut sale) = stored_sale(&shop, &receipt.uid);
    let transfer = crate::support::hub::movement(1, 1, unknown, -5, "transfer", "B");
    sale.part_mut(&officine_protocol::entities::SALE, "movements").unwrap().push(transfer);
    shop.hub.send(&officine_protocol::entities::SALE, &sale);
    shop.sync();
    assert_eq!((shop.quantity(lot), shop.quantity(unknown)), (20, 15));
    shop.assert_sound();
}

#[test]
fn what_the_hub_misses_is_sent_again_and_later_accepted() {
    let (shop, product, _) = stocked();
    price(&shop, product, 600);
    shop.add(product, 1);
    let receipt = shop.sell();
    shop.hub.judge(move |operation: &Operation| {
        let missing = vec![Missing { entity: "product".into(), uid: product }];
        (operation.entity == "sale").then_some(Outcome::Deferred { missing })
    });
    shop.hub.gate(|_| None);
    assert_eq!(shop.sync().blocked, 0);
    let waiting = queue(&shop);
    assert_eq!(waiting.len(), 1, "the price went through");
    assert_eq!(waiting[0].problem.as_ref().unwrap().code, "reference_missing");
    assert_eq!(shop.state_of(&receipt), "recorded");
    shop.hub.accept_all();
    shop.sign_in("manager");
    shop.till.retry_operation(waiting[0].seq).unwrap();
    shop.clock.advance(MINUTE);
    shop.sync();
    assert_eq!(shop.state_of(&receipt), "confirmed");
}

#[test]
fn deferred_for_something_still_in_the_queue_it_goes_again_by_itself() {
    let (shop, product, _) = stocked();
    shop.sign_in("manager");
    let fields = json!({ "name": "Coton" });
    let born = shop.till.create_product(fields.as_object().unwrap(), &[], &[]).unwrap();
    let born = Uid::try_parse(born["uid"].as_str().unwrap()).unwrap();
    shop.add(product, 1);
    let receipt = shop.sell();
    let missing = Missing { entity: "product".into(), uid: born };
    shop.hub.judge(move |_| Some(Outcome::Deferred { missing: vec![missing.clone()] }));
    let report = shop.sync();
    assert_eq!((report.deferred, report.blocked), (2, 0));
    assert_eq!(shop.till.sync_state().unwrap().queue.deferred, 2);
    shop.hub.accept_all();
    assert_eq!(shop.sync().processed, 0, "not before its time");
    shop.clock.advance(MINUTE);
    assert_eq!(shop.sync().accepted, 2);
    assert_eq!(shop.state_of(&receipt), "confirmed");
}

#[test]
fn a_refused_change_is_shown_and_holds_up_nothing_else() {
    let (shop, product, _) = stocked();
    price(&shop, product, 600);
    shop.add(product, 1);
    let receipt = shop.sell();
    shop.hub.judge(|operation| {
        let params = params! { field: "price" };
        let refused = Outcome::Rejected { code: "field_invalid".into(), params, server_id: None, rev: None };
        (operation.entity == "product").then_some(refused)
    });
    let report = shop.sync();
    assert_eq!((report.accepted, report.rejected), (1, 1));
    assert_eq!(shop.state_of(&receipt), "confirmed");
    let left = queue(&shop);
    let shown = (left[0].state.as_str(), left[0].label.as_str(), left[0].problem.as_ref().unwrap().code.as_str());
    assert_eq!((left.len(), shown), (1, ("rejected", "Paracétamol", "field_invalid")));
    assert_eq!(shop.sync().processed, 0, "it is not sent again");
}

#[test]
fn a_request_refused_whole_is_halved_until_the_one_at_fault_stands_alone() {
    let (shop, product, _) = stocked();
    let mut receipts = Vec::new();
    for _ in 0..7 {
        shop.add(product, 1);
        receipts.push(shop.sell());
    }
    let culprit = receipts[4].uid.clone();
    shop.hub.gate(move |request| {
        let hit = request.operations.iter().any(|sent| sent.operation.get().contains(&culprit));
        hit.then(|| Error::hub("operation_unreadable", params! { status: 400, index: 0 }))
    });
    let report = shop.sync();
    assert_eq!((report.accepted, report.blocked, report.problem.is_none()), (6, 1, true));
    let blocked = queue(&shop);
    assert_eq!((blocked.len(), blocked[0].state.as_str(), blocked[0].label.as_str()), (1, "blocked", "2-000 005"));
    assert_eq!(blocked[0].problem.as_ref().unwrap().code, "operation_unreadable");
    shop.hub.accept_all();
    shop.sign_in("manager");
    shop.till.retry_operation(blocked[0].seq).unwrap();
    shop.sync();
    assert!(receipts.iter().all(|receipt| shop.state_of(receipt) == "confirmed"));
}

#[test]
fn an_answer_without_verdicts_ends_the_run_and_loses_nothing() {
    let (shop, product, _) = stocked();
    shop.add(product, 1);
    let receipt = shop.sell();
    shop.hub.forget_verdicts(1);
    assert_eq!(shop.sync().problem.unwrap().code, "hub_refused");
    assert_eq!(shop.state_of(&receipt), "recorded");
    assert_eq!(shop.sync().duplicate, 1);
    assert_eq!(shop.state_of(&receipt), "confirmed");
}

#[test]
fn a_hub_that_is_down_behind_its_proxy_blocks_nothing() {
    for status in [502, 503, 504] {
        let (shop, product, _) = stocked();
        for _ in 0..3 {
            shop.add(product, 1);
            shop.sell();
        }
        shop.hub.gate(move |_| Some(Error::hub("hub_refused", params! { hub: "h", status: status, detail: "" })));
        assert_eq!(shop.sync().problem.unwrap().code, "hub_refused");
        assert_eq!(shop.till.sync_state().unwrap().queue.blocked, 0, "{status}");
        shop.hub.accept_all();
        assert_eq!(shop.sync().accepted, 3);
    }
}

//! Tickets refused before the hub looked at them: of some it keeps what it can read, of others nothing.

use officine_protocol::{
    Uid,
    entities::SALE,
    messages::{Missing, Operation, Outcome},
    params,
    record::{Record, decode_fields, decode_parts},
};
use officine_till::views::{
    DecisionName::{Cancelled, Kept},
    DispositionName, ListQueueArgs, SettleSaleArgs,
};

use crate::{
    returns::{back, take},
    support::Shop,
};

/// Nine boxes of a lot, five of them sold.
fn sold() -> (Shop, Uid, String) {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", "2000000000015", Some(500));
    let lot = shop.hub.lot(product, "A", Some("2027-12-31"), 9);
    shop.sync();
    shop.sign_in("manager");
    shop.add(product, 5);
    let sale = shop.sell().uid;
    (shop, lot, sale)
}

/// The number was another ticket's: the hub has no row of it, and can resolve nothing that names it.
fn number_taken(sale: Uid) -> impl Fn(&Operation) -> Option<Outcome> {
    move |operation| match operation.entity.as_str() {
        "sale" => {
            let params = params! { series: 2, number: 1 };
            Some(Outcome::Rejected { code: "number_taken".into(), params, server_id: None, rev: None })
        }
        "saleSettlement" | "saleReturn" => {
            Some(Outcome::Deferred { missing: vec![Missing { entity: "sale".into(), uid: sale }] })
        }
        _ => None,
    }
}

fn why(shop: &Shop, state: &str) -> Vec<(String, String)> {
    let listed = shop.till.list_queue(&ListQueueArgs { state: Some(state.to_owned()), limit: 200 }).unwrap();
    listed.rows.into_iter().map(|queued| (queued.entity, queued.problem.unwrap().code)).collect()
}

#[test]
fn what_is_decided_on_a_ticket_the_hub_has_nothing_of_ends_here() {
    for decision in [Cancelled, Kept] {
        let (shop, lot, sale) = sold();
        shop.hub.judge(number_taken(Uid::parse_str(&sale).unwrap()));
        shop.sync();
        assert_eq!(shop.till.list_to_settle().unwrap()[0].reason.as_ref().unwrap().code, "number_taken");
        shop.till.clear_queue().unwrap();
        let reason = "vu avec la caissière".to_owned();
        let args = SettleSaleArgs { sale: sale.clone(), decision, reason, payments: vec![] };
        shop.till.settle_sale(&args).unwrap();
        assert!(shop.sync().problem.is_none());
        assert!(shop.till.list_to_settle().unwrap().is_empty());
        assert_eq!(why(&shop, "rejected"), [("saleSettlement".to_owned(), "ticket_not_stored".to_owned())]);
        let queue = shop.till.sync_state().unwrap().queue;
        assert_eq!((queue.blocked, queue.waiting, queue.rejected), (0, 0, 1), "and somebody sees why");
        assert!(!shop.till.receipt(&sale).unwrap().settled.unwrap().superseded);
        assert_eq!(shop.quantity(lot), 9, "as on the hub, which never heard of it");
        shop.assert_sound();
    }
}

#[test]
fn what_came_back_of_a_ticket_the_hub_has_nothing_of_ends_here() {
    let (shop, lot, sale) = sold();
    back(&shop, &sale, vec![take(1, 2, Some(DispositionName::Shelf))]).unwrap();
    shop.hub.judge(number_taken(Uid::parse_str(&sale).unwrap()));
    shop.sync();
    assert_eq!(why(&shop, "blocked"), []);
    assert!(why(&shop, "rejected").contains(&("saleReturn".to_owned(), "ticket_not_stored".to_owned())));
    assert_eq!(shop.quantity(lot), 9);
    shop.assert_sound();
}

#[test]
fn of_a_ticket_that_could_not_be_read_whole_the_hubs_reading_is_everybodys() {
    let (shop, lot, sale) = sold();
    let uid = Uid::parse_str(&sale).unwrap();
    let sent = shop.recorded().into_iter().find(|operation| operation.uid == uid).unwrap();
    let mut record = Record::new(&SALE, uid, sent.occurred_at);
    record.values = decode_fields(&SALE, &sent.fields).unwrap();
    record.parts = decode_parts(&SALE, &sent.parts).unwrap();
    record.set(&SALE, "tendered", 0).set(&SALE, "state", "reversed").set(&SALE, "reason_code", "field_invalid");
    let hub = shop.hub.clone();
    shop.hub.judge(move |operation| {
        let (code, params) = ("field_invalid".into(), params! { field: "tendered", why: "out of range" });
        let refused = || Outcome::Rejected { code, params, server_id: Some(71), rev: Some(hub.revision()) };
        (operation.entity == "sale").then(refused)
    });
    shop.sync();
    shop.hub.send(&SALE, &record);
    shop.sync();
    assert_eq!(shop.one::<i64>("SELECT tendered FROM sale"), 0);
    let logged = shop.one::<i64>("SELECT count(*) FROM change_log WHERE field = 'tendered' AND kind = 'pull'");
    assert_eq!((logged, shop.quantity(lot), shop.till.list_to_settle().unwrap().len()), (1, 9, 1));
}

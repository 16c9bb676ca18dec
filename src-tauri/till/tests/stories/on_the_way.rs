//! Boxes on their way: the hub knows of none, and the sale waits with the operation that brought them.

use officine_protocol::{
    Uid,
    messages::{Missing, Outcome},
    params,
};
use officine_till::views::{CorrectStockArgs, ListQueueArgs};

use crate::support::{Shop, goods::units, hub::short};

/// Two boxes on the hub, seven more found here, eight sold. The hub defers what brings them, and the sale with it.
fn waiting() -> (Shop, Uid, officine_till::views::ReceiptView) {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", "2000000000015", Some(500));
    let lot = shop.hub.lot(product, "A", Some("2027-12-31"), 2);
    shop.sync();
    shop.sign_in("manager");
    let (reason, below_zero) = ("trouvé".to_owned(), false);
    shop.till.correct_stock(&CorrectStockArgs { batch: lot.to_string(), delta: units(7), reason, below_zero }).unwrap();
    let found = shop.recorded().into_iter().rfind(|operation| operation.entity == "stockAdjustment").unwrap().uid;
    shop.add(product, 8);
    let sale = shop.sell();
    let missing = |entity: &str, uid| Outcome::Deferred { missing: vec![Missing { entity: entity.into(), uid }] };
    shop.hub.judge(move |operation| match operation.entity.as_str() {
        "stockAdjustment" => Some(missing("product", product)),
        "sale" => Some(missing("stockAdjustment", found)),
        _ => None,
    });
    shop.sync();
    assert_eq!(shop.state_of(&sale), "recorded");
    (shop, lot, sale)
}

fn why(shop: &Shop) -> Vec<String> {
    let listed = shop.till.list_queue(&ListQueueArgs { state: None, limit: 200 }).unwrap();
    let sales = listed.rows.into_iter().filter(|queued| queued.entity == "sale");
    sales.filter_map(|queued| Some(queued.problem?.code)).collect()
}

#[test]
fn a_sale_that_waits_for_boxes_goes_behind_them() {
    let (shop, lot, sale) = waiting();
    assert_eq!(why(&shop), ["stock_waiting"]);
    shop.hub.accept_all();
    shop.till.retry_queue().unwrap();
    shop.clock.advance(10_000);
    shop.sync();
    shop.sync();
    assert_eq!((shop.state_of(&sale).as_str(), shop.quantity(lot)), ("confirmed", 1));
    shop.assert_sound();
}

#[test]
fn where_the_boxes_are_refused_the_sale_has_its_own_verdict() {
    let (shop, lot, sale) = waiting();
    shop.hub.judge(|operation| match operation.entity.as_str() {
        "sale" => Some(short(1, 2)),
        _ => {
            let (code, params) = ("not_permitted".to_owned(), params! {});
            Some(Outcome::Rejected { code, params, server_id: None, rev: None })
        }
    });
    shop.till.retry_queue().unwrap();
    (0..3).for_each(|_| {
        shop.clock.advance(10_000);
        shop.sync();
    });
    assert_eq!((shop.state_of(&sale).as_str(), shop.quantity(lot)), ("reversed", 2));
    shop.assert_sound();
}

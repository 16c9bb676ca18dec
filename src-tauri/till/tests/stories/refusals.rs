//! The hub refuses a ticket before its paper is out: everything is undone here, no money was taken, and the lines come back
//! where somebody can use them.

use std::sync::{Arc, Mutex};

use officine_protocol::Uid;
use officine_till::{
    Till,
    views::{AddProductArgs, ChooseLotArgs, DecisionName, LotSourceName, Notice, Nudge, ReturnedCart},
};

use crate::support::{
    Shop,
    hub::{short, unreachable},
};

struct Story {
    shop: Shop,
    lot: Uid,
    receipt: String,
    told: Arc<Mutex<Vec<ReturnedCart>>>,
}

/// A ticket of two lines is sold, one of them with the last boxes; what happens while the hub makes up its mind comes from
/// `meanwhile`.
fn refuse(meanwhile: impl FnOnce(&Till, &Shop)) -> Story {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", "2000000000015", Some(500));
    let other = shop.hub.product("Coton", "2000000000022", Some(100));
    let lot = shop.hub.lot(product, "A", Some("2027-12-31"), 5);
    shop.hub.lot(other, "", None, 9);
    shop.sync();
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = told.clone();
    shop.till.listen(move |notice| {
        if let Notice::SaleSettled { cart, .. } = notice {
            heard.lock().unwrap().push(*cart);
        }
    });
    shop.add(other, 1);
    shop.add(product, 5);
    let receipt = shop.sell();
    assert!(receipt.paper_waits, "the last boxes, and the hub is there");
    shop.hub.judge(|operation| (operation.entity == "sale").then(|| short(2, 3)));
    meanwhile(&shop.till, &shop);
    let report = shop.sync();
    assert_eq!((report.rejected, report.problem.is_none()), (1, true));
    assert_eq!(shop.state_of(&receipt), "reversed");
    let read = shop.till.receipt(&receipt.uid).unwrap();
    assert_eq!((read.reason.unwrap().code.as_str(), read.paper_waits), ("stock_insufficient", false));
    assert_eq!(shop.quantity(lot), 5, "the boxes are back on the shelf");
    shop.assert_sound();
    Story { shop, lot, told, receipt: receipt.uid }
}

impl Story {
    fn held(&self) -> usize {
        self.shop.till.list_held().unwrap().into_iter().filter(|held| held.returned_from.is_some()).count()
    }

    fn told(&self) -> ReturnedCart {
        *self.told.lock().unwrap().last().unwrap()
    }
}

#[test]
fn within_five_seconds_the_cart_returns_with_the_refused_line_marked() {
    let story = refuse(|_, shop| shop.clock.advance(5_000));
    let cart = story.shop.till.cart().unwrap();
    assert_eq!((story.told(), cart.lines.len(), story.held()), (ReturnedCart::Open, 2, 0));
    assert!(cart.lines[0].nudge.is_none(), "the other line is not at fault");
    assert!(
        matches!(cart.lines[1].nudge, Some(Nudge::Refused { asked: 5, available: 3 })),
        "{:?}",
        cart.lines[1].nudge
    );
    let from = cart.returned_from.unwrap();
    assert_eq!((from.number.as_str(), from.after_ms, from.paid), ("2-000 001", 5_000, 2_600));
}

#[test]
fn the_returned_cart_is_edited_and_sold_under_the_next_number() {
    let story = refuse(|_, _| {});
    let shop = &story.shop;
    shop.hub.accept_all();
    let args = officine_till::views::SetQuantityArgs { line: 2, count: 3, unit: None };
    assert!(shop.till.set_quantity(&args).unwrap().lines[1].nudge.is_none());
    let receipt = shop.sell();
    assert_eq!((receipt.number.as_str(), receipt.total), ("2-000 003", 1_600), "the withdrawal bears a number too");
    shop.sync();
    assert_eq!(shop.state_of(&receipt), "confirmed");
    assert_eq!(shop.quantity(story.lot), 2);
    shop.assert_sound();
}

#[test]
fn the_lot_somebody_chose_comes_back_with_its_line() {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", "2000000000015", Some(500));
    shop.hub.lot(product, "A", Some("2027-06-30"), 2);
    let chosen = shop.hub.lot(product, "B", Some("2027-12-31"), 2);
    shop.sync();
    shop.add(product, 2);
    let batch = Some(chosen.to_string());
    shop.till.choose_lot(&ChooseLotArgs { line: 1, batch, reason: "demande du client".into() }).unwrap();
    shop.add(product, 2);
    shop.sell();
    shop.hub.judge(|operation| (operation.entity == "sale").then(|| short(1, 0)));
    shop.sync();
    let take = shop.till.cart().unwrap().lines.remove(0).lots.remove(0);
    assert_eq!((take.lot_number.as_str(), take.source), ("B", LotSourceName::Chosen));
    shop.sell();
    let reasons = "SELECT count(*) FROM stock_movement WHERE step = 0 AND reason = 'demande du client'";
    assert_eq!(shop.one::<i64>(reasons), 2, "the second ticket says why too");
}

#[test]
fn later_than_five_seconds_its_paper_is_out_and_somebody_decides() {
    for moved in [5_001, -60_000] {
        let story = refuse(|_, shop| shop.clock.advance(moved));
        assert_eq!((story.told(), story.held()), (ReturnedCart::None, 0), "{moved}");
        assert!(story.shop.till.cart().unwrap().lines.is_empty());
        assert_eq!(story.shop.till.sync_state().unwrap().to_regularise, 1);
    }
}

#[test]
fn the_paper_and_the_refusal_compete_and_the_first_has_won() {
    let story = refuse(|till, shop| {
        let uid = Uid::from_bytes(shop.one::<[u8; 16]>("SELECT uid FROM sale")).to_string();
        assert!(!till.print_ticket(&uid).unwrap().paper_waits);
    });
    assert_eq!((story.told(), story.held()), (ReturnedCart::None, 0));
    let waits = story.shop.till.list_to_settle().unwrap();
    assert_eq!(waits[0].uid, story.receipt);
    assert!(story.shop.till.print_ticket(&story.receipt).is_ok(), "it is out, and comes out again");

    let story = refuse(|_, _| {});
    let refused = story.shop.till.print_ticket(&story.receipt).unwrap_err();
    assert_eq!(refused.code(), "ticket_withdrawn");
    let settled = story.shop.till.receipt(&story.receipt).unwrap().settled.unwrap();
    assert_eq!((settled.decision, settled.number.as_str()), (DecisionName::Withdrawn, "2-000 002"));
    assert!(story.shop.till.list_to_settle().unwrap().is_empty());
}

#[test]
fn offline_or_with_boxes_left_the_paper_goes_out_at_once() {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", "2000000000015", Some(500));
    shop.hub.lot(product, "A", None, 9);
    shop.sync();
    shop.add(product, 8);
    assert!(!shop.sell().paper_waits, "one is left");
    shop.hub.gate(|_| Some(unreachable()));
    shop.sync();
    shop.add(product, 1);
    assert!(!shop.sell().paper_waits, "nobody answers");
}

#[test]
fn a_cart_begun_meanwhile_is_left_alone() {
    let story = refuse(|till, shop| {
        let product = shop.one::<[u8; 16]>("SELECT uid FROM product WHERE name = 'Coton'");
        let product = Uid::from_bytes(product).to_string();
        till.add_product(&AddProductArgs { product, unit: None, count: 2 }).unwrap();
    });
    let cart = story.shop.till.cart().unwrap();
    assert_eq!((story.told(), story.held()), (ReturnedCart::Held, 1));
    assert_eq!((cart.lines.len(), cart.lines[0].count, cart.returned_from.is_none()), (1, 2, true));
}

#[test]
fn another_cashier_at_the_till_does_not_get_the_first_ones_cart() {
    let story = refuse(|_, shop| shop.sign_in("cashier2"));
    assert_eq!((story.told(), story.held()), (ReturnedCart::Held, 1));
    assert!(story.shop.till.cart().unwrap().lines.is_empty());
    let held = story.shop.till.list_held().unwrap();
    assert_eq!(held[0].user, "cashier");
    let cart = story.shop.till.recall_cart(&held[0].cart).unwrap();
    assert_eq!((cart.lines.len(), cart.returned_from.is_some()), (2, true), "anybody may settle it");
}

#[test]
fn nobody_at_the_till_means_on_hold() {
    let story = refuse(|till, _| till.sign_out());
    assert_eq!((story.told(), story.held()), (ReturnedCart::Held, 1));
}

#[test]
fn a_product_archived_meanwhile_comes_back_all_the_same() {
    let story = refuse(|_, shop| {
        let product = Uid::from_bytes(shop.one::<[u8; 16]>("SELECT uid FROM product WHERE name = 'Coton'"));
        shop.hub.edit(product, |row| row.archived_at = Some(1));
    });
    assert_eq!(story.shop.till.cart().unwrap().lines.len(), 2);
}

#[test]
fn a_refusal_heard_twice_gives_back_once() {
    let story = refuse(|_, _| {});
    let shop = &story.shop;
    let row = shop.one::<i64>("SELECT seq FROM outbox WHERE entity = 'sale'");
    assert_eq!(shop.till.retry_operation(row).unwrap_err().code(), "forbidden");
    shop.sign_in("manager");
    assert_eq!(shop.till.retry_operation(row).unwrap_err().code(), "field_invalid", "it is settled");
    shop.sync();
    assert_eq!(shop.quantity(story.lot), 5);
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM cart"), 1);
    shop.assert_sound();
}

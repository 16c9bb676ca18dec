//! Live: what another till recorded arrives with the answer to a held pull.

use std::{thread, time::Duration};

use officine_protocol::Uid;
use officine_till::{Trigger, views::SyncRun};

use crate::support::Shop;

/// A shop whose till synchronises by itself and holds a pull.
fn live() -> Shop {
    let shop = Shop::open();
    shop.till.start_sync().unwrap();
    until(|| last_run(&shop).trigger == "background");
    until(|| shop.till.is_live());
    shop
}

fn until(come: impl Fn() -> bool) {
    while !come() {
        thread::sleep(Duration::from_millis(2));
    }
}

fn shows(shop: &Shop, product: Uid) -> bool {
    shop.till.product(&product.to_string()).is_ok()
}

fn last_run(shop: &Shop) -> SyncRun {
    shop.till.list_runs().unwrap().remove(0)
}

#[test]
fn what_another_till_recorded_shows_without_a_run() {
    let shop = live();
    let before = shop.hub.pulls().0;
    for (name, code) in [("Paracétamol", "2000000000015"), ("Coton", "2000000000022")] {
        let product = shop.hub.product(name, code, Some(500));
        until(|| shows(&shop, product) && last_run(&shop).trigger == "live");
        assert_eq!(last_run(&shop).report.pulled, 1);
        until(|| !shop.till.find_code(code).unwrap().is_empty());
    }
    assert_eq!(shop.hub.pulls().0, before, "nothing was asked for twice");
    until(|| shop.till.is_live());
}

#[test]
fn a_run_leaves_the_way_down_to_the_held_pull_and_a_person_does_not() {
    let shop = live();
    let (pulls, holds) = shop.hub.pulls();
    assert!(shop.till.sync_now(Trigger::Background).unwrap().problem.is_none());
    assert_eq!(shop.hub.pulls(), (pulls, holds));
    shop.sync();
    assert_eq!(shop.hub.pulls(), (pulls + 1, holds));
}

#[test]
fn another_history_is_told_and_not_mixed_in() {
    let shop = live();
    shop.hub.set_epoch(2);
    let product = shop.hub.product("Paracétamol", "2000000000015", Some(500));
    let told = || shop.till.sync_state().unwrap().last_problem.map(|problem| problem.code);
    until(|| told().as_deref() == Some("hub_other_history"));
    assert!(!shows(&shop, product));
}

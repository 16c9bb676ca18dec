//! Two hubs on one PostgreSQL: a sale at a till of one shows at a till of the other, without that till's asking.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use officine_tests::{Shop, shop, till};
use officine_till::{Till, views::SyncRun};

const PATIENCE: Duration = Duration::from_secs(120);

fn until(what: &str, come: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !come() {
        assert!(Instant::now() < end, "{what}");
        sleep(Duration::from_millis(5));
    }
}

/// The run that brought the last row.
fn brought_by(till: &Till) -> String {
    let runs = till.list_runs().unwrap();
    runs.into_iter().find(|run: &SyncRun| run.report.pulled > 0).unwrap().trigger
}

#[test]
fn hubs_on_one_postgres_wake_each_others_tills() {
    let pharmacy = Shop::open_on_postgres();
    let mut there = pharmacy.hub_beside("there");
    let seller = pharmacy.first_till(&pharmacy.hub.url(), 1, 100);
    let other = pharmacy.till_through("caisse-2", &there.url());
    for open in [&seller, &other] {
        open.start_sync().unwrap();
    }
    let code = shop::code(0);
    for left in [99, 98] {
        until("it never holds a pull", || other.is_live());
        till::sell(&seller, &code, 1);
        until("the sale never shows", || till::stock_of(&other, &code) == left);
    }
    assert_eq!(brought_by(&other), "live", "no run of its own");
    there.kill();
    till::sell(&seller, &code, 1);
    until("the end of its hub is not noticed", || !other.is_live());
    there.restart();
    until("what it missed never shows", || till::stock_of(&other, &code) == 97);
    until("it never holds a pull again", || other.is_live());
    till::sell(&seller, &code, 1);
    until("the sale never shows", || till::stock_of(&other, &code) == 96);
    assert!(!there.log().contains("panicked") && !pharmacy.hub.log().contains("panicked"));
}

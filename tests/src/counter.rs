//! A till at work until it is killed: it sells, takes back, corrects, edits, and syncs by itself. Each ticket it was told
//! is recorded goes into a journal outside its database, on the disk before the next.
//! `officine-counter DATA JOURNAL SEED PRODUCTS LOGIN PIN`
#![allow(clippy::expect_used, reason = "a helper of tests")]

use std::path::Path;

use officine_tests::{
    till,
    work::{Clerk, Journal},
};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [data, journal, seed, products, login, pin] = args.as_slice() else { return };
    let till = till::open(Path::new(data));
    let _worker = till.start_sync().expect("the worker");
    till::sign_in(&till, login, pin);
    let number = |text: &str| text.parse().expect("a number");
    let mut clerk = Clerk::new(number(seed), number(products) as usize);
    let mut journal = Journal::open(Path::new(journal));
    loop {
        if let Some(ticket) = clerk.acts(&till) {
            journal.write(&ticket);
        }
        clerk.rests();
    }
}

//! A till in this process, on a data folder, and what a test asks of it.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use officine_till::{
    Till,
    system::{SystemClock, SystemEntropy},
    views::{CommitSaleArgs, ReceiptView, SaleStateName, ScanArgs, ScanOutcome, SignInArgs},
};
use serde_json::Value;

/// Opens the till of a folder.
pub fn open(data: &Path) -> Arc<Till> {
    Till::open(data, Arc::new(SystemClock), Arc::new(SystemEntropy)).expect("the till opens")
}

/// Signs somebody in, by login.
pub fn sign_in(till: &Till, login: &str, pin: &str) {
    let people = till.people().expect("people");
    let uid = people.into_iter().find(|person| person.login == login).expect("a person").uid;
    till.sign_in(&SignInArgs { uid, pin: pin.to_owned() }).expect("the PIN is right");
}

/// Scans so many of a code and takes exact cash. The sale is on disk, and not sent.
pub fn sell(till: &Till, code: &str, count: i64) -> ReceiptView {
    try_sell(till, code, count).expect("the sale is recorded")
}

/// The same, where the store may say no.
pub fn try_sell(till: &Till, code: &str, count: i64) -> officine_till::Result<ReceiptView> {
    let scanned = till.scan(&ScanArgs { code: code.to_owned(), count })?;
    assert_eq!(scanned.outcome, ScanOutcome::Added, "{:?}", scanned.problem);
    till.commit_sale(&CommitSaleArgs { expected_total: scanned.cart.total, ..Default::default() })
}

/// How far a ticket got.
pub fn state(till: &Till, uid: &str) -> SaleStateName {
    till.receipt(uid).expect("a receipt").state
}

/// Whether a ticket still waits for the hub's word.
pub fn waits(till: &Till, uid: &str) -> bool {
    matches!(state(till, uid), SaleStateName::Recorded | SaleStateName::Sent)
}

/// Base units of the product with this code.
pub fn stock_of(till: &Till, code: &str) -> i64 {
    let hits = till.find_code(code).expect("a product");
    let lots = till.product(&hits.first().expect("a product").uid).expect("a product").lots;
    lots.iter().map(|lot| lot.quantity).sum()
}

/// Quantity by lot out of `stock --json`, of a till or of the hub; empty lots left out.
pub fn quantities(stock: &Value) -> BTreeMap<String, i64> {
    let rows = stock.as_array().expect("rows").iter();
    let pairs = rows.map(|row| {
        let lot = row["batch"].as_str().expect("a lot").to_owned();
        (lot, row["quantity"].as_i64().expect("a quantity"))
    });
    pairs.filter(|(_, quantity)| *quantity != 0).collect()
}

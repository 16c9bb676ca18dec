//! The hot paths by criterion: what F12 waits for, what a keystroke waits for, which lots a line takes, what a row adds to a
//! digest, what a page of the hub's costs. Two commits are compared by their baselines: `cargo bench -p officine-tests --bench hot
//! -- --save-baseline before` in the one, `-- --baseline before` in the other, with one `CARGO_TARGET_DIR`.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark that fails ends")]

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use officine_protocol::{
    Uid,
    date::Date,
    digest,
    entities::SUPPLIER,
    fefo::{Lot, allocate},
    limits::SCHEMA,
    messages::WireRow,
    record::Record,
};
use officine_tests::benched::{Shop, Size};
use officine_till::{
    sync::apply,
    views::{AddProductArgs, CommitSaleArgs, SearchArgs},
};
use rusqlite::Connection;
use serde_json::json;

/// Rows of a page.
const PAGE: u128 = 200;

/// A sale of three lines in a shop of 20,000 products, 60,000 lots and 100,000 tickets, on the disk.
fn sale(criterion: &mut Criterion) {
    let shop = Shop::open(Size::Small, true).unwrap();
    let mut round = 0;
    let mut filled = || {
        if round % 50 == 49 {
            shop.till.maintain().unwrap();
        }
        for product in shop.basket(round) {
            shop.till.add_product(&AddProductArgs { product, count: 1, unit: None }).unwrap();
        }
        round += 1;
        shop.till.cart().unwrap().total
    };
    criterion.bench_function("sale committed, three lines", |bencher| {
        bencher.iter_batched(
            &mut filled,
            |expected_total| shop.till.commit_sale(&CommitSaleArgs { expected_total, ..Default::default() }).unwrap(),
            BatchSize::PerIteration,
        );
    });
}

fn search(criterion: &mut Criterion) {
    let shop = Shop::open(Size::Large, false).unwrap();
    let mut typed = shop.keystrokes(usize::MAX);
    criterion.bench_function("search, twenty hits of 100,000", |bencher| {
        bencher.iter_batched(
            || SearchArgs { text: typed.next().unwrap_or_default(), limit: 20 },
            |args| shop.till.search_products(&args).unwrap(),
            BatchSize::SmallInput,
        );
    });
}

fn lots(criterion: &mut Criterion) {
    let lot = |n: u128| Lot {
        uid: Uid::from_u128(n),
        quantity: (n % 7) as i64,
        expiry: Date::from_number(20_270_101 + (n % 12) as i64 * 100),
        blocked: n.is_multiple_of(11),
        received_at: n as i64,
    };
    let (lots, day) = ((0..60).map(lot).collect::<Vec<_>>(), Date::of_instant(0));
    criterion.bench_function("allocate, sixty lots", |bencher| bencher.iter(|| allocate(&lots, 40, day)));
}

fn hashed(criterion: &mut Criterion) {
    let mut record = Record::new(&SUPPLIER, Uid::from_u128(7), 1);
    record.set(&SUPPLIER, "name", "Spharma Guinée").set(&SUPPLIER, "phone", "622 00 00 00");
    criterion.bench_function("digest, one row", |bencher| bencher.iter(|| digest::hash(&SUPPLIER, &record, SCHEMA)));
}

/// A page of suppliers that came from the hub, each time at a later revision.
fn page(criterion: &mut Criterion) {
    let shop = Shop::open(Size::Small, false).unwrap();
    let mut book = Connection::open(shop.dir().join("officine.db")).unwrap();
    let mut rev = 0;
    let row = |n: u128, rev: i64| -> WireRow {
        let fields = json!({ "name": format!("Grossiste {n}"), "phone": rev.to_string() });
        let uid = Uid::from_u128(7 << 76 | 2 << 62 | n);
        serde_json::from_value(json!({
            "entity": "supplier", "uid": uid, "serverId": n as i64 + 1, "rev": rev, "createdAt": 1, "fields": fields
        }))
        .unwrap()
    };
    criterion.bench_function("apply, a page of 200 rows", |bencher| {
        bencher.iter_batched(
            || {
                rev += 1;
                (1..=PAGE).map(|n| row(n, rev)).collect::<Vec<_>>()
            },
            |rows| {
                let page = book.transaction().unwrap();
                apply::rows(&page, &rows, 1).unwrap();
                page.commit().unwrap();
            },
            BatchSize::PerIteration,
        );
    });
}

criterion_group!(hot, sale, search, lots, hashed, page);
criterion_main!(hot);

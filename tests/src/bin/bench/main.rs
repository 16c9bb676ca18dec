//! The figures of the table « Speed »: ours and the physical limit P, interleaved in one process, medians and p99.
//! `cargo run --release -p officine-tests --bin bench -- sale|search [N]`
#![allow(clippy::print_stdout, reason = "it prints its figures")]

mod probe;
mod shop;
mod stats;

use std::time::Instant;

use anyhow::Result;
use officine_till::views::{AddProductArgs, CommitSaleArgs, SearchArgs};

use probe::Probe;
use shop::{Shop, Size};
use stats::Series;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_else(|| "all".to_owned());
    let rounds: usize = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(600);
    if what == "sale" || what == "all" {
        sale(rounds)?;
    }
    if what == "search" || what == "all" {
        search(Size::Small, rounds * 4)?;
        search(Size::Large, rounds * 4)?;
    }
    Ok(())
}

/// A sale of three lines: the cart is on disk, the measured part is what F12 waits for.
fn sale(rounds: usize) -> Result<()> {
    let shop = Shop::open(Size::Small, true)?;
    let mut probe = Probe::create(shop.dir())?;
    let (mut limit, mut commit, mut scan) = (
        Series::new("P: 15 pages overwritten + fdatasync"),
        Series::new("commit of a 3-line sale"),
        Series::new("one scan, on disk"),
    );
    let before = shop.log_bytes();
    let mut wal = 0;
    for round in 0..rounds {
        for product in shop.basket(round) {
            let started = Instant::now();
            shop.till.add_product(&AddProductArgs { product, count: 1 + (round % 3) as i64, unit: None })?;
            scan.push(started);
        }
        let expected_total = shop.till.cart()?.total;
        let log = shop.log_bytes();
        let started = Instant::now();
        shop.till.commit_sale(&CommitSaleArgs { tendered: None, expected_total })?;
        commit.push(started);
        wal += shop.log_bytes().saturating_sub(log);
        let started = Instant::now();
        probe.once()?;
        limit.push(started);
        if round % 50 == 49 {
            shop.till.maintain()?;
        }
    }
    println!(
        "# Sale: {} products, {} lots, {} sales before; {rounds} rounds (log before: {before} B)",
        shop.products(),
        shop.lots(),
        shop.sales()
    );
    limit.print(None);
    commit.print(Some(&limit));
    scan.print(Some(&limit));
    println!("log per sale: {} B", wal / rounds.max(1) as u64);
    Ok(())
}

/// One keystroke: 20 hits with name, price, first lot and stock.
fn search(size: Size, rounds: usize) -> Result<()> {
    let shop = Shop::open(size, false)?;
    let (mut index, mut hits) = (Series::new("index alone, 20 hits"), Series::new("20 hits with lot, stock and price"));
    for text in shop.keystrokes(rounds) {
        let started = Instant::now();
        shop.till.find_in_index(&text, 20)?;
        index.push(started);
        let started = Instant::now();
        shop.till.search_products(&SearchArgs { text, limit: 20 })?;
        hits.push(started);
    }
    println!("# Search: {} products, {} keystrokes", shop.products(), rounds);
    index.print(None);
    hits.print(None);
    Ok(())
}

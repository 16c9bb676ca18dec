//! The figures of the table « Speed »: ours and the physical limit P, interleaved in one process, medians and p99.
//! `cargo run --release -p officine-tests --bin bench -- sale|search|import|replay|live [N]`, `crowd …` or
//! `first-sync …`, `verify …` or `conflicts [N]`
#![allow(clippy::print_stdout, reason = "it prints its figures")]

mod book;
mod conflicts;
mod crowd;
mod first_sync;
mod live;
mod moved;
mod probe;
mod replay;
mod stats;
mod verify;
mod wire;

use std::{
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

use anyhow::Result;
use officine_tests::benched::{Shop, Size};
use officine_till::views::{AddProductArgs, CommitSaleArgs, ImportArgs, SearchArgs};

use probe::Probe;
use stats::Series;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_else(|| "all".to_owned());
    if what == "crowd" {
        return crowd::print(&arguments.collect::<Vec<_>>());
    }
    if what == "first-sync" {
        return first_sync::print(&arguments.collect::<Vec<_>>());
    }
    if what == "conflicts" {
        return conflicts::print(&arguments.collect::<Vec<_>>());
    }
    if what == "verify" {
        return verify::print(&arguments.collect::<Vec<_>>());
    }
    let rounds: usize = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(600);
    if what == "sale" || what == "all" {
        sale(rounds)?;
    }
    if what == "search" || what == "all" {
        search(Size::Small, rounds * 4)?;
        search(Size::Large, rounds * 4)?;
    }
    if what == "import" || what == "all" {
        import()?;
    }
    if what == "replay" || what == "all" {
        replay::run(if what == "all" { rounds } else { usize::MAX })?;
    }
    if what == "live" {
        live::run(if rounds == 600 { 200 } else { rounds })?;
    }
    Ok(())
}

/// A catalogue of 17,184 products imported while somebody scans: how long the scans wait.
fn import() -> Result<()> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/medicines_bdpm_active.csv");
    if !file.exists() {
        println!("# Import: skipped, the shared catalogue is not beside the project");
        return Ok(());
    }
    let shop = Shop::open(Size::Small, false)?;
    let done = AtomicBool::new(false);
    let mut scans = Series::new("one scan during the import");
    let report = std::thread::scope(|scope| {
        let import = scope.spawn(|| {
            let args = ImportArgs { path: file.display().to_string(), rate: "10250".to_owned() };
            let report = shop.till.run_import(&args);
            done.store(true, Ordering::Relaxed);
            report
        });
        for round in 0.. {
            if done.load(Ordering::Relaxed) {
                break;
            }
            let product = shop.basket(round).next().unwrap_or_default();
            let started = Instant::now();
            shop.till.add_product(&AddProductArgs { product, count: 1, unit: None })?;
            scans.push(started);
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        Ok::<_, anyhow::Error>(import.join())
    })?;
    let report = report.map_err(|_| anyhow::anyhow!("the import ended badly"))??;
    println!("# Import: {} rows, {} created, {:.2} s", report.rows, report.created, report.seconds);
    scans.print(None);
    println!("longest scan {:.0} ms", scans.longest());
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
        shop.till.commit_sale(&CommitSaleArgs { expected_total, ..Default::default() })?;
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

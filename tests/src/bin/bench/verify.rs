//! Till and hub verified: rows read, bytes and time while they are equal; one differing row found and mended; rows read for
//! the look before a push. `verify [--postgres] [PRODUCTS LOTS SALES]`. The hub is a process.

use std::time::Instant;

use anyhow::{Context, Result};
use officine_protocol::limits::SCHEMA;
use officine_tests::{
    Shop,
    first_sync::{Plan, run},
    till::open,
};
use officine_till::{Till, repair::orphans, views::CertificateView};
use rusqlite::Connection;

use super::{book::Size, first_sync::filled, moved::to_postgres};

/// How often what is told of is done.
const ROUNDS: i64 = 3;

/// Runs it and prints what it came to.
pub fn print(arguments: &[String]) -> Result<()> {
    let on_postgres = arguments.first().is_some_and(|first| first == "--postgres");
    let arguments = if on_postgres { &arguments[1..] } else { arguments };
    let number = |place: usize, default: usize| match arguments.get(place) {
        None => Ok(default),
        Some(text) => text.parse().with_context(|| format!("{text} is no number")),
    };
    let size = Size { products: number(0, 17_184)?, lots: number(1, 60_000)?, sales: number(2, 920_000)? };
    let mut shop = filled(size)?;
    if on_postgres {
        shop.hub.kill();
        to_postgres(&mut shop)?;
    }
    let begun = Instant::now();
    run(&mut shop, "till", &Plan::default());
    println!("# Verify: schema {SCHEMA}, first sync {:.1} s", begun.elapsed().as_secs_f64());
    let data = shop.data("till");
    let (till, book) = (open(&data), Connection::open(data.join("officine.db"))?);
    for _ in 0..ROUNDS {
        book.execute_batch("DELETE FROM digest_range")?;
        forget(&shop, on_postgres)?;
        told("everything read", &till.certify_as("manual")?);
    }
    for _ in 0..ROUNDS {
        told("equal", &till.certify_as("manual")?);
    }
    for round in 0..ROUNDS {
        falsify(&book, round)?;
        told("one row differs", &till.certify_as("manual")?);
        mended(&till)?;
        told("equal again", &till.certify_as("manual")?);
        falsify(&book, round)?;
        let begun = Instant::now();
        told("one row differs, found and mended alone", &till.certify_mended()?);
        println!("## all of it: {} ms", begun.elapsed().as_millis());
    }
    before_a_push(&book)
}

/// The hub has hashed nothing.
fn forget(shop: &Shop, on_postgres: bool) -> Result<()> {
    const FORGET: &str = "DELETE FROM digest_range";
    match shop.cluster.as_ref().filter(|_| on_postgres) {
        Some(cluster) => cluster.order("moved", FORGET),
        None => Connection::open(shop.path().join("hub/data/hub.db"))?.execute_batch(FORGET)?,
    }
    Ok(())
}

/// Changes one row by hand.
fn falsify(book: &Connection, round: i64) -> Result<()> {
    book.execute("UPDATE sale SET total = total + 1 WHERE id = ?1", [7 + round * 1_000])?;
    Ok(())
}

fn told(what: &str, verified: &CertificateView) {
    let CertificateView { equal, rows, rows_read, bytes, duration_ms, seal, .. } = verified;
    println!(
        "## {what}: {rows} rows compared, {rows_read} read, {bytes} bytes, {duration_ms} ms; equal: {equal}, {seal}"
    );
}

/// A repair of everything.
fn mended(till: &Till) -> Result<()> {
    let run = till.repair_as("manual")?;
    println!(
        "## repair: {} found, {} mended, {} left; {} rows read, {} bytes, {} ms",
        run.found, run.mended, run.left, run.rows_read, run.bytes, run.duration_ms
    );
    Ok(())
}

/// The look before a push, once it knows the documents that are there.
fn before_a_push(book: &Connection) -> Result<()> {
    let mut look = orphans::newest(book, &orphans::Marks::new())?;
    while look.rows > 0 {
        look = orphans::newest(book, &look.marks)?;
    }
    let begun = Instant::now();
    let look = orphans::newest(book, &look.marks)?;
    println!("## before a push: {} rows read, {} µs", look.rows, begun.elapsed().as_micros());
    Ok(())
}

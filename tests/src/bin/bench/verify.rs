//! Till and hub verified: rows read, bytes and time while they are equal; one differing row found and mended; rows read for
//! the look before a push. `verify [PRODUCTS LOTS SALES]`. The hub is a process.

use std::time::Instant;

use anyhow::{Context, Result};
use officine_tests::{
    first_sync::{Plan, run},
    till::open,
};
use officine_till::repair::orphans;
use rusqlite::Connection;

use super::{book::Size, first_sync::filled};

/// Runs it and prints what it came to.
pub fn print(arguments: &[String]) -> Result<()> {
    let number = |place: usize, default: usize| match arguments.get(place) {
        None => Ok(default),
        Some(text) => text.parse().with_context(|| format!("{text} is no number")),
    };
    let size = Size { products: number(0, 17_184)?, lots: number(1, 60_000)?, sales: number(2, 920_000)? };
    let mut shop = filled(size)?;
    run(&mut shop, "till", &Plan::default());
    let data = shop.data("till");
    let till = open(&data);
    let equal = till.certify_as("manual")?;
    println!("## equal: {}, seal {}", equal.equal, equal.seal);
    println!("{} rows read, {} bytes, {} ms", equal.rows, equal.bytes, equal.duration_ms);

    Connection::open(data.join("officine.db"))?.execute("UPDATE sale SET total = total + 1 WHERE id = 7", [])?;
    let run = till.repair_as("manual")?;
    println!("## one row differs: {} found, {} mended, {} left", run.found, run.mended, run.left);
    println!("{} rows read, {} bytes, {} ms", run.rows_read, run.bytes, run.duration_ms);
    println!("equal again: {}", till.certify_as("manual")?.equal);
    before_a_push(&Connection::open(data.join("officine.db"))?)
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

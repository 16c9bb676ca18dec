//! A year of real invoices through the engine: how long, how much memory, and that every franc and box is where it must.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use officine_tests::replay::{Replay, expected, file};

use crate::stats::Series;

/// Plays the first so many invoices.
pub fn run(limit: usize) -> Result<()> {
    let Some(path) = file::beside_the_project() else {
        println!("# Replay: skipped, the shared invoices are not beside the project");
        return Ok(());
    };
    let invoices = file::read(&path, limit)?;
    let dir = tempfile::tempdir()?;
    let mut replay = Replay::open(dir.path(), &invoices)?;
    let mut entered = Series::new("one invoice, all its scans and its payment");
    let started = Instant::now();
    for (place, invoice) in invoices.iter().enumerate() {
        let begun = Instant::now();
        replay.enter(invoice)?;
        entered.push(begun);
        if place % 200 == 199 {
            replay.till.maintain()?;
        }
    }
    let took = started.elapsed();
    let (wanted, stored) = (expected(&invoices), replay.stored()?);
    ensure!(replay.entered.sold == wanted.sold && replay.entered.refunded == wanted.refunded, "the receipts differ");
    ensure!(stored == wanted, "the store differs from the file");
    ensure!(replay.till.ledger_differences()? == 0, "a lot differs from its movements");
    ensure!(replay.disagreements()? == 0, "a ticket does not add up");
    tell(invoices.len(), invoices.iter().map(|invoice| invoice.lines.len()).sum(), took);
    println!(
        "{} sales of {} francs, {} returns of {} francs, {} articles: all as the file says",
        stored.sales,
        stored.sold,
        stored.returns,
        stored.refunded,
        stored.left.len()
    );
    entered.print(None);
    Ok(())
}

fn tell(invoices: usize, lines: usize, took: Duration) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or(" not known");
    println!("# Replay: {invoices} invoices, {lines} lines in {:.1} s, peak memory{peak}", took.as_secs_f64());
}

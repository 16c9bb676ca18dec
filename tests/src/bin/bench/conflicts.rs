//! So many products whose price two tills set while neither hears of the other: the list of conflicts, all resolved at once,
//! until the hub and both tills are equal; and what a line of the log costs on the disk. `conflicts [N]`. The hub is a process.

use std::{path::Path, time::Instant};

use anyhow::{Context, Result};
use officine_tests::{
    Shop,
    shop::{code, sync},
};
use officine_till::{
    Till,
    views::{ImportArgs, ListConflictsArgs, ResolveAllArgs, TakenName},
};
use rusqlite::Connection;

/// Runs it and prints what it came to.
pub fn print(arguments: &[String]) -> Result<()> {
    let count =
        arguments.first().map_or(Ok(5_000), |text| text.parse().with_context(|| format!("{text} is no number")))?;
    let shop = Shop::open();
    let first = shop.first_till(&shop.hub.url(), count, 1);
    let second = shop.next_till("caisse-2");
    let before = log_bytes(&shop.data("caisse-1"))?;
    let hub_before = log_bytes_of(&shop.path().join("hub/data"))?;
    for (till, price) in [(&first, 5_500), (&second, 6_000)] {
        priced(&shop, till, count, price)?;
    }
    let lines = count as f64;
    let after = log_bytes(&shop.data("caisse-1"))?;
    println!("## the log at a till: {:.0} bytes a change", (after - before) as f64 / lines);
    timed("the hub hears of the first till", || sync(&first));
    timed("the hub hears of the second, and finds the conflicts", || sync(&second));
    sync(&first);
    let hub_after = log_bytes_of(&shop.path().join("hub/data"))?;
    println!("## the log at the hub: {:.0} bytes a line", (hub_after - hub_before) as f64 / (2.0 * lines));
    for round in 0..5 {
        let begun = Instant::now();
        let page = first.list_conflicts(&ListConflictsArgs { open: true, limit: 100, ..Default::default() })?;
        println!("list {round}: {} open, first page {:.1} ms", page.open, begun.elapsed().as_secs_f64() * 1e3);
    }
    let begun = Instant::now();
    let done = first.resolve_conflicts(&ResolveAllArgs { entity: None, taken: TakenName::Till })?;
    println!(
        "## all resolved, on the disk of the till: {} in {:.2} s, {} left",
        done.resolved,
        seconds(begun),
        done.left
    );
    timed("the hub has them", || sync(&first));
    timed("the second till has them", || sync(&second));
    sync(&first);
    println!("equal: {} {}", first.certify_as("manual")?.equal, second.certify_as("manual")?.equal);
    Ok(())
}

fn seconds(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64()
}

fn timed(what: &str, act: impl FnOnce()) {
    let begun = Instant::now();
    act();
    println!("{what}: {:.2} s", seconds(begun));
}

/// Every price of a till anew, by a catalogue.
fn priced(shop: &Shop, till: &Till, count: usize, price: i64) -> Result<()> {
    let rows: String = (0..count).map(|n| format!("Produit {n};{};{price}\n", code(n))).collect();
    let file = shop.path().join("prices.csv");
    std::fs::write(&file, format!("designation;code;prix gnf\n{rows}"))?;
    let report = till.run_import(&ImportArgs { path: file.display().to_string(), rate: String::new() })?;
    anyhow::ensure!(report.updated as usize == count, "{} prices were set", report.updated);
    Ok(())
}

fn log_bytes(data: &Path) -> Result<i64> {
    bytes(&data.join("officine.db"))
}

fn log_bytes_of(data: &Path) -> Result<i64> {
    let file = std::fs::read_dir(data)?.filter_map(|entry| Some(entry.ok()?.path()));
    let file = file
        .filter(|path| path.extension().is_some_and(|ending| ending == "db"))
        .max_by_key(|path| std::fs::metadata(path).map_or(0, |about| about.len()));
    bytes(&file.context("the hub's file")?)
}

/// Bytes of the pages of the log and its indexes.
fn bytes(file: &Path) -> Result<i64> {
    let connection = Connection::open_with_flags(file, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let pages = "SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE name LIKE 'change_log%' OR name = 'sqlite_autoindex_change_log_1'";
    Ok(connection.query_row(pages, [], |row| row.get(0))?)
}

//! A new till reads a whole pharmacy: undisturbed, then over a link that breaks five times, from a hub that dies once.
//! `first-sync [PRODUCTS LOTS SALES]`. Till and hub are processes.

use std::time::Instant;

use anyhow::{Context, Result};
use officine_tests::{
    Shop,
    first_sync::{Figures, Plan, assert_whole, run},
};

use super::{
    book::{self, Size},
    stats::Series,
};

const BREAKS: u64 = 5;

/// Runs it and prints what it came to, beside the goals.
pub fn print(arguments: &[String]) -> Result<()> {
    let number = |place: usize, default: usize| match arguments.get(place) {
        None => Ok(default),
        Some(text) => text.parse().with_context(|| format!("{text} is no number")),
    };
    let size = Size { products: number(0, 17_184)?, lots: number(1, 60_000)?, sales: number(2, 100_000)? };
    if cfg!(debug_assertions) {
        println!("# a debug build: for the figures, --release");
    }
    let mut shop = filled(size)?;
    let mut quiet = run(&mut shop, "quiet", &Plan::default());
    assert_whole(&shop, "quiet", &mut quiet);
    tell("undisturbed", &quiet);
    let mut broken = run(&mut shop, "broken", &Plan::spread(BREAKS, quiet.bytes[1]));
    let counts = assert_whole(&shop, "broken", &mut broken);
    tell("over a link that breaks, from a hub that dies", &broken);
    broken.assert_resumed(1);
    println!("{:?}", counts.iter().filter(|(_, count)| *count > 0).collect::<Vec<_>>());
    println!("rows and digests equal, every lot the sum of its movements, every ticket a link of its chain");
    Ok(())
}

/// A shop whose hub holds so much.
pub fn filled(size: Size) -> Result<Shop> {
    let begun = Instant::now();
    let mut shop = Shop::open();
    drop(shop.first_till(&shop.hub.url(), 1, 1));
    shop.hub.kill();
    book::write(&shop.path().join("hub/data/hub.db"), size)?;
    shop.hub.restart();
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!(
        "# First sync: {size:?}, the book written in {:.1} s; load {}",
        begun.elapsed().as_secs_f64(),
        load.trim()
    );
    Ok(shop)
}

fn tell(how: &str, figures: &Figures) {
    let Figures { rows, received, runs: [runs, stopped], breaks, bytes: [up, down], selling, whole, peak, .. } =
        figures;
    println!("## {how}");
    println!("{received} rows received of {rows}, {runs} runs, {stopped} stopped early, {breaks} breaks");
    println!("{:.2} MB down, {:.2} MB up, headers included (goal 5 MB)", *down as f64 / 1e6, *up as f64 / 1e6);
    println!("{whole:.1} s until everything is there (goal 1.5 s), {selling:.1} s until the till sells");
    println!("{} MiB at the till's peak (goal 150 MB)", peak / 1024);
    let mut held = Series::new("one page holds the till's writer");
    figures.held.iter().for_each(|ms| held.took(std::time::Duration::from_secs_f64(ms / 1e3)));
    held.print(None);
}

//! `officine-sim`: lives through seeds and says what broke.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line")]

use std::{ops::Range, process::ExitCode, time::Instant};

use clap::Parser;
use officine_sim::{Outcome, Template, faults, herd, live, shrink::shrink, step::decide};

/// Seeds that are lived through where nobody says which.
const SEEDS: Range<u64> = 0..300;
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/simulation.md");

/// Many tills and a hub live through their worst year; at rest everything that must be true is checked.
#[derive(Parser)]
struct Args {
    /// Seeds, `A..B`.
    #[arg(long, value_parser = range)]
    seeds: Option<Range<u64>>,
    /// One seed, told step by step.
    #[arg(long)]
    seed: Option<u64>,
    /// Shows what breaks as it broke, without looking for the shortest way there.
    #[arg(long)]
    raw: bool,
    /// Lives with a deliberate fault until a seed finds it; `all` for each in turn.
    #[arg(long)]
    fault: Option<String>,
    /// Writes what finds the faults to docs/simulation.md.
    #[arg(long)]
    record: bool,
    /// Says which faults there are.
    #[arg(long)]
    list_faults: bool,
}

fn range(text: &str) -> Result<Range<u64>, String> {
    let (from, to) = text.split_once("..").ok_or("A..B")?;
    let number = |text: &str| text.parse::<u64>().map_err(|error| error.to_string());
    Ok(number(from)?..number(to)?)
}

fn main() -> ExitCode {
    let args = Args::parse();
    if args.list_faults {
        faults::list().for_each(|line| println!("{line}"));
        return ExitCode::SUCCESS;
    }
    let (template, seeds) = (Template::build(), args.seeds.clone().unwrap_or(SEEDS));
    let well = match (&args.fault, args.seed) {
        (Some(fault), _) => hunt(&template, fault, &seeds, args.record),
        (None, Some(seed)) => one(&template, seed),
        (None, None) => many(&template, &seeds, args.raw),
    };
    ExitCode::from(u8::from(!well))
}

fn one(template: &Template, seed: u64) -> bool {
    let outcome = live(template, seed, &decide(seed));
    tell(seed, &outcome);
    outcome.broken.is_none()
}

fn tell(seed: u64, outcome: &Outcome) {
    println!("seed {seed}");
    outcome.trace.iter().for_each(|line| println!("  {line}"));
    match &outcome.broken {
        Some(broken) => println!("seed {seed}: {} broken: {}", broken.invariant, broken.said),
        None => println!("seed {seed}: everything holds"),
    }
}

fn many(template: &Template, seeds: &Range<u64>, raw: bool) -> bool {
    let begun = Instant::now();
    let broken = herd::drive(template, seeds, true, |seed, broken| {
        println!("seed {seed}: {} broken: {}", broken.invariant, broken.said);
    });
    let (lived, failed) = (seeds.end.saturating_sub(seeds.start), broken.len());
    if let Some((seed, outcome)) = broken.into_iter().next() {
        let shortest = if raw { outcome } else { shrink(template, seed, decide(seed), outcome).1 };
        tell(seed, &shortest);
        println!("replay: ./test sim --seed {seed}");
    }
    println!("sim: {lived} seeds, {failed} broken ({} s)", begun.elapsed().as_secs());
    failed == 0
}

fn hunt(template: &Template, fault: &str, seeds: &Range<u64>, record: bool) -> bool {
    let found = faults::hunt(template, fault, seeds, |found| match &found.by {
        Some((seed, broken)) => println!("{}: seed {seed}, {}: {}", found.name, broken.invariant, broken.said),
        None => println!("{}: not found", found.name),
    });
    if found.is_empty() {
        println!("no fault « {fault} » is built in: see --list-faults; faults need the feature of that name");
        return false;
    }
    if record && let Err(error) = std::fs::write(PAGE, faults::page(&found, seeds.end - seeds.start)) {
        println!("{PAGE}: {error}");
        return false;
    }
    let missed = found.iter().filter(|found| found.by.is_none()).count();
    println!("sim: {} faults, {missed} not found", found.len());
    missed == 0
}

//! `officine-sim`: lives through seeds and says what broke.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line")]

use std::{fs, ops::Range, process::ExitCode, time::Instant};

use clap::Parser;
use officine_sim::{
    Outcome, Template, faults, herd, live,
    shrink::{TRIES, shrink},
    step::decide,
    years::Year,
};
use officine_tests::Cluster;

/// Seeds that are lived through where nobody says which.
const SEEDS: Range<u64> = 0..104;
/// Those on PostgreSQL, besides.
const ON_POSTGRES: Range<u64> = 0..10;
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/simulation.md");

/// Many tills and a hub live through their worst year; at rest everything that must be true is checked.
#[derive(Parser)]
struct Args {
    /// Seeds, `A..B`.
    #[arg(long, value_parser = range)]
    seeds: Option<Range<u64>>,
    /// Of the seeds those alone whose year is of that kind.
    #[arg(long)]
    year: Option<Year>,
    /// One seed, told step by step.
    #[arg(long)]
    seed: Option<u64>,
    /// The hub on a throw-away PostgreSQL.
    #[arg(long)]
    postgres: bool,
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
    let wanted = |seed: &u64| args.year.is_none_or(|year| year == Year::of(*seed));
    let seeds = |usual: Range<u64>| args.seeds.clone().unwrap_or(usual).filter(wanted).collect::<Vec<_>>();
    let cluster = || args.postgres.then(Cluster::start);
    let well = match (&args.fault, args.seed) {
        (Some(fault), _) => hunt(&Template::build(cluster()), fault, (&seeds(SEEDS), args.raw), args.record),
        (None, Some(seed)) => one(&Template::build(cluster()), seed, args.raw),
        (None, None) if args.postgres => many(&Template::build(cluster()), "PostgreSQL", &seeds(ON_POSTGRES), args.raw),
        (None, None) if args.seeds.is_some() || args.year.is_some() => {
            many(&Template::build(None), "SQLite", &seeds(SEEDS), args.raw)
        }
        (None, None) => usual(args.raw),
    };
    ExitCode::from(u8::from(!well))
}

/// What `./test` runs: many seeds, some on PostgreSQL, and each fault at the seed that the page records.
fn usual(raw: bool) -> bool {
    let template = Template::build(None);
    let [usual, some] = [SEEDS, ON_POSTGRES].map(Vec::from_iter);
    let sqlite = many(&template, "SQLite", &usual, raw);
    let postgres = many(&Template::build(Some(Cluster::start())), "PostgreSQL", &some, raw);
    let faults = faults::at_their_seeds(&template, &fs::read_to_string(PAGE).unwrap_or_default());
    let missed: Vec<_> = faults.iter().filter(|(_, found)| !found).map(|(name, _)| name).collect();
    missed.iter().for_each(|name| println!("fault {name}: not found at its seed"));
    println!("sim: {} faults at their seeds, {} not found", faults.len(), missed.len());
    sqlite && postgres && missed.is_empty()
}

fn one(template: &Template, seed: u64, raw: bool) -> bool {
    let outcome = live(template, seed, &decide(seed));
    tell(seed, &outcome);
    let well = outcome.broken.is_none();
    if !well && !raw {
        println!("the shortest way there:");
        tell(seed, &shrink(template, seed, &decide(seed), outcome, TRIES).1);
    }
    well
}

fn tell(seed: u64, outcome: &Outcome) {
    println!("seed {seed}");
    outcome.trace.iter().for_each(|line| println!("  {line}"));
    match &outcome.broken {
        Some(broken) => println!("seed {seed}: {} broken: {}", broken.invariant, broken.said),
        None => println!("seed {seed}: everything holds"),
    }
}

fn many(template: &Template, database: &str, seeds: &[u64], raw: bool) -> bool {
    let begun = Instant::now();
    let (broken, lived_through) = herd::drive(template, seeds, true, |seed, broken| {
        println!("seed {seed}: {} broken: {}", broken.invariant, broken.said);
    });
    let (lived, failed) = (seeds.len(), broken.len());
    if let Some((seed, outcome)) = broken.into_iter().next() {
        let shortest = if raw { outcome } else { shrink(template, seed, &decide(seed), outcome, TRIES).1 };
        tell(seed, &shortest);
        println!("replay: ./test sim --seed {seed}");
    }
    println!("sim: lived through {lived_through}");
    println!("sim: {lived} seeds on {database}, {failed} broken ({} s)", begun.elapsed().as_secs());
    failed == 0
}

fn hunt(template: &Template, fault: &str, (seeds, raw): (&[u64], bool), record: bool) -> bool {
    let found = faults::hunt(template, fault, (seeds, raw), |found| match &found.by {
        Some((seed, broken, steps)) => {
            println!("{}: seed {seed}, {steps} steps, {}: {}", found.name, broken.invariant, broken.said);
        }
        None => println!("{}: not found", found.name),
    });
    if found.is_empty() {
        println!("no fault « {fault} » is built in: see --list-faults; faults need the feature of that name");
        return false;
    }
    if record && let Err(error) = fs::write(PAGE, faults::page(&found, seeds.len(), raw)) {
        println!("{PAGE}: {error}");
        return false;
    }
    let missed = found.iter().filter(|found| found.by.is_none()).count();
    println!("sim: {} faults, {missed} not found", found.len());
    missed == 0
}

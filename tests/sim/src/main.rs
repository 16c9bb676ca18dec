//! `officine-sim`: lives through seeds and says what broke.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line")]

use std::{
    ops::Range,
    process::ExitCode,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use clap::Parser;
use officine_sim::{Outcome, Template, live, shrink::shrink, step::decide};

/// Seeds that are lived through where nobody says which.
const SEEDS: Range<u64> = 0..300;
const THREADS: usize = 2;

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
}

fn range(text: &str) -> Result<Range<u64>, String> {
    let (from, to) = text.split_once("..").ok_or("A..B")?;
    let number = |text: &str| text.parse::<u64>().map_err(|error| error.to_string());
    Ok(number(from)?..number(to)?)
}

fn main() -> ExitCode {
    let args = Args::parse();
    let template = Template::build();
    match args.seed {
        Some(seed) => one(&template, seed),
        None => many(&template, args.seeds.clone().unwrap_or(SEEDS), args.raw),
    }
}

fn one(template: &Template, seed: u64) -> ExitCode {
    let outcome = live(template, seed, &decide(seed));
    tell(seed, &outcome);
    ExitCode::from(u8::from(outcome.broken.is_some()))
}

fn tell(seed: u64, outcome: &Outcome) {
    println!("seed {seed}");
    outcome.trace.iter().for_each(|line| println!("  {line}"));
    match &outcome.broken {
        Some(broken) => println!("seed {seed}: {} broken: {}", broken.invariant, broken.said),
        None => println!("seed {seed}: everything holds"),
    }
}

fn many(template: &Template, seeds: Range<u64>, raw: bool) -> ExitCode {
    let (begun, next, broken) = (Instant::now(), AtomicU64::new(seeds.start), Mutex::new(Vec::new()));
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return;
            }
            let outcome = live(template, seed, &decide(seed));
            if let Some(said) = &outcome.broken {
                println!("seed {seed}: {} broken: {}", said.invariant, said.said);
                broken.lock().unwrap_or_else(PoisonError::into_inner).push((seed, outcome));
            }
        }
    };
    std::thread::scope(|scope| (0..THREADS).for_each(|_| _ = scope.spawn(work)));
    let mut broken = broken.into_inner().unwrap_or_else(PoisonError::into_inner);
    broken.sort_by_key(|(seed, _)| *seed);
    let (lived, failed) = (seeds.end.saturating_sub(seeds.start), broken.len());
    if let Some((seed, outcome)) = broken.into_iter().next() {
        let shortest = if raw { outcome } else { shrink(template, seed, decide(seed), outcome).1 };
        tell(seed, &shortest);
        println!("replay: ./test sim --seed {seed}");
    }
    println!("sim: {lived} seeds, {failed} broken ({} s)", begun.elapsed().as_secs());
    ExitCode::from(u8::from(failed > 0))
}

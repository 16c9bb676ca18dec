//! Tills and a hub as processes, a bad link between them, and power cuts: till, hub and PostgreSQL are killed at random, the
//! hub is restored from a backup, a till's disk is copied and both sell; then everything is healed, and the books are checked. The seed fixes what the link does, who is killed and what is
//! sold; the time is real. `chaos [--minutes M] [--seed N] [--only sqlite|postgres]`
#![allow(clippy::expect_used, clippy::print_stdout, reason = "a test that prints what it saw")]

mod director;
mod past;

use std::time::Duration;

use clap::Parser;
use officine_tests::{Cluster, Shop};

use director::Director;

/// Kills and cuts, then checks the books.
#[derive(Parser)]
struct Arguments {
    /// In all: half on SQLite, half on PostgreSQL.
    #[arg(long, default_value_t = 1.0)]
    minutes: f64,
    /// Another each time where it is not said.
    #[arg(long)]
    seed: Option<u64>,
    /// `sqlite` or `postgres`: all of the time on one.
    #[arg(long)]
    only: Option<String>,
    /// Tills.
    #[arg(long, default_value_t = 3)]
    tills: usize,
}

fn main() {
    let arguments = Arguments::parse();
    let seed = arguments.seed.unwrap_or_else(|| u64::from(std::process::id()) ^ 0x0ff1_c13e);
    println!("chaos: seed {seed}");
    let databases = ["sqlite", "postgres"].map(|name| arguments.only.as_deref().is_none_or(|only| only == name));
    let share = databases.iter().filter(|wanted| **wanted).count().max(1) as f64;
    let time = Duration::from_secs_f64(arguments.minutes * 60.0 / share);
    let run = |name, shop: Shop| println!("chaos: {name}, {}", Director::of(shop, arguments.tills, seed).run(time));
    if databases[0] {
        run("SQLite", Shop::open());
    }
    if databases[1] {
        run("PostgreSQL", Shop::open_on(Cluster::start_with("")));
    }
}

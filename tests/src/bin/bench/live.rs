//! A sale at one till, until it is on the disk of another: how long, and how many bytes pass, over a good link and a poor
//! one. The hub is a process of its own.

use std::{
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use officine_tests::{Shop, shop, till};
use officine_till::{
    Till,
    views::{Notice, Topic},
};

use super::{
    stats::Series,
    wire::{LOOPBACK, Link, POOR, Wire},
};

/// Longer than any sale takes; beyond it the sale is lost.
const PATIENCE: Duration = Duration::from_secs(180);
const IDLE: Duration = Duration::from_secs(60);

/// So many sales over each link.
pub fn run(rounds: usize) -> Result<()> {
    if cfg!(debug_assertions) {
        println!("# a debug build: for the figures, --release");
    }
    over(LOOPBACK, rounds)?;
    over(POOR, rounds.min(60))
}

fn over(link: Link, rounds: usize) -> Result<()> {
    let pharmacy = Shop::open();
    let wires = [Wire::before(pharmacy.hub.address(), LOOPBACK)?, Wire::before(pharmacy.hub.address(), link)?];
    let seller = pharmacy.first_till(&wires[0].url, 1, 1_000_000);
    let other = pharmacy.till_through("caisse-2", &wires[1].url);
    let (tell, told) = mpsc::channel();
    other.listen(move |notice| {
        if matches!(notice, Notice::Changed { topics } if topics.contains(&Topic::Sales)) {
            let _ = tell.send(Instant::now());
        }
    });
    for open in [&seller, &other] {
        open.start_sync()?;
    }
    quiet([&seller, &other], link);
    println!("# Live over {}: {rounds} sales", link.name);
    idle(&wires);
    let mut series = Series::new("sale on A's disk, until on B's");
    let before = [wires[0].bytes(), wires[1].bytes()];
    for _ in 0..rounds {
        while told.try_recv().is_ok() {}
        till::sell(&seller, &shop::code(0), 1);
        let sold = Instant::now();
        let seen = told.recv_timeout(PATIENCE).context("the sale never arrived")?;
        series.took(seen.saturating_duration_since(sold));
        quiet([&seller, &other], link);
    }
    series.print(None);
    for (name, (wire, before)) in ["A, which sells", "B, which sees it"].into_iter().zip(wires.iter().zip(before)) {
        let [up, down] = [0, 1].map(|way| (wire.bytes()[way] - before[way]) / rounds.max(1) as u64);
        println!("bytes per sale at {name}: {up} up, {down} down, headers and the next held pull included");
    }
    Ok(())
}

/// Until both hold a pull again, and what was under way has passed.
fn quiet(tills: [&Arc<Till>; 2], link: Link) {
    let end = Instant::now() + Duration::from_secs(20);
    while !tills.iter().all(|till| till.is_live()) && Instant::now() < end {
        thread::sleep(Duration::from_millis(5));
    }
    thread::sleep(Duration::from_millis(150) + link.delay * 3);
}

/// What passes at the second till while nobody does anything.
fn idle(wires: &[Wire; 2]) {
    let before = wires[1].bytes();
    thread::sleep(IDLE);
    let [up, down] = [0, 1].map(|way| (wires[1].bytes()[way] - before[way]) * 3_600 / IDLE.as_secs());
    println!("bytes per idle hour: {up} up, {down} down");
}

//! Deliberate faults: each is armed for a whole run, and some seed must find it.

use std::ops::Range;

use officine_protocol::fault::{FAULTS, Fault};

use crate::{Template, herd, live, shrink::shrink, step::decide, world::Broken};

/// Lives tried for a shorter trace of each.
const TRIES: usize = 60;

/// Where a fault is looked for that its seed finds no more: whatever changes in the engine changes every life.
const MOVED: Range<u64> = 0..60;

/// What came of a fault.
pub struct Found {
    /// Its name.
    pub name: &'static str,
    /// What it breaks.
    pub breaks: &'static str,
    /// Which invariants should find it.
    pub expected: &'static str,
    /// The first seed that found it, how, and how many steps that takes.
    pub by: Option<(u64, Broken, usize)>,
}

/// Every fault there is, a line each.
pub fn list() -> impl Iterator<Item = String> {
    FAULTS.iter().map(|(_, name, breaks, caught)| format!("{name:20} {caught:14} {}", breaks.trim()))
}

/// Lives with one fault, or with each of them in turn, until a seed finds it; `raw`: without looking for a shorter trace.
pub fn hunt(template: &Template, wanted: &str, (seeds, raw): (&[u64], bool), told: impl Fn(&Found)) -> Vec<Found> {
    let chosen = FAULTS.iter().filter(|(_, name, ..)| wanted == "all" || *name == wanted);
    let found = chosen.map(|(fault, name, breaks, expected)| {
        let by = armed(*fault, || {
            let (seed, outcome) = herd::drive(template, seeds, false, |_, _| {}).0.into_iter().next()?;
            let (steps, outcome) = shrink(template, seed, &decide(seed), outcome, if raw { 0 } else { TRIES });
            Some((seed, outcome.broken?, steps.len()))
        });
        let found = Found { name, breaks: breaks.trim(), expected, by };
        told(&found);
        found
    });
    found.collect()
}

/// Every fault, and whether the seed that the page has for it, or another one, still finds it.
pub fn at_their_seeds(template: &Template, page: &str) -> Vec<(&'static str, bool)> {
    let recorded = |name: &str| page.lines().find_map(|line| seed_in(line, name));
    let moved: Vec<u64> = MOVED.collect();
    let again = |(fault, name, ..): &(Fault, &'static str, &str, &str)| {
        let there = |seed| live(template, seed, &decide(seed)).broken.is_some();
        let elsewhere = || !herd::drive(template, &moved, false, |_, _| {}).0.is_empty();
        (*name, armed(*fault, || recorded(name).is_some_and(there) || elsewhere()))
    };
    FAULTS.iter().map(again).collect()
}

/// The seed in a line of the page's table, if it is about that fault.
fn seed_in(line: &str, name: &str) -> Option<u64> {
    let mut cells = line.split('|').map(str::trim).skip(1);
    (cells.next()? == format!("`{name}`")).then_some(())?;
    cells.nth(2)?.parse().ok()
}

#[cfg(feature = "faults")]
fn armed<T>(fault: Fault, then: impl FnOnce() -> T) -> T {
    officine_protocol::fault::arm(Some(fault));
    let done = then();
    officine_protocol::fault::arm(None);
    done
}

/// Without the feature there is none to arm.
#[cfg(not(feature = "faults"))]
fn armed<T>(_: Fault, then: impl FnOnce() -> T) -> T {
    then()
}

/// The page of the documentation that says who finds what.
pub fn page(found: &[Found], seeds: usize, raw: bool) -> String {
    let mut page = String::from(HEAD);
    for Found { name, breaks, expected, by } in found {
        let by = by.as_ref().map(|(seed, broken, steps)| (seed.to_string(), broken.invariant, steps.to_string()));
        let (seed, invariant, steps) = by.unwrap_or_else(|| ("none".to_owned(), "none", "none".to_owned()));
        page += &format!("| `{name}` | {breaks} | {expected} | {seed} | {invariant} | {steps} |\n");
    }
    let steps = if raw { "those lived until it broke, not the shortest list" } else { "the shortest list found" };
    page + &format!(
        "\nSteps are {steps}. `none`: not found in {seeds} seeds, which break nothing without a fault.\n\
         A change of the engine changes every life: a fault that its seed finds no more is looked for in seeds {} to {}.\n",
        MOVED.start,
        MOVED.end - 1
    )
}

const HEAD: &str = "# The simulation

`./test sim` lets several tills and a hub live through their worst year in one process: `tests/sim`. One seed decides
everything: who does what and when, what the wire loses, doubles, delays and brings back, whose power is cut at which
look at the clock, whose clock is wrong by how much and how fast it drifts, when a new till is bought. At rest the
invariants I1–I12 of the design are checked from the tables and a small model. At every step I7 and I11 are watched, and
whatever rest would have mended: a cursor that passes a row which is not here, a page without what its rows name, a
document that is not what the hub made of it, a lot below zero without a recount, an answer forgotten before its device has
it, an operation that is not what was sent. A seed that breaks one is printed with the shortest list of its steps that
still does.

In every other seed nobody agrees: a few rows and the same few fields of them are edited at every till, archived under
whoever edits them, and who wins is chosen anew meanwhile; conflicts are resolved, one of them at two tills that have not
heard of each other, and resolutions are taken back. At rest everybody sees the same conflicts with the same resolution, one
each, whose values stood in the row; an open one leaves the hub's value in force; whatever a till sent and the hub did not
refuse is in the hub's log, whoever won; and the log names the strategy that was chosen by then. The last line says how much
of this was lived through.

Three years in eight are worse (`--year scarred|restored|copied`), by a stream of chance of their own:

- *scarred* (seeds 8n+1): files of tills are damaged by SQL. Rows lose the hub's name, their revision or their lines, births
  are marked as sent and were not, references lead nowhere, parents are gone, quantities, movements, totals and names are
  changed, the cursor is moved back or ahead, a supplier stands there twice. The till heals at the moments it has; at rest its
  button is pressed once, and then everything must be true.
- *restored* (8n+3): the hub is backed up, and later restored by its own command, or that file is put in its place and nobody
  tells it. No button is pressed. PostgreSQL is left to `./test chaos`.
- *copied* (8n+5): a till's file is put back to an older copy, or its disk is copied and both sell; whoever the hub does not
  know any more is enrolled anew, at once or at rest.

What such a year may lose is left out by name, and nothing else: what a hub took after its last backup is not looked for in
its log, nor the way to a conflict that was given back; a count need not agree with documents that were given back after it
(it should: see `invariants/stock.rs`); a ticket that had never left a till's file is lost with it; a till that was put back or
copied is not asked how often it edited. In every year no till may be taken for a restored or copied one that is neither, nor
the hub keep anything in quarantine, and the hub's database may object to nothing that the hub has decided.

```
./test sim                        the usual seeds on both databases, and each fault at its seed
./test sim --seeds 0..10000       others, or more
./test sim --year restored        of the seeds those alone: plain, scarred, restored, copied
./test sim --postgres             the hub on a throw-away PostgreSQL
./test sim --seed 7               one, told step by step
./test sim --list-faults          deliberate faults, built into this binary alone
./test sim --fault NAME           lives with one, until a seed finds it; `all` for each in turn
./test sim --fault all --record   and writes this page
```

| fault | what is broken | expected | seed | found by | steps |
|---|---|---|---|---|---|
";

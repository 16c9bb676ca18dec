//! Deliberate faults: each is armed for a whole run, and some seed must find it.

use std::ops::Range;

use officine_protocol::fault::FAULTS;

use crate::{Template, world::Broken};

/// What came of a fault.
pub struct Found {
    /// Its name.
    pub name: &'static str,
    /// What it breaks.
    pub breaks: &'static str,
    /// Which invariants should find it.
    pub expected: &'static str,
    /// The first seed that found it, and how.
    pub by: Option<(u64, Broken)>,
}

/// Every fault there is, a line each.
pub fn list() -> impl Iterator<Item = String> {
    FAULTS.iter().map(|(_, name, breaks, caught)| format!("{name:20} {caught:14} {}", breaks.trim()))
}

/// Lives with one fault, or with each of them in turn, until a seed finds it.
#[cfg(feature = "faults")]
pub fn hunt(template: &Template, wanted: &str, seeds: &Range<u64>, told: impl Fn(&Found)) -> Vec<Found> {
    let chosen = FAULTS.iter().filter(|(_, name, ..)| wanted == "all" || *name == wanted);
    let found = chosen.map(|(fault, name, breaks, expected)| {
        officine_protocol::fault::arm(Some(*fault));
        let by = crate::herd::first_broken(template, seeds);
        officine_protocol::fault::arm(None);
        let found = Found { name, breaks: breaks.trim(), expected, by };
        told(&found);
        found
    });
    found.collect()
}

/// Without the feature there is none to arm.
#[cfg(not(feature = "faults"))]
pub fn hunt(_: &Template, _: &str, _: &Range<u64>, _: impl Fn(&Found)) -> Vec<Found> {
    Vec::new()
}

/// The page of the documentation that says who finds what.
pub fn page(found: &[Found], seeds: u64) -> String {
    let mut page = String::from(HEAD);
    for Found { name, breaks, expected, by } in found {
        let by = by.as_ref().map(|(seed, broken)| (seed.to_string(), broken.invariant));
        let (seed, invariant) = by.unwrap_or_else(|| ("none".to_owned(), "none"));
        page += &format!("| `{name}` | {breaks} | {expected} | {seed} | {invariant} |\n");
    }
    page + &format!("\nEach was looked for in {seeds} seeds at most.\n")
}

const HEAD: &str = "# The simulation

`./test sim` lets several tills and a hub live through their worst year in one process: `tests/sim`. One seed decides
everything: who does what and when, what the wire loses, doubles, delays and brings back, whose power is cut at which
look at the clock, whose clock is wrong by how much. At rest the invariants I1–I12 of the design are checked from the
tables and a small model; I7 and I11 are watched at every step. A seed that breaks one is printed with the shortest list
of its steps that still does.

```
./test sim                        the usual seeds
./test sim --seeds 0..10000       others, or more
./test sim --seed 7               one, told step by step
./test sim --list-faults          deliberate faults, built into this binary alone
./test sim --fault NAME           lives with one, until a seed finds it; `all` for each in turn
./test sim --fault all --record   and writes this page
```

| fault | what is broken | expected | seed | found by |
|---|---|---|---|---|
";

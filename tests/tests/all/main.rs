//! Several tills and a hub together, and what holds the workspace in shape. One binary: one link, one harness.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

mod backlog;
mod bad_input;
mod catalogue;
mod clones;
mod conflicts;
mod crash;
mod crowd;
mod damages;
mod desk;
mod digests;
mod direction;
mod first_sync;
mod goods;
mod healing;
mod invoices;
mod journey;
mod live;
mod merging;
mod money;
mod race;
mod replay;
mod restored;
mod settling;
mod tls;
mod trouble;
mod upkeep;

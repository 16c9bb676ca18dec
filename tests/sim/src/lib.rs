//! Many tills and a hub in one process, on one clock, one source of chance and one wire, all from one seed: what they
//! live through is decided step by step, and at rest everything that must be true is checked.
//!
//! Nothing here sleeps, and nothing is global: two seeds may run side by side.
#![allow(clippy::expect_used, clippy::panic, reason = "what cannot go wrong here ends the simulation")]

pub mod acts;
pub mod clocks;
pub mod damage;
pub mod faults;
mod healing;
pub mod herd;
pub mod hub;
pub mod hub_file;
mod identity;
pub mod invariants;
pub mod link;
pub mod past;
pub mod rest;
pub mod rows;
pub mod run;
pub mod shrink;
pub mod station;
pub mod step;
mod syncing;
pub mod template;
pub mod weather;
pub mod world;
pub mod years;

pub use run::{Outcome, live};
pub use step::Step;
pub use template::Template;

//! The engine as its callers use it: one till on a disk, a scripted hub, a clock that stands until it is moved.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test says what it expects, and why it was skipped"
)]

mod adjusting;
mod book;
mod cart;
mod counter;
mod customers;
mod declared;
mod expiries;
mod import;
mod in_hand;
mod order;
mod people;
mod products;
mod pulling;
mod purchasing;
mod pushing;
mod receiving;
mod recalls;
mod refusals;
mod search;
mod stocktake;
mod store;
mod strangers;
mod suppliers;
mod support;
mod tickets;
mod twins;
mod users;

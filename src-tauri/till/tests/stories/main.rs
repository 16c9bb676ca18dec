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
mod cancel;
mod cart;
mod changing_hubs;
mod conflicts;
mod conflicts_told;
mod conflicts_typed;
mod counter;
mod credit;
mod customers;
mod declared;
mod discounts;
mod drawer;
mod expiries;
mod hashed;
mod healing;
mod identity;
mod import;
mod in_hand;
mod integrity;
mod live;
mod on_the_way;
mod order;
mod payments;
mod people;
mod products;
mod pulling;
mod purchasing;
mod pushing;
mod queue;
mod recalls;
mod receiving;
mod recorded;
mod refusals;
mod returns;
mod returns_elsewhere;
mod safety;
mod salvage;
mod search;
mod settling;
mod stocktake;
mod store;
mod strangers;
mod suppliers;
mod support;
mod tickets;
mod turns;
mod twins;
mod unstored;
mod users;
mod walking;
mod watching;
mod zones;

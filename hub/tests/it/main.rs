//! The hub's stories, as one binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that does not find what it expects ends there"
)]

mod altered;
mod answers;
mod backups;
mod bounds;
mod checking;
mod cluster;
mod conflicts;
mod contract;
mod counting;
mod coverage;
mod decisions;
mod digests;
mod documents;
mod epochs;
mod http;
mod inside;
mod interleaved;
mod isolation;
mod live;
mod logs;
mod lying;
mod measure;
mod money;
mod offering;
mod on_the_way;
mod outage;
mod owner;
mod pages;
mod papers;
mod people;
mod proofs;
mod property;
mod quarantine;
mod race;
mod releasing;
mod roles;
mod rooms;
mod rows;
mod serving;
mod settling;
mod shop;
mod specimen;
mod stock;
mod strangers;
mod tenancy;
mod tls;
mod uploads;
mod voids;
mod walking;
mod wire;
mod wire_page;
mod zones;

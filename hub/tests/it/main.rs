//! The hub's stories, as one binary.

mod cluster;
mod contract;
mod coverage;
mod decisions;
mod http;
mod isolation;
mod pages;
mod proofs;
mod property;
mod race;
mod rooms;
mod shop;
mod stock;

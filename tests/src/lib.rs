//! What the workspace's tests share: the programs as they were built, a hub in a process of its own, tills in data
//! folders of their own, a wire that can be cut. A helper that fails ends its test: that is what it is for.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "helpers of tests")]

pub mod benched;
pub mod books;
pub mod chance;
#[path = "../../hub/tests/it/cluster.rs"]
pub mod cluster;
pub mod crowd;
pub mod cutter;
pub mod first_sync;
pub mod hub;
pub mod offline;
pub mod power;
pub mod programs;
pub mod proxy;
pub mod replay;
pub mod shop;
pub mod till;
pub mod work;

pub use cluster::{Cluster, Database};
pub use cutter::{Answer, Cutter};
pub use hub::Hub;
pub use shop::Shop;

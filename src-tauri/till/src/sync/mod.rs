//! Keeping till and hub equal: operations go up, rows come down, and every decision is a row somebody can read.

pub mod activity;
pub mod apply;
pub mod aside;
pub mod bounds;
pub mod corrections;
pub mod coverage;
pub mod cursor;
pub mod diagnostic;
pub mod digest;
pub mod enrol;
pub mod export;
mod live;
pub mod pace;
pub mod pull;
pub mod push;
pub mod run;
mod settling;
pub mod shared;
pub mod state;
pub mod suspects;
pub mod transport;
pub mod twins;
pub mod undo;
pub mod verdicts;
pub mod waiting;
pub mod walk;
pub mod worker;

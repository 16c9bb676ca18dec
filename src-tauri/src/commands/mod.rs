//! The commands of the window, named as in the contract: extract, call, answer.

pub mod catalogue;
pub mod conflicts;
pub mod expiries;
pub mod people;
pub mod repair;
pub mod safety;
pub mod selling;
pub mod settings;
pub mod sync;

//! The messages of wire v1. JSON is the contract; field names are camelCase.

mod check;
mod conflict;
mod device;
mod digest;
mod history;
mod log;
mod offer;
mod operation;
mod pull;
mod push;
mod rows;
mod verdict;
mod walk;

pub use check::*;
pub use conflict::*;
pub use device::*;
pub use digest::*;
pub use history::*;
pub use log::*;
pub use offer::*;
pub use operation::*;
pub use pull::*;
pub use push::*;
pub use rows::*;
pub use verdict::*;
pub use walk::*;

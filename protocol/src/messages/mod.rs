//! The messages of wire v1. JSON is the contract; field names are camelCase.

mod conflict;
mod device;
mod digest;
mod log;
mod operation;
mod pull;
mod push;
mod verdict;
mod walk;

pub use conflict::*;
pub use device::*;
pub use digest::*;
pub use log::*;
pub use operation::*;
pub use pull::*;
pub use push::*;
pub use verdict::*;
pub use walk::*;

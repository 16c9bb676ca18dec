//! What two tills wrote at once, by each strategy, and what the log says of it, on both databases.

mod answered;
mod duel;
mod joining;
mod matrix;
mod resolving;
mod unseen;

pub use answered::*;
pub use joining::*;
pub use matrix::*;
pub use resolving::*;
pub use unseen::*;

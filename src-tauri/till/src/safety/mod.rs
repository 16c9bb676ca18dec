//! « Sauvegarde »: backups that were opened and checked, the way back to one, what a till does whose file was restored,
//! copied or damaged.
//!
//! A backup holds the database and nothing beside it. The device file stays where it is: a token and the pharmacy's PIN
//! secret on a stick that is lost would let its finder sell as this till, and an identity that travelled with the book
//! would make a second till of every copy.

mod backups;
mod carry;
mod carts;
mod cells;
mod due;
mod folders;
pub mod identity;
mod make;
mod pages;
mod pending;
mod rebuild;
mod reenrol;
pub mod renumber;
mod restore;
mod salvage;
mod scan;
mod stamp;
mod swap;
pub mod unsent;
mod verify;

pub use rebuild::rebuild;
pub use salvage::salvage;
pub use swap::finish as finish_swap;

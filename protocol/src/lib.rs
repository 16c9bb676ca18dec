//! What till and hub agree on, and nothing that touches a disk or a network: the entities declared once, the
//! messages, the pure rules (FEFO, natural keys, the ticket chain, roles, clocks).
//!
//! The same word names the same thing in every layer: snake_case in Rust and SQL, camelCase on the wire.

pub mod chain;
pub mod check;
pub mod clock;
pub mod date;
pub mod ddl;
pub mod digest;
pub mod entities;
pub mod fault;
pub mod fefo;
pub mod fold;
pub mod gs1;
pub mod hlc;
pub mod ledger;
pub mod limits;
pub mod merge;
pub mod messages;
pub mod natural;
pub mod ranges;
pub mod record;
pub mod refund;
pub mod roles;
pub mod salvage;
pub mod schema;
pub mod sql;
pub mod strategy;
pub mod tally;
pub mod ticket;
pub mod value;

/// The name of a row for ever: a UUIDv7 minted where the row is born.
pub type Uid = uuid::Uuid;

/// The parameters a message in the catalogue names.
pub type Params = serde_json::Map<String, serde_json::Value>;

/// Builds [`Params`] from pairs.
#[macro_export]
macro_rules! params {
    () => { $crate::Params::new() };
    ($($name:ident : $value:expr),+ $(,)?) => {{
        let mut map = $crate::Params::new();
        $(map.insert(stringify!($name).to_owned(), serde_json::json!($value));)+
        map
    }};
}

//! The hub of a pharmacy or a chain: tills push what they record, it decides, stores and hands on.
//!
//! `decide` is pure; `store` loads what a batch touches, lets `decide` judge it and writes the result in the same
//! transaction, on SQLite or PostgreSQL; `http` is a thin shell around both.

pub mod admin;
pub mod backup;
mod connections;
pub mod coverage;
pub mod decide;
pub mod error;
pub mod harness;
pub mod http;
pub mod metering;
mod networks;
pub mod offered;
pub mod operation;
mod patient;
pub mod release;
pub mod secrets;
pub mod server;
pub mod settings;
pub mod store;
pub mod system;
mod tls;

pub use error::StoreError;
pub use http::{App, router};
pub use server::{Place, ServeError, migrate, open, serve};
pub use settings::Settings;
pub use tls::TlsError;

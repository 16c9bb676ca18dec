//! The till: its store, the sale, the stock book and the sync. It never imports tauri: the window and the
//! command line `officine-till` are two thin skins over the same functions.

pub mod act;
pub mod adjusting;
pub mod catalogue;
pub mod conflicts;
pub mod day;
pub mod demo;
pub mod device;
pub mod editing;
pub mod engine;
pub mod error;
pub mod expiries;
pub mod history;
pub mod import;
pub mod log;
pub mod money;
pub mod people;
pub mod purchasing;
pub mod repair;
pub mod safety;
pub mod selling;
pub mod settings;
pub mod stocktaking;
pub mod store;
pub mod sync;
pub mod system;
pub mod views;

pub use engine::Till;
pub use error::{Error, Result};
pub use sync::shared::Trigger;

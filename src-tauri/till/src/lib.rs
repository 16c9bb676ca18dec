//! The till: its store, the sale, the stock book and the sync. It never imports tauri: the window and the
//! command line `officine-till` are two thin skins over the same functions.

pub mod views;

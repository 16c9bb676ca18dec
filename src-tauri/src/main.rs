//! The program `officine`: the window over the till.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use clap::Parser;
use officine_shell::{Options, run};

fn main() -> anyhow::Result<()> {
    run(Options::parse(), tauri::generate_context!())
}

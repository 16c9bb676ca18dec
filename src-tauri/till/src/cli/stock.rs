//! Orders, receipts, counts, adjustments, supplier returns: a group of commands, flattened into the command line.

use clap::Subcommand;
use officine_till::{Result, Till};
use serde_json::Value as Json;

use super::Arguments;

/// What to do.
#[derive(Subcommand)]
pub enum Command {}

/// Does it.
pub fn run(_till: &Till, _arguments: &Arguments, command: &Command) -> Result<Json> {
    match *command {}
}

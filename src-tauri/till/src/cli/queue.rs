//! The queue on the command line: what waits and why, sent again, cleared, written to a file.

use std::path::PathBuf;

use clap::Subcommand;
use officine_till::{
    Result, Till,
    views::{ExportQueueArgs, ListQueueArgs},
};
use serde_json::{Value as Json, json};

use super::Arguments;

/// What to do with the queue.
#[derive(Subcommand)]
pub enum Command {
    /// What waits, what was refused and why.
    Queue {
        /// Only this state: waiting, sent, deferred, blocked, rejected, settled.
        #[arg(long)]
        state: Option<String>,
        /// At most so many.
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Send again with the next run what waits or is blocked.
    Retry {
        /// Its number in the queue; all of them where absent.
        seq: Option<i64>,
    },
    /// Take what is done with out of the lists.
    Clear,
    /// Write the queue to a file: JSON where its name ends so, else CSV.
    Export {
        /// The file.
        file: PathBuf,
        /// Only this state.
        #[arg(long)]
        state: Option<String>,
    },
}

/// Runs the command. Nobody has to sign in to see the queue.
pub fn run(till: &Till, arguments: &Arguments, command: &Command) -> Result<Json> {
    match command {
        Command::Queue { state, limit } => {
            Ok(serde_json::to_value(till.list_queue(&ListQueueArgs { state: state.clone(), limit: *limit })?)?)
        }
        Command::Retry { seq } => {
            arguments.sign_in(till)?;
            let Some(seq) = seq else { return Ok(serde_json::to_value(till.retry_queue()?)?) };
            till.retry_operation(*seq).map(|()| json!({ "count": 1 }))
        }
        Command::Clear => {
            arguments.sign_in(till)?;
            Ok(serde_json::to_value(till.clear_queue()?)?)
        }
        Command::Export { file, state } => {
            arguments.sign_in(till)?;
            let json = file.extension().is_some_and(|ending| ending == "json");
            Ok(serde_json::to_value(till.export_queue(&ExportQueueArgs { state: state.clone(), json }, file)?)?)
        }
    }
}

//! `sync`: a run, its queue, or this till's book beside the hub's.

use clap::Subcommand;
use officine_till::{Error, Result, Till, Trigger, views::SyncReport};
use serde_json::Value as Json;

use super::{Arguments, queue};

/// What else than a run.
#[derive(Subcommand)]
pub enum Command {
    /// Lay this till's book beside the hub's: rows and digests per entity. Nothing is pushed or pulled; at two different
    /// revisions a difference means nothing, and the answer says so.
    Compare,
    /// « Actualiser les données »: read everything again. The queue and what waits stay; rows that the hub does not send
    /// are named, and stay too.
    Refresh,
    #[command(flatten)]
    Queue(queue::Command),
}

/// Runs it.
pub fn run(till: &Till, arguments: &Arguments, command: Option<&Command>) -> Result<Json> {
    match command {
        None => reported(till.sync_now(Trigger::Manual)?),
        Some(Command::Refresh) => reported(till.refresh_data()?),
        Some(Command::Compare) => Ok(serde_json::to_value(till.compare()?)?),
        Some(Command::Queue(command)) => queue::run(till, arguments, command),
    }
}

/// A run that stopped early is an error here: a script has to see it.
fn reported(report: SyncReport) -> Result<Json> {
    match &report.problem {
        Some(problem) => Err(Error::hub(&problem.code, problem.params.clone())),
        None => Ok(serde_json::to_value(report)?),
    }
}

//! Backups, the way back to one, a new name, a damaged store.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use officine_till::{
    Result, Till, safety,
    system::SystemClock,
    views::{ReenrolArgs, RestoreBackupArgs},
};
use serde_json::Value as Json;

use super::Arguments;

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Make a backup, read it through, and take the oldest ones away.
    Backup {
        /// Into this folder; where the till's backups go where absent.
        #[arg(long)]
        to: Option<PathBuf>,
    },
    /// Put a backup of this till in place of its database. What was not sent yet is kept; so is the file that goes.
    Restore {
        /// The backup.
        #[arg(long)]
        from: PathBuf,
    },
    /// Begin anew under another name and series: the hub says that this till's file was restored or copied.
    Reenrol {
        /// One-time code from the hub.
        #[arg(long)]
        code: String,
    },
    /// Save from a damaged database what the hub does not have. The file is kept; the rest comes with the next sync.
    Salvage,
}

/// Runs it.
pub fn run(till: &Till, arguments: &Arguments, command: &Command) -> Result<Json> {
    match command {
        Command::Backup { to } => Ok(serde_json::to_value(till.back_up_into(to.as_deref())?)?),
        Command::Restore { from } => {
            arguments.sign_in(till)?;
            till.restore_backup(&RestoreBackupArgs { path: from.display().to_string() })?;
            Ok(Json::Null)
        }
        Command::Reenrol { code } => Ok(serde_json::to_value(till.reenrol(&ReenrolArgs { code: code.clone() })?)?),
        Command::Salvage => Ok(Json::Null),
    }
}

/// Salvages a folder whose till cannot be opened.
pub fn salvage(data: &Path) -> Result<Json> {
    Ok(serde_json::to_value(safety::salvage(data, &SystemClock)?)?)
}

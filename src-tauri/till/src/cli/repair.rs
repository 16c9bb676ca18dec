//! What heals, without a window: the doctor, the repair, integrity, the certificate.

use std::path::PathBuf;

use clap::Subcommand;
use officine_till::{
    Result, Till,
    views::{IntegrityArgs, ListRepairsArgs},
};
use serde_json::Value as Json;

use super::Arguments;

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// What is wrong here and beside the hub. Ends with 1 where something is.
    Doctor {
        /// Mend first what can be mended.
        #[arg(long)]
        fix: bool,
    },
    /// « Réparer la synchronisation »: looks at everything here and on the hub, and mends it. Ends with 1 where something is
    /// left for a person.
    Repair,
    /// What repairs found and did, newest first.
    Repairs {
        /// Only what is left for a person.
        #[arg(long)]
        left: bool,
        /// Write it to this file, for a spreadsheet.
        #[arg(long)]
        csv: Option<PathBuf>,
        /// At most so many.
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Compare documents with the hub, and make them equal. Ends with 1 where one is not.
    Integrity {
        /// A ticket (`1-004 317`), an order's number, or `entity:uid`.
        #[arg(long, conflicts_with_all = ["from", "to"])]
        document: Option<String>,
        /// First day, `YYYY-MM-DD`.
        #[arg(long, requires = "to")]
        from: Option<String>,
        /// Last day, that day included.
        #[arg(long, requires = "from")]
        to: Option<String>,
        /// Also what is equal already.
        #[arg(long)]
        force: bool,
        /// Go on with the one that was stopped, or cut off by whatever ended the till.
        #[arg(long, conflicts_with_all = ["document", "from", "to", "force"])]
        resume: bool,
    },
    /// Say whether till and hub are identical, and at which revision. Ends with 1 where they are not.
    Certify {
        /// Mend the rows that differ, and nothing else, and say it again.
        #[arg(long)]
        mend: bool,
    },
}

/// Does it.
pub fn run(till: &Till, arguments: &Arguments, command: &Command) -> Result<Json> {
    if arguments.user.is_some() {
        arguments.sign_in(till)?;
    }
    match command {
        Command::Doctor { fix } => {
            if *fix {
                till.repair_as("manual")?;
            }
            Ok(serde_json::to_value(till.diagnose()?)?)
        }
        Command::Repair => judged(till.repair_as("manual")?, |run| run.left == 0 && run.problem.is_none()),
        Command::Repairs { left, csv, limit } => {
            let args = ListRepairsArgs { left: *left, limit: *limit, ..ListRepairsArgs::default() };
            match csv {
                Some(path) => Ok(serde_json::to_value(till.export_repairs(&args, path)?)?),
                None => Ok(serde_json::to_value(till.list_repairs(&args)?)?),
            }
        }
        Command::Integrity { document, from, to, force, resume } => {
            let args = IntegrityArgs {
                document: document.clone(),
                from: from.clone(),
                to: to.clone(),
                force: *force,
                resume: *resume,
            };
            judged(till.check_integrity(&args)?, |report| report.totals.failed == 0 && !report.stopped)
        }
        Command::Certify { mend } => {
            let told = if *mend { till.certify_mended()? } else { till.certify_as("manual")? };
            judged(told, |certificate| certificate.equal)
        }
    }
}

/// An answer that says whether all is well: the exit code follows it.
fn judged<T: serde::Serialize>(told: T, well: impl FnOnce(&T) -> bool) -> Result<Json> {
    let healthy = well(&told);
    let mut answer = serde_json::to_value(told)?;
    if let Some(fields) = answer.as_object_mut() {
        fields.insert("healthy".to_owned(), healthy.into());
    }
    Ok(answer)
}

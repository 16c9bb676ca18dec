//! The words of the command line.

use std::path::PathBuf;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use officine_hub::settings::{Given, LogFormat, with_variables};
use officine_protocol::Uid;

/// The hub of a pharmacy or a chain: tills push to it and pull from it.
#[derive(Parser)]
#[command(name = "officine-hub", version)]
pub(crate) struct Args {
    /// A file of settings, TOML: docs/hub.toml names them all.
    #[arg(long, global = true, env = "OFFICINE_HUB_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Answers as JSON.
    #[arg(long, global = true)]
    pub json: bool,
    /// What `--log-format json` says, as it was said before.
    #[arg(long, global = true, hide = true)]
    log_json: bool,
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub given: Given,
}

impl Args {
    /// What was said, by flags and variables. Ends the process with status 2 where it makes no sense.
    pub(crate) fn heard() -> Self {
        let matches = with_variables(Self::command()).get_matches();
        let heard = || {
            let given = Given::heard(&matches)?;
            let mut args = Self::from_arg_matches(&matches)?;
            args.given = if args.log_json { Given { log_format: Some(LogFormat::Json), ..given } } else { given };
            Ok(args)
        };
        heard().unwrap_or_else(|error: clap::Error| error.exit())
    }
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Runs the hub until it is told to stop.
    Serve {
        /// Written with the address once the hub listens.
        #[arg(long, value_name = "FILE")]
        ready_file: Option<PathBuf>,
    },
    /// Shows the settings in force, secrets hidden, as a file could say them.
    Config,
    /// Brings the tables up to date and ends: for an owner's role that no running hub should have.
    Migrate,
    /// Creates a pharmacy and shows its uid.
    CreatePharmacy {
        /// How it is called.
        #[arg(long)]
        name: String,
    },
    /// Lists the pharmacies.
    Pharmacies,
    /// Shows a one-time code with which a till enrols, valid 24 hours.
    EnrolmentCode {
        /// Which pharmacy; needless where there is one.
        #[arg(long, value_name = "UID")]
        pharmacy: Option<Uid>,
    },
    /// Tills that are known.
    Devices {
        #[command(subcommand)]
        command: DeviceCommand,
    },
    /// Writes a backup while hubs serve, verified, with a note beside it that says what it holds.
    Backup {
        /// A file, or a folder in which it is called after the instant.
        #[arg(long, value_name = "FILE|FOLDER")]
        to: PathBuf,
        /// In a folder: so many stay, the oldest are removed.
        #[arg(long, value_name = "N")]
        keep: Option<std::num::NonZeroUsize>,
    },
    /// Puts a backup in the place of the database, which is kept, and begins a new epoch: tills give back what they know
    /// beyond it. Refused, with status 3, while a hub serves the database.
    Restore {
        /// The backup.
        #[arg(long, value_name = "FILE")]
        from: PathBuf,
    },
    /// What was kept of tills whose file was restored or copied, or that were revoked.
    Quarantine {
        #[command(subcommand)]
        command: QuarantineCommand,
    },
    /// Every column the database has, and what the sync does with it. Fails where one is not declared, or not there.
    Coverage,
    /// How many rows each entity has and the sum of their hashes: a till whose `digest` is equal holds the same.
    Digest {
        /// Which pharmacy; needless where there is one.
        #[arg(long, value_name = "UID")]
        pharmacy: Option<Uid>,
    },
    /// Checks the books of a pharmacy as a till may have them checked, mends what can be mended, and shows what was found.
    Check {
        /// Which pharmacy; needless where there is one.
        #[arg(long, value_name = "UID")]
        pharmacy: Option<Uid>,
    },
    /// Lots and their quantities.
    Stock {
        /// Of this pharmacy.
        #[arg(long, value_name = "UID")]
        pharmacy: Option<Uid>,
        /// Of this product.
        #[arg(long, value_name = "UID")]
        product_uid: Option<Uid>,
        /// Of products with this code.
        #[arg(long)]
        code: Option<String>,
    },
}

#[derive(Subcommand)]
pub(crate) enum QuarantineCommand {
    /// Lists it, without its content, and says what became of it: « here » once the hub has what it says, « kept » while
    /// it is nowhere else.
    List {
        /// Of this till.
        #[arg(long, value_name = "UID")]
        device: Option<Uid>,
    },
    /// Shows one operation as it came.
    Show {
        /// Its key.
        key: Uid,
    },
    /// Shows it as it came, one operation a line.
    Export {
        /// Of this till.
        #[arg(long, value_name = "UID")]
        device: Option<Uid>,
    },
    /// Has what is nowhere else judged now, for a till that will not send it again: its machine is lost, or its owner does
    /// not enrol it again. Tickets get numbers of a series of their own. Nothing counts twice, if the till comes back too.
    Release {
        /// Of this till.
        #[arg(long, value_name = "UID")]
        device: Uid,
    },
}

#[derive(Subcommand)]
pub(crate) enum DeviceCommand {
    /// Lists them.
    List {
        /// Of this pharmacy.
        #[arg(long, value_name = "UID")]
        pharmacy: Option<Uid>,
    },
    /// Shuts one out, at once.
    Revoke {
        /// Which.
        device: Uid,
    },
}

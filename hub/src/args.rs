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
    /// Every column the database has, and what the sync does with it. Fails where one is not declared, or not there.
    Coverage,
    /// How many rows each entity has and the sum of their hashes: a till whose `digest` is equal holds the same.
    Digest {
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

//! The words of the command line.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Parser, Subcommand};
use officine_protocol::Uid;

/// The hub of a pharmacy or a chain: tills push to it and pull from it.
#[derive(Parser)]
#[command(name = "officine-hub", version)]
pub(crate) struct Args {
    /// Folder of the hub's own database.
    #[arg(long, global = true, env = "OFFICINE_HUB_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// PostgreSQL instead of a file of its own.
    #[arg(
        long,
        global = true,
        env = "OFFICINE_HUB_DATABASE_URL",
        hide_env_values = true,
        value_name = "URL",
        conflicts_with = "data"
    )]
    pub database_url: Option<String>,
    /// The same database, for the role that owns its tables and migrates.
    #[arg(
        long,
        global = true,
        env = "OFFICINE_HUB_OWNER_URL",
        hide_env_values = true,
        value_name = "URL",
        conflicts_with = "data"
    )]
    pub owner_url: Option<String>,
    /// Answers as JSON.
    #[arg(long, global = true)]
    pub json: bool,
    /// Log lines as JSON.
    #[arg(long, global = true)]
    pub log_json: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Runs the hub until it is told to stop.
    Serve(Serve),
    /// Creates a pharmacy and shows its uid.
    CreatePharmacy {
        /// How it is called.
        #[arg(long)]
        name: String,
    },
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

#[derive(clap::Args)]
pub(crate) struct Serve {
    /// Where to listen; port 0 for any that is free.
    #[arg(long, default_value = "127.0.0.1:8710", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// Written with the address once the hub listens.
    #[arg(long, value_name = "FILE")]
    pub ready_file: Option<PathBuf>,
    /// Listens beyond this machine though the wire is readable.
    #[arg(long)]
    pub insecure_plain_http: bool,
}

#[derive(Subcommand)]
pub(crate) enum DeviceCommand {
    /// Lists them.
    List,
    /// Shuts one out, at once.
    Revoke {
        /// Which.
        device: Uid,
    },
}

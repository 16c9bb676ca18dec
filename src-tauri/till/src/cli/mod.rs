//! Arguments, exit codes and answers of the command line. Exit codes: 0 done, 1 refused, 2 wrong use, 3 the store is
//! in trouble, 4 the hub cannot be reached.

mod answer;
mod catalogue;
mod commands;
mod conflicts;
mod expiries;
mod fields;
mod money;
mod people;
mod queue;
mod recalls;
mod repair;
mod safety;
mod selling;
mod stock;
mod suppliers;
mod sync;

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use clap::{Parser, Subcommand};
use officine_till::{
    Error, Result, Till,
    system::{SystemClock, SystemEntropy},
    views::SignInArgs,
};

/// The till without a window.
#[derive(Parser)]
#[command(name = "officine-till", version, about = "The till of Officine, without a window")]
pub struct Arguments {
    /// Data folder of the till.
    #[arg(long, env = "OFFICINE_DATA_DIR")]
    data: PathBuf,
    /// Answer in JSON, errors too (on standard output).
    #[arg(long, global = true)]
    json: bool,
    /// Say on standard error everything the engine does.
    #[arg(long, global = true)]
    verbose: bool,
    /// Login of whoever acts.
    #[arg(long, env = "OFFICINE_USER", global = true)]
    user: Option<String>,
    /// Their PIN.
    #[arg(long, env = "OFFICINE_PIN", global = true, hide_env_values = true)]
    pin: Option<String>,
    #[command(subcommand)]
    command: Command,
}

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Enrol this till with a one-time code.
    Enrol {
        /// Address of the hub.
        #[arg(long)]
        hub: String,
        /// The code.
        #[arg(long)]
        code: String,
        /// How the till is called.
        #[arg(long, default_value = "Caisse")]
        name: String,
    },
    /// Load the demo pharmacy into an empty till.
    Demo {
        /// The same seed gives the same pharmacy.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Create the first owner of a pharmacy that has no user.
    Owner {
        /// Full name.
        #[arg(long)]
        name: String,
    },
    /// Import a catalogue.
    Import {
        /// The CSV file.
        file: PathBuf,
        /// Francs for one unit of the file's currency.
        #[arg(long, default_value = "")]
        rate: String,
        /// Say what would happen, change nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Find products.
    Search {
        /// Words, or their beginnings.
        text: String,
        /// At most so many.
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// Say what a code is, without selling it.
    Scan {
        /// The code.
        code: String,
    },
    /// Sell what these codes are.
    Sell(selling::Sell),
    /// Set the price of a product's unit.
    Price {
        /// The product's code.
        code: String,
        /// Francs.
        #[arg(allow_negative_numbers = true)]
        price: i64,
        /// Position of the unit.
        #[arg(long, default_value_t = 0)]
        unit: u32,
    },
    /// Stock by lot.
    Stock {
        /// Only the product with this code.
        code: Option<String>,
    },
    /// What has expired or soon will, in boxes and francs.
    Expiries {
        /// Only lots with so many days left or fewer; up to the longest threshold where absent.
        #[arg(long)]
        days: Option<u32>,
        /// Write it to this file, for a spreadsheet.
        #[arg(long)]
        csv: Option<PathBuf>,
    },
    /// Tickets, newest first; what becomes of refused ones.
    #[command(args_conflicts_with_subcommands = true)]
    Sales {
        /// At most so many.
        #[arg(long, default_value_t = 20)]
        limit: u32,
        #[command(subcommand)]
        refused: Option<selling::Refused>,
    },
    /// A ticket as it was printed, and what became of it.
    Ticket {
        /// Number of a sale, or uid of a sale or a return.
        ticket: String,
    },
    /// Push what waits, pull what is new; or look after the queue.
    Sync {
        #[command(subcommand)]
        command: Option<sync::Command>,
    },
    /// What two tills wrote in one place, and who wins.
    Conflicts {
        #[command(subcommand)]
        command: conflicts::Command,
    },
    /// What was overwritten: a row's history, the conflict log, the audit trail.
    Log(conflicts::Log),
    /// How many rows each entity has and the sum of their hashes: a hub whose `digest` is equal holds the same.
    Digest,
    /// State of the till, its queue and its store.
    Status,
    /// Whether the declaration covers the store: columns by what the sync does with them, and those nobody declared.
    Coverage,
    #[command(flatten)]
    Catalogue(catalogue::Command),
    #[command(flatten)]
    Suppliers(suppliers::Command),
    #[command(flatten)]
    Recalls(recalls::Command),
    #[command(flatten)]
    People(people::Command),
    #[command(flatten)]
    Money(money::Command),
    #[command(flatten)]
    Goods(stock::Command),
    #[command(flatten)]
    Safety(safety::Command),
    #[command(flatten)]
    Repairs(repair::Command),
}

/// Runs a command and tells how it went.
pub fn run(arguments: Arguments) -> ExitCode {
    let json = arguments.json;
    let done = match &arguments.command {
        Command::Safety(safety::Command::Salvage) => safety::salvage(&arguments.data),
        _ => Till::open(&arguments.data, Arc::new(SystemClock), Arc::new(SystemEntropy))
            .and_then(|till| commands::run(&till, &arguments)),
    };
    match done {
        Ok(answer) => {
            let printed = answer::print(&answer, json);
            if answer["healthy"] == false { ExitCode::from(1) } else { printed }
        }
        Err(error) => {
            answer::print_problem(&error.problem(), json);
            if error.code() == "store_unreadable" {
                answer::offer_salvage(&arguments.data);
            }
            exit_code(&error)
        }
    }
}

fn exit_code(error: &Error) -> ExitCode {
    const STORE: [&str; 6] =
        ["store_unreadable", "store_newer", "store_read_only", "store_busy", "store_failed", "disk_full"];
    match error {
        Error::Hub { .. } => ExitCode::from(4),
        Error::Refused { code, .. } if !STORE.contains(&code.as_str()) => ExitCode::from(1),
        _ => ExitCode::from(3),
    }
}

impl Arguments {
    /// Whether the log is to say everything.
    pub fn verbose(&self) -> bool {
        self.verbose
    }

    /// Signs in whoever acts.
    fn sign_in(&self, till: &Till) -> Result<()> {
        let wanted = self.user.as_deref().unwrap_or_default().to_lowercase();
        let person = till.people()?.into_iter().find(|person| person.login == wanted);
        let Some(person) = person else {
            return Err(Error::refused("user_unknown", officine_protocol::params! { login: wanted }));
        };
        till.sign_in(&SignInArgs { uid: person.uid, pin: self.pin.clone().unwrap_or_default() }).map(|_| ())
    }
}

//! `officine-till`: the engine without a window, for support staff and scripts.

mod cli;

use std::process::ExitCode;

use clap::Parser;
use officine_till::log;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    let filter = log::filter("warn", arguments.verbose());
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter(filter).init();
    cli::run(arguments)
}

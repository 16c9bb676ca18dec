//! `officine-till`: the engine without a window, for support staff and scripts.

mod cli;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_env("OFFICINE_LOG").unwrap_or_else(|_| "warn".into()))
        .init();
    cli::run(cli::Arguments::parse())
}

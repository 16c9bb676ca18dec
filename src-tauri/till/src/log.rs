//! What the log of a till says, and where the window keeps it. No secret is ever given to it.

use tracing_subscriber::EnvFilter;

/// The log of the window, in the data folder.
pub const FILE: &str = "officine.log";

/// Ours alone: what libraries trace of a request may hold its secrets.
const VERBOSE: [&str; 3] = ["officine_till=trace", "officine_shell=trace", "officine_protocol=trace"];

/// The filter: `OFFICINE_LOG` where it is set and can be read, else `base`; with everything the till does, if `verbose`.
pub fn filter(base: &str, verbose: bool) -> EnvFilter {
    let filter = EnvFilter::try_from_env("OFFICINE_LOG").unwrap_or_else(|_| EnvFilter::new(base));
    let ours = VERBOSE.iter().filter(|_| verbose).filter_map(|directive| directive.parse().ok());
    ours.fold(filter, EnvFilter::add_directive)
}

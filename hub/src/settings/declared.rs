//! The settings themselves.

use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    num::NonZeroU32,
    path::PathBuf,
};

use serde::{Deserialize, Serialize};

/// A text that is never shown: neither in a log, nor among the settings.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct Secret(pub String);

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

impl Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("(hidden)")
    }
}

/// How log lines are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

macro_rules! settings {
    (
        absent { $( $(#[doc = $a_doc:literal])+ $a:ident: $a_type:ty; )+ }
        default { $( $(#[doc = $d_doc:literal])+ $([$($d_arg:tt)+])? $d:ident: $d_type:ty = $value:expr; )+ }
    ) => {
        /// What one place gives: the file, or variables and flags.
        #[derive(Clone, Debug, Default, Deserialize, clap::Args)]
        #[command(next_help_heading = "Settings, also by file and variable")]
        #[serde(deny_unknown_fields)]
        pub struct Given {
            $( $(#[doc = $a_doc])+ #[arg(long, global = true, hide_env_values = true)] pub $a: Option<$a_type>, )+
            $(
                $(#[doc = $d_doc])+
                #[arg(long, global = true, hide_env_values = true $(, $($d_arg)+)?)]
                pub $d: Option<$d_type>,
            )+
        }

        /// All settings, as they are in force.
        #[derive(Clone, PartialEq, Debug, Serialize)]
        pub struct Settings {
            $( $(#[doc = $a_doc])+ #[serde(skip_serializing_if = "Option::is_none")] pub $a: Option<$a_type>, )+
            $( $(#[doc = $d_doc])+ pub $d: $d_type, )+
        }

        impl Given {
            /// Keys and what is said of them, in order.
            pub(super) const KEYS: &[(&str, &str)] = &[
                $( (stringify!($a), concat!($($a_doc, "\n"),+)), )+
                $( (stringify!($d), concat!($($d_doc, "\n"),+)), )+
            ];

            /// What is given here; what is not, from below.
            pub(super) fn or(self, below: Self) -> Self {
                Self { $( $a: self.$a.or(below.$a), )+ $( $d: self.$d.or(below.$d), )+ }
            }
        }

        impl From<Given> for Settings {
            fn from(given: Given) -> Self {
                Self { $( $a: given.$a, )+ $( $d: given.$d.unwrap_or_else(|| $value), )+ }
            }
        }
    };
}

const fn count(number: u32) -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(number - 1)
}

settings! {
    absent {
        /// Folder of the hub's own database file. Either this or `database_url` must be given.
        data: PathBuf;
        /// URL of a PostgreSQL database, for the role that serves: it owns nothing, and row-level security binds it.
        /// Roles, backups, `sslmode`, `sslrootcert` and `pool_size`: docs/postgresql.md.
        database_url: Secret;
        /// URL of the same database for the role that owns its tables and migrates. Absent: somebody else migrates.
        /// It goes with the `database_url` beside it: where a variable or a flag names another, that names its owner.
        owner_url: Secret;
        /// URL of the same database for a role that reads every row, for `backup`: docs/postgresql.md. Absent: the owner's.
        backup_url: Secret;
        /// Certificates, PEM, the hub's own first. With it the hub speaks HTTPS. Read again on SIGHUP.
        tls_cert: PathBuf;
        /// The private key of the first certificate, PEM.
        tls_key: PathBuf;
    }
    default {
        /// Address and port for the tills; port 0 for any that is free.
        listen: SocketAddr = SocketAddr::from((Ipv4Addr::LOCALHOST, 8710));
        /// Address and port of the Prometheus metrics, plain HTTP: keep it on loopback or a private network.
        metrics_listen: SocketAddr = SocketAddr::from((Ipv4Addr::LOCALHOST, 8711));
        /// Listens beyond this machine without TLS, though the wire is readable: behind a TLS proxy only.
        [num_args = 0..=1, require_equals = true, default_missing_value = "true"]
        insecure_plain_http: bool = false;
        /// What is logged: `error`, `warn`, `info`, `debug`, `trace`, or directives per module.
        log: String = "info,refinery_core=warn".to_owned();
        /// How log lines are written: `text` or `json`.
        [value_enum]
        log_format: LogFormat = LogFormat::Text;
        /// Connections open at once. Who comes beyond that is turned away.
        max_connections: NonZeroU32 = count(1024);
        /// Connections open at once from one address (IPv6: one /64), this machine excepted; 0 for no limit, as behind
        /// a TLS proxy on another machine.
        max_connections_per_address: u32 = 64;
        /// Requests worked on at once. Beyond that the answer is 503, try again.
        max_requests: NonZeroU32 = count(256);
        /// Pulls held at once until something is new: one a till. Beyond that the answer is 503, and tills ask by the
        /// minute.
        max_held: NonZeroU32 = count(512);
        /// Seconds a client has to send the head of a request; also how long a connection may idle between two.
        head_timeout: NonZeroU32 = count(30);
        /// Seconds a request may take from its head to the end of its body and its answer: 4 MiB over 2G fit.
        request_timeout: NonZeroU32 = count(180);
        /// Seconds after which a connection is closed in order, once the request under way is answered.
        connection_age: NonZeroU32 = count(3600);
        /// Seconds that requests under way have to end once the hub is told to stop.
        shutdown_timeout: NonZeroU32 = count(20);
        /// Requests a device may make per minute, and at most at once; 0 for no limit. A till that catches up asks one
        /// after the other, and stays below.
        device_rate: u32 = 6000;
        /// Requests per minute and address without a known token, enrolments among them; 0 for no limit. Behind a TLS
        /// proxy all come from one address, the proxy's: let it slow down strangers, and say 0 or more than 60 here.
        stranger_rate: u32 = 60;
    }
}

impl Default for Settings {
    fn default() -> Self {
        Given::default().into()
    }
}

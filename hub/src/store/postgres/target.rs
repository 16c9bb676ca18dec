//! Where the database is: a URL as libpq reads it, the time-outs of a hub, TLS by rustls.
//!
//! Settings of our own in the URL: `pool_size`, `sslrootcert` (a PEM file). Beyond this machine the wire is TLS and the
//! server's name is checked, unless `sslmode=disable` is said; `prefer`, which checks nothing, counts as unsaid.

use std::{net::IpAddr, sync::Arc, time::Duration};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio_postgres::config::{Config, Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::failure::failure;
use crate::StoreError;

const POOL: usize = 16;
const CONNECT: Duration = Duration::from_secs(10);
/// How every session of a hub is called, before what the URL says.
const NAME: &str = "officine-hub";
/// No statement of a hub takes so long; whoever holds a lock for longer is not waited for.
const LIMITS: &str = "-c statement_timeout=60s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s";

/// A database server, not connected to yet.
#[derive(Clone)]
pub(super) struct Target {
    pub config: Config,
    pub tls: MakeRustlsConnect,
    pub pool: usize,
    /// A PEM file: the authorities trusted instead of the web's.
    pub roots: Option<String>,
}

impl Target {
    /// Reads a URL. An error names the setting, never the URL.
    pub fn parse(url: &str) -> Result<Self, StoreError> {
        let (plain, own) = own_settings(url);
        let mut config: Config = plain.parse().map_err(failure)?;
        let said = own.iter().find(|(name, _)| *name == "sslmode").map(|(_, value)| *value);
        config.ssl_mode(ssl_mode(&config, said)?);
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        let name = config.get_application_name().map_or_else(|| NAME.to_owned(), |said| format!("{NAME} {said}"));
        let given = config.get_options().unwrap_or_default().to_owned();
        config.options(format!("{LIMITS} {given}")).application_name(name);
        let pool = own.iter().find(|(name, _)| *name == "pool_size").map_or(Ok(POOL), |(_, size)| {
            let size = size.parse().ok().filter(|size| (1..=1_000).contains(size));
            size.ok_or_else(|| unreadable("pool_size is not a number from 1 to 1000"))
        })?;
        let roots = own.iter().find(|(name, _)| *name == "sslrootcert").map(|(_, file)| *file);
        Ok(Self { config, tls: tls(roots)?, pool, roots: roots.map(str::to_owned) })
    }

    /// The same server, every statement run as another role.
    pub fn serving_as(self, role: &str) -> Self {
        self.told("role", role)
    }

    /// The same server, tables looked for in one schema.
    pub fn in_schema(self, schema: &str) -> Self {
        self.told("search_path", &format!("\"{}\"", schema.replace('"', "\"\"")))
    }

    fn told(mut self, name: &str, value: &str) -> Self {
        let given = self.config.get_options().unwrap_or_default().to_owned();
        let value = value.replace('\\', r"\\").replace(' ', r"\ ");
        self.config.options(format!("{given} -c {name}={value}"));
        self
    }
}

fn unreadable(why: &str) -> StoreError {
    StoreError::Failed(format!("the database URL: {why}"))
}

/// The URL without the settings that are ours to read, and those.
fn own_settings(url: &str) -> (String, Vec<(&str, &str)>) {
    let Some((head, settings)) = url.split_once('?') else { return (url.to_owned(), Vec::new()) };
    let ours = |name: &str| ["pool_size", "sslrootcert", "sslmode"].contains(&name);
    let pairs =
        settings.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let (own, rest): (Vec<_>, Vec<_>) = pairs.partition(|(name, _)| ours(name));
    let rest: Vec<String> = rest.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let plain = if rest.is_empty() { head.to_owned() } else { format!("{head}?{}", rest.join("&")) };
    (plain, own)
}

fn ssl_mode(config: &Config, said: Option<&str>) -> Result<SslMode, StoreError> {
    match said.unwrap_or("prefer") {
        "disable" => Ok(SslMode::Disable),
        "require" | "verify-ca" | "verify-full" => Ok(SslMode::Require),
        "prefer" | "allow" if is_local(config) => Ok(SslMode::Disable),
        "prefer" | "allow" => Ok(SslMode::Require),
        _ => Err(unreadable("sslmode is one of disable, require, verify-full")),
    }
}

fn is_local(config: &Config) -> bool {
    let names = config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()),
        #[cfg(unix)]
        Host::Unix(_) => true,
    });
    match config.get_hostaddrs() {
        [] => names,
        addresses => addresses.iter().all(IpAddr::is_loopback),
    }
}

/// Trusts the authorities of the web, or those of a file alone.
fn tls(roots: Option<&str>) -> Result<MakeRustlsConnect, StoreError> {
    let mut trusted = RootCertStore::empty();
    match roots {
        None => trusted.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(file) => {
            let unread = |_| unreadable("sslrootcert cannot be read");
            for certificate in CertificateDer::pem_file_iter(file).map_err(unread)? {
                trusted
                    .add(certificate.map_err(unread)?)
                    .map_err(|_| unreadable("sslrootcert holds no certificate"))?;
            }
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| StoreError::Failed(error.to_string()))?;
    Ok(MakeRustlsConnect::new(config.with_root_certificates(trusted).with_no_client_auth()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> SslMode {
        Target::parse(url).unwrap().config.get_ssl_mode()
    }

    #[test]
    fn beyond_this_machine_the_wire_is_tls_unless_told() {
        for local in ["postgres://a@localhost/b", "postgres://a@127.0.0.1/b?sslmode=prefer", "postgres:///b?host=/run"]
        {
            assert_eq!(mode(local), SslMode::Disable, "{local}");
        }
        assert_eq!(mode("postgres://a@db.example/b"), SslMode::Require);
        assert_eq!(mode("postgres://a@db.example/b?sslmode=prefer"), SslMode::Require);
        assert_eq!(mode("postgres://a@db.example/b?sslmode=disable"), SslMode::Disable);
        assert_eq!(mode("postgres://a@localhost/b?sslmode=verify-full"), SslMode::Require);
        assert_eq!(mode("postgres://a@localhost/b?hostaddr=192.0.2.1"), SslMode::Require);
    }

    #[test]
    fn settings_are_read_and_wrong_ones_named_without_the_url() {
        let target =
            Target::parse("postgres://a:secret@localhost/b?pool_size=3&options=-c%20lock_timeout%3D1s").unwrap();
        assert_eq!(target.pool, 3);
        assert!(target.config.get_options().unwrap().ends_with("-c lock_timeout=1s"), "what is said comes last");
        assert_eq!(target.config.get_application_name(), Some("officine-hub"));
        let target = Target::parse("postgres://a@localhost/b?application_name=north").unwrap().in_schema("a \"b");
        assert_eq!(target.config.get_application_name(), Some("officine-hub north"));
        assert!(target.config.get_options().unwrap().ends_with(r#"-c search_path="a\ ""b""#));
        for wrong in ["pool_size=0", "pool_size=x", "sslmode=odd", "sslrootcert=/nowhere"] {
            let error = Target::parse(&format!("postgres://a:secret@localhost/b?{wrong}")).err().unwrap().to_string();
            assert!(error.contains(wrong.split('=').next().unwrap()) && !error.contains("secret"), "{error}");
        }
    }
}

//! What a backup needs beside the pool: which tables are the hub's, who else is connected, how PostgreSQL's own programs find
//! the database, and the tables' way into another schema and back.

use std::time::Duration;

use tokio_postgres::config::{Host, SslMode};

use super::{failure::failure, lease, owners, roles, target::Target};
use crate::StoreError;

/// Sessions of hubs; those of one that has just stopped end by themselves.
const HUBS: &str = "SELECT string_agg(format('%s %s', pid, application_name), ', ') FROM pg_stat_activity \
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'officine-hub%'";
const LOOKS: u32 = 10;
const LOOK: Duration = Duration::from_millis(200);

/// The hub's tables in the owner's schema, named so that they can be found from anywhere.
pub(crate) async fn tables(owner: &str) -> Result<Vec<String>, StoreError> {
    let mut lease = lease(&owners(&Target::parse(owner)?)?).await?;
    let sql = format!(
        "SELECT format('%I.%I', c.relnamespace::regnamespace::text, c.relname) FROM pg_class c WHERE {} ORDER BY 1",
        roles::ours()
    );
    let rows = lease.client()?.query(&sql, &[]).await.map_err(failure)?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// Which hubs are connected to the database, if any.
pub(crate) async fn serving(owner: &str) -> Result<Option<String>, StoreError> {
    let mut lease = lease(&owners(&Target::parse(owner)?)?).await?;
    for _ in 1..LOOKS {
        if roles::text(lease.client()?, HUBS).await?.is_none() {
            return Ok(None);
        }
        tokio::time::sleep(LOOK).await;
    }
    roles::text(lease.client()?, HUBS).await
}

/// Moves the hub's tables into a new schema, and says where they were.
pub(crate) async fn move_to(owner: &str, schema: &str) -> Result<String, StoreError> {
    let names = tables(owner).await?;
    let mut lease = lease(&owners(&Target::parse(owner)?)?).await?;
    let home = roles::schema(lease.client()?).await?;
    let moves: Vec<String> = names.iter().map(|table| format!("ALTER TABLE {table} SET SCHEMA {schema};")).collect();
    let sql = format!("BEGIN; CREATE SCHEMA {schema}; {} COMMIT", moves.join(" "));
    lease.client()?.batch_execute(&sql).await.map_err(failure)?;
    Ok(home)
}

/// Makes the functions that triggers of the tables call: a dump of the tables does not have them.
pub(crate) async fn prepare(owner: &str) -> Result<(), StoreError> {
    let mut lease = lease(&owners(&Target::parse(owner)?)?).await?;
    lease.client()?.batch_execute(&officine_protocol::ranges::triggers::functions()).await.map_err(failure)
}

/// Moves them back.
pub(crate) async fn move_back(owner: &str, schema: &str, home: &str) -> Result<(), StoreError> {
    let mut lease = lease(&owners(&Target::parse(owner)?)?).await?;
    let sql = "SELECT format('ALTER TABLE %I.%I SET SCHEMA %I;', $1::text, c.relname, $2::text) FROM pg_class c \
               WHERE c.relnamespace = $1::text::regnamespace AND c.relkind IN ('r', 'p')";
    let rows = lease.client()?.query(sql, &[&schema, &home]).await.map_err(failure)?;
    let moves: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let sql = format!("BEGIN; {} DROP SCHEMA {schema}; COMMIT", moves.join(" "));
    lease.client()?.batch_execute(&sql).await.map_err(failure)
}

/// The name of the database.
pub(crate) fn database(url: &str) -> Result<String, StoreError> {
    let config = Target::parse(url)?.config;
    let user = config.get_user().map(str::to_owned);
    config.get_dbname().map(str::to_owned).or(user).ok_or(StoreError::Unknown("database"))
}

/// The variables by which PostgreSQL's programs find the database: a command line is readable by everybody.
pub(crate) fn environment(url: &str) -> Result<Vec<(&'static str, String)>, StoreError> {
    let Target { config, roots, .. } = Target::parse(url)?;
    let host = |host: &Host| match host {
        Host::Tcp(name) => name.clone(),
        #[cfg(unix)]
        Host::Unix(folder) => folder.display().to_string(),
    };
    let hosts: Vec<String> = config.get_hosts().iter().map(host).collect();
    let ports: Vec<String> = config.get_ports().iter().map(u16::to_string).collect();
    let tls = match (config.get_ssl_mode(), &roots) {
        (SslMode::Require, Some(_)) => "verify-full",
        (SslMode::Require, None) => "require",
        _ => "disable",
    };
    let password = config.get_password().map(|password| String::from_utf8_lossy(password).into_owned());
    let said = [
        ("PGHOST", Some(hosts.join(","))),
        ("PGPORT", Some(ports.join(","))),
        ("PGUSER", config.get_user().map(str::to_owned)),
        ("PGPASSWORD", password),
        ("PGDATABASE", Some(database(url)?)),
        ("PGOPTIONS", config.get_options().map(str::to_owned)),
        ("PGSSLMODE", Some(tls.to_owned())),
        ("PGSSLROOTCERT", roots),
    ];
    Ok(said.into_iter().filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?))).collect())
}

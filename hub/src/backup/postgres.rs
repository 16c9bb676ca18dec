//! PostgreSQL: its own programs write and read the dump; the tables that were there are kept in a schema of their own.

use std::{
    path::{Path, PathBuf},
    process::Output,
};

use officine_protocol::clock::Clock;

use super::{BackupError, Restored, files, known, renew};
use crate::{App, Place, store::postgres::aside, system::SystemClock};

/// Where Debian keeps them, by version.
const VERSIONS: &str = "/usr/lib/postgresql";

/// Dumps the hub's tables, and checks that the dump can be read.
pub(super) async fn dump(url: &str, owning: &str, to: &Path) -> Result<(), BackupError> {
    let tables = aside::tables(owning).await?;
    let mut words = vec!["-Fc".to_owned(), "--no-password".to_owned(), format!("--file={}", to.display())];
    words.extend(tables.iter().map(|table| format!("--table={table}")));
    run("pg_dump", url, &words).map_err(|error| match error {
        BackupError::Program { program, said } if said.contains("row-level security") => {
            let said = format!(
                "{said}. Dumping needs a role that reads every row, say its URL as backup_url: docs/postgresql.md, Backups"
            );
            BackupError::Program { program, said }
        }
        error => error,
    })?;
    verified(to)
}

/// Whether a dump can be read and has the hub's tables.
fn verified(file: &Path) -> Result<(), BackupError> {
    let output = std::process::Command::new(program("pg_restore")?).arg("--list").arg(file).output();
    let output = output.map_err(|error| BackupError::File(file.to_owned(), error))?;
    let listed = String::from_utf8_lossy(&output.stdout);
    match output.status.success() {
        true if listed.contains("TABLE DATA") && listed.contains(" pharmacy ") => Ok(()),
        true => Err(BackupError::unfit(file, "it holds no hub's tables")),
        false => Err(BackupError::unfit(file, said(&output))),
    }
}

/// Moves the tables aside, reads the dump in one transaction, and moves them back where that fails.
pub(super) async fn restore(app: &str, owner: Option<&str>, from: &Path) -> Result<Restored, BackupError> {
    let (owning, place) = (owner.unwrap_or(app), Place::Url { app: app.to_owned(), owner: owner.map(str::to_owned) });
    verified(from)?;
    if let Some(who) = aside::serving(owning).await? {
        return Err(BackupError::Serving(who));
    }
    let there = !aside::tables(owning).await?.is_empty();
    let replaced = if there { known(crate::open(&place).await).await } else { None };
    let kept = format!("officine_before_{}", files::stamp(SystemClock.now()).replace('-', "_"));
    let home = if there { Some(aside::move_to(owning, &kept).await?) } else { None };
    aside::prepare(owning).await?;
    let words = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", "--no-password"];
    let mut words: Vec<String> = words.map(str::to_owned).to_vec();
    words.push(format!("--dbname={}", aside::database(owning)?));
    words.push(from.display().to_string());
    if let Err(error) = run("pg_restore", owning, &words) {
        if let Some(home) = &home {
            aside::move_back(owning, &kept, home).await?;
        }
        return Err(error);
    }
    let pharmacies = renew(&App::new(crate::open(&place).await?), replaced).await?;
    let kept = home.map(|_| format!("schema {kept}"));
    Ok(Restored { from: from.to_owned(), kept, pharmacies })
}

/// Runs a program on the database of a URL, which its command line does not show.
fn run(name: &'static str, url: &str, words: &[String]) -> Result<(), BackupError> {
    let mut command = std::process::Command::new(program(name)?);
    command.args(words).envs(aside::environment(url)?);
    let output = command.output().map_err(|error| BackupError::File(PathBuf::from(name), error))?;
    if output.status.success() { Ok(()) } else { Err(BackupError::Program { program: name, said: said(&output) }) }
}

fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).take(3).collect();
    lines.join("; ")
}

/// The newest there is: an older one does not read a newer server.
fn program(name: &'static str) -> Result<PathBuf, BackupError> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir(VERSIONS)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin").join(name))))
        .filter(|(_, path)| path.exists())
        .collect();
    versions.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let elsewhere = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| path.exists());
    versions.pop().map(|(_, path)| path).or(elsewhere).ok_or(BackupError::NoProgram(name))
}

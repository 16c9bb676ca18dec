//! Backups of the hub's database and the way back. A backup is verified before it bears its name, and a note beside it says
//! what it holds. A restore keeps the database that was there, and begins a new epoch for every pharmacy, so that tills
//! that know more give back what was lost.

mod files;
mod note;
mod postgres;
mod sqlite;

use std::path::{Path, PathBuf};

use officine_protocol::clock::mint;

pub use self::note::{Note, Noted};
use self::{files::Target, note::VERSION};
use crate::{
    App, Place, StoreError,
    store::{Lineage, Renewed, Store},
};

/// Why there is no backup, or nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The storage.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no database.
    #[error("there is no hub's database in {0}")]
    NoDatabase(PathBuf),
    /// A hub serves the database.
    #[error("a hub serves this database ({0}): stop it first, then restore. Nothing was changed")]
    Serving(String),
    /// A program of PostgreSQL is not there.
    #[error(
        "the program {0} is missing: install PostgreSQL's client programs (Debian: apt-get install postgresql-client)"
    )]
    NoProgram(&'static str),
    /// A program of PostgreSQL did not do it.
    #[error("{program}: {said}")]
    Program {
        /// Which.
        program: &'static str,
        /// What it said, and what to do.
        said: String,
    },
    /// A backup that is none, or that was changed since.
    #[error("{file} is no backup to restore from: {why}. Nothing was changed")]
    Unfit {
        /// The file.
        file: PathBuf,
        /// Why.
        why: String,
    },
    /// A file.
    #[error("{0}: {1}")]
    File(PathBuf, std::io::Error),
}

impl BackupError {
    fn unfit(file: &Path, why: impl Into<String>) -> Self {
        Self::Unfit { file: file.to_owned(), why: why.into() }
    }
}

/// A backup that was made.
#[derive(Debug, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Made {
    /// Where.
    pub file: PathBuf,
    /// What it holds.
    #[serde(flatten)]
    pub note: Note,
    /// Older ones that gave way.
    pub removed: Vec<PathBuf>,
}

/// A backup that was restored.
#[derive(Debug, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Restored {
    /// From where.
    pub from: PathBuf,
    /// The database that was there, kept: a file, or a schema.
    pub kept: Option<String>,
    /// The pharmacies, each in its new epoch.
    pub pharmacies: Vec<Renewed>,
}

/// Backs up while hubs serve: to a file, or in a folder under the name of the instant, where the newest `keep` stay.
pub async fn backup(
    place: &Place,
    backup_url: Option<&str>,
    to: &Path,
    keep: Option<usize>,
) -> Result<Made, BackupError> {
    let app = App::new(crate::open(&existing(place)?).await?);
    let now = app.clock.now();
    let lineage = app.store.lineage().await?;
    let (kind, ending) = match place {
        Place::Folder(_) => ("sqlite", "db"),
        Place::Url { .. } => ("postgresql", "dump"),
    };
    let target = Target::new(to, now, ending)?;
    let (schema, noted) = match place {
        Place::Folder(folder) => sqlite::copy(&folder.join("hub.db"), &target.partial)?,
        Place::Url { app, owner } => {
            let url = backup_url.or(owner.as_deref()).unwrap_or(app);
            postgres::dump(url, owner.as_deref().unwrap_or(app), &target.partial).await?;
            (lineage.schema, lineage.pharmacies.iter().map(Noted::from).collect())
        }
    };
    let (bytes, sha256) = files::sum(&target.partial)?;
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let database = kind.to_owned();
    let note = Note { note: VERSION, version, database, schema, made_at: now, bytes, sha256, pharmacies: noted };
    note.write(&target.partial_note())?;
    let removed = target.finish(keep)?;
    let reached = note.pharmacies.iter().map(|noted| (noted.pharmacy, noted.revision)).collect();
    app.store.backed_up(reached, now).await?;
    Ok(Made { file: target.file, note, removed })
}

/// Restores. No hub may serve the database; the one that was there is kept.
pub async fn restore(place: &Place, from: &Path) -> Result<Restored, BackupError> {
    let note = Note::beside(from)?;
    if let Some(note) = &note {
        note.check(from, matches!(place, Place::Folder(_)))?;
    }
    match place {
        Place::Folder(folder) => sqlite::restore(folder, from).await,
        Place::Url { app, owner } => postgres::restore(app, owner.as_deref(), from).await,
    }
}

/// A folder without a database is not made one of by asking for its backup.
fn existing(place: &Place) -> Result<Place, BackupError> {
    match place {
        Place::Folder(folder) if !folder.join("hub.db").exists() => Err(BackupError::NoDatabase(folder.clone())),
        place => Ok(place.clone()),
    }
}

/// Begins the epochs of what was restored, above all that the database knew that it replaces.
async fn renew(app: &App, replaced: Option<Lineage>) -> Result<Vec<Renewed>, StoreError> {
    let restored = app.store.lineage().await?;
    let commits = restored.pharmacies.iter().map(|_| mint(&*app.clock, &*app.entropy)).collect();
    app.store.renew(replaced, app.clock.now(), commits).await
}

/// What the database that will be replaced knew, if it can be read.
async fn known(store: Result<std::sync::Arc<dyn Store>, StoreError>) -> Option<Lineage> {
    let found = match store {
        Ok(store) => store.heritage().await,
        Err(error) => Err(error),
    };
    found.inspect_err(|error| tracing::warn!(%error, "the database that is replaced cannot be read")).ok()
}

//! « Sauvegarde »: how backups are made, those that are there, « Sauvegarder maintenant ».

use std::{
    fs,
    path::{Path, PathBuf},
};

use officine_protocol::{Uid, params, roles::Permission};
use rusqlite::Connection;

use super::{
    due::{self, Last},
    folders, make,
    stamp::Stamp,
    verify::{self, Closely},
};
use crate::{
    engine::Till,
    error::{Error, Result},
    refuse, settings,
    views::{BackupFile, BackupSettings, BackupsView, Topic},
};

const SETTINGS: &str = "backup.settings";
/// Beside the till's data, where nobody chose a folder.
const FOLDER: &str = "backups";
const KEPT: u32 = 14;
const MOST_KEPT: u32 = 90;

impl Till {
    /// « Sauvegarde ».
    pub fn backups(&self) -> Result<BackupsView> {
        let (settings, last) = self.store.read(|connection| Ok((read(connection)?, due::last(connection)?)))?;
        let mut files: Vec<BackupFile> =
            listed(&self.backup_folder(&settings)).into_iter().map(|(file, _)| file).collect();
        files.sort_by_key(|file| std::cmp::Reverse(file.at));
        Ok(BackupsView { settings, files, last: last.made, problem: last.problem, sticks: folders::sticks() })
    }

    /// Says how they are made from now on. A folder that is not there is refused.
    pub fn set_backups(&self, new: &BackupSettings) -> Result<BackupsView> {
        self.allow(Permission::Settings)?;
        if !(1..=MOST_KEPT).contains(&new.keep) {
            return refuse!("field_invalid", field: "keep");
        }
        let folder = new.folder.as_deref().map(str::trim).filter(|folder| !folder.is_empty());
        if let Some(folder) = folder {
            folders::check(Path::new(folder))?;
        }
        let new = BackupSettings { folder: folder.map(str::to_owned), ..new.clone() };
        let text = serde_json::to_string(&new)?;
        self.store.write(|tx| settings::set_local(tx, SETTINGS, &text))?;
        self.changed(&[Topic::Settings]);
        self.backups()
    }

    /// « Sauvegarder maintenant »: every page and every index entry of it is checked.
    pub fn back_up(&self) -> Result<BackupsView> {
        self.allow(Permission::Settings)?;
        self.back_up_into(None)?;
        self.backups()
    }

    /// Makes one in that folder, in the one that was chosen where none is named. Whoever can read the till's data may.
    pub fn back_up_into(&self, folder: Option<&Path>) -> Result<BackupFile> {
        self.back_up_closely(folder, Closely::Full)
    }

    pub(super) fn back_up_closely(&self, folder: Option<&Path>, closely: Closely) -> Result<BackupFile> {
        let _alone = crate::sync::shared::lock(&self.backing_up);
        let settings = self.store.read(read)?;
        let folder = folder.map_or_else(|| self.backup_folder(&settings), Path::to_owned);
        let made = self.back_up_there(&folder, &settings, closely);
        let now = self.clock.now();
        let problem = made.as_ref().err().map(Error::problem);
        self.store.write(|tx| due::remember(tx, Last { made: made.is_ok().then_some(now), tried: now, problem }))?;
        self.changed(&[Topic::Settings]);
        made
    }

    fn back_up_there(&self, folder: &Path, settings: &BackupSettings, closely: Closely) -> Result<BackupFile> {
        if folder == self.dir.join(FOLDER) {
            fs::create_dir_all(folder).map_err(|error| located(error.into(), folder))?;
        }
        folders::check(folder)?;
        let (device, now) = (self.device().ok(), self.clock.now());
        let made = make::make(self.store.path(), folder, device.as_ref(), now, closely);
        let (path, stamp) = made.map_err(|error| located(error, folder))?;
        tracing::info!(path = %path.display(), tickets = stamp.tickets, revision = stamp.revision, "backed up");
        rotate(folder, device.map(|device| device.uid), settings.keep);
        verify::listed(&path)
            .map(|(file, _)| file)
            .ok_or_else(|| Error::refused("backup_damaged", params! { path: "" }))
    }

    fn backup_folder(&self, settings: &BackupSettings) -> PathBuf {
        settings.folder.as_ref().map_or_else(|| self.dir.join(FOLDER), PathBuf::from)
    }
}

/// How they are made.
pub fn read(connection: &Connection) -> Result<BackupSettings> {
    let known = settings::local(connection, SETTINGS)?.and_then(|text| serde_json::from_str(&text).ok());
    Ok(known.unwrap_or(BackupSettings { folder: None, automatic: true, keep: KEPT }))
}

fn listed(folder: &Path) -> Vec<(BackupFile, Option<Stamp>)> {
    make::finished(folder).iter().filter_map(|path| verify::listed(path)).collect()
}

/// Takes away the oldest of those that this till made and that are whole. What others made, and what is damaged, counts
/// for nothing and stays.
fn rotate(folder: &Path, device: Option<Uid>, keep: u32) {
    let own = |stamp: &Option<Stamp>| stamp.as_ref().is_some_and(|stamp| stamp.device == device);
    let mut files: Vec<BackupFile> =
        listed(folder).into_iter().filter(|(file, stamp)| file.verified && own(stamp)).map(|(file, _)| file).collect();
    files.sort_by_key(|file| std::cmp::Reverse(file.at));
    for file in files.iter().skip(keep.max(1) as usize) {
        match fs::remove_file(&file.path) {
            Ok(()) => tracing::info!(path = file.path, "an old backup was taken away"),
            Err(error) => tracing::warn!(path = file.path, %error, "an old backup stays"),
        }
    }
}

/// Says where a backup could not be written: the till itself has nothing.
fn located(error: Error, folder: &Path) -> Error {
    let code = match error.code().as_str() {
        "disk_full" => "backup_disk_full",
        "store_read_only" => "backup_read_only",
        "store_failed" => "backup_failed",
        _ => return error,
    };
    let detail = error.problem().params.get("detail").cloned().unwrap_or_default();
    Error::refused(code, params! { path: folder.display().to_string(), detail: detail })
}

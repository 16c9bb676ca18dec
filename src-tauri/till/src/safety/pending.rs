//! A re-enrolment that has begun, on the disk beside the database: the incarnation before it is named to the hub, the new
//! token before anything depends on it.

use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    path::Path,
};

use officine_protocol::Uid;
use serde::{Deserialize, Serialize};

use crate::{device::Device, error::Result};

const FILE: &str = "reenrol.json";

/// How far it has come.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pending {
    /// The device it was.
    pub replaces: Uid,
    /// The incarnation it will be.
    pub incarnation: Uid,
    /// What the hub made of it, once it has.
    pub device: Option<Device>,
}

/// Reads it. One that cannot be read was never whole: nothing depends on it.
pub fn load(dir: &Path) -> Result<Option<Pending>> {
    match fs::read(dir.join(FILE)) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Writes it: whole or not at all, readable by its owner only.
pub fn store(dir: &Path, pending: &Pending) -> Result<()> {
    let fresh = dir.join("reenrol.json.new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&fresh)?;
    file.write_all(&serde_json::to_vec(pending)?)?;
    file.sync_all()?;
    fs::rename(&fresh, dir.join(FILE))?;
    if let Ok(folder) = File::open(dir) {
        folder.sync_all()?;
    }
    Ok(())
}

/// It is done.
pub fn remove(dir: &Path) -> Result<()> {
    match fs::remove_file(dir.join(FILE)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

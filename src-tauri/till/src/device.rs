//! What this till is, kept beside the database and not in it: token, secret, incarnation. A copied or restored
//! database file therefore never carries another till's identity with it.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::Path,
};

use officine_protocol::Uid;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

const FILE: &str = "device.json";

/// An enrolled till.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Device {
    /// Identity.
    pub uid: Uid,
    /// Bearer token.
    pub token: String,
    /// The pharmacy's secret for PINs.
    pub pin_secret: String,
    /// This installation of this till.
    pub incarnation: Uid,
    /// The hub's address.
    pub hub: String,
    /// Ticket series.
    pub series: i64,
    /// How the till is called.
    pub name: String,
    /// How the pharmacy is called.
    pub pharmacy: String,
}

impl std::fmt::Debug for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Device({}, series {})", self.uid, self.series)
    }
}

/// Reads the device file; `None` before enrolment.
pub fn load(dir: &Path) -> Result<Option<Device>> {
    let path = dir.join(FILE);
    match fs::read(&path) {
        Ok(bytes) => match serde_json::from_slice(&bytes) {
            Ok(device) => Ok(Some(device)),
            Err(_) => {
                let path = path.display().to_string();
                Err(Error::refused("store_unreadable", officine_protocol::params! { path: path }))
            }
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Writes the device file: whole or not at all, readable by its owner only.
pub fn store(dir: &Path, device: &Device) -> Result<()> {
    let (path, fresh) = (dir.join(FILE), dir.join("device.json.new"));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&fresh)?;
    file.write_all(&serde_json::to_vec_pretty(device)?)?;
    file.sync_all()?;
    fs::rename(&fresh, &path)?;
    if let Ok(folder) = fs::File::open(dir) {
        folder.sync_all()?;
    }
    Ok(())
}

//! What a backup says of itself, inside itself: whose it is, when it was made, where it stands.

use officine_protocol::Uid;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use crate::{device::Device, error::Result, settings, store::checks, sync::cursor};

/// The local setting that holds it: only a backup has one.
const STAMP: &str = "backup.stamp";

/// Whose a backup is, and where it stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stamp {
    /// The till; none before enrolment.
    pub device: Option<Uid>,
    /// How it is called.
    pub till: String,
    /// Its series of tickets.
    pub series: i64,
    /// When it was made.
    pub at: i64,
    /// Tickets of this till's series in it.
    pub tickets: i64,
    /// The revision it stands at.
    pub revision: i64,
    /// The version of its tables.
    pub schema: i64,
}

impl Stamp {
    /// Of a copy of this till's store.
    pub fn of(copy: &Connection, device: Option<&Device>, at: i64) -> Result<Self> {
        let (series, tickets) =
            copy.query_row("SELECT series, last_number FROM till_state", [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Self {
            device: device.map(|device| device.uid),
            till: device.map(|device| device.name.clone()).unwrap_or_default(),
            series,
            at,
            tickets,
            revision: cursor::load(copy)?.cursor.rev,
            schema: checks::schema_version(copy)?,
        })
    }

    /// Writes it into the copy.
    pub fn write(&self, copy: &Connection) -> Result<()> {
        settings::set_local(copy, STAMP, &serde_json::to_string(self)?)
    }

    /// Reads it; none in a file that no till made as a backup.
    pub fn read(copy: &Connection) -> Result<Option<Self>> {
        Ok(settings::local(copy, STAMP)?.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Takes it out: a restored file is no backup.
    pub fn remove(copy: &Connection) -> Result<()> {
        copy.execute("DELETE FROM local_setting WHERE name = ?1", [STAMP])?;
        Ok(())
    }
}

//! What two tills wrote in one place: rows born on the hub, seen, explained and resolved here. A resolution is an update
//! of such a row; the hub writes the chosen values, and the first to reach it stands. Until then the hub's value is in
//! force, here too.

mod apart;
mod list;
mod many;
pub mod marks;
mod merge;
pub mod names;
mod one;
pub mod paths;
mod resolve;
mod undo;

use officine_protocol::{
    Uid,
    entities::{self, CONFLICT},
    messages::{ConflictField, Resolution},
    params,
    record::Record,
    schema::Entity,
};
use rusqlite::Connection;

pub use list::{count, summary_of};
pub use one::cell;

use crate::{
    editing,
    error::{Error, Result},
    store::rows,
    views::ConflictKindName,
};

/// A conflict as it is stored.
#[derive(Clone, Debug)]
pub struct Conflict {
    /// Its identity.
    pub uid: Uid,
    /// As it lies in the store.
    pub record: Record,
    /// Entity of the row it is about.
    pub target: &'static Entity,
    /// That row, by any of its uids.
    pub row: Uid,
    /// What met.
    pub kind: ConflictKindName,
    /// Field by field.
    pub fields: Vec<ConflictField>,
    /// What was decided.
    pub resolution: Option<Resolution>,
}

impl Conflict {
    /// Reads one that is here.
    pub fn read(connection: &Connection, uid: &str) -> Result<Self> {
        let missing = || Error::refused("reference_missing", params! { entity: CONFLICT.name, uid: uid });
        let (_, record) = rows::get(connection, &CONFLICT, editing::uid_of(&CONFLICT, uid)?)?.ok_or_else(missing)?;
        Self::of(record)
    }

    fn of(record: Record) -> Result<Self> {
        let text = |name| record.get(&CONFLICT, name).text().unwrap_or_default().to_owned();
        let (entity, row) = (text("entity"), text("row"));
        let unknown = || Error::refused("reference_missing", params! { entity: entity, uid: row });
        let resolution = record.get(&CONFLICT, "resolution").text();
        Ok(Self {
            uid: record.uid,
            target: entities::entity(&entity).ok_or_else(unknown)?,
            row: Uid::try_parse(&row).map_err(|_| unknown())?,
            kind: kind(&text("kind")),
            fields: serde_json::from_str(&text("fields"))?,
            resolution: resolution.and_then(|text| serde_json::from_str(text).ok()),
            record,
        })
    }

    /// Whether it waits for somebody.
    pub fn open(&self) -> bool {
        self.record.get(&CONFLICT, "resolved_at").is_null()
    }

    /// The row it is about, where it is here.
    pub fn target_record(&self, connection: &Connection) -> Result<Option<Record>> {
        Ok(rows::get(connection, self.target, self.row)?.map(|(_, record)| record))
    }

    fn instant(&self, name: &str) -> Option<i64> {
        self.record.get(&CONFLICT, name).int()
    }
}

fn kind(word: &str) -> ConflictKindName {
    match word {
        "delete" => ConflictKindName::Delete,
        "twin" => ConflictKindName::Twin,
        _ => ConflictKindName::Edit,
    }
}

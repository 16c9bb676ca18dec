//! The log of what was overwritten: append-only, one row per value.

use officine_protocol::{Uid, schema::Entity};
use rusqlite::Connection;

use crate::error::Result;

/// A value that was overwritten.
pub struct Change<'a> {
    /// Entity.
    pub entity: &'a Entity,
    /// Row.
    pub uid: Uid,
    /// Revision that brought it; 0 for an edit made here.
    pub rev: i64,
    /// Field, as on the wire.
    pub field: &'a str,
    /// Before.
    pub old: &'a serde_json::Value,
    /// After.
    pub new: &'a serde_json::Value,
    /// Who.
    pub user: Option<Uid>,
    /// When.
    pub hlc: &'a str,
    /// `edit`, `pull`, `repair` …
    pub kind: &'a str,
}

impl Change<'_> {
    /// Appends it to the log; a secret leaves only the trace that it changed.
    pub fn write(&self, connection: &Connection) -> Result<()> {
        let columns = self.entity.columns.iter();
        let secret = columns.filter(|column| column.secret).any(|column| column.wire_name() == self.field);
        let shown = |json: &serde_json::Value| (!secret && !json.is_null()).then(|| json.to_string());
        let sql = "INSERT INTO change_log (rev, entity, uid, field, old, new, user, hlc, kind) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        connection.prepare_cached(sql)?.execute((
            self.rev,
            self.entity.name,
            self.uid.as_bytes(),
            self.field,
            shown(self.old),
            shown(self.new),
            self.user.as_ref().map(|uid| uid.as_bytes().as_slice()),
            self.hlc,
            self.kind,
        ))?;
        Ok(())
    }
}

//! How an entity, a part and an index are declared, and what follows from their declaration.

use super::{Column, Entity, Index, Kind, LEDGER, NaturalKey, Part, Twin};
use crate::roles::Permission;

impl Part {
    /// A list of rows without a place in another's table.
    pub const fn new(
        name: &'static str,
        table: &'static str,
        owner: &'static str,
        key: &'static [&'static str],
        columns: &'static [Column],
        max_rows: usize,
    ) -> Self {
        Self { name, table, owner, kind: None, key, identity: key, columns, max_rows, found_by: None, since: 1 }
    }

    /// Its rows are looked up by that column too.
    pub const fn found_by(self, column: &'static str) -> Self {
        Self { found_by: Some(column), ..self }
    }

    /// Its rows are told apart by these columns; the key is their place.
    pub const fn identified_by(self, columns: &'static [&'static str]) -> Self {
        Self { identity: columns, ..self }
    }

    /// The place of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

impl Index {
    /// Rows by these columns, on the till.
    pub const fn on(columns: &'static [&'static str]) -> Self {
        Self { columns, hub: false, present: None, since: 1 }
    }

    /// On the hub too.
    pub const fn everywhere(self) -> Self {
        Self { hub: true, ..self }
    }

    /// Leaves out rows where that column is absent.
    pub const fn where_present(self, column: &'static str) -> Self {
        Self { present: Some(column), ..self }
    }

    /// Came with that version of the schema.
    pub const fn since(self, since: u32) -> Self {
        Self { since, ..self }
    }
}

impl Entity {
    /// An entity of the first schema, edited freely, without parts.
    pub const fn new(name: &'static str, table: &'static str, columns: &'static [Column]) -> Self {
        Self {
            name,
            table,
            columns,
            parts: &[],
            natural: None,
            indexes: &[],
            document: false,
            moves_at: "occurred_at",
            closed: None,
            hub_born: false,
            create: None,
            edit: None,
            since: 1,
        }
    }

    /// Recorded and edited by whoever may.
    pub const fn allowed(self, create: Permission, edit: Permission) -> Self {
        Self { create: Some(create), edit: Some(edit), ..self }
    }

    /// Recorded once and never edited.
    pub const fn document(self) -> Self {
        Self { document: true, ..self }
    }

    /// What it moves counts from that instant, not from when it was recorded.
    pub const fn moves_at(self, column: &'static str) -> Self {
        Self { moves_at: column, ..self }
    }

    /// Once that column is set, a row never changes again; who tries is told that code.
    pub const fn closed_by(self, column: &'static str, code: &'static str) -> Self {
        Self { closed: Some((column, code)), ..self }
    }

    /// Only the hub makes one.
    pub const fn hub_born(self) -> Self {
        Self { hub_born: true, ..self }
    }

    /// With these parts.
    pub const fn parts(self, parts: &'static [Part]) -> Self {
        Self { parts, ..self }
    }

    /// What makes two rows the same thing, and what is done about it.
    pub const fn known_by(self, columns: &'static [&'static str], twin: Twin) -> Self {
        Self { natural: Some(NaturalKey { columns, twin }), ..self }
    }

    /// Looked up by these.
    pub const fn indexes(self, indexes: &'static [Index]) -> Self {
        Self { indexes, ..self }
    }

    /// Came with that version of the schema.
    pub const fn since(self, since: u32) -> Self {
        Self { since, ..self }
    }

    /// The part that is its rows of the ledger, if it moves stock.
    pub fn movements(&self) -> Option<&'static Part> {
        self.parts.iter().find(|part| part.table == LEDGER)
    }

    /// Whether it is a ticket: it bears the next number of a series and is a link of its chain.
    pub fn numbered(&self) -> bool {
        ["series", "number", "hash"].iter().all(|name| self.column(name).is_some())
    }

    /// The place of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The place of a part.
    pub fn part(&self, name: &str) -> Option<usize> {
        self.parts.iter().position(|part| part.name == name)
    }

    /// The entities its rows and parts name, itself left out.
    pub fn references(&self) -> impl Iterator<Item = &'static str> {
        let own = self.columns.iter().chain(self.parts.iter().flat_map(|part| part.columns));
        let name = self.name;
        own.filter_map(|column| match column.kind {
            Kind::Ref(entity) => Some(entity),
            _ => None,
        })
        .filter(move |entity| *entity != name)
    }
}

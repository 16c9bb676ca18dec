//! Tables derived from the declaration: what a version of the schema adds to each kind of database. The texts are kept
//! as migrations and never change once released; a test compares the newest with the declaration.

use std::collections::HashSet;

use crate::{
    entities::{entity, in_order},
    schema::{Column, Entity, Index, Kind, Part, pays},
    sql::{Place, declared},
};

/// A kind of database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    /// The till's own file.
    Till,
    /// A hub's own file.
    HubFile,
    /// A hub's PostgreSQL.
    HubServer,
}

impl Target {
    fn place(self) -> Place {
        if self == Self::Till { Place::Till } else { Place::Hub }
    }

    fn end(self) -> &'static str {
        if self == Self::HubFile { ") STRICT, WITHOUT ROWID;\n" } else { ");\n" }
    }

    fn integer(self) -> &'static str {
        if self == Self::HubServer { "BIGINT" } else { "INTEGER" }
    }

    fn bytes(self) -> &'static str {
        if self == Self::HubServer { "BYTEA" } else { "BLOB" }
    }

    fn text(self) -> &'static str {
        if self == Self::HubServer { "TEXT COLLATE \"C\"" } else { "TEXT" }
    }

    fn kind(self, column: &Column) -> &'static str {
        match column.kind {
            Kind::Text(_) | Kind::OneOf(_) | Kind::Json(_) => self.text(),
            Kind::Bytes(_) => self.bytes(),
            Kind::Int(..) | Kind::Bool | Kind::Date | Kind::Instant | Kind::Ref(_) => self.integer(),
        }
    }
}

/// All that a version of the schema adds.
pub fn migration(version: u32, target: Target) -> String {
    let mut text = format!("-- Derived from the declaration of entities, schema {version}.\n");
    let mut tables: HashSet<&str> = existing(version);
    for entity in in_order() {
        let born = entity.since == version;
        if born {
            text += &table(entity, target);
        } else {
            text += &added(entity.table, declared(entity, target.place()).map(|(_, column)| column), version, target);
        }
        for part in entity.parts {
            if tables.insert(part.table) {
                text += &part_table(entity, part, target);
            } else if part.kind.is_none() {
                text += &added(part.table, part.columns.iter(), version, target);
            }
        }
        let wanted = |index: &&Index| index.since.max(entity.since) == version && (index.hub || target == Target::Till);
        entity.indexes.iter().filter(wanted).for_each(|index| text += &looked_up(entity, index, target));
        if target != Target::Till && entity.since.max(WEIGHED_SINCE) == version {
            text += &weighed(entity);
        }
    }
    if target == Target::Till {
        text += "\n-- What an older till was not sent is read again, from the start.\n";
        text += "UPDATE sync_state SET cursor_rev = 0, cursor_commit = NULL;\n";
    }
    text
}

/// The schema since which the hub weighs what comes late against counts, and payments against one another.
const WEIGHED_SINCE: u32 = 2;

/// What the hub alone looks up: documents that move stock by when that counts, payments by their reference.
fn weighed(entity: &Entity) -> String {
    let mut text = String::new();
    if entity.movements().is_some() {
        let (table, at) = (entity.table, entity.moves_at);
        text += &format!("CREATE INDEX {table}_by_{at} ON {table} (pharmacy_id, {at});\n");
    }
    let own = std::iter::once((entity.table, entity.columns));
    let tables = own.chain(entity.parts.iter().map(|part| (part.table, part.columns)));
    for (table, _) in tables.filter(|(_, columns)| pays(columns)) {
        text += &format!(
            "CREATE INDEX {table}_by_reference ON {table} (pharmacy_id, reference) WHERE reference IS NOT NULL;\n"
        );
    }
    text
}

/// The tables of parts that an earlier version made.
fn existing(version: u32) -> HashSet<&'static str> {
    let parts =
        in_order().iter().flat_map(|entity| entity.parts.iter().map(|part| (entity.since.max(part.since), part)));
    parts.filter(|(since, _)| *since < version).map(|(_, part)| part.table).collect()
}

fn table(entity: &Entity, target: Target) -> String {
    let (int, bytes, name) = (target.integer(), target.bytes(), quoted(entity.table));
    let mut lines = match target {
        Target::Till => vec![
            "id INTEGER PRIMARY KEY".to_owned(),
            "uid BLOB NOT NULL UNIQUE".to_owned(),
            "server_id INTEGER".to_owned(),
            "rev INTEGER NOT NULL DEFAULT 0".to_owned(),
        ],
        Target::HubFile | Target::HubServer => vec![
            format!("pharmacy_id {int} NOT NULL REFERENCES pharmacy (id)"),
            format!("id {int} NOT NULL"),
            format!("uid {bytes} NOT NULL"),
            format!("rev {int} NOT NULL"),
        ],
    };
    lines.extend([format!("created_at {int} NOT NULL"), format!("archived_at {int}")]);
    lines.extend(declared(entity, target.place()).map(|(_, column)| defined(column, target)));
    if target != Target::Till {
        lines.extend(["PRIMARY KEY (pharmacy_id, id)".to_owned(), "UNIQUE (pharmacy_id, uid)".to_owned()]);
        lines.extend(entity.columns.iter().filter_map(composite));
    }
    let mut text = format!("\nCREATE TABLE {name} (\n    {}\n{}", lines.join(",\n    "), target.end());
    if target != Target::Till {
        text += &format!("CREATE INDEX {}_by_rev ON {name} (pharmacy_id, rev);\n", entity.table);
    }
    let natural = entity.natural.filter(|natural| natural.columns.iter().all(|name| entity.column(name).is_some()));
    if let Some(natural) = natural {
        let index = Index { columns: natural.columns, hub: true, present: None, since: entity.since };
        text += &looked_up(entity, &index, target);
    }
    text
}

fn part_table(entity: &Entity, part: &Part, target: Target) -> String {
    let mut lines = Vec::new();
    let mut key: Vec<String> = part.key.iter().filter_map(|name| stored(part.columns, name)).collect();
    key.insert(0, part.owner.to_owned());
    if target == Target::Till {
        lines.push(format!("{} INTEGER NOT NULL REFERENCES {} (id)", part.owner, quoted(entity.table)));
    } else {
        lines.extend(["pharmacy_id", part.owner].map(|name| format!("{name} {} NOT NULL", target.integer())));
        key.insert(0, "pharmacy_id".to_owned());
    }
    lines.extend(part.columns.iter().map(|column| defined(column, target)));
    lines.push(format!("PRIMARY KEY ({})", key.join(", ")));
    if target != Target::Till {
        let owner = quoted(entity.table);
        lines.push(format!("FOREIGN KEY (pharmacy_id, {}) REFERENCES {owner} (pharmacy_id, id)", part.owner));
        lines.extend(part.columns.iter().filter_map(composite));
    }
    let end = if target == Target::Till { ") WITHOUT ROWID;\n" } else { target.end() };
    let mut text = format!("\nCREATE TABLE {} (\n    {}\n{end}", quoted(part.table), lines.join(",\n    "));
    if let Some((name, column)) = part.found_by.and_then(|name| Some((name, stored(part.columns, name)?))) {
        let pharmacy = if target == Target::Till { "" } else { "pharmacy_id, " };
        text += &format!("CREATE INDEX {0}_by_{name} ON {0} ({pharmacy}{column});\n", part.table);
    }
    text
}

fn defined(column: &Column, target: Target) -> String {
    let (name, kind) = (column.sql_name(), target.kind(column));
    let mut text = format!("{name} {kind}{}", if column.nullable { "" } else { " NOT NULL" });
    let kept_here = column.class == crate::schema::Class::Derived && column.fold_of.is_none();
    let silent = kept_here || (target == Target::Till && column.class == crate::schema::Class::LocalOnly);
    if silent && !column.nullable {
        text += " DEFAULT 0";
    }
    text += &match column.kind {
        Kind::Ref(target_entity) if target == Target::Till => {
            format!(" REFERENCES {} (id)", quoted(entity(target_entity).map_or("", |entity| entity.table)))
        }
        Kind::OneOf(words) => {
            let words: Vec<_> = words.iter().map(|word| format!("'{word}'")).collect();
            format!(" CHECK ({name} IN ({}))", words.join(", "))
        }
        _ => String::new(),
    };
    text
}

/// A reference stays within its pharmacy.
fn composite(column: &Column) -> Option<String> {
    let Kind::Ref(target) = column.kind else { return None };
    let (name, table) = (column.sql_name(), quoted(entity(target).map_or("", |entity| entity.table)));
    Some(format!("FOREIGN KEY (pharmacy_id, {name}) REFERENCES {table} (pharmacy_id, id)"))
}

/// The columns that a version adds to a table that was there.
fn added<'a>(table: &str, columns: impl Iterator<Item = &'a Column>, version: u32, target: Target) -> String {
    let mut text = String::new();
    for column in columns.filter(|column| column.since == version) {
        let default = match column.empty() {
            _ if column.nullable => String::new(),
            crate::value::Value::Text(empty) => format!(" DEFAULT '{empty}'"),
            _ => " DEFAULT 0".to_owned(),
        };
        text += &format!("ALTER TABLE {} ADD COLUMN {}{default};\n", quoted(table), defined(column, target));
        if let Some(source) = column.fold_of {
            let (table, name) = (quoted(table), column.sql_name());
            text += &format!("UPDATE {table} SET {name} = replace(replace(lower({source}), ' ', ''), '-', '');\n");
        }
        text += &match (target, composite(column)) {
            (Target::HubServer, Some(key)) => format!("ALTER TABLE {} ADD {key};\n", quoted(table)),
            (Target::HubFile, Some(_)) => guarded(table, column),
            _ => String::new(),
        };
    }
    text
}

/// SQLite adds no composite key to a table that is there: a trigger refuses what the key would.
fn guarded(table: &str, column: &Column) -> String {
    let (name, Kind::Ref(target)) = (column.sql_name(), column.kind) else { return String::new() };
    let parent = quoted(entity(target).map_or("", |entity| entity.table));
    let event = |moment: &str, verb: &str| {
        format!(
            "CREATE TRIGGER {table}_{name}_{moment} BEFORE {verb} ON {} WHEN NEW.{name} IS NOT NULL AND NOT EXISTS \
             (SELECT 1 FROM {parent} p WHERE p.pharmacy_id = NEW.pharmacy_id AND p.id = NEW.{name})\n\
             BEGIN SELECT RAISE(ABORT, 'FOREIGN KEY constraint failed'); END;\n",
            quoted(table)
        )
    };
    event("born", "INSERT") + &event("changed", &format!("UPDATE OF {name}"))
}

fn looked_up(entity: &Entity, index: &Index, target: Target) -> String {
    let mut columns: Vec<String> = index.columns.iter().filter_map(|name| stored(entity.columns, name)).collect();
    if target != Target::Till {
        columns.insert(0, "pharmacy_id".to_owned());
    }
    let name = format!("{}_by_{}", entity.table, index.columns.join("_"));
    let present = index.present.and_then(|name| stored(entity.columns, name));
    let present = present.map(|name| format!(" WHERE {name} IS NOT NULL")).unwrap_or_default();
    format!("CREATE INDEX {name} ON {} ({}){present};\n", quoted(entity.table), columns.join(", "))
}

fn stored(columns: &[Column], name: &str) -> Option<String> {
    columns.iter().find(|column| column.name == name).map(Column::sql_name)
}

fn quoted(name: &str) -> String {
    if name == "user" { "\"user\"".to_owned() } else { name.to_owned() }
}

//! The table of ranges, and the triggers that forget them, derived from the declaration. A row that changes, or a row of its
//! parts, takes its range along. A row that goes, or is called otherwise, is named by rows elsewhere: all is forgotten.

use std::collections::BTreeMap;

use super::told;
use crate::{
    ddl::Target,
    entities::in_order,
    limits::SCHEMA,
    schema::{Column, Entity},
    sql::quoted,
};

/// A table whose rows are hashed, the column that says whose row it is, and the SQL that says of which entity, `ROW` being the
/// row.
struct Hashed {
    table: &'static str,
    key: &'static str,
    entity: String,
    columns: Vec<String>,
    own: bool,
}

fn names(columns: &'static [Column]) -> impl Iterator<Item = String> {
    told(columns).map(|(_, column)| quoted(&column.sql_name()))
}

fn own(entity: &'static Entity, target: Target) -> Hashed {
    let server_id = (target == Target::Till).then_some("server_id");
    let standard = ["rev", "created_at", "archived_at"].into_iter().chain(server_id).map(quoted);
    let columns = standard.chain(names(entity.columns)).collect();
    Hashed { table: entity.table, key: "id", entity: format!("'{}'", entity.name), columns, own: true }
}

fn tables(target: Target) -> Vec<Hashed> {
    let mut parts: BTreeMap<&str, Hashed> = BTreeMap::new();
    for entity in in_order() {
        for part in entity.parts {
            let (table, key) = (part.table, part.owner);
            let columns = std::iter::once(quoted(key)).chain(part.kind.map(|(kind, _)| quoted(kind)));
            let columns = columns.chain(names(part.columns)).collect();
            let found = parts.entry(table).or_insert(Hashed { table, key, entity: String::new(), columns, own: false });
            found.entity = match part.kind {
                None => format!("'{}'", entity.name),
                Some((kind, value)) => {
                    let before = found.entity.strip_suffix(" END").unwrap_or("CASE").to_owned();
                    let before = if before == "CASE" { format!("CASE ROW.{}", quoted(kind)) } else { before };
                    format!("{before} WHEN {value} THEN '{}' END", entity.name)
                }
            };
        }
    }
    in_order().iter().map(|entity| own(entity, target)).chain(parts.into_values()).collect()
}

/// All of it, as a migration.
pub fn migration(target: Target) -> String {
    let mut text = format!("-- Derived from the declaration of entities, schema {SCHEMA}.\n\n{}", table(target));
    if target == Target::HubServer {
        text += HERE;
    }
    for hashed in tables(target) {
        text += "\n";
        text += &match target {
            Target::HubServer => functions_of(&hashed) + &called(&hashed),
            _ => direct(&hashed, target),
        };
    }
    text
}

fn table(target: Target) -> String {
    let (int, bytes, pharmacy, first) = match target {
        Target::Till => ("INTEGER", "BLOB", "", ""),
        Target::HubFile => {
            ("INTEGER", "BLOB", "    pharmacy_id INTEGER NOT NULL REFERENCES pharmacy (id),\n", "pharmacy_id, ")
        }
        Target::HubServer => {
            ("BIGINT", "BYTEA", "    pharmacy_id BIGINT NOT NULL REFERENCES pharmacy (id),\n", "pharmacy_id, ")
        }
    };
    let (text, end) = match target {
        Target::HubServer => {
            ("TEXT COLLATE \"C\"", ");\nALTER TABLE digest_range ALTER COLUMN body SET STORAGE EXTERNAL;")
        }
        _ => ("TEXT", ") STRICT;"),
    };
    format!(
        "-- Rows hashed, by ranges of their keys: above `after`, up to `up_to`. Without a body it is being read, by whoever has\n\
         -- the ticket; whatever is written to the range meanwhile takes it away.\n\
         CREATE TABLE digest_range (\n{pharmacy}    entity {text} NOT NULL,\n    up_to {int} NOT NULL,\n    \
         after {int} NOT NULL,\n    rows {int} NOT NULL,\n    read_at {int} NOT NULL,\n    ticket {bytes} NOT NULL,\n    \
         body {bytes},\n    PRIMARY KEY ({first}entity, up_to, after)\n{end}\n"
    )
}

/// Forgets the range of a row: `row` is its name in the trigger.
fn forget(hashed: &Hashed, row: &str, target: Target) -> String {
    let (key, entity) = (quoted(hashed.key), hashed.entity.replace("ROW", row));
    let pharmacy = if target == Target::Till { String::new() } else { format!("pharmacy_id = {row}.pharmacy_id AND ") };
    format!(
        "DELETE FROM digest_range WHERE {pharmacy}entity = {entity} AND up_to >= {row}.{key} AND after < {row}.{key};"
    )
}

fn forget_all(target: Target) -> &'static str {
    if target == Target::Till {
        "DELETE FROM digest_range;"
    } else {
        "DELETE FROM digest_range WHERE pharmacy_id = OLD.pharmacy_id;"
    }
}

/// What makes a row another one.
fn identity(target: Target) -> &'static str {
    if target == Target::Till { "id, uid" } else { "pharmacy_id, id, uid" }
}

/// SQLite: a trigger says what it does.
fn direct(hashed: &Hashed, target: Target) -> String {
    let (table, columns) = (hashed.table, hashed.columns.join(", "));
    let trigger = |moment: &str, event: &str, act: &str| {
        format!("CREATE TRIGGER {table}_hashed_{moment} AFTER {event} ON {} BEGIN {act} END;\n", quoted(table))
    };
    let [old, new] = ["OLD", "NEW"].map(|row| forget(hashed, row, target));
    let mut text = trigger("born", "INSERT", &new);
    if hashed.own {
        text += &trigger("changed", &format!("UPDATE OF {columns}"), &new);
        text += &trigger("renamed", &format!("UPDATE OF {}", identity(target)), forget_all(target));
        return text + &trigger("gone", "DELETE", forget_all(target));
    }
    let pharmacy = if target == Target::Till { "" } else { "pharmacy_id, " };
    text += &trigger("changed", &format!("UPDATE OF {pharmacy}{columns}"), &format!("{old} {new}"));
    text + &trigger("gone", "DELETE", &old)
}

/// PostgreSQL: the functions that its triggers call. A dump of the tables does not have them.
pub fn functions() -> String {
    std::iter::once(HERE.to_owned()).chain(tables(Target::HubServer).iter().map(functions_of)).collect()
}

/// The functions find the ranges in the schema that they were made in, whoever writes.
const HERE: &str = "\nSELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);\n";

fn functions_of(hashed: &Hashed) -> String {
    let target = Target::HubServer;
    let function = |moment: &str, act: &str| {
        format!(
            "CREATE OR REPLACE FUNCTION {}_hashed_{moment}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS \
             $$ BEGIN {act} RETURN NULL; END $$;\n",
            hashed.table
        )
    };
    let [old, new] = ["OLD", "NEW"].map(|row| forget(hashed, row, target));
    if hashed.own {
        return function("born", &fresh(hashed)) + &function("changed", &new) + &function("gone", forget_all(target));
    }
    function("born", &fresh(hashed)) + &function("changed", &format!("{old} {new}")) + &function("gone", &old)
}

/// Forgets the ranges of all rows that a statement has inserted.
fn fresh(hashed: &Hashed) -> String {
    let (key, entity) = (quoted(hashed.key), hashed.entity.replace("ROW", "f"));
    format!(
        "DELETE FROM digest_range d USING (SELECT DISTINCT f.pharmacy_id, {entity} AS entity, f.{key} AS id FROM fresh f) f \
         WHERE d.pharmacy_id = f.pharmacy_id AND d.entity = f.entity AND d.up_to >= f.id AND d.after < f.id;"
    )
}

fn called(hashed: &Hashed) -> String {
    let (table, columns) = (hashed.table, hashed.columns.join(", "));
    let trigger = |moment: &str, event: &str, each: &str, function: &str| {
        format!(
            "CREATE TRIGGER {table}_hashed_{moment} AFTER {event} ON {} {each} EXECUTE FUNCTION {table}_hashed_{function}();\n",
            quoted(table)
        )
    };
    let row = "FOR EACH ROW";
    let mut text = trigger("born", "INSERT", "REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT", "born");
    if hashed.own {
        text += &trigger("changed", &format!("UPDATE OF {columns}"), row, "changed");
        text += &trigger("renamed", &format!("UPDATE OF {}", identity(Target::HubServer)), row, "gone");
    } else {
        text += &trigger("changed", &format!("UPDATE OF pharmacy_id, {columns}"), row, "changed");
    }
    text + &trigger("gone", "DELETE", row, "gone")
}

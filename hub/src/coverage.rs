//! The coverage report: every column the database has, and what the sync does with it. A column nobody declared, or one
//! declared that is not there, is named.

use std::collections::BTreeSet;

use officine_protocol::{
    entities::{HUB_INFRASTRUCTURE, in_order},
    schema::{Class, Column, Entity},
    sql::{Place, declared},
};
use serde::Serialize;

/// What becomes of an entity's columns, by their table's name for them; a part's with the part's name before them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Covered {
    /// Entity.
    pub entity: &'static str,
    /// Travel both ways.
    pub synced: Vec<String>,
    /// Written once.
    pub immutable: Vec<String>,
    /// Computed here and on the till alike.
    pub derived: Vec<String>,
    /// Never leave the till: the hub has none of them.
    pub local_only: Vec<String>,
    /// Identity, revision, birth, archival, owner.
    pub standard: Vec<String>,
}

/// The whole report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Coverage {
    /// By entity, parents first.
    pub entities: Vec<Covered>,
    /// Columns the database has and nobody declared.
    pub undeclared: Vec<String>,
    /// Columns declared that the database has not.
    pub missing: Vec<String>,
    /// Columns of the entities' tables that are covered, in whole percent.
    pub percent: u32,
}

/// Compares what a database has, table and column, with the declaration.
pub fn coverage(found: &[(String, String)]) -> Coverage {
    let tables = found.iter().filter(|(table, _)| !HUB_INFRASTRUCTURE.contains(&table.as_str()));
    let found: BTreeSet<(&str, &str)> = tables.map(|(table, column)| (table.as_str(), column.as_str())).collect();
    let mut known: BTreeSet<(&str, String)> = BTreeSet::new();
    let mut report = Coverage::default();
    for entity in in_order() {
        let (covered, places) = of(entity);
        report.entities.push(covered);
        known.extend(places);
    }
    let said = |(table, column): &(&str, &str)| known.contains(&(*table, (*column).to_owned()));
    let name = |table: &str, column: &str| format!("{table}.{column}");
    report.undeclared = found.iter().filter(|place| !said(place)).map(|(t, c)| name(t, c)).collect();
    let absent = known.iter().filter(|(table, column)| !found.contains(&(*table, column.as_str())));
    report.missing = absent.map(|(table, column)| name(table, column)).collect();
    let covered = found.len() - report.undeclared.len();
    report.percent = u32::try_from(covered * 100 / (found.len() + report.missing.len()).max(1)).unwrap_or(0);
    report
}

fn of(entity: &'static Entity) -> (Covered, Vec<(&'static str, String)>) {
    let mut covered = Covered { entity: entity.name, ..Covered::default() };
    covered.standard = Place::Hub.standard().iter().map(|name| (*name).to_owned()).collect();
    let mut places: Vec<_> = covered.standard.iter().map(|name| (entity.table, name.clone())).collect();
    for column in entity.columns.iter().filter(|column| column.class == Class::LocalOnly) {
        covered.local_only.push(column.sql_name());
    }
    for (_, column) in declared(entity, Place::Hub) {
        places.push((entity.table, column.sql_name()));
        sort(&mut covered, column, column.sql_name());
    }
    for part in entity.parts {
        let own = ["pharmacy_id", part.owner].into_iter().chain(part.kind.map(|(column, _)| column));
        let own: Vec<String> = own.map(str::to_owned).collect();
        covered.standard.extend(own.iter().map(|name| format!("{}.{name}", part.name)));
        places.extend(own.into_iter().map(|name| (part.table, name)));
        for column in part.columns {
            places.push((part.table, column.sql_name()));
            sort(&mut covered, column, format!("{}.{}", part.name, column.sql_name()));
        }
    }
    (covered, places)
}

fn sort(covered: &mut Covered, column: &Column, name: String) {
    match column.class {
        Class::Synced => covered.synced.push(name),
        Class::Immutable => covered.immutable.push(name),
        Class::Derived => covered.derived.push(name),
        Class::LocalOnly => {}
    }
}

impl Coverage {
    /// Nothing undeclared, nothing missing.
    pub fn is_whole(&self) -> bool {
        self.undeclared.is_empty() && self.missing.is_empty()
    }

    /// As support staff read it: a line per entity, then what is wrong, then the share.
    pub fn told(&self) -> String {
        let line = |covered: &Covered| {
            let Covered { entity, synced, immutable, derived, local_only, standard } = covered;
            let counts = [
                ("synced", synced),
                ("immutable", immutable),
                ("derived", derived),
                ("local-only", local_only),
                ("standard", standard),
            ];
            let counts: Vec<_> = counts.iter().map(|(name, columns)| format!("{name} {}", columns.len())).collect();
            format!("{entity}\t{}", counts.join("\t"))
        };
        let mut lines: Vec<String> = self.entities.iter().map(line).collect();
        lines.extend(self.undeclared.iter().map(|name| format!("undeclared\t{name}")));
        lines.extend(self.missing.iter().map(|name| format!("missing\t{name}")));
        lines.push(format!("covered\t{} %", self.percent));
        lines.join("\n")
    }
}

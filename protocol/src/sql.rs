//! SQL derived from the declaration, for both dialects and both places. Identifiers are quoted: `user` is a word of SQL.

use crate::schema::{Class, Column, Entity, Kind, Part};

/// How parameters are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialect {
    /// `?1`
    Sqlite,
    /// `$1`
    Postgres,
}

impl Dialect {
    /// The n-th parameter, from 1.
    pub fn parameter(self, n: usize) -> String {
        match self {
            Self::Sqlite => format!("?{n}"),
            Self::Postgres => format!("${n}"),
        }
    }
}

/// Which database: it decides the columns every row has beside the declared ones.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// `id` (local key), `uid`, `server_id`, `rev`, `created_at`, `archived_at`; references by uid in a statement.
    Till,
    /// `pharmacy_id`, `id` (the server id), `uid`, `rev`, `created_at`, `archived_at`; references by server id.
    Hub,
}

impl Place {
    /// The columns of every row, in the order a derived statement takes and gives them.
    pub fn standard(self) -> &'static [&'static str] {
        match self {
            Self::Till => &["uid", "server_id", "rev", "created_at", "archived_at"],
            Self::Hub => &["pharmacy_id", "id", "uid", "rev", "created_at", "archived_at"],
        }
    }
}

/// The stored columns a derived statement writes: all but those a ledger maintains and those that stay local.
pub fn written(entity: &Entity) -> impl Iterator<Item = (usize, &'static Column)> {
    let columns = entity.columns.iter().enumerate();
    columns.filter(|(_, column)| column.travels() || column.fold_of.is_some())
}

pub(crate) fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

fn list(names: impl IntoIterator<Item = String>) -> String {
    names.into_iter().collect::<Vec<_>>().join(", ")
}

/// `INSERT … ON CONFLICT(identity) DO UPDATE`: the standard columns of the place, then [`written`]. Immutable columns
/// and `created_at` keep their first value. Columns that only this database knows are never touched.
pub fn upsert(entity: &Entity, dialect: Dialect, place: Place) -> String {
    let standard = place.standard();
    let columns: Vec<_> = written(entity).map(|(_, column)| column).collect();
    let names = standard.iter().map(|name| quoted(name)).chain(columns.iter().map(|column| quoted(&column.sql_name())));
    let first = standard.len() + 1;
    let parameters = (1..first).map(|n| dialect.parameter(n));
    let values = columns.iter().enumerate().map(|(i, column)| reference(column, &dialect.parameter(first + i), place));
    let changing =
        ["server_id", "rev", "archived_at"].iter().filter(|name| standard.contains(name)).map(|name| quoted(name));
    let synced =
        columns.iter().filter(|column| column.class != Class::Immutable).map(|column| quoted(&column.sql_name()));
    let updates = changing.chain(synced).map(|name| format!("{name} = excluded.{name}"));
    let target = match place {
        Place::Till => "(uid)",
        Place::Hub => "(pharmacy_id, id)",
    };
    format!(
        "INSERT INTO {} ({}) VALUES ({}) ON CONFLICT {target} DO UPDATE SET {}",
        quoted(entity.table),
        list(names),
        list(parameters.chain(values)),
        list(updates)
    )
}

/// A parameter as it is stored: on the till, a reference given by uid becomes the local key.
fn reference(column: &Column, parameter: &str, place: Place) -> String {
    match (column.kind, place) {
        (Kind::Ref(target), Place::Till) => {
            format!("(SELECT id FROM {} WHERE uid = {parameter})", quoted(table_of(target)))
        }
        _ => parameter.to_owned(),
    }
}

/// `UPDATE` of one column of a row of the till, written once or not: parameter 1 is its key, 2 the value.
pub fn correct(entity: &Entity, column: &Column) -> String {
    let (table, name) = (quoted(entity.table), quoted(&column.sql_name()));
    format!("UPDATE {table} SET {name} = {} WHERE id = ?1", reference(column, "?2", Place::Till))
}

fn table_of(entity: &str) -> &'static str {
    crate::entities::entity(entity).map_or("", |entity| entity.table)
}

/// A stored column as it is read: a reference gives the uid of the row it names. On the hub, one that names no row is said
/// too, so that nobody takes it for none: neither no bytes, as PostgreSQL reads it, nor 0, as SQLite does, is a uid.
pub(crate) fn read(column: &Column, alias: &str, place: Place) -> String {
    let stored = format!("{alias}.{}", quoted(&column.sql_name()));
    let Kind::Ref(target) = column.kind else { return stored };
    let table = quoted(table_of(target));
    match place {
        Place::Till => format!("(SELECT r.uid FROM {table} r WHERE r.id = {stored})"),
        Place::Hub => {
            let named =
                format!("SELECT r.uid FROM {table} r WHERE r.pharmacy_id = {alias}.pharmacy_id AND r.id = {stored}");
            format!("coalesce(({named}), CASE WHEN {stored} IS NOT NULL THEN CAST('' AS bytea) END)")
        }
    }
}

/// `SELECT` of `id`, then `uid`, `server_id` (on the hub: `id` again), `rev`, `created_at`, `archived_at`, then every
/// declared column of this place (local-only ones exist on the till alone), from the table as `t`. A condition follows.
pub fn select(entity: &Entity, place: Place) -> String {
    let server_id = if place == Place::Till { "t.server_id" } else { "t.id" };
    let declared = declared(entity, place).map(|(_, column)| read(column, "t", place));
    let standard = ["t.id", "t.uid", server_id, "t.rev", "t.created_at", "t.archived_at"].map(str::to_owned);
    format!("SELECT {} FROM {} t", list(standard.into_iter().chain(declared)), quoted(entity.table))
}

/// The declared columns that exist at a place.
pub fn declared(entity: &Entity, place: Place) -> impl Iterator<Item = (usize, &'static Column)> {
    let columns = entity.columns.iter().enumerate();
    columns.filter(move |(_, column)| place == Place::Till || column.class != Class::LocalOnly)
}

/// `SELECT` of the owner's key, then the part's columns, from the part's table as `t`. A condition on the owner
/// (`part_owner`) follows.
pub fn select_part(part: &Part, place: Place) -> String {
    let columns = part.columns.iter().map(|column| read(column, "t", place));
    let owner = format!("t.{}", quoted(part.owner));
    format!("SELECT {} FROM {} t", list(std::iter::once(owner).chain(columns)), quoted(part.table))
}

/// The condition that picks one owner's rows of a part: the owner's key is parameter `n` (on the hub, the pharmacy is
/// parameter `n`, the owner `n + 1`).
pub fn part_of(part: &Part, dialect: Dialect, place: Place, n: usize) -> String {
    let kind = part.kind.map(|(column, kind)| format!(" AND {} = {kind}", quoted(column))).unwrap_or_default();
    match place {
        Place::Till => format!("{} = {}{kind}", quoted(part.owner), dialect.parameter(n)),
        Place::Hub => format!(
            "pharmacy_id = {} AND {} = {}{kind}",
            dialect.parameter(n),
            quoted(part.owner),
            dialect.parameter(n + 1)
        ),
    }
}

/// `INSERT` of one row of a part: (on the hub the pharmacy,) the owner's key, then the part's columns.
pub fn insert_part(part: &Part, dialect: Dialect, place: Place) -> String {
    let mut names: Vec<String> = Vec::new();
    if place == Place::Hub {
        names.push(quoted("pharmacy_id"));
    }
    names.push(quoted(part.owner));
    let first = names.len();
    names.extend(part.columns.iter().map(|column| quoted(&column.sql_name())));
    let mut values: Vec<String> = (1..=first).map(|n| dialect.parameter(n)).collect();
    let columns = part.columns.iter().enumerate();
    values.extend(columns.map(|(i, column)| reference(column, &dialect.parameter(first + 1 + i), place)));
    if let Some((column, kind)) = part.kind {
        names.push(quoted(column));
        values.push(kind.to_string());
    }
    format!("INSERT INTO {} ({}) VALUES ({})", quoted(part.table), list(names), list(values))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entities::{PRODUCT, PRODUCT_BATCH, SALE, SETTING, USER};

    #[test]
    fn the_till_upserts_by_uid_and_never_touches_birth() {
        insta::assert_snapshot!(upsert(&SETTING, Dialect::Sqlite, Place::Till), @r#"INSERT INTO "setting" ("uid", "server_id", "rev", "created_at", "archived_at", "name", "value") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (uid) DO UPDATE SET "server_id" = excluded."server_id", "rev" = excluded."rev", "archived_at" = excluded."archived_at", "value" = excluded."value""#);
        assert!(!upsert(&PRODUCT_BATCH, Dialect::Sqlite, Place::Till).contains("\"quantity\""));
        assert!(!upsert(&USER, Dialect::Sqlite, Place::Till).contains("failed_pins"));
    }

    #[test]
    fn the_hub_upserts_by_pharmacy_and_server_id() {
        insta::assert_snapshot!(upsert(&SETTING, Dialect::Postgres, Place::Hub), @r#"INSERT INTO "setting" ("pharmacy_id", "id", "uid", "rev", "created_at", "archived_at", "name", "value") VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (pharmacy_id, id) DO UPDATE SET "rev" = excluded."rev", "archived_at" = excluded."archived_at", "value" = excluded."value""#);
    }

    #[test]
    fn references_are_read_as_uids_of_the_same_pharmacy() {
        insta::assert_snapshot!(select_part(&PRODUCT.parts[1], Place::Hub), @r#"SELECT t."product_id", t."position", t."code", t."kind", t."unit", coalesce((SELECT r.uid FROM "supplier" r WHERE r.pharmacy_id = t.pharmacy_id AND r.id = t."supplier_id"), CASE WHEN t."supplier_id" IS NOT NULL THEN CAST('' AS bytea) END) FROM "product_code" t"#);
        insta::assert_snapshot!(select(&SETTING, Place::Till), @r#"SELECT t.id, t.uid, t.server_id, t.rev, t.created_at, t.archived_at, t."name", t."value" FROM "setting" t"#);
    }

    #[test]
    fn a_shared_part_table_tells_its_owners_apart() {
        let movements = &SALE.parts[SALE.part("movements").unwrap()];
        insta::assert_snapshot!(insert_part(movements, Dialect::Sqlite, Place::Till), @r#"INSERT INTO "stock_movement" ("document_id", "line", "step", "batch_id", "delta", "source", "lot_number", "expiry", "cost", "reason", "document_kind") VALUES (?1, ?2, ?3, (SELECT id FROM "product_batch" WHERE uid = ?4), ?5, ?6, ?7, ?8, ?9, ?10, 1)"#);
        insta::assert_snapshot!(part_of(movements, Dialect::Postgres, Place::Hub, 1), @r#"pharmacy_id = $1 AND "document_id" = $2 AND "document_kind" = 1"#);
    }
}

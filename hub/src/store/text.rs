//! SQL of the hub, derived from the declaration, for both dialects.

use officine_protocol::{
    schema::{Column, Entity, Kind, Part},
    sql::{Dialect, Place, insert_part, upsert, written},
};

use super::session::Affinity;

/// How a column is stored: references hold server ids.
pub(crate) fn storage(column: &Column) -> Affinity {
    match column.kind {
        Kind::Text(_) | Kind::OneOf(_) | Kind::Json(_) => Affinity::Text,
        Kind::Bytes(_) => Affinity::Blob,
        _ => Affinity::Int,
    }
}

/// `column` is one of the list that is parameter `n`.
pub(crate) fn any(dialect: Dialect, column: &str, n: usize, storage: Affinity) -> String {
    match (dialect, storage) {
        (Dialect::Sqlite, Affinity::Blob) => format!("{column} IN (SELECT unhex(value) FROM json_each(?{n}))"),
        (Dialect::Sqlite, _) => format!("{column} IN (SELECT value FROM json_each(?{n}))"),
        (Dialect::Postgres, storage) => format!("{column} = ANY(${n}::{}[])", postgres(storage)),
    }
}

/// A uid as text: its canonical form, in lower case.
pub(crate) fn uid_text(dialect: Dialect, column: &str) -> String {
    match dialect {
        Dialect::Sqlite => {
            let group = |from: u8, length: u8| format!("substr(lower(hex({column})), {from}, {length})");
            [group(1, 8), group(9, 4), group(13, 4), group(17, 4), group(21, 12)].join(" || '-' || ")
        }
        Dialect::Postgres => format!("encode({column}, 'hex')::uuid::text"),
    }
}

fn postgres(storage: Affinity) -> &'static str {
    match storage {
        Affinity::Int => "bigint",
        Affinity::Text => "text",
        Affinity::Blob => "bytea",
    }
}

fn unnest(columns: &[Affinity]) -> String {
    let lists = columns.iter().zip(1..).map(|(storage, n)| format!("${n}::{}[]", postgres(*storage)));
    format!("unnest({})", lists.collect::<Vec<_>>().join(", "))
}

/// The same text with `VALUES (…)` read from lists, where the dialect can.
fn many(dialect: Dialect, text: &str, columns: &[Affinity]) -> String {
    let split = text.split_once(" VALUES (").and_then(|(head, tail)| Some((head, tail.split_once(')')?.1)));
    match (dialect, split) {
        (Dialect::Postgres, Some((head, tail))) => format!("{head} SELECT * FROM {}{tail}", unnest(columns)),
        _ => text.to_owned(),
    }
}

/// Inserts rows of a table of the infrastructure.
pub(crate) fn insert(dialect: Dialect, table: &str, columns: &[(&str, Affinity)]) -> String {
    let names: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
    let values: Vec<_> = (1..=columns.len()).map(|n| dialect.parameter(n)).collect();
    let text = format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), values.join(", "));
    let storages: Vec<_> = columns.iter().map(|(_, storage)| *storage).collect();
    many(dialect, &text, &storages)
}

/// Writes whole rows of an entity: the standard columns, then the written ones.
pub(crate) fn write_rows(dialect: Dialect, entity: &Entity) -> (String, Vec<Affinity>) {
    let standard = Place::Hub.standard().iter();
    let mut columns: Vec<_> =
        standard.map(|name| if *name == "uid" { Affinity::Blob } else { Affinity::Int }).collect();
    columns.extend(written(entity).map(|(_, column)| storage(column)));
    (many(dialect, &upsert(entity, dialect, Place::Hub), &columns), columns)
}

/// Adds rows of a part: the pharmacy, the owner, then the part's columns.
pub(crate) fn write_part(dialect: Dialect, part: &Part) -> (String, Vec<Affinity>) {
    let mut columns = vec![Affinity::Int, Affinity::Int];
    columns.extend(part.columns.iter().map(storage));
    let text = insert_part(part, dialect, Place::Hub);
    let Some((column, kind)) = part.kind.filter(|_| dialect == Dialect::Postgres) else {
        return (many(dialect, &text, &columns), columns);
    };
    let selected = many(dialect, &text, &columns);
    (selected.replacen("SELECT *", &format!("SELECT *, {kind} AS {column}"), 1), columns)
}

/// Removes the rows of a part of some owners: the pharmacy, the owner.
pub(crate) fn clear_part(dialect: Dialect, part: &Part) -> String {
    let Part { table, owner, .. } = part;
    let kind = part.kind.map(|(column, kind)| format!(" AND p.{column} = {kind}")).unwrap_or_default();
    match dialect {
        Dialect::Sqlite => format!("DELETE FROM \"{table}\" AS p WHERE p.pharmacy_id = ?1 AND p.{owner} = ?2{kind}"),
        Dialect::Postgres => format!(
            "DELETE FROM \"{table}\" p USING {} v (pharmacy, owner) \
             WHERE p.pharmacy_id = v.pharmacy AND p.{owner} = v.owner{kind}",
            unnest(&[Affinity::Int, Affinity::Int])
        ),
    }
}

/// Writes these values of a row, written once or not: the pharmacy, the row, the values.
pub(crate) fn correct(dialect: Dialect, entity: &Entity, columns: &[&Column]) -> (String, Vec<Affinity>) {
    let names: Vec<String> = columns.iter().map(|column| format!("\"{}\"", column.sql_name())).collect();
    let storages = [Affinity::Int; 2].into_iter().chain(columns.iter().map(|column| storage(column)));
    let (table, storages): (_, Vec<_>) = (entity.table, storages.collect());
    let set = |value: &dyn Fn(usize, &str) -> String| {
        let set = names.iter().zip(3..).map(|(name, n)| format!("{name} = {}", value(n, name)));
        set.collect::<Vec<_>>().join(", ")
    };
    let sql = match dialect {
        Dialect::Sqlite => {
            let set = set(&|n, _| format!("?{n}"));
            format!("UPDATE \"{table}\" SET {set} WHERE pharmacy_id = ?1 AND id = ?2")
        }
        Dialect::Postgres => format!(
            "UPDATE \"{table}\" t SET {} FROM {} v (pharmacy, row_id, {}) WHERE t.pharmacy_id = v.pharmacy AND t.id = v.row_id",
            set(&|_, name| format!("v.{name}")),
            unnest(&storages),
            names.join(", ")
        ),
    };
    (sql, storages)
}

/// Adds to the quantities of lots: the pharmacy, the lot, the delta.
pub(crate) fn move_stock(dialect: Dialect) -> String {
    match dialect {
        Dialect::Sqlite => {
            "UPDATE product_batch SET quantity = quantity + ?3 WHERE pharmacy_id = ?1 AND id = ?2".to_owned()
        }
        Dialect::Postgres => format!(
            "UPDATE product_batch b SET quantity = b.quantity + v.delta FROM {} v (pharmacy, lot, delta) \
             WHERE b.pharmacy_id = v.pharmacy AND b.id = v.lot",
            unnest(&[Affinity::Int; 3])
        ),
    }
}

/// The longest time by which clocks that are wrong widen what is looked at around a count.
const CLOCKS_APART_MS: i64 = 24 * 3600 * 1000;

/// By how many milliseconds the clocks of a pharmacy's tills are apart, as they were last heard.
pub(crate) fn clocks_apart(pharmacy: &str) -> String {
    let spread = "coalesce(max(clock_offset) - min(clock_offset), 0)";
    format!(
        "SELECT CASE WHEN {spread} > {CLOCKS_APART_MS} THEN {CLOCKS_APART_MS} ELSE {spread} END FROM device \
         WHERE pharmacy_id = {pharmacy} AND revoked_at IS NULL"
    )
}

/// Moves the counters of pharmacies: the next id, the revision, the pharmacy.
pub(crate) fn move_counters(dialect: Dialect) -> String {
    match dialect {
        Dialect::Sqlite => "UPDATE pharmacy SET next_id = ?1, revision = ?2 WHERE id = ?3".to_owned(),
        Dialect::Postgres => format!(
            "UPDATE pharmacy p SET next_id = v.next_id, revision = v.revision FROM {} v (next_id, revision, id) \
             WHERE p.id = v.id",
            unnest(&[Affinity::Int; 3])
        ),
    }
}

/// The stored columns of an entity, as they stand: `id`, `uid`, `rev`, `created_at`, `archived_at`, the declared.
pub(crate) fn stored(entity: &Entity) -> String {
    let declared = officine_protocol::sql::declared(entity, Place::Hub).map(|(_, column)| column.sql_name());
    let names = ["id", "uid", "rev", "created_at", "archived_at"].map(str::to_owned).into_iter().chain(declared);
    names.map(|name| format!("t.\"{name}\"")).collect::<Vec<_>>().join(", ")
}

/// The stored columns of a part: the owner, then the declared.
pub(crate) fn stored_part(part: &Part) -> String {
    let declared = part.columns.iter().map(Column::sql_name);
    std::iter::once(part.owner.to_owned())
        .chain(declared)
        .map(|name| format!("t.\"{name}\""))
        .collect::<Vec<_>>()
        .join(", ")
}

/// The condition that tells apart the owners of a shared part table.
pub(crate) fn part_kind(part: &Part) -> String {
    part.kind.map(|(column, kind)| format!(" AND t.\"{column}\" = {kind}")).unwrap_or_default()
}

/// The revision of a pharmacy, the parameter `one`, as a select of it reads it: a counter that was set back by hand stands
/// where the last commit does all the same.
pub(crate) fn revision(dialect: Dialect, one: &str) -> String {
    let greatest = if dialect == Dialect::Postgres { "greatest" } else { "max" };
    format!("{greatest}(revision, coalesce((SELECT max(c.rev) FROM commit_log c WHERE c.pharmacy_id = {one}), 0))")
}

//! Two rows made one in the tables: every column that names the loser is found in the declaration. Movements of both lots
//! by one line of one document are one movement; nothing else of the ledger is touched. The role that serves may not
//! change documents: on PostgreSQL the statements are the body of a function of the owner's, for its own pharmacy alone.

use officine_protocol::{
    entities::{ENTITIES, PRODUCT_BATCH},
    schema::{Column, Entity, Kind, LEDGER, Twin},
    sql::Dialect,
    value::Value,
};

use super::session::{Affinity, Bulk};
use crate::decide::Joined;

/// What tells a movement apart within its lot.
const MOVEMENT: [&str; 4] = ["document_kind", "document_id", "line", "step"];

/// The statements that make one row of two, in order; `?1` is the pharmacy, `?2` the loser, `?3` the winner.
fn statements(entity: &Entity) -> Vec<String> {
    let mut statements = Vec::new();
    if entity.table == PRODUCT_BATCH.table {
        statements.extend(gathered());
    }
    for owner in ENTITIES {
        statements.extend(repointed(owner.table, owner.columns, entity));
        for part in owner.parts.iter().filter(|part| part.table != LEDGER) {
            statements.extend(repointed(part.table, part.columns, entity));
        }
    }
    for part in entity.parts {
        statements.push(format!("DELETE FROM \"{}\" WHERE pharmacy_id = ?1 AND \"{}\" = ?2", part.table, part.owner));
    }
    let name = entity.name;
    statements.push(format!("UPDATE uid_map SET id = ?3 WHERE pharmacy_id = ?1 AND entity = '{name}' AND id = ?2"));
    statements.push(format!(
        "UPDATE change_log SET row_id = ?3 WHERE pharmacy_id = ?1 AND entity = '{name}' AND row_id = ?2"
    ));
    statements.push(format!("DELETE FROM \"{}\" WHERE pharmacy_id = ?1 AND id = ?2", entity.table));
    statements
}

fn repointed(table: &str, columns: &[Column], entity: &Entity) -> Vec<String> {
    let names = columns.iter().filter(|column| column.kind == Kind::Ref(entity.name)).map(Column::sql_name);
    let point =
        |name: String| format!("UPDATE \"{table}\" SET \"{name}\" = ?3 WHERE pharmacy_id = ?1 AND \"{name}\" = ?2");
    names.map(point).collect()
}

/// The loser's movements, and what they come to.
fn gathered() -> [String; 4] {
    let same = MOVEMENT.map(|column| format!("l.{column} = w.{column}")).join(" AND ");
    let of = |alias: &str, lot: &str| format!("{alias}.pharmacy_id = ?1 AND {alias}.batch_id = {lot}");
    let (of_loser, of_winner) = (of("l", "?2"), of("w", "?3"));
    [
        format!(
            "UPDATE {LEDGER} AS w SET delta = w.delta + l.delta, cost = coalesce(w.cost + l.cost, w.cost, l.cost) \
             FROM {LEDGER} l WHERE {of_winner} AND {of_loser} AND {same}"
        ),
        format!(
            "DELETE FROM {LEDGER} AS l WHERE {of_loser} AND EXISTS \
             (SELECT 1 FROM {LEDGER} w WHERE {of_winner} AND {same})"
        ),
        format!("UPDATE {LEDGER} SET batch_id = ?3 WHERE pharmacy_id = ?1 AND batch_id = ?2"),
        "UPDATE product_batch AS w SET quantity = w.quantity + l.quantity FROM product_batch l \
         WHERE w.pharmacy_id = ?1 AND w.id = ?3 AND l.pharmacy_id = ?1 AND l.id = ?2"
            .to_owned(),
    ]
}

fn function(entity: &Entity) -> String {
    format!("join_{}", entity.table)
}

/// Entities of which two rows may be one.
fn joinable() -> impl Iterator<Item = &'static Entity> {
    ENTITIES.iter().copied().filter(|entity| entity.natural.is_some_and(|natural| natural.twin != Twin::Never))
}

/// The owner's functions, for the role that serves.
pub(crate) fn functions(schema: &str, serving: &str) -> String {
    let one = |entity: &'static Entity| {
        let name = function(entity);
        owned((schema, serving), &name, 3, &statements(entity))
    };
    joinable().map(one).collect()
}

/// A function of the owner's in that schema, for the role that serves: what it may do to rows of its own pharmacy alone, which
/// is the first of its arguments.
pub(super) fn owned((schema, serving): (&str, &str), name: &str, arguments: usize, statements: &[String]) -> String {
    let types = vec!["bigint"; arguments].join(", ");
    let own = "IF $1 IS DISTINCT FROM nullif(current_setting('officine.pharmacy', true), '')::bigint THEN \
               RAISE EXCEPTION 'of another pharmacy'; END IF;";
    let body: String = statements.iter().map(|sql| format!("{};\n", sql.replace('?', "$"))).collect();
    format!(
        "CREATE OR REPLACE FUNCTION {name}({types}) RETURNS void LANGUAGE plpgsql SECURITY DEFINER \
         SET search_path = {schema}, pg_temp AS $own$ BEGIN {own}\n{body}END $own$;\n\
         REVOKE EXECUTE ON FUNCTION {name}({types}) FROM PUBLIC;\n\
         GRANT EXECUTE ON FUNCTION {name}({types}) TO {serving};\n"
    )
}

/// What makes these rows one, in their order.
pub(crate) fn bulks(dialect: Dialect, pharmacy: i64, joins: &[Joined]) -> Vec<Bulk> {
    let mut bulks = Vec::new();
    for Joined { entity, loser, winner } in joins {
        let texts = match dialect {
            Dialect::Sqlite => statements(entity),
            Dialect::Postgres => vec![format!(
                "SELECT {}(v.p, v.l, v.w) FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) v (p, l, w)",
                function(entity)
            )],
        };
        let row: [Value; 3] = [pharmacy.into(), (*loser).into(), (*winner).into()];
        let bulk = |sql: String| {
            let named = if dialect == Dialect::Sqlite && !sql.contains("?3") { 2 } else { 3 };
            Bulk { sql, columns: vec![Affinity::Int; named], rows: vec![row[..named].to_vec()] }
        };
        bulks.extend(texts.into_iter().map(bulk));
    }
    bulks
}

//! The parts of a document, removed whole before they are written as they were. The role that serves may not take away
//! what a document moved: on PostgreSQL the statements are the body of a function of the owner's.

use officine_protocol::{
    entities::ENTITIES,
    schema::{Entity, Part},
    sql::Dialect,
};

use super::{
    join::owned,
    session::{Affinity, Bulk},
};
use crate::decide::{PartsWrite, Written};

/// `?1` is the pharmacy, `?2` the document.
fn statements(entity: &Entity) -> Vec<String> {
    let cleared = |part: &Part| {
        let kind = part.kind.map(|(column, kind)| format!(" AND {column} = {kind}")).unwrap_or_default();
        format!("DELETE FROM \"{}\" WHERE pharmacy_id = ?1 AND \"{}\" = ?2{kind}", part.table, part.owner)
    };
    entity.parts.iter().map(cleared).collect()
}

fn function(entity: &Entity) -> String {
    format!("clear_{}", entity.table)
}

/// The owner's functions, for the role that serves.
pub(crate) fn functions(schema: &str, serving: &str) -> String {
    let documents = ENTITIES.iter().filter(|entity| entity.document && !entity.parts.is_empty());
    documents.map(|entity| owned((schema, serving), &function(entity), 2, &statements(entity))).collect()
}

/// What clears those of these rows that are recast.
pub(super) fn bulks(dialect: Dialect, pharmacy: i64, entity: &Entity, rows: &[(&i64, &Written)]) -> Vec<Bulk> {
    let recast = rows.iter().filter(|(_, row)| row.parts == PartsWrite::Recast);
    let rows: Vec<_> = recast.map(|(id, _)| vec![pharmacy.into(), (**id).into()]).collect();
    let texts = match dialect {
        _ if rows.is_empty() => Vec::new(),
        Dialect::Sqlite => statements(entity),
        Dialect::Postgres => {
            vec![format!("SELECT {}(v.p, v.d) FROM unnest($1::bigint[], $2::bigint[]) v (p, d)", function(entity))]
        }
    };
    let bulk = |sql| Bulk { sql, columns: vec![Affinity::Int; 2], rows: rows.clone() };
    texts.into_iter().map(bulk).collect()
}

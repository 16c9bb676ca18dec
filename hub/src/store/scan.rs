//! What is wrong in the tables of a pharmacy, by statements derived from the declaration. None of them writes.

use officine_protocol::{
    entities::{ENTITIES, entity},
    messages::Finding,
    params,
    schema::{Column, Entity, Kind, LEDGER},
    sql::Dialect,
};

use super::{
    session::{Affinity, Param, Session},
    text,
};
use crate::{StoreError, decide::check::left as finding};

/// What of a server id counts, below its epoch.
const COUNTED: i64 = (1 << 40) - 1;
/// Names read at once.
const NAMES: usize = 20_000;

/// How many rows of these entities the pharmacy has.
pub(super) async fn rows(
    session: &mut dyn Session,
    pharmacy: i64,
    entities: &[&'static Entity],
) -> Result<u64, StoreError> {
    let one = session.dialect().parameter(1);
    let mut rows = 0;
    for entity in entities {
        let sql = format!("SELECT count(*) FROM \"{}\" WHERE pharmacy_id = {one}", entity.table);
        let counted = session.query(&sql, &[pharmacy.into()]).await?;
        rows += counted.first().map_or(Ok(0), |row| row.int(0))?.unsigned_abs();
    }
    Ok(rows)
}

async fn ids(session: &mut dyn Session, sql: &str, pharmacy: i64) -> Result<Vec<i64>, StoreError> {
    session.query(sql, &[pharmacy.into()]).await?.iter().map(|row| row.int(0)).collect()
}

/// The counter of the last server id that a row bears.
pub(super) async fn last_name(session: &mut dyn Session, pharmacy: i64) -> Result<i64, StoreError> {
    let one = session.dialect().parameter(1);
    let of = |table: &str| {
        format!("SELECT coalesce(max(id & {COUNTED}), 0) AS last FROM \"{table}\" WHERE pharmacy_id = {one}")
    };
    let each = ENTITIES.iter().map(|entity| of(entity.table)).collect::<Vec<_>>().join(" UNION ALL ");
    let found = session.query(&format!("SELECT max(last) FROM ({each}) t"), &[pharmacy.into()]).await?;
    found.first().map_or(Ok(0), |row| row.int(0))
}

/// Lots below zero without a recount.
pub(super) async fn closed_below_zero(
    session: &mut dyn Session,
    pharmacy: i64,
    room: usize,
) -> Result<Vec<i64>, StoreError> {
    let one = session.dialect().parameter(1);
    let sql = format!(
        "SELECT id FROM product_batch WHERE pharmacy_id = {one} AND quantity < 0 AND recount_open = 0 ORDER BY id \
         LIMIT {room}"
    );
    ids(session, &sql, pharmacy).await
}

/// Lots that hold another quantity than the ledger says, and what it says.
pub(super) async fn off_the_ledger(
    session: &mut dyn Session,
    pharmacy: i64,
    room: usize,
) -> Result<Vec<(i64, i64)>, StoreError> {
    let sql = format!("{} ORDER BY b.id LIMIT {room}", booked_otherwise(session.dialect(), ""));
    session.query(&sql, &[pharmacy.into()]).await?.iter().map(|row| Ok((row.int(0)?, row.int(1)?))).collect()
}

/// Of these lots, those that hold something else than the sum of their movements, and that sum.
pub(super) async fn of_them_off_the_ledger(
    session: &mut dyn Session,
    pharmacy: i64,
    lots: Vec<i64>,
) -> Result<Vec<(i64, i64)>, StoreError> {
    let which = text::any(session.dialect(), "batch_id", 2, Affinity::Int);
    let these = text::any(session.dialect(), "b.id", 2, Affinity::Int);
    let sql = format!("{} AND {these}", booked_otherwise(session.dialect(), &format!("AND {which}")));
    let found = session.query(&sql, &[pharmacy.into(), Param::Ints(lots)]).await?;
    found.iter().map(|row| Ok((row.int(0)?, row.int(1)?))).collect()
}

fn booked_otherwise(dialect: Dialect, which: &str) -> String {
    let one = dialect.parameter(1);
    format!(
        "SELECT b.id, coalesce(l.total, 0) FROM product_batch b LEFT JOIN (SELECT batch_id, CAST(sum(delta) AS BIGINT) \
         AS total FROM {LEDGER} WHERE pharmacy_id = {one} {which} GROUP BY batch_id) l ON l.batch_id = b.id \
         WHERE b.pharmacy_id = {one} AND b.quantity <> coalesce(l.total, 0)"
    )
}

/// Rows of a revision that the pharmacy has not come to, or of none.
pub(super) async fn beyond(
    session: &mut dyn Session,
    pharmacy: i64,
    entity: &Entity,
    (revision, room): (i64, usize),
) -> Result<Vec<i64>, StoreError> {
    let (one, table) = (session.dialect().parameter(1), entity.table);
    let sql = format!(
        "SELECT id FROM \"{table}\" WHERE pharmacy_id = {one} AND (rev > {revision} OR rev < 1) ORDER BY rev LIMIT {room}"
    );
    ids(session, &sql, pharmacy).await
}

/// Rows with a fold that is not the one of its text.
pub(super) async fn misfolded(
    session: &mut dyn Session,
    pharmacy: i64,
    entity: &Entity,
    room: usize,
) -> Result<Vec<i64>, StoreError> {
    let [one, two] = [1, 2].map(|n| session.dialect().parameter(n));
    let mut found = Vec::new();
    let folded = |column: &'static Column| Some((column, entity.columns.get(entity.column(column.fold_of?)?)?));
    for (column, source) in entity.columns.iter().filter_map(folded) {
        let sql = format!(
            "SELECT id, \"{}\", \"{}\" FROM \"{}\" WHERE pharmacy_id = {one} AND id > {two} ORDER BY id LIMIT {NAMES}",
            source.sql_name(),
            column.sql_name(),
            entity.table
        );
        let mut last = 0;
        loop {
            let rows = session.query(&sql, &[pharmacy.into(), last.into()]).await?;
            let Some(end) = rows.last() else { break };
            last = end.int(0)?;
            for row in &rows {
                if (column.fold)(row.text(1).unwrap_or_default()) != row.text(2)? && found.len() < room {
                    found.push(row.int(0)?);
                }
            }
        }
    }
    found.dedup();
    Ok(found)
}

/// What nobody but a till that has the row, or a person, can set right.
pub(super) async fn left(
    session: &mut dyn Session,
    pharmacy: i64,
    entities: &[&'static Entity],
    room: usize,
) -> Result<Vec<Finding>, StoreError> {
    let mut findings = Vec::new();
    for entity in entities.iter().copied() {
        for (field, sql) in references(session, entity) {
            let room = room.saturating_sub(findings.len());
            for row in session.query(&format!("{sql} LIMIT {room}"), &[pharmacy.into()]).await? {
                findings.push(finding("dangling", entity, row.uid(0)?, params! { field: field, old: row.int(1)? }));
            }
        }
    }
    Ok(findings)
}

/// By what reference, and what finds the rows in which it names nothing: their uid, and what it names.
fn references(session: &dyn Session, owner: &'static Entity) -> Vec<(String, String)> {
    let (one, table) = (session.dialect().parameter(1), owner.table);
    let nothing = |column: &Column| {
        let Kind::Ref(target) = column.kind else { return None };
        let (target, name) = (entity(target)?.table, column.sql_name());
        Some((
            name.clone(),
            format!(
                "t.pharmacy_id = {one} AND t.\"{name}\" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM \"{target}\" r \
                 WHERE r.pharmacy_id = t.pharmacy_id AND r.id = t.\"{name}\")"
            ),
        ))
    };
    let mut found = Vec::new();
    for column in owner.columns {
        if let Some((name, condition)) = nothing(column) {
            found
                .push((column.wire_name(), format!("SELECT t.uid, t.\"{name}\" FROM \"{table}\" t WHERE {condition}")));
        }
    }
    for part in owner.parts {
        let kind = super::text::part_kind(part);
        for (column, (name, condition)) in part.columns.iter().filter_map(|column| Some((column, nothing(column)?))) {
            let sql = format!(
                "SELECT o.uid, t.\"{name}\" FROM \"{}\" t JOIN \"{table}\" o ON o.pharmacy_id = t.pharmacy_id \
                 AND o.id = t.\"{}\" WHERE {condition}{kind}",
                part.table, part.owner
            );
            found.push((format!("{}.{}", part.name, column.wire_name()), sql));
        }
    }
    found
}

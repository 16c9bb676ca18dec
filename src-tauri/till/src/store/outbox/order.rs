//! What goes first: device order, which is causal and parents-first. A sale just made may overtake a backlog, with what
//! it stands on and no more.

use std::{collections::BTreeSet, sync::LazyLock};

use officine_protocol::{
    Uid,
    entities::{self, ENTITIES, PRODUCT, PRODUCT_BATCH, SALE, USER},
    messages::Operation,
    schema::{Entity, Kind, Part},
};
use rusqlite::{Connection, OptionalExtension};

use super::{COLUMNS, Queued, by_seq, first_open, queued};
use crate::{error::Result, sync::push::references};

/// A sale is fresh that long after it was recorded.
const FRESH_MS: i64 = 60_000;
/// At most so many overtake at once.
const FRESH_SALES: i64 = 5;

/// What may be sent at `now`, in device order.
pub fn due(connection: &Connection, now: i64, limit: usize) -> Result<Vec<Queued>> {
    let Some(first) = first_open(connection)? else { return Ok(Vec::new()) };
    let sql = format!(
        "SELECT {COLUMNS} FROM outbox WHERE seq >= ?1 AND state <= 2 AND coalesce(next_attempt, 0) <= ?2 \
         ORDER BY seq LIMIT ?3"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map((first, now, limit as i64), queued)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether a sale may be sent at `now`.
pub fn sales_wait(connection: &Connection, now: i64) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM outbox WHERE state <> 5 AND state <= 2 AND entity = ?1 \
               AND coalesce(next_attempt, 0) <= ?2)";
    Ok(connection.prepare_cached(sql)?.query_row((SALE.name, now), |row| row.get(0))?)
}

/// What goes next, `most` operations at most: where more wait than that, fresh sales go before them.
pub fn in_sending_order(connection: &Connection, now: i64, most: usize) -> Result<Vec<Queued>> {
    let mut due = due(connection, now, most)?;
    let Some(last) = due.last().filter(|_| due.len() == most).map(|queued| queued.seq) else { return Ok(due) };
    let mut ahead = BTreeSet::new();
    for sale in fresh(connection, now, last)? {
        let needed = standing_on(connection, now, sale, most / 2)?;
        let together: BTreeSet<i64> = needed.into_iter().flatten().chain(ahead.iter().copied()).collect();
        if together.len() <= most / 2 {
            ahead = together;
        }
    }
    due.retain(|queued| !ahead.contains(&queued.seq));
    due.truncate(most.saturating_sub(ahead.len()));
    let first = ahead.into_iter().map(|seq| by_seq(connection, seq)).collect::<Result<Vec<_>>>()?;
    Ok(first.into_iter().flatten().chain(due).collect())
}

/// Sales just made that would not go yet, oldest first.
fn fresh(connection: &Connection, now: i64, after: i64) -> Result<Vec<i64>> {
    let sql = "SELECT seq FROM outbox WHERE seq > ?1 AND entity = ?2 AND state = 0 AND attempts = 0 \
               AND occurred_at BETWEEN ?3 AND ?4 ORDER BY seq DESC LIMIT ?5";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map((after, SALE.name, now - FRESH_MS, now, FRESH_SALES), |row| row.get(0))?;
    let mut fresh = rows.collect::<rusqlite::Result<Vec<i64>>>()?;
    fresh.reverse();
    Ok(fresh)
}

/// An operation with all that has to reach the hub before it; nothing if that is more than `most`.
fn standing_on(connection: &Connection, now: i64, seq: i64, most: usize) -> Result<Option<BTreeSet<i64>>> {
    let (mut needed, mut open) = (BTreeSet::from([seq]), vec![seq]);
    while let Some(seq) = open.pop() {
        let Some(queued) = by_seq(connection, seq)? else { continue };
        let operation: Operation = serde_json::from_str(&queued.payload)?;
        let Ok(names) = references(&operation) else { return Ok(None) };
        let mut before = births(connection, now, &operation, &names)?;
        if entities::entity(&operation.entity).is_some_and(|entity| entity.movements().is_some()) {
            before.extend(stock_before(connection, now, seq, &names)?);
        }
        open.extend(before.into_iter().filter(|seq| needed.insert(*seq)));
        if needed.len() > most {
            return Ok(None);
        }
    }
    Ok(Some(needed))
}

/// The rows it names that the hub does not know yet, and all that became of whoever acted: their role allows it.
fn births(connection: &Connection, now: i64, operation: &Operation, names: &[(&str, Uid)]) -> Result<Vec<i64>> {
    let sql = "SELECT seq FROM outbox WHERE uid = ?1 AND seq < ?2 AND state <> 5 AND state <= 2 \
               AND coalesce(next_attempt, 0) <= ?3 AND (action = 'create' OR entity = ?4)";
    let mut statement = connection.prepare_cached(sql)?;
    let mut found = Vec::new();
    for uid in names.iter().map(|(_, uid)| *uid).chain(operation.user) {
        let rows = statement.query_map((uid.as_bytes(), operation.seq, now, USER.name), |row| row.get(0))?;
        found.extend(rows.collect::<rusqlite::Result<Vec<i64>>>()?);
    }
    Ok(found)
}

/// Earlier operations that moved or counted the same products.
fn stock_before(connection: &Connection, now: i64, seq: i64, names: &[(&str, Uid)]) -> Result<Vec<i64>> {
    let mut products = BTreeSet::new();
    for (entity, uid) in names {
        let sql = match *entity {
            name if name == PRODUCT.name => "SELECT id FROM product WHERE uid = ?1",
            name if name == PRODUCT_BATCH.name => "SELECT product_id FROM product_batch WHERE uid = ?1",
            _ => continue,
        };
        products.extend(
            connection.prepare_cached(sql)?.query_row([uid.as_bytes()], |row| row.get::<_, i64>(0)).optional()?,
        );
    }
    let mut statement = connection.prepare_cached(&STOCK_BEFORE)?;
    let rows = statement.query_map((seq, serde_json::to_string(&products)?, now), |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The unsent documents before ?1 with a line about one of the products ?2, whatever their kind.
static STOCK_BEFORE: LazyLock<String> = LazyLock::new(|| {
    let moving = ENTITIES.iter().filter(|entity| entity.movements().is_some());
    let lines = moving.flat_map(|entity| entity.parts.iter().filter_map(|part| about(entity, part)));
    lines.collect::<Vec<_>>().join(" UNION ")
});

fn about(entity: &Entity, part: &Part) -> Option<String> {
    let named = |target: &'static str| part.columns.iter().find(|column| column.kind == Kind::Ref(target));
    let wanted = "IN (SELECT value FROM json_each(?2))";
    let condition = match (named(PRODUCT_BATCH.name), named(PRODUCT.name)) {
        (Some(lot), _) => {
            format!("p.\"{}\" IN (SELECT id FROM product_batch WHERE product_id {wanted})", lot.sql_name())
        }
        (None, Some(product)) => format!("p.\"{}\" {wanted}", product.sql_name()),
        (None, None) => return None,
    };
    let kind = part.kind.map(|(column, number)| format!(" AND p.\"{column}\" = {number}")).unwrap_or_default();
    Some(format!(
        "SELECT o.seq FROM outbox o JOIN \"{}\" d ON d.uid = o.uid JOIN \"{}\" p ON p.\"{}\" = d.id{kind} \
         WHERE o.entity = '{}' AND o.seq < ?1 AND o.state <> 5 AND o.state <= 2 \
         AND coalesce(o.next_attempt, 0) <= ?3 AND {condition}",
        entity.table, part.table, part.owner, entity.name
    ))
}

//! The ledger of stock: movements are appended, and a lot's quantity follows in the same transaction.

use std::collections::BTreeMap;

use officine_protocol::{
    Uid,
    fault::{Fault, armed},
    ledger,
    schema::{Entity, LEDGER},
    sql::{self, Dialect, Place},
    value::Value,
};
use rusqlite::{Connection, params_from_iter};

use crate::error::Result;

/// What a document does to one lot, as a row of the declared part.
#[derive(Clone, Debug)]
pub struct Movement {
    /// Line of the document.
    pub line: i64,
    /// 0 for the document's own, later ones undo or re-allocate it.
    pub step: i64,
    /// The lot.
    pub batch: Uid,
    /// Base units, negative for what leaves.
    pub delta: i64,
    /// `scanned`, `chosen`, `assumed`, `opening`, `reversal` …
    pub source: String,
    /// As printed.
    pub lot_number: String,
    /// As printed, `yyyymmdd`.
    pub expiry: Option<i64>,
    /// What the quantity had cost, in francs.
    pub cost: Option<i64>,
    /// Why, where a person said so.
    pub reason: Option<String>,
}

impl Movement {
    /// In the order of the declared columns.
    pub fn values(&self) -> Vec<Value> {
        vec![
            Value::Int(self.line),
            Value::Int(self.step),
            Value::Uid(self.batch),
            Value::Int(self.delta),
            self.source.as_str().into(),
            self.lot_number.as_str().into(),
            self.expiry.into(),
            self.cost.into(),
            self.reason.clone().into(),
        ]
    }
}

/// The number that tells an entity's documents apart in the ledger; 0 for one that moves nothing.
pub fn number_of(entity: &Entity) -> i64 {
    entity.movements().and_then(|part| part.kind).map_or(0, |(_, number)| number)
}

/// Appends movements of a document; those that are there already count once. Quantities follow.
pub fn append(connection: &Connection, entity: &Entity, document: i64, rows: &[Vec<Value>]) -> Result<()> {
    let mut update = connection.prepare_cached("UPDATE product_batch SET quantity = quantity + ?2 WHERE uid = ?1")?;
    for (batch, delta) in insert(connection, entity, document, rows)? {
        update.execute((batch.as_bytes(), delta))?;
    }
    Ok(())
}

/// Appends movements that the quantities say already: the hub's, while it says what lots hold.
pub fn remember(connection: &Connection, entity: &Entity, document: i64, rows: &[Vec<Value>]) -> Result<()> {
    insert(connection, entity, document, rows).map(|_| ())
}

/// Puts the hub's movements of a document in place of what is here. Quantities follow.
pub fn replace(connection: &Connection, entity: &Entity, document: i64, rows: &[Vec<Value>]) -> Result<()> {
    let of_document = "WHERE document_kind = ?1 AND document_id = ?2";
    let key = (number_of(entity), document);
    let undo = format!(
        "UPDATE product_batch AS b SET quantity = b.quantity - m.delta FROM (SELECT batch_id, sum(delta) AS delta \
         FROM {LEDGER} {of_document} GROUP BY batch_id) m WHERE b.id = m.batch_id"
    );
    connection.prepare_cached(&undo)?.execute(key)?;
    connection.prepare_cached(&format!("DELETE FROM {LEDGER} {of_document}"))?.execute(key)?;
    append(connection, entity, document, rows)
}

/// What the hub says a lot holds.
pub fn set(connection: &Connection, batch: Uid, quantity: i64) -> Result<()> {
    let sql = "UPDATE product_batch SET quantity = ?2 WHERE uid = ?1";
    connection.prepare_cached(sql)?.execute((batch.as_bytes(), quantity))?;
    Ok(())
}

/// Adds to a lot's quantity what its movements say beyond it.
pub fn shift(connection: &Connection, batch: &[u8], difference: i64) -> Result<()> {
    let sql = "UPDATE product_batch SET quantity = quantity + ?2 WHERE uid = ?1";
    connection.prepare_cached(sql)?.execute((batch, difference))?;
    Ok(())
}

/// Gives what the movements that were not there yet do to each lot.
fn insert(connection: &Connection, entity: &Entity, document: i64, rows: &[Vec<Value>]) -> Result<BTreeMap<Uid, i64>> {
    let mut deltas: BTreeMap<Uid, i64> = BTreeMap::new();
    let Some(part) = entity.movements() else { return Ok(deltas) };
    let sql = format!("{} ON CONFLICT DO NOTHING", sql::insert_part(part, Dialect::Sqlite, Place::Till));
    let mut insert = connection.prepare_cached(&sql)?;
    for row in rows {
        let inserted = insert.execute(params_from_iter(std::iter::once(&Value::Int(document)).chain(row)))?;
        let inserted = if armed(Fault::MovedTwice) { 1 } else { inserted };
        if let (1, Some(batch), Some(delta)) =
            (inserted, row.get(2).and_then(Value::uid), row.get(3).and_then(Value::int))
        {
            *deltas.entry(batch).or_default() += delta;
        }
    }
    Ok(deltas)
}

/// The opposites of a document's own movements, as its next step: what a reversal appends, and what a refusal does.
pub fn opposites(entity: &Entity, rows: &[Vec<Value>], source: &str) -> Vec<Vec<Value>> {
    entity.movements().map(|part| ledger::opposites(part, rows, source)).unwrap_or_default()
}

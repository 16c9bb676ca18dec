//! References that name no row here: the row is read again from the hub, with all it refers to; where the hub does not know
//! it, what it named is in its operation. What neither knows is held and said.

use officine_protocol::{
    Uid,
    entities::{entity, in_order},
    messages::Operation,
    params, record,
    schema::{Column, Entity, Kind, LEDGER, Part},
    sql,
};
use rusqlite::{Connection, OptionalExtension};

use super::{
    Repair, ask,
    journal::Finding,
    mend::{distinct, problem},
};
use crate::{
    error::Result,
    store::{
        ledger,
        rows::{self, read_uid},
    },
};

impl Repair<'_, '_> {
    /// The rows that name one which is not here.
    pub fn dangling(&mut self) -> Result<Vec<Finding>> {
        self.run.till.store.read(dangling)
    }

    /// Mends them.
    pub fn references(&mut self, found: Vec<Finding>) -> Result<()> {
        let unknown = self.fetch(found, "repointed")?;
        for found in unknown {
            self.by_operation(&found)?;
        }
        Ok(())
    }

    /// What a row named when it was born is in its operation: those rows are fetched where they are missing.
    fn by_operation(&mut self, found: &Finding) -> Result<()> {
        let till = self.run.till;
        let operation = till.store.read(|connection| birth(connection, found.uid))?;
        let named = operation.as_ref().map(crate::sync::push::references).transpose()?.unwrap_or_default();
        let missing = till.store.read(|connection| not_here(connection, distinct(named)))?;
        if !missing.is_empty() {
            let answer = ask::rows(self.run, &missing, true)?;
            self.take(answer.rows, Vec::new(), "fetched")?;
        }
        let journal = &mut self.journal;
        till.store.write(|tx| {
            let still = not_here(tx, missing.clone())?.first().copied();
            match (&operation, still) {
                (Some(operation), None) => {
                    point_again(tx, found.entity, operation)?;
                    journal.mended(tx, found, "repointed")
                }
                (_, still) => {
                    let (name, uid) = still.unwrap_or((found.entity.name, found.uid));
                    let params = params! { entity: name, uid: uid.to_string() };
                    journal.left(tx, found, &problem("repair_reference_nowhere", params))
                }
            }
        })
    }

    /// Rows of parts whose owner is gone, and came back whole from the hub under another key: they say nothing any more.
    pub fn remnants(&mut self) -> Result<()> {
        let (till, journal) = (self.run.till, &mut self.journal);
        let left = till.store.read(remnants)?;
        if left.is_empty() {
            return Ok(());
        }
        till.store.write(|tx| {
            for (entity, part, rows) in left {
                let which = ownerless(entity, part);
                if part.table == LEDGER {
                    tx.execute(
                        &format!(
                            "UPDATE product_batch AS b SET quantity = b.quantity - m.delta FROM (SELECT batch_id, \
                             sum(delta) AS delta FROM {LEDGER} p WHERE {which} GROUP BY batch_id) m WHERE b.id = m.batch_id"
                        ),
                        [],
                    )?;
                }
                tx.execute(&format!("DELETE FROM \"{}\" AS p WHERE {which}", part.table), [])?;
                let params = params! { field: part.name, old: rows, new: 0 };
                journal.mended(tx, &Finding::new("reference", entity, Uid::nil()).with(params), "patched")?;
            }
            Ok(())
        })
    }
}

fn birth(connection: &Connection, uid: Uid) -> Result<Option<Operation>> {
    let sql = "SELECT payload FROM outbox WHERE uid = ?1 AND action = 'create' LIMIT 1";
    let payload: Option<Vec<u8>> =
        connection.prepare_cached(sql)?.query_row([uid.as_bytes()], |row| row.get(0)).optional()?;
    Ok(payload.map(|payload| serde_json::from_slice(&payload)).transpose()?)
}

fn not_here(connection: &Connection, named: Vec<(&'static str, Uid)>) -> Result<Vec<(&'static str, Uid)>> {
    let mut missing = Vec::new();
    for (name, uid) in named {
        let Some(target) = entity(name) else { continue };
        if rows::id_of(connection, target, uid)?.is_none() {
            missing.push((name, uid));
        }
    }
    Ok(missing)
}

/// Writes what a birth named into the row again.
fn point_again(connection: &Connection, owner: &'static Entity, operation: &Operation) -> Result<()> {
    let Some((id, mut known)) = rows::get(connection, owner, operation.uid)? else { return Ok(()) };
    let (values, parts) =
        (record::decode_fields(owner, &operation.fields)?, record::decode_parts(owner, &operation.parts)?);
    for (column, value) in owner.columns.iter().zip(values) {
        if matches!(column.kind, Kind::Ref(_)) && !value.is_null() {
            connection.prepare_cached(&sql::correct(owner, column))?.execute((id, &value))?;
        }
    }
    for (place, part) in owner.parts.iter().enumerate() {
        if part.columns.iter().any(|column| matches!(column.kind, Kind::Ref(_))) {
            known.parts[place] = parts[place].clone();
        }
    }
    let Some((_, fresh)) = rows::get(connection, owner, operation.uid)? else { return Ok(()) };
    known.values = fresh.values;
    rows::put(connection, owner, &known)?;
    match owner.movements() {
        Some(_) => ledger::replace(connection, owner, id, known.part(owner, "movements")),
        None => Ok(()),
    }
}

/// The rows that name one which is not here.
pub fn dangling(connection: &Connection) -> Result<Vec<Finding>> {
    let mut found: Vec<Finding> = Vec::new();
    for owner in in_order() {
        let own = owner.columns.iter().filter_map(|column| Some((column, in_row(owner, column)?)));
        let parts = owner.parts.iter().flat_map(|part| part.columns.iter().map(move |column| (part, column)));
        let parts = parts.filter_map(|(part, column)| Some((column, in_part(owner, part, column)?)));
        for (column, sql) in own.chain(parts) {
            let mut statement = connection.prepare(&sql)?;
            for uid in statement.query_map([], |row| read_uid(row, 0))? {
                let uid = uid?;
                if !found.iter().any(|found| found.uid == uid) {
                    found.push(Finding::new("reference", owner, uid).with(params! { field: column.wire_name() }));
                }
            }
        }
    }
    Ok(found)
}

fn nowhere(column: &Column, alias: &str) -> Option<String> {
    let Kind::Ref(target) = column.kind else { return None };
    let (name, table) = (column.sql_name(), entity(target)?.table);
    let held = format!("{alias}.\"{name}\"");
    Some(format!("{held} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM \"{table}\" r WHERE r.id = {held})"))
}

fn in_row(owner: &Entity, column: &Column) -> Option<String> {
    Some(format!("SELECT t.uid FROM \"{}\" t WHERE {}", owner.table, nowhere(column, "t")?))
}

fn in_part(owner: &Entity, part: &Part, column: &Column) -> Option<String> {
    let kind = part.kind.map(|(column, number)| format!(" AND p.\"{column}\" = {number}")).unwrap_or_default();
    Some(format!(
        "SELECT DISTINCT t.uid FROM \"{}\" p JOIN \"{}\" t ON t.id = p.\"{}\"{kind} WHERE {}",
        part.table,
        owner.table,
        part.owner,
        nowhere(column, "p")?
    ))
}

fn ownerless(owner: &Entity, part: &Part) -> String {
    let kind = part.kind.map(|(column, number)| format!("p.\"{column}\" = {number} AND ")).unwrap_or_default();
    format!("{kind}NOT EXISTS (SELECT 1 FROM \"{}\" o WHERE o.id = p.\"{}\")", owner.table, part.owner)
}

fn remnants(connection: &Connection) -> Result<Vec<(&'static Entity, &'static Part, i64)>> {
    let mut left = Vec::new();
    for owner in in_order() {
        for part in owner.parts {
            let sql = format!("SELECT count(*) FROM \"{}\" p WHERE {}", part.table, ownerless(owner, part));
            let rows: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
            if rows > 0 {
                left.push((*owner, part, rows));
            }
        }
    }
    Ok(left)
}

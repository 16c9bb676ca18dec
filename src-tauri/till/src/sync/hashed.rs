//! What was hashed of this book, kept by ranges of rows: `officine_protocol::ranges`. What is not kept is hashed some ranges at
//! a time. A range is marked first, in a short transaction, then read while anybody may write, and kept only if the mark is
//! still there: whatever was written to it meanwhile has taken the mark away.

use officine_protocol::{
    entities::in_order,
    limits::SCHEMA,
    ranges::{Hashed, Kept, ROWS, Rows, Span, pack, plan, texts, ticket, unpack},
    schema::Entity,
    sql::Place,
    value::Value,
};
use rusqlite::{Connection, Row, types::ValueRef};

use crate::{engine::Till, error::Result};

/// Ranges read in one transaction.
const AT_ONCE: usize = 32;
/// Ranges whose rows are held at once.
const HELD: usize = 32;

impl Till {
    /// Hashes what is not kept, or was last read before `since`. Asked before each step whether to go on. Gives the rows read.
    pub fn hash_ahead(&self, since: i64, go_on: impl Fn() -> Result<()>) -> Result<i64> {
        let (ticket, mut read) = (ticket(std::process::id(), self.clock.now()), 0);
        for entity in in_order() {
            let (wanted, trusted) = self.store.read(|connection| wanted(connection, entity, since))?;
            if !trusted {
                self.store.write(|tx| Ok(tx.execute("DELETE FROM digest_range", [])?))?;
            }
            for some in wanted.chunks(AT_ONCE) {
                go_on()?;
                let now = self.clock.now();
                self.store.write(|tx| mark(tx, entity, some, (now, ticket)))?;
                let hashed = self.store.read(|connection| {
                    some.iter().map(|span| Ok((*span, rows(connection, entity, *span)?))).collect::<Result<Vec<_>>>()
                })?;
                read += hashed.iter().map(|(_, rows)| rows.len() as i64).sum::<i64>();
                self.store
                    .write(|tx| hashed.iter().try_for_each(|(span, rows)| keep(tx, entity, *span, rows, ticket)))?;
            }
        }
        Ok(read)
    }
}

/// Every row of an entity that the hub has named, from what is kept and, for the rest, from the table. Gives the rows read.
pub fn each(connection: &Connection, entity: &'static Entity, mut act: impl FnMut(Hashed)) -> Result<i64> {
    let (mut apart, mut gaps) = plan(kept(connection, entity, i64::MIN)?);
    if !trusted(connection, entity, &apart, &gaps)? {
        (apart, gaps) = plan([]);
    }
    let sql = "SELECT after, up_to, body FROM digest_range WHERE entity = ?1 AND up_to BETWEEN ?2 AND ?3 AND body IS NOT NULL";
    let mut statement = connection.prepare_cached(sql)?;
    for some in apart.chunks(HELD) {
        let (Some(first), Some(last)) = (some.first(), some.last()) else { continue };
        let mut rows = statement.query((entity.name, first.span.1, last.span.1))?;
        while let Some(row) = rows.next()? {
            let span = (row.get(0)?, row.get(1)?);
            if some.iter().any(|kept| kept.span == span) {
                unpack(row.get_ref(2)?.as_blob().unwrap_or_default()).for_each(&mut act);
            }
        }
    }
    let mut read = 0;
    for (mut after, up_to) in gaps {
        loop {
            let rows = rows(connection, entity, (after, up_to))?;
            let Some(last) = rows.last() else { break };
            (after, read) = (last, read + rows.len() as i64);
            rows.hashed(SCHEMA).into_iter().for_each(&mut act);
        }
    }
    Ok(read)
}

/// The ranges that were read since then.
fn kept(connection: &Connection, entity: &Entity, since: i64) -> Result<Vec<Kept>> {
    let sql = "SELECT after, up_to, rows FROM digest_range WHERE entity = ?1 AND body IS NOT NULL AND read_at >= ?2 \
               ORDER BY up_to, after";
    let mut statement = connection.prepare_cached(sql)?;
    let kept = statement
        .query_map((entity.name, since), |row| Ok(Kept { span: (row.get(0)?, row.get(1)?), rows: row.get(2)? }))?;
    Ok(kept.collect::<rusqlite::Result<_>>()?)
}

/// Whether there are as many rows as the ranges say: what went where no trigger saw it is noticed so.
fn trusted(connection: &Connection, entity: &Entity, apart: &[Kept], gaps: &[Span]) -> Result<bool> {
    if apart.is_empty() {
        return Ok(true);
    }
    let all: i64 = connection.query_row(&format!("SELECT count(*) FROM \"{}\"", entity.table), [], |row| row.get(0))?;
    let sql = format!("SELECT count(*) FROM \"{}\" WHERE id > ?1 AND id <= ?2", entity.table);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut elsewhere = 0;
    for span in gaps {
        elsewhere += statement.query_row(*span, |row| row.get::<_, i64>(0))?;
    }
    Ok(all - elsewhere == apart.iter().map(|kept| kept.rows).sum::<i64>())
}

/// The ranges to be read, and whether what is kept can be trusted. What comes after the last full one is left.
fn wanted(connection: &Connection, entity: &Entity, since: i64) -> Result<(Vec<Span>, bool)> {
    let (apart, gaps) = plan(kept(connection, entity, since)?);
    let trusted = trusted(connection, entity, &apart, &gaps)?;
    let gaps = if trusted { gaps } else { plan([]).1 };
    let sql = format!(
        "SELECT max(id), count(*) FROM (SELECT id FROM \"{}\" WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT {ROWS})",
        entity.table
    );
    let (mut statement, mut spans) = (connection.prepare_cached(&sql)?, Vec::new());
    for (mut after, up_to) in gaps {
        loop {
            let (last, rows): (Option<i64>, i64) =
                statement.query_row((after, up_to), |row| Ok((row.get(0)?, row.get(1)?)))?;
            match last.filter(|_| rows == ROWS as i64) {
                Some(last) => spans.push((after, last)),
                None if up_to < i64::MAX && after < up_to => spans.push((after, up_to)),
                None => {}
            }
            let Some(last) = last.filter(|_| rows == ROWS as i64) else { break };
            after = last;
        }
    }
    Ok((spans, trusted))
}

fn mark(connection: &Connection, entity: &Entity, spans: &[Span], (now, ticket): (i64, [u8; 16])) -> Result<()> {
    let mut clear =
        connection.prepare_cached("DELETE FROM digest_range WHERE entity = ?1 AND up_to > ?2 AND after < ?3")?;
    let sql = "INSERT INTO digest_range (entity, after, up_to, rows, read_at, ticket) VALUES (?1, ?2, ?3, 0, ?4, ?5)";
    let mut insert = connection.prepare_cached(sql)?;
    for (after, up_to) in spans {
        clear.execute((entity.name, after, up_to))?;
        insert.execute((entity.name, after, up_to, now, ticket))?;
    }
    Ok(())
}

fn keep(connection: &Connection, entity: &Entity, span: Span, rows: &Rows, ticket: [u8; 16]) -> Result<()> {
    if !rows.whole() {
        return Ok(());
    }
    let sql = "UPDATE digest_range SET rows = ?5, body = ?6 WHERE entity = ?1 AND after = ?2 AND up_to = ?3 AND ticket = ?4 \
               AND body IS NULL";
    let body = pack(&rows.hashed(SCHEMA));
    connection.prepare_cached(sql)?.execute((entity.name, span.0, span.1, ticket, rows.len() as i64, body))?;
    Ok(())
}

/// The rows of a range, with their parts: as many as a range holds at the most.
pub fn rows(connection: &Connection, entity: &'static Entity, (after, up_to): Span) -> Result<Rows> {
    let (texts, mut found) = (texts(entity, Place::Till), Rows::new(entity, Place::Till));
    let sql = format!("{} WHERE t.id > ?1 AND t.id <= ?2 ORDER BY t.id LIMIT {ROWS}", texts.rows);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query((after, up_to))?;
    while let Some(row) = rows.next()? {
        found.row(cells(row)?);
    }
    let Some(last) = found.last() else { return Ok(found) };
    for (number, (part, text)) in entity.parts.iter().zip(&texts.parts).enumerate() {
        let kind = part.kind.map(|(column, kind)| format!(" AND t.\"{column}\" = {kind}")).unwrap_or_default();
        let sql = format!("{text} WHERE t.\"{0}\" > ?1 AND t.\"{0}\" <= ?2{kind}", part.owner);
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query((after, last))?;
        while let Some(row) = rows.next()? {
            found.part(number, cells(row)?);
        }
    }
    Ok(found)
}

fn cells(row: &Row<'_>) -> rusqlite::Result<Vec<Value>> {
    let cell = |place| {
        Ok(match row.get_ref(place)? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => Value::Int(number),
            ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
            ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
            ValueRef::Real(_) => return Err(rusqlite::Error::InvalidQuery),
        })
    };
    (0..row.as_ref().column_count()).map(cell).collect()
}

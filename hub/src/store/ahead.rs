//! Hashing what is not kept, some ranges at a time, so that no transaction is long. A range is marked first, under the
//! pharmacy's row lock, then read while anybody may write, and kept only if the mark is still there: whatever was written to
//! it meanwhile has taken the mark away.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use officine_protocol::{
    entities::in_order,
    limits::SCHEMA,
    ranges::{ROWS, Rows, Span, pack, plan, ticket},
    sql::Dialect,
    value::Value,
};

use super::{
    load::lock,
    ranges::{Of, kept, rows, trusted},
    session::{Affinity, Bulk, Database, Scope, Session},
    text,
};
use crate::StoreError;

/// Ranges read in one transaction.
const AT_ONCE: usize = 32;
/// So often those who write by hand are waited for.
const WAITS: u32 = 10;
const WAIT: Duration = Duration::from_millis(20);

/// What is hashed ahead of being told.
#[derive(Clone, Copy, Debug)]
pub struct Ahead {
    /// Of this entity only.
    pub entity: Option<&'static str>,
    /// The hub's clock.
    pub now: i64,
    /// What was last read before is read again.
    pub since: i64,
    /// Rows to keep before it is enough for now; all of them, where it is not said.
    pub at_most: Option<i64>,
}

/// What was hashed ahead.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Hashed {
    /// Rows read.
    pub read: i64,
    /// There are more: it was enough.
    pub more: bool,
}

/// Who hashes, by pharmacy: one at a time, and who comes later finds it done.
#[derive(Clone, Default, Debug)]
pub struct Turns(Arc<Mutex<HashMap<i64, Arc<tokio::sync::Mutex<()>>>>>);

impl Turns {
    fn of(&self, pharmacy: i64) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(pharmacy).or_default())
    }
}

type Ticket = [u8; 16];

/// Hashes what is not kept, as much of it as is asked for. Only what is kept counts for that: whoever asks again comes further.
pub(crate) async fn ahead<D: Database>(database: &D, pharmacy: i64, ahead: Ahead) -> Result<Hashed, StoreError> {
    let turn = database.turns().of(pharmacy);
    let _mine = turn.lock().await;
    let mine = (ahead.now, ticket(std::process::id(), ahead.now));
    let (mut read, mut enough) = (0, ahead.at_most);
    for entity in in_order().iter().copied().filter(|entity| ahead.entity.is_none_or(|name| name == entity.name)) {
        let (of, scope) = ((pharmacy, entity), Scope::Pharmacy(pharmacy));
        let (spans, trusted) = database.read(scope, Box::new(move |s| Box::pin(wanted(s, of, ahead.since)))).await?;
        if !trusted {
            database.write(scope, Box::new(move |s| Box::pin(distrust(s, pharmacy)))).await?;
        }
        let mut left = &spans[..];
        while !left.is_empty() {
            if enough.is_some_and(|left| left <= 0) {
                return Ok(Hashed { read, more: true });
            }
            let ranges = enough.map_or(AT_ONCE, |rows| rows.unsigned_abs() as usize / ROWS + 1).min(AT_ONCE);
            let (some, rest) = left.split_at(ranges.min(left.len()));
            left = rest;
            let (rows, kept) = several(database, of, some.to_vec(), mine).await?;
            (read, enough) = (read + rows, enough.map(|left| left - kept));
        }
    }
    Ok(Hashed { read, more: false })
}

/// Gives the rows read, and those of ranges that are kept.
async fn several<D: Database>(
    database: &D,
    of: Of,
    spans: Vec<Span>,
    mine: (i64, Ticket),
) -> Result<(i64, i64), StoreError> {
    let (scope, marked) = (Scope::Pharmacy(of.0), spans.clone());
    database.write(scope, Box::new(move |s| Box::pin(async move { mark(s, of, &marked, mine).await }))).await?;
    let begun = database.write(scope, Box::new(|s| Box::pin(begun(s)))).await?;
    let mut waits = 0;
    let hashed = loop {
        let spans = spans.clone();
        match database.read(scope, Box::new(move |s| Box::pin(hashed(s, of, spans, begun)))).await? {
            Some(hashed) => break hashed,
            None if waits < WAITS => tokio::time::sleep(WAIT).await,
            None => return Ok((0, 0)),
        }
        waits += 1;
    };
    let count = |whole: bool| {
        let counted = hashed.iter().filter(|(_, rows)| rows.whole() || !whole);
        counted.map(|(_, rows)| rows.len() as i64).sum()
    };
    let (read, kept) = (count(false), count(true));
    database.write(scope, Box::new(move |s| Box::pin(keep(s, of, hashed, mine.1)))).await?;
    Ok((read, kept))
}

/// Rows that were named by others may have gone: nothing that is kept counts any more.
async fn distrust(session: &mut dyn Session, pharmacy: i64) -> Result<(), StoreError> {
    lock(session, pharmacy).await?;
    let sql = format!("DELETE FROM digest_range WHERE pharmacy_id = {}", session.dialect().parameter(1));
    session.execute(&sql, &[pharmacy.into()]).await.map(drop)
}

/// The ranges to be read, and whether what is kept can be trusted. What comes after the last full one is left.
async fn wanted(session: &mut dyn Session, of: Of, since: i64) -> Result<(Vec<Span>, bool), StoreError> {
    let (apart, gaps) = plan(kept(session, of, since).await?);
    let trusted = trusted(session, of, &apart, &gaps).await?;
    let [one, two, three] = [1, 2, 3].map(|n| session.dialect().parameter(n));
    let sql = format!(
        "SELECT max(id), count(*) FROM (SELECT id FROM \"{}\" WHERE pharmacy_id = {one} AND id > {two} AND id <= {three} \
         ORDER BY id LIMIT {ROWS}) page",
        of.1.table
    );
    let mut spans = Vec::new();
    for (mut after, up_to) in if trusted { gaps } else { plan([]).1 } {
        loop {
            let found = session.query(&sql, &[of.0.into(), after.into(), up_to.into()]).await?;
            let full =
                found.first().filter(|row| row.maybe_int(1) == Some(ROWS as i64)).and_then(|row| row.maybe_int(0));
            let Some(last) = full else { break };
            spans.push((after, last));
            after = last;
        }
        if after < up_to && up_to < i64::MAX {
            spans.push((after, up_to));
        }
    }
    Ok((spans, trusted))
}

async fn mark(
    session: &mut dyn Session,
    (pharmacy, entity): Of,
    spans: &[Span],
    (now, ticket): (i64, Ticket),
) -> Result<(), StoreError> {
    lock(session, pharmacy).await?;
    let dialect = session.dialect();
    let [one, two, three, four] = [1, 2, 3, 4].map(|n| dialect.parameter(n));
    let clear = format!(
        "DELETE FROM digest_range WHERE pharmacy_id = {one} AND entity = {two} AND up_to > {three} AND after < {four}"
    );
    for (after, up_to) in spans {
        session.execute(&clear, &[pharmacy.into(), entity.name.into(), (*after).into(), (*up_to).into()]).await?;
    }
    let columns = [
        ("pharmacy_id", Affinity::Int),
        ("entity", Affinity::Text),
        ("after", Affinity::Int),
        ("up_to", Affinity::Int),
        ("rows", Affinity::Int),
        ("read_at", Affinity::Int),
        ("ticket", Affinity::Blob),
    ];
    let row = |(after, up_to): &Span| {
        let ticket = Value::Bytes(ticket.to_vec());
        vec![pharmacy.into(), entity.name.into(), (*after).into(), (*up_to).into(), 0.into(), now.into(), ticket]
    };
    let (sql, storages) = (text::insert(dialect, "digest_range", &columns), columns.map(|(_, storage)| storage));
    session.write(Bulk { sql, columns: storages.to_vec(), rows: spans.iter().map(row).collect() }).await
}

/// PostgreSQL: a transaction that begins after the marks are there. Whoever wrote before may not have seen them, and his
/// rows may not be seen yet. SQLite has one writer.
async fn begun(session: &mut dyn Session) -> Result<i64, StoreError> {
    if session.dialect() == Dialect::Sqlite {
        return Ok(0);
    }
    let found = session.query("SELECT pg_current_xact_id()::text::bigint", &[]).await?;
    found.first().ok_or(StoreError::Unknown("transaction"))?.int(0)
}

/// Reads the ranges; nothing while somebody writes who began before.
async fn hashed(
    session: &mut dyn Session,
    of: Of,
    spans: Vec<Span>,
    begun: i64,
) -> Result<Option<Vec<(Span, Rows)>>, StoreError> {
    if session.dialect() == Dialect::Postgres {
        let found = session.query("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint", &[]).await?;
        if found.first().ok_or(StoreError::Unknown("transaction"))?.int(0)? < begun {
            return Ok(None);
        }
    }
    let mut hashed = Vec::with_capacity(spans.len());
    for span in spans {
        hashed.push((span, rows(session, of, span).await?));
    }
    Ok(Some(hashed))
}

async fn keep(
    session: &mut dyn Session,
    (pharmacy, entity): Of,
    hashed: Vec<(Span, Rows)>,
    ticket: Ticket,
) -> Result<(), StoreError> {
    lock(session, pharmacy).await?;
    let [one, two, three, four, five, six, seven] = [1, 2, 3, 4, 5, 6, 7].map(|n| session.dialect().parameter(n));
    let sql = format!(
        "UPDATE digest_range SET rows = {six}, body = {seven} WHERE pharmacy_id = {one} AND entity = {two} \
         AND after = {three} AND up_to = {four} AND ticket = {five} AND body IS NULL"
    );
    for ((after, up_to), rows) in hashed.iter().filter(|(_, rows)| rows.whole()) {
        let (ticket, body) = (Value::Bytes(ticket.to_vec()), Value::Bytes(pack(&rows.hashed(SCHEMA))));
        let params = [
            pharmacy.into(),
            entity.name.into(),
            (*after).into(),
            (*up_to).into(),
            ticket.into(),
            (rows.len() as i64).into(),
            body.into(),
        ];
        session.execute(&sql, &params).await?;
    }
    Ok(())
}

//! The queue of operations: each is frozen when it is recorded, and leaves only with a verdict.

use std::sync::LazyLock;

use officine_protocol::{
    Uid,
    entities::{ENTITIES, SALE},
    messages::Operation,
};
use rusqlite::{Connection, OptionalExtension, Row};

use super::rows::read_uid;
use crate::{error::Result, views::Problem};

/// How far an operation got.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(i64)]
pub enum State {
    /// Not sent yet, or to be sent again.
    Waiting = 0,
    /// Sent, not answered.
    Sent = 1,
    /// The hub lacks what it refers to.
    Deferred = 2,
    /// Waits for a person.
    Blocked = 3,
    /// Refused, to be decided.
    Rejected = 4,
    /// Done with.
    Settled = 5,
}

/// Every state and its name in the window's contract.
pub const STATES: [(State, &str); 6] = [
    (State::Waiting, "waiting"),
    (State::Sent, "sent"),
    (State::Deferred, "deferred"),
    (State::Blocked, "blocked"),
    (State::Rejected, "rejected"),
    (State::Settled, "settled"),
];

impl State {
    /// Its name.
    pub fn name(self) -> &'static str {
        STATES[self as usize].1
    }

    /// The state a table holds.
    pub fn from_number(number: i64) -> Self {
        STATES.iter().find(|(state, _)| *state as i64 == number).map_or(Self::Waiting, |(state, _)| *state)
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        STATES.iter().find(|(_, known)| *known == name).map(|(state, _)| *state)
    }
}

/// An operation in the queue.
#[derive(Clone, Debug)]
pub struct Queued {
    /// Device sequence.
    pub seq: i64,
    /// Idempotency key.
    pub key: Uid,
    /// Entity.
    pub entity: String,
    /// Row.
    pub uid: Uid,
    /// `create`, `update`, `delete`.
    pub action: String,
    /// When it was recorded.
    pub occurred_at: i64,
    /// The frozen bytes.
    pub payload: String,
    /// How far it got.
    pub state: State,
    /// How often it was sent.
    pub attempts: u32,
    /// Not before then.
    pub next_attempt: Option<i64>,
    /// Why it waits or was refused.
    pub problem: Option<Problem>,
}

const COLUMNS: &str = "seq, \"key\", entity, uid, action, occurred_at, payload, state, attempts, next_attempt, problem";

fn queued(row: &Row<'_>) -> rusqlite::Result<Queued> {
    let payload: Vec<u8> = row.get(6)?;
    let problem: Option<String> = row.get(10)?;
    Ok(Queued {
        seq: row.get(0)?,
        key: read_uid(row, 1)?,
        entity: row.get(2)?,
        uid: read_uid(row, 3)?,
        action: row.get(4)?,
        occurred_at: row.get(5)?,
        payload: String::from_utf8_lossy(&payload).into_owned(),
        state: State::from_number(row.get(7)?),
        attempts: row.get(8)?,
        next_attempt: row.get(9)?,
        problem: problem.and_then(|text| serde_json::from_str(&text).ok()),
    })
}

/// Adds an operation at the end.
pub fn add(connection: &Connection, operation: &Operation) -> Result<()> {
    let payload = serde_json::to_vec(operation)?;
    let sql = "INSERT INTO outbox (seq, \"key\", entity, action, uid, occurred_at, payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    connection.prepare_cached(sql)?.execute((
        operation.seq,
        operation.key.as_bytes(),
        &operation.entity,
        operation.action.name(),
        operation.uid.as_bytes(),
        operation.occurred_at,
        payload,
    ))?;
    Ok(())
}

/// The key of the last unanswered operation on a row: what a successor names instead of a revision.
pub fn pending_key(connection: &Connection, uid: Uid) -> Result<Option<Uid>> {
    let sql = "SELECT \"key\" FROM outbox WHERE uid = ?1 AND state <> 5 AND state <> 4 ORDER BY seq DESC LIMIT 1";
    Ok(connection.prepare_cached(sql)?.query_row([uid.as_bytes()], |row| read_uid(row, 0)).optional()?)
}

/// The first operation that has no verdict yet: everything before it is done with, and is never looked at again.
fn first_open(connection: &Connection) -> Result<Option<i64>> {
    let sql = "SELECT min(seq) FROM outbox INDEXED BY outbox_open WHERE state <> 5 AND state <= 3";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// What may be sent at `now`, in device order.
pub fn due(connection: &Connection, now: i64, limit: usize) -> Result<Vec<Queued>> {
    due_of(connection, now, limit, "")
}

/// Sales that may be sent at `now`, oldest first.
pub fn due_sales(connection: &Connection, now: i64, limit: usize) -> Result<Vec<Queued>> {
    due_of(connection, now, limit, "AND entity = 'sale'")
}

fn due_of(connection: &Connection, now: i64, limit: usize, condition: &str) -> Result<Vec<Queued>> {
    let Some(first) = first_open(connection)? else { return Ok(Vec::new()) };
    let sql = format!(
        "SELECT {COLUMNS} FROM outbox WHERE seq >= ?1 AND state <= 2 AND coalesce(next_attempt, 0) <= ?2 {condition} \
         ORDER BY seq LIMIT ?3"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map((first, now, limit as i64), queued)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Operations in a state, or all that are not settled, oldest first.
pub fn list(connection: &Connection, state: Option<State>, limit: u32) -> Result<Vec<Queued>> {
    let (condition, order) = match state {
        Some(State::Settled) => ("state = ?1".to_owned(), "DESC"),
        Some(_) => ("state = ?1 AND state <> 5".to_owned(), "ASC"),
        None => ("state <> ?1 AND state <> 5".to_owned(), "ASC"),
    };
    let sql = format!("SELECT {COLUMNS} FROM outbox WHERE {condition} ORDER BY seq {order} LIMIT ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map((state.unwrap_or(State::Settled) as i64, limit), queued)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Moves an operation to a state.
pub fn set_state(connection: &Connection, seq: i64, state: State, problem: Option<&Problem>, now: i64) -> Result<()> {
    let problem = problem.map(serde_json::to_string).transpose()?;
    let settled = matches!(state, State::Settled | State::Rejected).then_some(now);
    let sql = "UPDATE outbox SET state = ?2, problem = ?3, settled_at = ?4, next_attempt = NULL WHERE seq = ?1";
    connection.prepare_cached(sql)?.execute((seq, state as i64, problem, settled))?;
    Ok(())
}

/// Marks operations as being sent, durably, before they are.
pub fn mark_sent(connection: &Connection, seqs: &[i64]) -> Result<()> {
    let mut statement = connection
        .prepare_cached("UPDATE outbox SET state = 1, attempts = attempts + 1 WHERE seq = ?1 AND state IN (0, 1, 2)")?;
    for seq in seqs {
        statement.execute([seq])?;
    }
    Ok(())
}

/// Sends an operation again at once, if it waits or is blocked.
pub fn retry(connection: &Connection, seq: i64) -> Result<bool> {
    let sql =
        "UPDATE outbox SET state = 0, next_attempt = NULL, problem = NULL WHERE seq = ?1 AND state IN (0, 1, 2, 3)";
    Ok(connection.execute(sql, [seq])? == 1)
}

/// The highest sequence up to which every verdict is stored here.
pub fn answered_up_to(connection: &Connection) -> Result<i64> {
    if let Some(first) = first_open(connection)? {
        return Ok(first - 1);
    }
    Ok(connection.query_row("SELECT last_seq FROM till_state", [], |row| row.get(0))?)
}

/// No answer came: sent again with the next run, byte for byte.
pub fn mark_unanswered(connection: &Connection, seqs: &[i64]) -> Result<()> {
    let mut statement = connection.prepare_cached("UPDATE outbox SET state = 0 WHERE seq = ?1 AND state = 1")?;
    for seq in seqs {
        statement.execute([seq])?;
    }
    Ok(())
}

/// The rows that have an unsettled operation.
pub fn open_uids(connection: &Connection) -> Result<Vec<Uid>> {
    let mut statement = connection.prepare_cached("SELECT uid FROM outbox WHERE state <> 5")?;
    let rows = statement.query_map([], |row| read_uid(row, 0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The documents that move stock without being tickets of a sale, as a list of SQL.
static OTHER_STOCK: LazyLock<String> = LazyLock::new(|| {
    let moving = ENTITIES.iter().filter(|entity| entity.movements().is_some() && entity.name != SALE.name);
    moving.map(|entity| format!("'{}'", entity.name)).collect::<Vec<_>>().join(", ")
});

/// Whether stock that is not a sale still waits to be sent.
pub fn adjustments_open(connection: &Connection) -> Result<bool> {
    let sql = format!(
        "SELECT EXISTS (SELECT 1 FROM outbox WHERE state <> 5 AND state <> 4 AND entity IN ({}))",
        OTHER_STOCK.as_str()
    );
    Ok(connection.prepare_cached(&sql)?.query_row([], |row| row.get(0))?)
}

/// The hub lacks what an operation refers to: it waits until then.
pub fn defer(connection: &Connection, seq: i64, until: i64, problem: &Problem) -> Result<()> {
    let sql = "UPDATE outbox SET state = 2, next_attempt = ?2, problem = ?3 WHERE seq = ?1";
    connection.execute(sql, (seq, until, serde_json::to_string(problem)?))?;
    Ok(())
}

/// Adds to the operations settled on a day.
pub fn count_settled(connection: &Connection, day: i64, settled: u32) -> Result<()> {
    let sql = "UPDATE sync_state SET settled_count = ?2 + CASE WHEN settled_day = ?1 THEN settled_count ELSE 0 END, settled_day = ?1";
    connection.execute(sql, (day, settled))?;
    Ok(())
}

/// How many operations are in each state; of the settled ones, those of a day.
pub fn counts(connection: &Connection, day: i64) -> Result<[u32; 6]> {
    let mut counts = [0; 6];
    let sql = "SELECT state, count(*) FROM outbox INDEXED BY outbox_open WHERE state <> 5 GROUP BY state";
    let mut statement = connection.prepare_cached(sql)?;
    for row in statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))? {
        let (state, count) = row?;
        counts[State::from_number(state) as usize] = count;
    }
    let sql = "SELECT CASE WHEN settled_day = ?1 THEN settled_count ELSE 0 END FROM sync_state";
    counts[State::Settled as usize] = connection.prepare_cached(sql)?.query_row([day], |row| row.get(0))?;
    Ok(counts)
}

/// Whether a row has an operation that waits for its verdict.
pub fn is_pending(connection: &Connection, uid: Uid) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM outbox WHERE uid = ?1 AND state <> 5 AND state <> 4)";
    Ok(connection.prepare_cached(sql)?.query_row([uid.as_bytes()], |row| row.get(0))?)
}

/// An operation by device sequence.
pub fn by_seq(connection: &Connection, seq: i64) -> Result<Option<Queued>> {
    let sql = format!("SELECT {COLUMNS} FROM outbox WHERE seq = ?1");
    Ok(connection.prepare_cached(&sql)?.query_row([seq], queued).optional()?)
}

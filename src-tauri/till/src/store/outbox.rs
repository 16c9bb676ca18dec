//! The queue of operations: each is frozen when it is recorded, and leaves only with a verdict.

mod lists;
mod order;
mod state;

use officine_protocol::{Uid, messages::Operation};
use rusqlite::{Connection, OptionalExtension, Row};

pub use lists::{CLEARED, clear, count_settled, counts, list, prune};
pub use order::{due, in_sending_order, sales_wait};
pub use state::{STATES, State};

use super::rows::read_uid;
use crate::{error::Result, views::Problem};

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
    /// Recorded while the clock was in doubt.
    pub clock_doubtful: bool,
}

const COLUMNS: &str =
    "seq, \"key\", entity, uid, action, occurred_at, payload, state, attempts, next_attempt, problem, clock_doubtful";

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
        clock_doubtful: row.get(11)?,
    })
}

/// Adds an operation at the end, and whether the clock was in doubt when it was recorded.
pub fn add(connection: &Connection, operation: &Operation, clock_doubtful: bool) -> Result<()> {
    let payload = serde_json::to_vec(operation)?;
    let sql = "INSERT INTO outbox (seq, \"key\", entity, action, uid, occurred_at, payload, clock_doubtful) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    connection.prepare_cached(sql)?.execute((
        operation.seq,
        operation.key.as_bytes(),
        &operation.entity,
        operation.action.name(),
        operation.uid.as_bytes(),
        operation.occurred_at,
        payload,
        clock_doubtful,
    ))?;
    Ok(())
}

/// Puts an operation back, byte for byte.
pub fn put_back(
    connection: &Connection,
    operation: &Operation,
    payload: &str,
    attempts: u32,
    doubtful: bool,
) -> Result<()> {
    add(connection, operation, doubtful)?;
    let sql = "UPDATE outbox SET payload = ?2, attempts = ?3 WHERE seq = ?1";
    connection.prepare_cached(sql)?.execute((operation.seq, payload.as_bytes(), attempts))?;
    Ok(())
}

/// Another operation under the same sequence: to be sent for the first time.
pub fn refreeze(connection: &Connection, operation: &Operation, payload: &str) -> Result<()> {
    let sql = "UPDATE outbox SET \"key\" = ?2, payload = ?3, state = 0, attempts = 0, next_attempt = NULL, problem = NULL \
               WHERE seq = ?1";
    connection.prepare_cached(sql)?.execute((operation.seq, operation.key.as_bytes(), payload.as_bytes()))?;
    Ok(())
}

/// The last unanswered operation on a row.
pub fn last_open(connection: &Connection, uid: Uid) -> Result<Option<Queued>> {
    let sql =
        format!("SELECT {COLUMNS} FROM outbox WHERE uid = ?1 AND state <> 5 AND state <> 4 ORDER BY seq DESC LIMIT 1");
    Ok(connection.prepare_cached(&sql)?.query_row([uid.as_bytes()], queued).optional()?)
}

/// Takes away what was never sent: a later edit of the row says it as well.
pub fn remove(connection: &Connection, seq: i64) -> Result<()> {
    connection.prepare_cached("DELETE FROM outbox WHERE seq = ?1 AND attempts = 0")?.execute([seq])?;
    Ok(())
}

/// Edits and archivals without a verdict, of a row or of all, newest first.
pub fn unanswered_edits(connection: &Connection, uid: Option<Uid>, limit: u32) -> Result<Vec<Queued>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM outbox WHERE state <> 5 AND state <> 4 AND action <> 'create' \
         AND (?1 IS NULL OR uid = ?1) ORDER BY seq DESC LIMIT ?2"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map((uid.map(|uid| *uid.as_bytes()), limit), queued)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The refused operation on a row that bears this key.
pub fn refused_by_key(connection: &Connection, uid: Uid, key: Uid) -> Result<Option<Operation>> {
    let sql = "SELECT payload FROM outbox WHERE uid = ?1 AND \"key\" = ?2 AND state <> 5 AND state = 4";
    let found: Option<Vec<u8>> =
        connection.prepare_cached(sql)?.query_row((uid.as_bytes(), key.as_bytes()), |row| row.get(0)).optional()?;
    Ok(found.map(|payload| serde_json::from_slice(&payload)).transpose()?)
}

/// The first operation that has no verdict yet: everything before it is done with, and is never looked at again.
fn first_open(connection: &Connection) -> Result<Option<i64>> {
    let sql = "SELECT min(seq) FROM outbox INDEXED BY outbox_open WHERE state <> 5 AND state <= 3";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// Moves an operation to a state.
pub fn set_state(connection: &Connection, seq: i64, state: State, problem: Option<&Problem>, now: i64) -> Result<()> {
    let problem = problem.map(serde_json::to_string).transpose()?;
    let settled = matches!(state, State::Settled | State::Rejected).then_some(now);
    let sql = "UPDATE outbox SET state = ?2, problem = ?3, settled_at = ?4, next_attempt = NULL WHERE seq = ?1";
    connection.prepare_cached(sql)?.execute((seq, state as i64, problem, settled))?;
    Ok(())
}

/// Marks an operation as being sent, durably, before it is. False: a later edit took it in meanwhile.
pub fn mark_sent(connection: &Connection, seq: i64) -> Result<bool> {
    let sql = "UPDATE outbox SET state = 1, attempts = attempts + 1 WHERE seq = ?1 AND state IN (0, 1, 2)";
    Ok(connection.prepare_cached(sql)?.execute([seq])? == 1)
}

/// Sends an operation again at once, if it waits or is blocked; all such operations where none is named. Says how many.
pub fn retry(connection: &Connection, seq: Option<i64>) -> Result<usize> {
    let sql = "UPDATE outbox SET state = 0, next_attempt = NULL, problem = NULL \
               WHERE state <> 5 AND state <= 3 AND (?1 IS NULL OR seq = ?1)";
    Ok(connection.execute(sql, [seq])?)
}

/// Blocked operations and why, oldest first.
pub fn blocked(connection: &Connection) -> Result<Vec<Queued>> {
    stuck(connection, "state = 3")
}

/// Deferred and blocked operations, sales left out, oldest first.
pub fn stuck_but_sales(connection: &Connection) -> Result<Vec<Queued>> {
    stuck(connection, "state IN (2, 3) AND entity <> 'sale'")
}

fn stuck(connection: &Connection, which: &str) -> Result<Vec<Queued>> {
    let sql = format!("SELECT {COLUMNS} FROM outbox WHERE state <> 5 AND {which} ORDER BY seq");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([], queued)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The highest sequence up to which every verdict is stored here.
pub fn answered_up_to(connection: &Connection) -> Result<i64> {
    let open = [first_open(connection)?, crate::safety::unsent::first_aside(connection)?];
    if let Some(first) = open.into_iter().flatten().min() {
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

/// The hub lacks what an operation refers to: it waits until then.
pub fn defer(connection: &Connection, seq: i64, until: i64, problem: &Problem) -> Result<()> {
    let sql = "UPDATE outbox SET state = 2, next_attempt = ?2, problem = ?3 WHERE seq = ?1";
    connection.execute(sql, (seq, until, serde_json::to_string(problem)?))?;
    Ok(())
}

/// Deferred and blocked operations, oldest first.
pub fn waiting_for_rows(connection: &Connection) -> Result<Vec<Queued>> {
    stuck(connection, "state IN (2, 3)")
}

/// Whether a row has an operation that was refused.
pub fn is_refused(connection: &Connection, uid: Uid) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM outbox WHERE uid = ?1 AND state <> 5 AND state = 4)";
    Ok(connection.prepare_cached(sql)?.query_row([uid.as_bytes()], |row| row.get(0))?)
}

/// Whether a row has an operation that waits for its verdict.
pub fn is_pending(connection: &Connection, uid: Uid) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM outbox WHERE uid = ?1 AND state <> 5 AND state <> 4)";
    Ok(connection.prepare_cached(sql)?.query_row([uid.as_bytes()], |row| row.get(0))?)
}

/// Whether the birth of a row is on its way: an edit alone does not bring a row that the hub has never had.
pub fn is_birth_pending(connection: &Connection, uid: Uid) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM outbox WHERE uid = ?1 AND state <> 5 AND state <> 4 AND action = 'create')";
    Ok(connection.prepare_cached(sql)?.query_row([uid.as_bytes()], |row| row.get(0))?)
}

/// Whether the birth of a row waits for a person.
pub fn is_birth_blocked(connection: &Connection, uid: Uid) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM outbox WHERE uid = ?1 AND state <> 5 AND state = 3 AND action = 'create')";
    Ok(connection.prepare_cached(sql)?.query_row([uid.as_bytes()], |row| row.get(0))?)
}

/// An operation by device sequence.
pub fn by_seq(connection: &Connection, seq: i64) -> Result<Option<Queued>> {
    let sql = format!("SELECT {COLUMNS} FROM outbox WHERE seq = ?1");
    Ok(connection.prepare_cached(&sql)?.query_row([seq], queued).optional()?)
}

//! What was recorded here and has no verdict yet, as it was frozen. In a database that came in place of another it waits
//! outside the queue until the rows that it names are there: a queued operation would hold back the very row that the hub
//! sends of it.

use officine_protocol::messages::Operation;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use crate::{
    error::Result,
    settings,
    store::outbox::{self, State},
};

/// The local settings that hold what waits outside the queue: the prefix, then the device sequence.
const PREFIX: &str = "salvaged.";

/// An operation without a verdict.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unsent {
    /// Device sequence.
    pub seq: i64,
    /// The frozen bytes.
    pub payload: String,
    /// How often it was sent.
    pub attempts: u32,
    /// Recorded while the clock was in doubt.
    pub clock_doubtful: bool,
}

impl Unsent {
    /// What it says.
    pub fn operation(&self) -> Result<Operation> {
        Ok(serde_json::from_str(&self.payload)?)
    }

    /// Sets it aside.
    pub fn set_aside(&self, connection: &Connection) -> Result<()> {
        settings::set_local(connection, &name(self.seq), &serde_json::to_string(self)?)
    }

    /// Takes it up again.
    pub fn take_up(&self, connection: &Connection) -> Result<()> {
        connection.execute("DELETE FROM local_setting WHERE name = ?1", [name(self.seq)])?;
        Ok(())
    }
}

fn name(seq: i64) -> String {
    format!("{PREFIX}{seq:012}")
}

/// What waits outside the queue, oldest first.
pub fn aside(connection: &Connection) -> Result<Vec<Unsent>> {
    let sql = "SELECT value FROM local_setting WHERE name >= 'salvaged.' AND name < 'salvaged/' ORDER BY name";
    let mut statement = connection.prepare_cached(sql)?;
    let texts = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(texts.iter().filter_map(|text| serde_json::from_str(text).ok()).collect())
}

/// The first of it.
pub fn first_aside(connection: &Connection) -> Result<Option<i64>> {
    let sql = "SELECT min(name) FROM local_setting WHERE name >= 'salvaged.' AND name < 'salvaged/'";
    let first: Option<String> = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
    Ok(first.and_then(|name| name.strip_prefix(PREFIX)?.parse().ok()))
}

/// What is queued and not done with, oldest first: what was refused and waits for a decision too.
pub fn queued(connection: &Connection) -> Result<Vec<Unsent>> {
    queued_up_to(connection, State::Rejected)
}

/// What is queued without a verdict, oldest first.
pub fn unanswered(connection: &Connection) -> Result<Vec<Unsent>> {
    queued_up_to(connection, State::Blocked)
}

fn queued_up_to(connection: &Connection, last: State) -> Result<Vec<Unsent>> {
    let sql = format!(
        "SELECT seq, payload, attempts, clock_doubtful FROM outbox WHERE state <> 5 AND state <= {} ORDER BY seq",
        last as i64
    );
    let mut statement = connection.prepare(&sql)?;
    let rows = statement.query_map([], |row| {
        let payload: Vec<u8> = row.get(1)?;
        let payload = String::from_utf8_lossy(&payload).into_owned();
        Ok(Unsent { seq: row.get(0)?, payload, attempts: row.get(2)?, clock_doubtful: row.get(3)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Tickets and other operations without a verdict, queued or aside.
pub fn counts(connection: &Connection) -> Result<(u32, u32)> {
    let sql = "SELECT count(*) FILTER (WHERE entity IN ('sale', 'saleReturn', 'saleSettlement') AND action = 'create'), \
               count(*) FROM outbox WHERE state <> 5 AND state <= 3";
    let (mut tickets, mut all): (u32, u32) = connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for unsent in aside(connection)? {
        all += 1;
        tickets += u32::from(is_ticket(&unsent.operation()?));
    }
    Ok((tickets, all - tickets))
}

/// Whether an operation is a ticket of the series.
pub fn is_ticket(operation: &Operation) -> bool {
    operation.action == officine_protocol::messages::Action::Create
        && ["series", "number", "hash"].iter().all(|field| operation.fields.contains_key(*field))
}

/// Puts it into the queue, byte for byte.
pub fn queue(connection: &Connection, unsent: &Unsent) -> Result<()> {
    outbox::put_back(connection, &unsent.operation()?, &unsent.payload, unsent.attempts, unsent.clock_doubtful)
}

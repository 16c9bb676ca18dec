//! What a database has that the one which comes in its place has not: operations without a verdict, where the till's
//! series and sequences stand, its own settings, what is in its carts.

use std::collections::HashSet;

use officine_protocol::chain::Hash;
use rusqlite::Connection;

use super::{
    carts::{self, Cart},
    unsent::{self, Unsent},
};
use crate::{catalogue, error::Result, settings};

/// Where series and sequences stand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// Ticket series.
    pub series: i64,
    /// Last ticket number given.
    pub last_number: i64,
    /// Link of that ticket.
    pub last_hash: Hash,
    /// Last device sequence given.
    pub last_seq: i64,
    /// Hybrid clock.
    pub hlc: (i64, i64),
}

/// What was found in the database that goes.
#[derive(Default)]
pub struct Found {
    /// Where it stood, if that could be read.
    pub standing: Option<Standing>,
    /// Operations without a verdict.
    pub unsent: Vec<Unsent>,
    /// Sequences of those that have one.
    pub settled: HashSet<i64>,
    /// This till's own settings.
    pub settings: Vec<(String, String)>,
    /// Open carts and held tickets.
    pub carts: Vec<Cart>,
    /// All of it could be read: what is not here is not there.
    pub whole: bool,
}

impl Found {
    /// In a database that can be read.
    pub fn read(connection: &Connection) -> Result<Self> {
        let mut found = Self { whole: true, ..Self::default() };
        found.standing = Some(standing(connection)?);
        found.unsent = unsent::queued(connection)?;
        let mut settled = connection.prepare("SELECT seq FROM outbox WHERE state = 5")?;
        found.settled = settled.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        found.settings = own_settings(connection)?;
        found.carts = carts::read(connection)?;
        Ok(found)
    }

    /// Writes it into the database that comes. What that one queues and has a verdict by now is done with; what it has
    /// not waits beside its queue.
    pub fn carry(&self, into: &Connection, now: i64) -> Result<()> {
        let known: HashSet<i64> = self.unsent.iter().map(|unsent| unsent.seq).collect();
        let mut there = HashSet::new();
        for queued in unsent::queued(into)? {
            if self.settled.contains(&queued.seq) {
                settle(into, queued.seq, now)?;
            } else if self.whole && !known.contains(&queued.seq) {
                forget(into, queued.seq)?;
            } else {
                there.insert(queued.seq);
            }
        }
        for (name, value) in &self.settings {
            settings::set_local(into, name, value)?;
        }
        for unsent in self.unsent.iter().filter(|unsent| !there.contains(&unsent.seq)) {
            unsent.set_aside(into)?;
        }
        carts::carry(into, &self.carts)?;
        catalogue::touch(into)?;
        self.stand(into)
    }

    fn stand(&self, into: &Connection) -> Result<()> {
        let last = self.unsent.iter().map(|unsent| unsent.seq).chain(self.settled.iter().copied()).max().unwrap_or(0);
        match &self.standing {
            Some(Standing { series, last_number, last_hash, last_seq, hlc }) => into.execute(
                "UPDATE till_state SET series = ?1, last_number = ?2, last_hash = ?3, last_seq = ?4, hlc_millis = ?5, \
                 hlc_counter = ?6, last_sale = NULL",
                (series, last_number, last_hash, last_seq.max(&last), hlc.0, hlc.1),
            )?,
            None => into.execute("UPDATE till_state SET last_seq = max(last_seq, ?1), last_sale = NULL", [last])?,
        };
        Ok(())
    }
}

/// Where a database stands.
pub fn standing(connection: &Connection) -> Result<Standing> {
    let sql = "SELECT series, last_number, last_hash, last_seq, hlc_millis, hlc_counter FROM till_state";
    Ok(connection.query_row(sql, [], |row| {
        let (last_hash, hlc) = (row.get(2)?, (row.get(4)?, row.get(5)?));
        Ok(Standing { series: row.get(0)?, last_number: row.get(1)?, last_hash, last_seq: row.get(3)?, hlc })
    })?)
}

/// Its own settings.
pub fn own_settings(connection: &Connection) -> Result<Vec<(String, String)>> {
    let mut statement = connection.prepare("SELECT name, value FROM local_setting")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn settle(connection: &Connection, seq: i64, now: i64) -> Result<()> {
    connection.execute("UPDATE outbox SET state = 5, problem = NULL, settled_at = ?2 WHERE seq = ?1", (seq, now))?;
    Ok(())
}

fn forget(connection: &Connection, seq: i64) -> Result<()> {
    connection.execute("DELETE FROM outbox WHERE seq = ?1", [seq])?;
    Ok(())
}

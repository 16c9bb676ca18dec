//! The one row that every act moves on.

use officine_protocol::{chain, hlc::Hlc};
use rusqlite::Connection;

use crate::error::Result;

/// The one row that every act moves on.
#[derive(Clone, Debug)]
pub struct TillState {
    /// Ticket series; 0 before enrolment.
    pub series: i64,
    /// Last ticket number given.
    pub last_number: i64,
    /// Link of that ticket.
    pub last_hash: chain::Hash,
    /// Last device sequence given.
    pub last_seq: i64,
    /// Hybrid clock.
    pub hlc: Hlc,
    /// Last sale of the series, by local key.
    pub last_sale: Option<i64>,
    /// The clock jumped, and no answer of the hub has come since: noted where the jump is, never by an act.
    pub clock_doubtful: bool,
}

impl TillState {
    /// Reads it.
    pub fn load(connection: &Connection) -> Result<Self> {
        let sql = "SELECT series, last_number, last_hash, last_seq, hlc_millis, hlc_counter, \
                   (SELECT s.id FROM sale s WHERE s.id = last_sale), \
                   clock_jumped IS NOT NULL FROM till_state";
        Ok(connection.prepare_cached(sql)?.query_row([], |row| {
            let hlc = Hlc { millis: row.get(4)?, counter: row.get(5)? };
            Ok(Self {
                series: row.get(0)?,
                last_number: row.get(1)?,
                last_hash: row.get(2)?,
                last_seq: row.get(3)?,
                hlc,
                last_sale: row.get(6)?,
                clock_doubtful: row.get(7)?,
            })
        })?)
    }

    pub(super) fn store(&self, connection: &Connection) -> Result<()> {
        let sql = "UPDATE till_state SET series = ?1, last_number = ?2, last_hash = ?3, last_seq = ?4, hlc_millis = ?5, \
                   hlc_counter = ?6, last_sale = ?7";
        connection.prepare_cached(sql)?.execute((
            self.series,
            self.last_number,
            self.last_hash,
            self.last_seq,
            self.hlc.millis,
            self.hlc.counter,
            self.last_sale,
        ))?;
        Ok(())
    }
}

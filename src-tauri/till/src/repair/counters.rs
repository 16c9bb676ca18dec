//! What the till counts by: the sequence of its operations, the number and the link of its last ticket. They are read from
//! the rows again where a restored file or a lost write left them behind.

use officine_protocol::{
    Uid,
    entities::{SALE, SETTING, in_order},
    params,
};
use rusqlite::Connection;

use super::{Repair, history, journal::Finding};
use crate::{act::TillState, error::Result, store::rows::read_uid, sync::cursor};

/// A ticket: its number, its link, its uid.
type Ticket = (i64, [u8; 32], Uid);

impl Repair<'_, '_> {
    /// Looks at the counters.
    pub fn counters(&mut self) -> Result<()> {
        self.cursor()?;
        let (till, journal) = (self.run.till, &mut self.journal);
        till.store.write(|tx| {
            let state = TillState::load(tx)?;
            let last: i64 = tx.query_row("SELECT coalesce(max(seq), 0) FROM outbox", [], |row| row.get(0))?;
            if last > state.last_seq {
                tx.execute("UPDATE till_state SET last_seq = ?1", [last])?;
                let params = params! { field: "lastSeq", old: state.last_seq, new: last };
                journal.mended(tx, &Finding::new("stuck", &SALE, Uid::nil()).with(params), "recomputed")?;
            }
            let Some((number, hash, uid)) = last_ticket(tx, state.series)? else { return Ok(()) };
            if (number, hash) == (state.last_number, state.last_hash) || number < state.last_number {
                return Ok(());
            }
            tx.execute("UPDATE till_state SET last_number = ?1, last_hash = ?2", (number, hash))?;
            let params = params! { field: "lastNumber", old: state.last_number, new: number };
            journal.mended(tx, &Finding::new("stuck", &SALE, uid).with(params), "recomputed")
        })
    }
}

impl Repair<'_, '_> {
    /// A cursor behind a place that was passed is none that a pull has left: the till goes on from there.
    fn cursor(&mut self) -> Result<()> {
        let (till, journal) = (self.run.till, &mut self.journal);
        till.store.write(|tx| {
            let (known, newest) = (cursor::load(tx)?.cursor, history::newest(tx)?);
            if newest.rev <= known.rev {
                return Ok(());
            }
            cursor::advance(tx, newest)?;
            let params = params! { field: "cursor", old: known.rev, new: newest.rev };
            journal.mended(tx, &Finding::new("stuck", &SETTING, Uid::nil()).with(params), "recomputed")
        })
    }
}

/// The last ticket of a series that is here.
pub fn last_ticket(connection: &Connection, series: i64) -> Result<Option<Ticket>> {
    let mut last: Option<Ticket> = None;
    for entity in in_order().iter().filter(|entity| entity.numbered()) {
        let sql = format!(
            "SELECT number, hash, uid FROM \"{}\" WHERE series = ?1 ORDER BY number DESC LIMIT 1",
            entity.table
        );
        let mut statement = connection.prepare(&sql)?;
        let found = statement.query_map([series], |row| Ok((row.get(0)?, row.get(1)?, read_uid(row, 2)?)))?;
        for ticket in found {
            let ticket: Ticket = ticket?;
            if last.as_ref().is_none_or(|last| ticket.0 > last.0) {
                last = Some(ticket);
            }
        }
    }
    Ok(last)
}

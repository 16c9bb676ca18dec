//! What the till counts by: the sequence of its operations, the number and the link of its last ticket. They are read from
//! the rows again where a restored file or a lost write left them behind.

use officine_protocol::{
    Uid,
    entities::{SALE, SETTING, in_order},
    params,
};
use rusqlite::Connection;

use super::{
    Repair, history,
    journal::{Finding, Journal},
};
use crate::{act::TillState, error::Result, store::rows::read_uid, sync::cursor};

/// A ticket: its number, its link, its uid.
type Ticket = (i64, [u8; 32], Uid);
/// So many of the newest rows alone.
type Newest = Option<u32>;

/// Of every kind of ticket, so many of the newest are looked at as the till opens: all would be a year's.
const LOOKED_AT: u32 = 1_000;

impl Repair<'_, '_> {
    /// Looks at the counters.
    pub fn counters(&mut self) -> Result<()> {
        self.cursor()?;
        let (till, journal) = (self.run.till, &mut self.journal);
        till.store.write(|tx| recount(tx, journal))
    }

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

/// What the till counts by and the rows are ahead of: the sequence, the ticket.
fn ahead(connection: &Connection, state: &TillState, within: Newest) -> Result<(Option<i64>, Option<Ticket>)> {
    let last: i64 = connection.query_row("SELECT coalesce(max(seq), 0) FROM outbox", [], |row| row.get(0))?;
    let ticket = last_ticket(connection, state.series, within)?.filter(|(number, hash, _)| {
        (*number, *hash) != (state.last_number, state.last_hash) && *number >= state.last_number
    });
    Ok(((last > state.last_seq).then_some(last), ticket))
}

/// Whether anything is behind the newest rows: the next sale would want what another one has.
pub fn is_behind(connection: &Connection) -> Result<bool> {
    let (seq, ticket) = ahead(connection, &TillState::load(connection)?, Some(LOOKED_AT))?;
    Ok(seq.is_some() || ticket.is_some())
}

/// Counts on from what the rows say.
pub fn recount(connection: &Connection, journal: &mut Journal) -> Result<()> {
    let state = TillState::load(connection)?;
    let (seq, ticket) = ahead(connection, &state, None)?;
    if let Some(last) = seq {
        connection.execute("UPDATE till_state SET last_seq = ?1", [last])?;
        let params = params! { field: "lastSeq", old: state.last_seq, new: last };
        journal.mended(connection, &Finding::new("stuck", &SALE, Uid::nil()).with(params), "recomputed")?;
    }
    if let Some((number, hash, uid)) = ticket {
        connection.execute("UPDATE till_state SET last_number = ?1, last_hash = ?2", (number, hash))?;
        let params = params! { field: "lastNumber", old: state.last_number, new: number };
        journal.mended(connection, &Finding::new("stuck", &SALE, uid).with(params), "recomputed")?;
    }
    Ok(())
}

/// The last ticket of a series that is here, or is among so many of the newest rows.
pub fn last_ticket(connection: &Connection, series: i64, within: Newest) -> Result<Option<Ticket>> {
    let mut last: Option<Ticket> = None;
    for entity in in_order().iter().filter(|entity| entity.numbered()) {
        let table = entity.table;
        let newest = within.map_or_else(String::new, |rows| {
            format!("AND id > (SELECT coalesce(max(id), 0) FROM \"{table}\") - {rows} ")
        });
        let sql =
            format!("SELECT number, hash, uid FROM \"{table}\" WHERE series = ?1 {newest}ORDER BY number DESC LIMIT 1");
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

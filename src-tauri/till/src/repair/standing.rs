//! Where a till stands: the row that every act moves on, and the one that says how far it has read. A file in which one of
//! them is gone, is behind, or holds what it cannot, opens all the same: both are read from the other rows again, before a
//! sale would want the number of another.

use officine_protocol::{
    Uid,
    clock::Clock,
    entities::{SALE, SETTING},
    messages::Cursor,
    params,
    schema::Entity,
};
use rusqlite::Connection;

use super::{
    counters::{self, last_ticket},
    history,
    journal::{Finding, Journal},
};
use crate::{act::TillState, device::Device, error::Result, store::Store, sync::cursor};

/// Looks at both as the till opens. Of a sound file a few rows are read, and nothing is written.
pub fn opened(store: &Store, device: Option<&Device>, clock: &dyn Clock) -> Result<()> {
    let [moves, reads] = store.read(|connection| {
        Ok([is_gone(TillState::load(connection).map(drop))?, is_gone(cursor::load(connection).map(drop))?])
    })?;
    let behind = !moves && store.read(counters::is_behind)?;
    if !moves && !reads && !behind {
        return Ok(());
    }
    store.write(|tx| {
        let mut journal = Journal::begin("start", clock.now());
        if moves {
            let number = moved(tx, device, clock.now())?;
            journal.mended(tx, &found(&SALE, "lastNumber", number), "recomputed")?;
        }
        if reads {
            let rev = read(tx)?.rev;
            journal.mended(tx, &found(&SETTING, "cursor", rev), "recomputed")?;
        }
        if behind {
            counters::recount(tx, &mut journal)?;
        }
        journal.end(tx, clock.now()).map(drop)
    })
}

/// A row that is not there, or not one: the file itself is well.
fn is_gone(read: Result<()>) -> Result<bool> {
    match read {
        Err(error) if error.is_of_one_row() => Ok(true),
        other => other.map(|()| false),
    }
}

fn found(entity: &'static Entity, field: &str, new: i64) -> Finding {
    Finding::new("stuck", entity, Uid::nil()).with(params! { field: field, old: 0, new: new })
}

/// The series is the device's, the number and the link are those of its last ticket here, the sequence that of the newest
/// operation. Gives the number. Where the hub has seen more of this till than that, it says so, as of a restored file.
fn moved(connection: &Connection, device: Option<&Device>, now: i64) -> Result<i64> {
    let series = device.map_or(0, |device| device.series);
    let (number, hash) =
        last_ticket(connection, series, None)?.map_or((0, [0; 32]), |(number, hash, _)| (number, hash));
    let sql = "INSERT OR REPLACE INTO till_state (id, series, last_number, last_hash, last_seq, hlc_millis, hlc_counter) \
               SELECT 1, ?1, ?2, ?3, coalesce(max(seq), 0), max(?4, coalesce(max(occurred_at), 0)), 0 FROM outbox";
    connection.execute(sql, (series, number, hash, now))?;
    Ok(number)
}

/// From the newest place that was passed; from the beginning where none is known.
fn read(connection: &Connection) -> Result<Cursor> {
    connection.execute("INSERT OR REPLACE INTO sync_state VALUES (1, 0, 0, NULL, 0, 0, NULL, NULL, 0, 0)", [])?;
    let newest = history::newest(connection)?;
    cursor::advance(connection, newest)?;
    Ok(newest)
}

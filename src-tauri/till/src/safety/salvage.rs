//! A database that cannot be trusted any more: what exists nowhere else is read out of it into a new one, and the rest is
//! read again from the hub. The damaged file is kept as it was found.

use std::path::Path;

use officine_protocol::clock::Clock;
use rusqlite::{Connection, OpenFlags};

use super::{
    carry::{self, Found},
    carts, identity,
    pages::Pages,
    scan, swap,
    unsent::is_ticket,
};
use crate::{
    device,
    error::Result,
    refuse,
    store::{self, checks},
    views::SalvageReport,
};

const STORE: &str = "officine.db";

/// Salvages the till's data folder. Nobody may have it open. Refused where nothing is wrong with it.
pub fn salvage(dir: &Path, clock: &dyn Clock) -> Result<SalvageReport> {
    swap::finish(dir)?;
    let (store, now) = (dir.join(STORE), clock.now());
    if !store.exists() {
        return refuse!("store_sound", path: store.display().to_string());
    }
    let kept = swap::keep(dir, "damaged", now)?;
    if is_sound(&kept) {
        swap::discard(&kept)?;
        return refuse!("store_sound", path: store.display().to_string());
    }
    let (found, lost) = read(&kept)?;
    let staged = swap::begin(dir)?;
    let mut fresh = Connection::open(&staged)?;
    store::migrate(&mut fresh)?;
    let tx = fresh.transaction()?;
    found.carry(&tx, now)?;
    if let (None, Some(device)) = (&found.standing, device::load(dir)?) {
        tx.execute("UPDATE till_state SET series = ?1", [device.series])?;
        identity::unreadable(&tx, &device, now)?;
    }
    tx.commit()?;
    fresh.close().map_err(|(_, error)| error)?;
    swap::decide(dir)?;
    swap::finish(dir)?;
    let tickets = found.unsent.iter().filter_map(|unsent| unsent.operation().ok()).filter(is_ticket).count() as u32;
    let others = found.unsent.len() as u32 - tickets;
    let carts = found.carts.len() as u32;
    tracing::warn!(tickets, others, carts, lost, kept = %kept.display(), "a damaged store was salvaged");
    Ok(SalvageReport { tickets, others, carts, lost, kept: kept.display().to_string(), reads_again: true })
}

/// Read-only: the log stays as it was found too.
fn open(kept: &Path) -> Result<Connection> {
    Ok(Connection::open_with_flags(kept, OpenFlags::SQLITE_OPEN_READ_ONLY)?)
}

fn is_sound(kept: &Path) -> bool {
    let checked = open(kept).and_then(|connection| {
        checks::schema_version(&connection)?;
        checks::quick_check(&connection)
    });
    matches!(checked, Ok(None))
}

/// What SQLite reads of it without a fault is all there is; else every page is looked at.
fn read(kept: &Path) -> Result<(Found, u32)> {
    let mut pages = Pages::open(kept)?;
    let copy = open(kept);
    if let Ok(found) = copy.as_ref().map_err(|_| ()).and_then(|copy| Found::read(copy).map_err(|_| ())) {
        return Ok((Found { whole: false, ..found }, 0));
    }
    let mut found = scan::scan(&mut pages);
    if let Ok(copy) = copy {
        found.settings = carry::own_settings(&copy).unwrap_or_default();
        found.carts = carts::read(&copy).unwrap_or_default();
    }
    let lost = lost(&found);
    Ok((found, lost))
}

/// Sequences that are missing between those that were read, and up to the last that was given: each may have been an
/// operation that could not be read. Those before the oldest verdict were forgotten long ago.
fn lost(found: &Found) -> u32 {
    let unsent = found.unsent.iter().map(|unsent| unsent.seq);
    let all: std::collections::BTreeSet<i64> = unsent.chain(found.settled.iter().copied()).collect();
    let Some(first) = found.settled.iter().min().or(all.first()).copied() else {
        return found.standing.as_ref().map_or(0, |standing| standing.last_seq as u32);
    };
    let last =
        all.last().copied().unwrap_or(first).max(found.standing.as_ref().map_or(0, |standing| standing.last_seq));
    (last - first + 1 - all.range(first..).count() as i64).max(0) as u32
}

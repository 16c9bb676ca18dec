//! The hub has another history: it was restored, or its database was swapped. Where both part is found by the places that
//! this till has passed; it reads on from there, and what the hub lost is given back by the comparison that follows.

use officine_protocol::{
    Uid,
    entities::SETTING,
    fault::{Fault, armed},
    limits::{PASSED, PROTOCOL, SCHEMA},
    messages::{Cursor, HistoryRequest, HistoryResponse},
    params,
};
use rusqlite::Connection;

use super::{Repair, journal::Finding};
use crate::{
    error::{Error, Result},
    settings,
    sync::{cursor, pull, push, run::Run},
};

/// Places that are all kept, newest first; beyond, ever fewer.
const NEWEST: usize = 16;
/// The local setting that stands from the parting until what the hub lost was given back: whatever comes between, a later run
/// does it. It says which revisions those are.
const OWED: &str = "history.owed";
/// The codes by which a hub says so.
const CODES: [&str; 2] = ["hub_other_history", "other_history"];

/// Whether that is what stopped a run.
pub fn parted(error: &Error) -> bool {
    matches!(error, Error::Hub { code, .. } if CODES.contains(&code.as_str()))
}

/// Follows the hub into its history, and gives back what it lost. A hub that cannot say where they part leaves `error`.
pub fn follow(run: &mut Run<'_>, error: Error) -> Result<()> {
    let mut repair = Repair::begin(run, "history", false);
    let common = match repair.ask_history() {
        Ok(common) => common,
        Err(failure @ (Error::Store(_) | Error::File(_))) => return Err(failure),
        Err(failure) => {
            tracing::warn!(%failure, "the hub does not say where the histories part");
            return Err(error);
        }
    };
    let outcome = repair.part(&common);
    repair.end(outcome).map(drop)
}

/// Gives back what an earlier run could not, because it was cut, or because the hub moved on all the time.
pub fn resume(run: &mut Run<'_>) -> Result<()> {
    if run.till.store.read(|connection| settings::local(connection, OWED))?.is_none() {
        return Ok(());
    }
    let mut repair = Repair::begin(run, "history", false);
    let outcome = repair.give_back();
    repair.end(outcome).map(drop)
}

/// Revisions of a history that the hub left: after the first, up to the second. Rows that bear them are given back before
/// the hub's are read in their place, for it may have got an earlier state of them from somebody else.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Left {
    common: i64,
    reached: i64,
}

impl Left {
    /// Whether a revision is one of them.
    pub fn holds(self, rev: i64) -> bool {
        self.common < rev && rev <= self.reached
    }

    /// Those of both, and what lies between.
    fn with(self, other: Self) -> Self {
        Self { common: self.common.min(other.common), reached: self.reached.max(other.reached) }
    }

    fn parse(text: &str) -> Option<Self> {
        let (common, reached) = text.split_once("..")?;
        Some(Self { common: common.parse().ok()?, reached: reached.parse().ok()? })
    }
}

/// What is still to be given back; none holds nothing.
pub fn left(connection: &Connection) -> Result<Left> {
    Ok(settings::local(connection, OWED)?.and_then(|text| Left::parse(&text)).unwrap_or_default())
}

impl Repair<'_, '_> {
    fn ask_history(&mut self) -> Result<HistoryResponse> {
        let (epoch, passed) = self.run.till.store.read(|connection| {
            let known = cursor::load(connection)?;
            Ok((known.epoch, told(connection, known.cursor)?))
        })?;
        let (incarnation, sent_at) = (self.run.device.incarnation, self.run.till.clock.now());
        let request = HistoryRequest { protocol: PROTOCOL, schema: SCHEMA, incarnation, epoch, sent_at, passed };
        self.run.timed(|transport, device| transport.history(device, &request))
    }

    fn part(&mut self, hub: &HistoryResponse) -> Result<()> {
        let journal = &mut self.journal;
        self.run.till.store.write(|tx| {
            let before = cursor::load(tx)?;
            cursor::part(tx, hub.epoch, hub.revision, hub.common)?;
            tx.execute("DELETE FROM passed WHERE rev > ?1", [hub.common.rev])?;
            let mut left = Left { common: hub.common.rev, reached: before.cursor.rev.max(before.hub_revision) };
            if let Some(owed) = settings::local(tx, OWED)?.and_then(|text| Left::parse(&text)) {
                left = left.with(owed);
            }
            settings::set_local(tx, OWED, &format!("{}..{}", left.common, left.reached))?;
            let params = params! {
                old: before.cursor.rev, new: hub.common.rev, epoch: hub.epoch, revision: hub.revision
            };
            journal.mended(tx, &Finding::new("history", &SETTING, Uid::nil()).with(params), "restarted")
        })?;
        self.give_back()
    }

    /// What the hub lost is found by comparing both books: done with once they were read at one revision.
    fn give_back(&mut self) -> Result<()> {
        if !armed(Fault::RestoreLost) {
            let common = self.run.till.store.read(cursor::load)?.cursor.rev;
            self.give_joined(common)?;
        }
        self.step("pull")?;
        pull::pull(self.run)?;
        // Once it was tried, a row that waited for an operation is the hub's as soon as that has its verdict.
        if armed(Fault::RestoreLost) || self.reconcile()?.settled {
            self.run.till.store.write(|tx| settings::forget_local(tx, OWED))?;
        }
        push::push(self.run)?;
        pull::pull(self.run)
    }
}

fn told(connection: &Connection, cursor: Cursor) -> Result<Vec<Cursor>> {
    let mut places = vec![cursor];
    places.extend(passed(connection)?.into_iter().filter(|place| place.rev < cursor.rev));
    places.truncate(PASSED);
    Ok(places)
}

fn passed(connection: &Connection) -> Result<Vec<Cursor>> {
    let mut statement = connection.prepare_cached("SELECT rev, \"commit\" FROM passed ORDER BY rev DESC")?;
    let places =
        statement.query_map([], |row| Ok(Cursor { rev: row.get(0)?, commit: Some(Uid::from_bytes(row.get(1)?)) }))?;
    Ok(places.collect::<rusqlite::Result<_>>()?)
}

/// The newest place passed.
pub fn newest(connection: &Connection) -> Result<Cursor> {
    let sql = "SELECT rev, \"commit\" FROM passed ORDER BY rev DESC LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement
        .query_map([], |row| Ok(Cursor { rev: row.get(0)?, commit: Some(Uid::from_bytes(row.get(1)?)) }))?
        .next();
    Ok(found.transpose()?.unwrap_or_default())
}

/// Remembers a place at the end of a pull, in the transaction that stores what it passes, and forgets those between.
pub fn remember(connection: &Connection, place: Cursor) -> Result<()> {
    let Some(commit) = place.commit else { return Ok(()) };
    let sql = "INSERT OR REPLACE INTO passed (rev, \"commit\") VALUES (?1, ?2)";
    connection.prepare_cached(sql)?.execute((place.rev, commit.as_bytes()))?;
    let revs: Vec<i64> = passed(connection)?.into_iter().map(|place| place.rev).collect();
    for rev in thinned(&revs) {
        connection.prepare_cached("DELETE FROM passed WHERE rev = ?1")?.execute([rev])?;
    }
    Ok(())
}

/// Of places, newest first, those that are too many: beyond the newest, one is left out where the next older one lies no
/// more than four times as far back as the newer one. The oldest stays.
fn thinned(revs: &[i64]) -> Vec<i64> {
    let newest = revs.first().copied().unwrap_or(0);
    let mut kept = revs.get(NEWEST - 1).map_or(0, |rev| newest - rev);
    let mut dropped = Vec::new();
    for pair in revs.get(NEWEST..).unwrap_or_default().windows(2) {
        let [rev, older] = [pair[0], pair[1]].map(|rev| newest - rev);
        if older <= 4 * kept {
            dropped.push(pair[0]);
        } else {
            kept = rev;
        }
    }
    dropped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_places_are_kept_and_then_ever_fewer() {
        let mut kept: Vec<i64> = Vec::new();
        for rev in 1..=100_000 {
            kept.insert(0, rev);
            let dropped = thinned(&kept);
            kept.retain(|rev| !dropped.contains(rev));
        }
        assert!(kept.len() <= PASSED, "{}", kept.len());
        assert_eq!(kept[..16], (99_985..=100_000).rev().collect::<Vec<_>>());
        assert!(*kept.last().unwrap() < 50_000, "{kept:?}");
    }
}

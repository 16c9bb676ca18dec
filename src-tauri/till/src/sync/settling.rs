//! What a run brought that somebody has to know: tickets of this till that wait for a decision now, decisions made here
//! that another one forestalled, and conflicts that wait.

use officine_protocol::{Uid, roles::Permission};
use rusqlite::Connection;

use crate::{
    act::TillState,
    conflicts,
    engine::Till,
    error::Result,
    selling::{settlement, to_settle},
    views::{Notice, Topic},
};

/// The tickets and the conflicts that waited before the run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    waiting: Vec<Uid>,
    conflicts: u32,
}

impl Known {
    /// As the store has it now.
    pub fn read(connection: &Connection) -> Result<Self> {
        let series = TillState::load(connection)?.series;
        Ok(Self { waiting: to_settle::of_series(connection, series)?, conflicts: conflicts::count(connection)? })
    }

    /// Tells what has come since, and what a run that never ended has left untold: a ticket that waits is in a list, a
    /// decision that does not stand is in none.
    pub fn tell(&self, till: &Till) -> Result<()> {
        self.tell_conflicts(till)?;
        let today = till.today();
        let (waiting, overtaken) = till.store.read(|connection| {
            let now = Self::read(connection)?.waiting.into_iter().filter(|uid| !self.waiting.contains(uid));
            let waiting = now.map(|uid| to_settle::of(connection, uid, today)).collect::<Result<Vec<_>>>()?;
            let series = TillState::load(connection)?.series;
            let overtaken = settlement::forestalled(connection, series)?.into_iter();
            let overtaken = overtaken.map(|uid| Ok((uid, forestalled(connection, uid)?)));
            Ok((waiting, overtaken.collect::<Result<Vec<_>>>()?))
        })?;
        waiting.into_iter().for_each(|sale| till.tell(&Notice::SaleToSettle { sale: Box::new(sale) }));
        for (uid, notice) in overtaken {
            notice.iter().for_each(|notice| till.tell(notice));
            till.store.write(|tx| settlement::told(tx, uid))?;
        }
        Ok(())
    }

    /// Whoever may resolve conflicts is told how many wait; every list that marks rows reads them again.
    fn tell_conflicts(&self, till: &Till) -> Result<()> {
        let open = till.store.read(conflicts::count)?;
        if open == self.conflicts {
            return Ok(());
        }
        if till.session().is_ok() && till.allow(Permission::ResolveConflicts).is_ok() {
            till.tell(&Notice::Conflicts { open });
        }
        till.changed(&[Topic::Conflicts]);
        Ok(())
    }
}

fn forestalled(connection: &Connection, uid: Uid) -> Result<Option<Notice>> {
    let Some((own, sale, number)) = settlement::by_uid(connection, uid)? else { return Ok(None) };
    let standing = settlement::of_sale(connection, sale)?.filter(|standing| !standing.superseded);
    let standing = standing.map(Box::new);
    Ok(Some(Notice::SaleAlreadySettled { number, standing, own: Box::new(own) }))
}

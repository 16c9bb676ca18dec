//! What a run brought that somebody has to know: tickets of this till that wait for a decision now, and decisions made here
//! that another one forestalled.

use officine_protocol::Uid;
use rusqlite::Connection;

use crate::{
    act::TillState,
    engine::Till,
    error::Result,
    selling::{settlement, to_settle},
    views::Notice,
};

/// What was known before the run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    waiting: Vec<Uid>,
    superseded: Vec<Uid>,
}

impl Known {
    /// As the store has it now.
    pub fn read(connection: &Connection) -> Result<Self> {
        let series = TillState::load(connection)?.series;
        Ok(Self {
            waiting: to_settle::of_series(connection, series)?,
            superseded: settlement::superseded(connection, series)?,
        })
    }

    /// Tells what has come since.
    pub fn tell(&self, till: &Till) -> Result<()> {
        let today = till.today();
        let notices = till.store.read(|connection| {
            let now = Self::read(connection)?;
            let mut notices = Vec::new();
            for uid in now.waiting.into_iter().filter(|uid| !self.waiting.contains(uid)) {
                notices.push(Notice::SaleToSettle { sale: Box::new(to_settle::of(connection, uid, today)?) });
            }
            for uid in now.superseded.into_iter().filter(|uid| !self.superseded.contains(uid)) {
                notices.extend(forestalled(connection, uid)?);
            }
            Ok(notices)
        })?;
        notices.iter().for_each(|notice| till.tell(notice));
        Ok(())
    }
}

fn forestalled(connection: &Connection, uid: Uid) -> Result<Option<Notice>> {
    let Some((own, sale, number)) = settlement::by_uid(connection, uid)? else { return Ok(None) };
    let standing = settlement::of_sale(connection, sale)?.filter(|standing| !standing.superseded);
    Ok(Some(Notice::SaleAlreadySettled { number, standing, own }))
}

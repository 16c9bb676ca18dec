//! Decisions on conflicts that count for nothing: who made them is told what stands.

use officine_protocol::{Uid, entities::CONFLICT};

use super::run::Run;
use crate::{
    conflicts,
    error::Result,
    store::rows,
    views::{ConflictStateName, Notice},
};

/// A decision that another one came before, or that would have overwritten what its maker had not seen.
pub struct Overtaken {
    /// The conflict.
    pub conflict: Uid,
    /// Who made it.
    pub by: Option<Uid>,
}

impl Run<'_> {
    /// Of two who resolved one conflict, the second is told what stands; whoever had not seen what they would have
    /// overwritten, that they are asked again. One person's own decision is no news to them.
    pub(super) fn tell_overtaken(&self) -> Result<()> {
        for Overtaken { conflict, by } in &self.overtaken {
            let (summary, stands) = self.till.store.read(|connection| {
                let stands = rows::get(connection, &CONFLICT, *conflict)?;
                let stands = stands.and_then(|(_, record)| record.get(&CONFLICT, "resolved_by").uid());
                Ok((Box::new(conflicts::summary_of(connection, *conflict)?), stands))
            })?;
            match summary.state {
                ConflictStateName::Open => self.till.tell(&Notice::ConflictAsksAgain { conflict: summary }),
                _ if stands == *by => {}
                _ => self.till.tell(&Notice::ConflictAlreadySettled { conflict: summary }),
            }
        }
        Ok(())
    }
}

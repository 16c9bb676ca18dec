//! Conflicts resolved together, by one rule: so many in a transaction that the counter never waits long.

use officine_protocol::{Uid, params, roles::Permission};
use rusqlite::Connection;

use super::{Conflict, resolve};
use crate::{
    engine::Till,
    error::{Error, Result},
    people::Session,
    store::rows,
    views::{ConflictKindName, Notice, ResolveAllArgs, ResolvedView, TakenName, Topic},
};

const TOGETHER: usize = 500;

impl Till {
    /// Resolves every open conflict, or those of an entity. Proposed twins and values that the row may not hold any more
    /// stay for somebody to look at.
    pub fn resolve_conflicts(&self, args: &ResolveAllArgs) -> Result<ResolvedView> {
        let session = self.allow(Permission::ResolveConflicts)?;
        if !matches!(args.taken, TakenName::Hub | TakenName::Till | TakenName::LastWrite) {
            return Err(Error::refused("field_invalid", params! { field: "taken" }));
        }
        let open = self.store.read(|connection| open(connection, args.entity.as_deref()))?;
        let (of, mut outcome) = (open.len() as u32, ResolvedView::default());
        for some in open.chunks(TOGETHER) {
            let done = self.some(&session, some, args.taken)?;
            outcome.resolved += done;
            outcome.left += some.len() as u32 - done;
            self.tell(&Notice::ResolveProgress { done: outcome.resolved + outcome.left, of });
        }
        self.changed(&[Topic::Conflicts, Topic::Sync]);
        Ok(outcome)
    }

    fn some(&self, session: &Session, conflicts: &[Uid], taken: TakenName) -> Result<u32> {
        self.act(Some(session.user), |act| {
            let mut done = 0;
            for uid in conflicts {
                let conflict = Conflict::read(act.tx, &uid.to_string())?;
                if conflict.kind == ConflictKindName::Twin {
                    continue;
                }
                match resolve::settle(act, session, &conflict, taken, &Default::default()) {
                    Ok(()) => done += 1,
                    Err(error @ Error::Refused { .. }) => tracing::warn!(%uid, %error, "a conflict stays open"),
                    Err(error) => return Err(error),
                }
            }
            Ok(done)
        })
    }
}

fn open(connection: &Connection, entity: Option<&str>) -> Result<Vec<Uid>> {
    let sql = "SELECT uid FROM conflict WHERE resolved_at IS NULL AND archived_at IS NULL \
               AND (?1 IS NULL OR entity = ?1) ORDER BY id";
    let mut statement = connection.prepare_cached(sql)?;
    let uids = statement.query_map([entity], |row| rows::read_uid(row, 0))?;
    Ok(uids.collect::<rusqlite::Result<_>>()?)
}

//! Conflicts resolved together, by one rule: so many in a transaction that the counter never waits long.

use std::sync::atomic::Ordering;

use officine_protocol::{Uid, params, roles::Permission};
use rusqlite::Connection;

use super::{Conflict, resolve};
use crate::{
    engine::Till,
    error::{Error, Result},
    people::Session,
    store::rows,
    views::{Notice, ResolveAllArgs, ResolvedView, TakenName, Topic},
};

const TOGETHER: usize = 500;

impl Till {
    /// Resolves every open conflict, or those of an entity, the last edit first: of several about one place, the hub writes
    /// what the first one says. Proposed twins and values that the row may
    /// not hold any more stay for somebody to look at.
    pub fn resolve_conflicts(&self, args: &ResolveAllArgs) -> Result<ResolvedView> {
        let session = self.allow(Permission::ResolveConflicts)?;
        if !matches!(args.taken, TakenName::Hub | TakenName::Till | TakenName::LastWrite) {
            return Err(Error::refused("field_invalid", params! { field: "taken" }));
        }
        let open = self.store.read(|connection| open(connection, args.entity.as_deref()))?;
        let (of, mut done, mut resolved) = (open.len() as u32, 0, 0);
        self.resolving_stopped.store(false, Ordering::Relaxed);
        for some in open.chunks(TOGETHER) {
            if self.resolving_stopped.load(Ordering::Relaxed) {
                break;
            }
            resolved += self.some(&session, some, args.taken)?;
            done += some.len() as u32;
            self.tell(&Notice::ResolveProgress { done, of });
        }
        self.changed(&[Topic::Conflicts, Topic::Sync]);
        let left = self.store.read(|connection| left(connection, args.entity.as_deref()))?;
        Ok(ResolvedView { resolved, left })
    }

    /// Stops what [`Till::resolve_conflicts`] has not come to. What it has resolved stays resolved.
    pub fn stop_resolving(&self) {
        self.resolving_stopped.store(true, Ordering::Relaxed);
    }

    fn some(&self, session: &Session, conflicts: &[Uid], taken: TakenName) -> Result<u32> {
        self.act(Some(session.user), |act| {
            let mut done = 0;
            for uid in conflicts {
                let conflict = Conflict::read(act.tx, &uid.to_string())?;
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

/// Those that one rule resolves.
fn open(connection: &Connection, entity: Option<&str>) -> Result<Vec<Uid>> {
    let sql = "SELECT uid FROM conflict WHERE resolved_at IS NULL AND archived_at IS NULL AND kind <> 'twin' \
               AND (?1 IS NULL OR entity = ?1) ORDER BY edited_at DESC, id DESC";
    let mut statement = connection.prepare_cached(sql)?;
    let uids = statement.query_map([entity], |row| rows::read_uid(row, 0))?;
    Ok(uids.collect::<rusqlite::Result<_>>()?)
}

fn left(connection: &Connection, entity: Option<&str>) -> Result<u32> {
    let sql = "SELECT count(*) FROM conflict WHERE resolved_at IS NULL AND archived_at IS NULL \
               AND (?1 IS NULL OR entity = ?1)";
    Ok(connection.prepare_cached(sql)?.query_row([entity], |row| row.get(0))?)
}

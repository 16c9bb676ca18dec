//! Links: a reference that is read through another one (`through` in the declaration) says what the row named there says:
//! a repayment without its ticket's customer gets it from the ticket.

use officine_protocol::{
    Uid,
    entities::{entity, in_order},
    params,
    schema::{Column, Entity, Kind},
    sql,
    value::Value,
};
use rusqlite::Connection;

use super::{Repair, journal::Finding};
use crate::{act::Change, error::Result, store::rows::read_uid};

/// Rows looked at after a run, of each entity, newest first.
const NEWEST: i64 = 200;

/// A reference that is not what it is read through.
struct Broken {
    id: i64,
    found: Finding,
    column: &'static Column,
    right: Uid,
}

impl Repair<'_, '_> {
    /// Looks at every link, or at those of the newest rows.
    pub fn links(&mut self, all: bool) -> Result<()> {
        let (till, journal) = (self.run.till, &mut self.journal);
        let broken = till.store.read(|connection| broken(connection, if all { i64::MAX } else { NEWEST }))?;
        if broken.is_empty() {
            return Ok(());
        }
        till.act(None, |act| {
            let hlc = act.state.hlc.tick(act.now).to_string();
            for Broken { id, found, column, right } in &broken {
                act.tx.prepare_cached(&sql::correct(found.entity, column))?.execute((id, Value::Uid(*right)))?;
                let old = found.params.get("old").cloned().unwrap_or_default();
                let (field, new, user) = (column.wire_name(), right.to_string().into(), None);
                let Finding { entity, uid, .. } = *found;
                Change { entity, uid, rev: 0, field: &field, old: &old, new: &new, user, hlc: &hlc, kind: "repair" }
                    .write(act.tx)?;
                journal.mended(act.tx, found, "patched")?;
            }
            Ok(())
        })
    }
}

fn broken(connection: &Connection, newest: i64) -> Result<Vec<Broken>> {
    let mut broken = Vec::new();
    for owner in in_order() {
        for column in owner.columns {
            let Some(sql) = column.through.and_then(|through| differing(owner, column, through)) else { continue };
            let mut statement = connection.prepare_cached(&sql)?;
            let mut rows = statement.query([newest])?;
            while let Some(row) = rows.next()? {
                let (id, uid, right) = (row.get(0)?, read_uid(row, 1)?, read_uid(row, 2)?);
                let old: Option<[u8; 16]> = row.get(3)?;
                let old = old.map(|old| Uid::from_bytes(old).to_string());
                let params = params! { field: column.wire_name(), old: old, new: right.to_string() };
                broken.push(Broken { id, found: Finding::new("link", owner, uid).with(params), column, right });
            }
        }
    }
    Ok(broken)
}

/// The newest ?1 rows whose reference is not that of the row they name: key, uid, what it should be, what it is.
fn differing(owner: &Entity, column: &Column, through: &str) -> Option<String> {
    let way = &owner.columns[owner.column(through)?];
    let (Kind::Ref(via), Kind::Ref(target)) = (way.kind, column.kind) else { return None };
    let (via, target) = (entity(via)?.table, entity(target)?.table);
    let (own, way, name) = (owner.table, way.sql_name(), column.sql_name());
    Some(format!(
        "SELECT t.id, t.uid, r.uid, (SELECT o.uid FROM \"{target}\" o WHERE o.id = t.\"{name}\") FROM \"{own}\" t \
         JOIN \"{via}\" v ON v.id = t.\"{way}\" JOIN \"{target}\" r ON r.id = v.\"{name}\" \
         WHERE t.id > (SELECT max(id) FROM \"{own}\") - ?1 AND t.\"{name}\" IS NOT v.\"{name}\""
    ))
}

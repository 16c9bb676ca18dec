//! A row whose uid was changed by hand, on one side. The hub's name for it says which row it is, for the hub gives none twice.

use officine_protocol::{
    Uid,
    entities::in_order,
    limits::ROWS_ASKED,
    schema::{Entity, Kind},
};
use rusqlite::{Connection, OptionalExtension};

use super::{Repair, ask, journal::Finding, narrow};
use crate::{
    error::Result,
    store::{outbox, rows},
    sync::twins,
};

impl Repair<'_, '_> {
    /// Gives rows the uid that they bear on the hub, and takes what the hub has of them. Gives back those that are not
    /// surely one, or whose own uid is the one that a ticket printed.
    pub fn rename(&mut self, entity: &'static Entity, found: Vec<(Finding, Uid)>) -> Result<Vec<(Finding, Uid)>> {
        let mut others = Vec::new();
        for some in found.chunks(ROWS_ASKED) {
            let names: Vec<_> = some.iter().map(|(found, _)| (entity.name, found.uid)).collect();
            let answer = ask::rows(self.run, &names, false)?;
            let till = self.run.till;
            let renamed = till.store.write(|tx| {
                let mut renamed = Vec::new();
                for (found, here) in some {
                    let there = answer.row(entity.name, found.uid);
                    if there.is_none_or(|there| !one(tx, entity, *here, there.created_at).unwrap_or(false)) {
                        others.push((found.clone(), *here));
                        continue;
                    }
                    twins::merge(tx, entity, *here, found.uid, till.clock.now())?;
                    renamed.push(found.clone());
                }
                Ok(renamed)
            })?;
            self.take(answer.rows, renamed, "named")?;
        }
        Ok(others)
    }
}

/// Whether the row here is surely that of the hub, born at the same moment, and nothing speaks for the uid that it bears.
fn one(connection: &Connection, entity: &'static Entity, uid: Uid, created_at: i64) -> Result<bool> {
    let Some((id, record)) = rows::get(connection, entity, uid)? else { return Ok(false) };
    if record.created_at != created_at || outbox::is_pending(connection, uid)? {
        return Ok(false);
    }
    let own = entity.numbered() && narrow::proven(entity, &record);
    Ok(!own && !printed(connection, entity, id)?)
}

/// Whether a ticket that names this row is the link of its chain that it says it is: it printed the uid that the row bears.
fn printed(connection: &Connection, named: &Entity, id: i64) -> Result<bool> {
    for entity in in_order().iter().filter(|entity| entity.numbered()) {
        for column in entity.columns.iter().filter(|column| column.kind == Kind::Ref(named.name)) {
            let sql = format!("SELECT uid FROM \"{}\" WHERE \"{}\" = ?1 LIMIT 1", entity.table, column.sql_name());
            let ticket = connection.query_row(&sql, [id], |row| rows::read_uid(row, 0)).optional()?;
            let ticket = ticket.map(|uid| rows::get(connection, entity, uid)).transpose()?.flatten();
            if ticket.is_some_and(|(_, ticket)| narrow::proven(entity, &ticket)) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

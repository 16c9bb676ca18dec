//! A row whose uid was changed by hand, on one side. The hub's name for it says which row it is, for the hub gives none twice.

use officine_protocol::{
    Uid,
    entities::in_order,
    limits::ROWS_ASKED,
    params,
    schema::{Entity, Kind},
};
use rusqlite::{Connection, OptionalExtension};

use super::{Repair, ask, journal::Finding, mend::problem, narrow};
use crate::{
    error::Result,
    store::{outbox, rows},
    sync::twins,
};

/// What a row of the hub's is to the one here that bears the hub's name for it.
enum Row {
    /// The same, under the uid that is right.
    Same,
    /// The same, though a ticket printed the uid that it bears here.
    Contested,
    /// Perhaps another.
    Other,
}

impl Repair<'_, '_> {
    /// Gives rows the uid that they bear on the hub, and takes what the hub has of them. Where a ticket printed the other uid,
    /// both sides stay as they are: the row would be there twice, and move its stock twice. Gives back those that are not
    /// surely one.
    pub fn rename(&mut self, entity: &'static Entity, found: Vec<(Finding, Uid)>) -> Result<Vec<(Finding, Uid)>> {
        let mut others = Vec::new();
        for some in found.chunks(ROWS_ASKED) {
            let names: Vec<_> = some.iter().map(|(found, _)| (entity.name, found.uid)).collect();
            let mut answer = ask::rows(self.run, &names, false)?;
            let till = self.run.till;
            let (mut renamed, mut contested) = (Vec::new(), Vec::new());
            till.store.write(|tx| {
                for (found, here) in some {
                    let there = answer.row(entity.name, found.uid).map(|there| there.created_at);
                    match there.map_or(Ok(Row::Other), |born| row(tx, entity, *here, born))? {
                        Row::Other => others.push((found.clone(), *here)),
                        Row::Contested => contested.push(found.clone()),
                        Row::Same => {
                            twins::merge(tx, entity, *here, found.uid, till.clock.now())?;
                            renamed.push(found.clone());
                        }
                    }
                }
                Ok(())
            })?;
            answer.rows.retain(|row| renamed.iter().any(|found| found.uid == row.uid));
            self.take(answer.rows, renamed, "named")?;
            self.leave(&contested, |_| problem("repair_uid_contested", params! { entity: entity.name }))?;
        }
        Ok(others)
    }
}

/// They are one if they were born at the same moment, for the hub gives no name twice.
fn row(connection: &Connection, entity: &'static Entity, uid: Uid, created_at: i64) -> Result<Row> {
    let Some((id, record)) = rows::get(connection, entity, uid)? else { return Ok(Row::Other) };
    if record.created_at != created_at || outbox::is_pending(connection, uid)? {
        return Ok(Row::Other);
    }
    let own = entity.numbered() && narrow::proven(entity, &record);
    Ok(if own || printed(connection, entity, id)? { Row::Contested } else { Row::Same })
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

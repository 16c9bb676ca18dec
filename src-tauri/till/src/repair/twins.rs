//! Twins here: an orphan that is, by its declared natural key, a row which the hub has named. The named one stands; the
//! orphan's references go to it and its uid stays as another name.

use officine_protocol::{
    natural::{Likeness, Place},
    params,
    record::Record,
    schema::{Column, Entity, Kind, Twin},
};
use rusqlite::Connection;

use super::{Repair, journal::Finding};
use crate::{
    error::Result,
    store::rows::{self, read_uid},
    sync::twins,
};

impl Repair<'_, '_> {
    /// Joins orphans with the named rows that they are. Gives the others.
    pub fn join_twins(&mut self, orphans: Vec<Finding>) -> Result<Vec<Finding>> {
        let (till, journal) = (self.run.till, &mut self.journal);
        let now = till.clock.now();
        till.store.write(|tx| {
            let mut alone = Vec::new();
            for found in orphans {
                let Some(winner) = named_twin(tx, &found)? else {
                    alone.push(found);
                    continue;
                };
                let params = params! { other: winner.uid.to_string() };
                journal.mended(tx, &Finding { kind: "twin", params, ..found.clone() }, "merged")?;
                twins::merge(tx, found.entity, found.uid, winner.uid, now)?;
            }
            Ok(alone)
        })
    }
}

/// The row with a name that an orphan is, by the natural key.
fn named_twin(connection: &Connection, found: &Finding) -> Result<Option<Record>> {
    let merges = found.entity.natural.is_some_and(|natural| natural.twin == Twin::Merge);
    let Some((id, orphan)) = rows::get(connection, found.entity, found.uid)?.filter(|_| merges) else {
        return Ok(None);
    };
    let Some(sql) = found.entity.key_places().next().and_then(|place| lookup(found.entity, place)) else {
        return Ok(None);
    };
    let mut statement = connection.prepare_cached(&sql)?;
    for key in found.entity.key_values(&orphan) {
        let near = statement.query_map((id, key), |row| read_uid(row, 0))?;
        for uid in near.collect::<rusqlite::Result<Vec<_>>>()? {
            let twin = rows::get(connection, found.entity, uid)?.map(|(_, twin)| twin);
            if let Some(twin) = twin.filter(|twin| found.entity.likeness(&orphan, twin) == Likeness::Same) {
                return Ok(Some(twin));
            }
        }
    }
    Ok(None)
}

/// Named rows beside ?1 whose first column of the natural key is ?2.
fn lookup(entity: &Entity, place: Place) -> Option<String> {
    let is = |alias: &str, column: &Column| match column.kind {
        Kind::Ref(target) => {
            let table = officine_protocol::entities::entity(target).map_or("", |target| target.table);
            format!("{alias}.\"{}\" = (SELECT id FROM \"{table}\" WHERE uid = ?2)", column.sql_name())
        }
        _ => format!("{alias}.\"{}\" = ?2", column.sql_name()),
    };
    let named = format!(
        "SELECT DISTINCT t.uid FROM \"{}\" t %JOIN% WHERE t.server_id > 0 AND t.archived_at IS NULL AND t.id <> ?1 AND ",
        entity.table
    );
    Some(match place {
        Place::Own(place) => named.replace("%JOIN%", "") + &is("t", entity.columns.get(place)?),
        Place::Listed { part, column } => {
            let part = entity.parts.get(part)?;
            let join = format!("JOIN \"{}\" p ON p.\"{}\" = t.id", part.table, part.owner);
            named.replace("%JOIN%", &join) + &is("p", part.columns.get(column)?)
        }
    })
}

//! Orphans: rows that the hub has not named, and whose birth is not on its way. An answer was lost, a backup restored, an
//! old bug left a scar. The look before a push reads next to nothing: of what is edited, an index of rows without a name;
//! of documents, those recorded since all before them were named.

use std::collections::HashMap;

use officine_protocol::{Uid, entities::in_order, schema::Entity};
use rusqlite::Connection;

use crate::{
    error::Result,
    store::{outbox, rows::read_uid},
};

/// Documents looked at before one push, of each entity.
const AT_ONCE: i64 = 2_000;
/// A mark that is so far ahead of the store's is stored.
const STRIDE: i64 = 1_000;

/// A row that the hub has not named.
#[derive(Clone, Copy, Debug)]
pub struct Orphan {
    /// Entity.
    pub entity: &'static Entity,
    /// Identity.
    pub uid: Uid,
    /// It may be that the hub never had it, and rightly: its birth was refused. It is asked for, and never sent again.
    pub refused: bool,
}

/// Up to which row of each document all are named, by local key.
pub type Marks = HashMap<&'static str, i64>;

/// What a look came to.
#[derive(Debug, Default)]
pub struct Look {
    /// The orphans, parents first.
    pub orphans: Vec<Orphan>,
    /// Rows read for it.
    pub rows: i64,
    /// Where the next look begins.
    pub marks: Marks,
}

/// Whether its rows without a name have an index: documents have none.
fn indexed(entity: &Entity) -> bool {
    !entity.document
}

/// The look before a push.
pub fn newest(connection: &Connection, marks: &Marks) -> Result<Look> {
    let mut look = Look::default();
    for entity in in_order() {
        if indexed(entity) {
            let sql = format!(
                "SELECT t.id, t.uid, {} FROM \"{table}\" t INDEXED BY {table}_unnamed WHERE t.server_id IS NULL",
                refusal(entity),
                table = entity.table
            );
            scan(connection, entity, &sql, &mut look)?;
        } else {
            documents(connection, entity, marks, &mut look)?;
        }
    }
    look.orphans.retain(|orphan| !orphan.refused);
    Ok(look)
}

/// Documents beyond the mark, which moves to the last one that nothing is on its way for.
fn documents(connection: &Connection, entity: &'static Entity, marks: &Marks, look: &mut Look) -> Result<()> {
    let from = match marks.get(entity.name) {
        Some(mark) => *mark,
        None => stored_mark(connection, entity)?,
    };
    let sql = format!(
        "SELECT t.id, t.uid, {}, t.server_id FROM \"{}\" t WHERE t.id > ?1 ORDER BY t.id LIMIT {AT_ONCE}",
        refusal(entity),
        entity.table
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut found = statement.query([from])?;
    let (mut mark, mut waits) = (from, false);
    while let Some(row) = found.next()? {
        let (id, uid, named): (i64, Uid, Option<i64>) = (row.get(0)?, read_uid(row, 1)?, row.get(3)?);
        look.rows += 1;
        if named.is_none() && outbox::is_birth_pending(connection, uid)? {
            waits = true;
        } else if named.is_none() {
            look.orphans.push(Orphan { entity, uid, refused: row.get(2)? });
        }
        if !waits {
            mark = id;
        }
    }
    look.marks.insert(entity.name, mark);
    Ok(())
}

fn stored_mark(connection: &Connection, entity: &Entity) -> Result<i64> {
    let sql = "SELECT coalesce((SELECT up_to FROM looked WHERE entity = ?1), 0)";
    Ok(connection.prepare_cached(sql)?.query_row([entity.name], |row| row.get(0))?)
}

/// Keeps the marks that have moved far, so that the next start begins there.
pub fn keep(connection: &Connection, marks: &Marks) -> Result<()> {
    for (entity, mark) in marks {
        let sql = "INSERT INTO looked (entity, up_to) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET up_to = excluded.up_to";
        connection.prepare_cached(sql)?.execute((entity, mark))?;
    }
    Ok(())
}

/// Whether any of them has moved far beyond what the store has.
pub fn far(before: &Marks, after: &Marks) -> bool {
    after.iter().any(|(entity, mark)| before.get(entity).is_none_or(|before| mark / STRIDE > before / STRIDE))
}

/// The look at everything: names that cannot be names too.
pub fn everywhere(connection: &Connection) -> Result<Look> {
    let mut look = Look::default();
    for entity in in_order() {
        let sql = format!(
            "SELECT t.id, t.uid, {} FROM \"{}\" t WHERE t.server_id IS NULL OR t.server_id <= 0",
            refusal(entity),
            entity.table
        );
        scan(connection, entity, &sql, &mut look)?;
    }
    Ok(look)
}

fn scan(connection: &Connection, entity: &'static Entity, sql: &str, look: &mut Look) -> Result<()> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        let uid = read_uid(row, 1)?;
        look.rows += 1;
        if !outbox::is_birth_pending(connection, uid)? {
            look.orphans.push(Orphan { entity, uid, refused: row.get(2)? });
        }
    }
    Ok(())
}

/// SQL that says whether the hub may have refused a row for good: it was archived in its stead, its operation says why, or
/// it is about a ticket that was.
fn refusal(entity: &Entity) -> String {
    let refused = |alias: &str| format!("{alias}.server_id IS NULL AND {alias}.state IN ('reversed', 'regularised')");
    let mut reasons = vec![
        "t.archived_at IS NOT NULL".to_owned(),
        "EXISTS (SELECT 1 FROM outbox o WHERE o.uid = t.uid AND o.state = 4 AND o.state <> 5)".to_owned(),
    ];
    if entity.numbered() && entity.column("state").is_some() {
        reasons.push(refused("t"));
    }
    if entity.numbered() && entity.column("sale").is_some() {
        reasons.push(format!("EXISTS (SELECT 1 FROM sale s WHERE s.id = t.sale_id AND {})", refused("s")));
    }
    format!("({})", reasons.join(" OR "))
}

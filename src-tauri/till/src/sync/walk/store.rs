//! A page of a walk, stored: its rows, what they stand at and where the next page begins commit together.

use std::collections::HashMap;

use officine_protocol::{
    Uid,
    entities::{self, CUSTOMER, ENTITIES, PRODUCT_BATCH},
    messages::{WalkResponse, WalkRow, WireRow},
};
use rusqlite::Connection;

use super::state::{self, Stage, Walk};
use crate::{
    catalogue,
    error::Result,
    store::{ledger, rows},
    sync::{cursor, pull, run::Run},
    views::Topic,
};

/// Stores a page, and moves the walk on.
pub fn store(run: &mut Run<'_>, walk: &mut Walk, page: WalkResponse) -> Result<()> {
    let opens = walk.stage == Stage::Selling && page.next.as_ref().is_none_or(|next| next.entity.is_none());
    let mut moved = walk.clone();
    if !page.totals.is_empty() {
        moved.total = page.totals.values().sum();
    }
    moved.done = moved.total.min(moved.done + page.rows.len() as i64);
    moved.stage = match &page.next {
        None => Stage::Pull,
        Some(next) if next.entity.is_none() => Stage::History,
        Some(_) => Stage::Selling,
    };
    (moved.position, moved.noted) = (page.next, page.noted.rev);
    let (noted, revision) = (page.noted, page.revision);
    let (rows, stands) = apart(page.rows);
    pull::apply(run, rows, |act, rows| {
        state::save(act.tx, &moved)?;
        if moved.first {
            stand(act.tx, &stands, revision)?;
        } else {
            see(act.tx, rows)?;
        }
        if moved.stage == Stage::Pull && cursor::load(act.tx)?.cursor.rev < noted.rev {
            cursor::advance(act.tx, noted)?;
        }
        Ok(Vec::new())
    })?;
    *walk = moved;
    if opens {
        catalogue::index_follows(run.till.refresh_search());
        run.till.changed(&[Topic::Sync, Topic::Stock]);
    }
    Ok(())
}

type Stands = Vec<(String, Uid, i64)>;

fn apart(rows: Vec<WalkRow>) -> (Vec<WireRow>, Stands) {
    let stands = rows.iter().filter_map(|row| Some((row.row.entity.clone(), row.row.uid, row.stands?))).collect();
    (rows.into_iter().map(|row| row.row).collect(), stands)
}

/// Lots hold and customers owe what the hub says, and what this till did that the hub has not heard of.
fn stand(connection: &Connection, stands: &Stands, revision: i64) -> Result<()> {
    let lots = stands.iter().any(|(entity, ..)| *entity == PRODUCT_BATCH.name);
    let own = if lots { unheard(connection)? } else { HashMap::new() };
    let mut stood =
        connection.prepare_cached("INSERT OR REPLACE INTO walk_stood (uid, rev, stood) VALUES (?1, ?2, ?3)")?;
    for (entity, uid, value) in stands {
        stood.execute((uid.as_bytes(), revision, value))?;
        if *entity != CUSTOMER.name {
            ledger::set(connection, *uid, value + own.get(uid).copied().unwrap_or(0))?;
        }
    }
    Ok(())
}

/// What documents of this till that wait for a verdict move, by lot.
fn unheard(connection: &Connection) -> Result<HashMap<Uid, i64>> {
    let mut moved = HashMap::new();
    for entity in ENTITIES.iter().filter(|entity| entity.movements().is_some()) {
        let sql = format!(
            "SELECT b.uid, sum(m.delta) FROM outbox o JOIN \"{}\" d ON d.uid = o.uid \
             JOIN stock_movement m ON m.document_kind = {} AND m.document_id = d.id \
             JOIN product_batch b ON b.id = m.batch_id \
             WHERE o.state <> 5 AND o.entity = ?1 AND o.action = 'create' GROUP BY b.id",
            entity.table,
            ledger::number_of(entity)
        );
        let mut statement = connection.prepare_cached(&sql)?;
        for row in statement.query_map([entity.name], |row| Ok((rows::read_uid(row, 0)?, row.get::<_, i64>(1)?)))? {
            let (lot, delta) = row?;
            *moved.entry(lot).or_default() += delta;
        }
    }
    Ok(moved)
}

/// Notes which of the rows here the hub still sends.
fn see(connection: &Connection, met: &[WireRow]) -> Result<()> {
    let mut seen = connection.prepare_cached("INSERT OR IGNORE INTO walk_seen (entity, row_id) VALUES (?1, ?2)")?;
    for row in met {
        let Some(entity) = entities::entity(&row.entity) else { continue };
        if let Some(id) = rows::id_of(connection, entity, row.uid)? {
            seen.execute((entity.name, id))?;
        }
    }
    Ok(())
}

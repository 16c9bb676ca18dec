//! A page of a first sync: what selling needs entity by entity, oldest row first; then everything else together, newest
//! row first, so that of a ticket that is there nothing later is missing. The hub keeps nothing of a walk.

use std::collections::{BTreeMap, HashMap};

use officine_protocol::{
    entities::{CUSTOMER, PRODUCT_BATCH, in_order, walked_first},
    fault::{Fault, armed},
    messages::{Cursor, WalkPosition, WalkRow, WireRow},
    record::Record,
    schema::Entity,
    sql::{Place, select},
};

use super::{
    Walk, WalkAsk, books,
    pull::{Reach, Read, beyond, bounded, commit_of, counters, other_history, records, with_aliases},
    session::{Affinity, Param, Session},
    text,
};
use crate::StoreError;

/// Server ids stay below it.
const BEYOND: i64 = 1 << 53;

/// The part of a walk that a page is of.
#[derive(Clone, Copy)]
enum Stage {
    /// One of the entities that selling needs, by its place among them.
    Selling(usize),
    History,
}

/// Where a page begins or ends.
#[derive(Clone, Copy)]
struct At {
    stage: Stage,
    key: i64,
}

pub(crate) async fn page(session: &mut dyn Session, pharmacy: i64, ask: &WalkAsk) -> Result<Walk, StoreError> {
    let (epoch, revision) = counters(session, pharmacy).await?;
    let begins = ask.position.is_none();
    let noted = match &ask.position {
        Some(position) => position.noted,
        None => Cursor { rev: revision, commit: commit_of(session, pharmacy, revision).await? },
    };
    if other_history(session, pharmacy, revision, noted).await? {
        return Ok(Walk { epoch, revision, noted, other_history: true, ..Walk::default() });
    }
    let start = At::of(ask);
    let (mut read, mut end) = match start.stage {
        Stage::Selling(_) => oldest_first(session, pharmacy, ask, start).await?,
        Stage::History => newest_first(session, pharmacy, ask, start.key).await?,
    };
    let fits = bounded(&read, ask.schema, ask.max_bytes);
    if fits < read.len() {
        read.truncate(fits);
        end = read.last().and_then(|(entity, record)| At::after(entity, record, start.stage));
    }
    if armed(Fault::WalkPasses) && read.len() > 1 {
        read.pop();
    }
    beyond(session, pharmacy, &mut read, |record, target| reach(ask, start, noted.rev, record, target)).await?;
    let stands = standing(session, pharmacy, &read).await?;
    let rows = with_aliases(session, pharmacy, read, ask.schema).await?;
    let rows = rows.into_iter().map(|row| WalkRow { stands: stands_of(&stands, &row), row }).collect();
    let totals = if begins { totals(session, pharmacy, ask.schema).await? } else { BTreeMap::new() };
    let next = end.map(|end| end.position(noted));
    Ok(Walk { epoch, revision, noted, other_history: false, rows, next, totals })
}

impl At {
    /// Where a till says it is. An entity that is not walked by itself is part of the history.
    fn of(ask: &WalkAsk) -> Self {
        let Some(position) = &ask.position else { return Self { stage: Stage::Selling(0), key: 0 } };
        let key = position.key;
        let place = |name: &String| walked_first().iter().position(|entity| entity.name == name);
        match position.entity.as_ref().and_then(place) {
            Some(place) => Self { stage: Stage::Selling(place), key },
            None => Self { stage: Stage::History, key },
        }
    }

    /// After a row of a page that began in that stage.
    fn after(entity: &Entity, record: &Record, stage: Stage) -> Option<Self> {
        let stage = match stage {
            Stage::History => Stage::History,
            Stage::Selling(_) => Stage::Selling(walked_first().iter().position(|first| first.name == entity.name)?),
        };
        Some(Self { stage, key: record.server_id? })
    }

    fn position(self, noted: Cursor) -> WalkPosition {
        let entity = match self.stage {
            Stage::Selling(place) => walked_first().get(place).map(|entity| entity.name.to_owned()),
            Stage::History => None,
        };
        WalkPosition { noted, entity, key: self.key }
    }
}

fn known(ask: &WalkAsk, entity: &Entity) -> bool {
    entity.since <= ask.schema
}

fn history(ask: &WalkAsk) -> impl Iterator<Item = &'static Entity> {
    let first = |entity: &Entity| walked_first().iter().any(|first| first.name == entity.name);
    in_order().iter().copied().filter(move |entity| known(ask, entity) && !first(entity))
}

/// What is left of the entities that selling needs, up to a page, and where the next begins.
async fn oldest_first(
    session: &mut dyn Session,
    pharmacy: i64,
    ask: &WalkAsk,
    start: At,
) -> Result<(Vec<Read>, Option<At>), StoreError> {
    let Stage::Selling(first) = start.stage else { return Ok((Vec::new(), None)) };
    let (mut read, mut key) = (Vec::new(), start.key);
    for (place, entity) in walked_first().iter().enumerate().skip(first).filter(|(_, entity)| known(ask, entity)) {
        let room = ask.max_rows.saturating_sub(read.len());
        let condition = format!("t.id > {} ORDER BY t.id", session.dialect().parameter(2));
        read.extend(some(session, pharmacy, entity, &condition, key, room).await?);
        if read.len() >= ask.max_rows {
            let key = read.last().and_then(|(_, record)| record.server_id).unwrap_or(key);
            return Ok((read, Some(At { stage: Stage::Selling(place), key })));
        }
        key = 0;
    }
    Ok((read, Some(At { stage: Stage::History, key: BEYOND })))
}

/// The newest rows of the history below that server id, and where the next page begins.
async fn newest_first(
    session: &mut dyn Session,
    pharmacy: i64,
    ask: &WalkAsk,
    below: i64,
) -> Result<(Vec<Read>, Option<At>), StoreError> {
    let [one, two, three] = [1, 2, 3].map(|n| session.dialect().parameter(n));
    let mut keys: Vec<i64> = Vec::new();
    for entity in history(ask) {
        let table = entity.table;
        let sql = format!(
            "SELECT id FROM \"{table}\" WHERE pharmacy_id = {one} AND id < {two} ORDER BY id DESC LIMIT {three}"
        );
        let params = [pharmacy.into(), below.into(), limit(ask.max_rows + 1).into()];
        for row in session.query(&sql, &params).await? {
            keys.push(row.int(0)?);
        }
    }
    keys.sort_unstable_by(|a, b| b.cmp(a));
    let more = keys.len() > ask.max_rows;
    keys.truncate(ask.max_rows);
    let Some(lowest) = keys.last().copied() else { return Ok((Vec::new(), None)) };
    let mut read = Vec::new();
    for entity in history(ask) {
        let sql =
            format!("{} WHERE t.pharmacy_id = {one} AND t.id < {two} AND t.id >= {three}", select(entity, Place::Hub));
        let rows = session.query(&sql, &[pharmacy.into(), below.into(), lowest.into()]).await?;
        read.extend(records(session, pharmacy, entity, rows).await?);
    }
    read.sort_by_key(|(_, record)| std::cmp::Reverse(record.server_id));
    Ok((read, more.then_some(At { stage: Stage::History, key: lowest })))
}

async fn some(
    session: &mut dyn Session,
    pharmacy: i64,
    entity: &'static Entity,
    condition: &str,
    key: i64,
    rows: usize,
) -> Result<Vec<Read>, StoreError> {
    let [one, three] = [1, 3].map(|n| session.dialect().parameter(n));
    let base = select(entity, Place::Hub);
    let sql = format!("{base} WHERE t.pharmacy_id = {one} AND {condition} LIMIT {three}");
    let rows = session.query(&sql, &[pharmacy.into(), key.into(), limit(rows).into()]).await?;
    records(session, pharmacy, entity, rows).await
}

fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// What of an entity a till that walks may not have: all of what it has not come to, and of the rest what has changed
/// since it began. Of a lot that a later document moves, and of its customer, it has what they stood at too early.
fn reach(ask: &WalkAsk, at: At, noted: i64, record: &Record, target: &'static Entity) -> Option<Reach> {
    let all = Reach { after: -1, below: 0 };
    let changed = Reach { after: noted, below: 0 };
    if !known(ask, target) {
        return None;
    }
    let moved = [PRODUCT_BATCH.name, CUSTOMER.name].contains(&target.name);
    let place = walked_first().iter().position(|first| first.name == target.name);
    Some(match (at.stage, place) {
        (Stage::History, Some(_)) if moved && record.rev > noted => all,
        (Stage::History, Some(_)) => changed,
        (Stage::History, None) => Reach { after: noted, below: at.key },
        (Stage::Selling(here), Some(place)) if place < here => changed,
        (Stage::Selling(_), _) => all,
    })
}

type Standing = HashMap<(&'static str, i64), i64>;

fn stands_of(standing: &Standing, row: &WireRow) -> Option<i64> {
    let entity = [&PRODUCT_BATCH, &CUSTOMER].into_iter().find(|entity| entity.name == row.entity)?;
    standing.get(&(entity.name, row.server_id)).copied()
}

/// Quantities of lots and debts of customers, in the picture that the page is read from.
async fn standing(session: &mut dyn Session, pharmacy: i64, read: &[Read]) -> Result<Standing, StoreError> {
    let (dialect, one) = (session.dialect(), session.dialect().parameter(1));
    let lots = text::any(dialect, "b.id", 2, Affinity::Int);
    let lots = format!("SELECT b.id, b.quantity FROM product_batch b WHERE b.pharmacy_id = {one} AND {lots}");
    let customers = books::owing(&one, &text::any(dialect, "c.id", 2, Affinity::Int));
    let mut standing = HashMap::new();
    for (entity, sql) in [(&PRODUCT_BATCH, lots), (&CUSTOMER, customers)] {
        let rows = read.iter().filter(|(read, _)| read.name == entity.name);
        let ids: Vec<i64> = rows.filter_map(|(_, record)| record.server_id).collect();
        if ids.is_empty() {
            continue;
        }
        for row in session.query(&sql, &[pharmacy.into(), Param::Ints(ids)]).await? {
            standing.insert((entity.name, row.int(0)?), row.int(1)?);
        }
    }
    Ok(standing)
}

async fn totals(session: &mut dyn Session, pharmacy: i64, schema: u32) -> Result<BTreeMap<String, i64>, StoreError> {
    let mut totals = BTreeMap::new();
    for entity in in_order().iter().filter(|entity| entity.since <= schema) {
        let one = session.dialect().parameter(1);
        let sql = format!("SELECT count(*) FROM \"{}\" WHERE pharmacy_id = {one}", entity.table);
        let counted = session.query(&sql, &[pharmacy.into()]).await?;
        totals.insert(entity.name.to_owned(), counted.first().map_or(Ok(0), |row| row.int(0))?);
    }
    Ok(totals)
}

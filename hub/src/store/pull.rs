//! A page of a pull: rows of all entities by revision, then, transitively, the rows they refer to whose own revision
//! lies beyond the page. The cursor never passes a row that was not sent.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use officine_protocol::{
    Uid,
    entities::{entity, in_order},
    fault::{Fault, armed},
    messages::{Cursor, WireRow},
    record::Record,
    schema::Entity,
    sql::{Place, declared, select},
};

use super::{
    Ask, Page,
    parts::{References, as_uids, fill},
    session::{Affinity, Cells, Param, Session},
    text,
};
use crate::StoreError;

/// A row that was read.
pub(super) type Read = (&'static Entity, Record);

pub(crate) async fn page(session: &mut dyn Session, pharmacy: i64, ask: &Ask) -> Result<Page, StoreError> {
    let (epoch, revision) = counters(session, pharmacy).await?;
    if other_history(session, pharmacy, revision, ask.cursor).await? {
        let (rows, next) = (Vec::new(), ask.cursor);
        return Ok(Page { epoch, revision, other_history: true, rows, next, has_more: false });
    }
    if ask.cursor.rev == revision {
        let next = Cursor { rev: revision, commit: commit_of(session, pharmacy, revision).await? };
        return Ok(Page { epoch, revision, other_history: false, rows: Vec::new(), next, has_more: false });
    }
    let entities: Vec<&'static Entity> = in_order().iter().copied().filter(|entity| wanted(ask, entity)).collect();
    let (last, mut has_more) = extent(session, pharmacy, &entities, ask).await?;
    let mut read = between(session, pharmacy, &entities, (ask.cursor.rev, last)).await?;
    if armed(Fault::CursorPasses) && read.len() > 1 {
        read.pop();
    }
    let cut = bounded(&read, ask.schema, ask.max_bytes);
    has_more |= cut < read.len();
    read.truncate(cut);
    let end = match read.last() {
        Some((_, record)) if has_more => record.rev,
        _ => revision,
    };
    if !armed(Fault::PageAlone) {
        beyond(session, pharmacy, &mut read, |_, target| {
            let known = if wanted(ask, target) { end } else { 0 };
            (target.since <= ask.schema).then_some(Reach { after: known, below: 0 })
        })
        .await?;
    }
    let rows = with_aliases(session, pharmacy, read, ask.schema).await?;
    let next = Cursor { rev: end, commit: commit_of(session, pharmacy, end).await? };
    Ok(Page { epoch, revision, other_history: false, rows, next, has_more })
}

fn wanted(ask: &Ask, entity: &Entity) -> bool {
    entity.since <= ask.schema && asked_for(ask, entity)
}

fn asked_for(ask: &Ask, entity: &Entity) -> bool {
    ask.entities.is_empty() || ask.entities.iter().any(|name| name == entity.name)
}

pub(crate) async fn counters(session: &mut dyn Session, pharmacy: i64) -> Result<(i64, i64), StoreError> {
    let one = session.dialect().parameter(1);
    let revision = text::revision(session.dialect(), &one);
    let sql = format!("SELECT epoch, {revision} FROM pharmacy WHERE id = {one}");
    let rows = session.query(&sql, &[pharmacy.into()]).await?;
    let row = rows.first().ok_or(StoreError::Unknown("pharmacy"))?;
    Ok((row.int(0)?, row.int(1)?))
}

/// The commit that a revision belongs to.
pub(super) async fn commit_of(session: &mut dyn Session, pharmacy: i64, rev: i64) -> Result<Option<Uid>, StoreError> {
    let [one, two] = [1, 2].map(|n| session.dialect().parameter(n));
    let sql = format!("SELECT uid FROM commit_log WHERE pharmacy_id = {one} AND rev >= {two} ORDER BY rev LIMIT 1");
    if rev == 0 {
        return Ok(None);
    }
    let rows = session.query(&sql, &[pharmacy.into(), rev.into()]).await?;
    rows.first().map(|row| row.uid(0)).transpose()
}

pub(super) async fn other_history(
    session: &mut dyn Session,
    pharmacy: i64,
    revision: i64,
    cursor: Cursor,
) -> Result<bool, StoreError> {
    if cursor.rev > revision || cursor.rev < 0 {
        return Ok(true);
    }
    match cursor.commit {
        Some(commit) => Ok(commit_of(session, pharmacy, cursor.rev).await? != Some(commit)),
        None => Ok(false),
    }
}

/// The last revision of the page, by count, and whether there are rows after it.
async fn extent(
    session: &mut dyn Session,
    pharmacy: i64,
    entities: &[&'static Entity],
    ask: &Ask,
) -> Result<(i64, bool), StoreError> {
    let [one, two, three] = [1, 2, 3].map(|n| session.dialect().parameter(n));
    let limit = i64::try_from(ask.max_rows).unwrap_or(i64::MAX - 1) + 1;
    let mut revs = Vec::new();
    for entity in entities {
        let table = entity.table;
        let sql =
            format!("SELECT rev FROM \"{table}\" WHERE pharmacy_id = {one} AND rev > {two} ORDER BY rev LIMIT {three}");
        let rows = session.query(&sql, &[pharmacy.into(), ask.cursor.rev.into(), limit.into()]).await?;
        for row in rows {
            revs.push(row.int(0)?);
        }
    }
    revs.sort_unstable();
    let more = revs.len() > ask.max_rows;
    revs.truncate(ask.max_rows);
    Ok((revs.last().copied().unwrap_or(ask.cursor.rev), more))
}

async fn between(
    session: &mut dyn Session,
    pharmacy: i64,
    entities: &[&'static Entity],
    (after, last): (i64, i64),
) -> Result<Vec<Read>, StoreError> {
    let mut read = Vec::new();
    if last <= after {
        return Ok(read);
    }
    let [one, two, three] = [1, 2, 3].map(|n| session.dialect().parameter(n));
    for entity in entities {
        let base = select(entity, Place::Hub);
        let bound = if armed(Fault::PharmacyUnbound) { "<=" } else { "=" };
        let sql = format!("{base} WHERE {one} {bound} t.pharmacy_id AND t.rev > {two} AND t.rev <= {three}");
        let rows = session.query(&sql, &[pharmacy.into(), after.into(), last.into()]).await?;
        read.extend(records(session, pharmacy, entity, rows).await?);
    }
    read.sort_by_key(|(_, record)| record.rev);
    Ok(read)
}

pub(crate) async fn records(
    session: &mut dyn Session,
    pharmacy: i64,
    entity: &'static Entity,
    rows: Vec<Cells>,
) -> Result<Vec<Read>, StoreError> {
    let mut records = rows.into_iter().map(|row| record(entity, row)).collect::<Result<Vec<_>, _>>()?;
    fill(session, pharmacy, entity, &mut records, References::Uids).await?;
    Ok(records.into_iter().map(|(_, record)| (entity, record)).collect())
}

/// Reads a row selected with its references as uids.
fn record(entity: &Entity, row: Cells) -> Result<(i64, Record), StoreError> {
    let id = row.int(0)?;
    let mut record = Record::new(entity, row.uid(1)?, row.int(4)?);
    record.server_id = Some(id);
    record.rev = row.int(3)?;
    record.archived_at = row.maybe_int(5);
    for ((place, _), value) in declared(entity, Place::Hub).zip(row.0.into_iter().skip(6)) {
        if let Some(slot) = record.values.get_mut(place) {
            *slot = value;
        }
    }
    as_uids(entity.columns.iter(), &mut record.values);
    Ok((id, record))
}

/// How many rows fit, one at least.
pub(super) fn bounded(read: &[Read], schema: u32, max_bytes: usize) -> usize {
    let mut bytes = 0;
    let fits = read.iter().take_while(|(entity, record)| {
        let row = serde_json::to_string(&wire(entity, record, Vec::new(), schema));
        bytes += row.map_or(0, |text| text.len());
        bytes <= max_bytes
    });
    fits.count().max(1).min(read.len())
}

/// Which rows of an entity a reader may not have: of a later revision, or with a server id below that.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(super) struct Reach {
    pub after: i64,
    pub below: i64,
}

/// Adds the rows referred to that the reader may not have, until nothing is missing. `reach` says which those are, for
/// a row that refers and the entity it names; none where the reader does not know that entity. Of an entity that was
/// not asked for, no earlier page has brought any: all that are named come along.
pub(super) async fn beyond(
    session: &mut dyn Session,
    pharmacy: i64,
    read: &mut Vec<Read>,
    reach: impl Fn(&Record, &'static Entity) -> Option<Reach>,
) -> Result<(), StoreError> {
    let mut present: HashSet<Uid> = read.iter().map(|(_, record)| record.uid).collect();
    let mut asked: HashSet<(Uid, Reach)> = HashSet::new();
    let mut fresh = 0;
    while fresh < read.len() {
        let mut wanting: BTreeMap<(&'static str, Reach), BTreeSet<Uid>> = BTreeMap::new();
        for (owner, record) in read.get(fresh..).unwrap_or_default() {
            for (name, uid) in record.references(owner) {
                let reach = entity(name).and_then(|target| reach(record, target));
                let Some(reach) = reach.filter(|_| !present.contains(&uid)) else { continue };
                if asked.insert((uid, reach)) {
                    wanting.entry((name, reach)).or_default().insert(uid);
                }
            }
        }
        fresh = read.len();
        for ((name, reach), uids) in wanting {
            let Some(target) = entity(name) else { continue };
            let found = named(session, pharmacy, target, reach, &uids).await?;
            read.extend(found.into_iter().filter(|(_, record)| present.insert(record.uid)));
        }
    }
    Ok(())
}

async fn named(
    session: &mut dyn Session,
    pharmacy: i64,
    target: &'static Entity,
    reach: Reach,
    uids: &BTreeSet<Uid>,
) -> Result<Vec<Read>, StoreError> {
    let dialect = session.dialect();
    let list = text::any(dialect, "t.uid", 4, Affinity::Blob);
    let [one, two, three] = [1, 2, 3].map(|n| dialect.parameter(n));
    let base = select(target, Place::Hub);
    let sql = format!("{base} WHERE t.pharmacy_id = {one} AND (+t.rev > {two} OR +t.id < {three}) AND {list}");
    let params = [pharmacy.into(), reach.after.into(), reach.below.into(), Param::uids(uids)];
    let rows = session.query(&sql, &params).await?;
    records(session, pharmacy, target, rows).await
}

pub(super) async fn with_aliases(
    session: &mut dyn Session,
    pharmacy: i64,
    read: Vec<Read>,
    schema: u32,
) -> Result<Vec<WireRow>, StoreError> {
    let dialect = session.dialect();
    let mut aliases: BTreeMap<i64, Vec<Uid>> = BTreeMap::new();
    let ids: Vec<i64> = read.iter().filter_map(|(_, record)| record.server_id).collect();
    let names: BTreeSet<&str> = read.iter().map(|(entity, _)| entity.name).collect();
    let names = names.into_iter().map(str::to_owned).collect();
    let sql = format!(
        "SELECT id, alias FROM uid_map WHERE pharmacy_id = {} AND {} AND {} ORDER BY alias",
        dialect.parameter(1),
        text::any(dialect, "entity", 2, Affinity::Text),
        text::any(dialect, "id", 3, Affinity::Int)
    );
    for row in session.query(&sql, &[pharmacy.into(), Param::Texts(names), Param::Ints(ids)]).await? {
        aliases.entry(row.int(0)?).or_default().push(row.uid(1)?);
    }
    let of = |record: &Record| record.server_id.and_then(|id| aliases.get(&id).cloned()).unwrap_or_default();
    Ok(read.iter().map(|(entity, record)| wire(entity, record, of(record), schema)).collect())
}

fn wire(entity: &Entity, record: &Record, aliases: Vec<Uid>, schema: u32) -> WireRow {
    WireRow {
        entity: entity.name.to_owned(),
        uid: record.uid,
        server_id: record.server_id.unwrap_or(0),
        rev: record.rev,
        created_at: record.created_at,
        archived_at: record.archived_at,
        aliases,
        fields: record.fields_as_of(entity, schema),
        parts: record.parts_as_of(entity, schema),
    }
}

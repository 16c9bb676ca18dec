//! The digests of a pharmacy, row by row from one consistent picture: a page of rows is all that is held at once. What is
//! narrowed to some uids is sorted out by their names alone, before a row or its parts are read.

use officine_protocol::{
    Uid,
    digest::{VERSION, bucket, count, empty, hash, lies_in},
    entities::{entity, in_order},
    limits::LISTED_ROWS,
    messages::{Digest, DigestResponse, DigestRowsResponse, RowDigest},
    schema::Entity,
    sql::{Place, select},
};

use super::{
    pull::{Read, counters, records},
    rows::by_id,
    session::Session,
};
use crate::StoreError;

/// Rows read at once.
const ROWS: usize = 500;
/// Names read at once.
const NAMES: i64 = 20_000;

/// How digests are told.
#[derive(Clone, Copy, Debug)]
pub struct Narrow {
    /// As a book of this schema knows its rows.
    pub schema: u32,
    /// In so many buckets of uids.
    pub buckets: u32,
    /// Of this entity only.
    pub entity: Option<&'static str>,
    /// Of uids in this bucket (the second) of so many (the first), which divide `buckets`: of the `buckets` those are
    /// told that this one is made of, in their order.
    pub within: Option<(u32, u32)>,
}

impl Narrow {
    /// Of everything, in one bucket.
    pub const fn whole(schema: u32) -> Self {
        Self { schema, buckets: 1, entity: None, within: None }
    }

    /// How many buckets are told, and which of them is that of a row.
    fn told(&self) -> (u32, impl Fn(Uid) -> usize + use<>) {
        let (buckets, of) = (self.buckets.max(1), self.within.map_or(1, |(of, _)| of.max(1)));
        (buckets / of, move |uid| bucket(uid, buckets) / of as usize)
    }

    fn entities(&self) -> impl Iterator<Item = &'static Entity> + use<> {
        let Self { schema, entity, .. } = *self;
        let known = move |known: &&Entity| known.since <= schema && entity.is_none_or(|name| name == known.name);
        in_order().iter().copied().filter(known)
    }
}

pub(crate) async fn digest(
    session: &mut dyn Session,
    pharmacy: i64,
    narrow: Narrow,
) -> Result<DigestResponse, StoreError> {
    let (epoch, revision) = counters(session, pharmacy).await?;
    let mut told = DigestResponse { version: VERSION, schema: narrow.schema, epoch, revision, entities: [].into() };
    for entity in narrow.entities() {
        told.entities.insert(entity.name.to_owned(), of(session, pharmacy, entity, narrow).await?);
    }
    Ok(told)
}

/// The same, by the pharmacy's uid.
pub(crate) async fn digest_of(
    session: &mut dyn Session,
    pharmacy: Uid,
    narrow: Narrow,
) -> Result<DigestResponse, StoreError> {
    let sql = format!("SELECT id FROM pharmacy WHERE uid = {}", session.dialect().parameter(1));
    let found = session.query(&sql, &[pharmacy.into()]).await?;
    let id = found.first().ok_or(StoreError::Unknown("pharmacy"))?.int(0)?;
    session.enter(id).await?;
    digest(session, id, narrow).await
}

/// The rows of one bucket of an entity, by uid. Nothing where it holds more than [`LISTED_ROWS`].
pub(crate) async fn rows(
    session: &mut dyn Session,
    pharmacy: i64,
    narrow: Narrow,
) -> Result<Option<DigestRowsResponse>, StoreError> {
    let (epoch, revision) = counters(session, pharmacy).await?;
    let target = narrow.entity.and_then(entity).ok_or(StoreError::Unknown("entity"))?;
    let (mut ids, mut last) = (Vec::new(), 0);
    while let Some(end) = names(session, pharmacy, target, (last, narrow.within), &mut ids).await? {
        last = end;
        if ids.len() > LISTED_ROWS {
            return Ok(None);
        }
    }
    let mut rows = Vec::with_capacity(ids.len());
    for some in ids.chunks(ROWS) {
        for (entity, record) in by_id(session, pharmacy, target, some.to_vec()).await? {
            let (server_id, hash) = (record.server_id.unwrap_or(0), hash(entity, &record, narrow.schema));
            rows.push(RowDigest { uid: record.uid, server_id, rev: record.rev, hash });
        }
    }
    rows.sort_unstable_by_key(|row| row.uid);
    Ok(Some(DigestRowsResponse { version: VERSION, epoch, revision, rows }))
}

async fn of(
    session: &mut dyn Session,
    pharmacy: i64,
    entity: &'static Entity,
    narrow: Narrow,
) -> Result<Vec<Digest>, StoreError> {
    let (buckets, place) = narrow.told();
    let (mut digests, mut last) = (empty(buckets), 0);
    let mut add = |read: Vec<Read>| {
        for (entity, record) in read {
            if let Some(digest) = digests.get_mut(place(record.uid)) {
                count(digest, entity, &record, narrow.schema);
            }
        }
    };
    if narrow.within.is_none() {
        while let Some((end, read)) = after(session, pharmacy, entity, last).await? {
            last = end;
            add(read);
        }
        return Ok(digests);
    }
    let mut ids = Vec::new();
    while let Some(end) = names(session, pharmacy, entity, (last, narrow.within), &mut ids).await? {
        last = end;
        for some in ids.chunks(ROWS) {
            add(by_id(session, pharmacy, entity, some.to_vec()).await?);
        }
        ids.clear();
    }
    Ok(digests)
}

/// The next rows, and where they end.
async fn after(
    session: &mut dyn Session,
    pharmacy: i64,
    entity: &'static Entity,
    last: i64,
) -> Result<Option<(i64, Vec<Read>)>, StoreError> {
    let [one, two] = [1, 2].map(|n| session.dialect().parameter(n));
    let base = select(entity, Place::Hub);
    let sql = format!("{base} WHERE t.pharmacy_id = {one} AND t.id > {two} ORDER BY t.id LIMIT {ROWS}");
    let rows = session.query(&sql, &[pharmacy.into(), last.into()]).await?;
    let Some(end) = rows.last() else { return Ok(None) };
    let end = end.int(0)?;
    Ok(Some((end, records(session, pharmacy, entity, rows).await?)))
}

/// Adds the server ids of the next rows whose uids lie there, and says where what was looked at ends.
async fn names(
    session: &mut dyn Session,
    pharmacy: i64,
    entity: &'static Entity,
    (last, within): (i64, Option<(u32, u32)>),
    ids: &mut Vec<i64>,
) -> Result<Option<i64>, StoreError> {
    let [one, two] = [1, 2].map(|n| session.dialect().parameter(n));
    let table = entity.table;
    let sql =
        format!("SELECT id, uid FROM \"{table}\" WHERE pharmacy_id = {one} AND id > {two} ORDER BY id LIMIT {NAMES}");
    let mut end = None;
    for row in session.query(&sql, &[pharmacy.into(), last.into()]).await? {
        let (id, uid) = (row.int(0)?, row.uid(1)?);
        end = Some(id);
        if within.is_none_or(|within| lies_in(uid, within)) {
            ids.push(id);
        }
    }
    Ok(end)
}

//! The digests of a pharmacy, from one consistent picture: what is kept of its rows (`ranges.rs`), and for the rest the rows
//! themselves. The rows of a bucket are read whenever they are told one by one.

use officine_protocol::{
    Uid,
    digest::{VERSION, empty, hash},
    entities::{entity, in_order},
    limits::LISTED_ROWS,
    messages::{Digest, DigestResponse, DigestRowsResponse, RowDigest},
    ranges::Hashed,
    schema::Entity,
};

use super::{pull::counters, ranges::each, rows::by_id, session::Session};
use crate::StoreError;

/// Rows read at once.
const ROWS: usize = 500;

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
    fn told(&self) -> (u32, impl Fn(&Hashed) -> usize + use<>) {
        let (buckets, of) = (self.buckets.max(1), self.within.map_or(1, |(of, _)| of.max(1)));
        (buckets / of, move |row| (row.bucket(buckets) / of) as usize)
    }

    /// Whether a row is one of those.
    fn takes(&self, row: &Hashed) -> bool {
        self.within.is_none_or(|(of, bucket)| row.bucket(of) == bucket)
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
    let entities = [].into();
    let mut told =
        DigestResponse { version: VERSION, schema: narrow.schema, epoch, revision, entities, read: 0, more: false };
    for entity in narrow.entities() {
        let (digests, read) = of(session, pharmacy, entity, narrow).await?;
        told.read += read;
        told.entities.insert(entity.name.to_owned(), digests);
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
    let mut ids = Vec::new();
    let mut take = |row: Hashed| {
        if narrow.takes(&row) {
            ids.push(row.id);
        }
    };
    each(session, (pharmacy, target), narrow.schema, &mut take).await?;
    if ids.len() > LISTED_ROWS {
        return Ok(None);
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

/// The digests of an entity, and how many rows were read for them.
async fn of(
    session: &mut dyn Session,
    pharmacy: i64,
    entity: &'static Entity,
    narrow: Narrow,
) -> Result<(Vec<Digest>, i64), StoreError> {
    let (buckets, place) = narrow.told();
    let mut digests = empty(buckets);
    let mut add = |row: Hashed| {
        if let Some(digest) = digests.get_mut(place(&row)).filter(|_| narrow.takes(&row)) {
            row.count_in(digest);
        }
    };
    let read = each(session, (pharmacy, entity), narrow.schema, &mut add).await?;
    Ok((digests, read))
}

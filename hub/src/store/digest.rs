//! The digests of a pharmacy, row by row from one consistent picture: a page of rows is all that is held at once.

use officine_protocol::{
    Uid,
    digest::{VERSION, add, empty},
    entities::in_order,
    messages::{Digest, DigestResponse},
    schema::Entity,
    sql::{Place, select},
};

use super::{
    Narrow,
    pull::{counters, records},
    session::Session,
};
use crate::StoreError;

/// Rows read at once.
const ROWS: i64 = 500;

pub(crate) async fn digest(
    session: &mut dyn Session,
    pharmacy: i64,
    narrow: Narrow,
) -> Result<DigestResponse, StoreError> {
    let (epoch, revision) = counters(session, pharmacy).await?;
    let mut told = DigestResponse { version: VERSION, schema: narrow.schema, epoch, revision, entities: [].into() };
    for entity in in_order().iter().filter(|entity| entity.since <= narrow.schema) {
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

async fn of(
    session: &mut dyn Session,
    pharmacy: i64,
    entity: &'static Entity,
    narrow: Narrow,
) -> Result<Vec<Digest>, StoreError> {
    let [one, two, three] = [1, 2, 3].map(|n| session.dialect().parameter(n));
    let base = select(entity, Place::Hub);
    let sql = format!("{base} WHERE t.pharmacy_id = {one} AND t.id > {two} ORDER BY t.id LIMIT {three}");
    let (mut digests, mut last) = (empty(narrow.buckets), 0);
    loop {
        let rows = session.query(&sql, &[pharmacy.into(), last.into(), ROWS.into()]).await?;
        let Some(end) = rows.last() else { return Ok(digests) };
        last = end.int(0)?;
        for (entity, record) in records(session, pharmacy, entity, rows).await? {
            add(&mut digests, entity, &record, narrow.schema);
        }
    }
}

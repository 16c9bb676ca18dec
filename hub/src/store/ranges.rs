//! What was hashed of a pharmacy, kept by ranges of rows: `officine_protocol::ranges`. What is kept is taken as it is, unless
//! there are not as many rows as it says; the rest is read from the tables.

use officine_protocol::{
    limits::SCHEMA,
    ranges::{Hashed, Kept, ROWS, Rows, Span, plan, texts, unpack},
    schema::{Entity, Part},
    sql::Place,
};

use super::{
    session::{Query, Session},
    text,
};
use crate::StoreError;

/// Ranges whose rows are held at once.
const HELD: usize = 32;
/// Whose rows: the pharmacy and the entity.
pub(super) type Of = (i64, &'static Entity);
/// Every row of an entity as a book of that schema knows it, from what is kept and, for the rest, from the table. Gives the
/// rows read.
pub(super) async fn each(
    session: &mut dyn Session,
    of: Of,
    schema: u32,
    act: &mut (dyn FnMut(Hashed) + Send),
) -> Result<i64, StoreError> {
    let (mut apart, mut gaps) = plan(if schema == SCHEMA { kept(session, of, i64::MIN).await? } else { Vec::new() });
    if !trusted(session, of, &apart, &gaps).await? {
        (apart, gaps) = plan([]);
    }
    for some in apart.chunks(HELD) {
        bodies(session, of, some, act).await?;
    }
    let mut read = 0;
    for (mut after, up_to) in gaps {
        loop {
            let rows = rows(session, of, (after, up_to)).await?;
            let Some(last) = rows.last() else { break };
            (after, read) = (last, read + rows.len() as i64);
            rows.hashed(schema).into_iter().for_each(&mut *act);
        }
    }
    Ok(read)
}

async fn bodies(
    session: &mut dyn Session,
    (pharmacy, entity): Of,
    some: &[Kept],
    act: &mut (dyn FnMut(Hashed) + Send),
) -> Result<(), StoreError> {
    let (Some(first), Some(last)) = (some.first(), some.last()) else { return Ok(()) };
    let [one, two, three, four] = [1, 2, 3, 4].map(|n| session.dialect().parameter(n));
    let sql = format!(
        "SELECT after, up_to, body FROM digest_range WHERE pharmacy_id = {one} AND entity = {two} \
         AND up_to BETWEEN {three} AND {four} AND body IS NOT NULL"
    );
    let params = [pharmacy.into(), entity.name.into(), first.span.1.into(), last.span.1.into()];
    for row in session.query(&sql, &params).await? {
        let span = (row.int(0)?, row.int(1)?);
        if some.iter().any(|kept| kept.span == span) {
            unpack(row.bytes(2)?).for_each(&mut *act);
        }
    }
    Ok(())
}

/// The ranges that were read since then.
pub(super) async fn kept(
    session: &mut dyn Session,
    (pharmacy, entity): Of,
    since: i64,
) -> Result<Vec<Kept>, StoreError> {
    let [one, two, three] = [1, 2, 3].map(|n| session.dialect().parameter(n));
    let sql = format!(
        "SELECT after, up_to, rows FROM digest_range WHERE pharmacy_id = {one} AND entity = {two} \
         AND body IS NOT NULL AND read_at >= {three} ORDER BY up_to, after"
    );
    let found = session.query(&sql, &[pharmacy.into(), entity.name.into(), since.into()]).await?;
    found.iter().map(|row| Ok(Kept { span: (row.int(0)?, row.int(1)?), rows: row.int(2)? })).collect()
}

async fn number(session: &mut dyn Session, (pharmacy, entity): Of, span: Span) -> Result<i64, StoreError> {
    let [one, two, three] = [1, 2, 3].map(|n| session.dialect().parameter(n));
    let sql =
        format!("SELECT count(*) FROM \"{}\" WHERE pharmacy_id = {one} AND id > {two} AND id <= {three}", entity.table);
    let found = session.query(&sql, &[pharmacy.into(), span.0.into(), span.1.into()]).await?;
    found.first().ok_or(StoreError::Unknown("count"))?.int(0)
}

/// Whether there are as many rows as the ranges say: what went where no trigger saw it is noticed so.
pub(super) async fn trusted(
    session: &mut dyn Session,
    of: Of,
    apart: &[Kept],
    gaps: &[Span],
) -> Result<bool, StoreError> {
    if apart.is_empty() {
        return Ok(true);
    }
    let mut here = number(session, of, (i64::MIN, i64::MAX)).await?;
    for span in gaps {
        here -= number(session, of, *span).await?;
    }
    Ok(here == apart.iter().map(|kept| kept.rows).sum::<i64>())
}

/// The rows of a range, with their parts: as many as a range holds at the most.
pub(super) async fn rows(
    session: &mut dyn Session,
    (pharmacy, entity): Of,
    (after, up_to): Span,
) -> Result<Rows, StoreError> {
    let (texts, mut found) = (texts(entity, Place::Hub), Rows::new(entity, Place::Hub));
    let [one, two, three] = [1, 2, 3].map(|n| session.dialect().parameter(n));
    let sql = format!(
        "{} WHERE t.pharmacy_id = {one} AND t.id > {two} AND t.id <= {three} ORDER BY t.id LIMIT {ROWS}",
        texts.rows
    );
    for row in session.query(&sql, &[pharmacy.into(), after.into(), up_to.into()]).await? {
        found.row(row.0);
    }
    let Some(last) = found.last() else { return Ok(found) };
    let part = |(part, text): (&'static Part, &String)| Query {
        sql: format!(
            "{text} WHERE t.pharmacy_id = {one} AND t.\"{0}\" > {two} AND t.\"{0}\" <= {three}{1}",
            part.owner,
            text::part_kind(part)
        ),
        params: vec![pharmacy.into(), after.into(), last.into()],
    };
    let queries = entity.parts.iter().zip(&texts.parts).map(part).collect();
    for (number, rows) in session.query_all(queries).await?.into_iter().enumerate() {
        rows.into_iter().for_each(|row| found.part(number, row.0));
    }
    Ok(found)
}

//! What is kept of histories that were lost, read for rows that are offered, and handed on where one database replaces
//! another.

use std::collections::{HashMap, HashSet};

use officine_protocol::{
    entities::{ENTITIES, entity},
    schema::LEDGER,
    value::Value,
};

use super::{
    journal,
    session::{Affinity, Param, Session},
    text,
};
use crate::{
    StoreError,
    decide::{
        WorkingSet,
        histories::{Histories, asked, known, named},
    },
    offered::Offered,
    operation::Refusal,
};

/// The lines that say with which revision a row was given back.
const RETURNS: &str = "kind = 'restore' AND field = 'rev'";

const LOST: [(&str, Affinity); 3] =
    [("pharmacy_id", Affinity::Int), ("base", Affinity::Int), ("common", Affinity::Int)];

/// A row that was given back in a history that is lost: its revision there, its entity, its server id, and with which
/// revision it had been offered.
pub(super) type Returned = (i64, String, i64, i64);

/// Notes that a history is lost: its last revision that is not, and the first one after it.
pub(super) async fn note(
    session: &mut dyn Session,
    pharmacy: i64,
    (common, base): (i64, i64),
) -> Result<(), StoreError> {
    let row = vec![pharmacy.into(), base.into(), common.into()];
    session.write(journal::insert(session.dialect(), "lost_history", &LOST, vec![row])).await
}

/// What is lost, which of the rows were given back before and not changed since, and what of their names is left here.
pub(super) async fn histories(
    session: &mut dyn Session,
    working: &WorkingSet,
    rows: &[Result<Offered, Refusal>],
) -> Result<Histories, StoreError> {
    let pharmacy = working.pharmacy.id;
    let lost = lost(session, pharmacy).await?;
    let first = lost.iter().map(|(_, base)| *base).min().unwrap_or(i64::MAX);
    let offered = || rows.iter().flatten();
    let here = |row: &Offered| working.row(row.entity.name, known(working, row)?).map(|here| here.rev);
    let revs: Vec<i64> = offered().filter_map(here).filter(|rev| *rev >= first).collect();
    let given_back = given_back(session, pharmacy, revs).await?;
    let ids: Vec<i64> = asked(&working.pharmacy, offered().filter(|row| known(working, row).is_none())).collect();
    let nowhere = nowhere(session, pharmacy, named(working, &offered().collect::<Vec<_>>())).await?;
    let mut histories = Histories { lost, given_back, nowhere, ..Histories::default() };
    let revs = offered().map(|row| row.record.rev).filter(|rev| histories.lost(*rev)).collect();
    histories.returned = returned(session, pharmacy, revs).await?;
    if !ids.is_empty() {
        histories.borne = borne(session, pharmacy, &ids).await?;
        histories.left = left(session, pharmacy, ids).await?;
    }
    Ok(histories)
}

async fn lost(session: &mut dyn Session, pharmacy: i64) -> Result<Vec<(i64, i64)>, StoreError> {
    let sql = format!("SELECT common, base FROM lost_history WHERE pharmacy_id = {}", session.dialect().parameter(1));
    let found = session.query(&sql, &[pharmacy.into()]).await?;
    found.iter().map(|row| Ok((row.int(0)?, row.int(1)?))).collect()
}

async fn given_back(
    session: &mut dyn Session,
    pharmacy: i64,
    revs: Vec<i64>,
) -> Result<HashMap<(&'static str, i64), i64>, StoreError> {
    let (one, list) = (session.dialect().parameter(1), text::any(session.dialect(), "rev", 2, Affinity::Int));
    let sql =
        format!("SELECT entity, row_id, new_value FROM change_log WHERE pharmacy_id = {one} AND {list} AND {RETURNS}");
    let mut given_back = HashMap::new();
    for row in if revs.is_empty() { vec![] } else { session.query(&sql, &[pharmacy.into(), Param::Ints(revs)]).await? }
    {
        let given = row.text(2)?.parse().map_err(|_| StoreError::shape("revision"))?;
        given_back.extend(entity(row.text(0)?).map(|entity| ((entity.name, row.int(1).unwrap_or(0)), given)));
    }
    Ok(given_back)
}

async fn returned(
    session: &mut dyn Session,
    pharmacy: i64,
    revs: Vec<i64>,
) -> Result<HashMap<(&'static str, i64, i64), i64>, StoreError> {
    let (one, list) = (session.dialect().parameter(1), text::any(session.dialect(), "rev", 2, Affinity::Int));
    let sql = format!("SELECT entity, row_id, rev, given FROM lost_return WHERE pharmacy_id = {one} AND {list}");
    let mut returned = HashMap::new();
    for row in if revs.is_empty() { vec![] } else { session.query(&sql, &[pharmacy.into(), Param::Ints(revs)]).await? }
    {
        if let Some(entity) = entity(row.text(0)?) {
            returned.insert((entity.name, row.int(1)?, row.int(2)?), row.int(3)?);
        }
    }
    Ok(returned)
}

/// Of these names, those that rows of any entity bear.
async fn borne(session: &mut dyn Session, pharmacy: i64, ids: &[i64]) -> Result<HashSet<i64>, StoreError> {
    let (one, list) = (session.dialect().parameter(1), text::any(session.dialect(), "id", 2, Affinity::Int));
    let of = |table: &str| format!("SELECT id FROM \"{table}\" WHERE pharmacy_id = {one} AND {list}");
    let sql = ENTITIES.iter().map(|entity| of(entity.table)).collect::<Vec<_>>().join(" UNION ALL ");
    let found = session.query(&sql, &[pharmacy.into(), Param::Ints(ids.to_vec())]).await?;
    found.iter().map(|row| row.int(0)).collect()
}

/// Of what references name, what no row is.
async fn nowhere(
    session: &mut dyn Session,
    pharmacy: i64,
    mut named: HashSet<(&'static str, i64)>,
) -> Result<HashSet<(&'static str, i64)>, StoreError> {
    let (one, list) = (session.dialect().parameter(1), text::any(session.dialect(), "id", 2, Affinity::Int));
    for entity in ENTITIES {
        let ids: Vec<i64> = named.iter().filter(|(name, _)| *name == entity.name).map(|(_, id)| *id).collect();
        let sql = format!("SELECT id FROM \"{}\" WHERE pharmacy_id = {one} AND {list}", entity.table);
        for row in
            if ids.is_empty() { vec![] } else { session.query(&sql, &[pharmacy.into(), Param::Ints(ids)]).await? }
        {
            named.remove(&(entity.name, row.int(0)?));
        }
    }
    Ok(named)
}

/// Of these names, those of documents that the ledger knows.
async fn left(
    session: &mut dyn Session,
    pharmacy: i64,
    ids: Vec<i64>,
) -> Result<HashSet<(&'static str, i64)>, StoreError> {
    let kinds: Vec<_> = ENTITIES.iter().filter_map(|entity| Some((entity.movements()?.kind?.1, entity.name))).collect();
    let (one, list) = (session.dialect().parameter(1), text::any(session.dialect(), "document_id", 2, Affinity::Int));
    let listed = kinds.iter().map(|(kind, _)| kind.to_string()).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "SELECT DISTINCT document_kind, document_id FROM {LEDGER} WHERE pharmacy_id = {one} \
         AND document_kind IN ({listed}) AND {list}"
    );
    let mut found = HashSet::new();
    for row in session.query(&sql, &[pharmacy.into(), Param::Ints(ids)]).await? {
        let (kind, id) = (row.int(0)?, row.int(1)?);
        found.extend(kinds.iter().find(|(known, _)| *known == kind).map(|(_, name)| (*name, id)));
    }
    Ok(found)
}

/// What a database knows of rows that it took back since its first history was lost.
pub(super) async fn returns(session: &mut dyn Session, pharmacy: i64) -> Result<Vec<Returned>, StoreError> {
    let Some(first) = lost(session, pharmacy).await?.into_iter().map(|(_, base)| base).min() else {
        return Ok(Vec::new());
    };
    let [one, two] = [1, 2].map(|n| session.dialect().parameter(n));
    let sql = format!(
        "SELECT rev, entity, row_id, CAST(new_value AS bigint) FROM change_log WHERE pharmacy_id = {one} AND rev >= {two} AND {RETURNS} \
         UNION ALL SELECT rev, entity, row_id, given FROM lost_return WHERE pharmacy_id = {one}"
    );
    let found = session.query(&sql, &[pharmacy.into(), first.into()]).await?;
    found.iter().map(|row| Ok((row.int(0)?, row.text(1)?.to_owned(), row.int(2)?, row.int(3)?))).collect()
}

/// Keeps what another database knew of that and this one does not: what came after the last revision of both.
pub(super) async fn keep_returns(
    session: &mut dyn Session,
    pharmacy: i64,
    (common, returns): (i64, &[Returned]),
) -> Result<(), StoreError> {
    let [one, two, three, four, five] = std::array::from_fn(|i| session.dialect().parameter(i + 1));
    let sql = format!(
        "INSERT INTO lost_return (pharmacy_id, rev, entity, row_id, given) VALUES ({one}, {two}, {three}, {four}, {five}) \
         ON CONFLICT DO NOTHING"
    );
    for (rev, entity, row, given) in returns.iter().filter(|(rev, ..)| *rev > common) {
        let params: [Param; 5] =
            [pharmacy.into(), (*rev).into(), Value::from(entity.as_str()).into(), (*row).into(), (*given).into()];
        session.execute(&sql, &params).await?;
    }
    Ok(())
}

//! Loading what a batch touches: one query per entity, one per part, under the pharmacy's row lock.

use std::collections::BTreeSet;

use officine_protocol::{
    Uid,
    entities::entity,
    messages::Outcome,
    record::Record,
    schema::Entity,
    sql::{Dialect, Place, declared},
};

use super::{
    books, edits,
    journal::Hearing,
    parts::{References, fill},
    pick::rows,
    session::{Affinity, Cells, Param, Query, Session},
    text,
};
use crate::{
    StoreError,
    decide::{Answered, Device, Needs, Pharmacy, Trace, WorkingSet},
};

fn lock_query(dialect: Dialect, pharmacy: i64) -> Query {
    let for_update = if dialect == Dialect::Postgres { " FOR UPDATE" } else { "" };
    let n = dialect.parameter(1);
    let revision = text::revision(dialect, &n);
    let sql = format!("SELECT epoch, {revision}, next_id FROM pharmacy WHERE id = {n}{for_update}");
    Query { sql, params: vec![pharmacy.into()] }
}

fn counters(pharmacy: i64, rows: &[Cells]) -> Result<Pharmacy, StoreError> {
    let row = rows.first().ok_or(StoreError::Unknown("pharmacy"))?;
    Ok(Pharmacy { id: pharmacy, epoch: row.int(0)?, revision: row.int(1)?, next_id: row.int(2)? })
}

/// Takes the pharmacy's row lock and reads its counters.
pub(crate) async fn lock(session: &mut dyn Session, pharmacy: i64) -> Result<Pharmacy, StoreError> {
    let Query { sql, params } = lock_query(session.dialect(), pharmacy);
    counters(pharmacy, &session.query(&sql, &params).await?)
}

/// Takes the pharmacy's row lock, notes that these devices were heard, and loads what their operations touch. Says as
/// well how the devices stand: of some nothing may be decided.
pub(crate) async fn begin(
    session: &mut dyn Session,
    heard: &[Query],
    devices: &[Device],
    needs: &Needs,
) -> Result<(WorkingSet, Vec<Hearing>), StoreError> {
    let (dialect, first) = (session.dialect(), devices.first().ok_or(StoreError::Unknown("device"))?);
    let pharmacy = first.pharmacy;
    let mut asked = vec![lock_query(dialect, pharmacy)];
    asked.extend_from_slice(heard);
    asked.extend([
        answers(dialect, devices, needs),
        traces(dialect, devices, needs),
        aliases(dialect, pharmacy, needs),
    ]);
    let touched: Vec<_> = needs.entities.iter().filter_map(|(name, need)| Some((entity(name)?, need))).collect();
    asked.extend(touched.iter().map(|touched| rows(dialect, pharmacy, devices, *touched, needs)));
    let mut found = session.query_all(asked).await?.into_iter();
    let mut next = || found.next().unwrap_or_default();
    let mut working = WorkingSet::new(counters(pharmacy, &next())?, first.clone());
    let hearings = heard.iter().map(|_| Hearing::read(&next())).collect::<Result<_, _>>()?;
    insert_answers(&mut working, &next())?;
    insert_traces(&mut working, &next())?;
    insert_aliases(&mut working, &next())?;
    for (entity, need) in touched {
        let mut rows = next().into_iter().map(|row| record(entity, row)).collect::<Result<Vec<_>, _>>()?;
        if need.parts {
            fill(session, pharmacy, entity, &mut rows, References::ServerIds).await?;
        }
        rows.into_iter().for_each(|(id, record)| working.insert(entity, id, record));
    }
    books::load(session, &mut working, needs).await?;
    edits::load(session, &mut working, needs).await?;
    Ok((working, hearings))
}

/// The pharmacy and its devices: the first parameters of what asks for answers.
fn whose(devices: &[Device]) -> Vec<Param> {
    let pharmacy = devices.first().map(|device| device.pharmacy);
    vec![pharmacy.into(), Param::Ints(devices.iter().map(|device| device.id).collect())]
}

/// Answers by key, and those that used the same sequences.
fn answers(dialect: Dialect, devices: &[Device], needs: &Needs) -> Query {
    let (pharmacy, device) = (dialect.parameter(1), text::any(dialect, "device_id", 2, Affinity::Int));
    let select = format!(
        "SELECT device_id, key, seq, payload_hash, outcome FROM idempotency WHERE pharmacy_id = {pharmacy} AND {device}"
    );
    let by_key = text::any(dialect, "key", 3, Affinity::Blob);
    let by_seq = text::any(dialect, "seq", 4, Affinity::Int);
    let sql = format!("{select} AND {by_key} UNION {select} AND {by_seq}");
    let mut params = whose(devices);
    params.extend([Param::uids(&needs.keys), Param::Ints(needs.seqs.clone())]);
    Query { sql, params }
}

/// What is left of pruned answers.
fn traces(dialect: Dialect, devices: &[Device], needs: &Needs) -> Query {
    let sql = format!(
        "SELECT device_id, seq, short_hash, accepted FROM answered WHERE pharmacy_id = {} AND {} AND {}",
        dialect.parameter(1),
        text::any(dialect, "device_id", 2, Affinity::Int),
        text::any(dialect, "seq", 3, Affinity::Int)
    );
    let mut params = whose(devices);
    params.push(Param::Ints(needs.seqs.clone()));
    Query { sql, params }
}

fn insert_traces(working: &mut WorkingSet, rows: &[Cells]) -> Result<(), StoreError> {
    for row in rows {
        let short_hash = row.bytes(2)?.try_into().map_err(|_| StoreError::shape("hash"))?;
        working.traced(row.int(0)?, row.int(1)?, Trace { short_hash, accepted: row.int(3)? != 0 });
    }
    Ok(())
}

fn insert_answers(working: &mut WorkingSet, rows: &[Cells]) -> Result<(), StoreError> {
    for row in rows {
        let hash = row.bytes(3)?.try_into().map_err(|_| StoreError::shape("hash"))?;
        let outcome: Outcome = serde_json::from_str(row.text(4)?).map_err(|_| StoreError::shape("outcome"))?;
        working.remembered(row.int(0)?, row.uid(1)?, Answered { seq: row.int(2)?, hash, outcome });
    }
    Ok(())
}

fn aliases(dialect: Dialect, pharmacy: i64, needs: &Needs) -> Query {
    let uids: BTreeSet<Uid> = needs.entities.values().flat_map(|need| need.named.uids.iter().copied()).collect();
    let sql = format!(
        "SELECT entity, alias, id FROM uid_map WHERE pharmacy_id = {} AND {} AND {}",
        dialect.parameter(1),
        text::any(dialect, "entity", 2, Affinity::Text),
        text::any(dialect, "alias", 3, Affinity::Blob)
    );
    let names = needs.entities.keys().map(|name| (*name).to_owned()).collect();
    Query { sql, params: vec![pharmacy.into(), Param::Texts(names), Param::uids(&uids)] }
}

pub(crate) fn insert_aliases(working: &mut WorkingSet, rows: &[Cells]) -> Result<(), StoreError> {
    for row in rows {
        if let Some(entity) = entity(row.text(0)?) {
            working.alias(entity.name, row.uid(1)?, row.int(2)?);
        }
    }
    Ok(())
}

/// Reads a stored row. References hold server ids.
pub(crate) fn record(entity: &Entity, row: Cells) -> Result<(i64, Record), StoreError> {
    let id = row.int(0)?;
    let mut record = Record::new(entity, row.uid(1)?, row.int(3)?);
    record.server_id = Some(id);
    record.rev = row.int(2)?;
    record.archived_at = row.maybe_int(4);
    for ((place, _), value) in declared(entity, Place::Hub).zip(row.0.into_iter().skip(5)) {
        if let Some(slot) = record.values.get_mut(place) {
            *slot = value;
        }
    }
    Ok((id, record))
}

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
    books,
    parts::{References, fill},
    pick::rows,
    session::{Affinity, Cells, Param, Session},
    text,
};
use crate::{
    StoreError,
    decide::{Answered, Device, Needs, Pharmacy, WorkingSet},
};

/// Takes the pharmacy's row lock and reads its counters.
pub(crate) async fn lock(session: &mut dyn Session, pharmacy: i64) -> Result<Pharmacy, StoreError> {
    let for_update = if session.dialect() == Dialect::Postgres { " FOR UPDATE" } else { "" };
    let n = session.dialect().parameter(1);
    let sql = format!("SELECT epoch, revision, next_id FROM pharmacy WHERE id = {n}{for_update}");
    let rows = session.query(&sql, &[pharmacy.into()]).await?;
    let row = rows.first().ok_or(StoreError::Unknown("pharmacy"))?;
    Ok(Pharmacy { id: pharmacy, epoch: row.int(0)?, revision: row.int(1)?, next_id: row.int(2)? })
}

/// Loads the working set of a batch. The pharmacy's row lock is held.
pub(crate) async fn load(
    session: &mut dyn Session,
    pharmacy: Pharmacy,
    device: &Device,
    needs: &Needs,
) -> Result<WorkingSet, StoreError> {
    let id = pharmacy.id;
    let mut working = WorkingSet::new(pharmacy, device.clone());
    answers(session, &mut working, &needs.keys).await?;
    aliases(session, &mut working, needs).await?;
    for (name, need) in &needs.entities {
        let Some(entity) = entity(name) else { continue };
        let mut rows = rows(session, device, entity, need, needs).await?;
        if need.parts {
            fill(session, id, entity, &mut rows, References::ServerIds).await?;
        }
        rows.into_iter().for_each(|(id, record)| working.insert(entity, id, record));
    }
    books::load(session, &mut working, needs).await?;
    Ok(working)
}

async fn answers(session: &mut dyn Session, working: &mut WorkingSet, keys: &[Uid]) -> Result<(), StoreError> {
    let dialect = session.dialect();
    let sql = format!(
        "SELECT key, seq, payload_hash, outcome FROM idempotency WHERE pharmacy_id = {} AND device_id = {} AND {}",
        dialect.parameter(1),
        dialect.parameter(2),
        text::any(dialect, "key", 3, Affinity::Blob)
    );
    let params = [working.device.pharmacy.into(), working.device.id.into(), Param::uids(keys)];
    for row in session.query(&sql, &params).await? {
        let hash = row.bytes(2)?.try_into().map_err(|_| StoreError::shape("hash"))?;
        let outcome: Outcome = serde_json::from_str(row.text(3)?).map_err(|_| StoreError::shape("outcome"))?;
        working.remembered(row.uid(0)?, Answered { seq: row.int(1)?, hash, outcome });
    }
    Ok(())
}

async fn aliases(session: &mut dyn Session, working: &mut WorkingSet, needs: &Needs) -> Result<(), StoreError> {
    let uids: BTreeSet<Uid> = needs.entities.values().flat_map(|need| need.named.uids.iter().copied()).collect();
    let dialect = session.dialect();
    let sql = format!(
        "SELECT entity, alias, id FROM uid_map WHERE pharmacy_id = {} AND {} AND {}",
        dialect.parameter(1),
        text::any(dialect, "entity", 2, Affinity::Text),
        text::any(dialect, "alias", 3, Affinity::Blob)
    );
    let names = needs.entities.keys().map(|name| (*name).to_owned()).collect();
    let params = [working.pharmacy.id.into(), Param::Texts(names), Param::uids(&uids)];
    for row in session.query(&sql, &params).await? {
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

//! Loading what a batch touches: one query per entity, one per part, under the pharmacy's row lock.

use std::collections::BTreeSet;

use officine_protocol::{
    Uid,
    entities::{PRODUCT, PRODUCT_BATCH, SALE, entity},
    messages::Outcome,
    record::Record,
    schema::Entity,
    sql::{Dialect, Place, declared},
};

use super::{
    parts::{References, fill},
    session::{Affinity, Cells, Param, Session},
    text,
};
use crate::{
    StoreError,
    decide::{Answered, Device, Need, Needs, Pharmacy, WorkingSet},
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
        let mut rows = rows(session, id, device, entity, need, needs).await?;
        if need.parts {
            fill(session, id, entity, &mut rows, References::ServerIds).await?;
        }
        rows.into_iter().for_each(|(id, record)| working.insert(entity, id, record));
    }
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
    let uids: BTreeSet<Uid> = needs.entities.values().flat_map(|need| need.uids.iter().copied()).collect();
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

/// Collects the conditions of one entity's query, and its parameters.
struct Picker {
    dialect: Dialect,
    params: Vec<Param>,
    picks: Vec<String>,
}

impl Picker {
    fn list(&mut self, column: &str, param: Param) -> String {
        let storage = match param {
            Param::Texts(_) => Affinity::Text,
            Param::Blobs(_) => Affinity::Blob,
            _ => Affinity::Int,
        };
        self.params.push(param);
        text::any(self.dialect, column, self.params.len(), storage)
    }

    fn pick(&mut self, select: &str, condition: &str) {
        let pharmacy = self.dialect.parameter(1);
        self.picks.push(format!("SELECT {select} WHERE pharmacy_id = {pharmacy} AND {condition}"));
    }

    /// Rows by uid, own or alias, and by server id.
    fn identities(&mut self, entity: &Entity, uids: &BTreeSet<Uid>, ids: &BTreeSet<i64>) {
        let from = format!("id FROM \"{}\"", entity.table);
        let own = self.list("uid", Param::uids(uids));
        self.pick(&from, &own);
        let alias = self.list("alias", Param::uids(uids));
        self.pick("id FROM uid_map", &format!("entity = '{}' AND {alias}", entity.name));
        if !ids.is_empty() {
            let by_id = self.list("id", Param::Ints(ids.iter().copied().collect()));
            self.pick(&from, &by_id);
        }
    }

    fn names(&mut self, select: &str, column: &str, names: &BTreeSet<String>) {
        if !names.is_empty() {
            let condition = self.list(column, Param::Texts(names.iter().cloned().collect()));
            self.pick(select, &condition);
        }
    }
}

async fn rows(
    session: &mut dyn Session,
    pharmacy: i64,
    device: &Device,
    entity: &'static Entity,
    need: &Need,
    needs: &Needs,
) -> Result<Vec<(i64, Record)>, StoreError> {
    let mut picker = Picker { dialect: session.dialect(), params: vec![pharmacy.into()], picks: Vec::new() };
    picker.identities(entity, &need.uids, &need.ids);
    match entity.name {
        "setting" => picker.names("id FROM setting", "name", &need.names),
        "user" => {}
        "supplier" => picker.names("id FROM supplier", "name_fold", &need.names),
        name if name == PRODUCT.name => picker.names("product_id FROM product_code", "code", &need.names),
        name if name == PRODUCT_BATCH.name => lots(&mut picker, need, needs),
        name if name == SALE.name && !need.numbers.is_empty() => {
            let numbers = picker.list("number", Param::Ints(need.numbers.iter().copied().collect()));
            picker.pick("id FROM sale", &format!("series = {} AND {numbers}", device.series));
        }
        _ => {}
    }
    let sql = format!(
        "SELECT {} FROM \"{}\" t WHERE t.pharmacy_id = {} AND t.id IN ({})",
        text::stored(entity),
        entity.table,
        picker.dialect.parameter(1),
        picker.picks.join(" UNION ")
    );
    let rows = session.query(&sql, &picker.params).await?;
    rows.into_iter().map(|row| record(entity, row)).collect()
}

/// All lots of the products concerned.
fn lots(picker: &mut Picker, need: &Need, needs: &Needs) {
    if need.of_products.is_empty() {
        return;
    }
    let outer = std::mem::take(&mut picker.picks);
    picker.identities(&PRODUCT, &need.of_products, &need.of_product_ids);
    if let Some(products) = needs.entities.get(PRODUCT.name) {
        picker.names("product_id FROM product_code", "code", &products.names);
    }
    let products = std::mem::replace(&mut picker.picks, outer).join(" UNION ");
    picker.pick("id FROM product_batch", &format!("product_id IN ({products})"));
}

//! What a batch touches: one need per entity, so that one query per entity loads it.

use std::collections::{BTreeMap, BTreeSet};

use officine_protocol::{
    Uid,
    entities::{PRODUCT, PRODUCT_BATCH, SALE, USER},
    record::Record,
    schema::{Entity, Kind},
};

use super::working::name_of;
use crate::operation::{Body, Content, Prepared, references};

/// The rows of one entity that a batch touches.
#[derive(Clone, Debug, Default)]
pub struct Need {
    /// By uid, own or alias.
    pub uids: BTreeSet<Uid>,
    /// By server id.
    pub ids: BTreeSet<i64>,
    /// By natural key: names; for products, codes.
    pub names: BTreeSet<String>,
    /// Lots of these products. Whatever [`PRODUCT`]'s names find counts as well.
    pub of_products: BTreeSet<Uid>,
    /// Lots of these products, by server id.
    pub of_product_ids: BTreeSet<i64>,
    /// Sales of the device's series with these numbers.
    pub numbers: BTreeSet<i64>,
    /// With their parts.
    pub parts: bool,
}

/// What a batch touches.
#[derive(Clone, Debug, Default)]
pub struct Needs {
    /// Idempotency keys.
    pub keys: Vec<Uid>,
    /// By entity.
    pub entities: BTreeMap<&'static str, Need>,
}

impl Needs {
    fn of(&mut self, entity: &'static str) -> &mut Need {
        self.entities.entry(entity).or_default()
    }
}

/// Gathers what a batch touches.
pub fn needs(operations: &[Prepared]) -> Needs {
    let mut needs = Needs { keys: operations.iter().map(|operation| operation.key).collect(), ..Needs::default() };
    for operation in operations {
        if let Ok(body) = &operation.body {
            gather(&mut needs, operation, body);
        }
    }
    if let Some(codes) = needs.entities.get(PRODUCT.name).map(|need| need.names.clone())
        && let Some(lots) = needs.entities.get_mut(PRODUCT_BATCH.name)
    {
        lots.names = codes;
    }
    needs
}

fn gather(needs: &mut Needs, operation: &Prepared, body: &Body) {
    let name = |needs: &mut Needs, entity: &'static str, uid: Uid| {
        let need = needs.of(entity);
        need.uids.insert(uid);
        need.ids.extend(operation.server_ids.get(&uid));
    };
    name(needs, body.entity.name, body.uid);
    needs.of(body.entity.name).parts |= !matches!(body.content, Content::Delete);
    if let Some(user) = body.user {
        name(needs, USER.name, user);
    }
    let stock = body.entity.name == SALE.name || body.entity.name == PRODUCT_BATCH.name;
    for (target, uid) in references(body.entity, &body.content) {
        name(needs, target, uid);
        if stock && target == PRODUCT.name {
            let lots = needs.of(PRODUCT_BATCH.name);
            lots.of_products.insert(uid);
            lots.of_product_ids.extend(operation.server_ids.get(&uid));
        }
    }
    if let Content::Create { values, parts } = &body.content {
        let mut record = Record::new(body.entity, body.uid, 0);
        record.values.clone_from(values);
        record.parts.clone_from(parts);
        natural(needs, body.entity, &record);
    }
}

fn natural(needs: &mut Needs, entity: &'static Entity, record: &Record) {
    if entity.name == PRODUCT.name {
        let codes: Vec<_> = codes(record).map(str::to_owned).collect();
        needs.of(entity.name).names.extend(codes);
    } else if entity.name == SALE.name {
        needs.of(entity.name).numbers.extend(record.get(entity, "number").int());
    } else if let Some(name) = name_of(entity, record) {
        needs.of(entity.name).names.insert(name.to_owned());
    }
}

/// The codes of a product.
pub(crate) fn codes(product: &Record) -> impl Iterator<Item = &str> {
    let code = PRODUCT.part("codes").and_then(|place| PRODUCT.parts.get(place));
    let place = code.and_then(|part| {
        part.columns.iter().position(|column| column.name == "code" && matches!(column.kind, Kind::Text(_)))
    });
    let rows = product.part(&PRODUCT, "codes").iter();
    rows.filter_map(move |row| place.and_then(|place| row.get(place)).and_then(|value| value.text()))
}

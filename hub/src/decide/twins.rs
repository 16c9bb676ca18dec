//! Twins: a new row with the natural key of another. Merged where the declaration says so.

use std::collections::HashSet;

use officine_protocol::{
    entities::{PRODUCT, PRODUCT_BATCH},
    record::Record,
    schema::{Entity, Twin},
};

use super::{WorkingSet, needs::codes, working::name_of};

/// The row that a new one is merged into. Archived rows have no twins.
pub(crate) fn find(working: &WorkingSet, entity: &Entity, record: &Record) -> Option<i64> {
    entity.natural.filter(|natural| natural.twin == Twin::Merge)?;
    let candidates = if entity.name == PRODUCT_BATCH.name {
        working.lots_of(record.get(entity, "product").int()?)
    } else {
        working.named(entity.name, name_of(entity, record)?)
    };
    let same = |id: &&i64| working.row(entity.name, **id).is_some_and(|other| same_key(entity, record, other));
    candidates.iter().filter(same).min().copied()
}

fn same_key(entity: &Entity, one: &Record, other: &Record) -> bool {
    if other.archived_at.is_some() {
        return false;
    }
    if entity.name == PRODUCT_BATCH.name {
        return ["product", "lot_number", "expiry"].iter().all(|name| one.get(entity, name) == other.get(entity, name));
    }
    name_of(entity, one) == name_of(entity, other) && (entity.name != PRODUCT.name || share_a_code(one, other))
}

fn share_a_code(one: &Record, other: &Record) -> bool {
    let known: HashSet<_> = codes(other).collect();
    codes(one).any(|code| known.contains(code))
}

//! Twins: a new row with the natural key of another. Merged, or proposed to a person, as the declaration says.

use std::collections::BTreeSet;

use officine_protocol::{natural::Likeness, record::Record, schema::Entity};

use super::WorkingSet;

/// What a new row turns out to be.
#[derive(Debug, Default)]
pub(crate) struct Twins {
    /// The row it is.
    pub same: Option<i64>,
    /// Rows it may be.
    pub alike: Vec<i64>,
}

/// Looks for the twins of a new row. Archived rows have none.
pub(crate) fn find(working: &WorkingSet, entity: &Entity, record: &Record) -> Twins {
    let values = entity.key_values(record);
    let candidates: BTreeSet<i64> = values.iter().flat_map(|value| working.keyed(entity.name, value)).collect();
    let mut twins = Twins::default();
    for id in candidates {
        let Some(other) = working.row(entity.name, id).filter(|other| other.archived_at.is_none()) else { continue };
        match entity.likeness(record, other) {
            Likeness::Same => twins.same = twins.same.or(Some(id)),
            Likeness::Alike => twins.alike.push(id),
            Likeness::Other => {}
        }
    }
    twins
}

//! What a hub knows of what it lost: the histories that it left, however many, and names that it gave and that nothing
//! bears.

use std::collections::{HashMap, HashSet};

use officine_protocol::{
    Uid,
    schema::{Column, Part},
    value::Value,
};

use super::{Pharmacy, WorkingSet};
use crate::offered::Offered;

/// Bits of a server id that count; the epoch stands above them.
const COUNTED: u32 = 40;
/// So many epochs back a name is looked for.
const EPOCHS: i64 = 64;

/// What is known of the histories of a pharmacy.
#[derive(Clone, Debug, Default)]
pub struct Histories {
    /// Of each history that was lost, the last revision shared with it, and the first one of the epoch after it.
    pub lost: Vec<(i64, i64)>,
    /// Of rows that a lost history had itself been given back, by entity, server id and revision there: the revision that
    /// they had been offered with.
    pub returned: HashMap<(&'static str, i64, i64), i64>,
    /// Rows that were given back and not changed since, by entity and server id: the revision that they had been offered with.
    pub given_back: HashMap<(&'static str, i64), i64>,
    /// Of the names that are asked about, those that rows of any entity bear.
    pub borne: HashSet<i64>,
    /// Documents that are lost and of which movements are left in the ledger, by entity and server id.
    pub left: HashSet<(&'static str, i64)>,
    /// What references of rows that are here and offered name, by entity and server id, where there is no such row.
    pub nowhere: HashSet<(&'static str, i64)>,
}

impl Histories {
    /// Whether a revision is of a history that was lost.
    pub(crate) fn lost(&self, rev: i64) -> bool {
        self.lost.iter().any(|(common, base)| *common < rev && rev < *base)
    }

    /// The revision that stands for an offered row: its own, or the one that it had in the history before, where the one
    /// that was lost since had only taken it back.
    pub(crate) fn stood(&self, entity: &'static str, server_id: i64, rev: i64) -> i64 {
        self.returned.get(&(entity, server_id, rev)).copied().unwrap_or(rev)
    }

    /// Whether a row that is here gives way to one of that revision: of a lost history, and later than what is here, which
    /// then the hub has not changed since the epoch after it began, but by taking it back: epochs go by rising revisions.
    pub(crate) fn gives_way(&self, entity: &'static str, id: i64, here: i64, rev: i64) -> bool {
        let stands = self.given_back.get(&(entity, id)).copied().unwrap_or(here);
        self.lost(rev) && stands < rev
    }

    /// Whether a reference that is here names nothing.
    pub(crate) fn dangles(&self, column: &Column, value: &Value) -> bool {
        let named = column.target().zip(value.int());
        named.is_some_and(|(entity, id)| self.nowhere.contains(&(entity.name, id)))
    }

    /// Whether the hub had a row that it does not have: its revision is of a history that was lost, or it bears a name
    /// which the hub gave and which no row bears, in whatever epoch.
    pub(crate) fn missed(&self, pharmacy: &Pharmacy, server_id: i64, rev: i64) -> bool {
        let gap = given(pharmacy, server_id) && names(pharmacy, server_id).all(|id| !self.borne.contains(&id));
        0 < rev && rev <= pharmacy.revision && (self.lost(rev) || gap)
    }
}

/// What the references of those rows name that are here, and that nothing loaded bears.
pub(crate) fn named(working: &WorkingSet, offered: &[&Offered]) -> HashSet<(&'static str, i64)> {
    let here = offered.iter().filter_map(|row| {
        let id = known(working, row)?;
        Some((row.entity, working.row(row.entity.name, id)?))
    });
    let references = here.flat_map(|(entity, here)| {
        let rows = |(part, rows): (&'static Part, _)| {
            let rows: &Vec<Vec<Value>> = rows;
            rows.iter().flat_map(|row| part.columns.iter().zip(row))
        };
        let cells = entity.columns.iter().zip(&here.values).chain(entity.parts.iter().zip(&here.parts).flat_map(rows));
        cells.filter_map(|(column, value)| Some((column.target()?.name, value.int()?)))
    });
    references.filter(|(entity, id)| working.uid_of(entity, *id).is_none()).collect()
}

/// Whether the hub gave that name.
fn given(pharmacy: &Pharmacy, id: i64) -> bool {
    let (epoch, counter) = (id >> COUNTED, id & ((1 << COUNTED) - 1));
    (1..=pharmacy.epoch).contains(&epoch) && (1..pharmacy.next_id).contains(&counter)
}

/// The names among which the hub gave one: a counter is given once, in one epoch.
fn names(pharmacy: &Pharmacy, id: i64) -> impl Iterator<Item = i64> + use<> {
    let (latest, counter) = (pharmacy.epoch, id & ((1 << COUNTED) - 1));
    let epochs = (latest.saturating_sub(EPOCHS)..=latest).filter(|epoch| *epoch > 0);
    epochs.map(move |epoch| epoch << COUNTED | counter).chain([id])
}

/// The names to ask about.
pub(crate) fn asked<'a>(
    pharmacy: &'a Pharmacy,
    offered: impl Iterator<Item = &'a Offered>,
) -> impl Iterator<Item = i64> {
    offered.filter_map(|row| row.record.server_id).filter(|id| given(pharmacy, *id)).flat_map(|id| names(pharmacy, id))
}

/// The row here that an offered one is, by any of its names: its server id.
pub(crate) fn known(working: &WorkingSet, row: &Offered) -> Option<i64> {
    uids(row).find_map(|uid| working.id_of(row.entity.name, uid))
}

/// The names of an offered row, its own first.
pub(crate) fn uids(row: &Offered) -> impl Iterator<Item = Uid> {
    std::iter::once(row.record.uid).chain(row.aliases.iter().copied())
}

//! References in three tiers: the attached server id where the uid does not contradict it; what this batch has made;
//! the uids and aliases known. A reference carries no natural key: twins are found when they are created.

use std::collections::BTreeMap;

use officine_protocol::{
    Uid,
    messages::Missing,
    schema::{Column, Entity, Kind},
    value::Value,
};

use super::{Stop, WorkingSet};
use crate::operation::{Prepared, Rows};

/// Finds the rows that one operation names, and gathers what is missing and what was attached wrongly.
pub(crate) struct Resolver<'a> {
    working: &'a WorkingSet,
    attached: &'a BTreeMap<Uid, i64>,
    missing: Vec<Missing>,
    repairs: BTreeMap<Uid, i64>,
}

impl<'a> Resolver<'a> {
    pub(crate) fn new(working: &'a WorkingSet, operation: &'a Prepared) -> Self {
        Self { working, attached: &operation.server_ids, missing: Vec::new(), repairs: BTreeMap::new() }
    }

    /// The server id of a row. The uid decides; an attached id serves where the uid says nothing.
    pub(crate) fn find(&mut self, entity: &'static str, uid: Uid) -> Option<i64> {
        let attached = self.attached.get(&uid).copied();
        match (self.working.id_of(entity, uid), attached) {
            (Some(known), Some(attached)) if known != attached => {
                self.repairs.insert(uid, known);
                Some(known)
            }
            (Some(known), _) => Some(known),
            (None, Some(attached)) => self.working.row(entity, attached).map(|_| attached),
            (None, None) => None,
        }
    }

    fn need(&mut self, entity: &'static str, uid: Uid) -> Option<i64> {
        let found = self.find(entity, uid);
        if found.is_none() && !self.missing.iter().any(|missing| missing.uid == uid) {
            self.missing.push(Missing { entity: entity.to_owned(), uid });
        }
        found
    }

    /// A value with its uid replaced by the server id.
    pub(crate) fn value(&mut self, column: &Column, value: &Value) -> Value {
        match (column.kind, value) {
            (Kind::Ref(target), Value::Uid(uid)) => self.need(target, *uid).map_or(Value::Null, Value::Int),
            _ => value.clone(),
        }
    }

    /// A row of values.
    pub(crate) fn values(&mut self, columns: &[Column], values: &[Value]) -> Vec<Value> {
        columns.iter().zip(values).map(|(column, value)| self.value(column, value)).collect()
    }

    /// Whole parts.
    pub(crate) fn parts(&mut self, entity: &Entity, parts: &[Rows]) -> Vec<Rows> {
        let resolved = entity.parts.iter().zip(parts);
        resolved.map(|(part, rows)| rows.iter().map(|row| self.values(part.columns, row)).collect()).collect()
    }

    /// The row itself is missing.
    pub(crate) fn row(&mut self, entity: &'static str, uid: Uid) -> Result<i64, Stop> {
        self.need(entity, uid).ok_or_else(|| Stop::Missing(vec![Missing { entity: entity.to_owned(), uid }]))
    }

    /// The repairs to send back, if nothing is missing.
    pub(crate) fn finish(self) -> Result<BTreeMap<Uid, i64>, Stop> {
        if self.missing.is_empty() { Ok(self.repairs) } else { Err(Stop::Missing(self.missing)) }
    }
}

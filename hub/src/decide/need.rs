//! What of one entity a batch touches.

use std::collections::{BTreeMap, BTreeSet};

use officine_protocol::{Uid, value::Value};

/// Rows by name.
#[derive(Clone, Debug, Default)]
pub struct Named {
    /// By uid, own or alias.
    pub uids: BTreeSet<Uid>,
    /// By server id.
    pub ids: BTreeSet<i64>,
}

/// Lots and an instant.
#[derive(Clone, Debug, Default)]
pub struct Lots {
    /// The earliest instant that matters; nothing does if there is none.
    pub since: Option<i64>,
    /// The lots.
    pub lots: Named,
}

/// The rows of one entity that a batch touches.
#[derive(Clone, Debug, Default)]
pub struct Need {
    /// By name.
    pub named: Named,
    /// By the first column of the natural key.
    pub keys: BTreeSet<Value>,
    /// Rows whose reference of that name names one of these.
    pub of: BTreeMap<&'static str, Named>,
    /// Rows that the reference of that name, of these rows of that entity, names.
    pub through: BTreeMap<(&'static str, &'static str), Named>,
    /// Tickets of the device's series with these numbers.
    pub numbers: BTreeSet<i64>,
    /// Tickets of any series that are these links of a chain.
    pub links: BTreeSet<Value>,
    /// With their parts.
    pub parts: bool,
    /// Those who own the pharmacy.
    pub owners: bool,
}

//! Suppliers and customers, as lists show them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Fournisseurs, Clients: which rows.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ListContactsArgs {
    /// `supplier` or `customer`.
    pub entity: String,
    /// Words of the name; of a customer, the beginning of the number too.
    pub text: String,
    /// At most 1,000.
    pub limit: u32,
}

/// A supplier or a customer.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ContactView {
    /// Identity.
    pub uid: String,
    /// Name.
    pub name: String,
    /// Phone.
    pub phone: String,
    /// Address.
    pub address: String,
    /// A conflict about it waits for somebody.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub conflict: bool,
}

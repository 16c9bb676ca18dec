//! Suppliers and customers in one list: what is known of them, and which of them a conflict waits about.

use crate::{
    engine::Till,
    error::Result,
    refuse,
    views::{ContactView, ListContactsArgs},
};

impl Till {
    /// Suppliers or customers by words of their name; customers by the beginning of their number too.
    pub fn list_contacts(&self, args: &ListContactsArgs) -> Result<Vec<ContactView>> {
        let rows = match args.entity.as_str() {
            "supplier" => self.list_suppliers(&args.text, args.limit)?,
            "customer" => self.find_customers(&args.text, args.limit)?,
            _ => return refuse!("field_invalid", field: "entity"),
        };
        rows.into_iter().map(|row| Ok(serde_json::from_value(row)?)).collect()
    }
}

//! Suppliers. One name is one supplier, whatever its accents and its case.

use officine_protocol::{
    Uid,
    entities::{PRODUCT_SUPPLIER, SUPPLIER},
    roles::Permission,
};
use serde_json::Value as Json;

use super::offers;
use crate::{
    act::Act,
    editing::{self, Fields},
    engine::Till,
    error::Result,
    refuse,
    store::rows,
    views::Topic,
};

impl Till {
    /// Suppliers in whose name every word typed occurs.
    pub fn list_suppliers(&self, text: &str, limit: u32) -> Result<Vec<Json>> {
        self.session()?;
        self.store.read(|connection| editing::named(connection, &SUPPLIER, text, limit.clamp(1, 1_000)))
    }

    /// A new supplier. `supplier_exists` names the one there is.
    pub fn create_supplier(&self, fields: &Fields) -> Result<Json> {
        self.act_on(Permission::EditCatalogue, &SUPPLIER, Topic::Stock, |act, _| {
            let mut supplier = editing::newborn(act, &SUPPLIER, editing::read(&SUPPLIER, fields, &[])?);
            act.create(&SUPPLIER, &mut supplier)?;
            check(act, supplier.uid)
        })
    }

    /// Other fields of a supplier.
    pub fn edit_supplier(&self, uid: &str, fields: &Fields) -> Result<Json> {
        self.act_on(Permission::EditCatalogue, &SUPPLIER, Topic::Stock, |act, _| {
            let uid = editing::known(act.tx, &SUPPLIER, uid)?;
            act.update(&SUPPLIER, uid, editing::read(&SUPPLIER, fields, &[])?, vec![])?;
            check(act, uid)
        })
    }

    /// Archives a supplier and what it was known to offer. What was ordered from it stays as it is.
    pub fn archive_supplier(&self, uid: &str) -> Result<Json> {
        self.act_on(Permission::EditCatalogue, &SUPPLIER, Topic::Stock, |act, _| {
            let uid = editing::known(act.tx, &SUPPLIER, uid)?;
            for link in links_of(act, uid)? {
                offers::archive(act, link)?;
            }
            act.archive(&SUPPLIER, uid)?;
            Ok(uid)
        })
    }
}

fn check(act: &Act<'_>, uid: Uid) -> Result<Uid> {
    editing::check_named(act, &SUPPLIER, uid)?;
    match editing::twin(act.tx, &SUPPLIER, uid)? {
        Some(twin) => refuse!("supplier_exists", name: twin.get(&SUPPLIER, "name").text().unwrap_or_default()),
        None => Ok(uid),
    }
}

fn links_of(act: &Act<'_>, supplier: Uid) -> Result<Vec<Uid>> {
    let sql = format!(
        "SELECT l.uid FROM {} l JOIN supplier s ON s.id = l.supplier_id WHERE s.uid = ?1 AND l.archived_at IS NULL",
        PRODUCT_SUPPLIER.table
    );
    let mut statement = act.tx.prepare_cached(&sql)?;
    let found = statement.query_map([supplier.as_bytes()], |row| rows::read_uid(row, 0))?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

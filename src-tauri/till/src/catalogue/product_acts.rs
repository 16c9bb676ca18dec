//! Products created, edited and archived, and the units they are sold in.

use officine_protocol::{Uid, entities::PRODUCT, params, roles::Permission, value::Value};
use rusqlite::OptionalExtension;
use serde_json::Value as Json;

use super::{codes, index_follows, touch};
use crate::{
    act::Act,
    editing::{self, Fields},
    engine::Till,
    error::{Error, Result},
    refuse,
    store::rows,
    views::Topic,
};

/// A unit as it is asked for.
#[derive(Clone, Debug)]
pub struct NewUnit {
    /// `boîte`, `plaquette` …
    pub name: String,
    /// Base units in one.
    pub factor: i64,
    /// Francs; absent where nobody knows yet.
    pub price: Option<i64>,
}

impl NewUnit {
    fn row(&self, position: i64) -> Vec<Value> {
        vec![position.into(), self.name.trim().into(), self.factor.into(), self.price.into()]
    }
}

impl Till {
    /// A new product with its units, the default first (`boîte` of one where none is named), and its codes, which stand
    /// for that unit. `product_exists` where another has its name and one of its codes.
    pub fn create_product(&self, fields: &Fields, units: &[NewUnit], codes: &[String]) -> Result<Json> {
        self.on_product(Permission::EditProduct, |act| {
            let mut product = editing::newborn(act, &PRODUCT, editing::read(&PRODUCT, fields, &[])?);
            let default = [NewUnit { name: "boîte".to_owned(), factor: 1, price: None }];
            let units = if units.is_empty() { &default } else { units };
            check_units(units)?;
            let units = units.iter().enumerate().map(|(place, unit)| unit.row(place as i64)).collect();
            product.parts = vec![units, codes::rows(codes)?];
            act.create(&PRODUCT, &mut product)?;
            check(act, product.uid)
        })
    }

    /// Other fields of a product.
    pub fn edit_product(&self, uid: &str, fields: &Fields) -> Result<Json> {
        self.on_product(Permission::EditProduct, |act| {
            let uid = editing::known(act.tx, &PRODUCT, uid)?;
            act.update(&PRODUCT, uid, editing::read(&PRODUCT, fields, &[])?, vec![])?;
            check(act, uid)
        })
    }

    /// Archives a product, whatever is left of it: `stock` of the answer says how many base units.
    pub fn archive_product(&self, uid: &str) -> Result<Json> {
        let mut archived = self.on_product(Permission::EditProduct, |act| {
            let uid = editing::known(act.tx, &PRODUCT, uid)?;
            act.archive(&PRODUCT, uid).map(|_| uid)
        })?;
        archived["stock"] =
            self.store.read(|connection| stock(connection, editing::known(connection, &PRODUCT, uid)?))?.into();
        Ok(archived)
    }

    /// One more unit of a product.
    pub fn add_unit(&self, uid: &str, unit: &NewUnit) -> Result<Json> {
        self.on_product(Permission::EditProduct, |act| {
            let uid = editing::known(act.tx, &PRODUCT, uid)?;
            let mut units = act.living(&PRODUCT, uid)?.part(&PRODUCT, "units").to_vec();
            let position = units.iter().filter_map(|unit| unit[0].int()).max().map_or(0, |last| last + 1);
            if unit.price == Some(0) || unit.name.trim().is_empty() {
                return refuse!("field_invalid", field: "unit");
            }
            units.push(unit.row(position));
            put_units(act, uid, units)
        })
    }

    /// Another name for a unit, or another number of base units in it while nothing has moved: `unit_fixed` afterwards,
    /// for what is on the book was counted with it.
    pub fn edit_unit(&self, uid: &str, position: u32, name: Option<&str>, factor: Option<i64>) -> Result<Json> {
        self.on_product(Permission::EditProduct, |act| {
            let uid = editing::known(act.tx, &PRODUCT, uid)?;
            let product = act.living(&PRODUCT, uid)?;
            let mut units = product.part(&PRODUCT, "units").to_vec();
            let unknown = || Error::refused("field_invalid", params! { field: "unit" });
            let place = units.iter().position(|unit| unit[0] == i64::from(position).into()).ok_or_else(unknown)?;
            if let Some(factor) = factor.filter(|factor| units[place][2] != (*factor).into()) {
                if moved(act, uid)? {
                    let unit = units[place][1].text().unwrap_or_default();
                    let name = product.get(&PRODUCT, "name").text().unwrap_or_default();
                    return refuse!("unit_fixed", unit: unit, product: name, factor: units[place][2].int().unwrap_or(1));
                }
                units[place][2] = factor.into();
            }
            if let Some(name) = name {
                units[place][1] = name.trim().into();
            }
            put_units(act, uid, units)
        })
    }

    /// One act on a product; the search finds it as it is then.
    pub(super) fn on_product(
        &self,
        permission: Permission,
        act: impl FnOnce(&mut Act<'_>) -> Result<Uid>,
    ) -> Result<Json> {
        let mut reached = None;
        let view = self.act_on(permission, &PRODUCT, Topic::Stock, |begun, _| {
            let uid = act(begun)?;
            reached = rows::id_of(begun.tx, &PRODUCT, uid)?.zip(Some(touch(begun.tx)?));
            Ok(uid)
        })?;
        if let Some((id, version)) = reached {
            index_follows(self.reindex(version, &[id]));
        }
        self.changed(&[Topic::Cart]);
        Ok(view)
    }
}

fn check_units(units: &[NewUnit]) -> Result<()> {
    match units.iter().any(|unit| unit.name.trim().is_empty() || unit.price == Some(0)) {
        true => refuse!("field_invalid", field: "unit"),
        false => Ok(()),
    }
}

fn put_units(act: &mut Act<'_>, uid: Uid, units: Vec<Vec<Value>>) -> Result<Uid> {
    let names: std::collections::HashSet<_> = units.iter().map(|unit| unit[1].clone()).collect();
    if names.len() < units.len() || names.contains(&"".into()) {
        return refuse!("field_invalid", field: "unit");
    }
    act.update(&PRODUCT, uid, vec![], vec![("units", units)]).map(|_| uid)
}

/// Whether any lot of the product has ever moved.
fn moved(act: &Act<'_>, product: Uid) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM stock_movement m WHERE m.batch_id IN (SELECT b.id FROM product_batch b \
               JOIN product p ON p.id = b.product_id WHERE p.uid = ?1))";
    Ok(act.tx.prepare_cached(sql)?.query_row([product.as_bytes()], |row| row.get(0))?)
}

fn stock(connection: &rusqlite::Connection, product: Uid) -> Result<i64> {
    let sql = "SELECT coalesce(sum(b.quantity), 0) FROM product_batch b JOIN product p ON p.id = b.product_id \
               WHERE p.uid = ?1 AND b.archived_at IS NULL";
    Ok(connection.prepare_cached(sql)?.query_row([product.as_bytes()], |row| row.get(0))?)
}

/// Only a code makes two products of one name one product.
fn check(act: &Act<'_>, uid: Uid) -> Result<Uid> {
    editing::check_named(act, &PRODUCT, uid)?;
    let sql = "SELECT o.name, oc.code FROM product p JOIN product o ON o.name_fold = p.name_fold AND o.id <> p.id \
               JOIN product_code c ON c.product_id = p.id JOIN product_code oc ON oc.product_id = o.id AND oc.code = c.code \
               WHERE p.uid = ?1 AND o.archived_at IS NULL LIMIT 1";
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
    match act.tx.prepare_cached(sql)?.query_row([uid.as_bytes()], read).optional()? {
        Some((name, code)) => refuse!("product_exists", name: name, code: code),
        None => Ok(uid),
    }
}

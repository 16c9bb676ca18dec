//! Which suppliers offer a product, under which reference and at what cost. Exactly one of them is preferred.

use officine_protocol::{
    Uid,
    entities::{PRODUCT, PRODUCT_SUPPLIER, SUPPLIER},
    record::Record,
    roles::Permission,
};
use serde_json::Value as Json;

use crate::{
    act::Act,
    editing::{self, Fields},
    engine::Till,
    error::{Error, Result},
    store::rows,
    views::Topic,
};

impl Till {
    /// The offers of a product, the preferred one first.
    pub fn list_offers(&self, product: &str) -> Result<Vec<Json>> {
        self.session()?;
        let costs = self.sees_costs();
        self.store.read(|connection| {
            let product = editing::known(connection, &PRODUCT, product)?;
            let offers = of_product(connection, product)?;
            offers.iter().map(|offer| view(connection, offer.uid, costs)).collect()
        })
    }

    /// Notes or corrects what a supplier asks for a product. `preferred` takes that place from another; the first offer
    /// of a product is preferred whatever is said.
    pub fn set_offer(&self, product: &str, supplier: &str, fields: &Fields) -> Result<Json> {
        self.act_on(Permission::EditCatalogue, &PRODUCT_SUPPLIER, Topic::Stock, |act, _| {
            let product = living(act, &PRODUCT, product)?;
            let supplier = living(act, &SUPPLIER, supplier)?;
            let mut values = editing::read(&PRODUCT_SUPPLIER, fields, &["product", "supplier"])?;
            let wanted = values.iter().position(|(name, _)| *name == "preferred").map(|place| values.remove(place).1);
            let known = find(act, product, supplier)?;
            let uid = match known {
                Some(uid) => act.update(&PRODUCT_SUPPLIER, uid, values, vec![]).map(|_| uid)?,
                None => {
                    let mut offer = Record::new(&PRODUCT_SUPPLIER, act.mint(), act.now);
                    let first = of_product(act.tx, product)?.is_empty();
                    offer.set(&PRODUCT_SUPPLIER, "pack_size", 1).set(&PRODUCT_SUPPLIER, "preferred", first);
                    values.extend([("product", product.into()), ("supplier", supplier.into())]);
                    for (name, value) in values {
                        offer.set(&PRODUCT_SUPPLIER, name, value);
                    }
                    act.create(&PRODUCT_SUPPLIER, &mut offer).map(|_| offer.uid)?
                }
            };
            settle(act, product, wanted.map(|wanted| (uid, wanted == true.into())))?;
            Ok(uid)
        })
    }

    /// A supplier offers a product no more. Where it was the preferred one, the oldest of the others is.
    pub fn remove_offer(&self, product: &str, supplier: &str) -> Result<Json> {
        self.act_on(Permission::EditCatalogue, &PRODUCT_SUPPLIER, Topic::Stock, |act, _| {
            let product = editing::known(act.tx, &PRODUCT, product)?;
            let supplier = editing::known(act.tx, &SUPPLIER, supplier)?;
            let missing =
                || Error::refused("reference_missing", officine_protocol::params! { entity: "productSupplier" });
            let uid = find(act, product, supplier)?.ok_or_else(missing)?;
            archive(act, uid)?;
            Ok(uid)
        })
    }
}

/// An offer as it is shown; its cost only where it may be seen.
fn view(connection: &rusqlite::Connection, offer: Uid, costs: bool) -> Result<Json> {
    let mut view = editing::view(connection, &PRODUCT_SUPPLIER, offer)?;
    if !costs {
        view["packCost"] = Json::Null;
    }
    Ok(view)
}

/// Archives an offer; the preference goes to another.
pub fn archive(act: &mut Act<'_>, offer: Uid) -> Result<()> {
    let product = act.living(&PRODUCT_SUPPLIER, offer)?.get(&PRODUCT_SUPPLIER, "product").uid();
    act.archive(&PRODUCT_SUPPLIER, offer)?;
    match product {
        Some(product) => settle(act, product, None),
        None => Ok(()),
    }
}

fn living(act: &Act<'_>, entity: &'static officine_protocol::schema::Entity, text: &str) -> Result<Uid> {
    let uid = editing::known(act.tx, entity, text)?;
    act.living(entity, uid).map(|record| record.uid)
}

/// Leaves exactly one preferred: the one asked for, else the one there was, else the oldest.
pub fn settle(act: &mut Act<'_>, product: Uid, asked: Option<(Uid, bool)>) -> Result<()> {
    let offers: Vec<Uid> = of_product(act.tx, product)?.into_iter().map(|offer| offer.uid).collect();
    let chosen = match asked {
        Some((offer, true)) => Some(offer),
        Some((offer, false)) => offers.iter().copied().find(|other| *other != offer).or(Some(offer)),
        None => offers.first().copied(),
    };
    for offer in offers {
        let preferred = chosen == Some(offer);
        act.update(&PRODUCT_SUPPLIER, offer, vec![("preferred", preferred.into())], vec![])?;
    }
    Ok(())
}

/// Preferred first, then the oldest.
fn of_product(connection: &rusqlite::Connection, product: Uid) -> Result<Vec<Record>> {
    let sql = "SELECT l.uid FROM product_supplier l JOIN product p ON p.id = l.product_id WHERE p.uid = ?1 \
               AND l.archived_at IS NULL ORDER BY l.preferred DESC, l.id";
    let mut statement = connection.prepare_cached(sql)?;
    let uids = statement.query_map([product.as_bytes()], |row| rows::read_uid(row, 0))?;
    let uids = uids.collect::<rusqlite::Result<Vec<_>>>()?;
    let offers = uids.into_iter().map(|uid| rows::get(connection, &PRODUCT_SUPPLIER, uid));
    Ok(offers.collect::<Result<Vec<_>>>()?.into_iter().flatten().map(|(_, record)| record).collect())
}

fn find(act: &Act<'_>, product: Uid, supplier: Uid) -> Result<Option<Uid>> {
    let offers = of_product(act.tx, product)?;
    let same = |offer: &&Record| offer.get(&PRODUCT_SUPPLIER, "supplier").uid() == Some(supplier);
    Ok(offers.iter().find(same).map(|offer| offer.uid))
}

//! Products as the screens and the sale read them.

use std::collections::{HashMap, HashSet};

use officine_protocol::{
    Uid,
    date::Date,
    entities::{PRODUCT, PRODUCT_BATCH},
    fefo, params,
};
use rusqlite::Connection;

use super::lots::{self, StoredLot};
use crate::{
    conflicts::marks,
    error::{Error, Result},
    refuse,
    store::rows,
    views::{CodeView, LotView, ProductHit, ProductView, Standing, UnitView},
};

const SOON_DAYS: i64 = 90;

/// A product with its units.
#[derive(Clone, Debug)]
pub struct Product {
    /// Local key.
    pub id: i64,
    /// Identity.
    pub uid: Uid,
    /// Name.
    pub name: String,
    /// International name.
    pub dci: String,
    /// Form.
    pub form: String,
    /// Strength.
    pub strength: String,
    /// Maker.
    pub maker: String,
    /// Tax class.
    pub tax_class: String,
    /// First code, or empty.
    pub code: String,
    /// Units, the default first.
    pub units: Vec<UnitView>,
}

impl Product {
    /// Reads a product by local key.
    pub fn load(connection: &Connection, id: i64) -> Result<Self> {
        let missing = || Error::refused("reference_missing", params! { entity: PRODUCT.name, uid: "" });
        Self::load_many(connection, &[id])?.pop().ok_or_else(missing)
    }

    /// Reads products by local key, in the order given, in two queries.
    pub fn load_many(connection: &Connection, ids: &[i64]) -> Result<Vec<Self>> {
        let mut units = units(connection, ids)?;
        let sql = "SELECT p.id, p.uid, p.name, p.dci, p.form, p.strength, p.maker, p.tax_class, coalesce((SELECT c.code \
                   FROM product_code c WHERE c.product_id = p.id ORDER BY c.position LIMIT 1), '') \
                   FROM json_each(?1) j CROSS JOIN product p ON p.id = j.value ORDER BY j.key";
        let mut statement = connection.prepare_cached(sql)?;
        let rows = statement.query_map([lots::keys(ids)], |row| {
            let id = row.get(0)?;
            Ok(Self {
                id,
                uid: rows::read_uid(row, 1)?,
                name: row.get(2)?,
                dci: row.get(3)?,
                form: row.get(4)?,
                strength: row.get(5)?,
                maker: row.get(6)?,
                tax_class: row.get(7)?,
                code: row.get(8)?,
                units: units.remove(&id).unwrap_or_default(),
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Reads a product by uid, as commands name it.
    pub fn by_uid(connection: &Connection, uid: &str) -> Result<Self> {
        let id = Uid::try_parse(uid).ok().map(|uid| rows::id_of(connection, &PRODUCT, uid)).transpose()?.flatten();
        let missing = || Error::refused("reference_missing", params! { entity: PRODUCT.name, uid: uid });
        Self::load(connection, id.ok_or_else(missing)?)
    }

    /// Reads a product that is not archived: nothing is ordered, received or counted of another.
    pub fn living(connection: &Connection, uid: &str) -> Result<Self> {
        let product = Self::by_uid(connection, uid)?;
        let sql = "SELECT archived_at IS NOT NULL FROM product WHERE id = ?1";
        match connection.prepare_cached(sql)?.query_row([product.id], |row| row.get(0))? {
            true => refuse!("row_archived", entity: PRODUCT.name),
            false => Ok(product),
        }
    }

    /// The unit at a position, or the default one.
    pub fn unit(&self, position: Option<u32>) -> Option<&UnitView> {
        match position {
            Some(position) => self.units.iter().find(|unit| unit.position == position),
            None => self.units.first(),
        }
    }

    /// Form and DCI, for the second reading.
    pub fn detail(&self) -> String {
        let parts = [self.form.as_str(), self.dci.as_str()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
    }

    /// A quantity in default units; one that is begun counts whole.
    pub fn boxes(&self, quantity: i64) -> i64 {
        let factor = self.units.first().map_or(1, |unit| unit.factor.max(1));
        quantity / factor + i64::from(quantity % factor > 0)
    }

    /// Francs for a quantity at the price of the default unit, rounded half up; none without a price.
    pub fn price_of(&self, quantity: i64) -> Option<i64> {
        let unit = self.units.first()?;
        let (price, factor) = (i128::from(unit.price?), i128::from(unit.factor.max(1)));
        i64::try_from((2 * price * i128::from(quantity) + factor) / (2 * factor)).ok()
    }

    /// A quantity in the largest units: `38 bt + 4 pl`; a plain number where whole default units make it up.
    pub fn quantity_text(&self, quantity: i64) -> String {
        let default = self.units.first().map_or(1, |unit| unit.factor);
        if default > 0 && quantity % default == 0 {
            return (quantity / default).to_string();
        }
        let (sign, mut rest) = (if quantity < 0 { "−" } else { "" }, quantity.abs());
        let mut sizes: Vec<_> = self.units.iter().filter(|unit| unit.factor > 0).collect();
        sizes.sort_by_key(|unit| std::cmp::Reverse(unit.factor));
        let mut parts = Vec::new();
        for unit in sizes {
            if rest >= unit.factor {
                parts.push(format!("{} {}", rest / unit.factor, short(&unit.name)));
                rest %= unit.factor;
            }
        }
        if rest > 0 {
            parts.push(rest.to_string());
        }
        format!("{sign}{}", parts.join(" + "))
    }
}

fn short(unit: &str) -> &str {
    match unit {
        "boîte" => "bt",
        "plaquette" => "pl",
        "comprimé" => "cp",
        "gélule" => "gél.",
        "flacon" => "fl.",
        "ampoule" => "amp.",
        other => other,
    }
}

fn units(connection: &Connection, products: &[i64]) -> Result<HashMap<i64, Vec<UnitView>>> {
    let sql = "SELECT u.product_id, u.position, u.name, u.factor, u.price FROM json_each(?1) j \
               CROSS JOIN product_unit u ON u.product_id = j.value ORDER BY u.product_id, u.position";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([lots::keys(products)])?;
    let mut units: HashMap<i64, Vec<UnitView>> = HashMap::new();
    while let Some(row) = rows.next()? {
        let unit = UnitView { position: row.get(1)?, name: row.get(2)?, factor: row.get(3)?, price: row.get(4)? };
        units.entry(row.get(0)?).or_default().push(unit);
    }
    Ok(units)
}

/// Local keys of the products that have a code, and the unit it stands for.
pub fn by_code(connection: &Connection, code: &str) -> Result<Vec<(i64, u32)>> {
    let sql = "SELECT c.product_id, c.unit FROM product_code c JOIN product p ON p.id = c.product_id \
               WHERE c.code = ?1 AND p.archived_at IS NULL ORDER BY c.product_id";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([code], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Products as lists show them, in the order given.
pub fn hits(connection: &Connection, ids: &[i64], today: Date) -> Result<Vec<ProductHit>> {
    let stored = lots::of_products(connection, ids)?;
    let products = Product::load_many(connection, ids)?;
    let lots_of = |product: &Product| stored.get(&product.id).map_or(&[][..], Vec::as_slice);
    let marked = marked(connection, &products)?;
    let hit = |product: &Product| {
        let conflict = marked.contains(&product.uid);
        ProductHit { conflict, ..describe(product, lots_of(product), today) }
    };
    Ok(products.iter().map(hit).collect())
}

/// Those about which a conflict waits.
fn marked(connection: &Connection, products: &[Product]) -> Result<HashSet<Uid>> {
    let uids: Vec<Uid> = products.iter().map(|product| product.uid).collect();
    marks::among(connection, &PRODUCT, &uids)
}

fn describe(product: &Product, stored: &[StoredLot], today: Date) -> ProductHit {
    let rule = lots::rule_view(stored);
    let order = fefo::order(&rule, today);
    let sellable: i64 = order.iter().map(|i| rule[*i].quantity).sum();
    let first = order.first().map(|i| &stored[*i]);
    let withheld = || {
        stored.iter().filter(|lot| lot.lot.quantity > 0).min_by_key(|lot| (lot.lot.expiry.is_none(), lot.lot.expiry))
    };
    let days_left = first.or_else(withheld).and_then(|lot| lot.lot.expiry).map(|expiry| expiry.days_from(today));
    let unit =
        product.units.first().cloned().unwrap_or(UnitView { position: 0, name: String::new(), factor: 1, price: None });
    let standing = match (sellable > 0, stored.iter().any(|lot| lot.lot.quantity > 0)) {
        (false, true) => Standing::Withheld,
        (false, false) => Standing::OutOfStock,
        (true, _) if unit.price.is_none() => Standing::Unpriced,
        (true, _) if days_left.is_some_and(|days| days <= SOON_DAYS) => Standing::ExpiringSoon,
        (true, _) => Standing::Sellable,
    };
    ProductHit {
        uid: product.uid.to_string(),
        name: product.name.clone(),
        detail: product.detail(),
        code: product.code.clone(),
        unit,
        sellable,
        sellable_text: product.quantity_text(sellable),
        lot_number: first.map(|lot| lot.number.clone()).unwrap_or_default(),
        expiry: first.and_then(StoredLot::expiry_text),
        days_left,
        standing,
        conflict: false,
    }
}

/// A product, whole.
pub fn view(connection: &Connection, uid: &str, today: Date) -> Result<ProductView> {
    let product = Product::by_uid(connection, uid)?;
    let mut stored = lots::of_product(connection, product.id)?;
    let conflict = marks::has(connection, &PRODUCT, product.uid)?;
    let hit = ProductHit { conflict, ..describe(&product, &stored, today) };
    let lots: Vec<Uid> = stored.iter().map(StoredLot::uid).collect();
    let marked = marks::among(connection, &PRODUCT_BATCH, &lots)?;
    stored.sort_by_key(|lot| {
        let withheld = lot.lot.withheld(today).is_some() || lot.lot.quantity <= 0;
        (withheld, lot.lot.expiry.is_none(), lot.lot.expiry, lot.lot.received_at, lot.lot.uid)
    });
    Ok(ProductView {
        lots: stored
            .iter()
            .map(|lot| LotView { conflict: marked.contains(&lot.uid()), ..lot_view(&product, lot, today) })
            .collect(),
        codes: codes(connection, &product)?,
        hit,
        dci: product.dci,
        form: product.form,
        strength: product.strength,
        maker: product.maker,
        units: product.units,
    })
}

fn lot_view(product: &Product, stored: &StoredLot, today: Date) -> LotView {
    LotView {
        uid: stored.uid().to_string(),
        lot_number: stored.number.clone(),
        expiry: stored.expiry_text(),
        days_left: stored.lot.expiry.map(|expiry| expiry.days_from(today)),
        quantity: stored.lot.quantity,
        quantity_text: product.quantity_text(stored.lot.quantity),
        blocked: stored.blocked_reason.clone(),
        recount_open: stored.recount_open,
        quarantine: stored.quarantine,
        supplier: stored.supplier.clone(),
        conflict: false,
    }
}

fn codes(connection: &Connection, product: &Product) -> Result<Vec<CodeView>> {
    let sql = "SELECT code, kind, unit FROM product_code WHERE product_id = ?1 ORDER BY position";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([product.id], |row| {
        let unit = product.unit(Some(row.get(2)?)).map(|unit| unit.name.clone()).unwrap_or_default();
        Ok(CodeView { code: row.get(0)?, kind: row.get(1)?, unit })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

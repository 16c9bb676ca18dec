//! The catalogue: products, codes, prices, and how they are found.

pub mod apply_import;
pub mod codes;
pub mod lot_acts;
pub mod lots;
pub mod matching;
pub mod offers;
pub mod product_acts;
pub mod products;
pub mod quarantine;
pub mod recalled;
pub mod recalls;
pub mod requests;
pub mod search;
pub mod stocking;
pub mod suppliers;

use std::collections::HashMap;

use officine_protocol::{
    Uid, entities::PRODUCT, limits::CODE_CHARS, limits::LARGEST, params, roles::Permission, value::Value,
};
use rusqlite::Connection;

use crate::{
    act::Act,
    engine::Till,
    error::{Error, Result},
    refuse, settings,
    store::rows,
    views::{ListProductsArgs, ProductHit, ProductView, ProductsPage, SearchArgs, SetPriceArgs, Standing, Topic},
};
use products::Product;
use search::Entry;

const VERSION: &str = "catalogueVersion";
/// How many matches are looked at before those that can be sold are put first.
const LOOKED_AT: usize = 60;
/// A change of more products than this rebuilds the index.
const INCREMENTAL: usize = 500;

/// Marks the catalogue as changed, in the transaction that changes it.
pub fn touch(connection: &Connection) -> Result<i64> {
    let version = version(connection)? + 1;
    settings::set_local(connection, VERSION, &version.to_string())?;
    Ok(version)
}

fn version(connection: &Connection) -> Result<i64> {
    Ok(settings::local(connection, VERSION)?.and_then(|text| text.parse().ok()).unwrap_or(0))
}

impl Till {
    /// Products in which every word typed begins a word; what can be sold comes first.
    pub fn search_products(&self, args: &SearchArgs) -> Result<Vec<ProductHit>> {
        let limit = args.limit.clamp(1, 50) as usize;
        let mut ids = self.search.find(&args.text, LOOKED_AT.max(limit))?;
        let today = self.today();
        self.store.read(|connection| {
            let sellable = lots::sellable(connection, &ids, today)?;
            search::sellable_first(&mut ids, |id| sellable.contains(id));
            ids.truncate(limit);
            products::hits(connection, &ids, today)
        })
    }

    /// The products that have a code, as a scan would find them.
    pub fn find_code(&self, code: &str) -> Result<Vec<ProductHit>> {
        let length = code.chars().count();
        if length > CODE_CHARS {
            return refuse!("code_too_long", length: length, max: CODE_CHARS);
        }
        let scan = officine_protocol::gs1::read(code, self.today());
        let ids = self.store.read(|connection| {
            for code in &scan.candidates {
                let found = products::by_code(connection, code)?;
                if !found.is_empty() {
                    return Ok(found.into_iter().map(|(id, _)| id).collect());
                }
            }
            Ok(Vec::new())
        })?;
        self.hits(&ids)
    }

    pub(crate) fn hits(&self, ids: &[i64]) -> Result<Vec<ProductHit>> {
        let today = self.today();
        self.store.read(|connection| products::hits(connection, ids, today))
    }

    /// How many products the index alone finds for what is typed: what the bench measures beside the whole.
    pub fn find_in_index(&self, text: &str, limit: usize) -> Result<usize> {
        Ok(self.search.find(text, limit)?.len())
    }

    /// A page of products: all by name, or those that match.
    pub fn list_products(&self, args: &ListProductsArgs) -> Result<ProductsPage> {
        let (offset, limit) = (args.offset as usize, args.limit.clamp(1, 200) as usize);
        let mut ids = match args.text.trim() {
            "" => self.store.read(ids_by_name)?,
            text => self.search.find(text, 5_000)?,
        };
        if let Some(standing) = args.standing {
            let today = self.today();
            ids = self.store.read(|connection| of_standing(connection, &ids, standing, today))?;
        }
        let total = ids.len() as u32;
        let page: Vec<i64> = ids.into_iter().skip(offset).take(limit).collect();
        Ok(ProductsPage { rows: self.hits(&page)?, total })
    }

    /// A product, whole.
    pub fn product(&self, uid: &str) -> Result<ProductView> {
        let today = self.today();
        self.store.read(|connection| products::view(connection, uid, today))
    }

    /// Sets the price of a unit.
    pub fn set_price(&self, args: &SetPriceArgs) -> Result<ProductView> {
        let session = self.allow(Permission::SetPrice)?;
        let product = self.store.read(|connection| Product::by_uid(connection, &args.product))?;
        self.act(Some(session.user), |act| set_unit_price(act, product.uid, args.unit, args.price))?;
        self.changed(&[Topic::Stock, Topic::Cart, Topic::Sync]);
        self.product(&args.product)
    }

    /// Brings the index up to date with products that changed.
    pub(crate) fn reindex(&self, version: i64, ids: &[i64]) -> Result<()> {
        if ids.len() > INCREMENTAL || self.search.version()?.is_none() {
            return self.refresh_search();
        }
        let entries =
            self.store.read(|connection| ids.iter().map(|id| entry(connection, *id)).collect::<Result<Vec<_>>>())?;
        self.search.update(version, &entries)
    }

    /// Rebuilds the index if it is not that of today's catalogue.
    pub fn refresh_search(&self) -> Result<()> {
        let current = self.store.read(version)?;
        if self.search.version()? == Some(current) {
            return Ok(());
        }
        let entries = self.store.read(all_entries)?;
        self.search.rebuild(current, entries)
    }
}

/// Sets the price of a unit, for whoever may.
pub(crate) fn set_unit_price(act: &mut Act<'_>, product: Uid, unit: u32, price: i64) -> Result<bool> {
    if !(1..=LARGEST).contains(&price) {
        return refuse!("price_invalid", value: price);
    }
    let found = rows::get(act.tx, &PRODUCT, product)?;
    let (_, record) = found.ok_or_else(|| Error::refused("reference_missing", params! { entity: "product" }))?;
    let mut units = record.part(&PRODUCT, "units").to_vec();
    let named = units.iter_mut().find(|row| row[0] == Value::Int(i64::from(unit)));
    let named = named.ok_or_else(|| Error::refused("field_invalid", params! { field: "unit" }))?;
    named[3] = Value::Int(price);
    act.update(&PRODUCT, product, vec![], vec![("units", units)])
}

/// What the index describes is on the disk already: an index that cannot follow now is rebuilt at the next start.
pub(crate) fn index_follows(done: Result<()>) {
    if let Err(error) = done {
        tracing::warn!(%error, "the search index lags behind");
    }
}

fn ids_by_name(connection: &Connection) -> Result<Vec<i64>> {
    let mut statement =
        connection.prepare_cached("SELECT id FROM product WHERE archived_at IS NULL ORDER BY name_fold, id")?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn of_standing(
    connection: &Connection,
    ids: &[i64],
    standing: Standing,
    today: officine_protocol::date::Date,
) -> Result<Vec<i64>> {
    let hits = products::hits(connection, ids, today)?;
    Ok(ids.iter().zip(hits).filter(|(_, hit)| hit.standing == standing).map(|(id, _)| *id).collect())
}

const TEXT: &str = "SELECT p.id, p.name || ' ' || p.dci || ' ' || p.form, \
    coalesce((SELECT group_concat(c.code, ' ') FROM product_code c WHERE c.product_id = p.id), ''), p.name_fold, \
    p.archived_at IS NOT NULL FROM product p";

fn with_cip7(text: String, codes: &str) -> String {
    let short: Vec<_> = codes.split(' ').filter_map(search::cip7).collect();
    format!("{text} {codes} {}", short.join(" "))
}

/// An archived product has no word by which it is found.
fn entry(connection: &Connection, id: i64) -> Result<Entry> {
    let mut statement = connection.prepare_cached(&format!("{TEXT} WHERE p.id = ?1"))?;
    Ok(statement.query_row([id], |row| {
        if row.get(4)? {
            return Ok(Entry { product: row.get(0)?, text: String::new() });
        }
        let codes: String = row.get(2)?;
        Ok(Entry { product: row.get(0)?, text: with_cip7(row.get(1)?, &codes) })
    })?)
}

/// Every product in the order lists want: often sold first, then by name.
fn all_entries(connection: &Connection) -> Result<Vec<Entry>> {
    let mut sold: HashMap<i64, i64> = HashMap::new();
    let mut statement = connection.prepare("SELECT product_id, count(*) FROM sale_item GROUP BY product_id")?;
    for row in statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))? {
        let (product, count) = row?;
        sold.insert(product, count);
    }
    let mut texts = HashMap::new();
    let mut order = Vec::new();
    let mut statement = connection.prepare(&format!("{TEXT} WHERE p.archived_at IS NULL"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (id, codes): (i64, String) = (row.get(0)?, row.get(2)?);
        texts.insert(id, with_cip7(row.get(1)?, &codes));
        order.push((id, row.get::<_, String>(3)?));
    }
    search::by_popularity(&mut order, &sold);
    Ok(order
        .into_iter()
        .filter_map(|(product, _)| texts.remove(&product).map(|text| Entry { product, text }))
        .collect())
}

//! The codes by which a product is scanned: attached, removed, moved to another product, minted in the shop.

use officine_protocol::{
    Uid, entities::PRODUCT, limits::CODE_CHARS, params, record::Record, roles::Permission, value::Value,
};
use serde_json::Value as Json;

use super::products::Product;
use crate::{
    act::Act,
    editing,
    engine::Till,
    error::{Error, Result},
    import::barcode,
    refuse,
    views::{AttachCodeArgs, ProductView},
};

/// Characters of a code, as declared.
const LONGEST: usize = 64;
/// GS1 leaves 20 to 29 to the shops; those minted here begin with 21, then the till's series, then a number.
const MINTED: &str = "21";
/// Codes of one series.
const NUMBERS: i64 = 1_000_000;

impl Till {
    /// Attaches an unknown code to a product found by name.
    pub fn attach_code(&self, args: &AttachCodeArgs) -> Result<ProductView> {
        self.on_product(Permission::AttachCode, |act| {
            let code = checked(&args.code)?;
            let product = Product::by_uid(act.tx, &args.product)?;
            let unit = product.unit(args.unit).map_or(0, |unit| i64::from(unit.position));
            add(act, product.uid, &code, unit).map(|()| product.uid)
        })?;
        self.product(&args.product)
    }

    /// A product is no longer found by that code.
    pub fn remove_code(&self, product: &str, code: &str) -> Result<Json> {
        self.on_product(Permission::EditProduct, |act| {
            let uid = editing::known(act.tx, &PRODUCT, product)?;
            remove(act, uid, code.trim()).map(|_| uid)
        })
    }

    /// A code goes from one product to another, where it stands for the default unit.
    pub fn move_code(&self, from: &str, to: &str, code: &str) -> Result<Json> {
        let left = self.store.read(|connection| Ok(Product::by_uid(connection, from)?.id))?;
        let moved = self.on_product(Permission::EditProduct, |act| {
            let (from, to) = (editing::known(act.tx, &PRODUCT, from)?, Product::by_uid(act.tx, to)?);
            remove(act, from, code.trim())?;
            add(act, to.uid, code.trim(), to.unit(None).map_or(0, |unit| i64::from(unit.position)))?;
            Ok(to.uid)
        })?;
        let version = self.store.read(super::version)?;
        super::index_follows(self.reindex(version, &[left]));
        Ok(moved)
    }

    /// Mints a code for a unit of a product that has none: an EAN-13 that no other till of the pharmacy can mint.
    pub fn mint_code(&self, product: &str, unit: Option<u32>) -> Result<Json> {
        self.device()?;
        self.on_product(Permission::EditCatalogue, |act| {
            let product = Product::by_uid(act.tx, product)?;
            let unit = product.unit(unit).map_or(0, |unit| i64::from(unit.position));
            let code = next(act)?;
            add(act, product.uid, &code, unit).map(|()| product.uid)
        })
    }
}

/// Codes of a new product, all of its default unit.
pub fn rows(codes: &[String]) -> Result<Vec<Vec<Value>>> {
    let mut distinct: Vec<String> = Vec::new();
    for code in codes {
        let code = checked(code)?;
        if !distinct.contains(&code) {
            distinct.push(code);
        }
    }
    Ok(distinct.iter().enumerate().map(|(place, code)| row(place as i64, code, 0)).collect())
}

fn row(position: i64, code: &str, unit: i64) -> Vec<Value> {
    vec![position.into(), code.into(), barcode::kind(code).into(), unit.into(), Value::Null]
}

fn checked(code: &str) -> Result<String> {
    let code = code.trim().to_owned();
    let length = code.chars().count();
    if code.is_empty() || length > LONGEST || length > CODE_CHARS {
        return refuse!("code_too_long", length: length, max: LONGEST);
    }
    Ok(code)
}

fn add(act: &mut Act<'_>, product: Uid, code: &str, unit: i64) -> Result<()> {
    let mut codes = act.living(&PRODUCT, product)?.part(&PRODUCT, "codes").to_vec();
    if codes.iter().any(|row| row[1].text() == Some(code)) {
        return Ok(());
    }
    let taken = |position: &i64| codes.iter().any(|row| row[0] == (*position).into());
    let free = (0..).find(|position| !taken(position)).unwrap_or(0);
    codes.push(row(free, code, unit));
    act.update(&PRODUCT, product, vec![], vec![("codes", codes)]).map(|_| ())
}

fn remove(act: &mut Act<'_>, product: Uid, code: &str) -> Result<Record> {
    let record = act.living(&PRODUCT, product)?;
    let mut codes = record.part(&PRODUCT, "codes").to_vec();
    let before = codes.len();
    codes.retain(|row| row[1].text() != Some(code));
    if codes.len() == before {
        return Err(Error::refused("code_unknown", params! { code: code }));
    }
    act.update(&PRODUCT, product, vec![], vec![("codes", codes)])?;
    Ok(record)
}

/// The next number of this till's series: one more than the highest known, archived products included.
fn next(act: &Act<'_>) -> Result<String> {
    let series = act.state.series;
    let prefix = format!("{MINTED}{series:04}");
    let sql = "SELECT coalesce(max(CAST(substr(code, 7, 6) AS INTEGER)), 0) FROM product_code \
               WHERE code >= ?1 AND code < ?1 || ':' AND length(code) = 13";
    let last: i64 = act.tx.prepare_cached(sql)?.query_row([&prefix], |row| row.get(0))?;
    let known = crate::settings::local(act.tx, "lastMintedCode")?.and_then(|text| text.parse().ok()).unwrap_or(0);
    let number = last.max(known) + 1;
    let digits = format!("{prefix}{number:06}");
    match barcode::ean13_check_digit(&digits) {
        Some(check) if number < NUMBERS => {
            crate::settings::set_local(act.tx, "lastMintedCode", &number.to_string())?;
            Ok(format!("{digits}{check}"))
        }
        _ => refuse!("codes_exhausted", series: series),
    }
}

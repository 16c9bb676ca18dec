//! Which product a row of a file means, and what it says differently from the book.

use officine_protocol::{Uid, entities::PRODUCT, fold::fold, params, record::Record, value::Value};
use rusqlite::{Connection, OptionalExtension};

use super::{products, stocking::NewProduct};
use crate::{
    error::{Error, Result},
    import::StagedProduct,
    store::rows,
};

const PACK: &str = "boîte";
const BASE: &str = "unité";

/// The product a row means: the one with its code; without codes, the one with its name, form and strength.
pub fn find(connection: &Connection, staged: &StagedProduct) -> Result<Option<(Uid, i64)>> {
    let identity = |id: i64| -> Result<(Uid, i64)> {
        let sql = "SELECT uid FROM product WHERE id = ?1";
        Ok((connection.prepare_cached(sql)?.query_row([id], |row| rows::read_uid(row, 0))?, id))
    };
    for (code, _) in &staged.codes {
        if let Some((id, _)) = products::by_code(connection, code)?.first() {
            return identity(*id).map(Some);
        }
    }
    if !staged.codes.is_empty() {
        return Ok(None);
    }
    let sql =
        "SELECT id FROM product WHERE name_fold = ?1 AND form = ?2 AND strength = ?3 AND archived_at IS NULL LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    let found =
        statement.query_row((fold(&staged.name), &staged.form, &staged.strength), |row| row.get(0)).optional()?;
    found.map(identity).transpose()
}

/// A row as a product that is not on the book yet.
pub fn new_product(staged: &StagedProduct) -> NewProduct {
    let mut units = vec![(PACK.to_owned(), staged.units_per_pack, staged.price)];
    if staged.units_per_pack > 1 {
        units.push((BASE.to_owned(), 1, None));
    }
    NewProduct {
        name: staged.name.clone(),
        dci: staged.dci.clone(),
        form: staged.form.clone(),
        strength: staged.strength.clone(),
        maker: staged.maker.clone(),
        min_stock: 0,
        units,
        codes: staged.codes.iter().map(|(code, kind)| (code.clone(), *kind, 0)).collect(),
    }
}

/// Changed columns, and parts that change whole.
pub type Differences = (Vec<(&'static str, Value)>, Vec<(&'static str, Vec<Vec<Value>>)>);

/// What a row says differently from the book. Blank cells say nothing; a known pack size is never changed.
pub fn differences(connection: &Connection, uid: Uid, staged: &StagedProduct) -> Result<Differences> {
    let missing = || Error::refused("reference_missing", params! { entity: "product", uid: uid.to_string() });
    let (_, known) = rows::get(connection, &PRODUCT, uid)?.ok_or_else(missing)?;
    let texts = [
        ("name", &staged.name),
        ("dci", &staged.dci),
        ("form", &staged.form),
        ("strength", &staged.strength),
        ("maker", &staged.maker),
    ];
    let stated =
        texts.into_iter().filter(|(column, text)| !text.is_empty() && known.get(&PRODUCT, column).text() != Some(text));
    let values = stated.map(|(column, text)| (column, Value::from(text.as_str()))).collect();
    let mut parts = Vec::new();
    if let Some(units) = repriced(&known, staged.price) {
        parts.push(("units", units));
    }
    if let Some(codes) = more_codes(&known, staged) {
        parts.push(("codes", codes));
    }
    Ok((values, parts))
}

fn repriced(known: &Record, price: Option<i64>) -> Option<Vec<Vec<Value>>> {
    let price = Value::Int(price?);
    let mut units = known.part(&PRODUCT, "units").to_vec();
    let first = units.first_mut().filter(|unit| unit[3] != price)?;
    first[3] = price;
    Some(units)
}

fn more_codes(known: &Record, staged: &StagedProduct) -> Option<Vec<Vec<Value>>> {
    let mut codes = known.part(&PRODUCT, "codes").to_vec();
    let before = codes.len();
    for (code, kind) in &staged.codes {
        let free = codes.len() < PRODUCT.parts[1].max_rows;
        if free && !codes.iter().any(|row| row[1].text() == Some(code)) {
            let position = codes.iter().filter_map(|row| row[0].int()).max().map_or(0, |last| last + 1);
            codes.push(vec![position.into(), code.as_str().into(), (*kind).into(), Value::Int(0), Value::Null]);
        }
    }
    (codes.len() > before).then_some(codes)
}

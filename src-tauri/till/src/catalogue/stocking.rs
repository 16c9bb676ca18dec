//! Products, suppliers and opening stock put on the book: what an import and a demo have in common.

use std::collections::HashMap;

use officine_protocol::{
    Uid,
    entities::{PRODUCT, PRODUCT_BATCH, STOCK_ADJUSTMENT, SUPPLIER},
    fold::{fold, fold_lot},
    record::Record,
    value::Value,
};
use rusqlite::{Connection, OptionalExtension};

use super::lots;
use crate::{
    act::Act,
    error::Result,
    store::{ledger::Movement, rows},
};

/// Lines of one opening document.
const LINES: usize = 400;

/// A product to be put on the book.
#[derive(Clone, Debug, Default)]
pub struct NewProduct {
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
    /// Base units below which to order.
    pub min_stock: i64,
    /// Name, base units in one, price; the default first.
    pub units: Vec<(String, i64, Option<i64>)>,
    /// Code, kind, position of its unit.
    pub codes: Vec<(String, &'static str, i64)>,
}

/// A lot to be put on the book.
#[derive(Clone, Debug)]
pub struct NewLot {
    /// Empty for the nameless lot.
    pub number: String,
    /// `yyyymmdd`.
    pub expiry: Option<i64>,
    /// Base units.
    pub quantity: i64,
    /// Francs for a pack.
    pub pack_cost: Option<i64>,
    /// Base units in it.
    pub pack_size: i64,
    /// Who delivered it.
    pub supplier: Option<Uid>,
    /// When.
    pub received_at: i64,
    /// Why it may not be sold.
    pub blocked: Option<String>,
}

/// Puts opening stock on the book, in documents of bounded length.
#[derive(Default)]
pub struct Opening {
    movements: Vec<Movement>,
    /// Lots opened so far.
    pub lots: u32,
    suppliers: HashMap<String, Uid>,
}

impl NewProduct {
    /// Creates it. Gives its identity and local key.
    pub fn create(&self, act: &mut Act<'_>) -> Result<(Uid, i64)> {
        let mut product = Record::new(&PRODUCT, act.mint(), act.now);
        let texts = [
            ("name", &self.name),
            ("dci", &self.dci),
            ("form", &self.form),
            ("strength", &self.strength),
            ("maker", &self.maker),
        ];
        for (column, text) in texts {
            product.set(&PRODUCT, column, text.as_str());
        }
        product.set(&PRODUCT, "min_stock", self.min_stock);
        let units = self.units.iter().enumerate();
        let units = units.map(|(place, (name, factor, price))| {
            vec![(place as i64).into(), name.as_str().into(), (*factor).into(), (*price).into()]
        });
        let codes = self.codes.iter().take(PRODUCT.parts[1].max_rows).enumerate();
        let codes = codes.map(|(place, (code, kind, unit))| {
            vec![(place as i64).into(), code.as_str().into(), (*kind).into(), (*unit).into(), Value::Null]
        });
        product.parts = vec![units.collect(), codes.collect()];
        let id = act.create(&PRODUCT, &mut product)?;
        Ok((product.uid, id))
    }
}

/// Whether a product has a lot of that name, however it is typed: one that is archived is no more, and one in
/// quarantine is another.
pub fn is_known(connection: &Connection, product: i64, number: &str, expiry: Option<i64>) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM product_batch WHERE product_id = ?1 AND lot_fold = ?2 \
               AND expiry IS ?3 AND quarantine = 0 AND archived_at IS NULL)";
    Ok(connection.prepare_cached(sql)?.query_row((product, fold_lot(number), expiry), |row| row.get(0))?)
}

impl Opening {
    /// The supplier of that name, created if there is none.
    pub fn supplier(&mut self, act: &mut Act<'_>, name: &str, phone: &str, address: &str) -> Result<Uid> {
        let folded = fold(name);
        if let Some(uid) = self.suppliers.get(&folded) {
            return Ok(*uid);
        }
        let sql = "SELECT uid FROM supplier WHERE name_fold = ?1 AND archived_at IS NULL ORDER BY id LIMIT 1";
        let known = act.tx.prepare_cached(sql)?.query_row([&folded], |row| rows::read_uid(row, 0)).optional()?;
        let uid = match known {
            Some(uid) => uid,
            None => {
                let mut supplier = Record::new(&SUPPLIER, act.mint(), act.now);
                supplier.set(&SUPPLIER, "name", name).set(&SUPPLIER, "phone", phone).set(&SUPPLIER, "address", address);
                act.create(&SUPPLIER, &mut supplier)?;
                supplier.uid
            }
        };
        self.suppliers.insert(folded, uid);
        Ok(uid)
    }

    /// Opens a lot of a product, unless it has that lot already.
    pub fn lot(&mut self, act: &mut Act<'_>, product: Uid, product_id: i64, lot: &NewLot) -> Result<bool> {
        if is_known(act.tx, product_id, &lot.number, lot.expiry)? {
            return Ok(false);
        }
        let mut batch = Record::new(&PRODUCT_BATCH, act.mint(), act.now);
        batch.set(&PRODUCT_BATCH, "product", product).set(&PRODUCT_BATCH, "lot_number", lot.number.as_str());
        batch.set(&PRODUCT_BATCH, "expiry", lot.expiry).set(&PRODUCT_BATCH, "supplier", lot.supplier);
        batch.set(&PRODUCT_BATCH, "pack_cost", lot.pack_cost).set(&PRODUCT_BATCH, "pack_size", lot.pack_size);
        batch.set(&PRODUCT_BATCH, "received_at", lot.received_at).set(
            &PRODUCT_BATCH,
            "blocked_reason",
            lot.blocked.clone(),
        );
        act.create(&PRODUCT_BATCH, &mut batch)?;
        self.lots += 1;
        let movement = Movement {
            line: self.movements.len() as i64 + 1,
            step: 0,
            batch: batch.uid,
            delta: lot.quantity,
            source: "opening".to_owned(),
            lot_number: lot.number.clone(),
            expiry: lot.expiry,
            cost: lot.pack_cost.and_then(|pack| lots::cost(pack, lot.pack_size, lot.quantity)),
            reason: None,
        };
        self.movements.push(movement);
        if self.movements.len() == LINES { self.close(act).map(|()| true) } else { Ok(true) }
    }

    /// Writes the document of what was opened since the last.
    pub fn close(&mut self, act: &mut Act<'_>) -> Result<()> {
        if self.movements.is_empty() {
            return Ok(());
        }
        let mut document = Record::new(&STOCK_ADJUSTMENT, act.mint(), act.now);
        document.set(&STOCK_ADJUSTMENT, "kind", "opening").set(&STOCK_ADJUSTMENT, "user", act.user);
        document.set(&STOCK_ADJUSTMENT, "occurred_at", act.now);
        if let Some(part) = document.part_mut(&STOCK_ADJUSTMENT, "movements") {
            *part = self.movements.drain(..).map(|movement| movement.values()).collect();
        }
        act.create(&STOCK_ADJUSTMENT, &mut document)?;
        Ok(())
    }
}

//! Lots as their boxes name them: found on the book, or born there.

use officine_protocol::{
    Uid,
    date::Date,
    entities::PRODUCT_BATCH,
    fold::fold_lot,
    gs1::{self, Scan},
    limits::CODE_CHARS,
    params,
    record::Record,
};
use rusqlite::Connection;

use super::bounded;
use crate::{
    act::Act,
    catalogue::{
        lots::{self, StoredLot},
        products::Product,
    },
    error::{Error, Result},
    refuse,
    views::LotNameArgs,
};

const LOT_CHARS: usize = 64;

/// What a box says of its lot. Without a number and an expiry it is the nameless lot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LotName {
    /// Its number, or nothing.
    pub number: String,
    /// Its last good day.
    pub expiry: Option<Date>,
}

/// What a lot that is born is told about where it comes from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Who delivered it.
    pub supplier: Option<Uid>,
    /// For which order.
    pub order: Option<Uid>,
    /// Francs for a pack.
    pub pack_cost: Option<i64>,
    /// Base units in it.
    pub pack_size: i64,
    /// When it came in.
    pub received_at: i64,
}

impl LotName {
    /// As typed.
    pub fn read(args: &LotNameArgs) -> Result<Self> {
        let expiry = match args.expiry.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            None => None,
            Some(text) => match Date::parse(text) {
                Some(day) => Some(day),
                None => return refuse!("date_invalid", value: text),
            },
        };
        Ok(Self { number: bounded(&args.lot_number, LOT_CHARS, "lotNumber")?, expiry })
    }

    /// As scanned, where the scan says something; else as typed.
    pub fn scanned_or_typed(scan: &str, typed: &LotNameArgs, today: Date) -> Result<Self> {
        let typed = Self::read(typed)?;
        if scan.trim().is_empty() {
            return Ok(typed);
        }
        let Scan { lot, expiry, .. } = read_scan(scan, today)?;
        let number = lot.map_or(Ok(typed.number), |number| bounded(&number, LOT_CHARS, "lotNumber"))?;
        Ok(Self { number, expiry: expiry.or(typed.expiry) })
    }

    /// As another lot.
    pub fn of(lot: &StoredLot) -> Self {
        Self { number: lot.number.clone(), expiry: lot.lot.expiry }
    }

    /// Whether a lot on the book is the one meant.
    pub fn is(&self, lot: &StoredLot) -> bool {
        !lot.quarantine && lot.lot.expiry == self.expiry && fold_lot(&lot.number) == fold_lot(&self.number)
    }

    /// The lot of a product that bears this name.
    pub fn find(&self, connection: &Connection, product: i64) -> Result<Option<StoredLot>> {
        let known = lots::of_product(connection, product)?;
        Ok(known.into_iter().filter(|lot| self.is(lot)).min_by_key(|lot| lot.id))
    }

    /// A lot of that name is born, empty.
    pub fn open(&self, act: &mut Act<'_>, product: &Product, origin: &Origin) -> Result<StoredLot> {
        let mut batch = Record::new(&PRODUCT_BATCH, act.mint(), act.now);
        batch.set(&PRODUCT_BATCH, "product", product.uid).set(&PRODUCT_BATCH, "lot_number", self.number.as_str());
        batch.set(&PRODUCT_BATCH, "expiry", self.expiry).set(&PRODUCT_BATCH, "supplier", origin.supplier);
        batch.set(&PRODUCT_BATCH, "order", origin.order).set(&PRODUCT_BATCH, "pack_cost", origin.pack_cost);
        batch.set(&PRODUCT_BATCH, "pack_size", origin.pack_size.max(1));
        batch.set(&PRODUCT_BATCH, "received_at", origin.received_at);
        let id = act.create(&PRODUCT_BATCH, &mut batch)?;
        lots::load(act.tx, id)
    }

    /// The lot of that name as boxes come into it at what they had cost: its pack cost is weighed anew, or it is born.
    pub fn take_in(
        &self,
        act: &mut Act<'_>,
        product: &Product,
        origin: &Origin,
        (units, cost): (i64, Option<i64>),
    ) -> Result<StoredLot> {
        let Some(known) = self.find(act.tx, product.id)? else { return self.open(act, product, origin) };
        let pack_cost = known.pack_cost_with(units, cost);
        if pack_cost != known.pack_cost {
            act.update(&PRODUCT_BATCH, known.uid(), vec![("pack_cost", pack_cost.into())], vec![])?;
        }
        lots::load(act.tx, known.id)
    }

    /// The lot of that name, born if the book does not have it.
    pub fn find_or_open(&self, act: &mut Act<'_>, product: &Product, origin: &Origin) -> Result<StoredLot> {
        let known = self.find(act.tx, product.id)?;
        known.map_or_else(|| self.open(act, product, origin), Ok)
    }
}

/// What a scanner sent.
pub fn read_scan(code: &str, today: Date) -> Result<Scan> {
    match code.chars().count() {
        length if length > CODE_CHARS => refuse!("code_too_long", length: length, max: CODE_CHARS),
        _ => Ok(gs1::read(code, today)),
    }
}

/// All of a lot, or the part of it that is named: base units, 1 or more.
pub fn part_of(connection: &Connection, lot: &StoredLot, quantity: Option<crate::views::QuantityArgs>) -> Result<i64> {
    let product = Product::load(connection, lot.product)?;
    match quantity {
        Some(quantity) => super::base_units(&product, quantity, 1),
        None if lot.lot.quantity > 0 => Ok(lot.lot.quantity),
        None => Err(Error::refused("lot_empty", params! { lot: lot.number })),
    }
}

//! The acts of the stock book, as the window and the command line call them.

use officine_protocol::{entities::PRODUCT_BATCH, params, roles::Permission};
use rusqlite::Connection;

use super::{
    amount, base_units, check_lines,
    document::{self, Head},
    lots::{LotName, Origin, part_of},
    reason, unit_factor,
};
use crate::{
    act::Act,
    catalogue::{
        lots::{self, StoredLot},
        products::Product,
    },
    engine::Till,
    error::{Error, Result},
    refuse,
    store::{ledger::Movement, rows},
    views::{
        ConvertStockArgs, CorrectStockArgs, DestroyStockArgs, LotQuantityArgs, OpenStockArgs, QuantityArgs,
        ReleaseStockArgs, StockDocumentView, Topic,
    },
};

impl Till {
    /// The book is wrong about a lot.
    pub fn correct_stock(&self, args: &CorrectStockArgs) -> Result<StockDocumentView> {
        let reason = reason(&args.reason);
        self.move_stock(Permission::AdjustStock, |act| {
            let lot = lots::living(act.tx, &args.batch)?;
            let product = Product::load(act.tx, lot.product)?;
            let QuantityArgs { count, unit } = args.delta;
            let units = base_units(&product, QuantityArgs { count: count.saturating_abs(), unit }, 1)?;
            let movements = vec![lot.movement(1, units * count.signum(), "correction")];
            finish(act, &Head::new("correction", reason?), movements, args.below_zero)
        })
    }

    /// Boxes are no more: expired, damaged. Those in quarantine too.
    pub fn destroy_stock(&self, args: &DestroyStockArgs) -> Result<StockDocumentView> {
        let reason = reason(&args.reason);
        self.move_stock(Permission::AdjustStock, |act| {
            let movements = take(act, &args.lines, "destruction")?;
            finish(act, &Head::new("destruction", reason?), movements, args.below_zero)
        })
    }

    /// Boxes leave quarantine for the lot they came from, which is born again where it is no more.
    pub fn release_stock(&self, args: &ReleaseStockArgs) -> Result<StockDocumentView> {
        let reason = reason(&args.reason);
        self.move_stock(Permission::AdjustStock, |act| {
            let from = lots::by_uid(act.tx, &args.lot.batch)?;
            if !from.quarantine {
                return refuse!("lot_not_quarantined", lot: from.number);
            }
            let units = part_of(act.tx, &from, args.lot.quantity)?;
            let product = Product::load(act.tx, from.product)?;
            let (origin, cost) = (origin_of(act.tx, &from)?, from.cost_of(units));
            let to = LotName::of(&from).take_in(act, &product, &origin, (units, cost))?;
            let movements = transfer(&from, &to, 1, units, units, "release");
            finish(act, &Head::new("transfer", reason?), movements, false)
        })
    }

    /// Packs of a product become another product: what they had cost goes with them.
    pub fn convert_stock(&self, args: &ConvertStockArgs) -> Result<StockDocumentView> {
        let reason = reason(&args.reason);
        self.move_stock(Permission::AdjustStock, |act| {
            let from = lots::by_uid(act.tx, &args.from.batch)?;
            let product = Product::living(act.tx, &args.product)?;
            if product.id == from.product {
                return refuse!("conversion_same_product", product: product.name);
            }
            if from.quarantine {
                return refuse!("lot_blocked", lot: from.number, reason: "quarantine");
            }
            let units = part_of(act.tx, &from, args.from.quantity)?;
            let born = base_units(&product, args.quantity, 1)?;
            let movements = converted(act, (&from, units), (&product, born), 1)?;
            finish(act, &Head::new("conversion", reason?), movements, false)
        })
    }

    /// A lot that was there before the book was.
    pub fn open_stock(&self, args: &OpenStockArgs) -> Result<StockDocumentView> {
        let reason = reason(&args.reason);
        self.move_stock(Permission::Import, |act| {
            let product = Product::living(act.tx, &args.product)?;
            let units = base_units(&product, args.quantity, 1)?;
            let name = LotName::read(&args.lot)?;
            if name.find(act.tx, product.id)?.is_some() {
                return refuse!("lot_exists", lot: name.number);
            }
            let supplier = args.supplier.as_deref().map(|uid| super::supplier(act.tx, uid)).transpose()?;
            let origin = Origin {
                supplier: supplier.map(|(_, uid)| uid),
                order: None,
                pack_cost: amount(args.pack_cost, "packCost")?,
                pack_size: pack_size(&product, args.quantity.unit)?,
                received_at: act.now,
            };
            let movements = vec![name.open(act, &product, &origin)?.movement(1, units, "opening")];
            finish(act, &Head::new("opening", reason?), movements, true)
        })
    }

    /// One act of the stock book: who may, the transaction, and what it makes stale.
    pub(crate) fn move_stock<T>(
        &self,
        permission: Permission,
        act: impl FnOnce(&mut Act<'_>) -> Result<T>,
    ) -> Result<T> {
        let session = self.allow(permission)?;
        let done = self.act(Some(session.user), act)?;
        self.changed(&[Topic::Stock, Topic::Cart, Topic::Sync]);
        Ok(done)
    }
}

/// Units of a lot become units of a lot of that product, of the same number and expiry.
pub fn converted(
    act: &mut Act<'_>,
    (from, units): (&StoredLot, i64),
    (product, born): (&Product, i64),
    line: i64,
) -> Result<Vec<Movement>> {
    let pack_size = product.units.first().map_or(1, |unit| unit.factor.max(1));
    let cost = from.cost_of(units);
    let pack_cost = cost.and_then(|cost| lots::cost(cost, born, pack_size));
    let origin = Origin { pack_cost, pack_size, ..origin_of(act.tx, from)? };
    let to = LotName::of(from).take_in(act, product, &origin, (born, cost))?;
    keep_blocked(act, from, &to)?;
    Ok(transfer(from, &to, line, units, born, "conversion"))
}

/// Base units in a pack: of the unit named, of the default one where none is.
pub fn pack_size(product: &Product, unit: Option<u32>) -> Result<i64> {
    unit_factor(product, unit.or_else(|| product.units.first().map(|unit| unit.position)))
}

/// Lots and how much leaves each, one line per lot.
pub fn take(act: &Act<'_>, lines: &[LotQuantityArgs], source: &str) -> Result<Vec<Movement>> {
    check_lines(lines.len())?;
    let mut movements: Vec<Movement> = Vec::with_capacity(lines.len());
    for line in lines {
        let lot = lots::by_uid(act.tx, &line.batch)?;
        let units = part_of(act.tx, &lot, line.quantity)?;
        let before = movements.iter_mut().find(|movement| movement.batch == lot.uid());
        match before {
            Some(before) => *before = lot.movement(before.line, before.delta - units, source),
            None => movements.push(lot.movement(movements.len() as i64 + 1, -units, source)),
        }
    }
    Ok(movements)
}

/// Base units leave a lot and arrive in another: what they had cost arrives with them.
pub fn transfer(from: &StoredLot, to: &StoredLot, line: i64, out: i64, into: i64, source: &str) -> Vec<Movement> {
    let leaving = from.movement(line, -out, source);
    let cost = leaving.cost;
    vec![leaving, Movement { cost, ..to.movement(line, into, source) }]
}

/// A lot that takes over boxes of another is told what the other knew.
pub fn origin_of(connection: &Connection, lot: &StoredLot) -> Result<Origin> {
    let record = rows::get(connection, &PRODUCT_BATCH, lot.uid())?.map(|(_, record)| record);
    let named = |column: &str| record.as_ref().and_then(|record| record.get(&PRODUCT_BATCH, column).uid());
    Ok(Origin {
        supplier: named("supplier"),
        order: named("order"),
        pack_cost: lot.pack_cost,
        pack_size: lot.pack_size,
        received_at: lot.lot.received_at,
    })
}

/// What is blocked stays blocked under another name.
pub fn keep_blocked(act: &mut Act<'_>, from: &StoredLot, to: &StoredLot) -> Result<()> {
    if let (Some(why), None) = (&from.blocked_reason, &to.blocked_reason) {
        act.update(&PRODUCT_BATCH, to.uid(), vec![("blocked_reason", why.as_str().into())], vec![])?;
    }
    Ok(())
}

fn finish(act: &mut Act<'_>, head: &Head, movements: Vec<Movement>, below_zero: bool) -> Result<StockDocumentView> {
    if movements.iter().any(|movement| movement.delta == 0) {
        return Err(Error::refused("quantity_invalid", params! { min: 1, max: super::MOST_UNITS }));
    }
    if !below_zero {
        document::check_covered(act.tx, &movements)?;
    }
    let uid = head.record(act, &movements)?;
    document::view(act.tx, uid, &movements)
}

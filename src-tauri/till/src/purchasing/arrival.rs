//! Lots as a delivery fills them. A lot's pack cost is what a pack of it has cost on average: free units lower it, and a
//! later delivery into the same lot weighs in by what is left of the former. It is computed, and then written once.

use officine_protocol::{Uid, date::Date, entities::PRODUCT_BATCH, fold::fold_lot, params};

use crate::{
    act::Act,
    adjusting::lots::{LotName, Origin},
    catalogue::{
        lots::{self, StoredLot},
        products::Product,
    },
    error::{Error, Result},
    store::ledger::Movement,
    views::Problem,
};

use super::order_view::FREE;

/// What arrives of one lot. Quantities are base units.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Product.
    pub product: Product,
    /// Lot.
    pub name: LotName,
    /// Paid for.
    pub paid: i64,
    /// Free.
    pub free: i64,
    /// What was paid, in francs, if it is known.
    pub cost: Option<i64>,
    /// Base units in a pack.
    pub pack_size: i64,
}

impl Arrival {
    /// Whether another line brings the same lot.
    pub fn same_lot(&self, other: &Self) -> bool {
        self.product.id == other.product.id
            && self.name.expiry == other.name.expiry
            && fold_lot(&self.name.number) == fold_lot(&other.name.number)
    }

    /// Puts it with another line of the same lot.
    pub fn join(&mut self, other: &Self) {
        self.paid = self.paid.saturating_add(other.paid);
        self.free = self.free.saturating_add(other.free);
        self.cost = self.cost.zip(other.cost).map(|(one, other)| one.saturating_add(other));
    }

    /// Brings the lot up to date, or opens it.
    pub fn lot(&self, act: &mut Act<'_>, origin: &Origin) -> Result<(StoredLot, bool)> {
        let known = self.name.find(act.tx, self.product.id)?;
        let pack_size = known.as_ref().map_or(self.pack_size, |lot| lot.pack_size);
        let pack_cost = self.pack_cost(known.as_ref(), pack_size);
        let lot = self.name.find_or_open(act, &self.product, &Origin { pack_cost, pack_size, ..origin.clone() })?;
        if known.is_some() && pack_cost != lot.pack_cost {
            act.update(&PRODUCT_BATCH, lot.uid(), vec![("pack_cost", pack_cost.into())], vec![])?;
        }
        Ok((lot, known.is_none()))
    }

    /// What a pack of the lot has cost once this is in it.
    fn pack_cost(&self, known: Option<&StoredLot>, pack_size: i64) -> Option<i64> {
        let before = known.and_then(|lot| lot.pack_cost);
        let Some(paid) = self.cost else { return before };
        if self.paid == 0 && known.is_some() && before.is_none() {
            return None;
        }
        let units = self.paid.saturating_add(self.free);
        match known {
            Some(lot) => lot.pack_cost_with(units, Some(paid)),
            None => lots::cost(paid, units, pack_size),
        }
    }

    /// Its movements: what is paid for bears what was paid, what is free bears nothing.
    pub fn movements(&self, lot: &StoredLot, lines: &mut impl Iterator<Item = i64>) -> Vec<Movement> {
        let parts = [(self.paid, "receipt", self.cost), (self.free, FREE, Some(0))];
        let parts = parts.into_iter().filter(|(units, ..)| *units > 0);
        let moved = parts
            .zip(lines)
            .map(|((units, source, cost), line)| Movement { cost, ..lot.movement(line, units, source) });
        moved.collect()
    }

    /// What somebody should look at before these boxes are put away.
    pub fn warning(&self, lot: &StoredLot, today: Date, warning_days: i64) -> Option<Problem> {
        let (product, number) = (&self.product.name, &lot.number);
        if let Some(reason) = &lot.blocked_reason {
            let blocked = params! { product: product, lot: number, reason: reason };
            return Some(Error::refused("received_blocked", blocked).problem());
        }
        let expiry = lot.lot.expiry?;
        let days = expiry.days_from(today);
        let code = match days {
            ..0 => "received_expired",
            days if days <= warning_days => "received_short_dated",
            _ => return None,
        };
        let dated = params! { product: product, lot: number, expiry: expiry.to_string(), days: days };
        Some(Error::refused(code, dated).problem())
    }
}

/// Where the boxes of a delivery come from.
pub fn origin(supplier: Option<Uid>, order: Option<Uid>, now: i64) -> Origin {
    Origin { supplier, order, pack_cost: None, pack_size: 1, received_at: now }
}

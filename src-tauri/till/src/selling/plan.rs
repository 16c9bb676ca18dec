//! Which lots the lines of a cart would take now. Lines share lots in the order they stand, so two lines of one product
//! never take the same box.

use std::collections::{HashMap, hash_map::Entry};

use officine_protocol::{
    date::Date,
    fefo::{self, Withheld},
};
use rusqlite::Connection;

use super::{
    cart::{StoredCart, StoredLine},
    scan,
    sums::{Sums, off},
};
use crate::{
    catalogue::{
        lots::{self, StoredLot},
        products::Product,
    },
    error::Result,
    money::policy::Policy,
    views::{DiscountView, LotSourceName, UnitView},
};

/// What a line takes from a lot.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Place of the lot among the product's.
    pub lot: usize,
    /// Base units.
    pub quantity: i64,
    /// How the lot was found.
    pub source: LotSourceName,
}

/// A line with its lots.
#[derive(Clone, Debug)]
pub struct PlannedLine {
    /// As stored.
    pub stored: StoredLine,
    /// Its product.
    pub product: Product,
    /// Its unit.
    pub unit: UnitView,
    /// Base units wanted.
    pub quantity: i64,
    /// What it takes.
    pub takes: Vec<Taken>,
    /// What no lot has, unless it is in hand.
    pub missing: i64,
}

impl PlannedLine {
    /// Count × price in francs, 0 while there is no price.
    pub fn gross(&self) -> i64 {
        self.unit.price.unwrap_or(0).saturating_mul(self.stored.count)
    }

    /// Taken off it.
    pub fn discount(&self) -> i64 {
        off(self.stored.discount, self.gross())
    }

    /// What is left to pay for it.
    pub fn amount(&self) -> i64 {
        self.gross() - self.discount()
    }
}

/// A cart with its lots.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The lines, in order.
    pub lines: Vec<PlannedLine>,
    /// The lots of each product, with what is left in them once every line is taken.
    pub lots: HashMap<i64, Vec<StoredLot>>,
    /// The rules it was laid under.
    pub policy: Policy,
    /// What it comes to.
    pub sums: Sums,
    /// Taken off the whole of it, as it was given.
    pub discount: Option<DiscountView>,
}

impl Plan {
    /// Lays the lines of a cart over the lots there are.
    pub fn of(connection: &Connection, cart: &StoredCart, today: Date) -> Result<Self> {
        let mut plan = Self { policy: Policy::read(connection)?, discount: cart.discount, ..Self::default() };
        for stored in &cart.lines {
            let product = Product::load(connection, stored.product)?;
            let lots = match plan.lots.entry(product.id) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => place.insert(lots::of_product(connection, product.id)?),
            };
            plan.lines.push(lay(stored, product, lots, today));
        }
        let amounts = plan.lines.iter().map(PlannedLine::amount);
        plan.sums = Sums::of(amounts, cart.discount, plan.policy.rounding_step);
        Ok(plan)
    }

    /// Whether anything is taken off.
    pub fn discounted(&self) -> bool {
        self.discount.is_some() || self.lines.iter().any(|line| line.stored.discount.is_some())
    }

    /// The lot that keeps a line from being sold, and why: the one somebody named, or the product's where it has no other.
    /// A lot is good when it is scanned; midnight or a recall may find it in the cart. A box in hand that names no lot may
    /// be any of those on the shelf: where none of them may be sold, neither may the box.
    pub fn withheld(&self, line: &PlannedLine, today: Date) -> Option<(&StoredLot, Withheld)> {
        let lots = self.lots.get(&line.product.id)?;
        let named = named(&line.stored, lots).map(|place| &lots[place]);
        if let Some((lot, why)) = named.and_then(|lot| lot.lot.withheld(today).map(|why| (lot, why))) {
            return Some((lot, why));
        }
        let unproved = if line.stored.in_hand { named.is_none() } else { line.missing > 0 };
        let held = |place: &usize| lots[*place].lot.quantity + self.taken(line.product.id, *place) > 0;
        let stocked = (0..lots.len()).filter(held).map(|place| &lots[place]);
        if unproved { scan::withheld(stocked, today) } else { None }
    }

    /// Base units that all the lines take from a lot of a product.
    fn taken(&self, product: i64, lot: usize) -> i64 {
        let takes = self.lines.iter().filter(|line| line.product.id == product).flat_map(|line| &line.takes);
        takes.filter(|taken| taken.lot == lot).map(|taken| taken.quantity).sum()
    }

    /// Base units of a product left to sell.
    pub fn left(&self, product: i64, today: Date) -> i64 {
        self.lots.get(&product).map_or(0, |lots| fefo::available(&lots::rule_view(lots), today))
    }
}

fn lay(stored: &StoredLine, product: Product, lots: &mut [StoredLot], today: Date) -> PlannedLine {
    let nameless = UnitView { position: stored.unit, name: String::new(), factor: 1, price: None };
    let unit = product.unit(Some(stored.unit)).or(product.units.first()).cloned().unwrap_or(nameless);
    let quantity = unit.factor.saturating_mul(stored.count);
    let mut takes = Vec::new();
    let mut missing = quantity;
    if let Some(place) = named(stored, lots).filter(|place| lots[*place].lot.withheld(today).is_none()) {
        let taken = from_named(stored, lots, place, missing, today);
        take(&mut takes, lots, place, taken, source(stored));
        missing -= taken;
    }
    let (fefo, short) = fefo::allocate(&lots::rule_view(lots), missing, today);
    for part in fefo {
        take(&mut takes, lots, part.index, part.quantity, LotSourceName::Assumed);
    }
    missing = short;
    if stored.in_hand
        && missing > 0
        && let Some(place) = in_hand_lot(stored, lots, today)
    {
        let found = if named(stored, lots) == Some(place) { source(stored) } else { LotSourceName::Assumed };
        take(&mut takes, lots, place, missing, found);
        missing = 0;
    }
    PlannedLine { stored: stored.clone(), product, unit, quantity, takes, missing }
}

/// What a line takes from the lot somebody named. A scanned box has left whatever the book says of its lot, as long as the
/// product has enough: the lot goes below zero and is recounted.
fn from_named(stored: &StoredLine, lots: &[StoredLot], place: usize, wanted: i64, today: Date) -> i64 {
    let held = lots[place].lot.quantity.clamp(0, wanted);
    let scanned = source(stored) == LotSourceName::Scanned;
    let covered = fefo::available(&lots::rule_view(lots), today) >= wanted;
    if scanned && covered { wanted } else { held }
}

fn take(takes: &mut Vec<Taken>, lots: &mut [StoredLot], lot: usize, quantity: i64, source: LotSourceName) {
    if quantity <= 0 {
        return;
    }
    lots[lot].lot.quantity -= quantity;
    match takes.iter_mut().find(|taken| taken.lot == lot) {
        Some(taken) => taken.quantity += quantity,
        None => takes.push(Taken { lot, quantity, source }),
    }
}

fn named(stored: &StoredLine, lots: &[StoredLot]) -> Option<usize> {
    stored.batch.and_then(|batch| lots.iter().position(|lot| lot.id == batch))
}

fn source(stored: &StoredLine) -> LotSourceName {
    match stored.source.as_deref() {
        Some("scanned") => LotSourceName::Scanned,
        _ => LotSourceName::Chosen,
    }
}

/// The lot a box in hand is booked on: the one named, else the good one that arrived last.
fn in_hand_lot(stored: &StoredLine, lots: &[StoredLot], today: Date) -> Option<usize> {
    let good = |place: &usize| lots[*place].lot.withheld(today).is_none();
    named(stored, lots).filter(good).or_else(|| {
        let mut places: Vec<usize> = (0..lots.len()).filter(good).collect();
        places.sort_by_key(|place| {
            let lot = &lots[*place].lot;
            (std::cmp::Reverse(lot.received_at), lot.uid)
        });
        places.first().copied()
    })
}

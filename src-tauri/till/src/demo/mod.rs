//! A pharmacy of our own making, to show and to test with: medicines as they are sold in Conakry, people,
//! suppliers, lots. Every name, code and price is invented.
//! Promises: the same seed and day give the same pharmacy on every machine and in every version of the crates
//! it is built with; another day only moves the expiries.

mod formulary;
mod load;
mod names;
mod products;
pub mod random;
mod stock;
#[cfg(test)]
mod tests;

use chrono::NaiveDate;
use officine_protocol::roles::Role;

/// A pharmacy, ready to be loaded through the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoPharmacy {
    /// « Pharmacie … »
    pub name: String,
    /// Street, quarter, town.
    pub address: String,
    /// With +224.
    pub phone: String,
    /// Referred to by the lots.
    pub suppliers: Vec<DemoSupplier>,
    /// At least 300.
    pub products: Vec<DemoProduct>,
    /// Every role at least once.
    pub users: Vec<DemoUser>,
}

/// A wholesaler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoSupplier {
    /// Distinct.
    pub name: String,
    /// With +224.
    pub phone: String,
    /// Quarter and town.
    pub address: String,
}

/// Somebody who signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoUser {
    /// Full name.
    pub name: String,
    /// Distinct.
    pub login: String,
    /// What they may do.
    pub role: Role,
    /// Distinct; shown on the demo's sign-in screen.
    pub pin: String,
}

/// A product with its units, codes and stock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoProduct {
    /// French name, distinct.
    pub name: String,
    /// International name in French; empty for goods that are no medicine.
    pub dci: String,
    /// Pharmaceutical form.
    pub form: String,
    /// Strength, or size.
    pub strength: String,
    /// Invented.
    pub maker: String,
    /// Base units below which to order.
    pub min_stock: i64,
    /// How often it sells, 1 to 100.
    pub popularity: u32,
    /// Largest first, the default one; the last is the base unit.
    pub units: Vec<DemoUnit>,
    /// Distinct over the whole pharmacy.
    pub codes: Vec<DemoCode>,
    /// Earliest expiry first; empty where out of stock.
    pub lots: Vec<DemoLot>,
}

/// A way of selling a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoUnit {
    /// `boîte`, `plaquette`, `comprimé` …
    pub name: String,
    /// Base units in it; 1 for the last unit.
    pub factor: i64,
    /// Francs. A larger unit never costs more than its parts.
    pub price: i64,
}

/// A code that scans as a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoCode {
    /// Digits.
    pub code: String,
    /// See [`crate::import::barcode::kind`].
    pub kind: &'static str,
    /// Index in the product's units.
    pub unit: usize,
}

/// A lot in stock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoLot {
    /// Empty for goods without lots.
    pub lot_number: String,
    /// Last good day.
    pub expiry: Option<NaiveDate>,
    /// Base units, above zero.
    pub quantity: i64,
    /// Francs paid for the largest unit.
    pub pack_cost: i64,
    /// Index in the pharmacy's suppliers.
    pub supplier: usize,
    /// Why it may not be sold.
    pub blocked: Option<String>,
    /// Days between its arrival and today.
    pub received_days_ago: u32,
}

/// Makes the pharmacy.
pub fn pharmacy(seed: u64, today: NaiveDate) -> DemoPharmacy {
    let mut random = random::Random::new(seed);
    let medicines: Vec<_> = formulary::all().collect();
    let plan = stock::Plan::draw(&medicines, &mut random);
    let products = medicines
        .iter()
        .enumerate()
        .map(|(index, medicine)| {
            let mut product = products::describe(index, medicine, &mut random);
            product.lots = stock::lots(index, medicine, &product, &plan, today, &mut random);
            product
        })
        .collect();
    DemoPharmacy {
        name: "Pharmacie du Grand Fromager".to_owned(),
        address: "Carrefour du Fromager, Ratoma, Conakry".to_owned(),
        phone: "+224 620 00 00 10".to_owned(),
        suppliers: names::suppliers(),
        products,
        users: names::users(),
    }
}

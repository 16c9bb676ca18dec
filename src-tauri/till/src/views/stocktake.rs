//! A count of lots, zone by zone.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{purchasing::LotNameArgs, stock::QuantityArgs};

/// A stocktake begins.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct StartStocktakeArgs {
    /// Which products are to be counted; all of them where empty.
    pub products: Vec<String>,
    /// A word on it.
    pub note: String,
}

/// Boxes were counted.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CountArgs {
    /// Product.
    pub product: String,
    /// Lot, where the book has it.
    pub batch: Option<String>,
    /// The lot as its box names it, where `batch` is absent: it is born if the book does not have it.
    pub lot: LotNameArgs,
    /// What a scanner read on the box: its lot and expiry go before.
    pub scan: String,
    /// Zone: one of the settings.
    pub zone: String,
    /// How many there are.
    pub quantity: QuantityArgs,
    /// They come on top of what was counted there before; a recount replaces it.
    pub add: bool,
}

/// What was counted of a lot in a zone.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ZoneCount {
    /// Zone.
    pub zone: String,
    /// Base units.
    pub counted: i64,
    /// When.
    pub counted_at: i64,
    /// Who.
    pub user: String,
    /// Another stocktake counted it: that count still stands.
    pub elsewhere: bool,
    /// When this zone was counted later than here, or as early by the hub's word: that count stands instead of this one.
    pub later_count: Option<i64>,
}

/// A lot that was counted.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CountedLot {
    /// Product.
    pub product: String,
    /// Its name.
    pub name: String,
    /// Lot.
    pub batch: String,
    /// Its number; empty for the nameless one.
    pub lot_number: String,
    /// Last good day.
    pub expiry: Option<String>,
    /// In quarantine.
    pub quarantine: bool,
    /// Zone by zone.
    pub zones: Vec<ZoneCount>,
    /// Base units counted in all zones, here and elsewhere.
    pub counted: i64,
    /// Base units the book had when they were counted.
    pub book: i64,
    /// Counted − book.
    pub difference: i64,
    /// What the difference had cost, in francs, signed; only for who may see costs.
    pub cost: Option<i64>,
}

impl CountedLot {
    /// For who may not see what things cost.
    pub fn without_costs(self) -> Self {
        Self { cost: None, ..self }
    }
}

/// A lot still to be counted.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct UncountedLot {
    /// Product.
    pub product: String,
    /// Its name.
    pub name: String,
    /// Lot.
    pub batch: String,
    /// Its number; empty for the nameless one.
    pub lot_number: String,
    /// Last good day.
    pub expiry: Option<String>,
    /// Base units, by the book.
    pub quantity: i64,
}

/// A lot that is to be counted again.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Recount {
    /// Product.
    pub product: String,
    /// Its name.
    pub name: String,
    /// Lot.
    pub batch: String,
    /// Its number; empty for the nameless one.
    pub lot_number: String,
    /// Last good day.
    pub expiry: Option<String>,
    /// Base units, by the book: below zero for some.
    pub quantity: i64,
    /// In quarantine.
    pub quarantine: bool,
    /// When it was counted last.
    pub counted_at: Option<i64>,
    /// Since when this till knows of it; nothing where it was so when the lot was first read.
    pub since: Option<i64>,
}

/// The stocktake under way.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct StocktakeView {
    /// Identity.
    pub uid: String,
    /// Who began it.
    pub user: String,
    /// When.
    pub started_at: i64,
    /// A word on it.
    pub note: String,
    /// The zones there are.
    pub zones: Vec<String>,
    /// Lots counted, those that differ first.
    pub counted: Vec<CountedLot>,
    /// How many of them differ.
    pub differing: u32,
    /// What is missing had cost, in francs; only for who may see costs.
    pub cost_missing: Option<i64>,
    /// What was found had cost, in francs; only for who may see costs.
    pub cost_found: Option<i64>,
    /// Lots of the scope that nobody has counted, at most 500.
    pub uncounted: Vec<UncountedLot>,
    /// How many there are in all.
    pub uncounted_total: u32,
}

impl StocktakeView {
    /// For who may not see what things cost.
    pub fn without_costs(self) -> Self {
        let counted = self.counted.into_iter().map(CountedLot::without_costs).collect();
        Self { counted, cost_missing: None, cost_found: None, ..self }
    }
}

/// A stocktake that was closed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct StocktakeReport {
    /// Identities of its documents.
    pub documents: Vec<String>,
    /// Lots counted.
    pub lots: u32,
    /// Lots whose quantity changed.
    pub differing: u32,
    /// Lots counted later elsewhere: that count stands, and this one moved nothing.
    pub overtaken: u32,
    /// What was missing had cost, in francs; only for who may see costs.
    pub cost_missing: Option<i64>,
    /// What was found had cost, in francs; only for who may see costs.
    pub cost_found: Option<i64>,
}

impl StocktakeReport {
    /// For who may not see what things cost.
    pub fn without_costs(self) -> Self {
        Self { cost_missing: None, cost_found: None, ..self }
    }
}

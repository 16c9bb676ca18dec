//! The stock book: what moves it beside sales, and its journal.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::purchasing::LotNameArgs;

/// A quantity as it is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct QuantityArgs {
    /// How many.
    pub count: i64,
    /// Of which unit of the product; base units where absent.
    pub unit: Option<u32>,
}

/// A lot and how much of it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LotQuantityArgs {
    /// Lot.
    pub batch: String,
    /// How much; all of it where absent.
    pub quantity: Option<QuantityArgs>,
}

/// What the book says of a lot is wrong.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CorrectStockArgs {
    /// Lot.
    pub batch: String,
    /// How much more, or less, there is.
    pub delta: QuantityArgs,
    /// Why.
    pub reason: String,
    /// Even where the lot goes below zero.
    pub below_zero: bool,
}

/// Boxes that are no more.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct DestroyStockArgs {
    /// Lots and how much of each.
    pub lines: Vec<LotQuantityArgs>,
    /// Why: expired, damaged …
    pub reason: String,
    /// Even where a lot goes below zero.
    pub below_zero: bool,
}

/// Boxes that leave quarantine.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ReleaseStockArgs {
    /// Lot in quarantine and how much of it.
    pub lot: LotQuantityArgs,
    /// Why they are good.
    pub reason: String,
}

/// Packs of a product that become another product.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ConvertStockArgs {
    /// Lot they are taken from and how much of it.
    pub from: LotQuantityArgs,
    /// What they become. Its lot bears the same number and expiry.
    pub product: String,
    /// How much of that.
    pub quantity: QuantityArgs,
    /// Why.
    pub reason: String,
}

/// Opening stock of one lot.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct OpenStockArgs {
    /// Product.
    pub product: String,
    /// Lot.
    pub lot: LotNameArgs,
    /// How much there is.
    pub quantity: QuantityArgs,
    /// Francs one pack had cost: the unit named, the default one where none is.
    pub pack_cost: Option<i64>,
    /// Who delivered it.
    pub supplier: Option<String>,
    /// Why it comes on the book now.
    pub reason: String,
}

/// What a stock document did.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct StockDocumentView {
    /// Identity of the document.
    pub uid: String,
    /// The lots it touched, as they are now.
    pub lots: Vec<MovedLot>,
}

/// A lot that a document touched.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MovedLot {
    /// Lot.
    pub batch: String,
    /// Its number; empty for the nameless one.
    pub lot_number: String,
    /// Last good day.
    pub expiry: Option<String>,
    /// Base units that moved.
    pub delta: i64,
    /// Base units in it now.
    pub quantity: i64,
    /// What moved had cost, in francs.
    pub cost: Option<i64>,
}

/// Whose movements.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct JournalArgs {
    /// Product.
    pub product: String,
    /// Only this lot.
    pub batch: Option<String>,
    /// First row, from the newest.
    pub offset: u32,
    /// At most 500.
    pub limit: u32,
}

/// A movement.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct JournalRow {
    /// When the document says it happened.
    pub occurred_at: i64,
    /// `sale`, `saleReturn`, `stocktake` …
    pub entity: String,
    /// The document's own word for it: `receipt`, `destruction` …; empty where it has none.
    pub kind: String,
    /// Identity of the document.
    pub document: String,
    /// Who.
    pub user: String,
    /// Lot.
    pub batch: String,
    /// As printed.
    pub lot_number: String,
    /// As printed.
    pub expiry: Option<String>,
    /// Base units, negative for what left.
    pub delta: i64,
    /// Base units there were after it.
    pub quantity: i64,
    /// What moved had cost, in francs.
    pub cost: Option<i64>,
    /// `scanned`, `assumed`, `receipt`, `count` …
    pub source: String,
    /// Why, where somebody said so.
    pub reason: String,
}

/// A page of the journal, newest first.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct JournalPage {
    /// The rows.
    pub rows: Vec<JournalRow>,
    /// How many there are in all.
    pub total: u32,
}

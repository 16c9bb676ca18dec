//! What arrives, lots named later, and what goes back.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{
    Problem,
    orders::OrderView,
    stock::{LotQuantityArgs, QuantityArgs},
};

/// A lot as its box names it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LotNameArgs {
    /// Empty where the box does not say, or nobody has looked yet.
    pub lot_number: String,
    /// Last good day.
    pub expiry: Option<String>,
}

/// A line of a delivery.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ReceiveLineArgs {
    /// Product.
    pub product: String,
    /// How much is paid for.
    pub quantity: QuantityArgs,
    /// How many more of the same unit came free.
    pub free_count: i64,
    /// Francs for one pack: the unit named, else the order's pack, else the default unit. The order's cost where absent.
    pub pack_cost: Option<i64>,
    /// The lot; the nameless one where nothing is known yet.
    pub lot: LotNameArgs,
    /// What a scanner read on the box: its lot and expiry go before.
    pub scan: String,
    /// A price set along, for the unit named or the default one.
    pub price: Option<i64>,
}

/// A delivery, of an order or without one.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ReceiveArgs {
    /// Order.
    pub order: Option<String>,
    /// Supplier; the order's where there is one.
    pub supplier: Option<String>,
    /// Delivery note.
    pub reference: String,
    /// What came.
    pub lines: Vec<ReceiveLineArgs>,
}

/// What became of a delivery.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct DeliveryView {
    /// Identity of the document.
    pub uid: String,
    /// When.
    pub occurred_at: i64,
    /// Base units that came.
    pub units: i64,
    /// What was paid, in francs, as far as it is known.
    pub cost: i64,
    /// Lots that were born.
    pub lots_opened: u32,
    /// What somebody should look at: short-dated, expired or recalled boxes, more than was ordered.
    pub warnings: Vec<Problem>,
    /// The order as it stands now.
    pub order: Option<OrderView>,
}

/// A part of a nameless lot whose box was read.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct NamedPartArgs {
    /// The lot.
    pub lot: LotNameArgs,
    /// How much of it.
    pub quantity: QuantityArgs,
}

/// « Nommer les lots »: a nameless lot becomes named ones.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct NameLotsArgs {
    /// The nameless lot.
    pub batch: String,
    /// What its boxes say.
    pub parts: Vec<NamedPartArgs>,
}

/// Goods that go back.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SupplierReturnArgs {
    /// Supplier.
    pub supplier: String,
    /// Why: expired, recalled, damaged …
    pub reason: String,
    /// Their number for it.
    pub reference: String,
    /// Francs they are to give back.
    pub credit: Option<i64>,
    /// Lots and how much of each.
    pub lines: Vec<LotQuantityArgs>,
    /// The boxes go although the book says there are none.
    pub below_zero: bool,
}

/// Goods that went back.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SupplierReturnRow {
    /// Identity.
    pub uid: String,
    /// When.
    pub occurred_at: i64,
    /// Supplier's name.
    pub supplier_name: String,
    /// Who sent them back.
    pub user: String,
    /// Why.
    pub reason: String,
    /// Their number for it.
    pub reference: String,
    /// Francs they are to give back.
    pub credit: Option<i64>,
    /// Base units.
    pub units: i64,
    /// What they had cost, in francs; absent where it may not be seen.
    pub cost: Option<i64>,
}

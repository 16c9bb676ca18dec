//! Orders to suppliers and how they stand.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::stock::QuantityArgs;

/// How an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum OrderStateName {
    /// Nothing has come.
    Open,
    /// Something has come, and more is awaited.
    Partly,
    /// All of it has come.
    Received,
    /// Closed by hand: no more is awaited.
    Closed,
    /// Cancelled before anything came.
    Cancelled,
}

/// A line of an order, as it is asked for.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct OrderItemArgs {
    /// Product.
    pub product: String,
    /// How much is paid for.
    pub quantity: QuantityArgs,
    /// How many more of the same unit come free.
    pub free_count: i64,
    /// Francs for one pack: the unit named, the default unit where none is.
    pub pack_cost: Option<i64>,
}

/// A new order.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CreateOrderArgs {
    /// Supplier.
    pub supplier: String,
    /// Day it is awaited.
    pub expected_on: Option<String>,
    /// A word to oneself.
    pub note: String,
    /// One line per product.
    pub items: Vec<OrderItemArgs>,
}

/// An order as it is to be from now on.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct EditOrderArgs {
    /// Order.
    pub order: String,
    /// Day it is awaited.
    pub expected_on: Option<String>,
    /// A word to oneself.
    pub note: String,
    /// All its lines: one that is left out is removed.
    pub items: Vec<OrderItemArgs>,
}

/// Which orders.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ListOrdersArgs {
    /// Only those that await something.
    pub awaited: bool,
    /// First row.
    pub offset: u32,
    /// At most 200.
    pub limit: u32,
}

/// An order in a list.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct OrderRow {
    /// Identity.
    pub uid: String,
    /// `2-000014`
    pub number: String,
    /// Supplier's identity.
    pub supplier: String,
    /// Supplier's name.
    pub supplier_name: String,
    /// Who ordered.
    pub user: String,
    /// When.
    pub ordered_at: i64,
    /// Day it is awaited.
    pub expected_on: Option<String>,
    /// How it stands.
    pub state: OrderStateName,
    /// Lines.
    pub lines: u32,
    /// Francs, as far as the costs are known; absent where they may not be seen.
    pub cost: Option<i64>,
}

/// A line of an order. Quantities are base units.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct OrderLine {
    /// From 1; 0 for what came without being ordered.
    pub line: i64,
    /// Product.
    pub product: String,
    /// Its name.
    pub name: String,
    /// Ordered, to be paid for.
    pub ordered: i64,
    /// Ordered, free.
    pub free_ordered: i64,
    /// Came, to be paid for.
    pub received: i64,
    /// Came free.
    pub free_received: i64,
    /// Still awaited.
    pub awaited: i64,
    /// Came beyond what was ordered.
    pub beyond: i64,
    /// Francs for a pack.
    pub pack_cost: Option<i64>,
    /// Base units in it.
    pub pack_size: i64,
}

/// An order, whole.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct OrderView {
    /// As in the list.
    pub row: OrderRow,
    /// A word to oneself.
    pub note: String,
    /// Its lines, then what came without being ordered.
    pub lines: Vec<OrderLine>,
    /// What arrived, oldest first.
    pub deliveries: Vec<DeliveryRow>,
}

/// A delivery in a list.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct DeliveryRow {
    /// Identity of the document.
    pub uid: String,
    /// When.
    pub occurred_at: i64,
    /// Delivery note.
    pub reference: String,
    /// What was paid, in francs; absent where it may not be seen.
    pub cost: Option<i64>,
}

/// Something to reorder.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Suggestion {
    /// Product.
    pub product: String,
    /// Its name.
    pub name: String,
    /// Base units that may be sold.
    pub stock: i64,
    /// Base units on order.
    pub on_order: i64,
    /// Base units below which to order.
    pub min_stock: i64,
    /// Base units to order: whole packs.
    pub quantity: i64,
    /// Base units in a pack.
    pub pack_size: i64,
    /// Francs for a pack, as last paid.
    pub pack_cost: Option<i64>,
    /// Supplier it usually comes from.
    pub supplier: Option<String>,
    /// Its name.
    pub supplier_name: String,
}

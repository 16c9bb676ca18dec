//! Périmés: what expires, in boxes and francs, and what the desktop is told of it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Périmés: which lots, in which order.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ExpiriesArgs {
    /// Only lots with so many days left or fewer; up to the longest threshold where absent.
    pub days: Option<u32>,
    /// Only this band, by its place in [`ExpiryReport::bands`].
    pub band: Option<u32>,
    /// Beginnings of words of product, DCI, code, lot or supplier, accents aside; at most 100 characters.
    pub text: String,
    /// Only this supplier, by name; empty for lots without one.
    pub supplier: Option<String>,
    /// Order of the rows.
    pub sort: ExpirySort,
}

/// The order of the rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum ExpirySort {
    /// First to expire first, then by product.
    #[default]
    Expiry,
    /// By product, then by expiry.
    Product,
    /// By supplier, to send back together.
    Supplier,
    /// What is worth most first: at cost where it is shown, else at price.
    Value,
}

/// The lots that have expired or soon will, as of one day.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ExpiryReport {
    /// The day it was made.
    pub today: String,
    /// Expired lots first, then one band per threshold. They share no lot; text and supplier count, the band asked does not.
    pub bands: Vec<ExpiryBand>,
    /// All bands together.
    pub total: ExpiryTotals,
    /// Who delivered lots of this report, before any filter; an empty name for lots without supplier.
    pub suppliers: Vec<String>,
    /// The lots asked for, at most 10,000.
    pub rows: Vec<ExpiryRow>,
    /// Lots beyond those; a file has them all.
    pub left_off: u32,
    /// Whether whoever asks may see what the lots had cost.
    pub cost_shown: bool,
}

/// Lots with about as many days left.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ExpiryBand {
    /// So many days left or fewer, and more than the band before; absent: expired, to be destroyed.
    pub days: Option<u32>,
    /// What it holds.
    #[serde(flatten)]
    pub totals: ExpiryTotals,
}

/// What some lots make together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ExpiryTotals {
    /// Lots.
    pub lots: u32,
    /// Default units; one that is begun counts whole.
    pub boxes: i64,
    /// Francs at the sale price.
    pub at_price: i64,
    /// Lots without a sale price, left out of it.
    pub unpriced: u32,
    /// Francs they had cost, if that may be seen.
    pub at_cost: Option<i64>,
    /// Lots whose cost nobody knows, left out of it.
    pub uncosted: Option<u32>,
}

/// A lot that has expired or soon will.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ExpiryRow {
    /// Identity of the lot.
    pub batch: String,
    /// Identity of the product.
    pub product: String,
    /// Its name.
    pub name: String,
    /// Form and DCI, second reading.
    pub detail: String,
    /// Its first code.
    pub code: String,
    /// Empty for the nameless lot.
    pub lot_number: String,
    /// Last good day.
    pub expiry: String,
    /// Days until then: 0 on that day, negative once past.
    pub days_left: i64,
    /// Place in [`ExpiryReport::bands`].
    pub band: u32,
    /// Base units in it.
    pub quantity: i64,
    /// The same in the largest units.
    pub quantity_text: String,
    /// The same in default units; one that is begun counts whole.
    pub boxes: i64,
    /// Francs at the price of the default unit, rounded half up; absent without a price.
    pub at_price: Option<i64>,
    /// Francs it had cost, rounded half up; absent where unknown, or not to be seen.
    pub at_cost: Option<i64>,
    /// Who delivered it, to whom it may go back.
    pub supplier: String,
    /// Why it is blocked.
    pub blocked: Option<String>,
    /// A recount is asked for.
    pub recount_open: bool,
}

/// A file that was written.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ExportedFile {
    /// Where it is.
    pub path: String,
    /// Rows in it, the header left out.
    pub rows: u32,
}

/// The badge of Périmés, and what the desktop has not been told today.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ExpirySummary {
    /// Lots expired, or in the first band.
    pub due: u32,
    /// What entered a band since it was last told, the most pressing first; empty once told today.
    pub news: Vec<ExpiryNews>,
}

/// Lots that entered a band.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ExpiryNews {
    /// The band: so many days left or fewer; absent: expired.
    pub days: Option<u32>,
    /// Lots.
    pub lots: u32,
    /// Francs at the sale price.
    pub at_price: i64,
}

/// A desktop notification, in the window's words.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct TellExpiriesArgs {
    /// At most 100 characters.
    pub title: String,
    /// At most 1,000 characters.
    pub body: String,
}

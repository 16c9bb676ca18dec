//! Products, lots, search and import.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Problem, UnitView};

/// What is typed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SearchArgs {
    /// Two letters or more; a `3*` prefix is the window's affair.
    pub text: String,
    /// At most 50.
    pub limit: u32,
}

/// A product found.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ProductHit {
    /// Identity.
    pub uid: String,
    /// Name.
    pub name: String,
    /// Form and DCI, second reading.
    pub detail: String,
    /// First code.
    pub code: String,
    /// Default unit and its price.
    pub unit: UnitView,
    /// Base units that may be sold.
    pub sellable: i64,
    /// The same in the largest units.
    pub sellable_text: String,
    /// First lot that FEFO would take.
    pub lot_number: String,
    /// Its last good day.
    pub expiry: Option<String>,
    /// Days until then.
    pub days_left: Option<i64>,
    /// How it stands.
    pub standing: Standing,
    /// A conflict about it waits for somebody.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub conflict: bool,
}

/// Whether a product can be sold now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Standing {
    /// Yes.
    Sellable,
    /// Yes, and its first lot expires within 90 days.
    ExpiringSoon,
    /// In stock, but every lot is expired or blocked.
    Withheld,
    /// None in stock.
    OutOfStock,
    /// In stock, without a price.
    Unpriced,
}

/// Produits: which rows.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ListProductsArgs {
    /// As in the search; empty for all, by name.
    pub text: String,
    /// Only this standing.
    pub standing: Option<Standing>,
    /// First row.
    pub offset: u32,
    /// At most 200.
    pub limit: u32,
}

/// A page of products.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ProductsPage {
    /// The rows.
    pub rows: Vec<ProductHit>,
    /// How many there are in all.
    pub total: u32,
}

/// A product.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ProductArgs {
    /// Identity.
    pub uid: String,
}

/// A product, whole.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ProductView {
    /// As in the list.
    pub hit: ProductHit,
    /// International name.
    pub dci: String,
    /// Form.
    pub form: String,
    /// Strength.
    pub strength: String,
    /// Holder or maker.
    pub maker: String,
    /// Units, the default first.
    pub units: Vec<UnitView>,
    /// Codes.
    pub codes: Vec<CodeView>,
    /// Lots, as FEFO takes them, then those that may not be sold.
    pub lots: Vec<LotView>,
}

/// A code of a product.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CodeView {
    /// The code.
    pub code: String,
    /// `ean13`, `cip13`, `cip7`, `inStore`, `other`.
    pub kind: String,
    /// The unit it stands for.
    pub unit: String,
}

/// A lot of a product.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LotView {
    /// Identity.
    pub uid: String,
    /// Empty for the nameless lot.
    pub lot_number: String,
    /// Last good day.
    pub expiry: Option<String>,
    /// Days until then.
    pub days_left: Option<i64>,
    /// Base units in it.
    pub quantity: i64,
    /// The same in the largest units.
    pub quantity_text: String,
    /// Why it is blocked.
    pub blocked: Option<String>,
    /// A recount is asked for.
    pub recount_open: bool,
    /// Boxes that came back and wait for somebody to look at them.
    pub quarantine: bool,
    /// Supplier's name.
    pub supplier: String,
    /// A conflict about it waits for somebody.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub conflict: bool,
}

/// A price, set by a manager.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SetPriceArgs {
    /// Product.
    pub product: String,
    /// Unit.
    pub unit: u32,
    /// Francs, 1 or more.
    pub price: i64,
}

/// An unknown code found by name.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct AttachCodeArgs {
    /// Product.
    pub product: String,
    /// The code as scanned.
    pub code: String,
    /// The unit it stands for; the default one where absent.
    pub unit: Option<u32>,
}

/// A catalogue file.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ImportArgs {
    /// Where it is.
    pub path: String,
    /// Francs for one unit of the file's currency, as typed (`10250` or `10 250,5`); empty for none.
    pub rate: String,
}

/// What an import did, or would do.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ImportReport {
    /// False for a dry run.
    pub applied: bool,
    /// `utf-8` or `windows-1252`.
    pub encoding: String,
    /// `,` `;` tab or `|`.
    pub separator: String,
    /// Which column fills which field, in file order; `field` empty where unused.
    pub columns: Vec<ColumnMatch>,
    /// Rows read, the header left out.
    pub rows: u32,
    /// Products created.
    pub created: u32,
    /// Products changed.
    pub updated: u32,
    /// Products already like that.
    pub unchanged: u32,
    /// Products left without a price.
    pub unpriced: u32,
    /// Lots opened.
    pub lots: u32,
    /// Rows that cannot be imported, at most 1,000 listed.
    pub bad_rows: Vec<BadRow>,
    /// How many there are in all.
    pub bad_count: u32,
    /// The currency of the prices, `GNF` or as the header says.
    pub currency: String,
    /// Seconds it took.
    pub seconds: f64,
}

/// A column and what it fills.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ColumnMatch {
    /// As in the file.
    pub header: String,
    /// `name`, `dci`, `code`, `price` …, empty where unused.
    pub field: String,
}

/// A row refused.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct BadRow {
    /// Line in the file, from 1 (the header).
    pub line: u32,
    /// Column's header.
    pub column: String,
    /// What is wrong.
    pub problem: Problem,
}

/// How far an import is.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ImportProgress {
    /// `reading`, `matching`, `writing`, `done`.
    pub step: String,
    /// Rows done.
    pub rows: u32,
    /// Bytes read.
    pub bytes: i64,
    /// Bytes in all.
    pub total_bytes: i64,
    /// Seconds left, once it can be told.
    pub seconds_left: Option<f64>,
}

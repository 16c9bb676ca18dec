//! What a read takes and gives, and its bounds.

use chrono::NaiveDate;

use super::errors::BadRow;
use super::number::Rate;

/// The largest file that is opened at all.
pub const MAX_BYTES: u64 = 256 << 20;
/// The most rows a file may hold, the header left out.
pub const MAX_ROWS: u32 = 500_000;
/// The most bad rows that are listed; all are counted.
pub const MAX_BAD_ROWS: usize = 1_000;

/// What the reader is told beside the file.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReadOptions {
    /// Francs for one unit of the file's currency. Without it, foreign prices are staged as absent.
    pub rate: Option<Rate>,
}

/// How far a read is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadProgress {
    /// Rows read, the header left out.
    pub rows: u32,
    /// Bytes read.
    pub bytes: u64,
    /// Bytes in all, as the caller said.
    pub total_bytes: u64,
}

/// A catalogue read whole. `products` and `bad` are in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staged {
    /// `utf-8`, `utf-16le`, `utf-16be` or `windows-1252`.
    pub encoding: &'static str,
    /// `,` `;` tab or `|`.
    pub separator: char,
    /// Each header as in the file, and the field it fills: `name`, `dci`, `form`, `strength`, `maker`, `code`,
    /// `price`, `unitsPerPack`, `supplier`, `lot`, `expiry`, `quantity`, `cost`, or empty where unused.
    pub columns: Vec<(String, &'static str)>,
    /// ISO code of the prices, `GNF` where the file names none.
    pub currency: String,
    /// Rows read, good and bad, the header and blank lines left out.
    pub rows: u32,
    /// One per product, however many of its lots have a row.
    pub products: Vec<StagedProduct>,
    /// The first [`MAX_BAD_ROWS`] rows that cannot be imported, one reason each.
    pub bad: Vec<BadRow>,
    /// How many there are in all.
    pub bad_count: u32,
}

/// A product as the file describes it. Texts are trimmed, with single ordinary spaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedProduct {
    /// Line of its first row.
    pub line: u32,
    /// Never empty.
    pub name: String,
    /// International name, or empty.
    pub dci: String,
    /// Form, or empty.
    pub form: String,
    /// Strength, or empty.
    pub strength: String,
    /// Holder or maker, or empty.
    pub maker: String,
    /// Codes and their kinds (see [`super::barcode::kind`]), in column order, none twice.
    pub codes: Vec<(String, &'static str)>,
    /// Francs for the pack, at least 1; absent where blank, zero, or foreign without a rate.
    pub price: Option<i64>,
    /// The file states the price in another currency.
    pub foreign_price: bool,
    /// Base units in the pack, at least 1.
    pub units_per_pack: i64,
    /// Supplier's name.
    pub supplier: Option<String>,
    /// Opening lots.
    pub lots: Vec<StagedLot>,
}

/// An opening lot. A row opens none where its quantity is zero, or where it states neither quantity nor lot
/// number; the cost and the expiry it may state are then of nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedLot {
    /// Empty for the nameless lot, of which a product has at most one.
    pub lot_number: String,
    /// Last good day.
    pub expiry: Option<NaiveDate>,
    /// Base units: the packs of the file × `units_per_pack`. Above zero.
    pub quantity: i64,
    /// Francs paid for a pack.
    pub pack_cost: Option<i64>,
}

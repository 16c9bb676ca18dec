//! The open cart, what a scan does to it, and tickets on hold.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{DiscountView, Problem, SaleStateName};

/// The open cart, whole. Every command that changes it answers it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CartView {
    /// The number the ticket will get, `2-004 319`.
    pub next_number: String,
    /// When its first line was scanned.
    pub opened_at: Option<i64>,
    /// Its lines, in order of first scan.
    pub lines: Vec<CartLine>,
    /// The line last touched.
    pub current: Option<u32>,
    /// Sum of the lines.
    pub subtotal: i64,
    /// Taken off the ticket, in francs.
    pub discount: i64,
    /// As it was given.
    pub discount_given: Option<DiscountView>,
    /// Added by the shop's rounding step; may be negative.
    pub rounding: i64,
    /// To pay: the sum of the lines − the discount + the rounding.
    pub total: i64,
    /// Units sold over all lines (boxes, strips, tablets as counted).
    pub units: i64,
    /// Why it cannot be paid as it stands (a line without price or stock).
    pub blocker: Option<Problem>,
    /// It came back from the hub: the refused ticket.
    pub returned_from: Option<ReturnedFrom>,
    /// How many tickets are on hold.
    pub held: u32,
    /// The ticket before, for the foot of the column.
    pub last: Option<LastTicket>,
}

/// The ticket whose refusal brought the cart back.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ReturnedFrom {
    /// Its number.
    pub number: String,
    /// Why the hub refused.
    pub reason: Problem,
    /// What was taken for it.
    pub paid: i64,
    /// How long the hub took to say so, in milliseconds.
    pub after_ms: i64,
}

/// The ticket sold before this cart.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LastTicket {
    /// Identity.
    pub uid: String,
    /// Its number.
    pub number: String,
    /// What was to pay.
    pub total: i64,
    /// What was handed back.
    pub change: i64,
    /// How far it got.
    pub state: SaleStateName,
}

/// One line of the cart.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CartLine {
    /// Stable within the cart.
    pub line: u32,
    /// Identity of the product.
    pub product: String,
    /// Its name.
    pub name: String,
    /// Form and DCI, second reading.
    pub detail: String,
    /// Which unit is sold.
    pub unit: UnitView,
    /// Every unit it may be sold in.
    pub units: Vec<UnitView>,
    /// How many of that unit.
    pub count: i64,
    /// Price of one, `None` where the product has none yet.
    pub unit_price: Option<i64>,
    /// Taken off this line, in francs.
    pub discount: i64,
    /// As it was given.
    pub discount_given: Option<DiscountView>,
    /// `count × unitPrice − discount`.
    pub amount: i64,
    /// Lots it will be taken from, in FEFO order or as chosen.
    pub lots: Vec<LotTake>,
    /// Base units left to sell once this line is taken.
    pub left: i64,
    /// `left` in the largest units: `38 bt + 4 pl`.
    pub left_text: String,
    /// Sold although the book says there is none.
    pub in_hand: bool,
    /// What to say inside this line.
    pub nudge: Option<Nudge>,
}

/// A unit of sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct UnitView {
    /// Its place in the product's list, 0 the default.
    pub position: u32,
    /// `boîte`, `plaquette`, `comprimé`.
    pub name: String,
    /// Base units in one.
    pub factor: i64,
    /// Price of one in francs.
    pub price: Option<i64>,
}

/// What a line takes from one lot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LotTake {
    /// Identity of the lot.
    pub batch: String,
    /// Empty for goods without lots.
    pub lot_number: String,
    /// Last good day.
    pub expiry: Option<String>,
    /// Days until then.
    pub days_left: Option<i64>,
    /// Base units taken.
    pub quantity: i64,
    /// How the lot was found.
    pub source: LotSourceName,
}

/// How the lot of a line was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum LotSourceName {
    /// Read from the box.
    Scanned,
    /// Picked by a person, with a reason.
    Chosen,
    /// Taken by FEFO.
    Assumed,
}

/// A message inside a line.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[ts(export)]
pub enum Nudge {
    /// A lot that expires earlier than the one taken exists.
    ShorterLot {
        /// Identity of that lot.
        batch: String,
        /// Its number.
        lot_number: String,
        /// Its last good day.
        expiry: String,
        /// Base units in it.
        quantity: i64,
    },
    /// More asked than the book has; « J'ai la boîte en main » or fewer.
    Short {
        /// Base units asked.
        asked: i64,
        /// Base units there are.
        available: i64,
    },
    /// The hub refused the ticket for this line.
    Refused {
        /// Base units asked.
        asked: i64,
        /// Base units the hub has.
        available: i64,
    },
    /// The product has no price yet.
    Unpriced,
    /// Nothing may be sold: every lot is expired.
    Expired {
        /// The lot.
        lot_number: String,
        /// Its last good day.
        expiry: String,
    },
    /// Nothing may be sold: the lots are blocked.
    Blocked {
        /// The lot.
        lot_number: String,
        /// Why it was blocked.
        reason: String,
    },
}

/// A scan, or a code typed and confirmed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ScanArgs {
    /// What the scanner sent; refused beyond 512 characters.
    pub code: String,
    /// From `3*`; 1 otherwise.
    pub count: i64,
}

/// What a scan did.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ScanView {
    /// What happened, for the sound and the message.
    pub outcome: ScanOutcome,
    /// Why nothing was added (`code_unknown`, `lot_expired`, `lot_blocked`, `out_of_stock`, `code_too_long`).
    pub problem: Option<Problem>,
    /// The product it concerns, where one was found.
    pub product: Option<String>,
    /// Several products share the code: choose.
    pub candidates: Vec<super::ProductHit>,
    /// The cart as it is now.
    pub cart: CartView,
}

/// The outcome of a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum ScanOutcome {
    /// On the cart.
    Added,
    /// No product has this code: find it by name and attach.
    Unknown,
    /// More than one product has it.
    Ambiguous,
    /// Found, and refused; `problem` says why.
    Refused,
}

/// Adds a product found by name.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct AddProductArgs {
    /// Identity of the product.
    pub product: String,
    /// How many.
    pub count: i64,
    /// Which unit; the default one where absent.
    pub unit: Option<u32>,
}

/// F2: how many, of which unit.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SetQuantityArgs {
    /// Which line.
    pub line: u32,
    /// How many; at least 1.
    pub count: i64,
    /// Which unit; unchanged where absent.
    pub unit: Option<u32>,
}

/// A line of the cart.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LineArgs {
    /// Which line.
    pub line: u32,
}

/// « J'ai la boîte en main ».
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct MarkInHandArgs {
    /// Which line.
    pub line: u32,
    /// On or off.
    pub in_hand: bool,
}

/// F6: a lot that may be taken, or may not and why.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LotChoice {
    /// Identity.
    pub batch: String,
    /// Empty for the nameless lot.
    pub lot_number: String,
    /// Last good day.
    pub expiry: Option<String>,
    /// Days until then.
    pub days_left: Option<i64>,
    /// Base units in it.
    pub quantity: i64,
    /// What the line takes from it now.
    pub taken: i64,
    /// FEFO would take it first.
    pub first: bool,
    /// Why it may not be sold (`lot_expired`, `lot_blocked`, `lot_empty`).
    pub refused: Option<Problem>,
}

/// F6: this lot, for this reason.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ChooseLotArgs {
    /// Which line.
    pub line: u32,
    /// Which lot; absent: back to FEFO.
    pub batch: Option<String>,
    /// Why; at least 3 characters unless the lot is the one FEFO would take.
    pub reason: String,
}

/// A ticket on hold.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct HeldTicket {
    /// Identity of the cart.
    pub cart: String,
    /// When it was put on hold.
    pub held_at: i64,
    /// By whom.
    pub user: String,
    /// Its lines.
    pub lines: u32,
    /// Its first products' names.
    pub summary: String,
    /// Sum.
    pub total: i64,
    /// The refused ticket it came back from.
    pub returned_from: Option<ReturnedFrom>,
}

/// A ticket on hold, by identity.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct HeldArgs {
    /// Identity of the cart.
    pub cart: String,
}

//! The sale, its receipt, and the list of tickets.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{DecisionName, HeldTicket, LotTake, PaymentArgs, PaymentView, Problem, SettlementView};

/// The sale: for cash, exact or with change, unless it says otherwise.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CommitSaleArgs {
    /// Cash handed over; absent: exact (F12).
    pub tendered: Option<i64>,
    /// The total the cashier saw: refused with `total_changed` if it is another by now.
    pub expected_total: i64,
    /// How it is paid; none: all in cash. Change is given from cash alone.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<PaymentArgs>>")]
    pub payments: Vec<PaymentArgs>,
    /// The customer named on it; credit needs one.
    #[serde(default)]
    #[ts(optional)]
    pub customer: Option<String>,
}

/// How far a ticket got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum SaleStateName {
    /// On disk, waiting.
    Recorded,
    /// Under way to the hub.
    Sent,
    /// Accepted by the hub.
    Confirmed,
    /// Refused and rolled back.
    Reversed,
    /// Refused, but the goods have left.
    Regularised,
}

/// What a ticket does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum TicketKind {
    /// Sells.
    Sale,
    /// Takes another back, whole or in part.
    Return,
    /// Takes the last one back before its goods have left.
    Cancellation,
}

/// A ticket as printed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ReceiptView {
    /// Identity.
    pub uid: String,
    /// `2-004 319`.
    pub number: String,
    /// The number on its paper, where the till has begun a new series since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub printed_number: Option<String>,
    /// Name of the pharmacy.
    pub pharmacy: String,
    /// Its address and phone, as lines.
    pub header: Vec<String>,
    /// The till.
    pub till: String,
    /// Who sold.
    pub cashier: String,
    /// When.
    pub occurred_at: i64,
    /// How far it got.
    pub state: SaleStateName,
    /// Why it was refused.
    pub reason: Option<Problem>,
    /// The hub asks a person to look at it.
    pub flagged: bool,
    /// What it does.
    pub kind: TicketKind,
    /// Number of the ticket it takes back.
    pub takes_back: Option<String>,
    /// Why it was taken back; empty for a sale.
    pub why: String,
    /// The customer named on it.
    pub customer: Option<String>,
    /// The lines.
    pub lines: Vec<ReceiptLine>,
    /// Taken off the sum of the lines.
    pub discount: i64,
    /// Added by the shop's rounding step; may be negative.
    pub rounding: i64,
    /// To pay; to give back where it takes another back.
    pub total: i64,
    /// How it was paid.
    pub payments: Vec<PaymentView>,
    /// Handed over.
    pub tendered: i64,
    /// Handed back.
    pub change: i64,
    /// First 8 hex digits of the chain's hash, as printed at the foot.
    pub hash: String,
    /// Its paper waits for the hub's verdict: `print_ticket` lets it out, at the verdict, at any key, after 5 s at most.
    pub paper_waits: bool,
    /// What was decided about it, where it was refused; the decision that stands before one that does not.
    pub settled: Option<SettlementView>,
    /// Why a person is asked to look at it, or at what took it back.
    pub flags: Vec<FlagView>,
}

/// Why a person is asked to look at a ticket.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FlagView {
    /// The ticket that is flagged: itself, or one that takes it back.
    pub number: String,
    /// `lot_short`, `lot_withheld`, `ceiling_passed`, `more_than_sold`, `not_in_quarantine`, `sale_reversed`,
    /// `return_void`, or `unsaid`.
    pub code: String,
}

/// A line as printed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ReceiptLine {
    /// Place on the ticket, from 1.
    pub line: u32,
    /// Name at the time of sale.
    pub name: String,
    /// Unit at the time of sale.
    pub unit: String,
    /// How many.
    pub count: i64,
    /// Base units.
    pub quantity: i64,
    /// Base units that came back since.
    pub returned: i64,
    /// Price of one.
    pub unit_price: i64,
    /// Taken off this line.
    pub discount: i64,
    /// Amount.
    pub amount: i64,
    /// Lots as printed.
    pub lots: Vec<LotTake>,
    /// Sold although the book said there was none.
    pub in_hand: bool,
}

/// Ventes: which tickets.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ListSalesArgs {
    /// Number, product or lot; empty for all.
    pub text: String,
    /// Only these states; empty for all.
    pub states: Vec<SaleStateName>,
    /// Only those that a person is asked to look at.
    #[serde(default)]
    pub flagged: bool,
    /// Go on after this position.
    pub after: Option<String>,
    /// At most 200.
    pub limit: u32,
}

/// A page of tickets, newest first.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SalesPage {
    /// The tickets.
    pub rows: Vec<SaleRow>,
    /// Where the next page starts.
    pub next: Option<String>,
    /// Tickets on hold, those that came back from the hub first.
    pub held: Vec<HeldTicket>,
    /// Today's tickets and their sum, reversed ones left out.
    pub today_count: u32,
    /// Sum of today.
    pub today_total: i64,
}

/// A ticket in the list.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SaleRow {
    /// Identity.
    pub uid: String,
    /// `2-004 319`.
    pub number: String,
    /// When.
    pub occurred_at: i64,
    /// Which till.
    pub till: String,
    /// Who.
    pub cashier: String,
    /// Lines.
    pub lines: u32,
    /// First products.
    pub summary: String,
    /// Sum.
    pub total: i64,
    /// How far it got.
    pub state: SaleStateName,
    /// Why it was refused.
    pub reason: Option<Problem>,
    /// What was decided about it, where it was refused and a decision stands.
    pub settled: Option<DecisionName>,
    /// A person is asked to look at it, or at what took it back.
    pub flagged: bool,
}

/// A ticket.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SaleArgs {
    /// Identity.
    pub uid: String,
}

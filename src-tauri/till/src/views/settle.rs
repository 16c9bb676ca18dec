//! « À régulariser »: refused tickets whose paper was out, and what is decided about them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{PaymentArgs, PaymentView, Problem};

/// What becomes of a refused ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum DecisionName {
    /// Its paper never came out: the cart went back to the counter, no money was taken.
    Withdrawn,
    /// Cancelled for good: goods and money come back.
    Cancelled,
    /// Regularised: the goods have left, the money stays, and their lots are to be recounted.
    Kept,
}

/// A refused ticket that waits for a decision, of whatever till.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ToSettleView {
    /// Identity of the ticket.
    pub uid: String,
    /// `2-004 319`.
    pub number: String,
    /// Which till.
    pub till: String,
    /// Who sold.
    pub seller: String,
    /// When.
    pub occurred_at: i64,
    /// Its total.
    pub total: i64,
    /// The customer named on it.
    pub customer: Option<String>,
    /// Why the hub refused it: code, and what the message names.
    pub reason: Option<Problem>,
    /// Its lines.
    pub lines: Vec<ToSettleLine>,
    /// How it was paid.
    pub payments: Vec<PaymentView>,
    /// What cancelling it would give back, by means: what was paid less what was given back before.
    pub to_give_back: Vec<PaymentView>,
}

/// A line of it, beside the book of today.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ToSettleLine {
    /// Place on the ticket.
    pub line: u32,
    /// Name as printed.
    pub name: String,
    /// Unit as printed.
    pub unit: String,
    /// How many of it.
    pub count: i64,
    /// Base units asked.
    pub quantity: i64,
    /// Base units the product has now, here.
    pub available: i64,
    /// Base units that lack now: keeping the ticket takes lots below zero.
    pub short: i64,
}

/// The decision on a refused ticket.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SettleSaleArgs {
    /// Identity of the ticket.
    pub sale: String,
    /// `cancelled` or `kept`.
    pub decision: DecisionName,
    /// Why; 3 characters at least.
    pub reason: String,
    /// How the money goes back, where it is cancelled; none: as it came.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<PaymentArgs>>")]
    pub payments: Vec<PaymentArgs>,
}

/// What was decided about a refused ticket.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SettlementView {
    /// Identity.
    pub uid: String,
    /// `2-004 320`: it is a ticket of its own.
    pub number: String,
    /// The till where it was decided.
    pub till: String,
    /// By whom.
    pub by: String,
    /// When.
    pub occurred_at: i64,
    /// What.
    pub decision: DecisionName,
    /// Why.
    pub reason: String,
    /// Given back, in francs.
    pub total: i64,
    /// Another decision reached the hub first: this one counts for nothing but the money that was handed out.
    pub superseded: bool,
}

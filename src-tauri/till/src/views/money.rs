//! Payments and discounts, what comes back, customers' accounts, expenses, the drawer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{CartView, ReceiptView};

/// How money changes hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum MeansName {
    /// Notes and coins.
    Cash,
    /// Orange Money.
    OrangeMoney,
    /// MTN MoMo.
    MtnMomo,
    /// The customer's account.
    Credit,
}

/// Money handed over, or given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PaymentArgs {
    /// How.
    pub means: MeansName,
    /// Francs; cash as it was handed over.
    pub amount: i64,
    /// The operator's reference: Orange Money and MTN MoMo need one.
    #[serde(default)]
    #[ts(optional)]
    pub reference: Option<String>,
}

/// A payment as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PaymentView {
    /// How.
    pub means: MeansName,
    /// Francs; of cash, what was kept.
    pub amount: i64,
    /// The operator's reference.
    pub reference: Option<String>,
}

/// A discount as it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[ts(export)]
pub enum DiscountView {
    /// So many hundredths, rounded down to the franc.
    Percent {
        /// 1 to 100.
        percent: i64,
    },
    /// So many francs, at most what it is taken off.
    Francs {
        /// 1 or more.
        amount: i64,
    },
}

/// A discount on a line; none takes it away.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DiscountLineArgs {
    /// Which line.
    pub line: u32,
    /// How much.
    pub discount: Option<DiscountView>,
}

/// A discount on the ticket, after those of its lines; none takes it away.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DiscountTicketArgs {
    /// How much.
    pub discount: Option<DiscountView>,
}

/// Where goods that came back go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DispositionName {
    /// Back to the lot they came from.
    Shelf,
    /// To the quarantine lot of the same number and expiry: not for sale.
    Quarantine,
    /// Destroyed at the counter: never on the book again.
    Destroyed,
}

/// What comes back of a ticket, and how it is paid back.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReturnSaleArgs {
    /// Identity of the ticket.
    pub sale: String,
    /// Its lines; none: all that has not come back yet.
    #[serde(default)]
    pub lines: Vec<ReturnLineArgs>,
    /// Why.
    pub reason: String,
    /// How the money goes back; none: what was on the customer's account first, the rest in cash.
    #[serde(default)]
    pub payments: Vec<PaymentArgs>,
}

/// What comes back of a line.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReturnLineArgs {
    /// Line of the ticket.
    pub line: u32,
    /// Base units.
    pub quantity: i64,
    /// Where it goes; absent: to quarantine, unless the product may go straight back to the shelf.
    #[serde(default)]
    pub disposition: Option<DispositionName>,
}

/// « Annuler le dernier »: the ticket that takes the last one back, and the cart it left.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CancelledView {
    /// What was recorded.
    pub receipt: ReceiptView,
    /// The lines are in the open cart; on hold if another had begun.
    pub held: bool,
    /// The open cart.
    pub cart: CartView,
}

/// A repayment on a customer's account.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RepayArgs {
    /// Whose account; may be left out where a ticket is named.
    #[serde(default)]
    pub customer: Option<String>,
    /// The ticket it is for.
    #[serde(default)]
    pub sale: Option<String>,
    /// How much, how.
    pub payment: Option<PaymentArgs>,
}

/// A customer's account.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountView {
    /// Identity of the customer.
    pub customer: String,
    /// Name.
    pub name: String,
    /// Phone.
    pub phone: String,
    /// What is owed; below zero an advance.
    pub balance: i64,
    /// The most that may be owed; 0: no credit.
    pub ceiling: i64,
    /// What the balance is made of, oldest first; empty in a list of debtors.
    pub entries: Vec<AccountEntry>,
}

/// What an entry of an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AccountEntryKind {
    /// A ticket on credit.
    Sale,
    /// A refund to the account.
    Return,
    /// A repayment.
    Repayment,
    /// A repayment of a ticket that was reversed: an advance.
    Advance,
}

/// An entry of an account.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountEntry {
    /// What it is.
    pub kind: AccountEntryKind,
    /// Identity of the document.
    pub uid: String,
    /// Number of the ticket; empty for a repayment of no ticket.
    pub number: String,
    /// When.
    pub occurred_at: i64,
    /// Added to what is owed; below zero where it was paid.
    pub amount: i64,
    /// What is owed then.
    pub balance: i64,
}

/// Money spent.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExpenseArgs {
    /// In the shop's words: loyer, transport …
    pub category: String,
    /// What for.
    pub label: String,
    /// How much, how; never on credit.
    pub payment: PaymentArgs,
}

/// Which expenses.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListExpensesArgs {
    /// Of that drawer.
    #[serde(default)]
    pub session: Option<String>,
    /// From that day on; today where neither is given.
    #[serde(default)]
    pub from: Option<String>,
    /// To that day.
    #[serde(default)]
    pub to: Option<String>,
}

/// Money that was spent.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExpenseRow {
    /// Identity.
    pub uid: String,
    /// When.
    pub occurred_at: i64,
    /// By whom.
    pub user: String,
    /// Category.
    pub category: String,
    /// What for.
    pub label: String,
    /// How much, how.
    pub payment: PaymentView,
}

/// A drawer is opened.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenSessionArgs {
    /// What is in it, in francs.
    pub opening_float: i64,
}

/// Money put into the drawer, or taken out.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FeedSessionArgs {
    /// In, or out.
    pub inward: bool,
    /// Francs.
    pub amount: i64,
    /// Why.
    pub reason: String,
}

/// A drawer is counted and closed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CloseSessionArgs {
    /// What is in it; may be left out where notes and coins are told.
    #[serde(default)]
    pub counted: Option<i64>,
    /// Number of notes and coins by their value.
    #[serde(default)]
    pub count: BTreeMap<String, i64>,
    /// What there is to say.
    #[serde(default)]
    pub note: String,
}

/// A drawer: so far while it is open (X), for good once it is closed (Z).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionReport {
    /// Identity.
    pub uid: String,
    /// Which till.
    pub till: String,
    /// Who opened it.
    pub opened_by: String,
    /// When.
    pub opened_at: i64,
    /// Who closed it.
    pub closed_by: Option<String>,
    /// When.
    pub closed_at: Option<i64>,
    /// What was in it.
    pub opening_float: i64,
    /// Put in by hand.
    pub fed: i64,
    /// Taken out by hand.
    pub taken_out: i64,
    /// What the book says is in it, in cash.
    pub expected: i64,
    /// What was counted.
    pub counted: Option<i64>,
    /// Counted − expected.
    pub difference: Option<i64>,
    /// What was said.
    pub note: String,
    /// First ticket and last, of whatever kind.
    pub tickets: Option<(String, String)>,
    /// How many were sold.
    pub sales: i64,
    /// Their sum.
    pub sales_total: i64,
    /// How many took something back.
    pub returns: i64,
    /// Their sum.
    pub returns_total: i64,
    /// Taken off lines and tickets.
    pub discounts: i64,
    /// Added by rounding.
    pub rounding: i64,
    /// Refused tickets, of whatever drawer, cancelled while this one was open: how many.
    pub late_reversals: i64,
    /// By means.
    pub means: Vec<MeansSums>,
    /// By user.
    pub users: Vec<UserSums>,
}

/// What went through one means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MeansSums {
    /// Which.
    pub means: MeansName,
    /// Of sales; of the account, credit given.
    pub sales: i64,
    /// Given back by returns.
    pub returns: i64,
    /// Of repayments.
    pub repayments: i64,
    /// Spent.
    pub expenses: i64,
    /// Given back for refused tickets cancelled while this one was open.
    pub late_reversals: i64,
}

/// What one user sold and took back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserSums {
    /// Name.
    pub user: String,
    /// Tickets sold.
    pub sales: i64,
    /// Their sum.
    pub sales_total: i64,
    /// Sum of what was taken back.
    pub returns_total: i64,
}

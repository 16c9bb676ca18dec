//! Payments, credit, returns, expenses, drawers: a group of commands, flattened into the command line.

use std::collections::BTreeMap;

use clap::Subcommand;
use officine_till::{
    Error, Result, Till,
    views::{
        CloseSessionArgs, DispositionName, ExpenseArgs, FeedSessionArgs, ListExpensesArgs, ListSalesArgs, MeansName,
        OpenSessionArgs, PaymentArgs, RepayArgs, ReturnLineArgs, ReturnSaleArgs,
    },
};
use serde_json::Value as Json;

use super::Arguments;

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Take a ticket back, whole or in part.
    Return {
        /// Its number or uid.
        ticket: String,
        /// `LINE:QUANTITY[:shelf|quarantine|destroyed]`, in base units; all that is left where absent.
        #[arg(long = "line", value_parser = return_line)]
        lines: Vec<ReturnLineArgs>,
        /// Why.
        #[arg(long, default_value = "")]
        reason: String,
        /// `MEANS:AMOUNT[:REFERENCE]`; the customer's account first, then cash where absent.
        #[arg(long = "pay", value_parser = payment)]
        payments: Vec<PaymentArgs>,
    },
    /// Cancel the last ticket of this till.
    CancelLast {
        /// Why.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Customers' accounts.
    #[command(subcommand)]
    Credit(Credit),
    /// What the shop spends.
    #[command(subcommand)]
    Expense(Expense),
    /// The drawer.
    #[command(subcommand)]
    Session(Session),
}

/// Customers' accounts.
#[derive(Subcommand)]
pub enum Credit {
    /// Who owes something.
    List,
    /// An account, entry by entry.
    Show {
        /// Phone or uid.
        customer: String,
    },
    /// Take a repayment.
    Pay {
        /// Phone or uid of the customer; may be left out with `--ticket`.
        customer: Option<String>,
        /// The ticket it is for: its number or uid.
        #[arg(long)]
        ticket: Option<String>,
        /// `MEANS:AMOUNT[:REFERENCE]`.
        #[arg(long = "pay", value_parser = payment)]
        payment: PaymentArgs,
    },
}

/// What the shop spends.
#[derive(Subcommand)]
pub enum Expense {
    /// Record one.
    Add {
        /// In the shop's words: loyer, transport …
        category: String,
        /// What for.
        #[arg(default_value = "")]
        label: String,
        /// `MEANS:AMOUNT[:REFERENCE]`.
        #[arg(long = "pay", value_parser = payment)]
        payment: PaymentArgs,
    },
    /// Those of a drawer or of days; today's where neither is named.
    List {
        /// Uid of a drawer.
        #[arg(long)]
        session: Option<String>,
        /// `YYYY-MM-DD`.
        #[arg(long)]
        from: Option<String>,
        /// `YYYY-MM-DD`.
        #[arg(long)]
        to: Option<String>,
    },
}

/// The drawer.
#[derive(Subcommand)]
pub enum Session {
    /// Open it.
    Open {
        /// Francs in it.
        #[arg(long = "float", default_value_t = 0)]
        opening_float: i64,
    },
    /// Put money in, or take some out.
    Feed {
        /// `in` or `out`.
        #[arg(value_parser = ["in", "out"])]
        direction: String,
        /// Francs.
        amount: i64,
        /// Why.
        reason: String,
    },
    /// Close it.
    Close {
        /// Francs counted.
        #[arg(long)]
        counted: Option<i64>,
        /// `VALUE*NUMBER` of notes or coins.
        #[arg(long = "count", value_parser = kind)]
        count: Vec<(String, i64)>,
        /// What there is to say.
        #[arg(long, default_value = "")]
        note: String,
    },
    /// The open one so far, or one by uid.
    Report {
        /// Uid.
        session: Option<String>,
    },
    /// All of them, newest first.
    List,
}

/// Does it.
pub fn run(till: &Till, arguments: &Arguments, command: &Command) -> Result<Json> {
    arguments.sign_in(till)?;
    match command {
        Command::Return { ticket, lines, reason, payments } => {
            let args = ReturnSaleArgs {
                sale: uid_of(till, ticket)?,
                lines: lines.clone(),
                reason: reason.clone(),
                payments: payments.clone(),
            };
            json(till.return_sale(&args)?)
        }
        Command::CancelLast { reason } => json(till.cancel_last(reason)?),
        Command::Credit(command) => credit(till, command),
        Command::Expense(command) => expense(till, command),
        Command::Session(command) => session(till, command),
    }
}

fn json(view: impl serde::Serialize) -> Result<Json> {
    Ok(serde_json::to_value(view)?)
}

fn credit(till: &Till, command: &Credit) -> Result<Json> {
    match command {
        Credit::List => json(till.list_debtors()?),
        Credit::Show { customer } => json(till.account(&till.customer_uid(customer)?)?),
        Credit::Pay { customer, ticket, payment } => {
            let args = RepayArgs {
                customer: customer.as_deref().map(|text| till.customer_uid(text)).transpose()?,
                sale: ticket.as_deref().map(|text| uid_of(till, text)).transpose()?,
                payment: Some(payment.clone()),
            };
            json(till.repay(&args)?)
        }
    }
}

fn expense(till: &Till, command: &Expense) -> Result<Json> {
    match command {
        Expense::Add { category, label, payment } => {
            let args = ExpenseArgs { category: category.clone(), label: label.clone(), payment: payment.clone() };
            json(till.record_expense(&args)?)
        }
        Expense::List { session, from, to } => {
            let args = ListExpensesArgs { session: session.clone(), from: from.clone(), to: to.clone() };
            json(till.list_expenses(&args)?)
        }
    }
}

fn session(till: &Till, command: &Session) -> Result<Json> {
    match command {
        Session::Open { opening_float } => json(till.open_session(&OpenSessionArgs { opening_float: *opening_float })?),
        Session::Feed { direction, amount, reason } => {
            let args = FeedSessionArgs { inward: direction == "in", amount: *amount, reason: reason.clone() };
            json(till.feed_session(&args)?)
        }
        Session::Close { counted, count, note } => {
            let mut kinds: BTreeMap<String, i64> = BTreeMap::new();
            for (value, number) in count {
                let sum = kinds.entry(value.clone()).or_default();
                *sum = sum.saturating_add(*number);
            }
            json(till.close_session(&CloseSessionArgs { counted: *counted, count: kinds, note: note.clone() })?)
        }
        Session::Report { session } => json(till.session_report(session.as_deref())?),
        Session::List => json(till.list_sessions()?),
    }
}

/// The uid of a ticket named by number, with or without its spaces.
pub fn uid_of(till: &Till, ticket: &str) -> Result<String> {
    if officine_protocol::Uid::try_parse(ticket).is_ok() {
        return Ok(ticket.to_owned());
    }
    let plain = |text: &str| text.split_whitespace().collect::<String>();
    let args = ListSalesArgs { text: ticket.to_owned(), states: vec![], flagged: false, after: None, limit: 200 };
    let found = till.list_sales(&args)?.rows.into_iter().find(|row| plain(&row.number) == plain(ticket));
    let missing = || Error::refused("reference_missing", officine_protocol::params! { entity: "sale", uid: ticket });
    Ok(found.ok_or_else(missing)?.uid)
}

/// `MEANS:AMOUNT[:REFERENCE]`
pub fn payment(text: &str) -> Result<PaymentArgs, String> {
    let mut parts = text.splitn(3, ':');
    let means = match parts.next().unwrap_or_default() {
        "om" => MeansName::OrangeMoney,
        "momo" => MeansName::MtnMomo,
        word => MeansName::parse(word).ok_or("cash, orange_money (om), mtn_momo (momo) or credit")?,
    };
    let amount = parts.next().and_then(|amount| amount.parse().ok()).ok_or("MEANS:AMOUNT[:REFERENCE]")?;
    Ok(PaymentArgs { means, amount, reference: parts.next().map(str::to_owned) })
}

fn return_line(text: &str) -> Result<ReturnLineArgs, String> {
    let wrong = "LINE:QUANTITY[:shelf|quarantine|destroyed]";
    let mut parts = text.splitn(3, ':');
    let line = parts.next().and_then(|line| line.parse().ok()).ok_or(wrong)?;
    let quantity = parts.next().and_then(|quantity| quantity.parse().ok()).ok_or(wrong)?;
    let disposition = match parts.next() {
        None => None,
        Some("shelf") => Some(DispositionName::Shelf),
        Some("quarantine") => Some(DispositionName::Quarantine),
        Some("destroyed") => Some(DispositionName::Destroyed),
        Some(_) => return Err(wrong.to_owned()),
    };
    Ok(ReturnLineArgs { line, quantity, disposition })
}

fn kind(text: &str) -> Result<(String, i64), String> {
    let (value, number) = text.split_once('*').ok_or("VALUE*NUMBER")?;
    Ok((value.to_owned(), number.parse().map_err(|_| "VALUE*NUMBER")?))
}

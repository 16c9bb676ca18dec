//! `sell`: what is scanned at the counter, without a counter.

use clap::{Args, Subcommand};
use officine_till::{
    Error, Result, Till, Trigger,
    views::{
        CommitSaleArgs, DecisionName, DiscountLineArgs, DiscountTicketArgs, DiscountView, PaymentArgs, ScanArgs,
        ScanOutcome, SettleSaleArgs,
    },
};
use serde_json::{Value as Json, json};

use super::{Arguments, money};

/// What is sold, and how it is paid.
#[derive(Args)]
pub struct Sell {
    /// The codes, each with an optional quantity (`CODE*3`).
    #[arg(required = true)]
    codes: Vec<String>,
    /// Cash handed over; exact where absent.
    #[arg(long, conflicts_with = "payments")]
    tendered: Option<i64>,
    /// `MEANS:AMOUNT[:REFERENCE]`, as often as needed; all in cash where absent.
    #[arg(long = "pay", value_parser = money::payment)]
    payments: Vec<PaymentArgs>,
    /// Phone or uid of the customer named on the ticket.
    #[arg(long)]
    customer: Option<String>,
    /// Off the ticket: `10%` or francs.
    #[arg(long, value_parser = discount)]
    discount: Option<DiscountView>,
    /// Off a line: `LINE:10%` or `LINE:FRANCS`.
    #[arg(long, value_parser = line_discount)]
    line_discount: Vec<(u32, DiscountView)>,
    /// The boxes are in hand although the book says there are none.
    #[arg(long)]
    in_hand: bool,
    /// Leave the sale in the queue.
    #[arg(long)]
    no_sync: bool,
}

/// Refused tickets.
#[derive(Subcommand)]
pub enum Refused {
    /// Those that wait for a decision, of all tills.
    ToSettle,
    /// Decide what becomes of one.
    #[command(group(clap::ArgGroup::new("decision").required(true)))]
    Settle {
        /// Its number or uid.
        ticket: String,
        /// The goods have left: the ticket stands, and their lots are to be recounted.
        #[arg(long, group = "decision")]
        keep: bool,
        /// Goods and money come back.
        #[arg(long, group = "decision")]
        cancel: bool,
        /// Why.
        #[arg(long)]
        reason: String,
        /// `MEANS:AMOUNT[:REFERENCE]`; back as it came where absent.
        #[arg(long = "pay", value_parser = money::payment)]
        payments: Vec<PaymentArgs>,
    },
}

/// Lists refused tickets, or decides.
pub fn refused(till: &Till, arguments: &Arguments, wanted: &Refused) -> Result<Json> {
    arguments.sign_in(till)?;
    match wanted {
        Refused::ToSettle => Ok(serde_json::to_value(till.list_to_settle()?)?),
        Refused::Settle { ticket, keep, reason, payments, .. } => {
            let args = SettleSaleArgs {
                sale: money::uid_of(till, ticket)?,
                decision: if *keep { DecisionName::Kept } else { DecisionName::Cancelled },
                reason: reason.clone(),
                payments: payments.clone(),
            };
            Ok(serde_json::to_value(till.settle_sale(&args)?)?)
        }
    }
}

/// Sells in a cart of its own: what is open at the counter goes on hold and comes back.
pub fn sell(till: &Till, arguments: &Arguments, wanted: &Sell) -> Result<Json> {
    arguments.sign_in(till)?;
    let kept = (!till.cart()?.lines.is_empty()).then(|| till.hold_cart()).transpose()?.is_some();
    let kept =
        if kept { till.list_held()?.into_iter().max_by_key(|held| held.held_at).map(|held| held.cart) } else { None };
    let sold = fill_and_commit(till, wanted);
    if sold.is_err() {
        till.clear_cart()?;
    }
    if let Some(cart) = kept {
        till.recall_cart(&cart)?;
    }
    let receipt = sold?;
    let report = (!wanted.no_sync).then(|| till.sync_now(Trigger::Sale)).transpose()?;
    match till.print_ticket(&receipt) {
        Err(error) if error.code() != "ticket_withdrawn" => return Err(error),
        _ => {}
    }
    Ok(json!({ "receipt": till.receipt(&receipt)?, "sync": report }))
}

fn fill_and_commit(till: &Till, wanted: &Sell) -> Result<String> {
    wanted.codes.iter().try_for_each(|code| put(till, code))?;
    if wanted.in_hand {
        for line in till.cart()?.lines {
            till.mark_in_hand(line.line, true)?;
        }
    }
    for (line, discount) in &wanted.line_discount {
        till.discount_line(&DiscountLineArgs { line: *line, discount: Some(*discount) })?;
    }
    if wanted.discount.is_some() {
        till.discount_ticket(&DiscountTicketArgs { discount: wanted.discount })?;
    }
    let args = CommitSaleArgs {
        tendered: wanted.tendered,
        expected_total: till.cart()?.total,
        payments: wanted.payments.clone(),
        customer: wanted.customer.as_deref().map(|text| till.customer_uid(text)).transpose()?,
    };
    Ok(till.commit_sale(&args)?.uid)
}

fn put(till: &Till, wanted: &str) -> Result<()> {
    let (code, count) = match wanted.rsplit_once('*') {
        Some((code, count)) => (code, count.parse().unwrap_or(0)),
        None => (wanted, 1),
    };
    let view = till.scan(&ScanArgs { code: code.to_owned(), count })?;
    if let (true, Some(problem)) = (view.outcome != ScanOutcome::Added, view.problem) {
        return Err(Error::refused(&problem.code, problem.params));
    }
    if view.outcome == ScanOutcome::Ambiguous {
        return Err(Error::refused("code_ambiguous", officine_protocol::params! { code: code }));
    }
    Ok(())
}

fn discount(text: &str) -> Result<DiscountView, String> {
    let number = |text: &str| text.parse::<i64>().map_err(|_| "10% or francs".to_owned());
    match text.strip_suffix('%') {
        Some(percent) => Ok(DiscountView::Percent { percent: number(percent)? }),
        None => Ok(DiscountView::Francs { amount: number(text)? }),
    }
}

fn line_discount(text: &str) -> Result<(u32, DiscountView), String> {
    let (line, off) = text.split_once(':').ok_or("LINE:10% or LINE:FRANCS")?;
    Ok((line.parse().map_err(|_| "LINE:10% or LINE:FRANCS")?, discount(off)?))
}

//! Refused tickets: what is decided about them, of whatever till.

use officine_protocol::Uid;
use officine_till::{
    Result, Till,
    demo::random::Random,
    views::{DecisionName, ListSalesArgs, SettleSaleArgs},
};

use super::{Done, pick};

pub fn settle(till: &Till, random: &mut Random) -> Result<Done> {
    let waiting = till.list_to_settle()?;
    let refused = pick(random, &waiting)?;
    let decision = if random.once_in(2) { DecisionName::Kept } else { DecisionName::Cancelled };
    let (sale, reason) = (refused.uid.clone(), "décidé au comptoir".to_owned());
    let receipt = till.settle_sale(&SettleSaleArgs { sale, decision, reason, payments: Vec::new() })?;
    let settled = receipt.settled.filter(|settled| !settled.superseded);
    let ticket =
        settled.map(|settled| ("saleSettlement", Uid::parse_str(&settled.uid).unwrap_or_default(), settled.total));
    Ok(Done { ticket, ..Done::said(format!("{} {decision:?}", refused.number)) })
}

pub fn print(till: &Till, random: &mut Random) -> Result<Done> {
    let args = ListSalesArgs { text: String::new(), states: Vec::new(), flagged: false, after: None, limit: 3 };
    let sale = pick(random, &till.list_sales(&args)?.rows)?.uid.clone();
    Ok(Done::said(till.print_ticket(&sale)?.number))
}

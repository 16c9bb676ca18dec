//! Customers, drawers, what the shop spends, who works there, what it has decided.

use std::collections::BTreeMap;

use officine_till::{
    Result, Till,
    demo::random::Random,
    views::{
        CloseSessionArgs, ExpenseArgs, FeedSessionArgs, ListSalesArgs, MeansName, OpenSessionArgs, PaymentArgs,
        RepayArgs,
    },
};
use serde_json::json;

use super::{Done, pick, uid_in};
use crate::template::{ABSENT, fields};

fn cash(amount: i64) -> PaymentArgs {
    PaymentArgs { means: MeansName::Cash, amount, reference: None }
}

fn customer(till: &Till, random: &mut Random) -> Result<String> {
    Ok(uid_in(pick(random, &till.find_customers("", 50)?)?))
}

pub fn new_customer(till: &Till, random: &mut Random) -> Result<Done> {
    let number = random.between(0, 4);
    let name = format!("Client {}", random.between(0, 99));
    till.create_customer(&fields(
        json!({ "name": name, "phone": format!("62111111{number}"), "creditCeiling": 50_000 }),
    ))?;
    Ok(Done::said(name))
}

pub fn edit_customer(till: &Till, random: &mut Random) -> Result<Done> {
    let uid = customer(till, random)?;
    let change = match random.index(2) {
        0 => json!({ "address": format!("Rue {}", random.between(0, 99)) }),
        _ => json!({ "creditCeiling": random.between(0, 9) * 50_000 }),
    };
    till.edit_customer(&uid, &fields(change.clone()))?;
    Ok(Done::said(change.to_string()))
}

pub fn repay(till: &Till, random: &mut Random) -> Result<Done> {
    let amount = random.between(1, 8) * 500;
    let on_a_ticket = random.once_in(2).then(|| credited(till, random)).transpose()?.flatten();
    let customer = if on_a_ticket.is_some() { None } else { Some(customer(till, random)?) };
    let args = RepayArgs { customer, sale: on_a_ticket, payment: Some(cash(amount)) };
    till.repay(&args)?;
    Ok(Done::said(format!("{amount} F")))
}

/// A ticket that names a customer, refused ones too.
fn credited(till: &Till, random: &mut Random) -> Result<Option<String>> {
    let args = ListSalesArgs { text: String::new(), states: Vec::new(), flagged: false, after: None, limit: 30 };
    let rows = till.list_sales(&args)?.rows;
    let receipts = rows.iter().map(|row| till.receipt(&row.uid)).collect::<Result<Vec<_>>>()?;
    let named: Vec<_> = receipts.into_iter().filter(|receipt| receipt.customer.is_some()).collect();
    Ok(pick(random, &named).ok().map(|receipt| receipt.uid.clone()))
}

pub fn expense(till: &Till, random: &mut Random) -> Result<Done> {
    let amount = random.between(1, 40) * 500;
    let [category, label] = ["Divers", "Eau et savon"].map(str::to_owned);
    till.record_expense(&ExpenseArgs { category, label, payment: cash(amount) })?;
    Ok(Done::said(format!("{amount} F")))
}

pub fn drawer(till: &Till, random: &mut Random) -> Result<Done> {
    let open = till.list_sessions()?.iter().any(|session| session.closed_at.is_none());
    if !open {
        till.open_session(&OpenSessionArgs { opening_float: 10_000 })?;
        return Ok(Done::said("opened"));
    }
    if random.once_in(2) {
        let (inward, amount) = (random.once_in(2), random.between(1, 9) * 1_000);
        till.feed_session(&FeedSessionArgs { inward, amount, reason: "monnaie".to_owned() })?;
        return Ok(Done::said("fed"));
    }
    let counted = Some(random.between(0, 200) * 500);
    till.close_session(&CloseSessionArgs { counted, count: BTreeMap::new(), note: String::new() })?;
    Ok(Done::said("closed"))
}

pub fn edit_user(till: &Till, random: &mut Random) -> Result<Done> {
    let people = till.people()?;
    let Some(absent) = people.iter().find(|person| person.login == ABSENT) else { return Ok(Done::said("nobody")) };
    let name = format!("Fatoumata Camara {}", random.between(0, 99));
    till.edit_user(&absent.uid, &fields(json!({ "name": name })))?;
    Ok(Done::said(name))
}

pub fn setting(till: &Till, random: &mut Random) -> Result<Done> {
    let days = random.between(10, 200);
    till.set_pharmacy_settings(&[("stock.expiryWarningDays".to_owned(), json!(days))])?;
    Ok(Done::said(days.to_string()))
}

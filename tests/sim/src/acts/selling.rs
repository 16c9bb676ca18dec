//! Tickets, and tickets that take others back.

use officine_protocol::Uid;
use officine_till::{
    Error, Result, Till,
    demo::random::Random,
    views::{
        AddProductArgs, CommitSaleArgs, DispositionName, ListSalesArgs, MeansName, PaymentArgs, ReceiptView,
        ReturnLineArgs, ReturnSaleArgs,
    },
};

use super::{Done, pick, products, uid_in};

fn ticket(entity: &'static str, receipt: &ReceiptView) -> Done {
    let uid = Uid::parse_str(&receipt.uid).unwrap_or_default();
    Done { ticket: Some((entity, uid, receipt.total)), ..Done::said(format!("{} {} F", receipt.number, receipt.total)) }
}

fn add(till: &Till, random: &mut Random, count: i64) -> Result<()> {
    let product = pick(random, &products(till)?)?.clone();
    let units = till.product(&product)?.units.len();
    let unit = (units > 1 && random.once_in(2)).then_some(1);
    till.add_product(&AddProductArgs { product, count, unit })?;
    Ok(())
}

/// Commits what is in the cart. Lines that lack boxes are in hand where somebody says so.
fn commit(till: &Till, in_hand: bool, args: CommitSaleArgs) -> Result<Done> {
    let mut cart = till.cart()?;
    if cart.blocker.is_some() && in_hand {
        for line in cart.lines.clone() {
            cart = till.mark_in_hand(line.line, true)?;
        }
    }
    if let Some(blocker) = cart.blocker {
        till.clear_cart()?;
        return Ok(Done::said(format!("not sold: {}", blocker.code)));
    }
    let receipt = till.commit_sale(&CommitSaleArgs { expected_total: cart.total, ..args })?;
    Ok(ticket("sale", &receipt))
}

pub fn sell(till: &Till, random: &mut Random) -> Result<Done> {
    for _ in 0..1 + random.index(3) {
        let count = random.between(1, 3);
        add(till, random, count)?;
    }
    commit(till, false, CommitSaleArgs::default())
}

pub fn sell_out(till: &Till, random: &mut Random) -> Result<Done> {
    let product = pick(random, &products(till)?)?.clone();
    let view = till.product(&product)?;
    let factor = view.units.first().map_or(1, |unit| unit.factor).max(1);
    let count = view.hit.sellable / factor;
    if count == 0 {
        return Ok(Done::said("nothing left"));
    }
    till.add_product(&AddProductArgs { product, count, unit: None })?;
    commit(till, false, CommitSaleArgs::default())
}

pub fn in_hand(till: &Till, random: &mut Random) -> Result<Done> {
    let count = random.between(20, 60);
    add(till, random, count)?;
    commit(till, true, CommitSaleArgs::default())
}

pub fn on_credit(till: &Till, random: &mut Random) -> Result<Done> {
    let customer = uid_in(pick(random, &till.find_customers("", 50)?)?);
    add(till, random, 1)?;
    let cart = till.cart()?;
    let payment = PaymentArgs { means: MeansName::Credit, amount: cart.total, reference: None };
    let args = CommitSaleArgs { payments: vec![payment], customer: Some(customer), ..Default::default() };
    let sold = commit(till, false, args);
    if sold.is_err() {
        till.clear_cart()?;
    }
    sold
}

pub fn take_back(till: &Till, random: &mut Random) -> Result<Done> {
    let args = ListSalesArgs { text: String::new(), states: Vec::new(), flagged: false, after: None, limit: 30 };
    let sale = pick(random, &till.list_sales(&args)?.rows)?.uid.clone();
    let receipt = till.receipt(&sale)?;
    let disposition = [None, Some(DispositionName::Shelf), Some(DispositionName::Destroyed)][random.index(3)];
    let line = pick(random, &receipt.lines)?;
    let left = line.quantity - line.returned;
    if left < 1 {
        return Err(Error::refused("nothing_left", Default::default()));
    }
    let quantity = random.between(1, left);
    let lines = match random.once_in(3) {
        true => Vec::new(),
        false => vec![ReturnLineArgs { line: line.line, quantity, disposition }],
    };
    let args = ReturnSaleArgs { sale, lines, reason: "mauvaise boîte".to_owned(), payments: Vec::new() };
    Ok(ticket("saleReturn", &till.return_sale(&args)?))
}

pub fn cancel(till: &Till, _: &mut Random) -> Result<Done> {
    let cancelled = till.cancel_last("erreur de caisse")?;
    till.clear_cart()?;
    Ok(ticket("saleReturn", &cancelled.receipt))
}

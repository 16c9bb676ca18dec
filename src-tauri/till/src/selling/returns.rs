//! A ticket that takes another back, whole or in part: goods, money, the next number of the series and its link, in one
//! transaction.

use std::collections::BTreeMap;

use officine_protocol::{
    Uid,
    entities::{PRODUCT_BATCH, SALE_RETURN},
    record::Record,
    refund,
    roles::Permission,
    value::Value,
};

use super::{
    payments::{self, Payment},
    receipt, refunds,
    returned::{SoldLine, SoldLot, SoldTicket},
    ticket,
};
use crate::{
    act::Act,
    adjusting::{keep_blocked, lots::LotName, origin_of},
    catalogue::{lots, products::Product, quarantine::quarantine_of},
    engine::Till,
    error::Result,
    money::{
        policy::Policy,
        session::{self, text},
    },
    refuse,
    store::{ledger::Movement, rows},
    views::{DispositionName, ReceiptView, ReturnLineArgs, ReturnSaleArgs, Topic},
};

/// What comes back of a line.
pub struct BackLine<'a> {
    sold: &'a SoldLine,
    quantity: i64,
    amount: i64,
    disposition: DispositionName,
    lots: Vec<SoldLot>,
}

/// All that a returned ticket says beside its lines.
pub struct Returned<'a> {
    /// The ticket it takes back.
    pub sold: &'a SoldTicket,
    /// `return` or `cancellation`.
    pub kind: &'static str,
    /// Why.
    pub reason: &'a str,
    /// What is given back, and how.
    pub payments: Vec<Payment>,
    /// The drawer it comes from.
    pub drawer: Option<Uid>,
}

impl DispositionName {
    /// Its name in tables and on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Shelf => "shelf",
            Self::Quarantine => "quarantine",
            Self::Destroyed => "destroyed",
        }
    }
}

impl Till {
    /// Takes back a ticket of any till, whole or in part.
    pub fn return_sale(&self, args: &ReturnSaleArgs) -> Result<ReceiptView> {
        let session = self.allow(Permission::ReturnSale)?;
        self.device()?;
        let reason = text("reason", &args.reason)?;
        let today = self.today();
        let uid = self.act(Some(session.user), |act| {
            let sold = SoldTicket::named(act.tx, &args.sale)?;
            sold.stands()?;
            let lines = wanted(&sold, &args.lines)?;
            let total = lines.iter().map(|line| line.amount).sum();
            let drawer = session::current(act.tx, act.state.series, &Policy::read(act.tx)?)?;
            let returned = Returned {
                sold: &sold,
                kind: "return",
                reason: &reason,
                payments: refunds::of(act.tx, &sold, total, &args.payments)?,
                drawer: drawer.map(|drawer| drawer.uid),
            };
            record(act, session.user, &returned, lines)
        })?;
        self.changed(&[Topic::Sales, Topic::Stock, Topic::Sync]);
        self.store.read(|connection| receipt::read_return(connection, uid, today))
    }
}

/// The lines asked for, or all that is left; never more than was sold.
fn wanted<'a>(sold: &'a SoldTicket, args: &[ReturnLineArgs]) -> Result<Vec<BackLine<'a>>> {
    let lines: Vec<BackLine<'_>> = match args {
        [] => whole(sold, None),
        args => args.iter().map(|line| back(sold.line(line.line)?, line)).collect::<Result<_>>()?,
    };
    if lines.is_empty() {
        return refuse!("returned_too_much", product: "", asked: 0, left: 0);
    }
    let twice =
        (1..lines.len()).any(|place| lines[..place].iter().any(|other| other.sold.line == lines[place].sold.line));
    if twice { refuse!("field_invalid", field: "lines") } else { Ok(lines) }
}

/// All that has not come back, where each product goes unless somebody says otherwise.
pub fn whole(sold: &SoldTicket, disposition: Option<DispositionName>) -> Vec<BackLine<'_>> {
    let left = sold.lines.iter().filter(|line| line.left() > 0);
    left.map(|line| BackLine::of(line, line.left(), disposition)).collect()
}

fn back<'a>(line: &'a SoldLine, args: &ReturnLineArgs) -> Result<BackLine<'a>> {
    if args.quantity < 1 {
        return refuse!("field_invalid", field: "quantity");
    }
    if args.quantity > line.left() {
        return refuse!("returned_too_much", product: line.name, asked: args.quantity, left: line.left());
    }
    Ok(BackLine::of(line, args.quantity, args.disposition))
}

impl<'a> BackLine<'a> {
    fn of(sold: &'a SoldLine, quantity: i64, disposition: Option<DispositionName>) -> Self {
        let usual = if sold.returnable { DispositionName::Shelf } else { DispositionName::Quarantine };
        let disposition = disposition.unwrap_or(usual);
        let lots = match disposition {
            DispositionName::Destroyed => Vec::new(),
            _ => sold.back_to(quantity),
        };
        let amount = refund::refund(sold.share, sold.quantity, sold.returned, quantity);
        Self { sold, quantity, amount, disposition, lots }
    }

    /// How many of the ticket's unit; 0 where that is no whole number.
    fn unit_count(&self) -> i64 {
        let factor = self.sold.quantity / self.sold.unit_count.max(1);
        if factor > 0 && self.quantity % factor == 0 { self.quantity / factor } else { 0 }
    }

    fn values(&self, place: i64) -> Vec<Value> {
        vec![
            place.into(),
            self.sold.line.into(),
            self.sold.product.into(),
            self.sold.name.as_str().into(),
            self.sold.unit_name.as_str().into(),
            self.unit_count().into(),
            self.quantity.into(),
            self.amount.into(),
            self.disposition.word().into(),
        ]
    }
}

/// Writes the ticket that takes another back. Gives its identity.
pub fn record(act: &mut Act<'_>, user: Uid, returned: &Returned<'_>, mut lines: Vec<BackLine<'_>>) -> Result<Uid> {
    for line in &mut lines {
        for lot in &mut line.lots {
            lot.batch = match line.disposition {
                DispositionName::Quarantine => quarantine_of(act, lot.batch)?,
                _ => living(act, lot.batch)?,
            };
        }
        line.lots = merged(std::mem::take(&mut line.lots));
    }
    for line in &mut lines {
        line.lots.sort_by_key(|lot| (lot.expiry.is_none(), lot.expiry, lot.number.clone(), lot.batch));
    }
    let total: i64 = lines.iter().map(|line| line.amount).sum();
    let (uid, sold) = (act.mint(), returned.sold);
    let mut document = Record::new(&SALE_RETURN, uid, act.now);
    document.set(&SALE_RETURN, "sale", sold.uid).set(&SALE_RETURN, "user", user);
    document.set(&SALE_RETURN, "customer", sold.customer).set(&SALE_RETURN, "cash_session", returned.drawer);
    document.set(&SALE_RETURN, "occurred_at", act.now).set(&SALE_RETURN, "kind", returned.kind);
    document.set(&SALE_RETURN, "reason", returned.reason).set(&SALE_RETURN, "total", total);
    let items = (1..).zip(&lines).map(|(place, line)| line.values(place));
    document.parts = vec![items.collect(), movements(&lines), payments::rows(&returned.payments)];
    ticket::seal(act, &SALE_RETURN, &mut document);
    act.create(&SALE_RETURN, &mut document)?;
    Ok(uid)
}

/// The lot boxes go back to: the one they came from, or where that is no more, the one that bears its name now.
fn living(act: &mut Act<'_>, lot: Uid) -> Result<Uid> {
    let Some((_, record)) = rows::get(act.tx, &PRODUCT_BATCH, lot)?.filter(|(_, row)| row.archived_at.is_some()) else {
        return Ok(lot);
    };
    let from = lots::by_uid(act.tx, &record.uid.to_string())?;
    let product = Product::load(act.tx, from.product)?;
    let to = LotName::of(&from).find_or_open(act, &product, &origin_of(act.tx, &from)?)?;
    keep_blocked(act, &from, &to)?;
    Ok(to.uid())
}

fn movements(lines: &[BackLine<'_>]) -> Vec<Vec<Value>> {
    let lines = (1..).zip(lines);
    lines.flat_map(|(place, line)| line.lots.iter().map(move |lot| movement(place, lot).values())).collect()
}

fn movement(line: i64, lot: &SoldLot) -> Movement {
    Movement {
        line,
        step: 0,
        batch: lot.batch,
        delta: lot.quantity,
        source: "returned".to_owned(),
        lot_number: lot.number.clone(),
        expiry: lot.expiry,
        cost: lot.cost,
        reason: None,
    }
}

/// Each lot once: a document moves a lot once per line.
fn merged(lots: Vec<SoldLot>) -> Vec<SoldLot> {
    let mut kept: BTreeMap<Uid, SoldLot> = BTreeMap::new();
    for lot in lots {
        match kept.get_mut(&lot.batch) {
            Some(same) => {
                same.quantity += lot.quantity;
                same.cost = same.cost.zip(lot.cost).map(|(one, other)| one + other);
            }
            None => {
                kept.insert(lot.batch, lot);
            }
        }
    }
    kept.into_values().collect()
}

//! F12: one local transaction holds the sale, its lots, its money, its number, its link and its operation.

use std::collections::HashMap;

use officine_protocol::{
    Uid,
    date::Date,
    entities::{PRODUCT_BATCH, SALE},
    params,
    record::Record,
    roles::Permission,
    value::Value,
};

use super::{
    cart, discount, lots, paper,
    payments::{self, Tender},
    plan::{Plan, PlannedLine, Taken},
    receipt, ticket, view,
};
use crate::{
    act::{Act, user_id},
    catalogue::{lots::StoredLot, products::Product},
    engine::Till,
    error::{Error, Result},
    money::{credit::Customer, session},
    people::Session,
    refuse,
    store::ledger::Movement,
    sync::{shared::Trigger, walk},
    views::{CommitSaleArgs, LotSourceName, Problem, ReceiptView, Topic},
};

impl Till {
    /// Sells the open cart. Once this returns, the sale is on the disk. Its paper is out, unless it takes the last known boxes
    /// and the hub will soon say whether they are there.
    pub fn commit_sale(&self, args: &CommitSaleArgs) -> Result<ReceiptView> {
        let session = self.allow(Permission::Sell)?;
        self.device()?;
        let uid = self.act(Some(session.user), |act| {
            let (uid, takes_the_last) = sell(act, &session, args)?;
            match act.state.last_sale {
                Some(sale) if takes_the_last && self.online(act.tx)? => paper::hold(act.tx, sale)?,
                _ => {}
            }
            Ok(uid)
        })?;
        let receipt = self.store.read(|connection| receipt::read(connection, uid, self.today()))?;
        self.changed(&[Topic::Cart, Topic::Sales, Topic::Stock, Topic::Sync]);
        self.trigger(Trigger::Sale);
        Ok(receipt)
    }
}

/// All that a ticket says beside its lines.
struct Ticket<'a> {
    uid: Uid,
    user: Uid,
    plan: &'a Plan,
    tender: Tender,
    customer: Option<Uid>,
    drawer: Option<Uid>,
}

/// Gives the ticket, and whether it takes the last boxes of something.
fn sell(act: &mut Act<'_>, session: &Session, args: &CommitSaleArgs) -> Result<(Uid, bool)> {
    let (user, today) = (session.user, Date::of_instant(act.now));
    walk::check_open(act.tx)?;
    let empty = || Error::refused("cart_empty", params!());
    let cart =
        cart::open_of(act.tx, user_id(act.tx, user)?)?.filter(|cart| !cart.lines.is_empty()).ok_or_else(empty)?;
    let in_hand = cart.lines.iter().filter(|line| line.in_hand).count();
    lots::check_in_hand_limit(act.tx, session, in_hand, today)?;
    let mut plan = Plan::of(act.tx, &cart, today)?;
    let blocker = view::blocker(&plan, today).or_else(|| discount::excess(&plan, session.role));
    if let Some(Problem { code, params }) = blocker {
        return Err(Error::refused(&code, params));
    }
    open_lots_for_boxes_in_hand(act, &mut plan)?;
    let total = plan.sums.total;
    if total != args.expected_total {
        return refuse!("total_changed", expected: args.expected_total, actual: total);
    }
    let tender = payments::tender(total, args)?;
    let customer = args.customer.as_deref().map(|uid| Customer::living(act.tx, uid)).transpose()?;
    payments::check(act.tx, session, &plan.policy, customer.as_ref(), &tender.payments)?;
    let drawer = session::current(act.tx, act.state.series, &plan.policy)?.map(|drawer| drawer.uid);
    let customer = customer.map(|customer| customer.uid);
    let mut sale = record(act, &Ticket { uid: act.mint(), user, plan: &plan, tender, customer, drawer });
    act.state.last_sale = Some(act.create(&SALE, &mut sale)?);
    cart::delete(act.tx, cart.id)?;
    Ok((sale.uid, paper::takes_the_last(&plan, today)))
}

/// A box in hand of a product that has no lot at all opens its nameless lot.
fn open_lots_for_boxes_in_hand(act: &mut Act<'_>, plan: &mut Plan) -> Result<()> {
    let mut opened: HashMap<i64, usize> = HashMap::new();
    for line in plan.lines.iter_mut().filter(|line| line.stored.in_hand && line.missing > 0) {
        let lot = match opened.get(&line.product.id) {
            Some(lot) => *lot,
            None => open_nameless_lot(act, &line.product, &mut plan.lots)?,
        };
        opened.insert(line.product.id, lot);
        line.takes.push(Taken { lot, quantity: line.missing, source: LotSourceName::Assumed });
        line.missing = 0;
    }
    Ok(())
}

/// Gives its place among the product's lots.
fn open_nameless_lot(act: &mut Act<'_>, product: &Product, lots: &mut HashMap<i64, Vec<StoredLot>>) -> Result<usize> {
    let mut batch = Record::new(&PRODUCT_BATCH, act.mint(), act.now);
    batch.set(&PRODUCT_BATCH, "product", product.uid);
    batch.set(&PRODUCT_BATCH, "pack_size", product.units.first().map_or(1, |unit| unit.factor));
    batch.set(&PRODUCT_BATCH, "received_at", act.now);
    act.create(&PRODUCT_BATCH, &mut batch)?;
    let known = lots.entry(product.id).or_default();
    let stored = crate::catalogue::lots::of_product(act.tx, product.id)?;
    known.extend(stored.into_iter().filter(|lot| lot.uid() == batch.uid));
    Ok(known.len().saturating_sub(1))
}

fn record(act: &mut Act<'_>, ticket: &Ticket<'_>) -> Record {
    let sums = ticket.plan.sums;
    let mut sale = Record::new(&SALE, ticket.uid, act.now);
    sale.set(&SALE, "user", ticket.user).set(&SALE, "occurred_at", act.now).set(&SALE, "state", "recorded");
    sale.set(&SALE, "total", sums.total).set(&SALE, "tendered", ticket.tender.tendered);
    sale.set(&SALE, "discount", sums.discount).set(&SALE, "rounding", sums.rounding);
    sale.set(&SALE, "customer", ticket.customer).set(&SALE, "cash_session", ticket.drawer);
    sale.parts = vec![items(ticket.plan), movements(ticket.plan), payments::rows(&ticket.tender.payments)];
    ticket::seal(act, &SALE, &mut sale);
    sale
}

/// What a line takes, in the order printed: earliest expiry first, then by number.
fn taken_lots<'a>(plan: &'a Plan, line: &'a PlannedLine) -> impl Iterator<Item = (&'a StoredLot, &'a Taken)> {
    let lots = plan.lots.get(&line.product.id).map_or(&[][..], Vec::as_slice);
    let mut taken: Vec<_> = line.takes.iter().map(|taken| (&lots[taken.lot], taken)).collect();
    taken.sort_by_key(|(lot, _)| (lot.lot.expiry.is_none(), lot.lot.expiry, lot.number.clone(), lot.uid()));
    taken.into_iter()
}

fn items(plan: &Plan) -> Vec<Vec<Value>> {
    let lines = plan.lines.iter().enumerate();
    lines
        .map(|(place, line)| {
            vec![
                (place as i64 + 1).into(),
                line.product.uid.into(),
                line.product.name.as_str().into(),
                line.unit.name.as_str().into(),
                line.stored.count.into(),
                line.unit.price.unwrap_or(0).into(),
                line.quantity.into(),
                line.amount().into(),
                line.product.tax_class.as_str().into(),
                line.stored.in_hand.into(),
                line.discount().into(),
            ]
        })
        .collect()
}

fn movements(plan: &Plan) -> Vec<Vec<Value>> {
    let lines = plan.lines.iter().enumerate();
    lines
        .flat_map(|(place, line)| {
            taken_lots(plan, line).map(move |(lot, taken)| movement(place, line, lot, taken).values())
        })
        .collect()
}

fn movement(place: usize, line: &PlannedLine, lot: &StoredLot, taken: &Taken) -> Movement {
    Movement {
        line: place as i64 + 1,
        step: 0,
        batch: lot.uid(),
        delta: -taken.quantity,
        source: source(taken.source).to_owned(),
        lot_number: lot.number.clone(),
        expiry: lot.lot.expiry.map(Date::number),
        cost: lot.cost_of(taken.quantity),
        reason: (taken.source == LotSourceName::Chosen).then(|| line.stored.reason.clone()).flatten(),
    }
}

fn source(name: LotSourceName) -> &'static str {
    match name {
        LotSourceName::Scanned => "scanned",
        LotSourceName::Chosen => "chosen",
        LotSourceName::Assumed => "assumed",
    }
}

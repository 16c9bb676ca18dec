//! F12: one local transaction holds the sale, its lots, its money, its number, its link and its operation.

use std::collections::HashMap;

use officine_protocol::{
    Uid,
    chain::{self, Printed, PrintedLine, PrintedPayment},
    date::Date,
    entities::{PRODUCT_BATCH, SALE},
    params,
    record::Record,
    roles::Permission,
    value::Value,
};

use super::{
    cart, lots,
    plan::{Plan, PlannedLine, Taken},
    receipt, view,
};
use crate::{
    act::{Act, user_id},
    catalogue::{lots::StoredLot, products::Product},
    engine::Till,
    error::{Error, Result},
    people::Session,
    refuse,
    store::ledger::Movement,
    sync::shared::Trigger,
    views::{CommitSaleArgs, LotSourceName, Problem, ReceiptView, Topic},
};

impl Till {
    /// Sells the open cart for cash. Once this returns, the sale is on the disk.
    pub fn commit_sale(&self, args: &CommitSaleArgs) -> Result<ReceiptView> {
        let session = self.allow(Permission::Sell)?;
        self.device()?;
        let today = self.today();
        let uid = self.act(Some(session.user), |act| sell(act, &session, args, today))?;
        let receipt = self.store.read(|connection| receipt::read(connection, uid, today))?;
        self.changed(&[Topic::Cart, Topic::Sales, Topic::Stock, Topic::Sync]);
        self.trigger(Trigger::Sale);
        Ok(receipt)
    }
}

fn sell(act: &mut Act<'_>, session: &Session, args: &CommitSaleArgs, today: Date) -> Result<Uid> {
    let user = session.user;
    let empty = || Error::refused("cart_empty", params!());
    let cart =
        cart::open_of(act.tx, user_id(act.tx, user)?)?.filter(|cart| !cart.lines.is_empty()).ok_or_else(empty)?;
    let in_hand = cart.lines.iter().filter(|line| line.in_hand).count();
    lots::check_in_hand_limit(act.tx, session, in_hand, today)?;
    let mut plan = Plan::of(act.tx, &cart, today)?;
    open_lots_for_boxes_in_hand(act, &mut plan)?;
    if let Some(Problem { code, params }) = view::blocker(&plan, today) {
        return Err(Error::refused(&code, params));
    }
    let total = plan.total();
    if total != args.expected_total {
        return refuse!("total_changed", expected: args.expected_total, actual: total);
    }
    let tendered = args.tendered.unwrap_or(total);
    if !(total..=officine_protocol::limits::LARGEST).contains(&tendered) {
        return refuse!("tendered_too_small", total: total, tendered: tendered);
    }
    let uid = act.mint();
    let mut sale = record(act, uid, user, &plan, total, tendered);
    act.create(&SALE, &mut sale)?;
    cart::delete(act.tx, cart.id)?;
    Ok(uid)
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

fn record(act: &mut Act<'_>, uid: Uid, user: Uid, plan: &Plan, total: i64, tendered: i64) -> Record {
    act.state.last_number += 1;
    let hash = chain::link(&act.state.last_hash, &printed(act, uid, user, plan, total, tendered));
    let mut sale = Record::new(&SALE, uid, act.now);
    sale.set(&SALE, "series", act.state.series).set(&SALE, "number", act.state.last_number).set(&SALE, "user", user);
    sale.set(&SALE, "occurred_at", act.now).set(&SALE, "total", total).set(&SALE, "tendered", tendered);
    sale.set(&SALE, "chain_version", chain::VERSION).set(&SALE, "state", "recorded");
    sale.set(&SALE, "previous_hash", Value::Bytes(act.state.last_hash.to_vec())).set(
        &SALE,
        "hash",
        Value::Bytes(hash.to_vec()),
    );
    act.state.last_hash = hash;
    let payment = vec![1.into(), "cash".into(), total.into(), Value::Null];
    sale.parts = vec![items(plan), movements(plan), vec![payment]];
    sale
}

fn printed<'a>(act: &Act<'_>, uid: Uid, user: Uid, plan: &'a Plan, total: i64, tendered: i64) -> Printed<'a> {
    let lines = plan.lines.iter().map(|line| PrintedLine {
        name: &line.product.name,
        unit: &line.unit.name,
        count: line.stored.count,
        unit_price: line.unit.price.unwrap_or(0),
        amount: line.amount(),
        lots: taken_lots(plan, line).map(|(lot, taken)| (lot.number.as_str(), taken.quantity)).collect(),
        discount: 0,
    });
    Printed {
        version: chain::VERSION,
        uid,
        series: act.state.series,
        number: act.state.last_number,
        occurred_at: act.now,
        user,
        total,
        tendered,
        lines: lines.collect(),
        kind: "sale",
        takes_back: None,
        customer: None,
        discount: 0,
        rounding: 0,
        payments: vec![PrintedPayment { means: "cash", amount: total, reference: "" }],
    }
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
                0.into(),
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

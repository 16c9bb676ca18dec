//! An order's life: it is made, changed while it is open, and ends received, closed or cancelled.

use std::collections::HashMap;

use officine_protocol::{
    Uid,
    date::Date,
    entities::{SUPPLIER_ORDER, SUPPLIER_ORDER_ITEM},
    record::Record,
    roles::Permission,
};
use rusqlite::Connection;

use super::{
    order_items::{self, Wanted},
    order_view::{self, StoredOrder},
};
use crate::{
    act::Act,
    adjusting::{self, bounded},
    engine::Till,
    error::Result,
    people::Session,
    refuse,
    views::{CreateOrderArgs, EditOrderArgs, OrderStateName, OrderView, Topic},
};

const NOTE_CHARS: usize = 240;
/// Lines an order ever had.
const MOST_LINES: i64 = 2_000;

impl Till {
    /// Orders from a supplier. The number is the next of this till's series.
    pub fn create_order(&self, args: &CreateOrderArgs) -> Result<OrderView> {
        self.device()?;
        self.order_act(|act, session| create(act, session, args))
    }

    /// Changes an order that is open: the lines given are all it has from now on.
    pub fn edit_order(&self, args: &EditOrderArgs) -> Result<OrderView> {
        self.order_act(|act, _| edit(act, args))
    }

    /// Cancels an order of which nothing came.
    pub fn cancel_order(&self, order: &str) -> Result<OrderView> {
        self.order_act(|act, _| {
            let order = open_order(act.tx, order)?;
            if order.state(act.tx)? != OrderStateName::Open {
                return refuse!("order_received", number: order.number);
            }
            end(act, &order, "cancelled")
        })
    }

    /// Awaits no more of an order.
    pub fn close_order(&self, order: &str) -> Result<OrderView> {
        self.order_act(|act, _| {
            let order = open_order(act.tx, order)?;
            end(act, &order, "closed")
        })
    }

    fn order_act(&self, act: impl FnOnce(&mut Act<'_>, &Session) -> Result<Uid>) -> Result<OrderView> {
        let session = self.allow(Permission::Order)?;
        let uid = self.act(Some(session.user), |begun| act(begun, &session))?;
        self.changed(&[Topic::Stock, Topic::Sync]);
        self.order(&uid.to_string())
    }
}

/// An order that may still be changed or received.
pub fn open_order(connection: &Connection, uid: &str) -> Result<StoredOrder> {
    let order = order_view::load(connection, uid)?;
    match order.recorded.as_str() {
        "open" => Ok(order),
        state => refuse!("order_not_open", number: order.number, state: state),
    }
}

fn create(act: &mut Act<'_>, session: &Session, args: &CreateOrderArgs) -> Result<Uid> {
    let wanted = order_items::read(act.tx, &args.items)?;
    let (_, supplier) = adjusting::supplier(act.tx, &args.supplier)?;
    let number = next_number(act.tx, act.state.series)?;
    let mut order = Record::new(&SUPPLIER_ORDER, act.mint(), act.now);
    order.set(&SUPPLIER_ORDER, "number", number).set(&SUPPLIER_ORDER, "supplier", supplier);
    order.set(&SUPPLIER_ORDER, "user", session.user).set(&SUPPLIER_ORDER, "ordered_at", act.now);
    order.set(&SUPPLIER_ORDER, "expected_on", day(args.expected_on.as_deref())?);
    order.set(&SUPPLIER_ORDER, "note", bounded(&args.note, NOTE_CHARS, "note")?);
    act.create(&SUPPLIER_ORDER, &mut order)?;
    for (place, wanted) in wanted.iter().enumerate() {
        add_line(act, order.uid, place as i64 + 1, wanted)?;
    }
    Ok(order.uid)
}

fn add_line(act: &mut Act<'_>, order: Uid, line: i64, wanted: &Wanted) -> Result<()> {
    if line > MOST_LINES {
        return refuse!("lines_too_many", max: MOST_LINES);
    }
    let mut item = Record::new(&SUPPLIER_ORDER_ITEM, act.mint(), act.now);
    item.set(&SUPPLIER_ORDER_ITEM, "order", order).set(&SUPPLIER_ORDER_ITEM, "line", line);
    item.set(&SUPPLIER_ORDER_ITEM, "product", wanted.product);
    for (name, value) in wanted.values() {
        item.set(&SUPPLIER_ORDER_ITEM, name, value);
    }
    act.create(&SUPPLIER_ORDER_ITEM, &mut item).map(|_| ())
}

fn edit(act: &mut Act<'_>, args: &EditOrderArgs) -> Result<Uid> {
    let order = open_order(act.tx, &args.order)?;
    let wanted = order_items::read(act.tx, &args.items)?;
    let values = vec![
        ("expected_on", day(args.expected_on.as_deref())?.into()),
        ("note", bounded(&args.note, NOTE_CHARS, "note")?.into()),
    ];
    act.update(&SUPPLIER_ORDER, order.uid, values, vec![])?;
    let mut known: HashMap<Uid, Uid> = order_items::of_order(act.tx, order.id)?;
    let mut last = order_items::last_line(act.tx, order.id)?;
    for wanted in &wanted {
        match known.remove(&wanted.product) {
            Some(item) => {
                act.update(&SUPPLIER_ORDER_ITEM, item, wanted.values(), vec![])?;
            }
            None => {
                last += 1;
                add_line(act, order.uid, last, wanted)?;
            }
        }
    }
    let mut left_out: Vec<Uid> = known.into_values().collect();
    left_out.sort_unstable();
    for item in left_out {
        act.archive(&SUPPLIER_ORDER_ITEM, item)?;
    }
    Ok(order.uid)
}

fn end(act: &mut Act<'_>, order: &StoredOrder, state: &str) -> Result<Uid> {
    act.update(&SUPPLIER_ORDER, order.uid, vec![("state", state.into())], vec![])?;
    Ok(order.uid)
}

/// `2-000014`: gapless, because no order is ever taken away.
fn next_number(connection: &Connection, series: i64) -> Result<String> {
    let sql = "SELECT coalesce(max(CAST(substr(number, length(?1) + 1) AS INTEGER)), 0) + 1 FROM supplier_order \
               WHERE number >= ?1 AND number < ?2";
    let (from, to) = (format!("{series}-"), format!("{series}."));
    let next: i64 = connection.prepare_cached(sql)?.query_row((&from, &to), |row| row.get(0))?;
    Ok(format!("{from}{next:06}"))
}

fn day(text: Option<&str>) -> Result<Option<Date>> {
    match text.map(str::trim).filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => match Date::parse(text) {
            Some(day) => Ok(Some(day)),
            None => refuse!("date_invalid", value: text),
        },
    }
}

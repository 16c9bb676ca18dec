//! Orders as they are read. How one stands is derived: what came is the sum of the movements of the receipts that name it.

use std::collections::BTreeMap;

use officine_protocol::{Uid, date::Date, entities::SUPPLIER_ORDER, params, value::Value};
use rusqlite::{Connection, Row};

use crate::{
    engine::Till,
    error::{Error, Result},
    store::rows::{self, read_uid},
    views::{DeliveryRow, ListOrdersArgs, OrderLine, OrderRow, OrderStateName, OrderView},
};

const MOST_ROWS: u32 = 200;
/// The source of movements that nobody pays for.
pub const FREE: &str = "free";

/// An order as it lies in the store.
#[derive(Clone, Debug)]
pub struct StoredOrder {
    /// Local key.
    pub id: i64,
    /// Identity.
    pub uid: Uid,
    /// Number.
    pub number: String,
    /// Supplier.
    pub supplier: Uid,
    /// Its name.
    pub supplier_name: String,
    /// As recorded: `open`, `closed`, `cancelled`.
    pub recorded: String,
    user: String,
    ordered_at: i64,
    expected_on: Option<i64>,
    note: String,
}

impl Till {
    /// Orders, newest first.
    pub fn list_orders(&self, args: &ListOrdersArgs) -> Result<Vec<OrderRow>> {
        self.session()?;
        let costs = self.sees_costs();
        self.store.read(|connection| {
            let sql = format!(
                "{SELECT} WHERE o.archived_at IS NULL AND (?1 = 0 OR o.state = 'open') \
                 ORDER BY o.ordered_at DESC, o.id DESC LIMIT ?2 OFFSET ?3"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let page = (args.awaited, args.limit.clamp(1, MOST_ROWS), args.offset);
            let orders: Vec<StoredOrder> = statement.query_map(page, read)?.collect::<rusqlite::Result<_>>()?;
            let row = |order: &StoredOrder| order.row(&order.lines(connection)?);
            let mut rows = orders.iter().map(row).collect::<Result<Vec<_>>>()?;
            rows.iter_mut().filter(|_| !costs).for_each(|row| row.cost = None);
            Ok(rows)
        })
    }

    /// An order, whole.
    pub fn order(&self, uid: &str) -> Result<OrderView> {
        self.session()?;
        let view = self.store.read(|connection| view(connection, uid))?;
        Ok(if self.sees_costs() { view } else { view.without_costs() })
    }
}

/// An order, whole.
pub fn view(connection: &Connection, uid: &str) -> Result<OrderView> {
    let order = load(connection, uid)?;
    let lines = order.lines(connection)?;
    Ok(OrderView {
        row: order.row(&lines)?,
        note: order.note.clone(),
        lines,
        deliveries: deliveries(connection, order.id)?,
    })
}

const SELECT: &str = "SELECT o.id, o.uid, o.number, s.uid, s.name, o.state, u.name, o.ordered_at, o.expected_on, o.note \
    FROM supplier_order o JOIN supplier s ON s.id = o.supplier_id JOIN \"user\" u ON u.id = o.user_id";

fn read(row: &Row<'_>) -> rusqlite::Result<StoredOrder> {
    Ok(StoredOrder {
        id: row.get(0)?,
        uid: read_uid(row, 1)?,
        number: row.get(2)?,
        supplier: read_uid(row, 3)?,
        supplier_name: row.get(4)?,
        recorded: row.get(5)?,
        user: row.get(6)?,
        ordered_at: row.get(7)?,
        expected_on: row.get(8)?,
        note: row.get(9)?,
    })
}

/// An order, by uid or by number.
pub fn load(connection: &Connection, name: &str) -> Result<StoredOrder> {
    let key = match Uid::try_parse(name) {
        Ok(uid) => ("o.id", rows::id_of(connection, &SUPPLIER_ORDER, uid)?.map_or(Value::Null, Value::Int)),
        Err(_) => ("o.number", Value::from(name.trim())),
    };
    let mut statement = connection.prepare_cached(&format!("{SELECT} WHERE {} = ?1 ORDER BY o.id LIMIT 1", key.0))?;
    let found = statement.query_map([key.1], read)?.next().transpose()?;
    found.ok_or_else(|| Error::refused("reference_missing", params! { entity: SUPPLIER_ORDER.name, uid: name }))
}

impl StoredOrder {
    /// How it stands.
    pub fn state(&self, connection: &Connection) -> Result<OrderStateName> {
        Ok(state(&self.recorded, &self.lines(connection)?))
    }

    /// What was ordered and what came, product by product; what came without being ordered is last.
    pub fn lines(&self, connection: &Connection) -> Result<Vec<OrderLine>> {
        let sql = "SELECT i.line, p.uid, p.name, i.quantity, i.free_quantity, i.pack_cost, i.pack_size, p.id \
                   FROM supplier_order_item i JOIN product p ON p.id = i.product_id \
                   WHERE i.order_id = ?1 AND i.archived_at IS NULL ORDER BY i.line";
        let mut statement = connection.prepare_cached(sql)?;
        let mut came = received(connection, self.id)?;
        let rows = statement.query_map([self.id], |row| Ok((row.get::<_, i64>(7)?, ordered(row)?)))?;
        let mut lines = Vec::new();
        for row in rows {
            let (product, mut line) = row?;
            line.receive(came.remove(&product).unwrap_or_default());
            lines.push(line);
        }
        for (product, received) in came {
            let mut line = connection
                .prepare_cached("SELECT 0, uid, name, 0, 0, NULL, 1 FROM product WHERE id = ?1")?
                .query_row([product], ordered)?;
            line.receive(received);
            lines.push(line);
        }
        Ok(lines)
    }

    fn row(&self, lines: &[OrderLine]) -> Result<OrderRow> {
        let costs = lines.iter().filter_map(|line| {
            line.pack_cost.and_then(|pack| crate::catalogue::lots::cost(pack, line.pack_size, line.ordered))
        });
        Ok(OrderRow {
            uid: self.uid.to_string(),
            number: self.number.clone(),
            supplier: self.supplier.to_string(),
            supplier_name: self.supplier_name.clone(),
            user: self.user.clone(),
            ordered_at: self.ordered_at,
            expected_on: self.expected_on.and_then(Date::from_number).map(|day| day.to_string()),
            state: state(&self.recorded, lines),
            lines: lines.iter().filter(|line| line.line > 0).count() as u32,
            cost: Some(costs.fold(0, i64::saturating_add)),
        })
    }
}

fn ordered(row: &Row<'_>) -> rusqlite::Result<OrderLine> {
    Ok(OrderLine {
        line: row.get(0)?,
        product: read_uid(row, 1)?.to_string(),
        name: row.get(2)?,
        ordered: row.get(3)?,
        free_ordered: row.get(4)?,
        received: 0,
        free_received: 0,
        awaited: 0,
        beyond: 0,
        pack_cost: row.get(5)?,
        pack_size: row.get(6)?,
    })
}

impl OrderView {
    /// As it is shown to whoever may not see what things cost.
    pub fn without_costs(mut self) -> Self {
        self.row.cost = None;
        self.lines.iter_mut().for_each(|line| line.pack_cost = None);
        self.deliveries.iter_mut().for_each(|delivery| delivery.cost = None);
        self
    }
}

impl OrderLine {
    fn receive(&mut self, (paid, free): (i64, i64)) {
        (self.received, self.free_received) = (paid, free);
        let missing = (self.ordered + self.free_ordered).saturating_sub(paid.saturating_add(free));
        (self.awaited, self.beyond) = (missing.max(0), (-missing).max(0));
    }
}

/// How an order stands, from what was recorded and what came.
pub fn state(recorded: &str, lines: &[OrderLine]) -> OrderStateName {
    let came = lines.iter().any(|line| line.received + line.free_received > 0);
    let whole = came && lines.iter().all(|line| line.awaited == 0);
    match (recorded, came, whole) {
        ("cancelled", ..) => OrderStateName::Cancelled,
        (_, _, true) => OrderStateName::Received,
        ("closed", ..) => OrderStateName::Closed,
        (_, true, false) => OrderStateName::Partly,
        _ => OrderStateName::Open,
    }
}

/// Base units that came for an order, paid and free, by product.
pub fn received(connection: &Connection, order: i64) -> Result<BTreeMap<i64, (i64, i64)>> {
    let sql = "SELECT b.product_id, sum(iif(m.source = ?2, 0, m.delta)), sum(iif(m.source = ?2, m.delta, 0)) \
               FROM stock_adjustment a JOIN stock_movement m ON m.document_kind = 2 AND m.document_id = a.id \
               AND m.step = 0 JOIN product_batch b ON b.id = m.batch_id WHERE a.order_id = ?1 AND a.kind = 'receipt' \
               GROUP BY b.product_id";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map((order, FREE), |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn deliveries(connection: &Connection, order: i64) -> Result<Vec<DeliveryRow>> {
    let sql = "SELECT a.uid, a.occurred_at, coalesce(a.reference, ''), coalesce((SELECT sum(m.cost) FROM stock_movement m \
               WHERE m.document_kind = 2 AND m.document_id = a.id AND m.step = 0), 0) FROM stock_adjustment a \
               WHERE a.order_id = ?1 AND a.kind = 'receipt' ORDER BY a.occurred_at, a.id";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([order], |row| {
        let uid = read_uid(row, 0)?.to_string();
        Ok(DeliveryRow { uid, occurred_at: row.get(1)?, reference: row.get(2)?, cost: row.get(3)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

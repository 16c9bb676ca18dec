//! What to reorder: products at their threshold or below it, what is on order already counted as there.

use std::collections::HashMap;

use officine_protocol::date::Date;
use rusqlite::Connection;

use super::order_view;
use crate::{
    adjusting,
    engine::Till,
    error::Result,
    store::rows::read_uid,
    views::{OrderStateName, Suggestion},
};

/// How a product stands. Quantities are base units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// What may be sold.
    pub stock: i64,
    /// What is awaited.
    pub on_order: i64,
    /// At that or below it, it is reordered; 0 for never.
    pub min_stock: i64,
    /// Base units in a pack.
    pub pack_size: i64,
}

/// How much to order: whole packs, up to twice the threshold. Nothing where stock and what is awaited are above it.
pub fn quantity(need: Need) -> i64 {
    let Need { stock, on_order, min_stock, pack_size } = need;
    let there = stock.max(0).saturating_add(on_order);
    if min_stock <= 0 || there > min_stock {
        return 0;
    }
    let pack = pack_size.max(1);
    let missing = min_stock.saturating_mul(2).saturating_sub(there).max(1);
    missing.saturating_add(pack - 1) / pack * pack
}

impl Till {
    /// What to reorder, from one supplier or from any.
    pub fn suggest_order(&self, supplier: Option<&str>) -> Result<Vec<Suggestion>> {
        self.session()?;
        let (today, costs) = (self.today(), self.sees_costs());
        self.store.read(|connection| {
            let supplier = supplier.map(|uid| adjusting::supplier(connection, uid)).transpose()?;
            let supplier = supplier.map(|(_, uid)| uid.to_string());
            let mut suggestions = needed(connection, today)?;
            suggestions.iter_mut().filter(|_| !costs).for_each(|found| found.pack_cost = None);
            suggestions.retain(|found| supplier.is_none() || found.supplier == supplier);
            Ok(suggestions)
        })
    }
}

/// The supplier a product comes from: the preferred one, else one that has a cost, else that of its last lot.
const ROWS: &str = "SELECT p.id, p.uid, p.name, p.min_stock, \
    coalesce((SELECT sum(b.quantity) FROM product_batch b WHERE b.product_id = p.id AND b.quantity > 0 \
      AND b.blocked_reason IS NULL AND b.archived_at IS NULL AND (b.expiry IS NULL OR b.expiry >= ?1)), 0), \
    coalesce(l.pack_size, (SELECT u.factor FROM product_unit u WHERE u.product_id = p.id ORDER BY u.position LIMIT 1), 1), \
    l.pack_cost, s.uid, coalesce(s.name, '') \
    FROM product p \
    LEFT JOIN product_supplier l ON l.id = (SELECT x.id FROM product_supplier x WHERE x.product_id = p.id \
      AND x.archived_at IS NULL ORDER BY x.preferred DESC, x.pack_cost IS NULL, x.id DESC LIMIT 1) \
    LEFT JOIN supplier s ON s.id = coalesce(l.supplier_id, (SELECT b.supplier_id FROM product_batch b \
      WHERE b.product_id = p.id AND b.supplier_id IS NOT NULL ORDER BY b.received_at DESC LIMIT 1)) \
    WHERE p.archived_at IS NULL AND p.min_stock > 0 ORDER BY p.name_fold, p.id";

fn needed(connection: &Connection, today: Date) -> Result<Vec<Suggestion>> {
    let awaited = awaited(connection)?;
    let mut statement = connection.prepare_cached(ROWS)?;
    let mut rows = statement.query([today.number()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let product = read_uid(row, 1)?.to_string();
        let need = Need {
            stock: row.get(4)?,
            on_order: awaited.get(&product).copied().unwrap_or(0),
            min_stock: row.get(3)?,
            pack_size: row.get(5)?,
        };
        let quantity = quantity(need);
        if quantity > 0 {
            let supplier: Option<[u8; 16]> = row.get(7)?;
            found.push(Suggestion {
                product,
                name: row.get(2)?,
                stock: need.stock,
                on_order: need.on_order,
                min_stock: need.min_stock,
                quantity,
                pack_size: need.pack_size,
                pack_cost: row.get(6)?,
                supplier: supplier.map(|uid| officine_protocol::Uid::from_bytes(uid).to_string()),
                supplier_name: row.get(8)?,
            });
        }
    }
    Ok(found)
}

/// Base units awaited, by product.
fn awaited(connection: &Connection) -> Result<HashMap<String, i64>> {
    let mut statement = connection.prepare_cached("SELECT uid FROM supplier_order WHERE state = 'open'")?;
    let orders = statement.query_map([], |row| read_uid(row, 0))?;
    let mut awaited: HashMap<String, i64> = HashMap::new();
    for uid in orders {
        let order = order_view::load(connection, &uid?.to_string())?;
        let lines = order.lines(connection)?;
        if order_view::state(&order.recorded, &lines) == OrderStateName::Received {
            continue;
        }
        for line in lines {
            let sum = awaited.entry(line.product).or_default();
            *sum = sum.saturating_add(line.awaited);
        }
    }
    Ok(awaited)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(stock: i64, on_order: i64, min_stock: i64, pack_size: i64) -> i64 {
        quantity(Need { stock, on_order, min_stock, pack_size })
    }

    #[test]
    fn a_product_at_its_threshold_is_ordered_in_whole_packs_up_to_twice_that() {
        assert_eq!(order(10, 0, 10, 1), 10);
        assert_eq!(order(3, 0, 10, 16), 32);
        assert_eq!(order(11, 0, 10, 1), 0, "above the threshold");
        assert_eq!(order(0, 0, 0, 1), 0, "without a threshold nothing is suggested");
    }

    #[test]
    fn what_is_on_order_counts_as_there() {
        assert_eq!(order(2, 20, 10, 1), 0);
        assert_eq!(order(2, 3, 10, 1), 15);
        assert_eq!(order(-4, 0, 10, 1), 20, "a lot below zero asks for no more than an empty shelf");
    }
}

//! Open carts and held tickets: what somebody at the counter had chosen when one database came in place of another. Where
//! people and products are not there yet, they wait as settings of the till until a sync has brought them.

use officine_protocol::{
    Uid,
    entities::{PRODUCT, PRODUCT_BATCH, USER},
};
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};

use crate::{
    error::Result,
    settings,
    store::rows::{self, read_uid},
};

/// The local settings that hold what waits: the prefix, then the cart's uid.
const PREFIX: &str = "cart.aside.";

/// A cart by the names of what is in it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cart {
    uid: Uid,
    user: Uid,
    opened_at: i64,
    held_at: Option<i64>,
    current: Option<i64>,
    discount: [Option<i64>; 2],
    lines: Vec<Line>,
}

/// A line of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    line: i64,
    product: Uid,
    unit: i64,
    count: i64,
    in_hand: bool,
    batch: Option<Uid>,
    source: Option<String>,
    reason: Option<String>,
    refused_available: Option<i64>,
    discount: [Option<i64>; 2],
}

/// The carts that hold something.
pub fn read(connection: &Connection) -> Result<Vec<Cart>> {
    let sql = "SELECT c.id, c.uid, u.uid, c.opened_at, c.held_at, c.current_line, c.discount_percent, c.discount_francs \
               FROM cart c JOIN \"user\" u ON u.id = c.user_id ORDER BY c.id";
    let mut statement = connection.prepare(sql)?;
    let carts = statement.query_map([], |row| {
        let (uid, user, discount) = (read_uid(row, 1)?, read_uid(row, 2)?, [row.get(6)?, row.get(7)?]);
        let (opened_at, held_at, current) = (row.get(3)?, row.get(4)?, row.get(5)?);
        let cart = Cart { uid, user, opened_at, held_at, current, discount, lines: Vec::new() };
        Ok((row.get::<_, i64>(0)?, cart))
    })?;
    let mut found = Vec::new();
    for cart in carts {
        let (id, cart) = cart?;
        let lines = lines(connection, id)?;
        if !lines.is_empty() {
            found.push(Cart { lines, ..cart });
        }
    }
    Ok(found)
}

fn lines(connection: &Connection, cart: i64) -> Result<Vec<Line>> {
    let sql = "SELECT l.line, p.uid, l.unit, l.count, l.in_hand, b.uid, l.source, l.reason, l.refused_available, \
               l.discount_percent, l.discount_francs FROM cart_line l JOIN product p ON p.id = l.product_id \
               LEFT JOIN product_batch b ON b.id = l.batch_id WHERE l.cart_id = ?1 ORDER BY l.line";
    let line = |row: &Row<'_>| {
        let batch: Option<[u8; 16]> = row.get(5)?;
        Ok(Line {
            line: row.get(0)?,
            product: read_uid(row, 1)?,
            unit: row.get(2)?,
            count: row.get(3)?,
            in_hand: row.get(4)?,
            batch: batch.map(Uid::from_bytes),
            source: row.get(6)?,
            reason: row.get(7)?,
            refused_available: row.get(8)?,
            discount: [row.get(9)?, row.get(10)?],
        })
    };
    let mut statement = connection.prepare_cached(sql)?;
    let lines = statement.query_map([cart], line)?;
    Ok(lines.collect::<rusqlite::Result<_>>()?)
}

/// Puts them in place of those that a database has; what cannot be put there yet waits.
pub fn carry(into: &Connection, carts: &[Cart]) -> Result<()> {
    into.execute_batch("DELETE FROM cart_line; DELETE FROM cart")?;
    for cart in carts {
        if !put(into, cart)? {
            settings::set_local(into, &name(cart), &serde_json::to_string(cart)?)?;
        }
    }
    Ok(())
}

fn name(cart: &Cart) -> String {
    format!("{PREFIX}{}", cart.uid)
}

/// Those that wait.
pub fn aside(connection: &Connection) -> Result<Vec<Cart>> {
    let sql = "SELECT value FROM local_setting WHERE name >= 'cart.aside.' AND name < 'cart.aside/' ORDER BY name";
    let mut statement = connection.prepare_cached(sql)?;
    let texts = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(texts.iter().filter_map(|text| serde_json::from_str(text).ok()).collect())
}

/// Puts one that waits where it belongs, if all that it names is there.
pub fn take_up(connection: &Connection, cart: &Cart) -> Result<bool> {
    let put = put(connection, cart)?;
    if put {
        settings::forget_local(connection, &name(cart))?;
    }
    Ok(put)
}

/// Beside one that its user has begun since, it is a held ticket.
fn put(connection: &Connection, cart: &Cart) -> Result<bool> {
    let Some(user) = rows::id_of(connection, &USER, cart.user)? else { return Ok(false) };
    let mut products = Vec::with_capacity(cart.lines.len());
    for line in &cart.lines {
        let Some(product) = rows::id_of(connection, &PRODUCT, line.product)? else { return Ok(false) };
        let batch = line.batch.map(|batch| rows::id_of(connection, &PRODUCT_BATCH, batch)).transpose()?;
        products.push((line, product, batch.flatten()));
    }
    let sql = "INSERT INTO cart (uid, user_id, opened_at, held_at, current_line, discount_percent, discount_francs) \
               VALUES (?1, ?2, ?3, CASE WHEN ?4 IS NULL AND EXISTS (SELECT 1 FROM cart c JOIN cart_line l ON l.cart_id = c.id \
               WHERE c.user_id = ?2 AND c.held_at IS NULL) THEN ?3 ELSE ?4 END, ?5, ?6, ?7) ON CONFLICT DO NOTHING";
    let Cart { opened_at, held_at, current, discount: [percent, francs], .. } = cart;
    let put = connection.execute(sql, (cart.uid.as_bytes(), user, opened_at, held_at, current, percent, francs))?;
    if put == 0 {
        return Ok(true);
    }
    let id = connection.last_insert_rowid();
    let sql = "INSERT INTO cart_line (cart_id, line, product_id, unit, count, in_hand, batch_id, source, reason, \
               refused_available, discount_percent, discount_francs) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    let mut statement = connection.prepare_cached(sql)?;
    for (line, product, batch) in products {
        let Line { line, unit, count, in_hand, source, reason, refused_available, discount: [percent, francs], .. } =
            line;
        let chosen = batch.and(source.as_deref());
        statement.execute((
            id,
            line,
            product,
            unit,
            count,
            in_hand,
            batch,
            chosen,
            reason,
            refused_available,
            percent,
            francs,
        ))?;
    }
    Ok(true)
}

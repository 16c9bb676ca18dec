//! The cart as it lies on disk: written at every line, so that a power cut finds it again.

use officine_protocol::Uid;
use rusqlite::{Connection, OptionalExtension};

use crate::{
    act::{Act, user_id},
    error::Result,
    refuse,
    store::rows::read_uid,
};

/// A cart.
#[derive(Clone, Debug)]
pub struct StoredCart {
    /// Local key.
    pub id: i64,
    /// Identity.
    pub uid: Uid,
    /// When its first line came.
    pub opened_at: i64,
    /// The line last touched.
    pub current: Option<i64>,
    /// Local key of the refused ticket it came back from.
    pub returned_sale: Option<i64>,
    /// How long the refusal took, in milliseconds.
    pub returned_after: Option<i64>,
    /// Its lines, in order.
    pub lines: Vec<StoredLine>,
}

/// A line of a cart.
#[derive(Clone, Debug)]
pub struct StoredLine {
    /// Stable within the cart.
    pub line: i64,
    /// Local key of the product.
    pub product: i64,
    /// Position of the unit.
    pub unit: u32,
    /// How many of it.
    pub count: i64,
    /// Sold although the book says there is none.
    pub in_hand: bool,
    /// Local key of the lot scanned or chosen.
    pub batch: Option<i64>,
    /// `scanned` or `chosen`.
    pub source: Option<String>,
    /// Why that lot.
    pub reason: Option<String>,
    /// What the hub had, where it refused this line.
    pub refused_available: Option<i64>,
}

const CART: &str = "SELECT c.id, c.uid, c.opened_at, c.current_line, c.returned_sale, c.returned_after FROM cart c";

fn load(connection: &Connection, condition: &str, parameter: i64) -> Result<Option<StoredCart>> {
    let mut statement = connection.prepare_cached(&format!("{CART} WHERE {condition}"))?;
    let cart = statement.query_row([parameter], |row| {
        Ok(StoredCart {
            id: row.get(0)?,
            uid: read_uid(row, 1)?,
            opened_at: row.get(2)?,
            current: row.get(3)?,
            returned_sale: row.get(4)?,
            returned_after: row.get(5)?,
            lines: Vec::new(),
        })
    });
    let Some(mut cart) = cart.optional()? else { return Ok(None) };
    let sql = "SELECT line, product_id, unit, count, in_hand, batch_id, source, reason, refused_available FROM cart_line \
               WHERE cart_id = ?1 ORDER BY line";
    let mut statement = connection.prepare_cached(sql)?;
    let lines = statement.query_map([cart.id], |row| {
        Ok(StoredLine {
            line: row.get(0)?,
            product: row.get(1)?,
            unit: row.get(2)?,
            count: row.get(3)?,
            in_hand: row.get(4)?,
            batch: row.get(5)?,
            source: row.get(6)?,
            reason: row.get(7)?,
            refused_available: row.get(8)?,
        })
    })?;
    cart.lines = lines.collect::<rusqlite::Result<_>>()?;
    Ok(Some(cart))
}

/// The open cart of a user, by local key.
pub fn open_of(connection: &Connection, user: i64) -> Result<Option<StoredCart>> {
    load(connection, "c.user_id = ?1 AND c.held_at IS NULL ORDER BY c.id DESC LIMIT 1", user)
}

/// A cart by local key.
pub fn by_id(connection: &Connection, id: i64) -> Result<Option<StoredCart>> {
    load(connection, "c.id = ?1", id)
}

/// The open cart of whoever acts, created if there is none.
pub fn open_or_create(act: &Act<'_>, user: Uid) -> Result<StoredCart> {
    let user = user_id(act.tx, user)?;
    if let Some(cart) = open_of(act.tx, user)? {
        return Ok(cart);
    }
    let id = create(act, user)?;
    by_id(act.tx, id)?.ok_or_else(|| rusqlite::Error::QueryReturnedNoRows.into())
}

/// An empty cart of a user.
pub fn create(act: &Act<'_>, user: i64) -> Result<i64> {
    let sql = "INSERT INTO cart (uid, user_id, opened_at) VALUES (?1, ?2, ?3)";
    act.tx.prepare_cached(sql)?.execute((act.mint().as_bytes(), user, act.now))?;
    Ok(act.tx.last_insert_rowid())
}

/// Writes a line, and makes it the current one.
pub fn put_line(connection: &Connection, cart: i64, line: &StoredLine) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO cart_line (cart_id, line, product_id, unit, count, in_hand, batch_id, source, reason, \
               refused_available) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    connection.prepare_cached(sql)?.execute((
        cart,
        line.line,
        line.product,
        line.unit,
        line.count,
        line.in_hand,
        line.batch,
        &line.source,
        &line.reason,
        line.refused_available,
    ))?;
    set_current(connection, cart, Some(line.line))
}

/// Makes a line the current one.
pub fn set_current(connection: &Connection, cart: i64, line: Option<i64>) -> Result<()> {
    connection.prepare_cached("UPDATE cart SET current_line = ?2 WHERE id = ?1")?.execute((cart, line))?;
    Ok(())
}

/// Removes a line; an emptied cart goes with it.
pub fn remove_line(connection: &Connection, cart: &StoredCart, line: i64) -> Result<()> {
    connection.execute("DELETE FROM cart_line WHERE cart_id = ?1 AND line = ?2", (cart.id, line))?;
    let rest: Vec<i64> = cart.lines.iter().map(|kept| kept.line).filter(|kept| *kept != line).collect();
    match rest.last() {
        None => delete(connection, cart.id),
        Some(last) => set_current(connection, cart.id, Some(*last)),
    }
}

/// Deletes a cart and its lines.
pub fn delete(connection: &Connection, cart: i64) -> Result<()> {
    connection.prepare_cached("DELETE FROM cart_line WHERE cart_id = ?1")?.execute([cart])?;
    connection.prepare_cached("DELETE FROM cart WHERE id = ?1")?.execute([cart])?;
    Ok(())
}

impl StoredCart {
    /// A line by number.
    pub fn line(&self, line: u32) -> Result<&StoredLine> {
        match self.lines.iter().find(|stored| stored.line == i64::from(line)) {
            Some(stored) => Ok(stored),
            None => refuse!("field_invalid", field: "line"),
        }
    }

    /// The number the next line gets.
    pub fn next_line(&self) -> i64 {
        self.lines.last().map_or(1, |last| last.line + 1)
    }
}

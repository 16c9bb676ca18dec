//! The cart as it lies on disk: written at every line, so that a power cut finds it again.

use officine_protocol::Uid;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::{
    act::{Act, user_id},
    error::Result,
    refuse,
    store::rows::read_uid,
    views::DiscountView,
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
    /// Taken off the whole ticket.
    pub discount: Option<DiscountView>,
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
    /// Taken off this line.
    pub discount: Option<DiscountView>,
}

const CART: &str = "SELECT c.id, c.uid, c.opened_at, c.current_line, c.returned_sale, c.returned_after, \
                    c.discount_percent, c.discount_francs FROM cart c";

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
            discount: discount(row, 6)?,
            lines: Vec::new(),
        })
    });
    let Some(mut cart) = cart.optional()? else { return Ok(None) };
    let sql = "SELECT line, product_id, unit, count, in_hand, batch_id, source, reason, refused_available, \
               discount_percent, discount_francs FROM cart_line WHERE cart_id = ?1 ORDER BY line";
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
            discount: discount(row, 9)?,
        })
    })?;
    cart.lines = lines.collect::<rusqlite::Result<_>>()?;
    Ok(Some(cart))
}

/// A discount as it is stored: percent, then francs.
fn discount(row: &Row<'_>, place: usize) -> rusqlite::Result<Option<DiscountView>> {
    let percent = row.get::<_, Option<i64>>(place)?.map(|percent| DiscountView::Percent { percent });
    let francs = row.get::<_, Option<i64>>(place + 1)?.map(|amount| DiscountView::Francs { amount });
    Ok(percent.or(francs))
}

fn columns(discount: Option<DiscountView>) -> (Option<i64>, Option<i64>) {
    match discount {
        None => (None, None),
        Some(DiscountView::Percent { percent }) => (Some(percent), None),
        Some(DiscountView::Francs { amount }) => (None, Some(amount)),
    }
}

/// Takes something off the whole ticket, or no longer.
pub fn set_discount(connection: &Connection, cart: i64, discount: Option<DiscountView>) -> Result<()> {
    let (percent, francs) = columns(discount);
    let sql = "UPDATE cart SET discount_percent = ?2, discount_francs = ?3 WHERE id = ?1";
    connection.prepare_cached(sql)?.execute((cart, percent, francs))?;
    Ok(())
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
               refused_available, discount_percent, discount_francs) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    let (percent, francs) = columns(line.discount);
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
        percent,
        francs,
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

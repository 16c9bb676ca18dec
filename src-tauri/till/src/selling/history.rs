//! Ventes: tickets newest first, and the tickets on hold.

use officine_protocol::{Uid, date::Date, entities::SALE, params};
use rusqlite::{Connection, OptionalExtension, Row};

use super::{cart, plan::Plan, receipt, view};
use crate::{
    act::user_id,
    engine::Till,
    error::{Error, Result},
    store::rows::read_uid,
    views::{CartView, DecisionName, HeldTicket, ListSalesArgs, SaleRow, SaleStateName, SalesPage},
};

const DAY_MS: i64 = 86_400_000;

/// The smallest uid minted on a day: a UUIDv7 begins with its time.
pub fn first_uid_of(day: Date) -> Uid {
    let start = Date::parse("1970-01-01").map_or(0, |epoch| day.days_from(epoch)) * DAY_MS;
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&start.to_be_bytes()[2..]);
    Uid::from_bytes(bytes)
}

impl Till {
    /// A page of tickets.
    pub fn list_sales(&self, args: &ListSalesArgs) -> Result<SalesPage> {
        let today = self.today();
        let limit = args.limit.clamp(1, 200) as usize;
        let after = args.after.as_deref().map(Uid::try_parse).transpose();
        let after = after.map_err(|_| Error::refused("field_invalid", params! { field: "after" }))?;
        self.store.read(|connection| {
            let mut rows = page(connection, args, after, limit + 1)?;
            let next = (rows.len() > limit).then(|| rows[limit - 1].uid.clone());
            rows.truncate(limit);
            let (today_count, today_total) = of_day(connection, today)?;
            Ok(SalesPage { rows, next, held: held(connection, today)?, today_count, today_total })
        })
    }

    /// The tickets on hold.
    pub fn list_held(&self) -> Result<Vec<HeldTicket>> {
        let today = self.today();
        self.store.read(|connection| held(connection, today))
    }

    /// F7: puts the open cart on hold.
    pub fn hold_cart(&self) -> Result<CartView> {
        let view = self.edit_cart(|act, cart| {
            if cart.lines.is_empty() {
                cart::delete(act.tx, cart.id)?;
                return crate::refuse!("cart_empty");
            }
            act.tx.execute("UPDATE cart SET held_at = ?2 WHERE id = ?1", (cart.id, act.now))?;
            Ok(())
        })?;
        self.cart_changed();
        Ok(view)
    }

    /// F9: takes a ticket off hold. An open cart with lines goes on hold in its place.
    pub fn recall_cart(&self, uid: &str) -> Result<CartView> {
        let session = self.session()?;
        let missing = || Error::refused("reference_missing", params! { entity: "cart", uid: uid });
        let wanted = Uid::try_parse(uid).map_err(|_| missing())?;
        let view = self.edit_cart(|act, open| {
            let sql = "SELECT id FROM cart WHERE uid = ?1 AND held_at IS NOT NULL";
            let held: Option<i64> = act.tx.query_row(sql, [wanted.as_bytes()], |row| row.get(0)).optional()?;
            let held = held.ok_or_else(missing)?;
            if open.lines.is_empty() {
                cart::delete(act.tx, open.id)?;
            } else {
                act.tx.execute("UPDATE cart SET held_at = ?2 WHERE id = ?1", (open.id, act.now))?;
            }
            let user = user_id(act.tx, session.user)?;
            act.tx.execute("UPDATE cart SET held_at = NULL, user_id = ?2 WHERE id = ?1", (held, user))?;
            Ok(())
        })?;
        self.cart_changed();
        Ok(view)
    }
}

/// The ticket or one that takes it back is flagged.
const FLAGGED: &str = "(s.flagged OR EXISTS (SELECT 1 FROM sale_return r WHERE r.sale_id = s.id AND r.flagged))";
const ROW: &str = "SELECT s.uid, s.series, s.number, s.occurred_at, u.name, s.total, s.state, s.reason_code, s.reason_params, \
    (SELECT count(*) FROM sale_item i WHERE i.sale_id = s.id), \
    (SELECT group_concat(i.name, ', ') FROM (SELECT name FROM sale_item WHERE sale_id = s.id ORDER BY line LIMIT 3) i), \
    (SELECT t.decision FROM sale_settlement t WHERE t.sale_id = s.id AND NOT t.superseded)";

fn row(row: &Row<'_>) -> rusqlite::Result<(Uid, SaleRow)> {
    let uid = read_uid(row, 0)?;
    let (series, state): (i64, String) = (row.get(1)?, row.get(6)?);
    let row = SaleRow {
        uid: uid.to_string(),
        number: receipt::number_text(series, row.get(2)?),
        occurred_at: row.get(3)?,
        till: receipt::till_name(series),
        cashier: row.get(4)?,
        total: row.get(5)?,
        state: receipt::state_name(&state),
        reason: receipt::reason(row.get(7)?, row.get(8)?),
        lines: row.get(9)?,
        summary: row.get::<_, Option<String>>(10)?.unwrap_or_default(),
        settled: row.get::<_, Option<String>>(11)?.as_deref().map(DecisionName::parse),
        flagged: row.get(12)?,
    };
    Ok((uid, row))
}

fn page(connection: &Connection, args: &ListSalesArgs, after: Option<Uid>, limit: usize) -> Result<Vec<SaleRow>> {
    let (text, states) = (args.text.trim(), &args.states);
    let digits: String = text.rsplit('-').next().unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
    let sql = format!(
        "{ROW}, {FLAGGED} FROM sale s JOIN \"user\" u ON u.id = s.user_id WHERE s.uid < ?1 AND (?2 = '' OR s.number = ?3 OR EXISTS (SELECT 1 FROM sale_item i WHERE i.sale_id = s.id \
         AND instr(lower(i.name), lower(?2)) > 0) OR EXISTS (SELECT 1 FROM stock_movement m WHERE m.document_kind = 1 \
         AND m.document_id = s.id AND m.lot_number = ?2 COLLATE NOCASE)) AND (NOT ?4 OR {FLAGGED}) ORDER BY s.uid DESC"
    );
    let before = after.unwrap_or(Uid::max());
    let mut statement = connection.prepare_cached(&sql)?;
    let found =
        statement.query_map((before.as_bytes(), text, digits.parse::<i64>().unwrap_or(-1), args.flagged), row)?;
    let mut rows = Vec::new();
    for found in found {
        let (uid, mut row) = found?;
        if row.state == SaleStateName::Recorded {
            row.state = receipt::state_of(connection, uid)?;
        }
        if states.is_empty() || states.contains(&row.state) {
            rows.push(row);
        }
        if rows.len() == limit {
            break;
        }
    }
    Ok(rows)
}

fn of_day(connection: &Connection, today: Date) -> Result<(u32, i64)> {
    let sql = "SELECT count(*), coalesce(sum(total), 0) FROM sale WHERE uid >= ?1 AND state <> 'reversed'";
    let first = first_uid_of(today);
    Ok(connection.prepare_cached(sql)?.query_row([first.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

fn held(connection: &Connection, today: Date) -> Result<Vec<HeldTicket>> {
    let sql = "SELECT c.id, c.held_at, u.name FROM cart c JOIN \"user\" u ON u.id = c.user_id WHERE c.held_at IS NOT NULL \
               ORDER BY c.returned_sale IS NULL, c.held_at DESC";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let mut held = Vec::new();
    for row in rows {
        let (id, held_at, user): (i64, i64, String) = row?;
        let Some(cart) = cart::by_id(connection, id)? else { continue };
        let plan = Plan::of(connection, &cart, today)?;
        let names: Vec<_> = plan.lines.iter().take(3).map(|line| line.product.name.as_str()).collect();
        held.push(HeldTicket {
            cart: cart.uid.to_string(),
            held_at,
            user,
            lines: plan.lines.len() as u32,
            summary: names.join(", "),
            total: plan.sums.total,
            returned_from: view::returned_from(connection, &cart)?,
        });
    }
    Ok(held)
}

/// How a ticket is called in lists.
pub fn label(connection: &Connection, uid: Uid) -> Result<Option<(String, i64)>> {
    let sql = format!("SELECT series, number, total FROM \"{}\" WHERE uid = ?1", SALE.table);
    let found = connection
        .prepare_cached(&sql)?
        .query_row([uid.as_bytes()], |row| Ok((receipt::number_text(row.get(0)?, row.get(1)?), row.get(2)?)));
    Ok(found.optional()?)
}

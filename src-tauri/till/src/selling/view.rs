//! The cart as the window shows it.

use officine_protocol::{
    date::Date,
    fefo::{self, Withheld},
    params,
    roles::Role,
};
use rusqlite::{Connection, OptionalExtension};

use super::{
    cart::{self, StoredCart},
    discount,
    plan::{Plan, PlannedLine, Taken},
    receipt,
};
use crate::{
    act::TillState,
    catalogue::lots::{self, StoredLot},
    error::{Error, Result},
    store::rows::read_uid,
    views::{CartLine, CartView, LastTicket, LotTake, Nudge, Problem, ReturnedFrom},
};

/// The open cart of a user, by local key.
pub fn cart_view(connection: &Connection, user: i64, today: Date) -> Result<CartView> {
    let stored = cart::open_of(connection, user)?;
    let plan = stored.as_ref().map(|cart| Plan::of(connection, cart, today)).transpose()?.unwrap_or_default();
    let state = TillState::load(connection)?;
    let returned_from = stored.as_ref().map(|cart| returned_from(connection, cart)).transpose()?.flatten();
    Ok(CartView {
        next_number: receipt::number_text(state.series, state.last_number + 1),
        opened_at: stored.as_ref().filter(|cart| !cart.lines.is_empty()).map(|cart| cart.opened_at),
        blocker: match role_if_needed(connection, &plan, user)? {
            None => blocker(&plan, today),
            Some(role) => blocker(&plan, today).or_else(|| discount::excess(&plan, role)),
        },
        lines: plan.lines.iter().map(|line| line_view(&plan, line, today)).collect(),
        current: stored.as_ref().and_then(|cart| cart.current).and_then(|line| u32::try_from(line).ok()),
        subtotal: plan.sums.lines,
        discount: plan.sums.discount,
        discount_given: plan.discount,
        rounding: plan.sums.rounding,
        total: plan.sums.total,
        units: plan.lines.iter().map(|line| line.stored.count).sum(),
        returned_from,
        held: connection
            .prepare_cached("SELECT count(*) FROM cart WHERE held_at IS NOT NULL")?
            .query_row([], |row| row.get(0))?,
        last: last_ticket(connection, &state)?,
    })
}

/// Discounts are limited by the role of whoever's cart it is; without any, nobody asks.
fn role_if_needed(connection: &Connection, plan: &Plan, user: i64) -> Result<Option<Role>> {
    if !plan.discounted() {
        return Ok(None);
    }
    let sql = "SELECT role FROM \"user\" WHERE id = ?1";
    let role: String = connection.prepare_cached(sql)?.query_row([user], |row| row.get(0))?;
    Ok(Some(Role::parse(&role).unwrap_or(Role::Cashier)))
}

/// Why a cart cannot be paid as it stands: its first line without price or stock, or whose lot may no longer be sold.
pub fn blocker(plan: &Plan, today: Date) -> Option<Problem> {
    plan.lines.iter().find_map(|line| {
        let product = &line.product.name;
        if line.unit.price.is_none() {
            return Some(Error::refused("unpriced", params! { product: product }).problem());
        }
        if let Some((lot, why)) = plan.withheld(line, today) {
            return Some(lots::withheld_problem(lot, why).problem());
        }
        let available = line.quantity - line.missing;
        let short = params! { product: product, asked: line.quantity, available: available, line: line.stored.line };
        (line.missing > 0 && !line.stored.in_hand).then(|| Error::refused("stock_insufficient", short).problem())
    })
}

fn line_view(plan: &Plan, line: &PlannedLine, today: Date) -> CartLine {
    let left = plan.left(line.product.id, today);
    let lots = plan.lots.get(&line.product.id).map_or(&[][..], Vec::as_slice);
    CartLine {
        line: u32::try_from(line.stored.line).unwrap_or(0),
        product: line.product.uid.to_string(),
        name: line.product.name.clone(),
        detail: line.product.detail(),
        unit: line.unit.clone(),
        units: line.product.units.clone(),
        count: line.stored.count,
        unit_price: line.unit.price,
        discount: line.discount(),
        discount_given: line.stored.discount,
        amount: line.amount(),
        lots: line.takes.iter().map(|taken| take_view(&lots[taken.lot], taken, today)).collect(),
        left,
        left_text: line.product.quantity_text(left),
        in_hand: line.stored.in_hand,
        nudge: nudge(plan, line, lots, today),
    }
}

fn take_view(stored: &StoredLot, taken: &Taken, today: Date) -> LotTake {
    LotTake {
        batch: stored.uid().to_string(),
        lot_number: stored.number.clone(),
        expiry: stored.expiry_text(),
        days_left: stored.lot.expiry.map(|expiry| expiry.days_from(today)),
        quantity: taken.quantity,
        source: taken.source,
    }
}

fn nudge(plan: &Plan, line: &PlannedLine, lots: &[StoredLot], today: Date) -> Option<Nudge> {
    if let Some(available) = line.stored.refused_available {
        return Some(Nudge::Refused { asked: line.quantity, available });
    }
    if line.unit.price.is_none() {
        return Some(Nudge::Unpriced);
    }
    if let Some((lot, why)) = plan.withheld(line, today) {
        return Some(withheld_nudge(lot, why));
    }
    if line.missing > 0 && !line.stored.in_hand {
        return Some(Nudge::Short { asked: line.quantity, available: line.quantity - line.missing });
    }
    shorter_lot(line, lots, today)
}

fn withheld_nudge(lot: &StoredLot, why: Withheld) -> Nudge {
    let lot_number = lot.number.clone();
    match why {
        Withheld::Expired => Nudge::Expired { lot_number, expiry: lot.expiry_text().unwrap_or_default() },
        Withheld::Blocked => Nudge::Blocked { lot_number, reason: lot.blocked_reason.clone().unwrap_or_default() },
    }
}

/// A lot of the product that expires before the one somebody scanned or chose.
fn shorter_lot(line: &PlannedLine, lots: &[StoredLot], today: Date) -> Option<Nudge> {
    let named = lots.iter().find(|lot| Some(lot.id) == line.stored.batch)?.lot.expiry;
    let rule = lots::rule_view(lots);
    let first = fefo::order(&rule, today).into_iter().map(|place| &lots[place]).next()?;
    let expiry = first.lot.expiry?;
    named.is_none_or(|named| expiry < named).then(|| Nudge::ShorterLot {
        batch: first.uid().to_string(),
        lot_number: first.number.clone(),
        expiry: expiry.to_string(),
        quantity: first.lot.quantity,
    })
}

/// The refused ticket a cart came back from.
pub fn returned_from(connection: &Connection, cart: &StoredCart) -> Result<Option<ReturnedFrom>> {
    let Some(sale) = cart.returned_sale else { return Ok(None) };
    let sql = "SELECT series, number, reason_code, reason_params, tendered FROM sale WHERE id = ?1";
    let found = connection.prepare_cached(sql)?.query_row([sale], |row| {
        Ok(ReturnedFrom {
            number: receipt::number_text(row.get(0)?, row.get(1)?),
            reason: receipt::reason(row.get(2)?, row.get(3)?)
                .unwrap_or(Problem { code: "internal".into(), params: params!() }),
            paid: row.get(4)?,
            after_ms: cart.returned_after.unwrap_or(0),
        })
    });
    Ok(found.optional()?)
}

fn last_ticket(connection: &Connection, state: &TillState) -> Result<Option<LastTicket>> {
    let sql = "SELECT uid, number, total, tendered FROM sale WHERE id = ?1";
    let found = connection.prepare_cached(sql)?.query_row([state.last_sale], |row| {
        Ok((read_uid(row, 0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?, row.get::<_, i64>(3)?))
    });
    let Some((uid, number, total, tendered)) = found.optional()? else { return Ok(None) };
    Ok(Some(LastTicket {
        uid: uid.to_string(),
        number: receipt::number_text(state.series, number),
        total,
        change: tendered - total,
        state: receipt::state_of(connection, uid)?,
    }))
}

//! The optimistic rollback: the hub refused a ticket, and one transaction undoes it here.

use officine_protocol::{
    Params, Uid,
    entities::{PRODUCT, PRODUCT_BATCH, SALE},
    record::Record,
    value::Value,
};
use rusqlite::Connection;

use super::{
    cart::{self, StoredLine},
    paper::{self, LIVE_MS},
    settlement,
};
use crate::{
    act::{Act, user_id},
    catalogue::products::Product,
    error::Result,
    store::{ledger, rows},
    views::{DiscountView, ReturnedCart},
};

/// Undoes a ticket: its movements by their opposites, its state with the hub's reason. Where its paper was not out yet it is
/// withdrawn, and its lines are back in a cart; where it was, somebody decides what becomes of it. `present` is who stands
/// at the till now. A ticket that is not waiting any more stays as it is.
pub fn reverse(act: &mut Act<'_>, uid: Uid, code: &str, params: &Params, present: Option<Uid>) -> Result<ReturnedCart> {
    let Some((id, sale)) = rows::get(act.tx, &SALE, uid)? else { return Ok(ReturnedCart::None) };
    if sale.get(&SALE, "state").text() != Some("recorded") {
        return Ok(ReturnedCart::None);
    }
    let after = act.now - sale.get(&SALE, "occurred_at").int().unwrap_or(0);
    let unprinted = paper::take(act.tx, id)? && (0..=LIVE_MS).contains(&after);
    ledger::append(act.tx, &SALE, id, &ledger::opposites(&SALE, sale.part(&SALE, "movements"), "reversal"))?;
    let sql = "UPDATE sale SET reason_code = ?2, reason_params = ?3 WHERE id = ?1";
    act.tx.execute(sql, (id, code, serde_json::to_string(params)?))?;
    settlement::set_state(act, uid, "recorded", "reversed", "reversal")?;
    if is_cancelled(act.tx, id)? {
        settlement::cancel_cancelled(act, id, &sale, code)?;
    } else if unprinted {
        settlement::withdraw(act, id, &sale, code)?;
        return give_back(act, id, &sale, params, (present, after));
    }
    Ok(ReturnedCart::None)
}

/// Whether a ticket had been taken back as a whole, so that its lines are in a cart already. What came back of it has its
/// own verdict: the hub moves it back where the ticket is refused still, and not where somebody has kept it meanwhile.
fn is_cancelled(connection: &Connection, sale: i64) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM sale_return WHERE sale_id = ?1 AND kind = 'cancellation' \
               AND archived_at IS NULL)";
    Ok(connection.prepare_cached(sql)?.query_row([sale], |row| row.get(0))?)
}

fn give_back(
    act: &Act<'_>,
    id: i64,
    sale: &Record,
    params: &Params,
    (present, after): (Option<Uid>, i64),
) -> Result<ReturnedCart> {
    let seller = sale.get(&SALE, "user").uid().unwrap_or_default();
    let seller_id = user_id(act.tx, seller)?;
    let (cart, open) = refill(act, sale, seller_id, present == Some(seller), params)?;
    let sql = "UPDATE cart SET returned_sale = ?2, returned_after = ?3 WHERE id = ?1";
    act.tx.execute(sql, (cart, id, after))?;
    Ok(if open { ReturnedCart::Open } else { ReturnedCart::Held })
}

/// Puts the lines of a ticket back in a cart of a user: the open one if that may be and none has begun, else one on hold.
/// Gives its local key, and whether it is open.
pub fn refill(act: &Act<'_>, sale: &Record, user: i64, live: bool, params: &Params) -> Result<(i64, bool)> {
    let begun = cart::open_of(act.tx, user)?;
    let open = live && begun.as_ref().is_none_or(|cart| cart.lines.is_empty());
    if let Some(empty) = begun.filter(|_| open) {
        cart::delete(act.tx, empty.id)?;
    }
    let cart = cart::create(act, user)?;
    act.tx.execute("UPDATE cart SET held_at = ?2 WHERE id = ?1", (cart, (!open).then_some(act.now)))?;
    for item in sale.part(&SALE, "items") {
        if let Some(line) = line(act.tx, item, sale.part(&SALE, "movements"), params)? {
            cart::put_line(act.tx, cart, &line)?;
        }
    }
    cart::set_discount(act.tx, cart, francs(sale.get(&SALE, "discount")))?;
    Ok((cart, open))
}

/// What was taken off, as the ticket says it.
fn francs(discount: &Value) -> Option<DiscountView> {
    discount.int().filter(|amount| *amount > 0).map(|amount| DiscountView::Francs { amount })
}

/// The lot that somebody scanned or chose for a line: its local key, how, and why.
type NamedLot = (Option<i64>, Option<String>, Option<String>);

fn named_lot(connection: &Connection, movements: &[Vec<Value>], line: i64) -> Result<NamedLot> {
    for movement in movements {
        let [of, step, batch, _, source, .., reason] = movement.as_slice() else { continue };
        let named = matches!(source.text(), Some("scanned" | "chosen"));
        if named && of.int() == Some(line) && step.int() == Some(0) {
            let batch = batch.uid().map(|uid| rows::id_of(connection, &PRODUCT_BATCH, uid)).transpose()?.flatten();
            return Ok((batch, source.text().map(str::to_owned), reason.text().map(str::to_owned)));
        }
    }
    Ok((None, None, None))
}

fn line(
    connection: &Connection,
    item: &[Value],
    movements: &[Vec<Value>],
    params: &Params,
) -> Result<Option<StoredLine>> {
    let [line, product, name, unit_name, count, .., in_hand, discount] = item else { return Ok(None) };
    let (Some(line), Some(uid), Some(count)) = (line.int(), product.uid(), count.int()) else { return Ok(None) };
    let Some(id) = rows::id_of(connection, &PRODUCT, uid)? else { return Ok(None) };
    let product = Product::load(connection, id)?;
    let unit = product.units.iter().find(|unit| Some(unit.name.as_str()) == unit_name.text());
    let refused = params.get("line").and_then(serde_json::Value::as_i64) == Some(line)
        || params.get("product").and_then(serde_json::Value::as_str) == name.text();
    let available = params.get("available").and_then(serde_json::Value::as_i64).filter(|_| refused);
    let (batch, source, reason) = named_lot(connection, movements, line)?;
    Ok(Some(StoredLine {
        line,
        product: id,
        unit: unit.map_or(0, |unit| unit.position),
        count,
        in_hand: in_hand.int() == Some(1),
        batch,
        source,
        reason,
        refused_available: available,
        discount: francs(discount),
    }))
}

/// A ticket the hub accepted.
pub fn confirm(connection: &Connection, uid: Uid, flagged: bool) -> Result<()> {
    let sql = "UPDATE sale SET state = 'confirmed', flagged = max(flagged, ?2) WHERE uid = ?1 AND state = 'recorded'";
    connection.prepare_cached(sql)?.execute((uid.as_bytes(), flagged))?;
    Ok(())
}

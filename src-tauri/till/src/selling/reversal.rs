//! The optimistic rollback: the hub refused a ticket, and one transaction undoes it here.

use officine_protocol::{
    Params, Uid,
    entities::{PRODUCT, PRODUCT_BATCH, SALE},
    record::Record,
    value::Value,
};
use rusqlite::Connection;

use super::cart::{self, StoredLine};
use crate::{
    act::{Act, user_id},
    catalogue::products::Product,
    error::Result,
    store::{ledger, rows},
    views::ReturnedCart,
};

/// A refused ticket comes back to the counter within this time, if no other was begun.
pub const LIVE_MS: i64 = 5_000;

/// Undoes a ticket: its movements by their opposites, its state with the hub's reason, its lines back in a cart.
/// `present` is who stands at the till now. A ticket that is not waiting any more stays as it is.
pub fn reverse(act: &Act<'_>, uid: Uid, code: &str, params: &Params, present: Option<Uid>) -> Result<ReturnedCart> {
    let Some((id, sale)) = rows::get(act.tx, &SALE, uid)? else { return Ok(ReturnedCart::None) };
    if sale.get(&SALE, "state").text() != Some("recorded") {
        return Ok(ReturnedCart::None);
    }
    ledger::append(act.tx, &SALE, id, &ledger::opposites(sale.part(&SALE, "movements")))?;
    let sql = "UPDATE sale SET state = 'reversed', reason_code = ?2, reason_params = ?3 WHERE id = ?1";
    act.tx.execute(sql, (id, code, serde_json::to_string(params)?))?;
    give_back(act, id, &sale, params, present)
}

fn give_back(act: &Act<'_>, id: i64, sale: &Record, params: &Params, present: Option<Uid>) -> Result<ReturnedCart> {
    let seller = sale.get(&SALE, "user").uid().unwrap_or_default();
    let seller_id = user_id(act.tx, seller)?;
    let after = act.now - sale.get(&SALE, "occurred_at").int().unwrap_or(0);
    let busy = cart::open_of(act.tx, seller_id)?.is_some_and(|cart| !cart.lines.is_empty());
    let live = present == Some(seller) && !busy && (0..=LIVE_MS).contains(&after);
    if live && let Some(empty) = cart::open_of(act.tx, seller_id)? {
        cart::delete(act.tx, empty.id)?;
    }
    let cart = cart::create(act, seller_id)?;
    let sql = "UPDATE cart SET returned_sale = ?2, returned_after = ?3, held_at = ?4 WHERE id = ?1";
    act.tx.execute(sql, (cart, id, after, (!live).then_some(act.now)))?;
    for item in sale.part(&SALE, "items") {
        if let Some(line) = line(act.tx, item, sale.part(&SALE, "movements"), params)? {
            cart::put_line(act.tx, cart, &line)?;
        }
    }
    Ok(if live { ReturnedCart::Open } else { ReturnedCart::Held })
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
    let [line, product, name, unit_name, count, .., in_hand] = item else { return Ok(None) };
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
    }))
}

/// A ticket the hub accepted.
pub fn confirm(connection: &Connection, uid: Uid, flagged: bool) -> Result<()> {
    let sql = "UPDATE sale SET state = 'confirmed', flagged = max(flagged, ?2) WHERE uid = ?1 AND state = 'recorded'";
    connection.prepare_cached(sql)?.execute((uid.as_bytes(), flagged))?;
    Ok(())
}

//! A ticket as printed, from what was frozen when it was sold.

use std::collections::BTreeMap;

use officine_protocol::{
    Uid,
    date::Date,
    entities::{SALE, SALE_RETURN},
    params,
    value::hex,
};
use rusqlite::{Connection, OptionalExtension};

use super::{paper, settlement};
use crate::{
    engine::Till,
    error::{Error, Result},
    money::means::payment_view,
    safety::renumber,
    settings,
    store::{outbox, rows},
    views::{LotSourceName, LotTake, PaymentView, Problem, ReceiptLine, ReceiptView, SaleStateName, TicketKind},
};

mod flags;
mod taken_back;

pub use taken_back::read_return;

/// `2-004 319`
pub fn number_text(series: i64, number: i64) -> String {
    match number {
        0..1_000_000 => format!("{series}-{:03} {:03}", number / 1_000, number % 1_000),
        _ => format!("{series}-{} {:03} {:03}", number / 1_000_000, number / 1_000 % 1_000, number % 1_000),
    }
}

/// Why a ticket was refused, from its columns.
pub fn reason(code: Option<String>, text: Option<String>) -> Option<Problem> {
    let params = text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    code.map(|code| Problem { code, params })
}

/// How far a ticket got: its own state, and whether it is on its way.
pub fn state_of(connection: &Connection, uid: Uid) -> Result<SaleStateName> {
    let sql = "SELECT state FROM sale WHERE uid = ?1";
    let state: Option<String> =
        connection.prepare_cached(sql)?.query_row([uid.as_bytes()], |row| row.get(0)).optional()?;
    let state = state_name(state.as_deref().unwrap_or_default());
    if state != SaleStateName::Recorded {
        return Ok(state);
    }
    let sql = "SELECT state FROM outbox WHERE uid = ?1 AND state <> 5";
    let queued: Option<i64> =
        connection.prepare_cached(sql)?.query_row([uid.as_bytes()], |row| row.get(0)).optional()?;
    let sent = queued.map(outbox::State::from_number) == Some(outbox::State::Sent);
    Ok(if sent { SaleStateName::Sent } else { state })
}

/// The state a column names.
pub fn state_name(state: &str) -> SaleStateName {
    match state {
        "confirmed" => SaleStateName::Confirmed,
        "reversed" => SaleStateName::Reversed,
        "regularised" => SaleStateName::Regularised,
        _ => SaleStateName::Recorded,
    }
}

/// A ticket.
pub fn read(connection: &Connection, uid: Uid, today: Date) -> Result<ReceiptView> {
    let sql = "SELECT s.series, s.number, u.name, s.occurred_at, s.reason_code, s.reason_params, s.total, s.tendered, s.hash, \
               s.id, s.discount, s.rounding, c.name, s.flagged FROM sale s JOIN \"user\" u ON u.id = s.user_id \
               LEFT JOIN customer c ON c.id = s.customer_id WHERE s.uid = ?1";
    let uid = rows::canonical(connection, &SALE, uid)?;
    let found = connection.prepare_cached(sql)?.query_row([uid.as_bytes()], |row| {
        let (total, tendered): (i64, i64) = (row.get(6)?, row.get(7)?);
        let hash: Vec<u8> = row.get(8)?;
        let receipt = ReceiptView {
            uid: uid.to_string(),
            number: number_text(row.get(0)?, row.get(1)?),
            printed_number: None,
            pharmacy: String::new(),
            header: Vec::new(),
            till: till_name(row.get(0)?),
            cashier: row.get(2)?,
            occurred_at: row.get(3)?,
            state: SaleStateName::Recorded,
            reason: reason(row.get(4)?, row.get(5)?),
            flagged: row.get(13)?,
            kind: TicketKind::Sale,
            takes_back: None,
            why: String::new(),
            customer: row.get(12)?,
            lines: Vec::new(),
            discount: row.get(10)?,
            rounding: row.get(11)?,
            total,
            payments: Vec::new(),
            tendered,
            change: tendered - total,
            hash: hex(hash.get(..4).unwrap_or_default()),
            paper_waits: false,
            settled: None,
            flags: Vec::new(),
        };
        Ok((row.get::<_, i64>(9)?, receipt))
    });
    let missing = || Error::refused("reference_missing", params! { entity: "sale", uid: uid.to_string() });
    let (id, mut receipt) = found.optional()?.ok_or_else(missing)?;
    receipt.printed_number = renumber::printed(connection, uid)?;
    receipt.state = state_of(connection, uid)?;
    receipt.paper_waits = paper::waits(connection, id)?;
    if matches!(receipt.state, SaleStateName::Reversed | SaleStateName::Regularised) {
        receipt.settled = settlement::of_sale(connection, id)?;
    }
    receipt.flags = flags::of_sale(connection, id, receipt.occurred_at)?;
    receipt.lines = lines(connection, id, today)?;
    receipt.payments =
        payments(connection, "SELECT means, amount, reference FROM sale_payment WHERE sale_id = ?1", id)?;
    head(connection, &mut receipt)?;
    Ok(receipt)
}

/// Whose shop it is.
pub(super) fn head(connection: &Connection, receipt: &mut ReceiptView) -> Result<()> {
    let names = ["pharmacy.name", "pharmacy.address", "pharmacy.phone"];
    let [name, address, phone] =
        settings::values(connection, names)?.map(|text| text.as_str().unwrap_or_default().to_owned());
    receipt.header = [address, phone].into_iter().filter(|line| !line.is_empty()).collect();
    receipt.pharmacy = name;
    Ok(())
}

pub(super) fn payments(connection: &Connection, sql: &str, document: i64) -> Result<Vec<PaymentView>> {
    let mut statement = connection.prepare_cached(sql)?;
    let rows =
        statement.query_map([document], |row| Ok(payment_view(&row.get::<_, String>(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How the till of a series is called on tickets.
pub fn till_name(series: i64) -> String {
    format!("Caisse {series}")
}

fn lines(connection: &Connection, sale: i64, today: Date) -> Result<Vec<ReceiptLine>> {
    let mut lots = printed_lots(connection, SALE.name, sale, today)?;
    let sql = "SELECT line, name, unit_name, unit_count, unit_price, amount, in_hand, quantity, discount, \
               coalesce((SELECT sum(b.quantity) FROM sale_return r JOIN sale_return_item b ON b.sale_return_id = r.id \
                 WHERE r.sale_id = i.sale_id AND r.archived_at IS NULL AND b.sale_line = i.line), 0) \
               FROM sale_item i WHERE sale_id = ?1 ORDER BY line";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([sale], |row| {
        let line: u32 = row.get(0)?;
        Ok(ReceiptLine {
            line,
            name: row.get(1)?,
            unit: row.get(2)?,
            count: row.get(3)?,
            quantity: row.get(7)?,
            returned: row.get(9)?,
            unit_price: row.get(4)?,
            discount: row.get(8)?,
            amount: row.get(5)?,
            in_hand: row.get(6)?,
            lots: lots.remove(&line).unwrap_or_default(),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The lots a document's lines moved when it was recorded, in the order printed.
pub(super) fn printed_lots(
    connection: &Connection,
    entity: &str,
    document: i64,
    today: Date,
) -> Result<BTreeMap<u32, Vec<LotTake>>> {
    let sql = "SELECT m.line, b.uid, m.lot_number, m.expiry, m.delta, m.source FROM stock_movement m \
               JOIN product_batch b ON b.id = m.batch_id WHERE m.document_kind = ?2 AND m.document_id = ?1 AND m.step = 0 \
               ORDER BY m.line, m.expiry IS NULL, m.expiry, m.lot_number";
    let mut statement = connection.prepare_cached(sql)?;
    let kind = if entity == SALE.name { 1 } else { 3 };
    let rows = statement.query_map((document, kind), |row| {
        let expiry = row.get::<_, Option<i64>>(3)?.and_then(Date::from_number);
        let source: String = row.get(5)?;
        let take = LotTake {
            batch: rows::read_uid(row, 1)?.to_string(),
            lot_number: row.get(2)?,
            expiry: expiry.map(|expiry| expiry.to_string()),
            days_left: expiry.map(|expiry| expiry.days_from(today)),
            quantity: row.get::<_, i64>(4)?.abs(),
            source: source_name(&source),
        };
        Ok((row.get(0)?, take))
    })?;
    let mut lots: BTreeMap<u32, Vec<LotTake>> = BTreeMap::new();
    for row in rows {
        let (line, take) = row?;
        lots.entry(line).or_default().push(take);
    }
    Ok(lots)
}

fn source_name(source: &str) -> LotSourceName {
    match source {
        "scanned" => LotSourceName::Scanned,
        "chosen" => LotSourceName::Chosen,
        _ => LotSourceName::Assumed,
    }
}

impl Till {
    /// A ticket, to be shown or printed again.
    pub fn receipt(&self, uid: &str) -> Result<ReceiptView> {
        let missing = |_| Error::refused("reference_missing", params! { entity: "sale", uid: uid });
        let uid = Uid::try_parse(uid).map_err(missing)?;
        let today = self.today();
        self.store.read(|connection| match rows::id_of(connection, &SALE_RETURN, uid)? {
            Some(_) => read_return(connection, uid, today),
            None => read(connection, uid, today),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::number_text;

    #[test]
    fn a_number_is_read_in_groups_of_three() {
        assert_eq!(number_text(2, 4_319), "2-004 319");
        assert_eq!(number_text(12, 7), "12-000 007");
        assert_eq!(number_text(1, 1_234_567), "1-1 234 567");
    }
}

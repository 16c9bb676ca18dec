//! The ticket that takes another back, as printed.

use officine_protocol::{Uid, date::Date, entities::SALE_RETURN, params, value::hex};
use rusqlite::{Connection, OptionalExtension, Row};

use super::{flags, head, number_text, payments, printed_lots, till_name};
use crate::{
    error::{Error, Result},
    store::{outbox, rows},
    views::{ReceiptLine, ReceiptView, SaleStateName, TicketKind},
};

/// A ticket that takes another back.
pub fn read_return(connection: &Connection, uid: Uid, today: Date) -> Result<ReceiptView> {
    let sql = "SELECT r.id, r.uid, r.series, r.number, u.name, r.occurred_at, r.total, r.hash, r.kind, r.reason, s.series, \
               s.number, c.name, r.flagged FROM sale_return r JOIN \"user\" u ON u.id = r.user_id JOIN sale s ON s.id = r.sale_id \
               LEFT JOIN customer c ON c.id = r.customer_id WHERE r.uid = ?1";
    let missing = || Error::refused("reference_missing", params! { entity: SALE_RETURN.name, uid: uid.to_string() });
    let found = connection.prepare_cached(sql)?.query_row([uid.as_bytes()], receipt).optional()?;
    let (id, mut receipt) = found.ok_or_else(missing)?;
    let waits = outbox::is_pending(connection, uid)?;
    receipt.state = if waits { SaleStateName::Recorded } else { SaleStateName::Confirmed };
    receipt.flags = flags::of_return(connection, id)?;
    receipt.lines = lines(connection, id, today)?;
    let sql = "SELECT means, amount, reference FROM sale_return_payment WHERE sale_return_id = ?1";
    receipt.payments = payments(connection, sql, id)?;
    head(connection, &mut receipt)?;
    Ok(receipt)
}

fn receipt(row: &Row<'_>) -> rusqlite::Result<(i64, ReceiptView)> {
    let (hash, kind): (Vec<u8>, String) = (row.get(7)?, row.get(8)?);
    let receipt = ReceiptView {
        uid: rows::read_uid(row, 1)?.to_string(),
        number: number_text(row.get(2)?, row.get(3)?),
        printed_number: None,
        pharmacy: String::new(),
        header: Vec::new(),
        till: till_name(row.get(2)?),
        cashier: row.get(4)?,
        occurred_at: row.get(5)?,
        state: SaleStateName::Recorded,
        reason: None,
        flagged: row.get(13)?,
        kind: if kind == "cancellation" { TicketKind::Cancellation } else { TicketKind::Return },
        takes_back: Some(number_text(row.get(10)?, row.get(11)?)),
        why: row.get(9)?,
        customer: row.get(12)?,
        lines: Vec::new(),
        discount: 0,
        rounding: 0,
        total: row.get(6)?,
        payments: Vec::new(),
        tendered: 0,
        change: 0,
        hash: hex(hash.get(..4).unwrap_or_default()),
        paper_waits: false,
        settled: None,
        flags: Vec::new(),
    };
    Ok((row.get(0)?, receipt))
}

fn lines(connection: &Connection, document: i64, today: Date) -> Result<Vec<ReceiptLine>> {
    let mut lots = printed_lots(connection, SALE_RETURN.name, document, today)?;
    let sql = "SELECT line, name, unit_name, unit_count, quantity, amount FROM sale_return_item WHERE sale_return_id = ?1 \
               ORDER BY line";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([document], |row| {
        let line: u32 = row.get(0)?;
        Ok(ReceiptLine {
            line,
            name: row.get(1)?,
            unit: row.get(2)?,
            count: row.get(3)?,
            quantity: row.get(4)?,
            returned: 0,
            unit_price: 0,
            discount: 0,
            amount: row.get(5)?,
            in_hand: false,
            lots: lots.remove(&line).unwrap_or_default(),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

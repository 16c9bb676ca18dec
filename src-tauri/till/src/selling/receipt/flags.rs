//! Why the hub asks a person to look at a ticket or at what took it back. Its flag travels without a why; the rows that
//! raised it are here and say it. What they leave unsaid is said to be so.

use officine_protocol::date::Date;
use rusqlite::{Connection, Row};

use super::number_text;
use crate::{error::Result, views::FlagView};

/// What raises the flag of a sale `s` sold on the day `?2`.
const OF_SALE: [(&str, &str); 2] = [
    (
        "lot_short",
        "EXISTS (SELECT 1 FROM stock_movement m WHERE m.document_kind = 1 AND m.document_id = s.id AND m.step > 0 \
         AND m.source = 'transfer')",
    ),
    (
        "lot_withheld",
        "EXISTS (SELECT 1 FROM stock_movement m JOIN product_batch b ON b.id = m.batch_id WHERE m.document_kind = 1 \
         AND m.document_id = s.id AND m.step = 0 AND (b.blocked_reason IS NOT NULL OR b.expiry < ?2))",
    ),
];
/// What raises it where neither of these does.
const CREDIT: &str = "EXISTS (SELECT 1 FROM sale_payment p WHERE p.sale_id = s.id AND p.means = 'credit')";

/// What raises the flag of a return `r` of a sale `s`.
const OF_RETURN: [(&str, &str); 4] = [
    ("sale_reversed", "s.state = 'reversed'"),
    (
        "return_void",
        "s.state <> 'reversed' AND EXISTS (SELECT 1 FROM stock_movement m WHERE m.document_kind = 3 \
         AND m.document_id = r.id AND m.source = 'reversal')",
    ),
    (
        "more_than_sold",
        "EXISTS (SELECT 1 FROM sale_item i WHERE i.sale_id = s.id AND i.quantity < (SELECT sum(b.quantity) \
         FROM sale_return o JOIN sale_return_item b ON b.sale_return_id = o.id WHERE o.sale_id = s.id \
         AND b.sale_line = i.line))",
    ),
    (
        "not_in_quarantine",
        "EXISTS (SELECT 1 FROM sale_return_item i JOIN stock_movement m ON m.document_kind = 3 AND m.document_id = r.id \
         AND m.line = i.line AND m.step = 0 JOIN product_batch b ON b.id = m.batch_id WHERE i.sale_return_id = r.id \
         AND i.disposition = 'quarantine' AND NOT b.quarantine)",
    ),
];
const UNSAID: &str = "unsaid";

/// Of a sale, by its local key, and of what took it back.
pub fn of_sale(connection: &Connection, sale: i64, occurred_at: i64) -> Result<Vec<FlagView>> {
    let sql =
        format!("SELECT s.series, s.number, {}, {CREDIT} FROM sale s WHERE s.id = ?1 AND s.flagged", asked(&OF_SALE));
    let mut statement = connection.prepare_cached(&sql)?;
    let own = statement.query_map((sale, Date::of_instant(occurred_at).number()), |row| {
        let otherwise = if row.get(2 + OF_SALE.len())? { "ceiling_passed" } else { UNSAID };
        said(row, &OF_SALE, otherwise)
    })?;
    let mut flags = own.collect::<rusqlite::Result<Vec<_>>>()?.concat();
    flags.extend(of_returns(connection, "r.sale_id", sale)?);
    Ok(flags)
}

/// Of a ticket that takes another back, by its local key.
pub fn of_return(connection: &Connection, id: i64) -> Result<Vec<FlagView>> {
    of_returns(connection, "r.id", id)
}

fn of_returns(connection: &Connection, column: &str, key: i64) -> Result<Vec<FlagView>> {
    let sql = format!(
        "SELECT r.series, r.number, {} FROM sale_return r JOIN sale s ON s.id = r.sale_id WHERE {column} = ?1 AND r.flagged \
         ORDER BY r.id",
        asked(&OF_RETURN)
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([key], |row| said(row, &OF_RETURN, UNSAID))?;
    Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?.concat())
}

fn asked(questions: &[(&str, &str)]) -> String {
    questions.iter().map(|(_, sql)| *sql).collect::<Vec<_>>().join(", ")
}

/// The answers of a row, from its third column on; `otherwise` where all are no.
fn said(row: &Row<'_>, questions: &[(&str, &str)], otherwise: &str) -> rusqlite::Result<Vec<FlagView>> {
    let number = number_text(row.get(0)?, row.get(1)?);
    let mut codes = Vec::new();
    for (place, (code, _)) in questions.iter().enumerate() {
        if row.get(2 + place)? {
            codes.push(*code);
        }
    }
    if codes.is_empty() {
        codes.push(otherwise);
    }
    Ok(codes.into_iter().map(|code| FlagView { number: number.clone(), code: code.to_owned() }).collect())
}

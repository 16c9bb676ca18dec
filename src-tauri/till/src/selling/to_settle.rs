//! « À régulariser »: refused tickets of all tills on which nothing has been decided, beside the book of today.

use officine_protocol::{Uid, date::Date};
use rusqlite::{Connection, Row};

use super::{payments::Payment, receipt, refunds, settlement::STANDS};
use crate::{
    catalogue::lots,
    engine::Till,
    error::Result,
    store::rows::read_uid,
    views::{PaymentView, ToSettleLine, ToSettleView},
};

/// Refused tickets without a decision that stands.
fn waiting() -> String {
    format!("s.state = 'reversed' AND NOT EXISTS (SELECT 1 FROM sale_settlement t WHERE t.sale_id = s.id AND {STANDS})")
}

impl Till {
    /// Refused tickets that wait for a decision, the oldest first.
    pub fn list_to_settle(&self) -> Result<Vec<ToSettleView>> {
        self.session()?;
        let today = self.today();
        self.store.read(|connection| {
            let sql = format!("SELECT s.uid FROM sale s WHERE {} ORDER BY s.occurred_at, s.id", waiting());
            let mut statement = connection.prepare_cached(&sql)?;
            let uids = statement.query_map([], |row| read_uid(row, 0))?.collect::<rusqlite::Result<Vec<_>>>()?;
            uids.into_iter().map(|uid| of(connection, uid, today)).collect()
        })
    }
}

/// Those of one series.
pub fn of_series(connection: &Connection, series: i64) -> Result<Vec<Uid>> {
    let sql = format!("SELECT s.uid FROM sale s WHERE {} AND s.series = ?1 ORDER BY s.id", waiting());
    let mut statement = connection.prepare_cached(&sql)?;
    let uids = statement.query_map([series], |row| read_uid(row, 0))?;
    Ok(uids.collect::<rusqlite::Result<_>>()?)
}

/// How many refused tickets wait for somebody to decide.
pub fn count(connection: &Connection) -> Result<u32> {
    let sql = format!("SELECT count(*) FROM sale s WHERE {}", waiting());
    Ok(connection.prepare_cached(&sql)?.query_row([], |row| row.get(0))?)
}

/// A refused ticket as whoever decides sees it.
pub fn of(connection: &Connection, uid: Uid, today: Date) -> Result<ToSettleView> {
    let sql = "SELECT s.id, s.uid, s.series, s.number, u.name, s.occurred_at, s.total, c.name, s.reason_code, s.reason_params \
               FROM sale s JOIN \"user\" u ON u.id = s.user_id LEFT JOIN customer c ON c.id = s.customer_id WHERE s.uid = ?1";
    let (id, mut view) = connection.prepare_cached(sql)?.query_row([uid.as_bytes()], head)?;
    view.lines = lines(connection, id, today)?;
    let sql = "SELECT means, amount, reference FROM sale_payment WHERE sale_id = ?1 ORDER BY position";
    view.payments = receipt::payments(connection, sql, id)?;
    view.to_give_back = refunds::left(connection, id)?.into_iter().map(shown).collect();
    Ok(view)
}

fn head(row: &Row<'_>) -> rusqlite::Result<(i64, ToSettleView)> {
    let series = row.get(2)?;
    let view = ToSettleView {
        uid: read_uid(row, 1)?.to_string(),
        number: receipt::number_text(series, row.get(3)?),
        till: receipt::till_name(series),
        seller: row.get(4)?,
        occurred_at: row.get(5)?,
        total: row.get(6)?,
        customer: row.get(7)?,
        reason: receipt::reason(row.get(8)?, row.get(9)?),
        lines: Vec::new(),
        payments: Vec::new(),
        to_give_back: Vec::new(),
    };
    Ok((row.get(0)?, view))
}

fn shown(Payment { means, amount, reference }: Payment) -> PaymentView {
    PaymentView { means, amount, reference }
}

fn lines(connection: &Connection, sale: i64, today: Date) -> Result<Vec<ToSettleLine>> {
    let sql = "SELECT line, name, unit_name, unit_count, quantity, product_id FROM sale_item WHERE sale_id = ?1 ORDER BY line";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([sale], |row| {
        let line = ToSettleLine {
            line: row.get(0)?,
            name: row.get(1)?,
            unit: row.get(2)?,
            count: row.get(3)?,
            quantity: row.get(4)?,
            available: 0,
            short: 0,
        };
        Ok((line, row.get::<_, i64>(5)?))
    })?;
    let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let beside_the_book = |(line, product): (ToSettleLine, i64)| {
        let lots = lots::of_product(connection, product)?;
        let sellable = lots.iter().filter(|lot| lot.lot.withheld(today).is_none());
        let available: i64 = sellable.map(|lot| lot.lot.quantity.max(0)).sum();
        Ok(ToSettleLine { available, short: (line.quantity - available).max(0), ..line })
    };
    rows.into_iter().map(beside_the_book).collect()
}

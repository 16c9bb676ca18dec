//! How the money of a returned ticket goes back: what was on the customer's account first, then cash, unless somebody
//! says otherwise.

use officine_protocol::params;
use rusqlite::Connection;

use super::{
    payments::{self, Payment},
    returned::SoldTicket,
};
use crate::{
    error::{Error, Result},
    views::{MeansName, PaymentArgs},
};

/// The payments that give `total` back.
pub fn of(connection: &Connection, sold: &SoldTicket, total: i64, wanted: &[PaymentArgs]) -> Result<Vec<Payment>> {
    let payments = match wanted {
        [] => usual(connection, sold, total)?,
        wanted => payments::given_back(total, wanted)?,
    };
    let on_account = payments.iter().any(|payment| payment.means == MeansName::Credit);
    if on_account && sold.customer.is_none() {
        return Err(Error::refused("customer_required", params!()));
    }
    Ok(payments)
}

fn usual(connection: &Connection, sold: &SoldTicket, total: i64) -> Result<Vec<Payment>> {
    let sql = "SELECT coalesce((SELECT sum(amount) FROM sale_payment WHERE sale_id = ?1 AND means = 'credit'), 0) \
               - coalesce((SELECT sum(p.amount) FROM sale_return r JOIN sale_return_payment p ON p.sale_return_id = r.id \
                 WHERE r.sale_id = ?1 AND p.means = 'credit'), 0)";
    let owed: i64 = connection.prepare_cached(sql)?.query_row([sold.id], |row| row.get(0))?;
    let on_account = owed.clamp(0, total);
    let payments = [(MeansName::Credit, on_account), (MeansName::Cash, total - on_account)];
    let payments = payments.into_iter().filter(|(_, amount)| *amount > 0);
    Ok(payments.map(|(means, amount)| Payment { means, amount, reference: None }).collect())
}

/// The payments of a ticket as they were: a cancellation gives each back the way it came.
pub fn same(connection: &Connection, sale: i64) -> Result<Vec<Payment>> {
    let sql = "SELECT means, amount, reference FROM sale_payment WHERE sale_id = ?1 AND amount > 0 ORDER BY position";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([sale], |row| {
        let means = MeansName::parse(&row.get::<_, String>(0)?).unwrap_or(MeansName::Cash);
        Ok(Payment { means, amount: row.get(1)?, reference: row.get(2)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

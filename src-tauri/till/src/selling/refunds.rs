//! How the money of a returned ticket goes back: what was on the customer's account first, then cash, unless somebody
//! says otherwise.

use std::collections::HashMap;

use officine_protocol::{entities::CUSTOMER, params};
use rusqlite::Connection;

use super::{
    payments::{self, Payment},
    returned::SoldTicket,
};
use crate::{
    error::{Error, Result},
    money::credit::balance,
    refuse,
    store::rows,
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
    check_paid(connection, sold, &payments)?;
    Ok(payments)
}

/// Nobody is handed more than was handed over for the ticket, at the sale or as a repayment of it, unless they owe nothing.
fn check_paid(connection: &Connection, sold: &SoldTicket, payments: &[Payment]) -> Result<()> {
    let handed = payments.iter().filter(|payment| payment.means != MeansName::Credit);
    let handed: i64 = handed.map(|payment| payment.amount).sum();
    let sql = "SELECT coalesce((SELECT sum(amount) FROM sale_payment WHERE sale_id = ?1 AND means <> 'credit'), 0) \
               - coalesce((SELECT sum(p.amount) FROM sale_return r JOIN sale_return_payment p ON p.sale_return_id = r.id \
                 WHERE r.sale_id = ?1 AND r.archived_at IS NULL AND p.means <> 'credit'), 0)";
    let mut paid: i64 = connection.prepare_cached(sql)?.query_row([sold.id], |row| row.get(0))?;
    let Some(customer) = sold.customer.filter(|_| handed > paid) else { return Ok(()) };
    let Some(customer) = rows::id_of(connection, &CUSTOMER, customer)? else { return Ok(()) };
    let sql = "SELECT coalesce(sum(amount), 0) FROM credit_payment WHERE customer_id = ?1 AND sale_id = ?2";
    paid += connection.prepare_cached(sql)?.query_row((customer, sold.id), |row| row.get::<_, i64>(0))?;
    if handed > paid && balance(connection, customer)? > 0 {
        return refuse!("refund_exceeds_paid", paid: paid.max(0), asked: handed);
    }
    Ok(())
}

fn usual(connection: &Connection, sold: &SoldTicket, total: i64) -> Result<Vec<Payment>> {
    let sql = "SELECT coalesce((SELECT sum(amount) FROM sale_payment WHERE sale_id = ?1 AND means = 'credit'), 0) \
               - coalesce((SELECT sum(p.amount) FROM sale_return r JOIN sale_return_payment p ON p.sale_return_id = r.id \
                 WHERE r.sale_id = ?1 AND r.archived_at IS NULL AND p.means = 'credit'), 0)";
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

/// What a ticket was paid less what was given back for it, by means: what cancelling it gives back. Where more came back by
/// one means than was paid by it, the others give less.
pub fn left(connection: &Connection, sale: i64) -> Result<Vec<Payment>> {
    let sql = "SELECT p.means, sum(p.amount) FROM sale_return r JOIN sale_return_payment p ON p.sale_return_id = r.id \
               WHERE r.sale_id = ?1 AND r.archived_at IS NULL GROUP BY p.means";
    let mut statement = connection.prepare_cached(sql)?;
    let back = statement.query_map([sale], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
    let mut back: HashMap<String, i64> = back.collect::<rusqlite::Result<_>>()?;
    let mut paid = same(connection, sale)?;
    for payment in &mut paid {
        let given = back.entry(payment.means.word().to_owned()).or_default();
        let less = payment.amount.min(*given);
        payment.amount -= less;
        *given -= less;
    }
    let mut over: i64 = back.into_values().sum();
    for payment in paid.iter_mut().rev() {
        let less = payment.amount.min(over);
        payment.amount -= less;
        over -= less;
    }
    paid.retain(|payment| payment.amount > 0);
    Ok(paid)
}

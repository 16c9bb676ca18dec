//! What went through a drawer, from the documents that name it. A ticket that was refused stays in its drawer: the money
//! is there until somebody decides otherwise, and then leaves the drawer that is open. One that was withdrawn before its
//! paper was out was never paid.

use std::collections::BTreeMap;

use officine_protocol::{entities::CASH_SESSION, record::Record};
use rusqlite::{Connection, OptionalExtension};

use super::means;
use crate::{
    error::Result,
    selling::receipt::{number_text, till_name},
    views::{MeansName, MeansSums, SessionReport, UserSums},
};

/// Tickets of a drawer. No index finds them, which every sale would pay for: those of a drawer of this till lie in its span.
const OF_DRAWER: &str = "s.cash_session_id = ?1 \
     AND s.id > coalesce((SELECT after_sale FROM drawer_span WHERE cash_session_id = ?1), 0) \
     AND s.id <= coalesce((SELECT last_sale FROM drawer_span WHERE cash_session_id = ?1), 9223372036854775807)";
/// Tickets that their own till withdrew before anything was paid: whatever others decided of them, before or since, no money
/// was in the drawer.
const WITHDRAWN: &str = "(s.state IN ('reversed', 'regularised') AND EXISTS (SELECT 1 FROM sale_settlement t \
     WHERE t.sale_id = s.id AND t.decision = 'withdrawn' AND t.series = s.series AND t.archived_at IS NULL))";
/// Returns of a drawer. One that the hub refused was none.
const RETURN: &str = "r.cash_session_id = ?1 AND r.archived_at IS NULL";

/// What goes through the means: [sales, returns, repayments, expenses, refused tickets cancelled].
type Flows = BTreeMap<MeansName, [i64; 5]>;

fn flows(connection: &Connection, drawer: i64) -> Result<Flows> {
    let queries = [
        (
            0,
            1,
            format!(
                "SELECT p.means, sum(p.amount) FROM sale s JOIN sale_payment p ON p.sale_id = s.id WHERE {OF_DRAWER} AND NOT {WITHDRAWN} GROUP BY p.means"
            ),
        ),
        (
            1,
            1,
            format!(
                "SELECT p.means, sum(p.amount) FROM sale_return r JOIN sale s ON s.id = r.sale_id \
            JOIN sale_return_payment p ON p.sale_return_id = r.id WHERE {RETURN} AND NOT {WITHDRAWN} GROUP BY p.means"
            ),
        ),
        (2, 1, "SELECT means, sum(amount) FROM credit_payment WHERE cash_session_id = ?1 GROUP BY means".to_owned()),
        (3, 1, "SELECT means, sum(amount) FROM expense WHERE cash_session_id = ?1 GROUP BY means".to_owned()),
        (
            4,
            1,
            "SELECT p.means, sum(p.amount) FROM sale_settlement t JOIN sale_settlement_payment p \
            ON p.sale_settlement_id = t.id WHERE t.cash_session_id = ?1 AND t.archived_at IS NULL GROUP BY p.means"
                .to_owned(),
        ),
    ];
    let mut flows: Flows = means::ALL.into_iter().map(|means| (means, [0; 5])).collect();
    for (place, sign, sql) in queries {
        let mut statement = connection.prepare_cached(&sql)?;
        let rows = statement.query_map([drawer], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
        for row in rows {
            let (word, sum) = row?;
            let Some(means) = MeansName::parse(&word) else { continue };
            flows.entry(means).or_default()[place] += sign * sum;
        }
    }
    Ok(flows)
}

/// Francs in cash the book says are in a drawer.
pub fn expected(connection: &Connection, drawer: i64) -> Result<i64> {
    let sql = "SELECT opening_float + coalesce((SELECT sum(CASE direction WHEN 'in' THEN amount ELSE -amount END) \
               FROM cash_flow WHERE cash_session_id = c.id), 0) FROM cash_session c WHERE id = ?1";
    let by_hand: i64 = connection.prepare_cached(sql)?.query_row([drawer], |row| row.get(0))?;
    Ok(by_hand + in_cash(&flows(connection, drawer)?))
}

fn in_cash(flows: &Flows) -> i64 {
    let [sales, returns, repayments, expenses, late] = flows.get(&MeansName::Cash).copied().unwrap_or_default();
    sales - returns + repayments - expenses - late
}

/// The report of a drawer.
pub fn of(connection: &Connection, id: i64, drawer: &Record) -> Result<SessionReport> {
    let int = |name| drawer.get(&CASH_SESSION, name).int();
    let flows = flows(connection, id)?;
    let (fed, taken_out) = by_hand(connection, id)?;
    let opening_float = int("opening_float").unwrap_or(0);
    let expected = int("expected").unwrap_or(opening_float + fed - taken_out + in_cash(&flows));
    let counted = int("counted");
    let [sales, sales_total, discounts, rounding] = sold(connection, id)?;
    let [returns, returns_total] = taken_back(connection, id)?;
    Ok(SessionReport {
        uid: drawer.uid.to_string(),
        till: till_name(int("series").unwrap_or(0)),
        opened_by: user_name(connection, id, "user_id")?.unwrap_or_default(),
        opened_at: int("opened_at").unwrap_or(0),
        closed_by: user_name(connection, id, "closed_by_id")?,
        closed_at: int("closed_at"),
        opening_float,
        fed,
        taken_out,
        expected,
        counted,
        difference: counted.map(|counted| counted - expected),
        note: drawer.get(&CASH_SESSION, "note").text().unwrap_or_default().to_owned(),
        tickets: tickets(connection, id)?,
        sales,
        sales_total,
        returns,
        returns_total,
        discounts,
        rounding,
        late_reversals: late_count(connection, id)?,
        means: flows.into_iter().map(sums).collect(),
        users: users(connection, id)?,
    })
}

fn sums((means, [sales, returns, repayments, expenses, late_reversals]): (MeansName, [i64; 5])) -> MeansSums {
    MeansSums { means, sales, returns, repayments, expenses, late_reversals }
}

fn by_hand(connection: &Connection, drawer: i64) -> Result<(i64, i64)> {
    let sql = "SELECT coalesce(sum(amount) FILTER (WHERE direction = 'in'), 0), \
               coalesce(sum(amount) FILTER (WHERE direction = 'out'), 0) FROM cash_flow WHERE cash_session_id = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([drawer], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// Tickets, their sum, what was taken off them, what rounding added.
fn sold(connection: &Connection, drawer: i64) -> Result<[i64; 4]> {
    let sql = format!(
        "SELECT count(*), coalesce(sum(s.total), 0), coalesce(sum(s.discount), 0) + coalesce(sum((SELECT sum(i.discount) \
         FROM sale_item i WHERE i.sale_id = s.id)), 0), coalesce(sum(s.rounding), 0) FROM sale s WHERE {OF_DRAWER} AND NOT {WITHDRAWN}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    Ok(statement.query_row([drawer], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]))?)
}

fn taken_back(connection: &Connection, drawer: i64) -> Result<[i64; 2]> {
    let sql = format!(
        "SELECT count(*), coalesce(sum(r.total), 0) FROM sale_return r JOIN sale s ON s.id = r.sale_id WHERE {RETURN} AND NOT {WITHDRAWN}"
    );
    Ok(connection.prepare_cached(&sql)?.query_row([drawer], |row| Ok([row.get(0)?, row.get(1)?]))?)
}

fn late_count(connection: &Connection, drawer: i64) -> Result<i64> {
    let sql = "SELECT count(*) FROM sale_settlement WHERE cash_session_id = ?1 AND decision = 'cancelled' AND total > 0 \
               AND archived_at IS NULL";
    Ok(connection.prepare_cached(sql)?.query_row([drawer], |row| row.get(0))?)
}

/// First and last number, of whatever ticket bears one.
fn tickets(connection: &Connection, drawer: i64) -> Result<Option<(String, String)>> {
    let sql = format!(
        "SELECT series, min(number), max(number) FROM (SELECT s.series, s.number FROM sale s WHERE {OF_DRAWER} \
         UNION ALL SELECT series, number FROM sale_return WHERE cash_session_id = ?1 \
         UNION ALL SELECT series, number FROM sale_settlement WHERE cash_session_id = ?1) GROUP BY series LIMIT 1"
    );
    let found = connection
        .prepare_cached(&sql)?
        .query_row([drawer], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?)))
        .optional()?;
    Ok(found.map(|(series, first, last)| (number_text(series, first), number_text(series, last))))
}

fn users(connection: &Connection, drawer: i64) -> Result<Vec<UserSums>> {
    let sql = format!(
        "SELECT u.name, sum(t.sales), sum(t.sold), sum(t.back) FROM (SELECT s.user_id AS user, 1 AS sales, s.total AS sold, \
         0 AS back FROM sale s WHERE {OF_DRAWER} AND NOT {WITHDRAWN} UNION ALL SELECT r.user_id, 0, 0, r.total FROM sale_return r \
         JOIN sale s ON s.id = r.sale_id WHERE {RETURN} AND NOT {WITHDRAWN}) t JOIN \"user\" u ON u.id = t.user GROUP BY u.id ORDER BY u.name, u.id"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([drawer], |row| {
        Ok(UserSums { user: row.get(0)?, sales: row.get(1)?, sales_total: row.get(2)?, returns_total: row.get(3)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn user_name(connection: &Connection, drawer: i64, column: &str) -> Result<Option<String>> {
    let sql = format!("SELECT u.name FROM cash_session c JOIN \"user\" u ON u.id = c.{column} WHERE c.id = ?1");
    Ok(connection.prepare_cached(&sql)?.query_row([drawer], |row| row.get(0)).optional()?)
}

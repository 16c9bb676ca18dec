//! What the shop spends on something else than goods: out of the drawer where it is paid in cash.

use officine_protocol::{date::Date, entities::EXPENSE, limits::LARGEST, params, record::Record, roles::Permission};
use rusqlite::{Connection, Row};

use super::{
    means,
    policy::Policy,
    session::{self, text},
};
use crate::{
    engine::Till,
    error::{Error, Result},
    refuse,
    store::rows::read_uid,
    views::{ExpenseArgs, ExpenseRow, ListExpensesArgs, MeansName},
};

const CATEGORY_CHARS: usize = 40;
const LISTED: i64 = 2_000;
const DAY_MS: i64 = 86_400_000;

const ROW: &str = "SELECT e.uid, e.occurred_at, u.name, e.category, e.label, e.means, e.amount, e.reference FROM expense e \
                   JOIN \"user\" u ON u.id = e.user_id";

fn row(row: &Row<'_>) -> rusqlite::Result<ExpenseRow> {
    Ok(ExpenseRow {
        uid: read_uid(row, 0)?.to_string(),
        occurred_at: row.get(1)?,
        user: row.get(2)?,
        category: row.get(3)?,
        label: row.get(4)?,
        payment: means::payment_view(&row.get::<_, String>(5)?, row.get(6)?, row.get(7)?),
    })
}

impl Till {
    /// Records money spent.
    pub fn record_expense(&self, args: &ExpenseArgs) -> Result<ExpenseRow> {
        let session = self.allow(Permission::Expense)?;
        let (category, label) = (text("category", &args.category)?, text("label", &args.label)?);
        if category.is_empty() || category.chars().count() > CATEGORY_CHARS {
            return refuse!("field_invalid", field: "category");
        }
        let payment = &args.payment;
        if !(1..=LARGEST).contains(&payment.amount) {
            return refuse!("field_invalid", field: "amount");
        }
        if payment.means == MeansName::Credit {
            return refuse!("field_invalid", field: "means");
        }
        let uid = self.act(Some(session.user), |act| {
            let reference = means::outgoing(act.tx, payment.means, payment.reference.as_deref())?;
            let drawer = session::current(act.tx, act.state.series, &Policy::read(act.tx)?)?;
            let mut expense = Record::new(&EXPENSE, act.mint(), act.now);
            expense.set(&EXPENSE, "user", session.user).set(&EXPENSE, "amount", payment.amount);
            expense.set(&EXPENSE, "cash_session", drawer.map(|drawer| drawer.uid));
            expense.set(&EXPENSE, "category", category.clone()).set(&EXPENSE, "label", label.clone());
            expense.set(&EXPENSE, "means", payment.means.word()).set(&EXPENSE, "reference", reference);
            expense.set(&EXPENSE, "occurred_at", act.now);
            act.create(&EXPENSE, &mut expense)?;
            Ok(expense.uid)
        })?;
        self.store.read(|connection| {
            let sql = format!("{ROW} WHERE e.uid = ?1");
            Ok(connection.prepare_cached(&sql)?.query_row([uid.as_bytes()], row)?)
        })
    }

    /// Expenses of a drawer, or of days; today's where neither is named. Oldest first.
    pub fn list_expenses(&self, args: &ListExpensesArgs) -> Result<Vec<ExpenseRow>> {
        self.allow(Permission::Expense)?;
        let today = self.today();
        self.store.read(|connection| match &args.session {
            Some(drawer) => {
                let uid = officine_protocol::Uid::try_parse(drawer)
                    .map_err(|_| Error::refused("session_none", params!()))?;
                let sql = format!(
                    "{ROW} JOIN cash_session c ON c.id = e.cash_session_id WHERE c.uid = ?1 ORDER BY e.occurred_at LIMIT {LISTED}"
                );
                let mut statement = connection.prepare_cached(&sql)?;
                let rows = statement.query_map([uid.as_bytes()], row)?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            }
            None => of_days(connection, day(&args.from, "from", today)?, day(&args.to, "to", today)?),
        })
    }
}

fn of_days(connection: &Connection, from: Date, to: Date) -> Result<Vec<ExpenseRow>> {
    let sql = format!("{ROW} WHERE e.occurred_at >= ?1 AND e.occurred_at < ?2 ORDER BY e.occurred_at LIMIT {LISTED}");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map((start(from), start(to) + DAY_MS), row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn day(given: &Option<String>, field: &str, today: Date) -> Result<Date> {
    let Some(text) = given else { return Ok(today) };
    Date::parse(text).ok_or_else(|| Error::refused("field_invalid", params! { field: field }))
}

/// The first instant of a day.
fn start(day: Date) -> i64 {
    Date::parse("1970-01-01").map_or(0, |epoch| day.days_from(epoch)) * DAY_MS
}

//! Customers' accounts. What is owed is read from tickets, refunds and repayments, never stored: a ticket that is reversed
//! is not owed, and what was paid for it is an advance.

use officine_protocol::{
    Uid,
    entities::{CREDIT_PAYMENT, CUSTOMER, SALE},
    limits::LARGEST,
    params,
    record::Record,
    roles::{Permission, Role},
};
use rusqlite::{Connection, OptionalExtension};

use super::{means, policy::Policy, session};
use crate::{
    act::Act,
    engine::Till,
    error::{Error, Result},
    people::customers::phone,
    refuse,
    selling::receipt::number_text,
    store::rows::{self, read_uid},
    sync::walk,
    views::{AccountEntry, AccountEntryKind, AccountView, MeansName, PaymentArgs, RepayArgs},
};

/// A customer as the sale needs one.
#[derive(Clone, Debug)]
pub struct Customer {
    /// Local key.
    pub id: i64,
    /// Identity.
    pub uid: Uid,
    /// Name.
    pub name: String,
    /// Phone.
    pub phone: String,
    /// The most that may be owed; 0: no credit.
    pub ceiling: i64,
}

impl Customer {
    /// The customer of that uid, as commands name one. An archived one still owes what they owe.
    pub fn named(connection: &Connection, uid: &str) -> Result<Self> {
        Self::find(connection, uid, "")
    }

    /// The customer of that uid, to whom something is sold: not an archived one.
    pub fn living(connection: &Connection, uid: &str) -> Result<Self> {
        Self::find(connection, uid, "AND archived_at IS NULL")
    }

    fn find(connection: &Connection, uid: &str, which: &str) -> Result<Self> {
        let missing = || Error::refused("reference_missing", params! { entity: CUSTOMER.name, uid: uid });
        let uid = Uid::try_parse(uid).map_err(|_| missing())?;
        let uid = rows::canonical(connection, &CUSTOMER, uid)?;
        let sql = format!("SELECT id, uid, name, phone, credit_ceiling FROM customer WHERE uid = ?1 {which}");
        let mut statement = connection.prepare_cached(&sql)?;
        let found = statement.query_row([uid.as_bytes()], |row| {
            Ok(Self {
                id: row.get(0)?,
                uid: read_uid(row, 1)?,
                name: row.get(2)?,
                phone: row.get(3)?,
                ceiling: row.get(4)?,
            })
        });
        found.optional()?.ok_or_else(missing)
    }
}

/// What a customer owes, by local key; below zero an advance. While documents are missing here, the hub says what they
/// come to.
pub fn balance(connection: &Connection, customer: i64) -> Result<i64> {
    let sql = "SELECT coalesce((SELECT sum(p.amount) FROM sale s JOIN sale_payment p ON p.sale_id = s.id \
                 WHERE s.customer_id = ?1 AND (s.rev = 0 OR s.rev > ?2 OR EXISTS (SELECT 1 FROM sale_settlement t \
                   WHERE t.sale_id = s.id AND t.decision = 'kept' AND NOT t.superseded AND (t.rev = 0 OR t.rev > ?2))) \
                 AND s.state <> 'reversed' \
                 AND p.means = 'credit'), 0) \
               - coalesce((SELECT sum(p.amount) FROM sale_return r JOIN sale s ON s.id = r.sale_id \
                 JOIN sale_return_payment p ON p.sale_return_id = r.id \
                 WHERE r.customer_id = ?1 AND (r.rev = 0 OR r.rev > ?2) AND r.archived_at IS NULL AND s.state <> 'reversed' \
                 AND p.means = 'credit'), 0) \
               - coalesce((SELECT sum(amount) FROM credit_payment \
                 WHERE customer_id = ?1 AND archived_at IS NULL AND (rev = 0 OR rev > ?2)), 0)";
    let (owed, rev) = walk::owed(connection, customer)?.unwrap_or((0, -1));
    let own: i64 = connection.prepare_cached(sql)?.query_row((customer, rev), |row| row.get(0))?;
    Ok(owed + own)
}

/// Whether a customer may owe that much more. A manager may decide otherwise where the pharmacy lets them.
pub fn check_ceiling(
    connection: &Connection,
    role: Role,
    policy: &Policy,
    customer: &Customer,
    amount: i64,
) -> Result<()> {
    if !policy.credit_given() {
        return refuse!("credit_none");
    }
    let balance = balance(connection, customer.id)?;
    let within = balance.saturating_add(amount) <= customer.ceiling;
    if within || policy.may_exceed(role) {
        return Ok(());
    }
    refuse!("ceiling_exceeded", customer: customer.name, ceiling: customer.ceiling, balance: balance, amount: amount)
}

impl Till {
    /// A customer's account, entry by entry.
    pub fn account(&self, customer: &str) -> Result<AccountView> {
        self.allow(Permission::Credit)?;
        self.store.read(|connection| {
            let customer = Customer::named(connection, customer)?;
            let mut entries = entries(connection, customer.id)?;
            let balance = balance(connection, customer.id)?;
            let missing = balance - entries.last().map_or(0, |last| last.balance);
            entries.iter_mut().for_each(|entry| entry.balance += missing);
            Ok(view(&customer, balance, entries))
        })
    }

    /// The uid of a customer named by phone, the living before the archived, or by the uid itself.
    pub fn customer_uid(&self, named: &str) -> Result<String> {
        self.session()?;
        if Uid::try_parse(named).is_ok() {
            return Ok(named.to_owned());
        }
        let sql = "SELECT uid FROM customer WHERE phone = ?1 ORDER BY archived_at IS NOT NULL, id LIMIT 1";
        let phone = phone(named)?;
        let found = self
            .store
            .read(|tx| Ok(tx.prepare_cached(sql)?.query_row([&phone], |row| read_uid(row, 0)).optional()?))?;
        let missing = || Error::refused("reference_missing", params! { entity: CUSTOMER.name, uid: named });
        Ok(found.ok_or_else(missing)?.to_string())
    }

    /// Who owes something, or has an advance: the largest debts first.
    pub fn list_debtors(&self) -> Result<Vec<AccountView>> {
        self.allow(Permission::Credit)?;
        self.store.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT uid FROM customer")?;
            let uids = statement.query_map([], |row| read_uid(row, 0))?.collect::<rusqlite::Result<Vec<_>>>()?;
            let mut debtors = Vec::new();
            for uid in uids {
                let customer = Customer::named(connection, &uid.to_string())?;
                match balance(connection, customer.id)? {
                    0 => {}
                    balance => debtors.push(view(&customer, balance, Vec::new())),
                }
            }
            debtors.sort_by(|a, b| (b.balance, &a.name).cmp(&(a.balance, &b.name)));
            Ok(debtors)
        })
    }

    /// Takes a repayment. One that names a ticket is for that ticket's customer.
    pub fn repay(&self, args: &RepayArgs) -> Result<AccountView> {
        let session = self.allow(Permission::Credit)?;
        self.device()?;
        let payment =
            args.payment.as_ref().ok_or_else(|| Error::refused("field_invalid", params! { field: "payment" }))?;
        if payment.means == MeansName::Credit {
            return refuse!("field_invalid", field: "means");
        }
        if !(1..=LARGEST).contains(&payment.amount) {
            return refuse!("field_invalid", field: "amount");
        }
        let customer = self.act(Some(session.user), |act| record(act, session.user, args, payment))?;
        self.account(&customer.to_string())
    }
}

/// Gives the customer whose account it is.
fn record(act: &mut Act<'_>, user: Uid, args: &RepayArgs, payment: &PaymentArgs) -> Result<Uid> {
    let (customer, sale) = whose(act.tx, args)?;
    let reference = means::incoming(act.tx, payment.means, payment.reference.as_deref())?;
    let drawer = session::current(act.tx, act.state.series, &Policy::read(act.tx)?)?;
    let mut repayment = Record::new(&CREDIT_PAYMENT, act.mint(), act.now);
    repayment.set(&CREDIT_PAYMENT, "customer", customer).set(&CREDIT_PAYMENT, "sale", sale);
    repayment.set(&CREDIT_PAYMENT, "user", user).set(&CREDIT_PAYMENT, "occurred_at", act.now);
    repayment.set(&CREDIT_PAYMENT, "cash_session", drawer.map(|drawer| drawer.uid));
    repayment.set(&CREDIT_PAYMENT, "amount", payment.amount).set(&CREDIT_PAYMENT, "means", payment.means.word());
    repayment.set(&CREDIT_PAYMENT, "reference", reference);
    act.create(&CREDIT_PAYMENT, &mut repayment)?;
    Ok(customer)
}

/// The customer and the ticket that a repayment names: one of them is enough, and they agree.
fn whose(connection: &Connection, args: &RepayArgs) -> Result<(Uid, Option<Uid>)> {
    let named = args.customer.as_deref().map(|uid| Customer::named(connection, uid)).transpose()?;
    let Some(text) = &args.sale else {
        let customer = named.ok_or_else(|| Error::refused("customer_required", params!()))?;
        return Ok((customer.uid, None));
    };
    let missing = || Error::refused("reference_missing", params! { entity: SALE.name, uid: text });
    let uid = Uid::try_parse(text).map_err(|_| missing())?;
    let sql = "SELECT c.uid FROM sale s LEFT JOIN customer c ON c.id = s.customer_id WHERE s.uid = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let owner = statement.query_row([uid.as_bytes()], |row| row.get::<_, Option<[u8; 16]>>(0)).optional()?;
    let owner = owner.ok_or_else(missing)?.map(Uid::from_bytes);
    let owner = owner.ok_or_else(|| Error::refused("customer_required", params!()))?;
    if named.is_some_and(|customer| customer.uid != owner) {
        return refuse!("field_invalid", field: "customer");
    }
    Ok((owner, Some(uid)))
}

fn view(customer: &Customer, balance: i64, entries: Vec<AccountEntry>) -> AccountView {
    AccountView {
        customer: customer.uid.to_string(),
        name: customer.name.clone(),
        phone: customer.phone.clone(),
        balance,
        ceiling: customer.ceiling,
        entries,
    }
}

/// What the balance of an account is made of, oldest first.
fn entries(connection: &Connection, customer: i64) -> Result<Vec<AccountEntry>> {
    let sql = "SELECT 0, s.uid, s.series, s.number, s.occurred_at, p.amount, 0 FROM sale s \
                 JOIN sale_payment p ON p.sale_id = s.id \
                 WHERE s.customer_id = ?1 AND s.state <> 'reversed' AND p.means = 'credit' \
               UNION ALL SELECT 1, r.uid, r.series, r.number, r.occurred_at, -p.amount, 0 FROM sale_return r \
                 JOIN sale s ON s.id = r.sale_id JOIN sale_return_payment p ON p.sale_return_id = r.id \
                 WHERE r.customer_id = ?1 AND r.archived_at IS NULL AND s.state <> 'reversed' AND p.means = 'credit' \
               UNION ALL SELECT 2, c.uid, s.series, s.number, c.occurred_at, -c.amount, coalesce(s.state = 'reversed', 0) \
                 FROM credit_payment c LEFT JOIN sale s ON s.id = c.sale_id \
                 WHERE c.customer_id = ?1 AND c.archived_at IS NULL ORDER BY 5, 2";
    let mut statement = connection.prepare_cached(sql)?;
    let mut balance = 0;
    let rows = statement.query_map([customer], |row| {
        let number = row.get::<_, Option<i64>>(2)?.zip(row.get::<_, Option<i64>>(3)?);
        let amount: i64 = row.get(5)?;
        balance += amount;
        Ok(AccountEntry {
            kind: match (row.get::<_, i64>(0)?, row.get::<_, bool>(6)?) {
                (0, _) => AccountEntryKind::Sale,
                (1, _) => AccountEntryKind::Return,
                (_, false) => AccountEntryKind::Repayment,
                (_, true) => AccountEntryKind::Advance,
            },
            uid: read_uid(row, 1)?.to_string(),
            number: number.map(|(series, number)| number_text(series, number)).unwrap_or_default(),
            occurred_at: row.get(4)?,
            amount,
            balance,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

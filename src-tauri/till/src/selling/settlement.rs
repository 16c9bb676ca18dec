//! What becomes of a refused ticket: withdrawn before its paper was out, cancelled for good, or kept because the goods
//! have left. Each is a ticket of its own, the next of the series, in one transaction with all that follows from it.

use officine_protocol::{
    Uid,
    entities::{SALE, SALE_SETTLEMENT},
    params,
    record::Record,
    roles::Permission,
    value::Value,
};
use rusqlite::{Connection, OptionalExtension, Row};

use super::{
    payments::{self, Payment},
    receipt::{number_text, till_name},
    refunds,
    returned::SoldTicket,
    ticket,
};
use crate::{
    act::Act,
    engine::Till,
    error::{Error, Result},
    money::{
        policy::Policy,
        session::{self, text},
    },
    refuse,
    store::rows::{self, read_uid},
    views::{DecisionName, ReceiptView, SettleSaleArgs, SettlementView, Topic},
};

const REASON_CHARS: usize = 3;
/// A decision `t` that stands: no other forestalled it, and the hub has not refused it.
pub const STANDS: &str = "t.archived_at IS NULL AND NOT t.superseded";

impl DecisionName {
    /// Its name in tables and on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Withdrawn => "withdrawn",
            Self::Cancelled => "cancelled",
            Self::Kept => "kept",
        }
    }

    pub(super) fn parse(word: &str) -> Self {
        match word {
            "kept" => Self::Kept,
            "cancelled" => Self::Cancelled,
            _ => Self::Withdrawn,
        }
    }
}

/// A decision, before it is recorded.
struct Decision<'a> {
    sale: &'a Record,
    decision: DecisionName,
    user: Uid,
    reason: &'a str,
    payments: Vec<Payment>,
    drawer: Option<Uid>,
}

impl Till {
    /// Decides what becomes of a refused ticket, of whatever till. The first decision to reach the hub stands.
    pub fn settle_sale(&self, args: &SettleSaleArgs) -> Result<ReceiptView> {
        let session = self.allow(Permission::SettleSale)?;
        self.device()?;
        let reason = text("reason", &args.reason)?;
        if reason.chars().count() < REASON_CHARS {
            return refuse!("reason_missing");
        }
        self.act(Some(session.user), |act| decide(act, session.user, args, &reason))?;
        self.changed(&[Topic::Sales, Topic::Stock, Topic::Sync]);
        self.receipt(&args.sale)
    }
}

fn decide(act: &mut Act<'_>, user: Uid, args: &SettleSaleArgs, reason: &str) -> Result<()> {
    let sold = SoldTicket::named(act.tx, &args.sale)?;
    let missing = || Error::refused("reference_missing", params! { entity: SALE.name, uid: args.sale });
    let (id, sale) = rows::get(act.tx, &SALE, sold.uid)?.ok_or_else(missing)?;
    if let Some(standing) = of_sale(act.tx, id)?.filter(|standing| !standing.superseded) {
        return refuse!("already_settled", number: number_of(&sale), by: standing.by, till: standing.till);
    }
    if sold.state != "reversed" {
        return refuse!("ticket_not_refused", number: number_of(&sale));
    }
    let payments = match args.decision {
        DecisionName::Cancelled => to_give_back(act.tx, &sold, args)?,
        DecisionName::Kept if args.payments.is_empty() => Vec::new(),
        _ => return refuse!("field_invalid", field: "decision"),
    };
    let drawer = if payments.is_empty() {
        session::open_now(act.tx, act.state.series)?
    } else {
        session::current(act.tx, act.state.series, &Policy::read(act.tx)?)?
    };
    let drawer = drawer.map(|drawer| drawer.uid);
    record(act, id, Decision { sale: &sale, decision: args.decision, user, reason, payments, drawer })
}

/// What goes back, and how: as it was paid, unless somebody says otherwise. What is on the account leaves the account.
fn to_give_back(connection: &Connection, sold: &SoldTicket, args: &SettleSaleArgs) -> Result<Vec<Payment>> {
    let usual = refunds::left(connection, sold.id)?;
    if args.payments.is_empty() {
        return Ok(usual);
    }
    let wanted = payments::given_back(sum(&usual), &args.payments)?;
    let on_account = |payments: &[Payment]| {
        let credit = payments.iter().filter(|payment| payment.means == crate::views::MeansName::Credit);
        credit.map(|payment| payment.amount).sum::<i64>()
    };
    if on_account(&wanted) != on_account(&usual) {
        return refuse!("field_invalid", field: "payments");
    }
    Ok(wanted)
}

fn sum(payments: &[Payment]) -> i64 {
    payments.iter().map(|payment| payment.amount).sum()
}

/// The ticket was refused before its paper was out: no money was taken, its cart is back.
pub fn withdraw(act: &mut Act<'_>, id: i64, sale: &Record, code: &str) -> Result<()> {
    by_itself(act, id, sale, DecisionName::Withdrawn, code)
}

/// The ticket was refused after it had been cancelled: goods and money are back already.
pub fn cancel_cancelled(act: &mut Act<'_>, id: i64, sale: &Record, code: &str) -> Result<()> {
    by_itself(act, id, sale, DecisionName::Cancelled, code)
}

/// What needs nobody's decision, recorded by the till for whoever sold, in the drawer that is open: a closed one never
/// changes.
fn by_itself(act: &mut Act<'_>, id: i64, sale: &Record, decision: DecisionName, reason: &str) -> Result<()> {
    let user = sale.get(&SALE, "user").uid().unwrap_or_default();
    let drawer = session::open_now(act.tx, act.state.series)?.map(|drawer| drawer.uid);
    record(act, id, Decision { sale, decision, user, reason, payments: Vec::new(), drawer })
}

fn record(act: &mut Act<'_>, sale_id: i64, decided: Decision<'_>) -> Result<()> {
    let Decision { sale, decision, user, reason, payments, drawer } = decided;
    let mut document = Record::new(&SALE_SETTLEMENT, act.mint(), act.now);
    document.set(&SALE_SETTLEMENT, "sale", sale.uid).set(&SALE_SETTLEMENT, "user", user);
    document.set(&SALE_SETTLEMENT, "customer", sale.get(&SALE, "customer").clone());
    document.set(&SALE_SETTLEMENT, "cash_session", drawer).set(&SALE_SETTLEMENT, "occurred_at", act.now);
    document.set(&SALE_SETTLEMENT, "sold_at", sale.get(&SALE, "occurred_at").clone());
    document.set(&SALE_SETTLEMENT, "decision", decision.word()).set(&SALE_SETTLEMENT, "reason", reason);
    document.set(&SALE_SETTLEMENT, "total", sum(&payments));
    let movements = if decision == DecisionName::Kept { taken_again(sale) } else { Vec::new() };
    document.parts = vec![movements, payments::rows(&payments)];
    ticket::seal(act, &SALE_SETTLEMENT, &mut document);
    act.create(&SALE_SETTLEMENT, &mut document)?;
    follow(act, sale_id)
}

/// The ticket's own movements, once more.
fn taken_again(sale: &Record) -> Vec<Vec<Value>> {
    let own = sale.part(&SALE, "movements").iter().filter(|row| row.get(1).and_then(Value::int) == Some(0));
    own.map(|row| {
        let mut again = row.clone();
        again[4] = "regularised".into();
        again[8] = Value::Null;
        again
    })
    .collect()
}

/// A refused ticket is what the decision that stands has made of it; its state is in the log.
pub fn follow(act: &Act<'_>, sale: i64) -> Result<()> {
    let sql = format!(
        "SELECT uid, state, EXISTS (SELECT 1 FROM sale_settlement t WHERE t.sale_id = s.id AND t.decision = 'kept' \
         AND {STANDS}) FROM sale s WHERE id = ?1 AND state IN ('reversed', 'regularised')"
    );
    let found = act
        .tx
        .prepare_cached(&sql)?
        .query_row([sale], |row| Ok((read_uid(row, 0)?, row.get::<_, String>(1)?, row.get::<_, bool>(2)?)));
    let Some((uid, state, kept)) = found.optional()? else { return Ok(()) };
    set_state(act, uid, &state, if kept { "regularised" } else { "reversed" }, "settlement")
}

/// Writes a ticket's state, and what it overwrites to the log.
pub fn set_state(act: &Act<'_>, uid: Uid, old: &str, new: &str, kind: &str) -> Result<()> {
    if old == new {
        return Ok(());
    }
    act.tx.prepare_cached("UPDATE sale SET state = ?2 WHERE uid = ?1")?.execute((uid.as_bytes(), new))?;
    act.log_change(&SALE, uid, "state", &old.into(), &new.into(), kind)
}

/// The hub has judged a decision made here: the ticket follows it.
pub fn judged(act: &Act<'_>, decision: Uid) -> Result<()> {
    let sql = "SELECT sale_id FROM sale_settlement WHERE uid = ?1";
    let sale = act.tx.prepare_cached(sql)?.query_row([decision.as_bytes()], |row| row.get(0)).optional()?;
    sale.map_or(Ok(()), |sale| follow(act, sale))
}

fn number_of(sale: &Record) -> String {
    let int = |name| sale.get(&SALE, name).int().unwrap_or(0);
    number_text(int("series"), int("number"))
}

fn select() -> String {
    format!(
        "SELECT t.uid, t.series, t.number, u.name, t.occurred_at, t.decision, t.reason, t.total, NOT ({STANDS}) AS fallen \
         FROM sale_settlement t JOIN \"user\" u ON u.id = t.user_id"
    )
}

fn view(row: &Row<'_>) -> rusqlite::Result<SettlementView> {
    let series = row.get(1)?;
    Ok(SettlementView {
        uid: read_uid(row, 0)?.to_string(),
        number: number_text(series, row.get(2)?),
        till: till_name(series),
        by: row.get(3)?,
        occurred_at: row.get(4)?,
        decision: DecisionName::parse(&row.get::<_, String>(5)?),
        reason: row.get(6)?,
        total: row.get(7)?,
        superseded: row.get(8)?,
    })
}

/// The decision on a ticket: the one that stands, else the last that does not.
pub fn of_sale(connection: &Connection, sale: i64) -> Result<Option<SettlementView>> {
    let sql = format!("{} WHERE t.sale_id = ?1 ORDER BY fallen, t.id DESC LIMIT 1", select());
    Ok(connection.prepare_cached(&sql)?.query_row([sale], view).optional()?)
}

/// A decision by identity, with the ticket's local key and its number.
pub fn by_uid(connection: &Connection, uid: Uid) -> Result<Option<(SettlementView, i64, String)>> {
    let sql = format!("{} WHERE t.uid = ?1", select());
    let Some(own) = connection.prepare_cached(&sql)?.query_row([uid.as_bytes()], view).optional()? else {
        return Ok(None);
    };
    let sql = "SELECT s.id, s.series, s.number FROM sale_settlement t JOIN sale s ON s.id = t.sale_id WHERE t.uid = ?1";
    let sale = |row: &Row<'_>| Ok((row.get(0)?, number_text(row.get(1)?, row.get(2)?)));
    let (sale, number) = connection.prepare_cached(sql)?.query_row([uid.as_bytes()], sale)?;
    Ok(Some((own, sale, number)))
}

/// The decisions of a series that do not stand, and of which nobody was told yet.
pub fn forestalled(connection: &Connection, series: i64) -> Result<Vec<Uid>> {
    let sql = "SELECT uid FROM sale_settlement t WHERE series = ?1 AND superseded AND archived_at IS NULL \
               AND NOT EXISTS (SELECT 1 FROM forestalled_told WHERE sale_settlement_id = t.id) ORDER BY id";
    let mut statement = connection.prepare_cached(sql)?;
    let uids = statement.query_map([series], |row| read_uid(row, 0))?;
    Ok(uids.collect::<rusqlite::Result<_>>()?)
}

/// Somebody was told that a decision does not stand.
pub fn told(connection: &Connection, uid: Uid) -> Result<()> {
    let sql = "INSERT INTO forestalled_told SELECT id FROM sale_settlement WHERE uid = ?1 ON CONFLICT DO NOTHING";
    connection.prepare_cached(sql)?.execute([uid.as_bytes()])?;
    Ok(())
}

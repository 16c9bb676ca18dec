//! Recalls: a lot called back is blocked wherever and whenever it turns up, until the last recall of it is closed.
//!
//! A lot that is born here under an open recall is born blocked (`Act::create`); one that arrives by a pull, or under a
//! recall that does, is blocked in the transaction that wrote the page.

use officine_protocol::{
    Uid,
    entities::{PRODUCT, PRODUCT_BATCH, RECALL},
    fold::fold_lot,
    record::Record,
    roles::Permission,
    value::Value,
};
use rusqlite::{Connection, OptionalExtension, Row};
use serde_json::{Value as Json, json};

use crate::{act::Act, editing, engine::Till, error::Result, refuse, store::rows, views::Topic};

/// Characters of the reason a lot is blocked for, as declared.
const REASON_CHARS: usize = 240;
/// A recall `r` and a lot `b` it is about. One lot called back is so under every row that bears its number and its expiry:
/// in quarantine, or born again once it was archived.
const MATCHES: &str = "r.product_id = b.product_id AND (r.batch_id = b.id \
    OR (r.batch_id IS NULL AND r.lot_fold = b.lot_fold) \
    OR EXISTS (SELECT 1 FROM product_batch o WHERE o.id = r.batch_id AND o.expiry IS b.expiry \
    AND o.lot_fold = b.lot_fold))";
const OPEN: &str = "r.closed_at IS NULL AND r.archived_at IS NULL";

/// What is called back.
#[derive(Clone, Debug)]
pub enum Recalled<'a> {
    /// One lot, by its uid.
    Lot(&'a str),
    /// Every lot of a product (its uid) with that number.
    Number(&'a str, &'a str),
}

impl Till {
    /// Records a recall and blocks what it is about. `lots` of the answer are those it is about, here and now.
    pub fn record_recall(&self, what: &Recalled<'_>, reason: &str, reference: &str) -> Result<Json> {
        let recorded = self.on_recall(|act, user| {
            let (reason, reference) = (editing::reason(reason)?, reference.trim());
            let (product, lot, number) = subject(act, what)?;
            let mut recall = Record::new(&RECALL, act.mint(), act.now);
            recall.set(&RECALL, "product", product).set(&RECALL, "batch", lot).set(&RECALL, "lot_number", number);
            recall.set(&RECALL, "reason", reason).set(&RECALL, "reference", reference);
            recall.set(&RECALL, "user", user).set(&RECALL, "issued_at", act.now);
            act.create(&RECALL, &mut recall)?;
            withhold_all(act)?;
            Ok(recall.uid)
        })?;
        self.with_lots(recorded)
    }

    /// Closes a recall. What it had blocked is sold again, unless another recall that is open holds it.
    pub fn close_recall(&self, uid: &str) -> Result<Json> {
        let closed = self.on_recall(|act, _| {
            let uid = editing::known(act.tx, &RECALL, uid)?;
            let recall = act.living(&RECALL, uid)?;
            if !recall.get(&RECALL, "closed_at").is_null() {
                return refuse!("recall_closed");
            }
            act.update(&RECALL, uid, vec![("closed_at", act.now.into())], vec![])?;
            release(act, &recall)?;
            Ok(uid)
        })?;
        self.with_lots(closed)
    }

    /// Recalls, the open ones first, then the newest.
    pub fn list_recalls(&self) -> Result<Vec<Json>> {
        self.session()?;
        self.store.read(|connection| {
            let sql = "SELECT uid FROM recall WHERE archived_at IS NULL ORDER BY closed_at IS NOT NULL, issued_at DESC, id DESC";
            let mut statement = connection.prepare_cached(sql)?;
            let uids = statement.query_map([], |row| rows::read_uid(row, 0))?;
            uids.map(|uid| editing::view(connection, &RECALL, uid?)).collect()
        })
    }

    fn on_recall(&self, act: impl FnOnce(&mut Act<'_>, Uid) -> Result<Uid>) -> Result<Json> {
        let view = self.act_on(Permission::Recall, &RECALL, Topic::Stock, |begun, session| act(begun, session.user))?;
        self.changed(&[Topic::Cart]);
        Ok(view)
    }

    fn with_lots(&self, mut recall: Json) -> Result<Json> {
        let uid = editing::uid_of(&RECALL, recall["uid"].as_str().unwrap_or_default())?;
        let sql = format!(
            "SELECT b.uid, b.lot_number, b.quantity, b.blocked_reason FROM recall r JOIN product_batch b ON {MATCHES} \
             WHERE r.uid = ?1 AND b.archived_at IS NULL ORDER BY b.id"
        );
        recall["lots"] = self.store.read(|connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let lots = statement.query_map([uid.as_bytes()], |row| {
                let (number, quantity): (String, i64) = (row.get(1)?, row.get(2)?);
                let blocked: Option<String> = row.get(3)?;
                let lot = rows::read_uid(row, 0)?.to_string();
                Ok(json!({ "uid": lot, "lotNumber": number, "quantity": quantity, "blockedReason": blocked }))
            })?;
            Ok(Json::Array(lots.collect::<rusqlite::Result<_>>()?))
        })?;
        Ok(recall)
    }
}

fn subject(act: &Act<'_>, what: &Recalled<'_>) -> Result<(Uid, Option<Uid>, String)> {
    match what {
        Recalled::Lot(lot) => {
            let lot = act.living(&PRODUCT_BATCH, editing::known(act.tx, &PRODUCT_BATCH, lot)?)?;
            let product = lot.get(&PRODUCT_BATCH, "product").uid().unwrap_or_default();
            let number = lot.get(&PRODUCT_BATCH, "lot_number").text().unwrap_or_default();
            Ok((product, Some(lot.uid), number.to_owned()))
        }
        Recalled::Number(product, number) => match number.trim() {
            "" => refuse!("field_invalid", field: "lotNumber"),
            number => Ok((editing::known(act.tx, &PRODUCT, product)?, None, number.to_owned())),
        },
    }
}

/// Why a lot is blocked for a recall: what a person reads, and what tells that this recall blocked it.
fn text(reason: &str, reference: &str) -> String {
    let text = if reference.is_empty() {
        format!("Rappel\u{a0}: {reason}")
    } else {
        format!("Rappel {reference}\u{a0}: {reason}")
    };
    text.chars().take(REASON_CHARS).collect()
}

/// Why an open recall keeps a lot off sale, if one does: the oldest.
pub fn reason_for(connection: &Connection, lot: &Record) -> Result<Option<String>> {
    let sql = format!(
        "SELECT r.reason, r.reference FROM recall r, (SELECT ?1 AS id, (SELECT id FROM product WHERE uid = ?2) AS product_id, \
         ?3 AS lot_fold, ?4 AS expiry) b WHERE {OPEN} AND {MATCHES} ORDER BY r.issued_at, r.id LIMIT 1"
    );
    let id = rows::id_of(connection, &PRODUCT_BATCH, lot.uid)?;
    let value = |name| lot.get(&PRODUCT_BATCH, name).clone();
    let (mut statement, number) = (connection.prepare_cached(&sql)?, value("lot_number"));
    let named = (id, value("product"), fold_lot(number.text().unwrap_or_default()), value("expiry"));
    Ok(statement.query_row(named, why).optional()?)
}

/// Why no box of a product (its local key) that bears this number is sold, whatever else it bears: the oldest open recall.
pub fn of_number(connection: &Connection, product: i64, number: &str) -> Result<Option<String>> {
    let sql = format!(
        "SELECT r.reason, r.reference FROM recall r WHERE {OPEN} AND r.product_id = ?1 \
         AND r.lot_fold = ?2 ORDER BY r.issued_at, r.id LIMIT 1"
    );
    Ok(connection.prepare_cached(&sql)?.query_row((product, fold_lot(number)), why).optional()?)
}

fn why(row: &Row<'_>) -> rusqlite::Result<String> {
    Ok(text(&row.get::<_, String>(0)?, &row.get::<_, String>(1)?))
}

/// A lot about to be born under an open recall is born blocked.
pub fn withhold(connection: &Connection, lot: &mut Record) -> Result<()> {
    if lot.get(&PRODUCT_BATCH, "blocked_reason").is_null()
        && let Some(reason) = reason_for(connection, lot)?
    {
        lot.set(&PRODUCT_BATCH, "blocked_reason", reason);
    }
    Ok(())
}

/// What the hub sent was written: where lots or recalls are among it, what is called back is blocked.
pub fn withhold_among(act: &mut Act<'_>, changed: &[(&'static str, i64)]) -> Result<()> {
    match changed.iter().any(|(entity, _)| [PRODUCT_BATCH.name, RECALL.name].contains(entity)) {
        true => withhold_all(act),
        false => Ok(()),
    }
}

/// Blocks every lot that an open recall is about and nobody has blocked yet.
pub fn withhold_all(act: &mut Act<'_>) -> Result<()> {
    let sql = format!(
        "SELECT DISTINCT b.uid FROM recall r JOIN product_batch b ON {MATCHES} \
         WHERE {OPEN} AND b.blocked_reason IS NULL AND b.archived_at IS NULL"
    );
    for lot in lots(act, &sql, [])? {
        let reason = reason_for(act.tx, &lot)?;
        act.update(&PRODUCT_BATCH, lot.uid, vec![("blocked_reason", reason.into())], vec![])?;
    }
    Ok(())
}

fn release(act: &mut Act<'_>, recall: &Record) -> Result<()> {
    let get = |name| recall.get(&RECALL, name).text().unwrap_or_default();
    let blocked = text(get("reason"), get("reference"));
    let sql = format!(
        "SELECT b.uid FROM recall r JOIN product_batch b ON {MATCHES} WHERE r.uid = ?1 AND b.blocked_reason = ?2 \
         AND b.archived_at IS NULL"
    );
    for lot in lots(act, &sql, (Value::Uid(recall.uid), blocked))? {
        let other = reason_for(act.tx, &lot)?;
        act.update(&PRODUCT_BATCH, lot.uid, vec![("blocked_reason", other.into())], vec![])?;
    }
    Ok(())
}

fn lots(act: &Act<'_>, sql: &str, params: impl rusqlite::Params) -> Result<Vec<Record>> {
    let mut statement = act.tx.prepare_cached(sql)?;
    let uids = statement.query_map(params, |row| rows::read_uid(row, 0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    uids.into_iter().map(|uid| act.living(&PRODUCT_BATCH, uid)).collect()
}

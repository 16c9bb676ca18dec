//! The drawer: opened with what is in it, fed, counted and closed. Closing asks nobody but this till, and what is closed
//! never changes again.

use std::collections::BTreeMap;

use officine_protocol::{
    Uid, entities::CASH_SESSION, limits::LARGEST, params, record::Record, roles::Permission, value::Value,
};
use rusqlite::{Connection, OptionalExtension};

use super::{policy::Policy, report};
use crate::{
    act::Act,
    engine::Till,
    error::{Error, Result},
    refuse,
    selling::paper,
    store::rows::{self, read_uid},
    views::{CloseSessionArgs, FeedSessionArgs, OpenSessionArgs, SessionReport},
};

const TEXT_CHARS: usize = 240;
/// Kinds of notes and coins in a count.
const KINDS: usize = 32;
const LISTED: i64 = 200;

/// An open drawer.
#[derive(Clone, Copy, Debug)]
pub struct Drawer {
    /// Local key.
    pub id: i64,
    /// Identity.
    pub uid: Uid,
}

/// The open drawer of a series.
pub fn open_now(connection: &Connection, series: i64) -> Result<Option<Drawer>> {
    let sql = "SELECT id, uid FROM cash_session WHERE series = ?1 AND closed_at IS NULL AND archived_at IS NULL \
               ORDER BY id DESC LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_row([series], |row| Ok(Drawer { id: row.get(0)?, uid: read_uid(row, 1)? }));
    Ok(found.optional()?)
}

/// The drawer money moves through now; refused where the shop wants one and none is open.
pub fn current(connection: &Connection, series: i64, policy: &Policy) -> Result<Option<Drawer>> {
    let open = open_now(connection, series)?;
    if open.is_none() && policy.session_required {
        return refuse!("session_required");
    }
    Ok(open)
}

impl Till {
    /// Opens this till's drawer.
    pub fn open_session(&self, args: &OpenSessionArgs) -> Result<SessionReport> {
        let session = self.allow(Permission::CashSession)?;
        self.device()?;
        if !(0..=LARGEST).contains(&args.opening_float) {
            return refuse!("field_invalid", field: "openingFloat");
        }
        let uid = self.act(Some(session.user), |act| {
            if open_now(act.tx, act.state.series)?.is_some() {
                return refuse!("session_open");
            }
            let mut drawer = Record::new(&CASH_SESSION, act.mint(), act.now);
            drawer.set(&CASH_SESSION, "series", act.state.series).set(&CASH_SESSION, "user", session.user);
            drawer.set(&CASH_SESSION, "opened_at", act.now).set(&CASH_SESSION, "opening_float", args.opening_float);
            let id = act.create(&CASH_SESSION, &mut drawer)?;
            let sql = "INSERT INTO drawer_span (cash_session_id, after_sale) SELECT ?1, coalesce(max(id), 0) FROM sale";
            act.tx.execute(sql, [id])?;
            Ok(drawer.uid)
        })?;
        self.session_report(Some(&uid.to_string()))
    }

    /// Puts money into the open drawer, or takes some out.
    pub fn feed_session(&self, args: &FeedSessionArgs) -> Result<SessionReport> {
        let session = self.allow(Permission::CashSession)?;
        let reason = text("reason", &args.reason)?;
        if reason.is_empty() {
            return refuse!("reason_missing");
        }
        if !(1..=LARGEST).contains(&args.amount) {
            return refuse!("field_invalid", field: "amount");
        }
        let uid = self.act(Some(session.user), |act| {
            let drawer = opened(act)?;
            let (_, record) = stored(act.tx, drawer.uid)?;
            let moved = if args.inward { args.amount } else { -args.amount };
            if !(-LARGEST..=LARGEST).contains(&report::expected(act.tx, drawer.id)?.saturating_add(moved)) {
                return refuse!("field_invalid", field: "amount");
            }
            let mut flows = record.part(&CASH_SESSION, "flows").to_vec();
            flows.push(vec![
                (flows.len() as i64 + 1).into(),
                if args.inward { "in" } else { "out" }.into(),
                args.amount.into(),
                reason.clone().into(),
                session.user.into(),
                act.now.into(),
            ]);
            act.update(&CASH_SESSION, drawer.uid, vec![], vec![("flows", flows)])?;
            Ok(drawer.uid)
        })?;
        self.session_report(Some(&uid.to_string()))
    }

    /// Closes the open drawer with what was counted in it.
    pub fn close_session(&self, args: &CloseSessionArgs) -> Result<SessionReport> {
        let session = self.allow(Permission::CashSession)?;
        let counted = counted(args)?;
        let note = text("note", &args.note)?;
        let uid = self.act(Some(session.user), |act| {
            let drawer = opened(act)?;
            paper::take_all(act.tx)?;
            let told = (!args.count.is_empty()).then(|| serde_json::to_string(&args.count)).transpose()?;
            let values: Vec<(&str, Value)> = vec![
                ("closed_by", session.user.into()),
                ("closed_at", act.now.into()),
                ("expected", report::expected(act.tx, drawer.id)?.into()),
                ("counted", counted.into()),
                ("count", told.into()),
                ("note", note.clone().into()),
            ];
            act.update(&CASH_SESSION, drawer.uid, values, vec![])?;
            let sql =
                "UPDATE drawer_span SET last_sale = (SELECT coalesce(max(id), 0) FROM sale) WHERE cash_session_id = ?1";
            act.tx.execute(sql, [drawer.id])?;
            Ok(drawer.uid)
        })?;
        self.session_report(Some(&uid.to_string()))
    }

    /// A drawer by identity, or the open one: X while it is open, Z once it is closed.
    pub fn session_report(&self, uid: Option<&str>) -> Result<SessionReport> {
        self.allow(Permission::CashSession)?;
        let none = || Error::refused("session_none", params!());
        self.store.read(|connection| {
            let uid = match uid {
                Some(uid) => Uid::try_parse(uid).map_err(|_| none())?,
                None => {
                    let series = crate::act::TillState::load(connection)?.series;
                    open_now(connection, series)?.ok_or_else(none)?.uid
                }
            };
            let (id, record) = stored(connection, uid)?;
            report::of(connection, id, &record)
        })
    }

    /// Drawers of the pharmacy, newest first, 200 at most.
    pub fn list_sessions(&self) -> Result<Vec<SessionReport>> {
        self.allow(Permission::CashSession)?;
        self.store.read(|connection| {
            let sql = "SELECT uid FROM cash_session WHERE archived_at IS NULL ORDER BY opened_at DESC LIMIT ?1";
            let mut statement = connection.prepare_cached(sql)?;
            let uids = statement.query_map([LISTED], |row| read_uid(row, 0))?.collect::<rusqlite::Result<Vec<_>>>()?;
            let reports = uids.into_iter().map(|uid| {
                let (id, record) = stored(connection, uid)?;
                report::of(connection, id, &record)
            });
            reports.collect()
        })
    }
}

fn opened(act: &Act<'_>) -> Result<Drawer> {
    open_now(act.tx, act.state.series)?.ok_or_else(|| Error::refused("session_none", params!()))
}

fn stored(connection: &Connection, uid: Uid) -> Result<(i64, Record)> {
    rows::get(connection, &CASH_SESSION, uid)?.ok_or_else(|| Error::refused("session_none", params!()))
}

/// What is in the drawer: as it was said, or as its notes and coins add up; the same where both are told.
fn counted(args: &CloseSessionArgs) -> Result<i64> {
    let invalid = || Error::refused("field_invalid", params! { field: "count" });
    let told = match args.count.is_empty() {
        true => None,
        false => Some(told(&args.count).ok_or_else(invalid)?),
    };
    let counted = args.counted.or(told).ok_or_else(|| Error::refused("count_missing", params!()))?;
    if told.is_some_and(|told| told != counted) {
        return refuse!("count_mismatch", counted: counted, told: told);
    }
    if !(0..=LARGEST).contains(&counted) {
        return Err(invalid());
    }
    Ok(counted)
}

fn told(count: &BTreeMap<String, i64>) -> Option<i64> {
    let kinds = count.iter().map(|(value, number)| {
        let value: i64 = value.parse().ok().filter(|value| (1..=LARGEST).contains(value))?;
        let number = Some(*number).filter(|number| (0..=LARGEST).contains(number))?;
        value.checked_mul(number)
    });
    if count.len() > KINDS {
        return None;
    }
    kinds.into_iter().try_fold(0_i64, |sum, kind| sum.checked_add(kind?))
}

/// A text somebody typed, trimmed, within what its column holds.
pub fn text(field: &str, text: &str) -> Result<String> {
    let text = text.trim();
    if text.chars().count() > TEXT_CHARS {
        return refuse!("field_invalid", field: field);
    }
    Ok(text.to_owned())
}

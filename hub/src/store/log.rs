//! The log of changes as tills read it: newest first, filtered, in pages that never part the lines of one revision.

use std::collections::{BTreeMap, BTreeSet};

use officine_protocol::{
    Uid,
    entities::entity,
    hlc::Hlc,
    messages::{LogLine, LogRequest, LogResponse},
    value::Value,
};
use serde_json::Value as Json;

use super::session::{Affinity, Cells, Param, Session};
use super::text;
use crate::StoreError;

/// Lines of one page, those of its last revision left out.
pub const LOG_LINES: u32 = 500;
/// Lines that one revision may have: more than any row has places.
const REVISION_LINES: i64 = 1 << 10;

pub(crate) async fn page(
    session: &mut dyn Session,
    pharmacy: i64,
    asked: &LogRequest,
) -> Result<LogResponse, StoreError> {
    let limit = i64::from(asked.limit.clamp(1, LOG_LINES));
    let mut rows = lines(session, pharmacy, asked, "", limit + 1).await?;
    let mut next = None;
    if let Some(last) = rows.last().filter(|_| rows.len() > limit as usize).map(|row| row.int(0)).transpose()? {
        rows.retain(|row| row.int(0).is_ok_and(|rev| rev != last));
        if rows.is_empty() {
            rows = lines(session, pharmacy, asked, &format!(" AND l.rev = {last}"), REVISION_LINES).await?;
        }
        next = rows.last().map(|row| row.int(0)).transpose()?;
    }
    Ok(LogResponse { lines: told(session, pharmacy, rows).await?, next })
}

async fn lines(
    session: &mut dyn Session,
    pharmacy: i64,
    asked: &LogRequest,
    also: &str,
    limit: i64,
) -> Result<Vec<Cells>, StoreError> {
    let dialect = session.dialect();
    let mut params: Vec<Param> = vec![pharmacy.into()];
    let mut conditions = format!("l.pharmacy_id = {}{also}", dialect.parameter(1));
    let mut also = |condition: &dyn Fn(String) -> String, param: Param| {
        params.push(param);
        conditions += &format!(" AND {}", condition(dialect.parameter(params.len())));
    };
    if let Some(name) = asked.entity.as_deref() {
        also(&|n| format!("l.entity = {n}"), name.into());
    }
    if let (Some(table), Some(uid)) = (asked.entity.as_deref().and_then(entity), asked.uid) {
        let (own, name) = (table.table, table.name);
        let of = |n: String| {
            format!(
                "l.row_id IN (SELECT id FROM \"{own}\" WHERE pharmacy_id = l.pharmacy_id AND uid = {n} UNION SELECT id \
                 FROM uid_map WHERE pharmacy_id = l.pharmacy_id AND entity = '{name}' AND alias = {n})"
            )
        };
        also(&of, uid.into());
    }
    if let Some(user) = asked.user {
        also(&|n| format!("l.user_uid = {n}"), user.into());
    }
    if let Some(device) = asked.device {
        also(&|n| format!("d.uid = {n}"), device.into());
    }
    let bounds = [("l.at >=", asked.since), ("l.at <", asked.until), ("l.rev <", asked.after)];
    for (condition, bound) in bounds.into_iter().filter_map(|(condition, bound)| Some((condition, bound?))) {
        also(&|n| format!("{condition} {n}"), bound.into());
    }
    if !asked.kinds.is_empty() {
        params.push(Param::Texts(asked.kinds.clone()));
        conditions += &format!(" AND {}", text::any(dialect, "l.kind", params.len(), Affinity::Text));
    }
    let sql = format!(
        "SELECT l.rev, l.entity, l.row_id, l.field, l.old_value, l.new_value, l.user_uid, u.name, d.uid, d.name, l.hlc, \
         l.at, l.kind, l.strategy FROM change_log l \
         LEFT JOIN \"user\" u ON u.pharmacy_id = l.pharmacy_id AND u.uid = l.user_uid \
         LEFT JOIN device d ON d.pharmacy_id = l.pharmacy_id AND d.id = l.device_id \
         WHERE {conditions} ORDER BY l.rev DESC, l.entity, l.row_id, l.field LIMIT {limit}"
    );
    session.query(&sql, &params).await
}

/// The lines with the uids of their rows.
async fn told(session: &mut dyn Session, pharmacy: i64, rows: Vec<Cells>) -> Result<Vec<LogLine>, StoreError> {
    let mut named: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
    for row in &rows {
        named.entry(row.text(1)?.to_owned()).or_default().insert(row.int(2)?);
    }
    let mut uids: BTreeMap<(String, i64), Uid> = BTreeMap::new();
    for (name, ids) in named {
        let Some(table) = entity(&name).map(|entity| entity.table) else { continue };
        let dialect = session.dialect();
        let list = text::any(dialect, "id", 2, Affinity::Int);
        let sql = format!("SELECT id, uid FROM \"{table}\" WHERE pharmacy_id = {} AND {list}", dialect.parameter(1));
        for row in session.query(&sql, &[pharmacy.into(), Param::Ints(ids.into_iter().collect())]).await? {
            uids.insert((name.clone(), row.int(0)?), row.uid(1)?);
        }
    }
    let (mut lines, mut within) = (Vec::with_capacity(rows.len()), (0, 0));
    for row in rows {
        let rev = row.int(0)?;
        within = if within.0 == rev { (rev, within.1 + 1) } else { (rev, 0) };
        if let Some(uid) = uids.get(&(row.text(1)?.to_owned(), row.int(2)?)) {
            lines.push(line(&row, rev * REVISION_LINES + within.1, *uid)?);
        }
    }
    Ok(lines)
}

fn line(row: &Cells, id: i64, uid: Uid) -> Result<LogLine, StoreError> {
    let text = |place: usize| row.0.get(place).and_then(Value::text);
    let json = |place| text(place).and_then(|text| serde_json::from_str::<Json>(text).ok());
    let maybe = |place| row.uid(place).ok();
    Ok(LogLine {
        id,
        rev: row.int(0)?,
        entity: row.text(1)?.to_owned(),
        uid,
        field: row.text(3)?.to_owned(),
        old: json(4),
        new: json(5),
        user: maybe(6),
        user_name: text(7).unwrap_or_default().to_owned(),
        device: maybe(8),
        device_name: text(9).unwrap_or_default().to_owned(),
        hlc: Hlc::parse(row.text(10)?).ok_or_else(|| StoreError::shape("hlc"))?,
        at: row.int(11)?,
        kind: row.text(12)?.to_owned(),
        strategy: text(13).filter(|strategy| *strategy != "none").map(str::to_owned),
    })
}

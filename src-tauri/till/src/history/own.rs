//! This till's own log, and what it has recorded that the hub has not answered yet.

use officine_protocol::{
    Uid,
    hlc::Hlc,
    messages::{Action, LogRequest, Operation},
};
use rusqlite::{Connection, ToSql, params_from_iter};
use serde_json::Value as Json;

use super::lines::{empty, explained};
use crate::{
    device::Device,
    error::Result,
    store::{outbox, rows},
    views::LogLine,
};

/// Unanswered operations that are shown before a page, at most.
const PENDING: u32 = 200;

/// A page of the own log, newest first, and where the next begins.
pub fn page(connection: &Connection, asked: &LogRequest, device: &Device) -> Result<(Vec<LogLine>, Option<i64>)> {
    if asked.device.is_some_and(|wanted| wanted != device.uid) {
        return Ok((Vec::new(), None));
    }
    let (conditions, values) = conditions(asked);
    let sql = format!(
        "SELECT id, rev, entity, uid, field, old, new, user, hlc, kind, strategy FROM change_log \
         WHERE {conditions} ORDER BY id DESC LIMIT {}",
        asked.limit + 1
    );
    let mut statement = connection.prepare(&sql)?;
    let mut found = statement.query(params_from_iter(values.iter()))?;
    let (mut lines, mut read, mut last) = (Vec::new(), 0, None);
    while let Some(row) = found.next()? {
        read += 1;
        if read > asked.limit {
            return Ok((lines, last));
        }
        let (old, new): (Option<String>, Option<String>) = (row.get(5)?, row.get(6)?);
        let json = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(Json::Null);
        let user: Option<[u8; 16]> = row.get(7)?;
        let (uid, hlc): (Uid, String) = (rows::read_uid(row, 3)?, row.get(8)?);
        let (kind, at): (String, i64) = (row.get(9)?, Hlc::parse(&hlc).unwrap_or_default().millis);
        let ours = !matches!(kind.as_str(), "pull" | "merge");
        last = Some(row.get(0)?);
        let line = LogLine {
            id: row.get(0)?,
            rev: row.get(1)?,
            entity: row.get(2)?,
            uid: uid.to_string(),
            field: row.get(4)?,
            old: json(old),
            new: json(new),
            user: user.map(|bytes| Uid::from_bytes(bytes).to_string()),
            device: ours.then(|| device.uid.to_string()),
            device_name: if ours { device.name.clone() } else { String::new() },
            hlc,
            at,
            pending: ours && waits_since(connection, uid)?.is_some_and(|since| at >= since),
            kind,
            strategy: row.get(10)?,
            ..empty()
        };
        lines.extend(explained(connection, line)?);
    }
    Ok((lines, None))
}

fn conditions(asked: &LogRequest) -> (String, Vec<Box<dyn ToSql>>) {
    let mut conditions = vec!["1".to_owned()];
    let mut values: Vec<Box<dyn ToSql>> = Vec::new();
    let mut also = |condition: &str, value: Box<dyn ToSql>| {
        values.push(value);
        conditions.push(condition.replace('?', &format!("?{}", values.len())));
    };
    if let Some(entity) = &asked.entity {
        also("entity = ?", Box::new(entity.clone()));
    }
    if let Some(uid) = asked.uid {
        also("uid = ?", Box::new(*uid.as_bytes()));
    }
    if !asked.kinds.is_empty() {
        also("kind IN (SELECT value FROM json_each(?))", Box::new(Json::from(asked.kinds.clone()).to_string()));
    }
    if let Some(user) = asked.user {
        also("user = ?", Box::new(*user.as_bytes()));
    }
    for (condition, at) in [("hlc >= ?", asked.since), ("hlc < ?", asked.until)] {
        if let Some(millis) = at {
            also(condition, Box::new(Hlc { millis: millis.max(0), counter: 0 }.to_string()));
        }
    }
    if let Some(after) = asked.after {
        also("id < ?", Box::new(after));
    }
    (conditions.join(" AND "), values)
}

/// When the first unanswered operation on a row was recorded.
fn waits_since(connection: &Connection, uid: Uid) -> Result<Option<i64>> {
    let sql = "SELECT min(occurred_at) FROM outbox WHERE uid = ?1 AND state <> 5 AND state <> 4";
    Ok(connection.prepare_cached(sql)?.query_row([uid.as_bytes()], |row| row.get(0))?)
}

/// Edits and archivals that the hub has not answered, newest first.
pub fn pending(connection: &Connection, asked: &LogRequest, device: &Device) -> Result<Vec<LogLine>> {
    let mut lines = Vec::new();
    for queued in outbox::unanswered_edits(connection, asked.uid, PENDING)? {
        let operation: Operation = serde_json::from_str(&queued.payload)?;
        if wanted(&operation, asked, device) {
            for line in of_operation(&operation, device) {
                lines.extend(explained(connection, line)?);
            }
        }
    }
    Ok(lines)
}

fn kind(action: Action) -> &'static str {
    if action == Action::Delete { "archive" } else { "edit" }
}

fn wanted(operation: &Operation, asked: &LogRequest, device: &Device) -> bool {
    asked.entity.as_ref().is_none_or(|entity| *entity == operation.entity)
        && asked.user.is_none_or(|user| operation.user == Some(user))
        && asked.device.is_none_or(|wanted| wanted == device.uid)
        && (asked.kinds.is_empty() || asked.kinds.iter().any(|known| known == kind(operation.action)))
        && asked.since.is_none_or(|since| operation.occurred_at >= since)
        && asked.until.is_none_or(|until| operation.occurred_at < until)
}

fn of_operation(operation: &Operation, device: &Device) -> Vec<LogLine> {
    let line = LogLine {
        id: operation.seq,
        entity: operation.entity.clone(),
        uid: operation.uid.to_string(),
        user: operation.user.map(|uid| uid.to_string()),
        device: Some(device.uid.to_string()),
        device_name: device.name.clone(),
        hlc: operation.hlc.to_string(),
        at: operation.occurred_at,
        kind: kind(operation.action).to_owned(),
        pending: true,
        ..empty()
    };
    if operation.action == Action::Delete {
        return vec![LogLine { field: "archivedAt".to_owned(), new: operation.occurred_at.into(), ..line }];
    }
    let lines = operation.replaced.iter().map(|(field, old)| {
        let parts = || operation.parts.get(field).map(|rows| serde_json::json!(rows));
        let new = operation.fields.get(field).cloned().or_else(parts).unwrap_or_default();
        LogLine { field: field.clone(), old: old.clone(), new, ..line.clone() }
    });
    lines.collect()
}

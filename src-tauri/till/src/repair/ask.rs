//! The hub asked for rows by name, until each was given or is unknown there.

use std::collections::BTreeSet;

use officine_protocol::{
    Uid,
    limits::{PROTOCOL, ROWS_ASKED, SCHEMA},
    messages::{RowAsked, RowsRequest, WireRow},
    params,
};

use crate::{
    error::{Error, Result},
    sync::{cursor, run::Run},
};

/// What the hub has of the rows that it was asked for.
#[derive(Debug, Default)]
pub struct Answer {
    /// Rows, parents first, with those they refer to where that was wanted.
    pub rows: Vec<WireRow>,
    /// Names that it does not know.
    pub unknown: BTreeSet<(String, Uid)>,
}

impl Answer {
    /// The row that bears this name there, its own or an alias.
    pub fn row(&self, entity: &str, uid: Uid) -> Option<&WireRow> {
        self.rows.iter().find(|row| row.entity == entity && (row.uid == uid || row.aliases.contains(&uid)))
    }
}

/// Asks for rows by name.
pub fn rows(run: &mut Run<'_>, wanted: &[(&str, Uid)], with_references: bool) -> Result<Answer> {
    let mut answer = Answer::default();
    let mut left: Vec<RowAsked> =
        wanted.iter().map(|(entity, uid)| RowAsked { entity: (*entity).to_owned(), uid: *uid }).collect();
    while !left.is_empty() {
        run.go_on()?;
        let asked: Vec<RowAsked> = left.drain(..left.len().min(ROWS_ASKED)).collect();
        let before = answer.rows.len() + answer.unknown.len();
        let request = request(run, asked.clone(), with_references)?;
        let response = run.patiently(|run| run.timed(|transport, device| transport.rows(device, &request)));
        let (response, traffic) = response?;
        run.count(traffic);
        run.heard(response.epoch, response.revision, response.server_time, request.sent_at)?;
        answer.unknown.extend(response.unknown.into_iter().map(|missing| (missing.entity, missing.uid)));
        answer.rows.extend(response.rows);
        let answered = |row: &RowAsked| {
            answer.unknown.contains(&(row.entity.clone(), row.uid)) || answer.row(&row.entity, row.uid).is_some()
        };
        left.extend(asked.into_iter().filter(|row| !answered(row)));
        if !left.is_empty() && before == answer.rows.len() + answer.unknown.len() {
            let why = params! { hub: run.device.hub, status: 200, detail: "rows without progress" };
            return Err(Error::hub("hub_refused", why));
        }
    }
    Ok(answer)
}

fn request(run: &Run<'_>, rows: Vec<RowAsked>, with_references: bool) -> Result<RowsRequest> {
    let epoch = run.till.store.read(cursor::load)?.epoch;
    let (incarnation, sent_at) = (run.device.incarnation, run.till.clock.now());
    Ok(RowsRequest { protocol: PROTOCOL, schema: SCHEMA, incarnation, epoch, sent_at, rows, with_references })
}

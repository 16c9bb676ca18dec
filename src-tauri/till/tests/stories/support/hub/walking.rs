//! A hub that is walked: it keeps what it accepts, and hands on everything, two rows a page.

use std::collections::{BTreeMap, BTreeSet};

use officine_protocol::{
    Uid,
    clock::Clock,
    entities::{CUSTOMER, PRODUCT_BATCH, SALE, entity, walked_first},
    messages::{
        Cursor, Operation, PullRequest, PullResponse, WalkPosition, WalkRequest, WalkResponse, WalkRow, WireRow,
    },
    record::{Record, decode_fields, decode_parts},
};
use officine_till::Result;

use super::{FakeHub, State};

const ROWS: usize = 2;

impl FakeHub {
    /// From now on it is walked, and keeps what it accepts.
    pub fn walks(&self) {
        self.state().walked = true;
    }

    /// An accepted operation becomes a row.
    pub(super) fn keep(state: &mut State, operation: &Operation, server_id: i64, rev: i64) {
        let known = state.rows.get(&operation.uid).cloned();
        let mut row = known.unwrap_or_else(|| WireRow {
            entity: operation.entity.clone(),
            uid: operation.uid,
            server_id,
            rev,
            created_at: operation.occurred_at,
            archived_at: None,
            aliases: Vec::new(),
            fields: Default::default(),
            parts: Default::default(),
        });
        row.rev = rev;
        row.fields.extend(operation.fields.clone());
        row.parts.extend(operation.parts.clone());
        if row.entity == SALE.name {
            row.fields.insert("state".into(), "confirmed".into());
        }
        state.rows.insert(row.uid, row);
    }

    /// What the hub says a lot holds.
    pub fn holds(&self, lot: Uid) -> i64 {
        holds(&self.state(), lot)
    }

    /// Something of the hub's that no page brings any more.
    pub fn lose(&self, uid: Uid) {
        self.state().rows.remove(&uid);
    }

    pub(super) fn page_of_walk(&self, request: &WalkRequest) -> Result<WalkResponse> {
        self.cut()?;
        let state = self.state();
        let revision = state.revision;
        let noted = request.position.as_ref().map_or(cursor(revision), |position| position.noted);
        let at = request.position.clone().unwrap_or_else(|| position(noted, 0, 0));
        let (mut rows, next) = slice(&state, &at);
        closure(&state, &mut rows, |_| true);
        let totals = if request.position.is_none() { totals(&state) } else { BTreeMap::new() };
        let stands = |row: &WireRow| match row.entity.as_str() {
            name if name == PRODUCT_BATCH.name => Some(holds(&state, row.uid)),
            name if name == CUSTOMER.name => Some(owes(&state, row.uid)),
            _ => None,
        };
        let rows = rows.into_iter().map(|row| WalkRow { stands: stands(&row), row }).collect();
        let (epoch, server_time, other_history) = (state.epoch, self.clock.now(), false);
        Ok(WalkResponse { epoch, server_time, revision, other_history, noted, rows, next, totals })
    }

    pub(super) fn page_by_revision(&self, request: &PullRequest) -> Result<PullResponse> {
        self.cut()?;
        let state = self.state();
        let mut rows: Vec<WireRow> = state.rows.values().filter(|row| row.rev > request.cursor.rev).cloned().collect();
        rows.sort_by_key(|row| row.rev);
        let has_more = rows.len() > ROWS;
        rows.truncate(ROWS);
        let end = rows.last().filter(|_| has_more).map_or(state.revision, |row| row.rev);
        closure(&state, &mut rows, |row| row.rev > end);
        let (epoch, server_time, revision) = (state.epoch, self.clock.now(), state.revision);
        Ok(PullResponse { epoch, server_time, revision, other_history: false, rows, next: cursor(end), has_more })
    }
}

fn cursor(rev: i64) -> Cursor {
    Cursor { rev, commit: (rev > 0).then(|| Uid::from_u128(3)) }
}

fn position(noted: Cursor, place: usize, key: i64) -> WalkPosition {
    match walked_first().get(place) {
        Some(entity) => WalkPosition { noted, entity: Some(entity.name.to_owned()), key },
        None => WalkPosition { noted, entity: None, key: i64::MAX },
    }
}

/// The rows of a page, and where the next begins.
fn slice(state: &State, at: &WalkPosition) -> (Vec<WireRow>, Option<WalkPosition>) {
    let first = |row: &WireRow| walked_first().iter().position(|entity| entity.name == row.entity);
    let mut rows: Vec<WireRow> = match &at.entity {
        Some(name) => {
            state.rows.values().filter(|row| row.entity == *name && row.server_id > at.key).cloned().collect()
        }
        None => state.rows.values().filter(|row| first(row).is_none() && row.server_id < at.key).cloned().collect(),
    };
    rows.sort_by_key(|row| if at.entity.is_some() { row.server_id } else { -row.server_id });
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let next = match (&at.entity, more) {
        (_, true) => rows.last().map(|row| WalkPosition { key: row.server_id, ..at.clone() }),
        (Some(name), false) => {
            let place = walked_first().iter().position(|entity| entity.name == name).unwrap();
            Some(position(at.noted, place + 1, 0))
        }
        (None, false) => None,
    };
    (rows, next)
}

fn closure(state: &State, rows: &mut Vec<WireRow>, wanted: impl Fn(&WireRow) -> bool) {
    let mut seen: BTreeSet<Uid> = rows.iter().map(|row| row.uid).collect();
    let mut next = 0;
    while next < rows.len() {
        let row = &rows[next];
        let entity = entity(&row.entity).unwrap();
        let mut record = Record::new(entity, row.uid, 0);
        record.values = decode_fields(entity, &row.fields).unwrap();
        record.parts = decode_parts(entity, &row.parts).unwrap();
        let named: Vec<Uid> = record.references(entity).map(|(_, uid)| uid).collect();
        let found = named.into_iter().filter_map(|uid| state.rows.get(&uid)).filter(|row| wanted(row));
        rows.extend(found.filter(|row| seen.insert(row.uid)).cloned().collect::<Vec<_>>());
        next += 1;
    }
}

fn totals(state: &State) -> BTreeMap<String, i64> {
    let mut totals = BTreeMap::new();
    for row in state.rows.values() {
        *totals.entry(row.entity.clone()).or_default() += 1;
    }
    totals
}

fn sum(
    state: &State,
    part: &str,
    amount: &str,
    of: impl Fn(&WireRow, &serde_json::Map<String, serde_json::Value>) -> bool,
) -> i64 {
    let lines =
        state.rows.values().flat_map(|row| row.parts.get(part).into_iter().flatten().map(move |line| (row, line)));
    lines.filter(|(row, line)| of(row, line)).map(|(_, line)| line[amount].as_i64().unwrap()).sum()
}

fn holds(state: &State, lot: Uid) -> i64 {
    sum(state, "movements", "delta", |_, line| line["batch"] == lot.to_string())
}

fn owes(state: &State, customer: Uid) -> i64 {
    sum(state, "payments", "amount", |row, line| {
        row.fields.get("customer").is_some_and(|named| *named == customer.to_string()) && line["means"] == "credit"
    })
}

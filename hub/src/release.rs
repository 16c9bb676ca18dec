//! What is kept in quarantine: what became of it, and its release, where the till that sent it will not send it again.
//!
//! Released operations are judged as what they are, one after the other, under a device of their own with a series of its
//! own: the numbers on the paper may be another ticket's. A row that is here is never born again, an edit that stands is
//! never made again, and what was answered once is answered the same: nothing counts twice, however often it is released,
//! and whatever the till sends later.

use std::collections::HashMap;

use officine_protocol::{
    Uid,
    chain::GENESIS,
    clock::mint,
    entities::entity,
    limits::SCHEMA,
    messages::{Action, Operation, Outcome, RowAsked, SentOperation, WireRow},
    ticket,
    value::Value,
};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    App, StoreError, admin,
    decide::{Device, decide},
    operation::{Content, Prepared, prepare},
    secrets::{code_hash, hash},
    store::{Batch, Enrolment, Heard, KeptOperation, Wanted},
};

const TOKEN_BYTES: usize = 32;
/// Rows asked for at once.
const AT_ONCE: usize = 500;

/// What became of an operation that is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Became {
    /// The hub has what it says: the till sent it again under another name, or it was released.
    Here,
    /// It is nowhere but in quarantine.
    Kept,
    /// It cannot be read.
    Unreadable,
}

/// An operation that is kept, and what became of it.
#[derive(Debug)]
pub struct Fate {
    /// As it is kept.
    pub kept: KeptOperation,
    /// What it says, where it can be read.
    pub operation: Option<Operation>,
    /// What became of it.
    pub became: Became,
    /// The row that it is about, where that is here.
    row: Option<WireRow>,
}

/// An operation that was released.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Released {
    /// Its key.
    pub key: Uid,
    /// The entity of its row.
    pub entity: String,
    /// The row.
    pub uid: Uid,
    /// Of a ticket: the number on its paper, and the one that it bears now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numbers: Option<[String; 2]>,
    /// How it was judged.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What is kept, of all devices or of one, in the order of its sequences.
pub async fn fates(app: &App, device: Option<Uid>) -> Result<Vec<Fate>, StoreError> {
    let pharmacies: HashMap<Uid, Uid> =
        app.store.devices().await?.iter().map(|line| (line.uid, line.pharmacy)).collect();
    let mut fates = Vec::new();
    for kept in app.store.quarantined(device).await? {
        let operation = serde_json::from_str::<Operation>(&kept.operation).ok();
        let became = if operation.is_some() { Became::Kept } else { Became::Unreadable };
        fates.push(Fate { kept, operation, became, row: None });
    }
    let mut known = HashMap::new();
    for (device, pharmacy) in &pharmacies {
        let of = fates.iter().filter(|fate| fate.kept.device == *device).filter_map(|fate| fate.operation.as_ref());
        let asked = of.map(|operation| RowAsked { entity: operation.entity.clone(), uid: operation.uid });
        let asked: Vec<_> = asked.collect();
        if !asked.is_empty() {
            let pharmacy = app.store.pharmacy(*pharmacy).await?;
            let device = Device { pharmacy, id: 0, uid: *device, series: 0 };
            known.extend(here(app, &device, &asked).await?);
        }
    }
    for fate in &mut fates {
        let Some(operation) = &fate.operation else { continue };
        fate.row = known.get(&(operation.entity.clone(), operation.uid)).cloned();
        if fate.row.as_ref().is_some_and(|row| stands(operation, row)) {
            fate.became = Became::Here;
        }
    }
    Ok(fates)
}

/// The rows that the hub has of those, by every name that they bear.
async fn here(app: &App, device: &Device, asked: &[RowAsked]) -> Result<HashMap<(String, Uid), WireRow>, StoreError> {
    let mut known = HashMap::new();
    for some in asked.chunks(AT_ONCE) {
        let wanted = Wanted { rows: some.to_vec(), schema: SCHEMA, with_references: false, max_bytes: usize::MAX };
        for row in app.store.rows(device, wanted).await?.rows {
            for uid in row.aliases.iter().chain([&row.uid]) {
                known.insert((row.entity.clone(), *uid), row.clone());
            }
        }
    }
    Ok(known)
}

/// Whether a row says what the operation would make it say.
fn stands(operation: &Operation, row: &WireRow) -> bool {
    match operation.action {
        Action::Create => true,
        Action::Delete => row.archived_at.is_some(),
        Action::Update => {
            operation.fields.iter().all(|(name, value)| row.fields.get(name) == Some(value))
                && operation.parts.iter().all(|(name, rows)| row.parts.get(name) == Some(rows))
        }
    }
}

/// Releases what of a device is nowhere but in quarantine.
pub async fn release(app: &App, device: Uid) -> Result<Vec<Released>, StoreError> {
    let line = app.store.devices().await?.into_iter().find(|line| line.uid == device);
    let line = line.ok_or(StoreError::Unknown("device"))?;
    let mut fates = fates(app, Some(device)).await?;
    fates.sort_by_key(|fate| (fate.kept.received_at, fate.kept.seq, fate.kept.key));
    if !fates.iter().any(|fate| fate.became == Became::Kept) {
        return Ok(Vec::new());
    }
    let fresh = stand_in(app, &line.name, (line.pharmacy, device)).await?;
    let mut series = Series::of(&fresh, &fates);
    let mut released = Vec::new();
    for (seq, fate) in (1..).zip(&fates).filter(|(_, fate)| fate.became == Became::Kept) {
        let Some((mut prepared, operation)) = read(fate, seq) else { continue };
        let numbers = series.place(&mut prepared);
        let (now, commit) = (app.clock.now(), mint(&*app.clock, &*app.entropy));
        let heard = Heard { schema: i64::from(SCHEMA), sent_at: now, ..Heard::default() };
        let batch = Batch { device: fresh.clone(), heard, operations: vec![prepared], now, commit };
        let Some(verdict) = app.store.transact(batch, decide).await?.verdicts.pop() else { continue };
        series.settle(&verdict.outcome);
        tracing::warn!(%device, key = %operation.key, outcome = ?verdict.outcome, "released from quarantine");
        let Operation { key, entity, uid, .. } = operation;
        released.push(Released { key, entity, uid, numbers, outcome: verdict.outcome });
    }
    Ok(released)
}

/// The device in whose name what is kept of another is released: the same one however often.
async fn stand_in(app: &App, name: &str, (pharmacy, device): (Uid, Uid)) -> Result<Device, StoreError> {
    let code = admin::enrolment_code(app, pharmacy).await?;
    let mut token = vec![0; TOKEN_BYTES];
    app.entropy.fill(&mut token);
    let enrolment = Enrolment {
        code: code_hash(&code),
        // Nobody has it: nobody sends anything in that name.
        token: hash(&token),
        device: mint(&*app.clock, &*app.entropy),
        name: format!("Quarantaine · {name}"),
        incarnation: Uid::from_u128(!device.as_u128()),
        replaces: None,
        now: app.clock.now(),
    };
    Ok(app.store.enrol(enrolment).await?.device)
}

/// An operation as it is kept, under the sequence that it has among all that is kept of its till.
fn read(fate: &Fate, seq: i64) -> Option<(Prepared, Operation)> {
    let operation = fate.operation.clone()?;
    let frozen = RawValue::from_string(fate.kept.operation.clone()).ok()?;
    let sent = SentOperation { operation: frozen, server_ids: Default::default(), attempts: 0, clock_doubtful: true };
    let prepared = prepare(sent).ok()?;
    Some((Prepared { seq, ..prepared }, operation))
}

/// The series in which released tickets get their numbers: it goes on behind those that were released before.
struct Series {
    series: i64,
    number: i64,
    hash: Value,
    /// The place that the ticket at hand would take.
    next: Option<Value>,
}

impl Series {
    fn of(device: &Device, fates: &[Fate]) -> Self {
        let int = |row: &WireRow, name: &str| row.fields.get(name).and_then(serde_json::Value::as_i64);
        let own = fates.iter().filter_map(|fate| fate.row.as_ref());
        let own = own.filter(|row| int(row, "series") == Some(device.series));
        let last = own.max_by_key(|row| int(row, "number"));
        let kept = last.and_then(|row| {
            let kind = entity(&row.entity)?;
            let column = kind.columns.get(kind.column("hash")?)?;
            Some((int(row, "number")?, Value::from_json(column, row.fields.get("hash")?).ok()?))
        });
        let (number, hash) = kept.unwrap_or((0, Value::Bytes(GENESIS.to_vec())));
        Self { series: device.series, number, hash, next: None }
    }

    /// Gives a ticket the next place of the series: the number that it was printed with, and the one it gets.
    fn place(&mut self, prepared: &mut Prepared) -> Option<[String; 2]> {
        self.next = None;
        let body = prepared.body.as_mut().ok().filter(|body| body.entity.numbered())?;
        let Content::Create(record) = &mut body.content else { return None };
        let int = |name| record.get(body.entity, name).int().unwrap_or(0);
        let printed = format!("{}-{:06}", int("series"), int("number"));
        record.set(body.entity, "series", self.series).set(body.entity, "number", self.number + 1);
        record.set(body.entity, "previous_hash", self.hash.clone());
        let link = Value::Bytes(ticket::link(body.entity, record).to_vec());
        record.set(body.entity, "hash", link.clone());
        self.next = Some(link);
        Some([printed, format!("{}-{:06}", self.series, self.number + 1)])
    }

    /// A ticket that was stored has taken its place, whatever was said of it.
    fn settle(&mut self, outcome: &Outcome) {
        let stored = match outcome {
            Outcome::Accepted { .. } => true,
            Outcome::Rejected { server_id, .. } => server_id.is_some(),
            _ => false,
        };
        if let (true, Some(link)) = (stored, self.next.take()) {
            (self.number, self.hash) = (self.number + 1, link);
        }
    }
}

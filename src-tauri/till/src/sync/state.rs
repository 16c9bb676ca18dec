//! What Synchronisation and the status strip show.

use std::collections::HashMap;

use officine_protocol::{
    Uid,
    date::Date,
    entities::{self, SALE},
    limits::{PROTOCOL, SCHEMA},
    roles::Permission,
};
use rusqlite::{Connection, OptionalExtension};

use super::{coverage, cursor, shared::Trigger, shared::lock};
use crate::{
    engine::Till,
    error::Result,
    refuse,
    selling::history,
    store::{
        outbox::{self, Queued, State},
        rows,
    },
    views::{
        DiagnosticView, EntityCount, ListQueueArgs, QueueCounts, QueuePage, QueueRow, SyncReport, SyncRun, SyncState,
    },
};

const RUNS_SHOWN: u32 = 100;

impl Till {
    /// The strip and the head of Synchronisation.
    pub fn sync_state(&self) -> Result<SyncState> {
        let now = self.clock.now();
        let (network, round_trip_ms) = {
            let health = lock(&self.sync.health);
            (health.quality(), health.last())
        };
        let running = lock(&self.sync.progress).clone();
        self.store.read(|connection| {
            let known = cursor::load(connection)?;
            let last: Option<String> = connection
                .query_row("SELECT report FROM sync_run ORDER BY id DESC LIMIT 1", [], |row| row.get(0))
                .optional()?;
            let last: Option<SyncReport> = last.and_then(|text| serde_json::from_str(&text).ok());
            Ok(SyncState {
                network,
                round_trip_ms,
                running,
                queue: counts(connection, now)?,
                to_regularise: history::to_decide(connection)?,
                held: connection
                    .query_row("SELECT count(*) FROM cart WHERE held_at IS NOT NULL", [], |row| row.get(0))?,
                revision: known.cursor.rev,
                hub_revision: known.hub_revision,
                last_success: known.last_success,
                last_problem: last.and_then(|report| report.problem),
                clock_offset_ms: known.clock_offset,
            })
        })
    }

    /// File d'attente.
    pub fn list_queue(&self, args: &ListQueueArgs) -> Result<QueuePage> {
        let now = self.clock.now();
        let state = match args.state.as_deref() {
            None => None,
            Some(name) => match State::parse(name) {
                Some(state) => Some(state),
                None => return refuse!("field_invalid", field: "state"),
            },
        };
        self.store.read(|connection| {
            let queued = outbox::list(connection, state, args.limit.clamp(1, 200))?;
            let rows = queued.into_iter().map(|queued| queue_row(connection, queued)).collect::<Result<_>>()?;
            Ok(QueuePage { rows, counts: counts(connection, now)? })
        })
    }

    /// Sends an operation again now.
    pub fn retry_operation(&self, seq: i64) -> Result<()> {
        self.allow(Permission::SeeSync)?;
        if self.store.write(|tx| outbox::retry(tx, seq))? {
            self.trigger(Trigger::Manual);
            return Ok(());
        }
        refuse!("field_invalid", field: "seq")
    }

    /// Journal: the last runs, newest first.
    pub fn list_runs(&self) -> Result<Vec<SyncRun>> {
        self.store.read(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT started_at, \"trigger\", report FROM sync_run ORDER BY id DESC LIMIT ?1")?;
            let rows =
                statement.query_map([RUNS_SHOWN], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?)))?;
            let mut runs = Vec::new();
            for row in rows {
                let (started_at, trigger, report) = row?;
                runs.push(SyncRun { started_at, trigger, report: serde_json::from_str(&report)? });
            }
            Ok(runs)
        })
    }

    /// Diagnostic. Asks the hub; without an answer its column stays empty.
    pub fn diagnostic(&self) -> Result<DiagnosticView> {
        let device = self.device()?;
        let hub = self.transport().status(&device).ok();
        let there: HashMap<String, i64> = hub.map(|status| status.rows.into_iter().collect()).unwrap_or_default();
        let (epoch, rows) = self.store.read(|connection| {
            let rows = entities::in_order().iter().map(|entity| {
                let here = rows::count(connection, entity)?;
                Ok(EntityCount { entity: entity.name.to_owned(), here, hub: there.get(entity.name).copied() })
            });
            Ok((cursor::load(connection)?.epoch, rows.collect::<Result<_>>()?))
        })?;
        Ok(DiagnosticView {
            rows,
            coverage: coverage::by_class(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            protocol: PROTOCOL,
            schema: SCHEMA,
            device: device.uid.to_string(),
            series: u32::try_from(device.series).unwrap_or(0),
            hub: device.hub,
            epoch,
            data_dir: self.dir.display().to_string(),
        })
    }
}

fn counts(connection: &Connection, now: i64) -> Result<QueueCounts> {
    let [waiting, sent, deferred, blocked, rejected, settled_today] =
        outbox::counts(connection, Date::of_instant(now).number())?;
    Ok(QueueCounts { waiting, sent, deferred, blocked, rejected, settled_today })
}

fn queue_row(connection: &Connection, queued: Queued) -> Result<QueueRow> {
    let (label, amount) = label(connection, &queued)?;
    Ok(QueueRow {
        seq: queued.seq,
        entity: queued.entity,
        action: queued.action,
        label,
        amount,
        occurred_at: queued.occurred_at,
        state: queued.state.name().to_owned(),
        attempts: queued.attempts,
        next_attempt: queued.next_attempt,
        problem: queued.problem,
    })
}

/// How the row of an operation is called: its ticket number, its name, or nothing.
fn label(connection: &Connection, queued: &Queued) -> Result<(String, Option<i64>)> {
    if queued.entity == SALE.name {
        let found = history::label(connection, queued.uid)?;
        return Ok(found.map_or((String::new(), None), |(number, total)| (number, Some(total))));
    }
    let Some(entity) = entities::entity(&queued.entity) else { return Ok((String::new(), None)) };
    let name = ["name", "lot_number", "reason"].into_iter().find(|name| entity.column(name).is_some());
    let Some(column) = name else { return Ok((String::new(), None)) };
    let sql = format!("SELECT \"{column}\" FROM \"{}\" WHERE uid = ?1", entity.table);
    let uid: Uid = rows::canonical(connection, entity, queued.uid)?;
    let found = connection.prepare_cached(&sql)?.query_row([uid.as_bytes()], |row| row.get(0)).optional()?;
    Ok((found.unwrap_or_default(), None))
}

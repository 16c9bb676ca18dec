//! What Synchronisation and the status strip show.

use officine_protocol::{
    Uid,
    date::Date,
    entities::{self, CONFLICT, SALE},
    params,
    roles::Permission,
};
use rusqlite::{Connection, OptionalExtension};

use super::{activity, cursor, shared::Trigger, shared::lock, walk};
use crate::{
    conflicts,
    engine::Till,
    error::{Error, Result},
    refuse,
    repair::{certificate, journal},
    safety::identity,
    selling::{history, to_settle},
    store::{
        outbox::{self, Queued, State},
        rows,
    },
    views::{ListQueueArgs, Operations, QueueCounts, QueuePage, QueueRow, SyncRun, SyncState, Topic, WalkView},
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
        let (running, device) = (lock(&self.sync.progress).clone(), self.device().ok());
        let repairing = lock(&self.sync.repair).clone();
        self.store.read(|connection| {
            let known = cursor::load(connection)?;
            let last_run = activity::runs(connection, 1)?.pop();
            Ok(SyncState {
                network,
                round_trip_ms,
                running,
                queue: counts(connection, now)?,
                to_regularise: to_settle::count(connection)?,
                held: connection
                    .query_row("SELECT count(*) FROM cart WHERE held_at IS NOT NULL", [], |row| row.get(0))?,
                revision: known.cursor.rev,
                hub_revision: known.hub_revision,
                last_success: known.last_success,
                last_problem: last_run.as_ref().and_then(|run| run.report.problem.clone()),
                last_run,
                conflicts: conflicts::count(connection)?,
                clock_offset_ms: known.clock_offset,
                walk: walk::load(connection)?.map(walk_view),
                repair: repairing,
                to_repair: journal::open(connection)?,
                identity: device.map_or(Ok(None), |device| identity::view(connection, &device))?,
                certificate: certificate::last(connection)?,
            })
        })
    }

    /// File d'attente.
    pub fn list_queue(&self, args: &ListQueueArgs) -> Result<QueuePage> {
        let now = self.clock.now();
        let state = args.state.as_deref().map(state_named).transpose()?;
        self.store.read(|connection| {
            let queued = outbox::list(connection, state, args.limit.clamp(1, 200))?;
            let rows = queued.into_iter().map(|queued| queue_row(connection, queued)).collect::<Result<_>>()?;
            Ok(QueuePage { rows, counts: counts(connection, now)? })
        })
    }

    /// Sends an operation again now.
    pub fn retry_operation(&self, seq: i64) -> Result<()> {
        self.allow(Permission::SeeSync)?;
        if self.store.write(|tx| outbox::retry(tx, Some(seq)))? == 0 {
            return refuse!("field_invalid", field: "seq");
        }
        self.trigger(Trigger::Manual);
        Ok(())
    }

    /// Sends again now whatever waits, for its time or for a person.
    pub fn retry_queue(&self) -> Result<Operations> {
        self.allow(Permission::SeeSync)?;
        let count = self.store.write(|tx| outbox::retry(tx, None))? as u32;
        if count > 0 {
            self.trigger(Trigger::Manual);
        }
        Ok(Operations { count })
    }

    /// Takes what is done with out of the lists: what settled, and what was refused and taken back.
    pub fn clear_queue(&self) -> Result<Operations> {
        self.allow(Permission::SeeSync)?;
        let count = self.store.write(|tx| outbox::clear(tx, self.clock.now()))? as u32;
        self.changed(&[Topic::Sync]);
        Ok(Operations { count })
    }

    /// Journal: the last runs, newest first.
    pub fn list_runs(&self) -> Result<Vec<SyncRun>> {
        self.store.read(|connection| activity::runs(connection, RUNS_SHOWN))
    }
}

fn walk_view(walk: walk::Walk) -> WalkView {
    let sells = !walk.first || walk.stage > walk::Stage::Selling;
    WalkView { first: walk.first, sells, done: walk.done, of: walk.total }
}

/// The state of that name.
pub fn state_named(name: &str) -> Result<State> {
    State::parse(name).ok_or_else(|| Error::refused("field_invalid", params! { field: "state" }))
}

fn counts(connection: &Connection, now: i64) -> Result<QueueCounts> {
    let [waiting, sent, deferred, blocked, rejected, settled_today] =
        outbox::counts(connection, Date::of_instant(now).number())?;
    Ok(QueueCounts { waiting, sent, deferred, blocked, rejected, settled_today })
}

/// An operation as the window shows it.
pub fn queue_row(connection: &Connection, queued: Queued) -> Result<QueueRow> {
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
    if entity.name == CONFLICT.name {
        return Ok((conflicts::names::label(connection, entity, queued.uid)?, None));
    }
    let name = ["name", "lot_number", "reason"].into_iter().find(|name| entity.column(name).is_some());
    let Some(column) = name else { return Ok((String::new(), None)) };
    let sql = format!("SELECT \"{column}\" FROM \"{}\" WHERE uid = ?1", entity.table);
    let uid: Uid = rows::canonical(connection, entity, queued.uid)?;
    let found = connection.prepare_cached(&sql)?.query_row([uid.as_bytes()], |row| row.get(0)).optional()?;
    Ok((found.unwrap_or_default(), None))
}

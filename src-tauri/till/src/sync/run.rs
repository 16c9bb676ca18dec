//! One run: check, push, pull, report. Runs never overlap, in this process or another.

use std::{
    fs::File,
    sync::{Arc, MutexGuard, atomic::Ordering},
};

use officine_protocol::{
    messages::{PullRequest, PullResponse},
    params,
};
use rusqlite::Connection;

use super::{
    cursor,
    overtaken::Overtaken,
    pace::Outcome,
    pull, push,
    settling::Known,
    shared::{Trigger, lock},
    transport::{Traffic, Transport},
    walk,
};
use crate::{
    catalogue,
    device::Device,
    engine::Till,
    error::{Error, Result},
    refuse, repair,
    safety::{self, identity},
    views::{Notice, SyncProgress, SyncReport, Topic},
};

/// Runs kept in the journal whatever their age, those kept while they are young, and how young.
const JOURNAL: i64 = 2_000;
const JOURNAL_YOUNG: i64 = 20_000;
const JOURNAL_AGE: i64 = 48 * 3_600_000;

/// A run under way.
pub struct Run<'a> {
    /// The till.
    pub till: &'a Till,
    /// What it is.
    pub device: Device,
    /// What happened so far.
    pub report: SyncReport,
    /// Operations or rows done in this step.
    pub done: u32,
    /// The catalogue changed: these products, by local key.
    pub touched: Vec<i64>,
    /// Decisions made here that count for nothing.
    pub overtaken: Vec<Overtaken>,
    /// What stopped the way up: it is not tried again before every page of the way down.
    pub unsent: Option<Error>,
    /// How often what is cut may still be asked for again.
    pub(crate) patience: u32,
    pub(super) transport: Arc<dyn Transport>,
}

impl Till {
    /// « Synchroniser maintenant »: pushes what waits, pulls what is new. What was done before a failure stands.
    pub fn sync_now(&self, trigger: Trigger) -> Result<SyncReport> {
        let device = self.device()?;
        self.alone(device, trigger, |run| run.all(trigger))
    }

    /// « Arrêter »: the run under way ends before its next request. What it did stands; the next run goes on from there.
    pub fn cancel_sync(&self) {
        self.sync.cancelled.store(true, Ordering::Relaxed);
    }

    /// The page of a held pull, unless somebody has read on since it was asked for, or the till is another now.
    pub(super) fn take_page(
        &self,
        device: &Device,
        asked: &PullRequest,
        page: PullResponse,
        traffic: Traffic,
    ) -> Result<()> {
        let still = self.device()?;
        let report = self.alone(still, Trigger::Live, |run| {
            let known = run.till.store.read(cursor::load)?;
            let same = run.device.uid == device.uid && run.device.incarnation == device.incarnation;
            if !same || known.cursor != asked.cursor || known.epoch != asked.epoch {
                return Ok(());
            }
            run.count(traffic);
            if pull::take(run, asked, page)? {
                pull::pull(run)?;
            }
            run.unsent.take().map_or(Ok(()), Err)
        })?;
        report.problem.map_or(Ok(()), |problem| Err(Error::Hub { code: problem.code, params: problem.params }))
    }

    /// Work on the store that no other run disturbs, and its line in the journal.
    pub(crate) fn alone(
        &self,
        device: Device,
        trigger: Trigger,
        work: impl FnOnce(&mut Run<'_>) -> Result<()>,
    ) -> Result<SyncReport> {
        let _alone = self.still()?;
        self.sync.cancelled.store(false, Ordering::Relaxed);
        let started = self.clock.now();
        let transport = self.transport();
        let report = SyncReport::default();
        let (touched, overtaken) = (Vec::new(), Vec::new());
        let mut run =
            Run { till: self, device, report, done: 0, touched, overtaken, unsent: None, patience: 0, transport };
        let known = self.store.read(Known::read)?;
        let outcome = identity::vouch(&mut run).and_then(|()| work(&mut run));
        let outcome = outcome.or_else(|error| Err(identity::judged(self, &run.device, error)?));
        run.index();
        known.tell(self)?;
        run.tell_overtaken()?;
        let report = run.finish(outcome, started, trigger);
        *lock(&self.sync.progress) = None;
        self.changed(&[Topic::Sync]);
        report
    }

    /// While this is held no run is under way, here or in another process.
    pub(crate) fn still(&self) -> Result<(MutexGuard<'_, ()>, File)> {
        let alone = lock(&self.sync.run);
        let file = File::create(self.dir.join("sync.lock"))?;
        file.lock()?;
        Ok((alone, file))
    }

    pub(crate) fn transport(&self) -> Arc<dyn Transport> {
        self.sync.transport.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Puts another way to the hub in place: tests cut and delay through it.
    pub fn set_transport(&self, transport: Arc<dyn Transport>) {
        *self.sync.transport.write().unwrap_or_else(std::sync::PoisonError::into_inner) = transport;
    }
}

impl Run<'_> {
    fn all(&mut self, trigger: Trigger) -> Result<()> {
        self.step("check", 1, None);
        let done = match self.both_ways(trigger) {
            Err(error) if repair::history::parted(&error) => {
                repair::history::follow(self, error)?;
                self.both_ways(trigger)
            }
            done => done,
        };
        let done = done.and_then(|()| match self.unsent.take() {
            Some(error) if repair::history::parted(&error) => repair::history::follow(self, error),
            unsent => {
                self.unsent = unsent;
                Ok(())
            }
        });
        let done = done.and_then(|()| repair::history::resume(self));
        let done = done.and_then(|()| repair::moments::after_run(self));
        self.step("apply", 4, None);
        done?;
        self.unsent.take().map_or(Ok(()), Err)
    }

    /// Up, then down; the other way round where the last run ended before its way down. A walk never begins with it: what
    /// it says of lots is to be read with every answer known.
    fn both_ways(&mut self, trigger: Trigger) -> Result<()> {
        let till = self.till;
        let owed = &till.sync.pull_owed;
        let walks = till.store.read(walk::is_due)?;
        if owed.swap(false, Ordering::Relaxed) && !walks {
            self.down(trigger)?;
            self.unsent = None;
            return self.up();
        }
        let pushed = self.up();
        if pushed.as_ref().is_err_and(|error| closed(error) || walks && !push::refused_whole(error)) {
            owed.store(true, Ordering::Relaxed);
            return pushed;
        }
        self.unsent = pushed.err();
        self.down(trigger)
    }

    /// The way up: what would be refused for a parent that the hub does not know is healed before, and what was so all the
    /// same is healed after.
    fn up(&mut self) -> Result<()> {
        repair::stuck::look(self)?;
        repair::moments::before_push(self)?;
        push::push(self)?;
        repair::moments::after_answers(self)
    }

    /// The way down, which is left to the pull that is held, where there is one.
    fn down(&mut self, trigger: Trigger) -> Result<()> {
        self.done = 0;
        let known = self.till.store.read(cursor::load)?;
        let walking = self.till.store.read(walk::load)?.is_some();
        if walking || trigger == Trigger::Manual || !self.till.sync.live.covers(known.cursor) {
            pull::pull(self)?;
        }
        match safety::rebuild(self)? {
            0 => Ok(()),
            _ => push::push(self),
        }
    }

    /// Whoever searches finds what has changed, in a run that was cut too.
    fn index(&self) {
        if !self.touched.is_empty() {
            catalogue::index_follows(self.till.refresh_search());
        }
    }

    fn finish(mut self, outcome: Result<()>, started: i64, trigger: Trigger) -> Result<SyncReport> {
        let now = self.till.clock.now();
        if let Err(error) = &outcome {
            tracing::warn!(%error, "the sync stopped early");
            self.report.problem = Some(error.problem());
        }
        self.report.duration_ms = now - started;
        tracing::debug!(trigger = trigger.name(), report = ?self.report, "the sync ended");
        let report = self.till.store.write(|tx| {
            self.report.revision = cursor::load(tx)?.cursor.rev;
            if self.report.problem.is_none() {
                cursor::succeeded(tx, now)?;
            }
            let text = serde_json::to_string(&self.report)?;
            tx.execute(
                "INSERT INTO sync_run (started_at, \"trigger\", report) VALUES (?1, ?2, ?3)",
                (started, trigger.name(), text),
            )?;
            prune(tx, now)?;
            Ok(self.report)
        })?;
        match outcome {
            Err(error @ (Error::Store(_) | Error::File(_))) => Err(error),
            _ => Ok(report),
        }
    }

    /// Tells the window where the run is.
    pub fn step(&self, step: &str, index: u32, of: Option<u32>) {
        self.step_left(step, index, of, None);
    }

    /// The same, and the milliseconds that are left at the pace so far.
    pub fn step_left(&self, step: &str, index: u32, of: Option<u32>, left_ms: Option<i64>) {
        let bytes = self.report.bytes_up + self.report.bytes_down;
        tracing::debug!(step, done = self.done, of, bytes, "syncing");
        let progress = SyncProgress { step: step.to_owned(), index, done: self.done, of, bytes, left_ms };
        *lock(&self.till.sync.progress) = Some(progress.clone());
        self.till.tell(&Notice::SyncProgress { progress });
    }

    /// Asked before every request: refused where somebody has stopped the run.
    pub fn go_on(&self) -> Result<()> {
        if self.till.sync.cancelled.load(Ordering::Relaxed) {
            return refuse!("sync_cancelled");
        }
        Ok(())
    }

    /// What every answer says of the hub. Another epoch is another history: nothing of it is mixed in.
    pub fn heard(&self, epoch: i64, revision: i64, server_time: i64, sent_at: i64) -> Result<()> {
        let now = self.till.clock.now();
        let (till, offset) = (self.till, server_time - (sent_at + now) / 2);
        till.store.write(|tx| {
            let known = cursor::load(tx)?;
            if known.epoch != 0 && known.epoch != epoch {
                return Err(Error::hub("hub_other_history", params! { known: known.epoch, found: epoch }));
            }
            cursor::heard(tx, epoch, revision, offset)?;
            till.jumps.look(tx, till.clock.as_ref())
        })
    }
}

/// Whether what stopped one way stops the other: the hub is out of reach, busy, or says no to whatever this till asks.
fn closed(error: &Error) -> bool {
    matches!(error, Error::Store(_) | Error::File(_)) || Outcome::of(Some(&error.problem())) != Outcome::Failed
}

/// A day is told whole, however busy it was.
fn prune(connection: &Connection, now: i64) -> Result<()> {
    let sql = "DELETE FROM sync_run WHERE id <= (SELECT max(id) FROM sync_run) - CASE WHEN started_at < ?1 THEN ?2 ELSE ?3 END";
    connection.prepare_cached(sql)?.execute((now - JOURNAL_AGE, JOURNAL, JOURNAL_YOUNG))?;
    Ok(())
}

//! A walk of everything the hub has: the first sync of a till, a schema read anew, « Actualiser les données ». It goes on
//! where it was, whoever was cut or restarted. What selling needs comes first; quantities are exact at every moment.

mod close;
mod state;
mod store;

pub use close::close;
pub use state::{Stage, Walk, check_open, exact, heard, is_due, load, owed};

use std::time::Instant;

use officine_protocol::{
    limits::{PROTOCOL, SCHEMA, WALK_ROWS},
    messages::WalkRequest,
    params,
};
use rusqlite::Connection;

use super::{activity, cursor, pace::Outcome, push, run::Run, shared::Trigger};
use crate::{
    engine::Till,
    error::{Error, Result},
    views::SyncReport,
};

/// Pages between two checkpoints of the log, which would grow to the size of the store.
const CHECKPOINT_PAGES: u32 = 16;

impl Till {
    /// « Actualiser les données »: a run that reads everything again, or goes on doing so where it was not refused. The
    /// queue, pending rows and what is local stay.
    pub fn refresh_data(&self) -> Result<SyncReport> {
        self.device()?;
        self.store.write(|tx| match load(tx)? {
            Some(walk) if walk.stage < Stage::Pull && refused(tx)? => state::again(tx, walk.first),
            Some(walk) => Ok(walk),
            None => state::begin(tx),
        })?;
        self.sync_now(Trigger::Manual)
    }
}

/// The last run ended with a no.
fn refused(connection: &Connection) -> Result<bool> {
    let last = activity::runs(connection, 1)?.pop().and_then(|run| run.report.problem);
    Ok(matches!(Outcome::of(last.as_ref()), Outcome::Refused | Outcome::Failed))
}

/// Walks on where a walk is due, to its last page. What is due to be sent goes up between pages, and has its answers before
/// the next is read, which says what lots hold; where it is refused it is sent no more in this run. A hub that knows no
/// walks is pulled from the beginning.
pub fn go(run: &mut Run<'_>) -> Result<()> {
    let Some(walk) = due(run.till)? else { return Ok(()) };
    let mut pace = Pace::new(walk);
    while pace.walk.stage < Stage::Pull {
        let begins = pace.walk.position.is_none();
        match run.patiently(|run| page(run, &mut pace)) {
            Err(Error::Hub { code, .. }) if begins && code == "not_found" => {
                return run.till.store.write(state::instead);
            }
            done => done?,
        }
        if pace.pages.is_multiple_of(CHECKPOINT_PAGES) {
            run.till.maintain()?;
        }
        send(run)?;
    }
    Ok(())
}

/// Sends what is due between two pages, unless the hub refused it in this run: the walk goes on without.
fn send(run: &mut Run<'_>) -> Result<()> {
    if run.unsent.is_some() {
        return Ok(());
    }
    let done = std::mem::take(&mut run.done);
    let pushed = push::push(run);
    run.done = done;
    match pushed {
        Err(error) if push::refused_whole(&error) => run.unsent = Some(error),
        pushed => pushed?,
    }
    Ok(())
}

/// The walk that goes on, or one that begins.
fn due(till: &Till) -> Result<Option<Walk>> {
    let (walk, known) = till.store.read(|connection| Ok((load(connection)?, cursor::load(connection)?)))?;
    match walk {
        Some(walk) if walk.stage < Stage::Pull && walk.schema != SCHEMA => {
            till.store.write(|tx| state::again(tx, walk.first)).map(Some)
        }
        None if known.cursor.rev == 0 => till.store.write(|tx| state::begin(tx)).map(Some),
        walk => Ok(walk),
    }
}

/// A walk, and how fast it goes.
struct Pace {
    walk: Walk,
    /// It began again in this run.
    again: bool,
    since: Instant,
    from: i64,
    pages: u32,
}

impl Pace {
    fn new(walk: Walk) -> Self {
        Self { again: false, since: Instant::now(), from: walk.done, pages: 0, walk }
    }

    /// Milliseconds to the end at the pace of this run.
    fn left(&self) -> Option<i64> {
        let (done, to_come) = (self.walk.done - self.from, self.walk.total - self.walk.done);
        let elapsed = i64::try_from(self.since.elapsed().as_millis()).unwrap_or(i64::MAX);
        (done > 0 && to_come > 0).then(|| elapsed.saturating_mul(to_come) / done)
    }

    /// Begins again, once in a run: the hub cannot go on from where this walk is.
    fn begin_again(&mut self, till: &Till) -> Result<()> {
        tracing::info!(done = self.walk.done, "the hub cannot go on with this walk: it begins again");
        let walk = till.store.write(|tx| state::again(tx, self.walk.first))?;
        *self = Self { again: true, pages: self.pages, ..Self::new(walk) };
        Ok(())
    }
}

fn page(run: &mut Run<'_>, pace: &mut Pace) -> Result<()> {
    run.go_on()?;
    run.done = u32::try_from(pace.walk.done).unwrap_or(u32::MAX);
    let of = u32::try_from(pace.walk.total).ok().filter(|of| *of > 0);
    run.step_left("walk", 3, of, pace.left());
    let request = WalkRequest {
        protocol: PROTOCOL,
        schema: SCHEMA,
        incarnation: run.device.incarnation,
        epoch: run.till.store.read(cursor::load)?.epoch,
        position: pace.walk.position.clone(),
        max_rows: run.till.page_rows().min(WALK_ROWS as u32),
        sent_at: run.till.clock.now(),
    };
    let goes_on = request.position.is_some() && !pace.again;
    let answer = run.timed(|transport, device| transport.walk(device, &request));
    if goes_on && answer.as_ref().is_err_and(|error| error.code() == "walk_position_unknown") {
        return pace.begin_again(run.till);
    }
    let (page, traffic) = run.bounded(request.max_rows, answer)?;
    run.count(traffic);
    run.heard(page.epoch, page.revision, page.server_time, request.sent_at)?;
    if page.other_history && goes_on && pace.walk.first {
        return pace.begin_again(run.till);
    }
    if page.other_history {
        let known = request.position.map_or(0, |position| position.noted.rev);
        return Err(Error::hub("hub_other_history", params! { known: known, found: page.revision }));
    }
    if page.next.is_some() && page.next == request.position {
        let why = params! { hub: run.device.hub, status: 200, detail: "pages without progress" };
        return Err(Error::hub("hub_refused", why));
    }
    pace.pages += 1;
    if page.noted.rev == 0 {
        pace.walk.stage = Stage::Pull;
        return run.till.store.write(|tx| state::forget(tx));
    }
    store::store(run, &mut pace.walk, page)
}

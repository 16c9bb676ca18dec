//! A walk of everything the hub has: the first sync of a till, a schema read anew, « Actualiser les données ». It goes on
//! where it was, whoever was cut or restarted. What selling needs comes first; quantities are exact at every moment.

mod close;
mod state;
mod store;

pub use close::close;
pub use state::{Stage, Walk, check_open, exact, is_due, load, owed};

use std::time::Instant;

use officine_protocol::{
    limits::{PROTOCOL, SCHEMA, WALK_ROWS},
    messages::WalkRequest,
    params,
};

use super::{cursor, push, run::Run, shared::Trigger};
use crate::{
    engine::Till,
    error::{Error, Result},
    views::SyncReport,
};

/// Pages between two checkpoints of the log, which would grow to the size of the store.
const CHECKPOINT_PAGES: u32 = 16;

impl Till {
    /// « Actualiser les données »: a run that reads everything again, or goes on doing so. The queue, pending rows and
    /// what is local stay.
    pub fn refresh_data(&self) -> Result<SyncReport> {
        self.device()?;
        self.store.write(|tx| match load(tx)? {
            Some(_) => Ok(()),
            None => state::begin(tx, cursor::load(tx)?.last_success.is_none()),
        })?;
        self.sync_now(Trigger::Manual)
    }
}

/// Walks on where a walk is due, to its last page. What is due to be sent goes up between pages, and has
/// its answers before the next is read, which says what lots hold. A hub that knows no walks is pulled from the beginning.
pub fn go(run: &mut Run<'_>) -> Result<()> {
    let known = run.till.store.read(cursor::load)?;
    let walk = match run.till.store.read(load)? {
        Some(walk) => walk,
        None if known.cursor.rev == 0 => {
            let first = known.last_success.is_none();
            run.till.store.write(|tx| state::begin(tx, first))?;
            Walk::new(first)
        }
        None => return Ok(()),
    };
    let mut pace = Pace::new(walk);
    while pace.walk.stage < Stage::Pull {
        match run.patiently(|run| page(run, &mut pace)) {
            Err(Error::Hub { code, .. }) if code == "not_found" => return run.till.store.write(state::instead),
            done => done?,
        }
        if pace.pages.is_multiple_of(CHECKPOINT_PAGES) {
            run.till.maintain()?;
        }
        let done = std::mem::take(&mut run.done);
        push::push(run)?;
        run.done = done;
    }
    Ok(())
}

/// A walk, and how fast it goes.
struct Pace {
    walk: Walk,
    since: Instant,
    from: i64,
    pages: u32,
}

impl Pace {
    fn new(walk: Walk) -> Self {
        Self { since: Instant::now(), from: walk.done, pages: 0, walk }
    }

    /// Milliseconds to the end at the pace of this run.
    fn left(&self) -> Option<i64> {
        let (done, to_come) = (self.walk.done - self.from, self.walk.total - self.walk.done);
        let elapsed = i64::try_from(self.since.elapsed().as_millis()).unwrap_or(i64::MAX);
        (done > 0 && to_come > 0).then(|| elapsed.saturating_mul(to_come) / done)
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
    let answer = run.timed(|transport, device| transport.walk(device, &request));
    let (page, traffic) = run.bounded(request.max_rows, answer)?;
    run.count(traffic);
    run.heard(page.epoch, page.revision, page.server_time, request.sent_at)?;
    if page.other_history {
        let known = request.position.map_or(0, |position| position.noted.rev);
        return Err(Error::hub("hub_other_history", params! { known: known, found: page.revision }));
    }
    if page.next.is_some() && page.next == request.position {
        let why = params! { hub: run.device.hub, status: 200, detail: "pages without progress" };
        return Err(Error::hub("hub_refused", why));
    }
    pace.pages += 1;
    store::store(run, &mut pace.walk, page)
}

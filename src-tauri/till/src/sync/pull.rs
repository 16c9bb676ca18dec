//! The way down: pages by revision. A page, what it refers to and the cursor commit together.

use std::time::Instant;

use officine_protocol::{
    entities::{self, PRODUCT},
    fault::{Fault, armed},
    limits::{PROTOCOL, SCHEMA},
    messages::{PullRequest, PullResponse, WireRow},
    params,
    schema::Entity,
};

use super::{
    apply, aside,
    cursor::{self, SyncRow},
    push,
    run::Run,
    walk,
};
use crate::{
    act::Act,
    catalogue::{self, recalls},
    device::Device,
    engine::Till,
    error::{Error, Result},
    repair::history,
    views::Topic,
};

/// Walks where a walk is due, and pulls until the hub has no more. Sales made meanwhile go up between pages.
pub fn pull(run: &mut Run<'_>) -> Result<()> {
    walk::go(run)?;
    loop {
        run.go_on()?;
        let (request, page) = run.patiently(ask)?;
        if !take(run, &request, page)? {
            return walk::close(run);
        }
        push::between(run)?;
    }
}

fn ask(run: &mut Run<'_>) -> Result<(PullRequest, PullResponse)> {
    let known = run.till.store.read(cursor::load)?;
    let behind = (known.hub_revision - known.cursor.rev).max(0);
    run.step("pull", 3, u32::try_from(behind + i64::from(run.done)).ok().filter(|of| *of > 0));
    let request = request(run.till, &run.device, &known);
    let answer = run.timed(|transport, device| transport.pull(device, &request));
    let (page, traffic) = run.bounded(request.max_rows, answer)?;
    run.count(traffic);
    Ok((request, page))
}

/// What a till asks for that has read so far.
pub(super) fn request(till: &Till, device: &Device, known: &SyncRow) -> PullRequest {
    PullRequest {
        protocol: PROTOCOL,
        schema: SCHEMA,
        incarnation: device.incarnation,
        epoch: known.epoch,
        cursor: known.cursor,
        entities: Vec::new(),
        max_rows: till.page_rows(),
        sent_at: till.clock.now(),
        wait_ms: 0,
    }
}

/// Takes in a page that was asked for so. True where the hub has more.
pub(super) fn take(run: &mut Run<'_>, asked: &PullRequest, page: PullResponse) -> Result<bool> {
    let after = asked.cursor.rev;
    run.heard(page.epoch, page.revision, page.server_time, asked.sent_at)?;
    if page.other_history {
        return Err(Error::hub("hub_other_history", params! { known: after, found: page.revision }));
    }
    let more = page.has_more;
    let stuck = more && page.next.rev <= after;
    store(run, page)?;
    if stuck {
        let why = params! { hub: run.device.hub, status: 200, detail: "pages without progress" };
        return Err(Error::hub("hub_refused", why));
    }
    Ok(more)
}

fn store(run: &mut Run<'_>, page: PullResponse) -> Result<()> {
    let (next, last) = (page.next, !page.has_more);
    if armed(Fault::CursorFirst) {
        run.till.store.write(|tx| cursor::advance(tx, next))?;
    }
    apply(run, page.rows, |act, _| {
        if last && next.rev > history::newest(act.tx)?.rev {
            history::remember(act.tx, next)?;
        }
        cursor::advance(act.tx, next).map(|()| Vec::new())
    })?;
    if last && !run.till.store.read(aside::list)?.is_empty() {
        apply(run, Vec::new(), |act, _| aside::retry(act.tx, act.now))?;
        let unresolved = run.till.store.read(aside::list)?;
        run.report.unresolved = (!unresolved.is_empty()).then_some(unresolved);
    }
    Ok(())
}

/// Applies rows, parents first, in one transaction with what `also` writes and says it changed.
pub fn apply(
    run: &mut Run<'_>,
    mut rows: Vec<WireRow>,
    also: impl FnOnce(&mut Act<'_>, &[WireRow]) -> Result<Vec<(&'static str, i64)>>,
) -> Result<()> {
    let order = |name: &str| entities::in_order().iter().position(|entity| entity.name == name).unwrap_or(usize::MAX);
    rows.sort_by_cached_key(|row| (order(&row.entity), row.rev));
    let since = Instant::now();
    let changed = run.till.act(None, |act| {
        let mut changed = apply::rows(act.tx, &rows, act.now)?;
        changed.extend(also(act, &rows)?);
        if changed.iter().any(|(entity, _)| *entity == PRODUCT.name) {
            catalogue::touch(act.tx)?;
        }
        recalls::withhold_among(act, &changed)?;
        Ok(changed)
    })?;
    tracing::debug!(rows = rows.len(), took_us = since.elapsed().as_micros(), "rows are written");
    run.done += rows.len() as u32;
    run.report.pulled += rows.len() as u32;
    run.touched.extend(changed.iter().filter(|(entity, _)| *entity == PRODUCT.name).map(|(_, id)| *id));
    if !changed.is_empty() {
        run.till.changed(&topics(&changed));
    }
    Ok(())
}

/// The views that changed rows make stale.
pub fn topics(changed: &[(&'static str, i64)]) -> Vec<Topic> {
    let mut topics = Vec::new();
    for (entity, _) in changed {
        let topic = match *entity {
            "setting" => Topic::Settings,
            "conflict" => Topic::Conflicts,
            "user" | "customer" => Topic::People,
            name if entities::entity(name).is_some_and(Entity::numbered) => Topic::Sales,
            _ => Topic::Stock,
        };
        if !topics.contains(&topic) {
            topics.push(topic);
        }
    }
    if topics.contains(&Topic::Sales) && !topics.contains(&Topic::Stock) {
        topics.push(Topic::Stock);
    }
    topics
}

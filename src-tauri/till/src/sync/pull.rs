//! The way down: pages by revision. A page, what it refers to and the cursor commit together.

use officine_protocol::{
    entities::{self, PRODUCT},
    fault::{Fault, armed},
    limits::{PROTOCOL, PULL_ROWS, SCHEMA},
    messages::{PullRequest, PullResponse},
    params,
};

use super::{
    apply,
    cursor::{self, SyncRow},
    run::Run,
};
use crate::{
    catalogue::{self, recalls},
    device::Device,
    error::{Error, Result},
    views::Topic,
};

/// Pulls until the hub has no more.
pub fn pull(run: &mut Run<'_>) -> Result<()> {
    loop {
        let known = run.till.store.read(cursor::load)?;
        let behind = (known.hub_revision - known.cursor.rev).max(0);
        run.step("pull", 3, u32::try_from(behind + i64::from(run.done)).ok().filter(|of| *of > 0));
        let request = request(&run.device, &known, run.till.clock.now());
        let (page, traffic) = run.timed(|transport, device| transport.pull(device, &request))?;
        run.count(traffic);
        if !take(run, &request, page)? {
            return Ok(());
        }
    }
}

/// What a till asks for that has read so far.
pub(super) fn request(device: &Device, known: &SyncRow, now: i64) -> PullRequest {
    PullRequest {
        protocol: PROTOCOL,
        schema: SCHEMA,
        incarnation: device.incarnation,
        epoch: known.epoch,
        cursor: known.cursor,
        entities: Vec::new(),
        max_rows: PULL_ROWS as u32,
        sent_at: now,
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
    let order = |name: &str| entities::in_order().iter().position(|entity| entity.name == name).unwrap_or(usize::MAX);
    let mut rows = page.rows;
    rows.sort_by_key(|row| (order(&row.entity), row.rev));
    if armed(Fault::CursorFirst) {
        run.till.store.write(|tx| cursor::advance(tx, page.next))?;
    }
    let changed = run.till.act(None, |act| {
        let changed = apply::rows(act.tx, &rows, act.now)?;
        cursor::advance(act.tx, page.next)?;
        if changed.iter().any(|(entity, _)| *entity == PRODUCT.name) {
            catalogue::touch(act.tx)?;
        }
        recalls::withhold_among(act, &changed)?;
        Ok(changed)
    })?;
    run.done += rows.len() as u32;
    run.report.pulled += rows.len() as u32;
    run.touched.extend(changed.iter().filter(|(entity, _)| *entity == PRODUCT.name).map(|(_, id)| *id));
    if !changed.is_empty() {
        run.till.changed(&topics(&changed));
    }
    Ok(())
}

fn topics(changed: &[(&'static str, i64)]) -> Vec<Topic> {
    let mut topics = Vec::new();
    for (entity, _) in changed {
        let topic = match *entity {
            "setting" => Topic::Settings,
            "user" | "customer" => Topic::People,
            "sale" | "saleReturn" | "saleSettlement" => Topic::Sales,
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

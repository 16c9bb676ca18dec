//! The way down: pages by revision. A page, what it refers to and the cursor commit together.

use officine_protocol::{
    entities::{self, PRODUCT},
    limits::{PROTOCOL, PULL_ROWS, SCHEMA},
    messages::{PullRequest, PullResponse},
    params,
};

use super::{apply, cursor, run::Run};
use crate::{
    catalogue::{self, recalls},
    error::{Error, Result},
    views::Topic,
};

/// Pulls until the hub has no more.
pub fn pull(run: &mut Run<'_>) -> Result<()> {
    loop {
        let known = run.till.store.read(cursor::load)?;
        let behind = (known.hub_revision - known.cursor.rev).max(0);
        run.step("pull", 3, u32::try_from(behind + i64::from(run.done)).ok().filter(|of| *of > 0));
        let request = PullRequest {
            protocol: PROTOCOL,
            schema: SCHEMA,
            incarnation: run.device.incarnation,
            epoch: known.epoch,
            cursor: known.cursor,
            entities: Vec::new(),
            max_rows: PULL_ROWS as u32,
            sent_at: run.till.clock.now(),
            wait_ms: 0,
        };
        let (page, traffic) = run.timed(|transport, device| transport.pull(device, &request))?;
        run.count(traffic);
        run.heard(page.epoch, page.revision, page.server_time, request.sent_at)?;
        if page.other_history {
            return Err(Error::hub("hub_other_history", params! { known: known.cursor.rev, found: page.revision }));
        }
        let more = page.has_more;
        let stuck = more && page.next.rev <= known.cursor.rev;
        store(run, page)?;
        if stuck {
            let why = params! { hub: run.device.hub, status: 200, detail: "pages without progress" };
            return Err(Error::hub("hub_refused", why));
        }
        if !more {
            return Ok(());
        }
    }
}

fn store(run: &mut Run<'_>, page: PullResponse) -> Result<()> {
    let order = |name: &str| entities::in_order().iter().position(|entity| entity.name == name).unwrap_or(usize::MAX);
    let mut rows = page.rows;
    rows.sort_by_key(|row| (order(&row.entity), row.rev));
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
            "sale" | "saleReturn" => Topic::Sales,
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

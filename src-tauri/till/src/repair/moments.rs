//! When it heals by itself: before a push, after an answer that names a row in vain, after a run for links.

use std::collections::BTreeMap;

use officine_protocol::{
    Uid,
    entities::{entity, in_order},
    fault::{Fault, armed},
    params,
};
use rusqlite::Connection;

use super::{
    Repair,
    journal::Finding,
    orphans::{self, Orphan},
};
use crate::{
    error::Result,
    store::{outbox, rows},
    sync::{push, run::Run, shared::lock, walk},
};

/// The codes of operations that wait for a row.
const REFERENCE: [&str; 2] = ["reference_missing", "reference_refused"];

/// Before a push: orphans, which would leave what stands on them without a parent. Reads next to nothing where there are
/// none. That it cannot be done now holds up no sale.
pub fn before_push(run: &mut Run<'_>) -> Result<()> {
    if run.till.store.read(walk::is_due)? {
        return Ok(());
    }
    let marks = lock(&run.till.sync.looked).clone();
    let look = run.till.store.read(|connection| orphans::newest(connection, &marks))?;
    if orphans::far(&marks, &look.marks) {
        run.till.store.write(|tx| orphans::keep(tx, &look.marks))?;
    }
    *lock(&run.till.sync.looked) = look.marks;
    if look.orphans.is_empty() {
        return Ok(());
    }
    let mut repair = Repair::begin(run, "push", false);
    repair.journal.report.rows_read = look.rows;
    let outcome = repair.orphans(look.orphans);
    repair.end(outcome).map(drop)
}

/// After a push: what the hub could not resolve though it is here, and nothing is on its way for. Heals it, and pushes
/// again.
pub fn after_answers(run: &mut Run<'_>) -> Result<()> {
    let named = run.till.store.read(named_in_vain)?;
    if named.is_empty() {
        return Ok(());
    }
    let waiting: Vec<i64> = named.values().flatten().copied().collect();
    let lost: Vec<Orphan> = named
        .into_keys()
        .filter_map(|(name, uid)| entity(&name).map(|entity| Orphan { entity, uid, refused: false }))
        .collect();
    let mut repair = Repair::begin(run, "answer", false);
    let outcome = repair.orphans(lost).and_then(|()| {
        repair.step("retry")?;
        repair.run.till.store.write(|tx| waiting.iter().try_for_each(|seq| outbox::retry(tx, Some(*seq)).map(drop)))?;
        push::push(repair.run)
    });
    repair.end(outcome).map(drop)
}

/// After a run: the links of the newest rows.
pub fn after_run(run: &mut Run<'_>) -> Result<()> {
    let mut repair = Repair::begin(run, "links", false);
    let outcome = repair.links(false);
    repair.end(outcome).map(drop)
}

/// Operations that wait for a row which is here and which nothing is on its way for, by that row.
fn named_in_vain(connection: &Connection) -> Result<BTreeMap<(String, Uid), Vec<i64>>> {
    let mut named: BTreeMap<(String, Uid), Vec<i64>> = BTreeMap::new();
    for queued in outbox::waiting_for_rows(connection)? {
        let Some(problem) = queued.problem.filter(|problem| REFERENCE.contains(&problem.code.as_str())) else {
            continue;
        };
        let text =
            |name: &str| problem.params.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
        let Some((entity, uid)) = entity(&text("entity")).zip(Uid::try_parse(&text("uid")).ok()) else { continue };
        let here = rows::id_of(connection, entity, uid)?.is_some();
        let refused = outbox::is_refused(connection, uid)?;
        if here && !refused && !outbox::is_birth_pending(connection, uid)? {
            named.entry((entity.name.to_owned(), uid)).or_default().push(queued.seq);
        }
    }
    Ok(named)
}

/// Whether it is a ticket of another series that the hub had named.
fn is_another_tills(connection: &Connection, found: &Finding, series: i64) -> Result<bool> {
    let ticket = if found.entity.numbered() { rows::get(connection, found.entity, found.uid)? } else { None };
    let named = ticket.filter(|(_, ticket)| ticket.server_id.is_some());
    Ok(named.is_some_and(|(_, ticket)| ticket.get(found.entity, "series").int() != Some(series)))
}

impl Repair<'_, '_> {
    /// Names orphans that the hub knows, and has the others born again.
    pub fn orphans(&mut self, mut orphans: Vec<Orphan>) -> Result<()> {
        if armed(Fault::OrphanBlind) {
            orphans.clear();
        }
        self.step("match")?;
        let (asked, refused): (Vec<_>, Vec<_>) = orphans.into_iter().partition(|orphan| !orphan.refused);
        let found = |orphan: &Orphan| {
            let uid = orphan.uid;
            Finding::new("orphan", orphan.entity, uid).with(params! { uid: uid.to_string() })
        };
        self.fetch(refused.iter().map(found).collect(), "named")?;
        let unknown = self.fetch(asked.iter().map(found).collect(), "named")?;
        if unknown.is_empty() {
            return Ok(());
        }
        self.step("repair")?;
        let unknown = self.join_twins(unknown)?;
        let unknown = self.give_others(unknown)?;
        self.bear(&unknown)
    }

    /// Tickets of another series than this till's are not its own to tell again: the hub, which lost them, is given them.
    /// Gives the other rows.
    fn give_others(&mut self, unknown: Vec<Finding>) -> Result<Vec<Finding>> {
        let series = self.run.device.series;
        let (mut own, mut others) = (Vec::new(), Vec::new());
        self.run.till.store.read(|connection| {
            for found in unknown {
                if is_another_tills(connection, &found, series)? { others.push(found) } else { own.push(found) }
            }
            Ok(())
        })?;
        for entity in in_order() {
            let of = others.iter().filter(|found| found.entity.name == entity.name).cloned().collect();
            self.give(entity, of, false)?;
        }
        Ok(own)
    }
}

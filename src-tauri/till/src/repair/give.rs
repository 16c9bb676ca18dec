//! Rows given back to a hub that lost them: whole, as it once told them, parents first. What it has all the same is read
//! from it instead.

use std::collections::BTreeSet;

use officine_protocol::{
    Uid, entities,
    limits::{OFFERED_ROWS, PROTOCOL, PUSH_BYTES, SCHEMA},
    messages::{OfferRequest, OfferVerdict, WireRow},
    params,
    schema::Entity,
};

use super::{
    Repair,
    journal::Finding,
    mend::{problem, wire},
};
use crate::{
    error::Result,
    store::rows,
    sync::{
        cursor,
        digest::{Pending, at_the_hub},
        twins,
    },
};

/// How deep what is missing may be missing itself.
const DEPTH: u32 = 4;

/// What was offered, and the rows that it waits for: entity and uid.
type Waits = (Finding, Vec<(String, Uid)>);

impl Repair<'_, '_> {
    /// Gives rows back. `proven`: this till's are right by their chain, so that the hub's are not read instead.
    pub fn give(&mut self, entity: &'static Entity, found: Vec<Finding>, proven: bool) -> Result<()> {
        self.give_within(entity, found, proven, DEPTH)
    }

    /// Gives rows that several became since a revision: the hub that was restored may have those as they were before.
    pub fn give_joined(&mut self, since: i64) -> Result<()> {
        for entity in entities::in_order() {
            let sql = format!(
                "SELECT DISTINCT m.winner FROM uid_map m JOIN \"{}\" t ON t.uid = m.winner \
                 WHERE m.entity = ?1 AND t.rev > ?2",
                entity.table
            );
            let joined: Vec<Uid> = self.run.till.store.read(|connection| {
                let mut statement = connection.prepare(&sql)?;
                let uids = statement.query_map((entity.name, since), |row| rows::read_uid(row, 0))?;
                Ok(uids.collect::<rusqlite::Result<_>>()?)
            })?;
            let found = joined.into_iter().map(|uid| Finding::new("twin", entity, uid)).collect();
            self.give(entity, found, false)?;
        }
        Ok(())
    }

    fn give_within(
        &mut self,
        entity: &'static Entity,
        mut found: Vec<Finding>,
        proven: bool,
        depth: u32,
    ) -> Result<()> {
        while !found.is_empty() {
            self.run.go_on()?;
            let (some, rows) = self.bounded(&mut found)?;
            if some.is_empty() {
                continue;
            }
            let verdicts = self.offer(rows)?;
            let answers: Vec<_> = some.into_iter().zip(verdicts).collect();
            let (kept, deferred) = self.told(&answers, proven)?;
            self.fetch(kept, "taken")?;
            self.parents_first(entity, deferred, proven, depth)?;
        }
        Ok(())
    }

    /// Takes as many as a request may hold, each as the hub last told it.
    fn bounded(&self, found: &mut Vec<Finding>) -> Result<(Vec<Finding>, Vec<WireRow>)> {
        self.run.till.store.read(|connection| {
            let pending = Pending::read(connection)?;
            let (mut some, mut rows, mut bytes) = (Vec::new(), Vec::new(), 0);
            while let Some(next) = found.pop() {
                let here = rows::get(connection, next.entity, next.uid)?.map(|(_, record)| record);
                let told = here.map(|record| at_the_hub(connection, next.entity, record, pending.on(next.uid)));
                let Some(record) = told.transpose()?.flatten() else { continue };
                let aliases = twins::aliases(connection, next.entity, record.uid)?;
                let row = WireRow { aliases, ..wire(next.entity, &record) };
                bytes += serde_json::to_vec(&row)?.len();
                if !rows.is_empty() && bytes > PUSH_BYTES / 2 {
                    found.push(next);
                    break;
                }
                rows.push(row);
                some.push(next);
                if rows.len() == OFFERED_ROWS {
                    break;
                }
            }
            Ok((some, rows))
        })
    }

    fn offer(&mut self, rows: Vec<WireRow>) -> Result<Vec<OfferVerdict>> {
        let epoch = self.run.till.store.read(cursor::load)?.epoch;
        let (incarnation, sent_at) = (self.run.device.incarnation, self.run.till.clock.now());
        let request = OfferRequest { protocol: PROTOCOL, schema: SCHEMA, incarnation, epoch, sent_at, rows };
        let answer = self.run.patiently(|run| run.timed(|transport, device| transport.offer(device, &request)));
        let (answer, traffic) = answer?;
        self.run.count(traffic);
        self.run.heard(answer.epoch, answer.revision, answer.server_time, sent_at)?;
        Ok(answer.verdicts)
    }

    /// Writes down what became of each. Gives those that are read instead, and those that wait for rows.
    fn told(&mut self, answers: &[(Finding, OfferVerdict)], proven: bool) -> Result<(Vec<Finding>, Vec<Waits>)> {
        let (mut kept, mut deferred) = (Vec::new(), Vec::new());
        let journal = &mut self.journal;
        self.run.till.store.write(|tx| {
            for (found, verdict) in answers {
                match verdict {
                    OfferVerdict::Taken { server_id, rev } => {
                        rows::restate(tx, found.entity, found.uid, *server_id, *rev)?;
                        journal.mended(tx, found, "given")?;
                    }
                    OfferVerdict::Kept { .. } if proven => {
                        let params = params! { entity: found.entity.name, uid: found.uid.to_string() };
                        journal.left(tx, found, &problem("repair_ticket_altered", params))?;
                    }
                    OfferVerdict::Kept { .. } => kept.push(found.clone()),
                    OfferVerdict::Deferred { missing } => {
                        let missing = missing.iter().map(|row| (row.entity.clone(), row.uid)).collect();
                        deferred.push((found.clone(), missing));
                    }
                    OfferVerdict::Refused { code, params } => {
                        journal.left(tx, found, &problem(code, params.clone()))?;
                    }
                }
            }
            Ok(())
        })?;
        Ok((kept, deferred))
    }

    /// Gives what is missing there and is here, then what waited for it.
    fn parents_first(&mut self, entity: &'static Entity, deferred: Vec<Waits>, proven: bool, depth: u32) -> Result<()> {
        if deferred.is_empty() {
            return Ok(());
        }
        let missing: BTreeSet<_> = deferred.iter().flat_map(|(_, missing)| missing.iter().cloned()).collect();
        let again: Vec<Finding> = deferred.into_iter().map(|(found, _)| found).collect();
        if depth == 0 {
            let first = missing.into_iter().next().unwrap_or_default();
            let params = params! { entity: first.0, uid: first.1.to_string() };
            return self.leave(&again, |_| problem("repair_reference_nowhere", params.clone()));
        }
        for (name, uid) in missing {
            let Some(parent) = entities::entity(&name) else { continue };
            self.give_within(parent, vec![Finding::new("lost", parent, uid)], false, depth - 1)?;
        }
        self.give_within(entity, again, proven, depth - 1)
    }
}

//! Both sides beside one another: rows, versions, the link. What the hub does not say stays empty.

use std::collections::{BTreeMap, HashMap};

use officine_protocol::{
    entities,
    limits::{PROTOCOL, SCHEMA},
    messages::StatusResponse,
    schema::Entity,
};
use rusqlite::Connection;

use super::{cursor, shared::lock};
use crate::{
    device::Device,
    engine::Till,
    error::{Error, Result},
    log,
    store::rows,
    views::{DiagnosticView, EntityCount, HubStanding},
};

/// As much of an identity as a person compares.
const SHORT: usize = 8;

impl Till {
    /// Diagnostic. Asks the hub; without an answer its column stays empty.
    pub fn diagnostic(&self) -> Result<DiagnosticView> {
        let device = self.device()?;
        let (standing, hub_problem) = match self.ask_standing(&device) {
            Ok(standing) => (Some(standing), None),
            Err(error) => (None, Some(error.problem())),
        };
        let rows = self.rows_on_both_sides(standing.as_ref().map(|standing| &standing.rows))?;
        let (known, coverage) = (self.store.read(cursor::load)?, self.coverage()?);
        let health = lock(&self.sync.health);
        Ok(DiagnosticView {
            rows,
            coverage: coverage.entities,
            undeclared: coverage.undeclared,
            missing: coverage.missing,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            protocol: PROTOCOL,
            schema: SCHEMA,
            hub_standing: standing.map(told),
            hub_problem,
            network: health.quality(),
            round_trip_ms: health.last(),
            clock_offset_ms: known.clock_offset,
            revision: known.cursor.rev,
            device: device.uid.to_string(),
            incarnation: device.incarnation.to_string().chars().take(SHORT).collect(),
            series: u32::try_from(device.series).unwrap_or(0),
            hub: device.hub,
            epoch: known.epoch,
            data_dir: self.dir.display().to_string(),
            log_file: self.dir.join(log::FILE).display().to_string(),
        })
    }

    /// One question, remembered for the quality of the link as those of a run are.
    fn ask_standing(&self, device: &Device) -> Result<StatusResponse> {
        let before = self.clock.now();
        let answer = self.transport().status(device);
        let unreached = matches!(&answer, Err(Error::Hub { code, .. }) if code == "hub_unreachable");
        lock(&self.sync.health).remember((!unreached).then(|| self.clock.now() - before));
        answer
    }

    fn rows_on_both_sides(&self, there: Option<&BTreeMap<String, i64>>) -> Result<Vec<EntityCount>> {
        self.store.read(|connection| {
            let waiting = unconfirmed_births(connection)?;
            let count = |entity: &&Entity| {
                Ok(EntityCount {
                    entity: entity.name.to_owned(),
                    here: rows::count(connection, entity)?,
                    hub: there.and_then(|rows| rows.get(entity.name).copied()),
                    waiting: waiting.get(entity.name).copied().unwrap_or(0),
                })
            };
            entities::in_order().iter().map(count).collect()
        })
    }
}

/// Rows born here whose birth is not settled, per entity.
fn unconfirmed_births(connection: &Connection) -> Result<HashMap<String, i64>> {
    let sql = "SELECT entity, count(DISTINCT uid) FROM outbox WHERE state <> 5 AND action = 'create' GROUP BY entity";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn told(standing: StatusResponse) -> HubStanding {
    HubStanding {
        version: standing.version,
        oldest_protocol: standing.oldest_protocol,
        protocol: standing.protocol,
        schema: standing.schema,
        revision: standing.revision,
    }
}

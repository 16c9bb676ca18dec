//! « Ré-enrôler »: a till that is not the one the hub knows begins anew, under another name and another series of tickets.
//!
//! Whoever has a code may: it is the manager's leave, good once, and the counter waits. What is asked of the hub under the
//! new name is written down first; a power cut anywhere between the code and the last ticket is made good by the next run,
//! and a code that was used up needs no other: the hub knows the incarnation again.

use std::collections::{BTreeMap, HashSet};

use officine_protocol::{
    Uid,
    clock::mint,
    limits::{PROTOCOL, ROWS_ASKED, SCHEMA},
    messages::{EnrolRequest, RowAsked, RowsRequest, WireRow},
};
use rusqlite::Connection;

use super::{
    identity,
    pending::{self, Pending},
    rebuild, renumber,
    unsent::{self, Unsent},
};
use crate::{
    device::{self, Device},
    engine::Till,
    error::{Error, Result},
    refuse, settings,
    sync::{apply, cursor, run::Run, shared::Trigger},
    views::{IdentityState, IdentityView, ReenrolArgs, Topic},
};

/// The devices that this till was, as a local setting.
const FORMER: &str = "device.former";

/// The devices that this till was.
pub fn former(connection: &Connection) -> Result<Vec<Uid>> {
    let known = settings::local(connection, FORMER)?.and_then(|text| serde_json::from_str(&text).ok());
    Ok(known.unwrap_or_default())
}

impl Till {
    /// Begins anew. Refused where the hub knows this till.
    pub fn reenrol(&self, args: &ReenrolArgs) -> Result<IdentityView> {
        let old = self.device()?;
        if self.identity()?.state == IdentityState::Known && pending::load(&self.dir)?.is_none() {
            return refuse!("till_known");
        }
        {
            let _run = self.still()?;
            let fresh = self.new_name(&old, &args.code)?;
            self.go_over(&old, &fresh)?;
        }
        self.changed(&[Topic::Sales, Topic::People, Topic::Settings, Topic::Sync]);
        self.trigger(Trigger::Manual);
        self.identity()
    }

    /// The name that the hub gives, or gave before the power went.
    fn new_name(&self, old: &Device, code: &str) -> Result<Device> {
        let begun = pending::load(&self.dir)?.filter(|pending| pending.replaces == old.uid);
        if let Some(device) = begun.as_ref().and_then(|pending| pending.device.clone()) {
            return Ok(device);
        }
        let incarnation =
            begun.map_or_else(|| mint(self.clock.as_ref(), self.entropy.as_ref()), |pending| pending.incarnation);
        let mut pending = Pending { replaces: old.uid, incarnation, device: None };
        pending::store(&self.dir, &pending)?;
        let request = EnrolRequest {
            protocol: PROTOCOL,
            code: code.trim().to_uppercase(),
            name: old.name.clone(),
            incarnation,
            replaces: Some(old.uid),
        };
        let answer = self.transport().enrol(&old.hub, &request)?;
        let fresh = Device {
            uid: answer.device,
            token: answer.token,
            pin_secret: answer.pin_secret,
            incarnation,
            series: answer.series,
            pharmacy: answer.pharmacy,
            ..old.clone()
        };
        pending.device = Some(fresh.clone());
        pending::store(&self.dir, &pending)?;
        Ok(fresh)
    }

    /// What the hub has is settled, what it has not bears the new series; then this till is the new one.
    fn go_over(&self, old: &Device, fresh: &Device) -> Result<()> {
        let unsent = self.store.read(all_unsent)?;
        let taken = self.taken(fresh, &unsent)?;
        let now = self.clock.now();
        self.store.write(|tx| {
            let mut former = former(tx)?;
            if former.contains(&old.uid) {
                return Ok(());
            }
            let known: HashSet<Uid> = taken.iter().flat_map(names).collect();
            renumber::renumber(tx, (self.clock.as_ref(), self.entropy.as_ref()), fresh, &known)?;
            settle(tx, &known, now)?;
            apply::rows(tx, &taken, now)?;
            apply::release_held(tx, now)?;
            former.push(old.uid);
            settings::set_local(tx, FORMER, &serde_json::to_string(&former)?)
        })?;
        device::store(&self.dir, fresh)?;
        self.set_device(fresh.clone());
        pending::remove(&self.dir)?;
        identity::ask_again(self);
        tracing::warn!(series = fresh.series, taken = taken.len(), "this till begins anew");
        Ok(())
    }

    /// The rows of unsent births that the hub has: only the answer never reached this file.
    fn taken(&self, fresh: &Device, unsent: &[Unsent]) -> Result<Vec<WireRow>> {
        let births = rebuild::births(unsent)?;
        let mut wanted: BTreeMap<Uid, String> = births.into_iter().map(|(entity, uid)| (uid, entity)).collect();
        let (epoch, mut taken) = (self.store.read(cursor::load)?.epoch, Vec::new());
        while !wanted.is_empty() {
            let asked = wanted.iter().take(ROWS_ASKED);
            let rows = asked.map(|(uid, entity)| RowAsked { entity: entity.clone(), uid: *uid }).collect();
            let request = RowsRequest {
                protocol: PROTOCOL,
                schema: SCHEMA,
                incarnation: fresh.incarnation,
                epoch,
                sent_at: self.clock.now(),
                rows,
                with_references: false,
            };
            let before = wanted.len();
            let (answer, _) = self.transport().rows(fresh, &request)?;
            answer.unknown.iter().for_each(|missing| {
                wanted.remove(&missing.uid);
            });
            answer.rows.iter().flat_map(names).for_each(|uid| {
                wanted.remove(&uid);
            });
            taken.extend(answer.rows);
            if wanted.len() == before {
                return Err(Error::hub("hub_not_officine", officine_protocol::params! { hub: fresh.hub }));
            }
        }
        Ok(taken)
    }
}

/// Goes on where a power cut came between the hub's answer and the end.
pub fn resume(run: &mut Run<'_>) -> Result<()> {
    let Some(Pending { replaces, device: Some(fresh), .. }) = pending::load(&run.till.dir)? else { return Ok(()) };
    if run.device.uid == fresh.uid {
        return pending::remove(&run.till.dir);
    }
    if run.device.uid == replaces {
        run.till.go_over(&run.device.clone(), &fresh)?;
        run.device = fresh;
    }
    Ok(())
}

fn all_unsent(connection: &Connection) -> Result<Vec<Unsent>> {
    let mut unsent = unsent::queued(connection)?;
    unsent.extend(unsent::aside(connection)?);
    Ok(unsent)
}

fn names(row: &WireRow) -> impl Iterator<Item = Uid> {
    std::iter::once(row.uid).chain(row.aliases.iter().copied())
}

/// The births that the hub has are done with.
fn settle(connection: &Connection, known: &HashSet<Uid>, now: i64) -> Result<()> {
    let sql = "UPDATE outbox SET state = 5, problem = NULL, next_attempt = NULL, settled_at = ?2 \
               WHERE uid = ?1 AND action = 'create' AND state <> 5";
    let mut statement = connection.prepare_cached(sql)?;
    for uid in known {
        statement.execute((uid.as_bytes(), now))?;
    }
    Ok(())
}

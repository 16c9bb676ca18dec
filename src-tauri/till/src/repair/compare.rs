//! Both books laid side by side at one revision, narrowed to the rows that differ, and mended. The one comparison behind
//! the button, the night, the certificate and a hub that was restored.

use std::collections::{BTreeMap, BTreeSet};

use officine_protocol::{
    Uid,
    digest::VERSION,
    entities::in_order,
    limits::HASHED_PORTIONS,
    messages::{Digest, DigestResponse, RowDigest},
    params,
    record::Record,
    schema::{Entity, Kind},
};

use super::{
    Repair, ask, history,
    journal::Finding,
    mend::problem,
    narrow::{self, COARSE, Difference, FINE, MANY, differing, folded},
};
use crate::{
    error::{Error, Result},
    store::rows,
    sync::{
        apply, cursor,
        digest::{self, Found, Pending},
        pull,
        transport::Narrowed,
    },
};

/// So often the hub may move on between our reading and its own.
const TRIES: u32 = 3;
/// What is still not alike after so many rounds is left for a person.
const ROUNDS: u32 = 3;

/// Where both books stand.
#[derive(Debug, Default)]
pub struct Standing {
    /// The revision of both.
    pub revision: i64,
    /// The hub's epoch.
    pub epoch: i64,
    /// Both stood there when they were read: only then a difference means anything.
    pub settled: bool,
    /// This book in its finest buckets, by entity.
    pub fine: BTreeMap<&'static str, Vec<Digest>>,
    /// The entities that differ, parents first.
    pub differing: Vec<&'static Entity>,
    /// Rows compared.
    pub rows: i64,
    /// Rows read for it, here and on the hub.
    pub read: i64,
    /// Operations that wait.
    pub pending: u32,
}

impl Standing {
    /// Nothing differs but what waits.
    pub fn equal(&self) -> bool {
        self.settled && self.differing.is_empty()
    }
}

impl Repair<'_, '_> {
    /// Lays the books side by side and makes them equal. Gives how they stand in the end.
    pub fn reconcile(&mut self) -> Result<Standing> {
        let mut standing = self.compare()?;
        for _ in 0..ROUNDS {
            if standing.differing.is_empty() {
                return Ok(standing);
            }
            for entity in standing.differing.clone() {
                self.step("repair")?;
                self.tell("repair", Some(entity.name));
                let found = self.narrow(entity, &standing)?;
                if found.is_empty() {
                    self.since = self.run.till.clock.now();
                }
                self.settle(entity, found)?;
            }
            pull::pull(self.run)?;
            standing = self.compare()?;
        }
        for entity in standing.differing.clone() {
            let found = self.narrow(entity, &standing)?;
            let found: Vec<_> = found.into_keys().map(|uid| Finding::new("differs", entity, uid)).collect();
            self.leave(&found, |_| problem("repair_still_differs", params! { entity: entity.name }))?;
        }
        Ok(standing)
    }

    /// Both books at one revision: where the hub has moved on meanwhile, what is new is read first.
    pub fn compare(&mut self) -> Result<Standing> {
        let mut standing = Standing::default();
        for _ in 0..TRIES {
            self.run.go_on()?;
            let ahead = self.run.till.hash_ahead(self.since, || self.run.go_on())?;
            let hub = self.ask_digest(&Narrowed::whole(self.max_age()))?;
            standing = self.beside(&hub)?;
            standing.read += ahead + hub.read;
            self.journal.report.rows_read += standing.read;
            if standing.settled {
                break;
            }
            pull::pull(self.run)?;
        }
        Ok(standing)
    }

    /// How long ago the hub may have read its rows, in seconds, where it is told.
    fn max_age(&self) -> Option<i64> {
        (self.since > i64::MIN).then(|| (self.run.till.clock.now() - self.since).max(0) / 1_000)
    }

    fn beside(&self, hub: &DigestResponse) -> Result<Standing> {
        self.run.till.store.read(|connection| {
            let (known, pending) = (cursor::load(connection)?, Pending::read(connection)?);
            let revision = known.cursor.rev;
            let settled = revision == hub.revision && known.epoch == hub.epoch;
            let count = u32::try_from(pending.count()).unwrap_or(u32::MAX);
            let mut standing = Standing { revision, epoch: hub.epoch, settled, pending: count, ..Standing::default() };
            if !settled {
                return Ok(standing);
            }
            for entity in in_order() {
                let Found { digests: fine, read, .. } = digest::of(connection, entity, FINE, &pending)?;
                standing.read += read;
                let whole = folded(&fine, 1);
                standing.rows += whole.iter().map(|digest| digest.count as i64).sum::<i64>();
                if hub.entities.get(entity.name) != Some(&whole) {
                    standing.differing.push(entity);
                }
                standing.fine.insert(entity.name, fine);
            }
            Ok(standing)
        })
    }

    fn ask_digest(&mut self, narrowed: &Narrowed<'_>) -> Result<DigestResponse> {
        let (mut portions, mut read) = (0, 0);
        let mut hub = loop {
            let answer = self.run.patiently(|run| run.timed(|transport, device| transport.digest(device, narrowed)));
            let (hub, traffic) = answer?;
            self.run.count(traffic);
            (portions, read) = (portions + 1, read + hub.read);
            if !hub.more || portions == HASHED_PORTIONS {
                break hub;
            }
            self.run.go_on()?;
        };
        hub.read = read;
        self.journal.report.rows_read += if narrowed.entity.is_some() { hub.read } else { 0 };
        match hub.version == VERSION {
            true => Ok(hub),
            false => Err(Error::hub("hub_too_old", params! { hub: self.run.device.hub })),
        }
    }

    /// The rows of an entity in which the books differ, and how.
    fn narrow(&mut self, entity: &'static Entity, standing: &Standing) -> Result<BTreeMap<Uid, Difference>> {
        let fine = standing.fine.get(entity.name).map_or(&[][..], Vec::as_slice);
        let buckets = self.buckets(entity, fine)?;
        let wanted: BTreeSet<u32> = buckets.iter().copied().collect();
        let ((here, read), left) = self.run.till.store.read(|connection| {
            let here = digest::rows_in(connection, entity, &wanted, &Pending::read(connection)?)?;
            Ok((here, history::left(connection)?))
        })?;
        self.journal.report.rows_read += read;
        let mut there: Vec<RowDigest> = Vec::new();
        for bucket in buckets {
            self.run.go_on()?;
            let within = Some((FINE, bucket));
            let narrowed = Narrowed { buckets: FINE, entity: Some(entity.name), within, ..Narrowed::whole(None) };
            let answer =
                self.run.patiently(|run| run.timed(|transport, device| transport.digest_rows(device, &narrowed)));
            let (listed, traffic) = answer?;
            self.run.count(traffic);
            there.extend(listed.rows);
        }
        self.journal.report.rows_read += there.len() as i64;
        Ok(narrow::differences(&here, &there, (standing.revision, left)))
    }

    /// The finest buckets of an entity that differ.
    fn buckets(&mut self, entity: &'static Entity, fine: &[Digest]) -> Result<Vec<u32>> {
        let asked = |buckets, within| Narrowed { buckets, entity: Some(entity.name), within, ..Narrowed::whole(None) };
        let of = |hub: DigestResponse| hub.entities.get(entity.name).cloned().unwrap_or_default();
        let coarse = differing(&folded(fine, COARSE), &of(self.ask_digest(&asked(COARSE, None))?));
        if coarse.len() > MANY {
            return Ok(differing(fine, &of(self.ask_digest(&asked(FINE, None))?)));
        }
        let mut buckets = Vec::new();
        for coarse in coarse {
            let there = of(self.ask_digest(&asked(FINE, Some((COARSE, coarse))))?);
            let places = narrow::within(coarse).zip(there);
            buckets.extend(
                places.filter(|(place, there)| fine.get(*place as usize) != Some(there)).map(|(place, _)| place),
            );
        }
        Ok(buckets)
    }

    /// Makes the rows of an entity alike.
    fn settle(&mut self, entity: &'static Entity, found: BTreeMap<Uid, Difference>) -> Result<()> {
        let finding = |kind, uid| Finding::new(kind, entity, uid);
        let (mut names, mut theirs, mut ours, mut there, mut here, mut renamed) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (uid, difference) in found {
            match difference {
                Difference::Name(server_id) => names.push((finding("name", uid), server_id)),
                Difference::Theirs => theirs.push(finding("differs", uid)),
                Difference::Ours => ours.push(finding("differs", uid)),
                Difference::Renamed(here) => renamed.push((finding("name", uid), here)),
                Difference::There => there.push(finding("missing", uid)),
                Difference::Here => here.push(finding("lost", uid)),
            }
        }
        self.name(&names)?;
        for (found, other) in self.rename(entity, renamed)? {
            there.push(finding("missing", found.uid));
            here.push(finding("lost", other));
        }
        let [lacking, ours_proven, theirs] = self.judge(entity, theirs)?;
        let gone = self.fetch(theirs, "taken")?;
        self.fetch(there, "fetched")?;
        let lost = self.fetch_joined(here)?;
        self.give(entity, [ours, gone, lost, lacking].concat(), false)?;
        self.give(entity, ours_proven, true)
    }

    /// Rows that the hub does not list may bear another name there: they were joined with another one.
    fn fetch_joined(&mut self, here: Vec<Finding>) -> Result<Vec<Finding>> {
        self.fetch(here, "merged")
    }

    /// Of rows that differ, those of which the hub lost some of their parts, and tickets that are right here and not there:
    /// the chain says so. The others are the hub's.
    fn judge(&mut self, entity: &'static Entity, found: Vec<Finding>) -> Result<[Vec<Finding>; 3]> {
        let (mut lacking, mut ours, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
        let may_lack =
            !entity.parts.is_empty() || entity.columns.iter().any(|column| matches!(column.kind, Kind::Ref(_)));
        if !may_lack || found.is_empty() {
            return Ok([lacking, ours, found]);
        }
        for some in found.chunks(officine_protocol::limits::ROWS_ASKED) {
            let names: Vec<_> = some.iter().map(|found| (entity.name, found.uid)).collect();
            let answer = ask::rows(self.run, &names, false)?;
            for found in some {
                let there = answer.row(entity.name, found.uid).map(|row| apply::decode(entity, row)).transpose();
                let there = there.ok().flatten();
                let here = self.run.till.store.read(|connection| {
                    let here = rows::get(connection, entity, found.uid)?.map(|(_, record)| record);
                    let pending = Pending::read(connection)?;
                    let told = here.map(|record| digest::at_the_hub(connection, entity, record, pending.on(found.uid)));
                    told.transpose().map(Option::flatten)
                })?;
                let proven = |ticket: &Option<Record>| {
                    entity.numbered() && ticket.as_ref().is_some_and(|ticket| narrow::proven(entity, ticket))
                };
                let lacks =
                    there.as_ref().zip(here.as_ref()).is_some_and(|(there, here)| narrow::lacks(entity, there, here));
                match (proven(&here), proven(&there)) {
                    (true, false) => ours.push(found.clone()),
                    (false, _) if entity.numbered() => theirs.push(found.clone()),
                    _ if lacks => lacking.push(found.clone()),
                    _ => theirs.push(found.clone()),
                }
            }
        }
        Ok([lacking, ours, theirs])
    }
}

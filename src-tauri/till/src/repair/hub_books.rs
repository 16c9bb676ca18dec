//! The hub's own books: it checks and mends them itself, part by part as it is asked, so that no request is long. What it
//! tells is written down as it is told, and a check that was stopped goes on where it was.

use officine_protocol::{
    entities::entity,
    limits::{PROTOCOL, SCHEMA},
    messages::{CHECKED, CheckPlace, CheckRequest, CheckResponse, Finding as HubFinding},
    params,
};
use serde::{Deserialize, Serialize};

use super::{Repair, journal::Finding, mend::problem};
use crate::{
    error::{Error, Result},
    settings,
    sync::{cursor, pull},
    views::Problem,
};

/// What the hub did about what it leaves for somebody who knows more.
const LEFT: &str = "left";
/// Where a check was stopped, as a local setting.
const STOPPED: &str = "repair.check";
/// How long the parts before it count as checked.
const FRESH_MS: i64 = 3_600_000;

/// A check that is not at its end.
#[derive(Serialize, Deserialize)]
struct Check {
    /// The hub's epoch.
    epoch: i64,
    /// When it began.
    began: i64,
    /// Where it goes on.
    place: CheckPlace,
    /// What the hub left so far.
    left: Vec<HubFinding>,
}

impl Repair<'_, '_> {
    /// Has the hub check and mend its own books. Gives what it leaves; a hub that does not know how finds nothing.
    pub fn hub_books(&mut self) -> Result<Vec<HubFinding>> {
        let mut check = self.begun()?;
        while let Some(answer) = self.ask_part(&check.place)? {
            let (left, mended): (Vec<_>, Vec<_>) = answer.findings.into_iter().partition(|told| told.done == LEFT);
            self.hub_findings(&mended, |_| None)?;
            check.left.extend(left);
            let Some(next) = answer.next else { break };
            check.place = next;
            let text = serde_json::to_string(&check)?;
            self.run.till.store.write(|tx| settings::set_local(tx, STOPPED, &text))?;
            self.tell("pull", check.place.entity.as_deref());
        }
        self.run.till.store.write(|tx| settings::forget_local(tx, STOPPED))?;
        Ok(check.left)
    }

    /// The check that was stopped a while ago in this history, or one that begins now.
    fn begun(&self) -> Result<Check> {
        let now = self.run.till.clock.now();
        self.run.till.store.read(|connection| {
            let epoch = cursor::load(connection)?.epoch;
            let stopped = settings::local(connection, STOPPED)?;
            let stopped = stopped.and_then(|text| serde_json::from_str::<Check>(&text).ok());
            let fresh = |check: &Check| check.epoch == epoch && (0..FRESH_MS).contains(&(now - check.began));
            let anew = || Check { epoch, began: now, place: CheckPlace::first(), left: Vec::new() };
            Ok(stopped.filter(fresh).unwrap_or_else(anew))
        })
    }

    /// Where the hub lacked rows that it has been given since, it can go on by itself: what it still leaves is left.
    pub fn hub_again(&mut self, left: Vec<HubFinding>) -> Result<()> {
        let step = |told: &HubFinding| CHECKED.iter().position(|kind| *kind == told.kind).unwrap_or(0);
        let Some(first) = left.iter().map(step).min() else { return Ok(()) };
        let (mut now, mut place) = (Vec::new(), Some(CheckPlace::of(CHECKED[first])));
        while let Some(at) = place.take() {
            let Some(answer) = self.ask_part(&at)? else { break };
            now.extend(answer.findings);
            place = answer.next;
        }
        let still = |told: &HubFinding| {
            now.iter().any(|now| now.done == LEFT && (now.uid, &now.kind) == (told.uid, &told.kind))
        };
        self.hub_findings(&left, |told| {
            let params = params! { what: told.kind.clone(), entity: told.entity.clone() };
            still(told).then(|| problem("repair_hub_left", params))
        })?;
        pull::pull(self.run)
    }

    /// As many parts of the hub's books, from that one on, as one request takes. Nothing where the hub does not know how.
    fn ask_part(&mut self, place: &CheckPlace) -> Result<Option<CheckResponse>> {
        self.run.go_on()?;
        let epoch = self.run.till.store.read(cursor::load)?.epoch;
        let (incarnation, sent_at) = (self.run.device.incarnation, self.run.till.clock.now());
        let place = Some(place.clone());
        let request = CheckRequest { protocol: PROTOCOL, schema: SCHEMA, incarnation, epoch, sent_at, place };
        let answer = self.run.timed(|transport, device| transport.check(device, &request));
        let (answer, traffic) = match answer {
            Err(Error::Hub { code, .. }) if code == "not_found" => return Ok(None),
            answer => answer?,
        };
        self.run.count(traffic);
        self.run.heard(answer.epoch, answer.revision, answer.server_time, request.sent_at)?;
        Ok(Some(answer))
    }

    /// Writes down what the hub found in its own books, and why it is left, where it is.
    fn hub_findings(&mut self, told: &[HubFinding], why: impl Fn(&HubFinding) -> Option<Problem>) -> Result<()> {
        if told.is_empty() {
            return Ok(());
        }
        let journal = &mut self.journal;
        self.run.till.store.write(|tx| {
            for told in told {
                let Some(entity) = entity(&told.entity) else { continue };
                let mut params = told.params.clone();
                params.insert("what".to_owned(), told.kind.clone().into());
                let found = Finding::new("hub", entity, told.uid).with(params);
                match why(told) {
                    Some(problem) => journal.left(tx, &found, &problem)?,
                    None if told.done == "merged" => journal.mended(tx, &found, "merged")?,
                    None if told.done == "proposed" => journal.mended(tx, &found, "proposed")?,
                    None => journal.mended(tx, &found, "mended")?,
                }
            }
            Ok(())
        })
    }
}

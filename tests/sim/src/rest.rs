//! Rest: the network is well again, and everybody syncs until nothing moves any more.

use std::sync::atomic::Ordering;

use officine_till::{Trigger, views::SyncReport};

use crate::{
    acts::Act,
    station::{Death, Station},
    step::{Step, What, mixed},
    syncing::told,
    weather::Weather,
    world::{Broken, World},
};

/// Hours that pass between two rounds at rest.
const ROUND_MS: i64 = 2 * 3_600_000;
/// Rounds after which a world at rest must be quiet.
const ROUNDS: usize = 12;
/// What stops a till that the hub does not know as the one it was.
const NOT_KNOWN: [&str; 3] = ["till_restored", "till_copied", "device_revoked"];

impl World {
    /// Lets everybody come to rest, reckon, and come to rest again.
    pub fn rest(&mut self, trace: &mut Vec<String>) -> Result<(), Broken> {
        self.enrol(self.late, 0, Death::Closed)?;
        self.heal(trace)?;
        self.quieten(0, trace)?;
        self.reckon(trace)?;
        self.quieten(ROUNDS, trace)
    }

    /// Nobody has synced since, and at every till somebody decides on the refused tickets, gives back and is
    /// paid for them, and resolves a conflict that others see too, and edits what others edit.
    fn reckon(&mut self, trace: &mut Vec<String>) -> Result<(), Broken> {
        for (number, act) in [Act::Settle, Act::Return, Act::Repay, Act::Settle, Act::Resolve, Act::Undo, Act::Quarrel]
            .into_iter()
            .enumerate()
        {
            for who in 0..self.stations.len() {
                let (what, seed) = (What::Act(act), mixed(mixed(self.seed, number as u64), who as u64));
                let step = Step { number, after: 0, who, what, seed, cut: 0, death: Death::Closed };
                self.time.fetch_add(1_000, Ordering::Relaxed);
                self.stations[who].link.turn(Weather::Dead, None, 0);
                let said = self.act(who, act, &step)?;
                trace.push(format!("at rest, {} {act:?}: {said}", self.stations[who].name));
                self.watch_till(who)?;
            }
        }
        Ok(())
    }

    fn quieten(&mut self, from: usize, trace: &mut Vec<String>) -> Result<(), Broken> {
        for round in from..from + ROUNDS {
            self.time.fetch_add(ROUND_MS, Ordering::Relaxed);
            let mut quiet = true;
            for who in 0..self.stations.len() {
                let (name, seed) = (self.stations[who].name.clone(), round as u64 * 16 + who as u64);
                self.stations[who].chance.begin(seed);
                let report = self.settle(who)?;
                self.keep_applied(who);
                quiet &= report.processed == 0 && report.pulled == 0;
                trace.push(format!("at rest, {name}:{}", told(&report)));
                self.watch_hub()?;
                self.watch_till(who)?;
            }
            if quiet && round > from {
                return Ok(());
            }
        }
        Err(Broken::new("I12", format!("after {ROUNDS} rounds at rest something still moves")))
    }

    fn settle(&mut self, who: usize) -> Result<SyncReport, Broken> {
        let station = &mut self.stations[who];
        station.link.heal();
        let done = station.attempt(0, Death::Closed, |till| till.sync_now(Trigger::Manual));
        let name = station.name.clone();
        let stopped = |why: String| Broken::new("I12", format!("{name}: at rest the sync stops: {why}"));
        match done.map_err(|why| Broken::new("engine", format!("{}: {why}", station.name)))? {
            Some(Ok(SyncReport { problem: Some(problem), .. })) if NOT_KNOWN.contains(&problem.code.as_str()) => {
                match self.begin_anew(who, 0, Death::Closed)? {
                    Some(_) => self.settle(who),
                    None => Err(stopped(problem.code)),
                }
            }
            Some(Ok(SyncReport { problem: Some(problem), .. })) => {
                Err(stopped(format!("{} {}", problem.code, serde_json::Value::Object(problem.params))))
            }
            Some(Ok(report)) => Ok(report),
            Some(Err(error)) => Err(stopped(error.to_string())),
            None => Err(stopped("the power".to_owned())),
        }
    }

    /// I8 by digests: each till compares itself with the hub.
    pub fn compare(&self) -> Result<(), Broken> {
        self.stations.iter().try_for_each(compared)
    }
}

fn compared(station: &Station) -> Result<(), Broken> {
    let fault = |said: String| Broken::new("I8", format!("{}: {said}", station.name));
    let told = station.till().compare().map_err(|error| fault(format!("no digests: {error}")))?;
    if !told.same_revision {
        return Err(fault(format!("it stands at revision {}, the hub at {}", told.revision, told.hub_revision)));
    }
    match told.entities.iter().find(|compared| !compared.equal) {
        Some(other) => Err(fault(format!(
            "digests of {} differ: {} rows here, {} there, {} pending",
            other.entity, other.here, other.hub, other.pending
        ))),
        None => Ok(()),
    }
}

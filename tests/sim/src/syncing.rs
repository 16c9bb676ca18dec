//! A till syncs, and what came of it is looked at.

use officine_till::{Error, Trigger, views::SyncReport};

use crate::{
    invariants::{passing::Synced, pharmacy_key},
    link::Meanwhile,
    step::{Step, What, mixed},
    weather::Weather,
    world::{Broken, World},
};

impl World {
    /// The till pushes and pulls, and is looked at beside the hub.
    pub(crate) fn sync(
        &mut self,
        who: usize,
        (weather, meanwhile): (Weather, Option<Meanwhile>),
        step: &Step,
    ) -> Result<String, Broken> {
        let weather = if self.stations[who].away { Weather::Dead } else { weather };
        let refresh = matches!(step.what, What::Refresh(..));
        self.stations[who].link.turn(weather, meanwhile, mixed(step.seed, 3));
        let done = self.stations[who].attempt(step.cut, step.death, |till| {
            if refresh { till.refresh_data() } else { till.sync_now(Trigger::Manual) }
        });
        for done in self.stations[who].link.done() {
            self.promised(who, &done);
        }
        self.keep_applied(who);
        self.watch_hub()?;
        let dead = weather == Weather::Dead;
        let station = &self.stations[who];
        // Whoever has not heard yet that the hub went back is ahead of it.
        let mut whole = false;
        let mut said = station.link.heard().join(", ");
        match done.map_err(|why| Broken::new("engine", format!("{}: {why}", station.name)))? {
            None => said += " power cut",
            Some(Ok(report)) => {
                said += &told(&report);
                whole = report.problem.is_none();
            }
            Some(Err(error @ (Error::Refused { .. } | Error::Hub { .. }))) => said += &format!(" no: {}", error.code()),
            Some(Err(error)) => return Err(Broken::new("engine", format!("{}: sync: {error}", station.name))),
        }
        match dead || self.past.hub_went_back && !whole {
            true => _ = self.stations[who].link.pages(),
            false => self.watch_sync(who)?,
        }
        if step.seed.is_multiple_of(2)
            && let Some(anew) = self.begin_anew(who, step.cut, step.death)?
        {
            said += &format!(" {anew}");
        }
        Ok(said)
    }

    /// Keeps what a till sent and the hub did not refuse.
    pub fn keep_applied(&mut self, who: usize) {
        let (pharmacy, applied) = (self.stations[who].pharmacy, self.stations[who].link.applied());
        self.applied.extend(applied.into_iter().map(|operation| (pharmacy, operation)));
    }

    /// Looks at a till that has just synced, beside the hub.
    fn watch_sync(&self, who: usize) -> Result<(), Broken> {
        let (station, here, hub) = (&self.stations[who], self.till_file(who), self.hub_file());
        let pharmacy = pharmacy_key(&hub, self.pharmacies[station.pharmacy]);
        let pages = station.link.pages();
        if station.scarred {
            return Ok(());
        }
        Synced { name: &station.name, here: &here, hub: &hub, pharmacy, pages: &pages }.check()
    }
}

/// A run in one line.
pub fn told(report: &SyncReport) -> String {
    let SyncReport { accepted, duplicate, rejected, deferred, blocked, pulled, .. } = report;
    let problem = report.problem.as_ref().map(|problem| format!(", {}", problem.code)).unwrap_or_default();
    format!(
        " accepted {accepted} again {duplicate} refused {rejected} deferred {deferred} blocked {blocked} pulled {pulled}{problem}"
    )
}

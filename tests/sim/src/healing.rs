//! A till's file is damaged, and mended: by itself at the moments it has, and by the button once the year is over.

use officine_till::demo::random::Random;
use rusqlite::Connection;

use crate::{
    damage::Damage,
    station::Death,
    step::{Step, mixed},
    world::{Broken, World},
};

impl World {
    /// Somebody, or something, has been at a till's file: what it holds now is what it is watched from.
    pub(crate) fn damage(&mut self, who: usize, damage: Damage, step: &Step) -> String {
        if !self.stations[who].enrolled() {
            return "not enrolled yet".to_owned();
        }
        let file = Connection::open(self.stations[who].file()).expect("the till's file");
        let done = damage.perform(&file, &mut Random::new(mixed(step.seed, 0)));
        drop(file);
        let Some(done) = done else { return "nothing to damage".to_owned() };
        self.stations[who].scarred = true;
        self.lived.damaged += 1;
        self.begin_watching(who);
        done
    }

    /// What the repairs of all tills have found, the last of it: for whoever looks into a break.
    pub(crate) fn findings(&self) -> Vec<String> {
        let sql = "SELECT printf('%s %s %s %s: %s %s', kind, entity, lower(hex(uid)), act, coalesce(problem, ''), params) \
                   FROM repair_line ORDER BY id DESC LIMIT 40";
        let of = |who: usize| {
            let file = self.till_file(who);
            let mut found = file.prepare(sql).expect("the journal");
            let found = found.query_map([], |row| row.get::<_, String>(0)).expect("the journal");
            let found: rusqlite::Result<Vec<_>> = found.collect();
            let name = self.stations[who].name.clone();
            found.expect("the journal").into_iter().rev().map(move |line| format!("{name} found {line}"))
        };
        (0..self.stations.len()).flat_map(of).collect()
    }

    /// « Réparer la synchronisation » at every till that was damaged, over a good wire: once.
    pub(crate) fn heal(&mut self, trace: &mut Vec<String>) -> Result<(), Broken> {
        for who in 0..self.stations.len() {
            if self.stations[who].scarred {
                let said = self.repair(who)?;
                trace.push(format!("at rest, {}: {said}", self.stations[who].name));
            }
        }
        Ok(())
    }

    fn repair(&mut self, who: usize) -> Result<String, Broken> {
        let station = &mut self.stations[who];
        station.link.heal();
        station.chance.begin(mixed(self.seed, who as u64));
        let stopped = |why: String| Broken::new("I12", format!("the repair stops: {why}"));
        let told = match station.attempt(0, Death::Closed, |till| till.repair_as("manual")) {
            Ok(Some(told)) => told.map_err(|error| stopped(error.to_string()))?,
            Ok(None) => return Err(stopped("the power".to_owned())),
            Err(why) => return Err(Broken::new("engine", format!("{}: repair: {why}", station.name))),
        };
        station.link.pages();
        if let Some(problem) = told.problem {
            return Err(stopped(format!("{} {}", problem.code, serde_json::Value::Object(problem.params))));
        }
        self.keep_applied(who);
        self.watch_hub()?;
        self.watch_till(who)?;
        self.stations[who].scarred = false;
        Ok(format!("repaired: found {}, mended {}, left {} {:?}", told.found, told.mended, told.left, told.kinds))
    }
}

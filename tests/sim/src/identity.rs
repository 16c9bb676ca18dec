//! Who a till is to the hub: it is enrolled, it is not the one it was, it is enrolled anew; and nobody is taken for another
//! who is not.

use officine_till::views::{IdentityState, ReenrolArgs};
use rusqlite::Connection;

use crate::{
    station::Death,
    template::enrolment,
    world::{Broken, World},
};

impl World {
    /// Enrols a till that is not, over a good wire.
    pub fn enrol(&mut self, who: usize, cut: u32, death: Death) -> Result<String, Broken> {
        if self.stations[who].enrolled() {
            return Ok("enrolled already".to_owned());
        }
        let code = self.hub().code(self.pharmacies[self.stations[who].pharmacy]);
        let station = &mut self.stations[who];
        station.link.heal();
        let told = enrolment(code, &station.name);
        let done = station.attempt(cut, death, |till| till.enrol(&told));
        match done.map_err(|why| Broken::new("engine", format!("{}: {why}", station.name)))? {
            None => Ok("power cut".to_owned()),
            Some(Ok(())) => Ok("enrolled".to_owned()),
            Some(Err(error)) => Err(Broken::new("engine", format!("{}: enrolment: {error}", station.name))),
        }
    }

    /// The window asks to enrol a till anew that the hub does not know as the one it was, and somebody does, over a good wire.
    pub(crate) fn begin_anew(&mut self, who: usize, cut: u32, death: Death) -> Result<Option<String>, Broken> {
        if !self.stations[who].strange || self.known(who) {
            return Ok(None);
        }
        let code = self.hub().code(self.pharmacies[self.stations[who].pharmacy]);
        let station = &mut self.stations[who];
        station.link.heal();
        let done = station.attempt(cut, death, |till| till.reenrol(&ReenrolArgs { code }));
        self.lived.anew += 1;
        match done.map_err(|why| Broken::new("engine", format!("{}: {why}", station.name)))? {
            None => Ok(Some("power cut, enrolled anew".to_owned())),
            Some(Ok(view)) => Ok(Some(format!("enrolled anew, series {}", view.series))),
            Some(Err(error)) => Err(Broken::new("engine", format!("{}: enrolled anew: {error}", station.name))),
        }
    }

    fn known(&self, who: usize) -> bool {
        let station = &self.stations[who];
        !station.enrolled() || station.till().identity().is_ok_and(|identity| identity.state == IdentityState::Known)
    }

    /// §12: no till is taken for a restored or copied one that is neither.
    pub(crate) fn no_false_alarm(&self, who: usize) -> Result<(), Broken> {
        let station = &self.stations[who];
        if !station.strange && !self.known(who) {
            let said = format!("{}: taken for another one: {:?}", station.name, station.till().identity());
            return Err(Broken::new("§12", said));
        }
        Ok(())
    }

    /// §12: the hub keeps nothing aside where nothing was put back and nothing copied.
    pub(crate) fn nothing_in_quarantine(&self, hub: &Connection) -> Result<(), Broken> {
        if self.stations.iter().any(|station| station.strange) {
            return Ok(());
        }
        let sql = "SELECT (SELECT count(*) FROM device WHERE quarantined_at IS NOT NULL) \
                   + (SELECT count(*) FROM quarantined_operation)";
        match hub.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("devices") {
            0 => Ok(()),
            aside => Err(Broken::new("§12", format!("the hub: {aside} devices or operations in quarantine"))),
        }
    }
}

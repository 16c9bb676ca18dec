//! The world of one seed: a hub, tills, true time, and what everybody has been promised so far.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fmt::Write as _,
    rc::Rc,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use officine_protocol::{Uid, limits::VERDICT_KEPT_MS, messages::Operation};
use officine_till::{Error, Trigger, demo::random::Random, views::SyncReport};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::{
    acts::{Act, Done},
    hub::Hub,
    hub_file::{HubFile, reader},
    invariants::{passing::Synced, pharmacy_key, watch::Watch},
    link::Meanwhile,
    station::{Death, Station, copy},
    step::{LATE, Step, What, mixed},
    template::{BEGINNING, NEW, TILLS, Template, enrolment, scratch, till_name},
    weather::Weather,
};

/// What was not true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Which invariant; `engine` for what no invariant names.
    pub invariant: &'static str,
    /// Till, row, expected, found.
    pub said: String,
}

impl Broken {
    /// An invariant that does not hold.
    pub fn new(invariant: &'static str, said: impl Into<String>) -> Self {
        Self { invariant, said: said.into() }
    }
}

/// A ticket somebody was given.
#[derive(Clone, Debug)]
pub struct Promise {
    /// Place of the till.
    pub station: usize,
    /// `sale` or `saleReturn`.
    pub entity: &'static str,
    /// Its name.
    pub uid: Uid,
    /// What it comes to.
    pub total: i64,
}

/// A world.
pub struct World {
    /// True time.
    pub time: Arc<AtomicI64>,
    hub: Arc<Mutex<Hub>>,
    /// The tills.
    pub stations: Vec<Station>,
    /// Uids of the pharmacies.
    pub pharmacies: Vec<Uid>,
    /// Tickets that were handed out.
    pub promises: Vec<Promise>,
    /// What tills sent and the hub did not refuse: place of the pharmacy, and the operation.
    pub applied: Vec<(usize, Operation)>,
    /// Resolutions that were taken back.
    pub undone: usize,
    /// What everything is drawn from.
    pub seed: u64,
    watch: Watch,
    hub_file: HubFile,
    /// Files of tills that are open to be read.
    files: RefCell<BTreeMap<usize, Rc<Connection>>>,
    _folder: TempDir,
}

/// How often the hub forgets the answers it need not keep.
const PRUNED_EVERY_MS: i64 = 3_600_000;

impl World {
    /// A copy of the template, with as many tills as the seed says; the one that comes late is the last.
    pub fn new(template: &Template, seed: u64) -> Self {
        let folder = scratch();
        let mut random = Random::new(mixed(seed, u64::MAX));
        let mut names: Vec<(String, usize)> =
            (0..2 + random.index(TILLS - 1)).map(|number| (till_name(0, number), 0)).collect();
        if random.once_in(3) {
            names.push((till_name(1, 0), 1));
        }
        names.push((NEW.to_owned(), 0));
        let time = Arc::new(AtomicI64::new(BEGINNING + 3_600_000));
        let (place, hub_file) = template.hub(folder.path());
        let hub = Arc::new(Mutex::new(Hub::start(place, &time)));
        let open = |(name, pharmacy): &(String, usize)| {
            if name != NEW {
                copy(&template.path(name), &folder.path().join(name));
            }
            Station::open(&folder.path().join(name), name, *pharmacy, &time, &hub)
        };
        let stations: Vec<Station> = names.iter().map(open).collect();
        let mut world = Self {
            time,
            hub,
            stations,
            pharmacies: template.pharmacies.clone(),
            promises: Vec::new(),
            applied: Vec::new(),
            undone: 0,
            seed,
            watch: Watch::default(),
            hub_file,
            files: RefCell::default(),
            _folder: folder,
        };
        world.watch = Watch::begin(&world);
        world
    }

    /// The hub.
    pub fn hub(&self) -> MutexGuard<'_, Hub> {
        self.hub.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the hub holds now, to be read.
    pub fn hub_file(&self) -> Rc<Connection> {
        self.hub_file.now()
    }

    /// A till's file, to be read.
    pub fn till_file(&self, station: usize) -> Rc<Connection> {
        let open = || Rc::new(reader(&self.stations[station].file()));
        Rc::clone(self.files.borrow_mut().entry(station).or_insert_with(open))
    }

    /// Lives through a step; says what happened.
    pub fn step(&mut self, step: &Step) -> Result<String, Broken> {
        self.pass(BEGINNING + 3_600_000 + step.after);
        let late = self.stations.len() - 1;
        let of_late = step.what == What::Arrives || step.who >= LATE && self.stations[late].enrolled();
        let who = if of_late { late } else { step.who % late };
        self.hub().draw_from(mixed(step.seed, 1));
        if step.cut > 0 || step.what == What::Restart {
            self.files.borrow_mut().remove(&who);
        }
        let station = &mut self.stations[who];
        station.chance.begin(mixed(step.seed, 2 + who as u64));
        station.link.turn(Weather::Dead, None, 0);
        let mut said = format!("{} {step}: ", station.name);
        match step.what {
            What::Act(act) => said += &self.act(who, act, step)?,
            What::Sync(weather, meanwhile) => said += &self.sync(who, (weather, meanwhile), step)?,
            What::Refresh(weather, meanwhile) => said += &self.sync(who, (weather, meanwhile), step)?,
            What::Arrives => said += &self.enrol(who, step.cut, step.death)?,
            What::Restart => station.restart(step.death),
            What::ClockWrong(error) => station.clock.set_error(error),
            What::ClockDrifts(millionths) => station.clock.set_drift(millionths),
            What::HubRestarts => self.hub().restart(),
            What::HubPrunes => {
                let now = self.time.load(Ordering::Relaxed);
                let _ = write!(said, "{} answers", self.hub().prune(now - VERDICT_KEPT_MS));
                self.watch_hub()?;
            }
        }
        self.watch_till(who)?;
        Ok(said)
    }

    /// Time passes; the hub's job has run since, where that took an hour.
    fn pass(&mut self, now: i64) {
        let before = self.time.swap(now, Ordering::Relaxed);
        if now - before >= PRUNED_EVERY_MS {
            self.hub().prune(now - VERDICT_KEPT_MS);
        }
    }

    /// Somebody does something there.
    pub fn act(&mut self, who: usize, act: Act, step: &Step) -> Result<String, Broken> {
        let mut random = Random::new(mixed(step.seed, 0));
        let station = &mut self.stations[who];
        let done = station.attempt(step.cut, step.death, |till| act.perform(till, &mut random));
        match done.map_err(|why| Broken::new("engine", format!("{}: {why}", station.name)))? {
            None => Ok("power cut".to_owned()),
            Some(Ok(done)) => {
                self.promised(who, &done);
                Ok(done.said)
            }
            Some(Err(error @ (Error::Refused { .. } | Error::Hub { .. }))) => Ok(format!("no: {}", error.code())),
            Some(Err(error)) => Err(Broken::new("engine", format!("{}: {act:?}: {error}", station.name))),
        }
    }

    fn promised(&mut self, station: usize, done: &Done) {
        self.undone += usize::from(done.undone);
        self.promises.extend(done.ticket.map(|(entity, uid, total)| Promise { station, entity, uid, total }));
    }

    fn sync(
        &mut self,
        who: usize,
        (weather, meanwhile): (Weather, Option<Meanwhile>),
        step: &Step,
    ) -> Result<String, Broken> {
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
        let mut said = station.link.heard().join(", ");
        match done.map_err(|why| Broken::new("engine", format!("{}: {why}", station.name)))? {
            None => said += " power cut",
            Some(Ok(report)) => said += &told(&report),
            Some(Err(error @ (Error::Refused { .. } | Error::Hub { .. }))) => said += &format!(" no: {}", error.code()),
            Some(Err(error)) => return Err(Broken::new("engine", format!("{}: sync: {error}", station.name))),
        }
        if !dead {
            self.watch_sync(who)?;
        }
        Ok(said)
    }

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

    /// Looks at a till.
    pub fn watch_till(&mut self, who: usize) -> Result<(), Broken> {
        let file = self.till_file(who);
        self.watch.till(&self.stations[who].name, who, &file)
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
        Synced { name: &station.name, here: &here, hub: &hub, pharmacy, pages: &pages }.check()
    }

    /// Looks at the hub.
    pub fn watch_hub(&mut self) -> Result<(), Broken> {
        let file = self.hub_file();
        self.watch.hub(&file)
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

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
use officine_till::{Error, demo::random::Random};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::{
    acts::{Act, Done},
    hub::Hub,
    hub_file::{HubFile, reader},
    invariants::watch::Watch,
    past::Past,
    run::Lived,
    station::{Station, copy},
    step::{LATE, Step, What, mixed},
    template::{BEGINNING, NEW, TILLS, Template, scratch, till_name},
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
    pub(crate) hub: Arc<Mutex<Hub>>,
    /// The tills.
    pub stations: Vec<Station>,
    /// Place of the till that comes late; those after it began as copies of another's disk.
    pub late: usize,
    /// Uids of the pharmacies.
    pub pharmacies: Vec<Uid>,
    /// Tickets that were handed out.
    pub promises: Vec<Promise>,
    /// What tills sent and the hub did not refuse: place of the pharmacy, and the operation.
    pub applied: Vec<(usize, Operation)>,
    /// What no table tells at rest of what was lived through.
    pub lived: Lived,
    /// What everything is drawn from.
    pub seed: u64,
    /// Copies that were made, and put back.
    pub(crate) past: Past,
    watch: Watch,
    pub(crate) hub_file: HubFile,
    /// Files of tills that are open to be read.
    files: RefCell<BTreeMap<usize, Rc<Connection>>>,
    pub(crate) folder: TempDir,
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
        let mut stations: Vec<Station> = names.iter().map(open).collect();
        stations.iter_mut().enumerate().for_each(|(place, station)| station.origin = place);
        let mut world = Self {
            time,
            hub,
            late: stations.len() - 1,
            stations,
            pharmacies: template.pharmacies.clone(),
            promises: Vec::new(),
            applied: Vec::new(),
            lived: Lived::default(),
            seed,
            past: Past::default(),
            watch: Watch::default(),
            hub_file,
            files: RefCell::default(),
            folder,
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

    /// A till's file is about to be another one.
    pub(crate) fn close_file(&self, station: usize) {
        self.files.borrow_mut().remove(&station);
    }

    /// Lives through a step; says what happened.
    pub fn step(&mut self, step: &Step) -> Result<String, Broken> {
        self.pass(BEGINNING + 3_600_000 + step.after);
        let of_late = step.what == What::Arrives || step.who >= LATE && self.stations[self.late].enrolled();
        let who = if of_late { self.late } else { step.who % self.late };
        let who = self.either(who, step.seed);
        self.hub().draw_from(mixed(step.seed, 1));
        if step.cut > 0 || step.what == What::Restart {
            self.close_file(who);
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
            What::HubBackedUp => said += &self.back_up_hub(),
            What::HubGoesBack(swapped) => said += &self.hub_goes_back(swapped),
            What::TillAway(away) => station.away = away,
            What::TillCopied => said += &self.copy_till(who),
            What::TillGoesBack => said += &self.till_goes_back(who),
            What::TillCloned => said += &self.clone_till(who),
            What::Damaged(damage) => said += &self.damage(who, damage, step),
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
            // Whoever has been at the file may have left it so that it refuses what it holds to its references.
            Some(Err(Error::Store(error))) if station.scarred => Ok(format!("damaged: {error}")),
            Some(Err(error)) => Err(Broken::new("engine", format!("{}: {act:?}: {error}", station.name))),
        }
    }

    /// Somebody was given a ticket, or took a resolution back.
    pub(crate) fn promised(&mut self, station: usize, done: &Done) {
        self.lived.undone += usize::from(done.undone);
        self.promises.extend(done.ticket.map(|(entity, uid, total)| Promise { station, entity, uid, total }));
    }

    /// Looks at a till.
    pub fn watch_till(&mut self, who: usize) -> Result<(), Broken> {
        let file = self.till_file(who);
        self.watch.till(who, &self.stations[who], &file)?;
        self.no_false_alarm(who)
    }

    /// From now on the hub is watched from what it holds.
    pub(crate) fn begin_watching_hub(&mut self) {
        let file = self.hub_file();
        self.watch.begin_hub(&file);
    }

    /// From now on a till is watched from what it holds.
    pub(crate) fn begin_watching(&mut self, who: usize) {
        let file = self.till_file(who);
        self.watch.begin_till(who, &file);
    }

    /// Looks at the hub.
    pub fn watch_hub(&mut self) -> Result<(), Broken> {
        let file = self.hub_file();
        self.watch.hub(&file)?;
        self.nothing_in_quarantine(&file)
    }
}

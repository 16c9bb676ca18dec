//! The world of one seed: a hub, tills, true time, and what everybody has been promised so far.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fmt::Write as _,
    path::PathBuf,
    rc::Rc,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use officine_hub::Place;
use officine_protocol::{Uid, limits::VERDICT_KEPT_MS};
use officine_till::{Error, Trigger, demo::random::Random, views::SyncReport};
use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

use crate::{
    acts::{Act, Done},
    hub::Hub,
    invariants::watch::Watch,
    link::{Meanwhile, Weather},
    station::{Death, Station, copy},
    step::{Step, What, mixed},
    template::{BEGINNING, TILLS, Template, scratch, till_name},
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
    folder: TempDir,
    time: Arc<AtomicI64>,
    hub: Arc<Mutex<Hub>>,
    /// The tills.
    pub stations: Vec<Station>,
    /// Uids of the pharmacies.
    pub pharmacies: Vec<Uid>,
    /// Tickets that were handed out.
    pub promises: Vec<Promise>,
    watch: Watch,
    /// Files that are open to be read: tills by their place, the hub last.
    files: RefCell<BTreeMap<usize, Rc<Connection>>>,
}

/// Hours that pass between two rounds at rest.
const ROUND_MS: i64 = 2 * 3_600_000;
/// Rounds after which a world at rest must be quiet.
const ROUNDS: usize = 12;

impl World {
    /// A copy of the template, with as many tills as the seed says.
    pub fn new(template: &Template, seed: u64) -> Self {
        let folder = scratch();
        let mut random = Random::new(mixed(seed, u64::MAX));
        let mut names: Vec<(String, usize)> =
            (0..2 + random.index(TILLS - 1)).map(|number| (till_name(0, number), 0)).collect();
        if random.once_in(3) {
            names.push((till_name(1, 0), 1));
        }
        copy(&template.path("hub"), &folder.path().join("hub"));
        let time = Arc::new(AtomicI64::new(BEGINNING + 3_600_000));
        let hub = Arc::new(Mutex::new(Hub::start(Place::Folder(folder.path().join("hub")), &time)));
        let open = |(name, pharmacy): &(String, usize)| {
            copy(&template.path(name), &folder.path().join(name));
            Station::open(&folder.path().join(name), name, *pharmacy, &time, &hub)
        };
        let stations: Vec<Station> = names.iter().map(open).collect();
        let pharmacies = template.pharmacies.clone();
        let mut world = Self {
            folder,
            time,
            hub,
            stations,
            pharmacies,
            promises: Vec::new(),
            watch: Watch::default(),
            files: RefCell::default(),
        };
        world.watch = Watch::begin(&world);
        world
    }

    /// The hub.
    pub fn hub(&self) -> MutexGuard<'_, Hub> {
        self.hub.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The hub's file, to be read.
    pub fn hub_file(&self) -> Rc<Connection> {
        self.file(usize::MAX, || self.folder.path().join("hub/hub.db"))
    }

    /// A till's file, to be read.
    pub fn till_file(&self, station: usize) -> Rc<Connection> {
        self.file(station, || self.stations[station].file())
    }

    fn file(&self, place: usize, path: impl FnOnce() -> PathBuf) -> Rc<Connection> {
        Rc::clone(self.files.borrow_mut().entry(place).or_insert_with(|| Rc::new(reader(path()))))
    }

    /// Lives through a step; says what happened.
    pub fn step(&mut self, step: &Step) -> Result<String, Broken> {
        self.time.store(BEGINNING + 3_600_000 + step.after, Ordering::Relaxed);
        let who = step.who % self.stations.len();
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
            What::Sync(weather, meanwhile) => {
                said += &self.sync(who, weather, meanwhile, step)?;
                self.watch_hub()?;
            }
            What::Restart => station.restart(step.death),
            What::ClockWrong(error) => station.clock.set_error(error),
            What::HubRestarts => self.hub().restart(),
            What::HubPrunes => {
                let now = self.time.load(Ordering::Relaxed);
                let _ = write!(said, "{} answers", self.hub().prune(now - VERDICT_KEPT_MS));
            }
        }
        self.watch_till(who)?;
        Ok(said)
    }

    fn act(&mut self, who: usize, act: Act, step: &Step) -> Result<String, Broken> {
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
        self.promises.extend(done.ticket.map(|(entity, uid, total)| Promise { station, entity, uid, total }));
    }

    fn sync(
        &mut self,
        who: usize,
        weather: Weather,
        meanwhile: Option<Meanwhile>,
        step: &Step,
    ) -> Result<String, Broken> {
        self.stations[who].link.turn(weather, meanwhile, mixed(step.seed, 3));
        let done = self.stations[who].attempt(step.cut, step.death, |till| till.sync_now(Trigger::Manual));
        for done in self.stations[who].link.done() {
            self.promised(who, &done);
        }
        let station = &self.stations[who];
        let mut said = station.link.heard().join(", ");
        match done.map_err(|why| Broken::new("engine", format!("{}: {why}", station.name)))? {
            None => said += " power cut",
            Some(Ok(report)) => said += &told(&report),
            Some(Err(error @ (Error::Refused { .. } | Error::Hub { .. }))) => said += &format!(" no: {}", error.code()),
            Some(Err(error)) => return Err(Broken::new("engine", format!("{}: sync: {error}", station.name))),
        }
        Ok(said)
    }

    /// The network is well again, and everybody syncs until nothing moves any more.
    pub fn rest(&mut self, trace: &mut Vec<String>) -> Result<(), Broken> {
        for round in 0..ROUNDS {
            self.time.fetch_add(ROUND_MS, Ordering::Relaxed);
            let mut quiet = true;
            for who in 0..self.stations.len() {
                let (name, seed) = (self.stations[who].name.clone(), round as u64 * 16 + who as u64);
                self.stations[who].chance.begin(seed);
                let report = self.settle(who)?;
                quiet &= report.processed == 0 && report.pulled == 0;
                trace.push(format!("at rest, {name}:{}", told(&report)));
                self.watch_hub()?;
                self.watch_till(who)?;
            }
            if quiet && round > 0 {
                return Ok(());
            }
        }
        Err(Broken::new("I12", format!("after {ROUNDS} rounds at rest something still moves")))
    }

    fn settle(&mut self, who: usize) -> Result<SyncReport, Broken> {
        let station = &mut self.stations[who];
        station.link.heal();
        let done = station.attempt(0, Death::Closed, |till| till.sync_now(Trigger::Manual));
        let stopped = |why: String| Broken::new("I12", format!("{}: at rest the sync stops: {why}", station.name));
        match done.map_err(|why| Broken::new("engine", format!("{}: {why}", station.name)))? {
            Some(Ok(SyncReport { problem: Some(problem), .. })) => {
                Err(stopped(format!("{} {}", problem.code, serde_json::Value::Object(problem.params))))
            }
            Some(Ok(report)) => Ok(report),
            Some(Err(error)) => Err(stopped(error.to_string())),
            None => Err(stopped("the power".to_owned())),
        }
    }

    fn watch_till(&mut self, who: usize) -> Result<(), Broken> {
        let file = self.till_file(who);
        self.watch.till(&self.stations[who].name, who, &file)
    }

    fn watch_hub(&mut self) -> Result<(), Broken> {
        let file = self.hub_file();
        self.watch.hub(&file)
    }
}

fn told(report: &SyncReport) -> String {
    let SyncReport { accepted, duplicate, rejected, deferred, blocked, pulled, .. } = report;
    let problem = report.problem.as_ref().map(|problem| format!(", {}", problem.code)).unwrap_or_default();
    format!(
        " accepted {accepted} again {duplicate} refused {rejected} deferred {deferred} blocked {blocked} pulled {pulled}{problem}"
    )
}

fn reader(path: PathBuf) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).expect("a file of the world");
    connection.set_prepared_statement_cache_capacity(256);
    connection
}

//! A first sync as a shop lives it: a new till reads everything over a link that breaks and from a hub that dies, called
//! again where a run stopped early, as its worker would. What it must come to is what [`Figures::assert_resumed`] and
//! [`assert_whole`] say.

use std::{
    path::Path,
    process::{Child, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use officine_protocol::{entities::walked_first, limits::WALK_ROWS};
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use crate::{
    Shop, books,
    programs::{Said, till, till_command},
    proxy::Proxy,
    till::{open, quantities},
};

/// Calls of the till, at most: breaks, a dead hub, and what a loaded machine adds.
const CALLS: usize = 60;
const LOOK: Duration = Duration::from_millis(5);

/// Where the link breaks and the hub dies, in bytes that have come down.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The link breaks.
    pub breaks: Vec<u64>,
    /// The hub is killed, and started again.
    pub restart: Option<u64>,
}

impl Plan {
    /// So many breaks spread over so many bytes, and a restart after the middle.
    pub fn spread(breaks: u64, bytes: u64) -> Self {
        Self { breaks: (1..=breaks).map(|n| bytes * n / (breaks + 1)).collect(), restart: Some(bytes * 55 / 100) }
    }
}

/// What a first sync came to.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Rows on the hub.
    pub rows: i64,
    /// Rows that arrived, those asked for again among them.
    pub received: i64,
    /// Runs, and those of them that stopped early.
    pub runs: [i64; 2],
    /// Breaks of the link.
    pub breaks: usize,
    /// Bytes up and down, headers and all.
    pub bytes: [u64; 2],
    /// Seconds until the till sells.
    pub selling: f64,
    /// Seconds until everything is there.
    pub whole: f64,
    /// Peak resident memory of the till, in KiB.
    pub peak: u64,
    /// How long each page held the writer, in milliseconds.
    pub held: Vec<f64>,
}

impl Figures {
    /// It went on where it was: beyond the rows there are came at most a page for whatever broke, and what the pages name
    /// where one entity ends and the next begins.
    pub fn assert_resumed(&self, restarts: usize) {
        let again = (self.breaks + restarts + walked_first().len()) * WALK_ROWS;
        let most = self.rows + again as i64;
        assert!((self.rows..=most).contains(&self.received), "{} rows for {}", self.received, self.rows);
    }
}

/// Enrols a new till and lets it read everything, whatever the plan does to it.
pub fn run(shop: &mut Shop, name: &str, plan: &Plan) -> Figures {
    run_while(shop, name, plan, |_| {})
}

/// The same; `meanwhile` is what others do after each break, the first is 1, while the till reads on.
pub fn run_while(shop: &mut Shop, name: &str, plan: &Plan, mut meanwhile: impl FnMut(usize)) -> Figures {
    let (data, proxy) = (shop.data(name), Proxy::before(shop.hub.address(), 1));
    let code = shop.hub.code(&shop.pharmacy);
    till(&data, ["enrol", "--hub", &proxy.url(), "--code", &code, "--name", name]).done();
    let before = proxy.bytes()[1];
    proxy.breaks_at(plan.breaks.iter().map(|at| before + at));
    let mut watch = Watch { data: &data, begun: Instant::now(), figures: Figures::default() };
    let (mut restart, mut told) = (plan.restart.map(|at| before + at), 0);
    let mut happens = |shop: &mut Shop| {
        if restart.is_some_and(|at| proxy.bytes()[1] >= at) {
            restart = None;
            shop.hub.restart();
        }
        while told < plan.breaks.len() - proxy.breaks_left() {
            told += 1;
            meanwhile(told);
        }
    };
    for call in 1.. {
        assert!(call <= CALLS, "the first sync does not end: {:?}", watch.figures);
        if watch.call(|| happens(shop)) {
            break;
        }
    }
    happens(shop);
    let (mut figures, begun) = (watch.figures, watch.begun);
    figures.whole = begun.elapsed().as_secs_f64();
    figures.selling = if figures.selling > 0.0 { figures.selling } else { figures.whole };
    figures.breaks = plan.breaks.len() - proxy.breaks_left();
    figures.bytes = proxy.bytes();
    read_journal(&data, &mut figures);
    assert_eq!((restart, proxy.breaks_left()), (None, 0), "all of the plan happened: {figures:?}");
    figures
}

/// The new till holds what the hub holds: rows and digests of every entity, and lots that are the sums of their movements.
/// Gives the rows of each entity.
pub fn assert_whole(shop: &Shop, name: &str, figures: &mut Figures) -> Vec<(String, i64)> {
    let data = shop.data(name);
    let told = till(&data, ["sync", "compare"]).done();
    let equal = (&told["sameRevision"], &told["equal"]);
    assert_eq!(equal, (&true.into(), &true.into()), "{}", books::different(&told));
    assert_eq!(
        quantities(&till(&data, ["stock"]).done()),
        shop.hub.stock(&shop.pharmacy),
        "lots hold what the hub says"
    );
    let till = open(&data);
    assert_eq!(till.ledger_differences().expect("a ledger"), 0, "movements add up");
    assert_eq!(till.check().expect("a check"), None);
    books::are_chained(&Connection::open(data.join("officine.db")).expect("its book"));
    let rows = |entity: &Value| (entity["entity"].as_str().unwrap_or_default().to_owned(), entity["here"].as_i64());
    let entities = told["entities"].as_array().expect("entities").iter().map(rows);
    let counts: Vec<_> = entities.map(|(name, count)| (name, count.unwrap_or(0))).collect();
    figures.rows = counts.iter().map(|(_, count)| count).sum();
    counts
}

struct Watch<'a> {
    data: &'a Path,
    begun: Instant,
    figures: Figures,
}

impl Watch<'_> {
    /// One run of the till. True where it ended well.
    fn call(&mut self, mut happens: impl FnMut()) -> bool {
        let mut command = till_command(self.data, ["sync"]);
        command.env("OFFICINE_LOG", "officine_till::sync=debug").env("NO_COLOR", "1").stdout(Stdio::piped());
        let log = self.data.join("first-sync.log");
        command.stderr(std::fs::File::create(&log).expect("a log"));
        let mut child = command.spawn().expect("officine-till");
        while child.try_wait().expect("the till").is_none() {
            self.look(&child);
            happens();
            sleep(LOOK);
        }
        let said = Said::of(&child.wait_with_output().expect("what it said"));
        self.figures.held.extend(held(&std::fs::read_to_string(log).unwrap_or_default()));
        let code = said.json["problem"]["code"].as_str().unwrap_or_default();
        assert!(said.code == Some(0) || code == "hub_unreachable", "{said:?}");
        said.code == Some(0)
    }

    fn look(&mut self, child: &Child) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().split(' ').next()?.parse().ok());
        self.figures.peak = self.figures.peak.max(peak.unwrap_or(0));
        if self.figures.selling == 0.0 && sells(self.data) {
            self.figures.selling = self.begun.elapsed().as_secs_f64();
        }
    }
}

/// Whether what selling needs is there.
fn sells(data: &Path) -> bool {
    let book = Connection::open_with_flags(data.join("officine.db"), OpenFlags::SQLITE_OPEN_READ_ONLY);
    let stage = book.and_then(|book| book.query_row("SELECT stage FROM walk", [], |row| row.get::<_, i64>(0)));
    stage.is_ok_and(|stage| stage > 0)
}

/// How long each page held the writer, by the till's own log.
fn held(log: &str) -> Vec<f64> {
    let pages = log.lines().filter(|line| line.contains("rows are written"));
    let took = pages.filter_map(|line| line.split("took_us=").nth(1)?.split(' ').next()?.parse::<f64>().ok());
    took.map(|micros| micros / 1e3).collect()
}

/// What the till's own journal of runs says.
fn read_journal(data: &Path, figures: &mut Figures) {
    let book = Connection::open(data.join("officine.db")).expect("its book");
    let sql = "SELECT count(*), count(report ->> '$.problem.code'), sum(report ->> '$.pulled') FROM sync_run";
    let told = book.query_row(sql, [], |row| Ok(([row.get(0)?, row.get(1)?], row.get(2)?)));
    (figures.runs, figures.received) = told.expect("a journal");
}

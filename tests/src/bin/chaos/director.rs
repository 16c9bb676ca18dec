//! Who is killed when, and what it came to.

use std::{
    fmt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use officine_tests::{
    Shop, books,
    books::Census,
    chance::Chance,
    power,
    programs::beside,
    proxy::{Carried, Faults, Proxy},
    shop::{OWNER, PIN},
};

const PRODUCTS: usize = 12;
const BOXES: i64 = 60;

/// A shop under attack.
pub struct Director {
    pub(crate) shop: Shop,
    pub(crate) chance: Chance,
    proxy: Proxy,
    pub(crate) tills: Vec<Counter>,
    pub(crate) kills: Kills,
    /// A disk is copied; else the hub is restored. Of the two databases of a seed each has one: where both happen, a ticket
    /// whose answer was lost may get another number from its till, enrolled anew, before a till that had read it gives it back
    /// to the hub under the old one. The hub then refuses the new one (`uid_known`), and the new series has a hole.
    copies: bool,
}

/// Power cuts of each kind, and what went back in time.
#[derive(Clone, Copy, Default)]
pub(crate) struct Kills {
    tills: usize,
    hubs: usize,
    servers: usize,
    pub backups: usize,
    pub restores: usize,
    pub clones: usize,
    pub anew: usize,
}

impl Kills {
    fn all(&self) -> usize {
        self.tills + self.hubs + self.servers + self.backups + self.restores + self.clones
    }
}

/// A till at work in a process of its own.
pub(crate) struct Counter {
    pub data: PathBuf,
    pub journal: PathBuf,
    pub child: Option<Child>,
}

/// What it came to.
pub struct Outcome {
    acknowledged: usize,
    census: Census,
    kills: Kills,
    carried: Carried,
}

impl Director {
    /// Enrols so many tills through a link that is still good.
    pub fn of(shop: Shop, tills: usize, seed: u64) -> Self {
        drop(shop.first_till(&shop.hub.url(), PRODUCTS, BOXES));
        let mut chance = Chance::new(seed);
        let proxy = Proxy::before(shop.hub.address(), chance.draw());
        let till = |number| {
            let name = format!("chaos-{number}");
            drop(shop.till_through(&name, &proxy.url()));
            Counter { data: shop.data(&name), journal: shop.data(&format!("{name}.journal")), child: None }
        };
        let tills = (1..=tills).map(till).collect();
        let copies = seed.is_multiple_of(2) == shop.cluster.is_none();
        Self { shop, chance, proxy, tills, kills: Kills::default(), copies }
    }

    /// Sells, cuts and kills for so long; then heals, drains, checks.
    pub fn run(mut self, time: Duration) -> Outcome {
        let end = Instant::now() + time;
        for number in 0..self.tills.len() {
            self.start(number);
        }
        while Instant::now() < end {
            self.worsen();
            sleep(Duration::from_millis(300 + self.chance.below(1_500)));
            let first_of_each = [0, 9, 6, 10, 8, 9].get(self.kills.all()).copied();
            match first_of_each.unwrap_or_else(|| self.chance.below(12)) {
                0..6 => self.kill_a_till(),
                6..8 => self.kill_the_hub(),
                8 => self.kill_the_server(),
                9 | 10 if self.copies => self.copy_a_disk(),
                9 | 10 => self.back_up_or_restore(),
                _ => self.proxy.heal(),
            }
        }
        self.tills.iter_mut().for_each(Counter::kill);
        let carried = self.proxy.carried();
        self.proxy.heal();
        self.enrol_anew();
        let acknowledged = self.acknowledged();
        let first = self.shop.data("caisse-1");
        let folders: Vec<&Path> = self.tills.iter().map(|till| till.data.as_path()).chain([first.as_path()]).collect();
        let census = books::at_rest(&self.shop, &folders, &acknowledged);
        assert!(!acknowledged.is_empty(), "nothing was sold");
        Outcome { acknowledged: acknowledged.len(), census, kills: self.kills, carried }
    }

    pub(crate) fn start(&mut self, number: usize) {
        let seed = self.chance.draw();
        if let Some(till) = self.tills.get_mut(number) {
            till.start(seed);
        }
    }

    /// Another kind of bad link.
    fn worsen(&mut self) {
        let mut up_to = |most| self.chance.below(most) as u32;
        self.proxy.suffer(Faults {
            refused: up_to(100),
            cut_requests: up_to(100),
            cut_answers: up_to(200),
            stalled: up_to(60),
            delayed: up_to(300),
            slowest: 50 + u64::from(up_to(1_200)),
        });
    }

    pub(crate) fn kill_a_till(&mut self) {
        let number = self.chance.below(self.tills.len() as u64) as usize;
        if let Some(till) = self.tills.get_mut(number) {
            till.kill();
            self.kills.tills += 1;
        }
        self.start(number);
    }

    pub(crate) fn kill_the_hub(&mut self) {
        self.kills.hubs += 1;
        self.shop.hub.kill();
        sleep(Duration::from_millis(self.chance.below(800)));
        self.shop.hub.restart();
    }

    fn kill_the_server(&mut self) {
        let Some(cluster) = &self.shop.cluster else { return self.kill_the_hub() };
        self.kills.servers += 1;
        power::cut(cluster);
        sleep(Duration::from_millis(self.chance.below(800)));
        power::restore(cluster);
    }
}

impl Counter {
    fn start(&mut self, seed: u64) {
        let log = std::fs::File::options().create(true).append(true).open(self.journal.with_extension("log"));
        let child = Command::new(beside("officine-counter"))
            .arg(&self.data)
            .arg(&self.journal)
            .args([&seed.to_string(), &PRODUCTS.to_string(), OWNER, PIN])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log.map_or_else(|_| Stdio::null(), Stdio::from))
            .spawn();
        self.child = Some(child.expect("officine-counter"));
    }

    /// It was at work until now: one that ended by itself is a fault.
    pub fn kill(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let ended = child.try_wait().expect("the till");
        let _ = child.kill();
        let _ = child.wait();
        let log = std::fs::read_to_string(self.journal.with_extension("log")).unwrap_or_default();
        assert!(ended.is_none() && !log.contains("panicked"), "a till ended by itself: {log}");
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { acknowledged, census, kills, carried } = self;
        write!(
            out,
            "{acknowledged} tickets acknowledged, all on the hub: {} confirmed, {} reversed, {} taking another back; \
             kill -9: {} tills, {} hubs, {} PostgreSQL; hub restored {} times; {} disks copied, {} enrolled anew; {} exchanges, {} answers lost, {} requests cut, {} connections \
             refused; {} operations wait for a person; books equal",
            census.confirmed,
            census.reversed,
            census.returns,
            kills.tills,
            kills.hubs,
            kills.servers,
            kills.restores,
            kills.clones,
            kills.anew,
            carried.exchanges,
            carried.lost_answers,
            carried.cut_requests,
            carried.refused,
            census.named,
        )
    }
}

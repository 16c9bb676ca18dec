//! How many tickets a second the hub weighs and stores, over HTTP, its clients in the same process. Run by hand, on a
//! quiet machine: `cargo nextest run --release -p officine-hub --run-ignored only --no-capture measure`.
//! `OFFICINE_YARDSTICK` may name the program that measures the raw database, `OFFICINE_YARDSTICK_DATA` its data set:
//! its figures are printed beside, from the same run.

use std::{
    process::Command,
    sync::Barrier,
    time::{Duration, Instant},
};

use officine_hub::{Place, harness::Harness, store::StockFilter};
use officine_protocol::Uid;
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use ureq::Agent;

use crate::{
    cluster::Cluster,
    shop::{Shop, line, push_body, take},
};

const PRODUCTS: usize = 2_000;
const BOXES: i64 = 1_000_000;
const SETTINGS: &str = "-c fsync=on -c shared_buffers=1GB -c max_wal_size=8GB -c checkpoint_timeout=30min";
const CONNECTIONS: usize = 8;

fn lasts() -> Duration {
    let seconds = std::env::var("OFFICINE_MEASURE_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(4))
}

fn post(agent: &Agent, hub: &Harness, path: &str, token: &str, body: &str) -> String {
    let request = agent.post(format!("{}{path}", hub.url())).header("content-type", "application/json");
    let mut response = request.header("authorization", format!("Bearer {token}")).send(body).unwrap();
    response.body_mut().read_to_string().unwrap()
}

/// A till that knows its shelf, and sells from it without looking.
struct Client {
    agent: Agent,
    token: String,
    shop: Shop,
    shelf: Vec<(Uid, Uid)>,
    random: u64,
}

impl Client {
    fn enrol(hub: &Harness, pharmacy: Uid, incarnation: u128) -> Self {
        let (agent, code) = (Agent::new_with_defaults(), hub.enrolment_code(pharmacy).unwrap());
        let enrol =
            json!({ "protocol": 1, "code": code, "name": "Caisse", "incarnation": Uid::from_u128(incarnation) });
        let till: Json = serde_json::from_str(&post(&agent, hub, "/v1/enrol", "", &enrol.to_string())).unwrap();
        let token = till["token"].as_str().unwrap().to_owned();
        let shop = Shop::new(incarnation, till["series"].as_i64().unwrap());
        Self { agent, token, shop, shelf: Vec::new(), random: incarnation as u64 | 1 }
    }

    fn push(&self, hub: &Harness, operations: &[officine_protocol::messages::Operation]) {
        let answer = post(&self.agent, hub, "/v1/push", &self.token, &push_body(operations, 0).to_string());
        assert_eq!(accepted(&answer), operations.len(), "{answer}");
    }

    fn stock(&mut self, hub: &Harness) {
        let owner = self.shop.owner();
        self.push(hub, &[owner]);
        for hundred in 0..PRODUCTS / 100 {
            let mut operations = Vec::new();
            let mut lots = Vec::new();
            for n in 0..100 {
                let (product, born) =
                    self.shop.product(&format!("Produit {hundred} {n}"), &format!("{hundred:06}{n:06}"));
                let (lot, lot_born) = self.shop.lot(product, "L1", Some(20_351_231));
                operations.extend([born, lot_born]);
                lots.push((lot, BOXES));
                self.shelf.push((product, lot));
            }
            operations.push(self.shop.opening(&lots));
            self.push(hub, &operations);
        }
    }

    fn below(&mut self, n: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random % n as u64) as usize
    }

    /// A push of so many tickets of three lines.
    fn body(&mut self, tickets: usize) -> String {
        let sales: Vec<_> = (0..tickets)
            .map(|_| {
                let lines: Vec<_> = (0..3)
                    .map(|_| {
                        let place = self.below(self.shelf.len());
                        let (product, lot) = self.shelf[place];
                        line(product, vec![take(lot, 1 + self.below(3) as i64, "assumed")])
                    })
                    .collect();
                self.shop.sale(&lines)
            })
            .collect();
        push_body(&sales, 0).to_string()
    }
}

fn accepted(answer: &str) -> usize {
    answer.matches("\"verdict\":\"accepted\"").count()
}

/// Tickets a second, and how long a push took.
fn rate(hub: &Harness, clients: &mut [Client], tickets: usize) -> (f64, Vec<Duration>) {
    let each = (if tickets == 1 { 8_000 } else { 32_000 / tickets } / clients.len()).max(1);
    let bodies: Vec<Vec<String>> =
        clients.iter_mut().map(|client| (0..each).map(|_| client.body(tickets)).collect()).collect();
    let barrier = Barrier::new(clients.len() + 1);
    std::thread::scope(|scope| {
        let sellers: Vec<_> = clients
            .iter()
            .zip(&bodies)
            .map(|(client, bodies)| scope.spawn(|| sell(hub, client, bodies, tickets, &barrier)))
            .collect();
        barrier.wait();
        let began = Instant::now();
        let done: Vec<_> = sellers.into_iter().map(|seller| seller.join().unwrap()).collect();
        let spent = began.elapsed().as_secs_f64();
        let trips: Vec<_> = done.into_iter().flatten().collect();
        ((trips.len() * tickets) as f64 / spent, trips)
    })
}

fn sell(hub: &Harness, client: &Client, bodies: &[String], tickets: usize, barrier: &Barrier) -> Vec<Duration> {
    barrier.wait();
    let (began, mut trips) = (Instant::now(), Vec::new());
    for body in bodies {
        if began.elapsed() > lasts() {
            break;
        }
        let sent = Instant::now();
        let answer = post(&client.agent, hub, "/v1/push", &client.token, body);
        assert_eq!(accepted(&answer), tickets, "{answer}");
        trips.push(sent.elapsed());
    }
    trips
}

fn measure(name: &str, pharmacies: usize, place: Place, settle: impl Fn()) {
    let hub = Harness::start(place).unwrap();
    let mut clients = Vec::new();
    for number in 0..pharmacies {
        let pharmacy = hub.create_pharmacy("Pharmacie").unwrap();
        let mut first = Client::enrol(&hub, pharmacy, 1_000 + number as u128);
        first.stock(&hub);
        let (shelf, user) = (first.shelf.clone(), first.shop.user);
        clients.push(first);
        for other in 1..CONNECTIONS / pharmacies.min(CONNECTIONS) {
            let mut client = Client::enrol(&hub, pharmacy, 1_000 * (1 + other as u128) + 100_000);
            (client.shelf, client.shop.user) = (shelf.clone(), user);
            clients.push(client);
        }
    }
    settle();
    for tickets in [1, 100] {
        let (rate, mut trips) = rate(&hub, &mut clients, tickets);
        trips.sort_unstable();
        let (median, slow) = (trips[trips.len() / 2], trips[trips.len() * 99 / 100]);
        println!(
            "{name}, {pharmacies} pharmacies, batches of {tickets}, {} clients: {rate:.0} sales/s of 3 lines, \
             p50 {median:?}, p99 {slow:?}, {} sales",
            clients.len(),
            trips.len() * tickets
        );
    }
    let left: i64 = hub.stock(StockFilter::default()).unwrap().iter().map(|lot| lot.quantity).sum();
    assert!(left < pharmacies as i64 * PRODUCTS as i64 * BOXES);
}

/// What the raw database does, where the yardstick is at hand.
fn yardstick(arguments: &[&str]) {
    if let Some(program) = std::env::var_os("OFFICINE_YARDSTICK") {
        let said = Command::new(program).args(arguments).output().unwrap();
        print!("yardstick: {}", String::from_utf8_lossy(&said.stdout));
    }
}

#[test]
#[ignore = "a measurement"]
fn measure_on_sqlite() {
    if let Ok(data) = std::env::var("OFFICINE_YARDSTICK_DATA") {
        yardstick(&["hubsqlite", &data, "3000"]);
    }
    for pharmacies in [1, 50] {
        let folder = TempDir::new_in(".").unwrap();
        measure("SQLite", pharmacies, Place::Folder(folder.path().to_owned()), || ());
    }
}

#[test]
#[ignore = "a measurement"]
fn measure_on_postgres() {
    for pharmacies in [1, 50] {
        let cluster = Cluster::start_with(SETTINGS);
        let raw = cluster.database("raw");
        let (tenants, products) = (pharmacies.to_string(), PRODUCTS.to_string());
        yardstick(&["pg", &raw.root, "setup", &tenants, &products]);
        for mode in ["one", "batch"] {
            yardstick(&["pg", &raw.root, &tenants, mode, "8", &lasts().as_secs().to_string(), &products]);
        }
        let database = cluster.database("measure");
        let place = Place::Url { app: database.app, owner: Some(database.owner) };
        measure("PostgreSQL, fsync on", pharmacies, place, || cluster.analyse("measure"));
    }
}

//! Held pulls: who waits is answered as soon as there is something, holds nobody up, and does not wait for ever.

use std::{num::NonZeroU32, path::Path, thread, time::Duration};

use officine_hub::{Place, Settings, harness::Harness};
use officine_protocol::Uid;
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tokio_postgres::NoTls;
use ureq::Agent;

use crate::{
    cluster::Cluster,
    shop::{NOON, Shop, push_body},
};

/// Longer than any of these stories takes: whoever is answered was woken.
const LONG: u32 = 25_000;

struct Till {
    url: String,
    token: String,
    uid: Uid,
    shop: Shop,
    agent: Agent,
}

type Answer = (u16, Json);

fn settings() -> Settings {
    let listen = "127.0.0.1:0".parse().unwrap();
    Settings { listen, device_rate: 0, stranger_rate: 0, ..Settings::default() }
}

fn few(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

fn on_sqlite(folder: &Path, settings: Settings) -> Harness {
    Harness::start_with(Place::Folder(folder.to_owned()), settings).unwrap()
}

impl Till {
    fn of(hub: &Harness, pharmacy: Uid, incarnation: u128) -> Self {
        let agent = Agent::config_builder().http_status_as_error(false).build().new_agent();
        let mut till =
            Self { url: hub.url(), token: String::new(), uid: Uid::nil(), shop: Shop::new(incarnation, 1), agent };
        let code = hub.enrolment_code(pharmacy).unwrap();
        let body = json!({ "protocol": 1, "code": code, "name": "Caisse", "incarnation": Uid::from_u128(incarnation) });
        let (status, known) = till.post("/v1/enrol", &body);
        assert_eq!(status, 200, "{known}");
        till.token = known["token"].as_str().unwrap().to_owned();
        till.uid = known["device"].as_str().unwrap().parse().unwrap();
        till
    }

    fn post(&self, path: &str, body: &Json) -> Answer {
        let request = self.agent.post(format!("{}{path}", self.url)).header("content-type", "application/json");
        let mut answer =
            request.header("authorization", format!("Bearer {}", self.token)).send(body.to_string()).unwrap();
        (answer.status().as_u16(), serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap())
    }

    fn pull(&self, cursor: &Json, wait: u32) -> Answer {
        let body = json!({
            "protocol": 1, "schema": 1, "incarnation": Uid::from_u128(9), "epoch": 0, "cursor": cursor,
            "entities": [], "maxRows": 100, "sentAt": NOON, "waitMs": wait,
        });
        self.post("/v1/pull", &body)
    }

    fn cursor(&self) -> Json {
        self.pull(&json!({ "rev": 0 }), 0).1["next"].clone()
    }

    /// Waits in a thread of its own for what is newer than everything.
    fn wait(&self) -> thread::JoinHandle<Answer> {
        let (url, token, agent) = (self.url.clone(), self.token.clone(), self.agent.clone());
        let (till, cursor) = (Self { url, token, agent, shop: Shop::new(99, 1), uid: self.uid }, self.cursor());
        thread::spawn(move || till.pull(&cursor, LONG))
    }

    fn push(&mut self, name: &str) {
        let supplier = self.shop.supplier(name).1;
        let (status, answer) = self.post("/v1/push", &push_body(&[supplier], 0));
        assert_eq!((status, &answer["verdicts"][0]["outcome"]["verdict"]), (200, &json!("accepted")), "{answer}");
    }
}

fn holds(hub: &Harness, count: usize) {
    while hub.held() != count {
        thread::sleep(Duration::from_millis(2));
    }
}

fn names(answer: &Answer) -> Vec<&str> {
    answer.1["rows"].as_array().unwrap().iter().map(|row| row["fields"]["name"].as_str().unwrap()).collect()
}

/// One place for requests, and on PostgreSQL one connection: whoever waits has neither.
fn who_waits_is_woken_and_holds_nobody_up(hub: &Harness, pharmacy: Uid) {
    let (mut seller, waiter) = (Till::of(hub, pharmacy, 5), Till::of(hub, pharmacy, 6));
    for name in ["Un", "Deux"] {
        let waiting = waiter.wait();
        holds(hub, 1);
        seller.push(name);
        let answer = waiting.join().unwrap();
        assert_eq!((answer.0, names(&answer)), (200, vec![name]));
        assert_eq!(answer.1["revision"], answer.1["next"]["rev"]);
        holds(hub, 0);
    }
}

#[test]
fn who_waits_is_woken() {
    let folder = TempDir::new().unwrap();
    let hub = on_sqlite(folder.path(), Settings { max_requests: few(1), ..settings() });
    let pharmacy = hub.create_pharmacy("Une").unwrap();
    who_waits_is_woken_and_holds_nobody_up(&hub, pharmacy);
}

#[test]
fn who_does_not_want_to_wait_or_is_behind_is_answered_at_once() {
    let folder = TempDir::new().unwrap();
    let hub = on_sqlite(folder.path(), settings());
    let mut till = Till::of(&hub, hub.create_pharmacy("Une").unwrap(), 5);
    till.push("Un");
    let now = till.cursor();
    assert_eq!(names(&till.pull(&json!({ "rev": 0 }), LONG)), ["Un"], "something is newer");
    let (status, page) = till.pull(&now, 0);
    assert_eq!((status, &page["next"], &page["hasMore"]), (200, &now, &json!(false)));
    let (status, page) = till.pull(&now, 1);
    assert_eq!((status, &page["next"]), (200, &now), "the time is over");
    let other = json!({ "rev": now["rev"], "commit": Uid::from_u128(1) });
    assert_eq!(till.pull(&other, LONG).1["otherHistory"], json!(true));
}

#[test]
fn the_newest_of_a_device_wins_and_another_pharmacy_wakes_nobody() {
    let folder = TempDir::new().unwrap();
    let hub = on_sqlite(folder.path(), settings());
    let pharmacy = hub.create_pharmacy("Une").unwrap();
    let (mut seller, waiter) = (Till::of(&hub, pharmacy, 5), Till::of(&hub, pharmacy, 6));
    let mut stranger = Till::of(&hub, hub.create_pharmacy("Autre").unwrap(), 7);
    let first = waiter.wait();
    holds(&hub, 1);
    stranger.push("Ailleurs");
    let second = waiter.wait();
    let ended = first.join().unwrap();
    assert_eq!((ended.0, names(&ended).len()), (200, 0), "the one before is answered");
    seller.push("Un");
    assert_eq!(names(&second.join().unwrap()), ["Un"]);
}

#[test]
fn beyond_the_most_that_wait_one_is_told_to_do_without() {
    let folder = TempDir::new().unwrap();
    let hub = on_sqlite(folder.path(), Settings { max_held: few(1), ..settings() });
    let pharmacy = hub.create_pharmacy("Une").unwrap();
    let (mut seller, waiter) = (Till::of(&hub, pharmacy, 5), Till::of(&hub, pharmacy, 6));
    let waiting = waiter.wait();
    holds(&hub, 1);
    let (status, problem) = seller.pull(&seller.cursor(), LONG);
    assert_eq!((status, &problem["code"]), (503, &json!("hub_busy")));
    assert!(problem["params"]["seconds"].as_u64().unwrap() > 0);
    seller.push("Un");
    assert_eq!(waiting.join().unwrap().0, 200);
}

#[test]
fn a_revocation_and_the_end_of_the_hub_end_the_wait() {
    let folder = TempDir::new().unwrap();
    let hub = on_sqlite(folder.path(), settings());
    let pharmacy = hub.create_pharmacy("Une").unwrap();
    let (revoked, other) = (Till::of(&hub, pharmacy, 5), Till::of(&hub, pharmacy, 6));
    let (first, second) = (revoked.wait(), other.wait());
    holds(&hub, 2);
    let beside = on_sqlite(folder.path(), settings());
    beside.revoke(revoked.uid).unwrap();
    let (status, problem) = first.join().unwrap();
    assert_eq!((status, &problem["code"]), (401, &json!("device_revoked")), "though another process revoked it");
    hub.stop().unwrap();
    assert_eq!(second.join().unwrap().0, 200);
}

#[test]
fn on_postgres_who_waits_at_one_hub_is_woken_by_another() {
    let cluster = Cluster::start();
    let database = cluster.database("live");
    let place = |app: String| Place::Url { app, owner: Some(database.owner.clone()) };
    let alone = format!("{}?pool_size=1", database.app);
    let here = Harness::start_with(place(alone), Settings { max_requests: few(1), ..settings() }).unwrap();
    let there = Harness::start_with(place(database.app.clone()), settings()).unwrap();
    let pharmacy = here.create_pharmacy("Une").unwrap();
    who_waits_is_woken_and_holds_nobody_up(&here, pharmacy);
    let (mut seller, waiter) = (Till::of(&there, pharmacy, 15), Till::of(&here, pharmacy, 16));
    for name in ["Trois", "Quatre"] {
        let waiting = waiter.wait();
        holds(&here, 1);
        seller.push(name);
        assert_eq!(names(&waiting.join().unwrap()), [name]);
        cut_those_who_listen(&database.root);
    }
    let waiting = waiter.wait();
    holds(&here, 1);
    there.revoke(waiter.uid).unwrap();
    assert_eq!(waiting.join().unwrap().1["code"], json!("device_revoked"));
}

/// Ends the connections by which hubs hear of each other; they make new ones.
fn cut_those_who_listen(root: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(root, NoTls).await.unwrap();
        tokio::spawn(connection);
        let sql = "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity \
                   WHERE pid <> pg_backend_pid() AND query ~ 'LISTEN|pg_notify|^$' AND datname = current_database()";
        client.query_one(sql, &[]).await.unwrap();
    });
}

//! How many tickets a second the hub weighs and stores, over HTTP, from one till. Run by hand, on a quiet machine:
//! `cargo nextest run --release -p officine-hub --run-ignored only --no-capture measure`.

use std::time::{Duration, Instant};

use officine_hub::{Place, harness::Harness};
use officine_protocol::Uid;
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use ureq::Agent;

use crate::{
    cluster::Cluster,
    shop::{Shop, line, push_body, take},
};

const LASTS: Duration = Duration::from_secs(4);

fn post(agent: &Agent, hub: &Harness, path: &str, token: &str, body: &str) -> Json {
    let request = agent.post(format!("{}{path}", hub.url())).header("content-type", "application/json");
    let mut response = request.header("authorization", format!("Bearer {token}")).send(body).unwrap();
    serde_json::from_str(&response.body_mut().read_to_string().unwrap()).unwrap()
}

fn measure(name: &str, place: Place) {
    let (hub, agent) = (Harness::start(place).unwrap(), Agent::new_with_defaults());
    let code = hub.enrolment_code(hub.create_pharmacy("Pharmacie").unwrap()).unwrap();
    let enrol = json!({ "protocol": 1, "code": code, "name": "Caisse", "incarnation": Uid::from_u128(5) });
    let till = post(&agent, &hub, "/v1/enrol", "", &enrol.to_string());
    let token = till["token"].as_str().unwrap();
    let mut shop = Shop::new(5, till["series"].as_i64().unwrap());
    let (product, lots, operations) = shop.stocked(&[1 << 40; 3]);
    post(&agent, &hub, "/v1/push", token, &push_body(&operations, 0).to_string());
    for batch in [1, 100] {
        let (mut sold, mut spent, mut trips) = (0, Duration::ZERO, Vec::new());
        while spent < LASTS {
            let lines: Vec<_> = lots.iter().map(|lot| line(product, vec![take(*lot, 1, "assumed")])).collect();
            let sales: Vec<_> = (0..batch).map(|_| shop.sale(&lines)).collect();
            let body = push_body(&sales, 0).to_string();
            let began = Instant::now();
            let answer = post(&agent, &hub, "/v1/push", token, &body);
            trips.push(began.elapsed());
            spent += began.elapsed();
            let verdicts = answer["verdicts"].as_array().unwrap();
            assert!(verdicts.iter().all(|verdict| verdict["outcome"]["verdict"] == json!("accepted")));
            sold += verdicts.len();
        }
        trips.sort_unstable();
        let (median, slow) = (trips[trips.len() / 2], trips[trips.len() * 99 / 100]);
        let rate = sold as f64 / spent.as_secs_f64();
        println!(
            "{name}, batches of {batch}: {rate:.0} sales/s of 3 lines, p50 {median:?}, p99 {slow:?}, {sold} sales"
        );
    }
}

#[test]
#[ignore = "a measurement"]
fn measure_on_sqlite() {
    let folder = TempDir::new_in(".").unwrap();
    measure("SQLite", Place::Folder(folder.path().to_owned()));
}

#[test]
#[ignore = "a measurement"]
fn measure_on_postgres() {
    let cluster = Cluster::durable();
    let database = cluster.database("measure");
    measure("PostgreSQL, fsync on", Place::Url { app: database.app, owner: Some(database.owner) });
}

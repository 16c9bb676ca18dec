//! The log: every line of a request carries its id, and none carries a secret.

use officine_protocol::Uid;
use serde_json::{Value as Json, json};

use crate::{
    serving::Process,
    shop::{Shop, push_body},
};

#[test]
fn every_line_of_a_request_carries_its_id_and_none_a_secret() {
    let hub = Process::start(&["--log", "trace", "--log-format", "json"]);
    hub.owner(&["create-pharmacy", "--name", "Pharmacie"]);
    let code = hub.owner(&["enrolment-code"]);
    let (_, till) = hub.enrol(&code);
    let (token, pin_secret) = (till["token"].as_str().unwrap(), till["pinSecret"].as_str().unwrap());
    let mut shop = Shop::new(5, 1);
    assert_eq!(hub.post("/v1/push", Some(token), &push_body(&[shop.supplier("Discret").1], 0)).0, 200);
    assert_eq!(hub.post("/v1/push", Some("0123456789abcdef-stolen"), &json!({})).0, 401);
    assert_eq!(hub.enrol("WRNG-CODE").0, 403);
    let log = hub.log();
    for secret in [token, pin_secret, &code, &code.replace('-', ""), "stolen", "WRNG", "Discret"] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
    let lines: Vec<Json> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let ours = lines.iter().filter(|line| line["target"].as_str().unwrap().starts_with("officine_hub"));
    let of_requests: Vec<&Json> = ours.filter(|line| line["fields"]["message"] == "answered").collect();
    assert_eq!(of_requests.len(), 4);
    assert!(of_requests.iter().all(|line| line["span"]["id"].is_string()), "{of_requests:?}");
}

/// Storage works on threads and tasks of its own: what it has to say belongs to the request all the same.
#[test]
fn what_storage_says_of_a_request_carries_its_id() {
    let hub = Process::start(&["--log-format", "json"]);
    let token = hub.token();
    let tables = rusqlite::Connection::open(hub.folder.path().join("hub.db")).unwrap();
    let objection = "CREATE TRIGGER objection BEFORE INSERT ON supplier BEGIN SELECT RAISE(ABORT, 'no'); END";
    tables.execute_batch(objection).unwrap();
    let mut shop = Shop::new(5, 1);
    assert_eq!(hub.post("/v1/push", Some(&token), &push_body(&[shop.supplier("Discret").1], 0)).0, 200);
    let log = hub.log();
    let lines: Vec<Json> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let objected: Vec<&Json> = lines.iter().filter(|line| line["level"] != "INFO").collect();
    assert!(!objected.is_empty() && objected.iter().all(|line| line["span"]["id"].is_string()), "{log}");
}

#[test]
fn the_address_of_a_database_is_never_told_when_it_does_not_answer() {
    let url = format!("postgres://hub:hush-{}@127.0.0.1:1/officine", Uid::from_u128(7));
    for words in [&["devices", "list"][..], &["serve", "--listen", "127.0.0.1:0"], &["migrate"], &["config"]] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_officine-hub"));
        command.env("OFFICINE_HUB_DATABASE_URL", &url).env("OFFICINE_HUB_OWNER_URL", &url);
        let output = command.args(["--log", "trace"]).args(words).output().unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(!said.is_empty() && !said.contains("hush"), "{said}");
    }
}

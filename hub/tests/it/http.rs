//! The wire, over real connections.

use std::io::Write;

use officine_hub::{Place, ServeError, Settings, harness::Harness, http::document, server::Door, store::StockFilter};
use officine_protocol::{Uid, limits::PUSH_BYTES, messages::HubProblem};
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use ureq::{Agent, http::Response};

use crate::shop::{NOON, Shop, line, push_body, take};

pub struct Hub {
    pub hub: Harness,
    agent: Agent,
    folder: TempDir,
}

struct Till {
    token: String,
    shop: Shop,
}

impl Hub {
    pub fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let hub = Harness::start(Place::Folder(folder.path().to_owned())).unwrap();
        let agent = Agent::config_builder().http_status_as_error(false).build().new_agent();
        Self { hub, agent, folder }
    }

    fn enrol_with(&self, code: &str, incarnation: u128) -> (u16, Json) {
        let incarnation = Uid::from_u128(incarnation);
        let body = json!({ "protocol": 1, "code": code, "name": "Caisse 1", "incarnation": incarnation });
        self.post("/v1/enrol", None, &body)
    }

    fn till(&self, pharmacy: Uid, incarnation: u128) -> Till {
        let code = self.hub.enrolment_code(pharmacy).unwrap();
        let (status, answer) = self.enrol_with(&code, incarnation);
        assert_eq!(status, 200, "{answer}");
        let series = answer["series"].as_i64().unwrap();
        Till { token: answer["token"].as_str().unwrap().to_owned(), shop: Shop::new(incarnation, series) }
    }

    pub fn post(&self, path: &str, token: Option<&str>, body: &Json) -> (u16, Json) {
        self.send(path, token, "application/json", None, body.to_string().as_bytes())
    }

    fn send(&self, path: &str, token: Option<&str>, kind: &str, encoding: Option<&str>, body: &[u8]) -> (u16, Json) {
        let mut request = self.agent.post(format!("{}{path}", self.hub.url())).header("content-type", kind);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(encoding) = encoding {
            request = request.header("content-encoding", encoding);
        }
        read(request.send(body).unwrap())
    }

    pub fn get(&self, path: &str, token: Option<&str>) -> (u16, Json) {
        let mut request = self.agent.get(format!("{}{path}", self.hub.url()));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        read(request.call().unwrap())
    }
}

/// Every error is a problem with a code.
fn read(mut response: Response<ureq::Body>) -> (u16, Json) {
    let status = response.status().as_u16();
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    let body: Json = serde_json::from_str(&response.body_mut().read_to_string().unwrap()).unwrap();
    if status >= 400 {
        assert_eq!(kind, "application/problem+json");
        assert_eq!(response.headers()["connection"], "close", "what was not read is not taken for the next request");
        let problem: HubProblem = serde_json::from_value(body.clone()).unwrap();
        assert!(problem.status == status && !problem.code.is_empty());
        let id = response.headers()["x-request-id"].to_str().unwrap();
        assert_eq!(problem.instance.unwrap(), format!("urn:officine:request:{id}"));
    }
    (status, body)
}

fn pull_body(rev: i64) -> Json {
    json!({
        "protocol": 1, "schema": 1, "incarnation": Uid::from_u128(9), "epoch": 0, "cursor": { "rev": rev },
        "maxRows": 100, "sentAt": NOON,
    })
}

#[test]
fn a_till_enrols_pushes_and_a_second_one_reads() {
    let hub = Hub::start();
    let pharmacy = hub.hub.create_pharmacy("Pharmacie").unwrap();
    let (mut first, second) = (hub.till(pharmacy, 5), hub.till(pharmacy, 6));
    let (product, lots, mut operations) = first.shop.stocked(&[5]);
    operations.push(first.shop.sale(&[line(product, vec![take(lots[0], 2, "assumed")])]));
    let (status, answer) = hub.post("/v1/push", Some(&first.token), &push_body(&operations, 0));
    assert_eq!(status, 200, "{answer}");
    let verdicts = answer["verdicts"].as_array().unwrap();
    assert!(verdicts.iter().all(|verdict| verdict["outcome"]["verdict"] == json!("accepted")), "{answer}");
    let (status, page) = hub.post("/v1/pull", Some(&second.token), &pull_body(0));
    assert_eq!((status, page["rows"].as_array().unwrap().len()), (200, 5));
    assert_eq!(page["next"]["rev"], answer["revision"]);
    let (_, status) = hub.get("/v1/status", Some(&second.token));
    assert_eq!((&status["rows"]["sale"], &status["revision"]), (&json!(1), &answer["revision"]));
    assert_eq!(hub.hub.stock(StockFilter::default()).unwrap()[0].quantity, 3);
    let (_, digest) = hub.get("/v1/digest", Some(&second.token));
    assert_eq!((&digest["entities"]["sale"][0]["count"], &digest["revision"]), (&json!(1), &answer["revision"]));
    assert_eq!(digest["entities"]["sale"][0]["sum"].as_str().unwrap().len(), 32);
    for nonsense in ["buckets=0", "buckets=4097", "portion=0", "schema=0", "schema=99", "buckets=x", "colour=red"] {
        let (status, problem) = hub.get(&format!("/v1/digest?{nonsense}"), Some(&second.token));
        assert_eq!((status, &problem["code"]), (400, &json!("request_malformed")), "{nonsense}");
    }
}

#[test]
fn only_known_devices_are_answered_and_a_revocation_counts_at_once() {
    let hub = Hub::start();
    let pharmacy = hub.hub.create_pharmacy("Pharmacie").unwrap();
    let till = hub.till(pharmacy, 5);
    for token in [None, Some(""), Some("nonsense")] {
        let (status, problem) = hub.post("/v1/push", token, &push_body(&[], 0));
        assert_eq!((status, &problem["code"]), (401, &json!("device_unknown")));
    }
    hub.hub.revoke(hub.hub.devices().unwrap()[0].uid).unwrap();
    let (status, problem) = hub.get("/v1/status", Some(&till.token));
    assert_eq!((status, &problem["code"]), (401, &json!("device_revoked")));
}

#[test]
fn a_code_serves_once_and_guessing_is_slowed_down() {
    let hub = Hub::start();
    let pharmacy = hub.hub.create_pharmacy("Pharmacie").unwrap();
    let code = hub.hub.enrolment_code(pharmacy).unwrap();
    assert_eq!(hub.enrol_with(&code, 5).0, 200);
    let (status, problem) = hub.enrol_with(&code, 6);
    assert_eq!((status, &problem["code"]), (409, &json!("enrolment_code_used")));
    for _ in 0..10 {
        assert_eq!(hub.enrol_with("AAAA-AAAA", 6).1["code"], json!("enrolment_code_wrong"));
    }
    let (status, problem) = hub.enrol_with("AAAA-AAAA", 6);
    assert_eq!((status, &problem["code"]), (429, &json!("too_many_attempts")));
}

#[test]
fn what_cannot_be_read_is_a_problem_with_a_code() {
    let hub = Hub::start();
    let pharmacy = hub.hub.create_pharmacy("Pharmacie").unwrap();
    let till = hub.till(pharmacy, 5);
    let token = Some(till.token.as_str());
    let kind = "application/json";
    let big = vec![b' '; PUSH_BYTES + 1];
    let nested = "[".repeat(100_000);
    let bomb = gzip(&vec![b' '; 64 << 20]);
    let answers = [
        (hub.send("/v1/push", token, kind, None, b"{"), 400, "request_malformed"),
        (hub.send("/v1/push", token, kind, None, nested.as_bytes()), 400, "request_malformed"),
        (hub.send("/v1/push", token, kind, None, b"\xff\xfe"), 400, "request_malformed"),
        (hub.send("/v1/push", token, "text/html", None, b"{}"), 415, "content_type"),
        (hub.send("/v1/push", token, kind, None, &big), 413, "body_too_large"),
        (hub.send("/v1/push", token, kind, Some("gzip"), &bomb), 413, "body_too_large"),
        (hub.send("/v1/push", token, kind, Some("gzip"), b"not gzip"), 400, "body_unreadable"),
        (hub.get("/v1/push", token), 405, "method_not_allowed"),
        (hub.get("/nowhere", token), 404, "not_found"),
        (hub.get("/v1/push/%ff", token), 404, "not_found"),
        (hub.send("/v1/enrol", None, kind, None, &big[..20_000]), 413, "body_too_large"),
        (hub.send("/v1/push", token, kind, Some("compress"), b"{}"), 415, "content_type"),
    ];
    for ((status, problem), expected, code) in answers {
        assert_eq!((status, &problem["code"]), (expected, &json!(code)));
    }
    let mut keyless = push_body(&[], 0);
    keyless["operations"] = json!([{ "operation": { "seq": 1 } }]);
    assert_eq!(hub.post("/v1/push", token, &keyless).1["code"], json!("operation_unreadable"));
    let mut odd = pull_body(0);
    odd["entities"] = json!(["starship"]);
    assert_eq!(hub.post("/v1/pull", token, &odd).1["code"], json!("entity_unknown"));
    for entity in ["starship", "sale"] {
        let position = json!({ "noted": { "rev": 0 }, "entity": entity, "key": 7 });
        let walk = json!({ "protocol": 1, "schema": 2, "incarnation": Uid::nil(), "epoch": 0, "position": position,
            "maxRows": 10, "sentAt": 0 });
        assert_eq!(hub.post("/v1/walk", token, &walk).1["code"], json!("walk_position_unknown"), "{entity}");
    }
}

#[test]
fn a_wire_that_is_not_spoken_is_named() {
    let hub = Hub::start();
    let pharmacy = hub.hub.create_pharmacy("Pharmacie").unwrap();
    let till = hub.till(pharmacy, 5);
    for (field, version, code) in
        [("protocol", 0, "till_too_old"), ("protocol", 2, "hub_too_old"), ("schema", 9, "hub_too_old")]
    {
        let mut body = pull_body(0);
        body[field] = json!(version);
        body["somethingNew"] = json!(true);
        let (status, problem) = hub.post("/v1/pull", Some(&till.token), &body);
        assert_eq!((status, &problem["code"]), (426, &json!(code)));
        assert_eq!(problem["params"]["newest"], json!(1));
    }
}

#[test]
fn requests_and_answers_may_be_compressed() {
    let hub = Hub::start();
    let pharmacy = hub.hub.create_pharmacy("Pharmacie").unwrap();
    let mut till = hub.till(pharmacy, 5);
    let suppliers: Vec<_> = (0..50).map(|n| till.shop.supplier(&format!("s {n}")).1).collect();
    let body = gzip(push_body(&suppliers, 0).to_string().as_bytes());
    let (status, answer) = hub.send("/v1/push", Some(&till.token), "application/json", Some("gzip"), &body);
    assert_eq!((status, answer["verdicts"].as_array().unwrap().len()), (200, 50));
    let request = hub.agent.post(format!("{}/v1/pull", hub.hub.url())).header("content-type", "application/json");
    let request = request.header("authorization", format!("Bearer {}", till.token)).header("accept-encoding", "gzip");
    let mut response = request.send(pull_body(0).to_string()).unwrap();
    assert_eq!(response.headers()["content-encoding"], "gzip");
    let packed = response.body_mut().read_to_vec().unwrap();
    let page: serde_json::Value = serde_json::from_reader(flate2::read::GzDecoder::new(&packed[..])).unwrap();
    assert_eq!(page["rows"].as_array().unwrap().len(), 50);
}

#[test]
fn a_hub_that_comes_back_remembers() {
    let folder = TempDir::new().unwrap();
    let place = || Place::Folder(folder.path().to_owned());
    let hub = Harness::start(place()).unwrap();
    let address = hub.address();
    let pharmacy = hub.create_pharmacy("Pharmacie").unwrap();
    hub.stop().unwrap();
    let hub = Harness::start_at(place(), address).unwrap();
    assert_eq!(hub.address(), address);
    assert!(hub.enrolment_code(pharmacy).is_ok());
}

#[test]
fn the_document_covers_every_path() {
    let hub = Hub::start();
    let (status, served) = hub.get("/openapi.json", None);
    assert_eq!(status, 200);
    assert_eq!(served, serde_json::to_value(document()).unwrap());
    let paths: Vec<&str> = served["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    let all = [
        "/healthz",
        "/readyz",
        "/v1/check",
        "/v1/digest",
        "/v1/digest/rows",
        "/v1/enrol",
        "/v1/history",
        "/v1/log",
        "/v1/offer",
        "/v1/pull",
        "/v1/push",
        "/v1/rows",
        "/v1/status",
        "/v1/walk",
    ];
    assert_eq!(paths, all);
    for name in ["Operation", "SentOperation", "Verdict", "Outcome", "WireRow", "HubProblem"] {
        assert!(served["components"]["schemas"].get(name).is_some(), "{name}");
    }
    for (path, methods) in served["paths"].as_object().unwrap() {
        for operation in methods.as_object().unwrap().values() {
            let answers = operation["responses"].as_object().unwrap();
            let problems = answers.iter().filter(|(status, _)| status.as_str() >= "400");
            assert!(problems.clone().count() >= 3, "{path}");
            for (status, answer) in problems {
                assert!(answer["content"].get("application/problem+json").is_some(), "{path} {status}");
            }
        }
    }
}

#[test]
fn a_hub_that_is_well_says_so() {
    let hub = Hub::start();
    assert_eq!(hub.get("/healthz", None), (200, json!({ "status": "ok" })));
    assert_eq!(hub.get("/readyz", None), (200, json!({ "status": "ok" })));
}

/// A hub of a later version has brought the tables further: this one must get no traffic any more.
#[test]
fn a_hub_whose_tables_went_ahead_is_alive_but_not_ready() {
    let hub = Hub::start();
    let tables = rusqlite::Connection::open(hub.folder.path().join("hub.db")).unwrap();
    let sql = "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) VALUES (99, 'x', '', '')";
    tables.execute(sql, []).unwrap();
    assert_eq!(hub.get("/healthz", None).0, 200);
    let (status, problem) = hub.get("/readyz", None);
    assert_eq!((status, &problem["code"]), (503, &json!("hub_unwritable")));
}

#[tokio::test]
async fn plain_http_beyond_this_machine_must_be_asked_for() {
    let everywhere = Settings { listen: "0.0.0.0:0".parse().unwrap(), ..Settings::default() };
    let refused = Door::open(&everywhere).await.err().unwrap();
    assert!(matches!(refused, ServeError::Insecure(_)) && refused.to_string().contains("tls_cert"));
    assert!(Door::open(&Settings { insecure_plain_http: true, ..everywhere }).await.is_ok());
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

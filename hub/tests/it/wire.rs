//! Recorded conversations: what tills of wire v1 ask and what they are answered, in `tests/fixtures/wire/v1`. Today's
//! hub still understands what was asked and answers alike; a till's story applies what was answered.
//! `OFFICINE_WRITE=1 cargo nextest run -p officine-hub wire::` records them anew: only while v1 is not released.

mod stage;

use std::{
    fs,
    path::{Path, PathBuf},
};

use officine_protocol::{
    Uid,
    entities::{PRODUCT, PRODUCT_BATCH, in_order},
    limits::{PROTOCOL, SCHEMA},
    messages::{Action, Operation},
    value::Value,
};
use serde_json::{Value as Json, json};

use self::stage::{NEXT, Stage};
use crate::{
    shop::{NOON, Shop, line, take},
    specimen::{Names, specimen},
};

const OWN: Names = Names::new(77, "conversation");

fn post(path: &str, bearer: &str, body: Json) -> Json {
    json!({ "path": path, "bearer": bearer, "body": body })
}

fn enrol(code: &str, name: &str, incarnation: u128) -> Json {
    let incarnation = Uid::from_u128(incarnation);
    post("/v1/enrol", "", json!({ "protocol": PROTOCOL, "code": code, "name": name, "incarnation": incarnation }))
}

fn push(operations: &[&Operation]) -> Json {
    push_as("first", 5, operations)
}

fn push_as(bearer: &str, incarnation: u128, operations: &[&Operation]) -> Json {
    let operations: Vec<Json> =
        operations.iter().map(|operation| json!({ "operation": operation, "attempts": 1 })).collect();
    let body = json!({
        "protocol": PROTOCOL, "schema": SCHEMA, "incarnation": Uid::from_u128(incarnation), "epoch": 1,
        "cursor": { "rev": 0 }, "sentAt": NOON, "acknowledged": 0, "operations": operations,
    });
    post("/v1/push", bearer, body)
}

fn pull(change: impl FnOnce(&mut Json)) -> Json {
    let mut body = json!({
        "protocol": PROTOCOL, "schema": SCHEMA, "incarnation": Uid::from_u128(6), "epoch": 1,
        "cursor": { "rev": 0 }, "entities": [], "maxRows": 1000, "sentAt": NOON,
    });
    change(&mut body);
    post("/v1/pull", "second", body)
}

fn walk(position: &Json) -> Json {
    let mut body = json!({
        "protocol": PROTOCOL, "schema": SCHEMA, "incarnation": Uid::from_u128(6), "epoch": 1,
        "maxRows": 1000, "sentAt": NOON,
    });
    if !position.is_null() {
        body["position"] = position.clone();
    }
    post("/v1/walk", "second", body)
}

type Said = Vec<(String, Json)>;

/// Who comes and what they ask, in order.
fn script(codes: &[String]) -> Said {
    let mut shop = Shop::new(5, 1);
    let mut said: Said = vec![
        ("enrol-first".into(), enrol(&codes[0], "first", 5)),
        ("enrol-second".into(), enrol(&codes[1], "second", 6)),
        ("enrol-code-used".into(), enrol(&codes[0], "third", 7)),
        ("enrol-code-wrong".into(), enrol("AAAA-AAAA", "third", 7)),
    ];
    let (product, lots, born) = shop.stocked(&[9]);
    said.push(("push-stocked".into(), push(&born.iter().collect::<Vec<_>>())));
    let sold = [1, 20].map(|boxes| shop.sale(&[line(product, vec![take(lots[0], boxes, "scanned")])]));
    said.push(("push-sales-accepted-and-refused".into(), push(&[&sold[0], &sold[1]])));
    said.push(("push-sales-again".into(), push(&[&sold[0], &sold[1]])));
    let edit = shop.edit(&PRODUCT, product, json!({ "name": "Paracétamol 500" }));
    let early = shop.edit(&PRODUCT, Uid::from_u128(404), json!({ "name": "x" }));
    said.push(("push-edit-and-deferred".into(), push(&[&edit, &early])));
    let mut other = Shop::new(6, 2);
    (other.user, other.now) = (shop.user, shop.now + 1);
    let mut late = shop.edit(&PRODUCT, product, json!({ "name": "Paracétamol 1 g" }));
    late.base_rev = Some(1);
    let theirs = other.edit(&PRODUCT, product, json!({ "name": "Doliprane" }));
    said.push(("push-edit-elsewhere".into(), push_as("second", 6, &[&theirs])));
    said.push(("push-edit-in-conflict".into(), push(&[&late])));
    let dated = other.edit(&PRODUCT_BATCH, lots[0], json!({ "expiry": "2028-01-31" }));
    let mut dated_too = shop.edit(&PRODUCT_BATCH, lots[0], json!({ "expiry": "2027-12-31" }));
    (dated_too.base_rev, dated_too.user) = (Some(1), Some(shop.user));
    dated_too.replaced.insert("expiry".into(), json!("2027-01-01"));
    said.push(("push-expiry-elsewhere".into(), push_as("second", 6, &[&dated])));
    said.push(("push-expiry-left-to-a-person".into(), push(&[&dated_too])));
    for entity in in_order().iter().filter(|entity| !entity.hub_born) {
        let person = shop.user;
        let refers = |target: &'static str| if target == "user" { person } else { OWN.uid(target) };
        let record = specimen(entity, OWN.uid(entity.name), OWN.mark, &|target| Value::Uid(refers(target)));
        said.push((format!("push-{}", entity.name), push(&[&shop.birth(entity, &record)])));
    }
    let supplier = OWN.uid("supplier");
    let archived = shop.operation(in_order().iter().find(|e| e.name == "supplier").unwrap(), Action::Delete, supplier);
    said.push(("push-archived".into(), push(&[&archived])));
    said.extend(reads());
    said.extend(problems());
    said
}

fn reads() -> Said {
    let named = |name: &str, request| (name.to_owned(), request);
    vec![
        named("pull-whole", pull(|_| {})),
        named("pull-page", pull(|body| body["maxRows"] = 3.into())),
        named("pull-some-entities", pull(|body| body["entities"] = json!(["productBatch"]))),
        named("pull-other-history", pull(|body| body["cursor"] = json!({ "rev": 1, "commit": Uid::from_u128(1) }))),
        named("pull-held-with-news", pull(|body| body["waitMs"] = 25_000.into())),
        named("walk-selling", walk(&Json::Null)),
        named("walk-history", walk(&NEXT.into())),
        named("pull-whole-again", pull(|_| {})),
        named(
            "pull-held-until-its-time-is-over",
            pull(|body| (body["cursor"], body["waitMs"]) = (NEXT.into(), 50.into())),
        ),
        named("pull-older-till", pull(|body| body["schema"] = 1.into())),
        named("status", json!({ "path": "/v1/status", "bearer": "second" })),
    ]
}

fn problems() -> Said {
    let named = |name: &str, request| (format!("problem-{name}"), request);
    vec![
        named("device-unknown", post("/v1/pull", "nobody", json!({}))),
        named("malformed", post("/v1/pull", "second", json!({ "protocol": PROTOCOL }))),
        named("entity-unknown", pull(|body| body["entities"] = json!(["unicorn"]))),
        named("till-too-old", pull(|body| body["protocol"] = 0.into())),
        named("hub-too-old", pull(|body| body["schema"] = 1_000.into())),
        named(
            "hub-too-old-and-unreadable",
            pull(|body| {
                (body["schema"], body["wish"]) = (1_000.into(), true.into());
            }),
        ),
        named("revoke", json!({ "path": "revoke", "bearer": "second" })),
        named("device-revoked", pull(|_| {})),
    ]
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/wire/v1")
}

fn record() {
    let mut stage = Stage::set();
    let _ = fs::remove_dir_all(folder());
    fs::create_dir_all(folder()).unwrap();
    for (number, (name, request)) in script(&stage.codes.clone()).into_iter().enumerate() {
        let mut response = stage.ask(&request);
        forget(&mut response);
        let text = serde_json::to_string_pretty(&json!({ "request": request, "response": response })).unwrap();
        fs::write(folder().join(format!("{:02}-{name}.json", number + 1)), text + "\n").unwrap();
    }
}

/// What names one request among all is nobody's business later.
fn forget(response: &mut Json) {
    if let Some(body) = response["body"].as_object_mut() {
        body.remove("instance");
    }
}

/// Whether all that was said is said again; more may be.
fn alike(recorded: &Json, said: &Json) -> bool {
    match (recorded, said) {
        (Json::Object(recorded), Json::Object(said)) => {
            recorded.iter().all(|(name, value)| said.get(name).is_some_and(|said| alike(value, said)))
        }
        (Json::Array(recorded), Json::Array(said)) => {
            recorded.len() == said.len() && recorded.iter().zip(said).all(|(recorded, said)| alike(recorded, said))
        }
        _ => recorded == said,
    }
}

#[test]
fn what_tills_of_wire_v1_ask_is_answered_as_it_was() {
    if std::env::var_os("OFFICINE_WRITE").is_some() {
        record();
    }
    let mut files: Vec<PathBuf> = fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let (mut stage, mut said) = (Stage::set(), Vec::new());
    for file in files {
        let recorded: Json = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        let response = stage.ask(&recorded["request"]);
        assert!(alike(&recorded["response"], &response), "{}: now\n{response:#}", file.display());
        said.push(response);
    }
    let verdicts: Vec<&str> = said
        .iter()
        .filter_map(|response| response["body"]["verdicts"].as_array())
        .flatten()
        .map(|verdict| verdict["outcome"]["verdict"].as_str().unwrap())
        .collect();
    for verdict in ["accepted", "rejected", "deferred", "conflict"] {
        assert!(verdicts.contains(&verdict), "{verdict} is not among what was recorded");
    }
}

//! Every route of the hub, tried with the names of another pharmacy: nothing is read, nothing is written, and no answer
//! tells a row that another pharmacy has from one that exists nowhere.
//!
//! Two spies with one history each try the same: the one with the names of rows that exist next door, the other with
//! names that exist nowhere. Their answers must be alike, letter for letter.

mod mending;

use std::collections::BTreeMap;

use officine_hub::{harness::Harness, http::document};
use officine_protocol::{
    Uid,
    entities::{ENTITIES, USER},
    messages::{Action, Operation},
    schema::Entity,
    value::Value,
};
use serde_json::{Value as Json, json};
use ureq::Agent;

use crate::{
    inside::Inside,
    shop::{NOON, Shop},
    specimen::{Names, specimen},
};

const VICTIM: Names = Names::new(0xaaaa, "secret-of-next-door");
const NOWHERE: Names = Names::new(0xbbbb, "never-was-heard-off");
const OWN: Names = Names::new(0xcccc, "own");
const INCARNATION: u128 = 77;

struct Street {
    hub: Harness,
    agent: Agent,
    inside: Inside,
    victim: i64,
    victims_token: String,
    victims_incarnation: Uid,
    revoked: String,
}

struct Spy {
    pharmacy: Uid,
    token: String,
    till: Shop,
    targets: Names,
}

type Answers = Vec<(String, u16, String)>;

impl Street {
    fn open(inside: Inside) -> Self {
        let _ = tracing_subscriber::fmt().with_ansi(false).with_max_level(tracing::Level::WARN).try_init();
        let hub = Harness::start(inside.place()).unwrap();
        let agent = Agent::config_builder().http_status_as_error(false).build().new_agent();
        let pharmacy = hub.create_pharmacy("secret-of-next-door").unwrap();
        let victim = inside.key_of(pharmacy);
        let victims_incarnation = Uid::from_u128(0xaaaa_0000);
        let mut street = Self {
            hub,
            agent,
            inside,
            victim,
            victims_token: String::new(),
            victims_incarnation,
            revoked: String::new(),
        };
        street.victims_token = street.enrol(pharmacy, victims_incarnation);
        let leaving = street.enrol(pharmacy, Uid::from_u128(0xaaaa_0001));
        street.inside.fill(victim, &VICTIM);
        street.inside.remember(victim, VICTIM.key());
        street.hub.revoke(street.hub.devices().unwrap()[1].uid).unwrap();
        street.revoked = leaving;
        street
    }

    fn enrol(&self, pharmacy: Uid, incarnation: Uid) -> String {
        let code = self.hub.enrolment_code(pharmacy).unwrap();
        let body = json!({ "protocol": 1, "code": code, "name": "Caisse", "incarnation": incarnation });
        let (status, answer) = self.ask("POST", "/v1/enrol", None, Some(&body));
        assert_eq!(status, 200, "{answer}");
        serde_json::from_str::<Json>(&answer).unwrap()["token"].as_str().unwrap().to_owned()
    }

    fn spy(&self, targets: Names) -> Spy {
        let pharmacy = self.hub.create_pharmacy("Pharmacie du Port").unwrap();
        let token = self.enrol(pharmacy, Uid::from_u128(INCARNATION));
        self.inside.fill(self.inside.key_of(pharmacy), &OWN);
        Spy { pharmacy, token, till: Shop::new(INCARNATION, 1), targets }
    }

    fn ask(&self, method: &str, path: &str, token: Option<&str>, body: Option<&Json>) -> (u16, String) {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.hub.url()));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.header("content-type", "application/json");
        let body = body.map(Json::to_string).unwrap_or_default();
        let mut response = self.agent.run(request.body(body).unwrap()).unwrap();
        (response.status().as_u16(), response.body_mut().read_to_string().unwrap())
    }
}

/// Method, path and whether a token is asked for, of every route there is: last those that write.
fn routes() -> Vec<(String, String, bool)> {
    let document = serde_json::to_value(document()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let methods = paths.iter().flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, operation)| (path, method, operation))
    });
    let route = |(path, method, operation): (&String, &String, &Json)| {
        (method.to_uppercase(), path.clone(), operation.get("security").is_some())
    };
    let mut routes: Vec<_> = methods.map(route).collect();
    let writes = ["/v1/push", "/v1/offer", "/v1/check"];
    routes.sort_by_key(|(_, path, _)| writes.iter().position(|write| write == path));
    routes
}

/// The bodies with which a spy tries a route. A new route that takes a body must say here how it is tried.
fn tries(spy: &mut Spy, method: &str, path: &str, street: &Street) -> Vec<(String, Option<Json>)> {
    match (method, path) {
        ("POST", "/v1/pull") => pulls(&spy.targets),
        ("POST", "/v1/walk") => walks(&spy.targets),
        ("POST", "/v1/push") => pushes(spy),
        ("POST", "/v1/history") => histories(&spy.targets),
        ("POST", "/v1/log") => logs(&spy.targets),
        ("POST", "/v1/rows") => mending::named(&spy.targets),
        ("POST", "/v1/offer") => mending::offers(&spy.targets),
        ("POST", "/v1/check") => mending::checks(),
        ("POST", "/v1/enrol") => {
            let code = street.hub.enrolment_code(spy.pharmacy).unwrap();
            let known = if spy.targets.mark == VICTIM.mark { street.victims_incarnation } else { Uid::from_u128(4) };
            let body = json!({ "protocol": 1, "code": code, "name": "Caisse", "incarnation": known });
            vec![("another's incarnation".into(), Some(body))]
        }
        ("GET", _) => vec![("as it is".into(), None)],
        _ => panic!("{method} {path}: say how a stranger would try it"),
    }
}

fn walks(targets: &Names) -> Vec<(String, Option<Json>)> {
    let body = |position: Json| {
        Some(json!({ "protocol": 1, "schema": 2, "incarnation": Uid::from_u128(9), "epoch": 1, "position": position,
                     "maxRows": 500, "sentAt": NOON }))
    };
    let history = |noted: Json| body(json!({ "noted": noted, "key": 1_i64 << 53 }));
    let mut tries = vec![
        ("from the beginning".to_owned(), body(Json::Null)),
        ("the whole history".to_owned(), history(json!({ "rev": 0 }))),
        ("another's commit".to_owned(), history(json!({ "rev": 1, "commit": targets.commit() }))),
    ];
    for entity in ENTITIES {
        let position = json!({ "noted": { "rev": 0 }, "entity": entity.name, "key": 0 });
        tries.push((entity.name.to_owned(), body(position)));
    }
    tries
}

/// A till that knows no epoch begins none.
fn histories(targets: &Names) -> Vec<(String, Option<Json>)> {
    let body = |rev: usize| {
        json!({ "protocol": 1, "schema": 2, "incarnation": Uid::from_u128(9), "epoch": 0, "sentAt": NOON,
                "passed": [{ "rev": rev, "commit": targets.commit() }] })
    };
    [1, ENTITIES.len()].map(|rev| (format!("another's commit at {rev}"), Some(body(rev)))).to_vec()
}

fn logs(targets: &Names) -> Vec<(String, Option<Json>)> {
    let mut tries = vec![
        ("everything".to_owned(), Some(json!({ "limit": 500 }))),
        ("another's user".to_owned(), Some(json!({ "limit": 500, "user": targets.uid(USER.name) }))),
    ];
    for entity in ENTITIES {
        for (name, uid) in [("uid", targets.uid(entity.name)), ("alias", targets.alias(entity.name))] {
            let asked = json!({ "limit": 500, "entity": entity.name, "uid": uid });
            tries.push((format!("{} by its {name}", entity.name), Some(asked)));
        }
    }
    tries
}

fn pulls(targets: &Names) -> Vec<(String, Option<Json>)> {
    let body = |cursor: Json, entities: Json| {
        Some(json!({ "protocol": 1, "schema": 1, "incarnation": Uid::from_u128(9), "epoch": 1, "cursor": cursor,
                     "maxRows": 1000, "sentAt": NOON, "entities": entities }))
    };
    let names: Vec<&str> = ENTITIES.iter().map(|entity| entity.name).collect();
    let last = ENTITIES.len();
    let mut tries = vec![
        ("everything".to_owned(), body(json!({ "rev": 0 }), json!([]))),
        ("by name".to_owned(), body(json!({ "rev": 0 }), json!(names))),
    ];
    for rev in [0, 1, last, last + 1] {
        tries.push((
            format!("the commit after {rev}"),
            body(json!({ "rev": rev, "commit": targets.commit() }), json!([])),
        ));
    }
    tries
}

/// A push of these operations, the server ids of all targets attached or not.
fn push(targets: &Names, operations: &[Operation], attached: bool) -> Json {
    let ids: BTreeMap<String, i64> = ENTITIES
        .iter()
        .flat_map(|entity| {
            [targets.uid(entity.name), targets.alias(entity.name)].map(|uid| (uid.to_string(), targets.id(entity.name)))
        })
        .collect();
    let ids = if attached { json!(ids) } else { json!({}) };
    let sent: Vec<Json> =
        operations.iter().map(|operation| json!({ "operation": operation, "serverIds": ids })).collect();
    json!({ "protocol": 1, "schema": 1, "incarnation": Uid::from_u128(9), "epoch": 1,
            "cursor": { "rev": 0 }, "sentAt": NOON, "acknowledged": 0, "operations": sent })
}

/// For every entity: edits and archivals of what is there, by either uid; births that refer to it, that bear its uid,
/// that are its twin, that come from its user, that come under its key.
fn pushes(spy: &mut Spy) -> Vec<(String, Option<Json>)> {
    let targets = spy.targets.clone();
    let mut from_theirs = push(&targets, &[], true);
    from_theirs["cursor"]["commit"] = json!(targets.commit());
    let mut tries = vec![("after another's commit".to_owned(), Some(from_theirs))];
    for attached in [true, false] {
        for entity in ENTITIES {
            let operations = vec![
                edit(spy, entity, targets.uid(entity.name)),
                edit(spy, entity, targets.alias(entity.name)),
                spy.till.operation(entity, Action::Delete, targets.uid(entity.name)),
                spy.till.operation(entity, Action::Delete, targets.alias(entity.name)),
                birth(spy, entity, targets.fresh(entity.name, u128::from(attached)), &targets, "child"),
            ];
            tries.push((format!("{} attached {attached}", entity.name), Some(push(&targets, &operations, attached))));
        }
    }
    for entity in ENTITIES {
        let mut by_user = birth(spy, entity, spy.targets.fresh(entity.name, 7), &OWN, "by another's user");
        by_user.user = Some(targets.uid(USER.name));
        let mut by_key = birth(spy, entity, targets.fresh(entity.name, 8), &OWN, "by another's key");
        by_key.key = targets.key();
        let operations = vec![
            by_user,
            by_key,
            birth(spy, entity, targets.fresh(entity.name, 9), &OWN, targets.mark),
            birth(spy, entity, targets.uid(entity.name), &OWN, "the same uid"),
            birth(spy, entity, targets.alias(entity.name), &OWN, "the same alias"),
        ];
        tries.push((format!("{} born", entity.name), Some(push(&targets, &operations, false))));
    }
    tries
}

fn edit(spy: &mut Spy, entity: &'static Entity, uid: Uid) -> Operation {
    let record = specimen(entity, uid, "taken over", &|target| Value::Uid(OWN.uid(target)));
    let mut operation = spy.till.operation(entity, Action::Update, uid);
    let changing = entity.columns.iter().filter(|column| {
        column.class == officine_protocol::schema::Class::Synced
            && column.rule == officine_protocol::schema::Rule::Policy
    });
    let names: Vec<String> = changing.map(|column| column.wire_name()).collect();
    operation.fields = record.wire_fields(entity).into_iter().filter(|(name, _)| names.contains(name)).collect();
    operation
}

fn birth(spy: &mut Spy, entity: &'static Entity, uid: Uid, refers: &Names, mark: &str) -> Operation {
    let record = specimen(entity, uid, mark, &|target| Value::Uid(refers.uid(target)));
    spy.till.birth(entity, &record)
}

fn try_all(street: &Street, spy: &mut Spy) -> Answers {
    let mut answers = Vec::new();
    for (method, path, closed) in routes() {
        for (what, body) in tries(spy, &method, &path, street) {
            let token = closed.then_some(spy.token.as_str());
            let (status, answer) = street.ask(&method, &path, token, body.as_ref());
            let sent = body.map(|body| body.to_string()).unwrap_or_default();
            for told in
                [VICTIM.mark.to_owned(), VICTIM.uid("product").to_string(), street.victims_incarnation.to_string()]
            {
                assert!(sent.contains(&told) || !answer.contains(&told), "{path}, {what}: tells {told}: {answer}");
            }
            assert!(status < 500, "{path}, {what}: {answer}");
            if closed || path == "/v1/enrol" {
                answers.push((format!("{method} {path}, {what}"), status, alike(&answer, &spy.targets)));
            }
        }
    }
    answers
}

/// An answer without what differs from one request to the next, and without the names it was asked about.
fn alike(answer: &str, targets: &Names) -> String {
    let mut answer: Json = serde_json::from_str(answer).unwrap();
    for changing in ["serverTime", "token", "device", "pinSecret", "instance"] {
        if let Some(value) = answer.get_mut(changing) {
            *value = json!("…");
        }
    }
    if let Some(commit) = answer.pointer_mut("/next/commit") {
        *commit = json!("…");
    }
    targets.forgotten(&answer.to_string())
}

fn strangers_learn_and_change_nothing(inside: Inside) {
    let street = Street::open(inside);
    let before = street.inside.dump(street.victim);
    assert!(before.values().filter(|rows| !rows.is_empty()).count() > ENTITIES.len(), "{before:?}");
    let (mut knowing, mut guessing) = (street.spy(VICTIM), street.spy(NOWHERE));
    let (known, guessed) = (try_all(&street, &mut knowing), try_all(&street, &mut guessing));
    assert!(known.len() > 3 * ENTITIES.len());
    for (known, guessed) in known.iter().zip(&guessed) {
        assert_eq!(known, guessed);
    }
    assert_eq!(street.inside.dump(street.victim), before);
}

#[test]
fn strangers_learn_and_change_nothing_on_sqlite() {
    strangers_learn_and_change_nothing(Inside::sqlite());
}

#[test]
fn strangers_learn_and_change_nothing_on_postgres() {
    strangers_learn_and_change_nothing(Inside::postgres());
}

/// Tokens that are no longer good, or never were, open nothing; a good one opens its own pharmacy whatever the body says.
fn tokens_open_their_own_pharmacy(inside: Inside) {
    let street = Street::open(inside);
    let mut spy = street.spy(VICTIM);
    let (own, theirs) = (street.inside.key_of(spy.pharmacy), street.inside.dump(street.victim));
    let before = street.inside.dump(own);
    for (method, path, _) in routes().into_iter().filter(|(.., closed)| *closed) {
        let tokens = [
            (None, "device_unknown"),
            (Some("0"), "device_unknown"),
            (Some(street.revoked.as_str()), "device_revoked"),
        ];
        for (what, body) in tries(&mut spy, &method, &path, &street) {
            for (token, code) in tokens {
                let (status, answer) = street.ask(&method, &path, token, body.as_ref());
                let problem: Json = serde_json::from_str(&answer).unwrap();
                assert_eq!((status, problem["code"].as_str()), (401, Some(code)), "{path}, {what}");
            }
        }
    }
    let mut after = street.inside.dump(street.victim);
    let kept = after.insert("quarantined_operation".to_owned(), theirs["quarantined_operation"].clone());
    assert!(kept.is_some_and(|kept| !kept.is_empty()), "what a revoked till pushes is kept, and does nothing");
    assert_eq!((street.inside.dump(own), after), (before.clone(), theirs));
    let (_, supplier) = spy.till.supplier("a");
    let mut body = push(&OWN, &[supplier], true);
    body["incarnation"] = json!(Uid::from_u128(INCARNATION));
    let (status, answer) = street.ask("POST", "/v1/push", Some(&street.victims_token), Some(&body));
    assert_eq!(status, 200, "{answer}");
    assert_eq!(street.inside.dump(own), before, "the token decides, not what the body calls itself");
}

#[test]
fn tokens_open_their_own_pharmacy_on_sqlite() {
    tokens_open_their_own_pharmacy(Inside::sqlite());
}

#[test]
fn tokens_open_their_own_pharmacy_on_postgres() {
    tokens_open_their_own_pharmacy(Inside::postgres());
}

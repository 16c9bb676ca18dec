//! Recorded answers of wire v1, `tests/fixtures/wire/v1`: today's till still understands and applies every one.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use officine_protocol::{
    Params, entities,
    messages::{
        EnrolRequest, EnrolResponse, HubProblem, PullRequest, PullResponse, PushRequest, PushResponse, StatusResponse,
        WalkRequest, WalkResponse,
    },
};
use officine_till::{
    Error, Result, Till, Trigger,
    device::Device,
    sync::transport::{Traffic, Transport},
    system::{SystemClock, SystemEntropy},
    views::EnrolArgs,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value as Json;

use crate::support::hub::unreachable;

/// Path, status and answer of every exchange, by name.
fn recorded() -> BTreeMap<String, (String, u16, Json)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/wire/v1");
    let read = |file: std::io::Result<fs::DirEntry>| {
        let path = file.unwrap().path();
        let said: Json = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap().split_once('-').unwrap().1.to_owned();
        let (asked, answer) = (said["request"]["path"].as_str().unwrap().to_owned(), &said["response"]);
        (name, (asked, answer["status"].as_u64().unwrap() as u16, answer["body"].clone()))
    };
    fs::read_dir(folder).unwrap().map(read).collect()
}

/// Read and written again: nothing of what was said is lost.
fn understood<T: DeserializeOwned + Serialize>(name: &str, body: &Json) -> T {
    let read: T = serde_json::from_value(body.clone()).unwrap_or_else(|error| panic!("{name}: {error}"));
    let again = serde_json::to_value(&read).unwrap();
    for (field, value) in body.as_object().unwrap() {
        assert_eq!(&again[field], value, "{name}: {field}");
    }
    read
}

/// A hub that says what was recorded: rows by a walk, or all in one pull.
struct Recorded {
    said: BTreeMap<String, (String, u16, Json)>,
    walked: bool,
}

impl Recorded {
    fn answer<T: DeserializeOwned + Serialize>(&self, name: &str) -> T {
        understood(name, &self.said[name].2)
    }
}

impl Transport for Recorded {
    fn enrol(&self, _: &str, _: &EnrolRequest) -> Result<EnrolResponse> {
        Ok(self.answer("enrol-second"))
    }

    fn push(&self, _: &Device, _: &PushRequest) -> Result<(PushResponse, Traffic)> {
        Err(unreachable())
    }

    fn pull(&self, _: &Device, _: &PullRequest) -> Result<(PullResponse, Traffic)> {
        let name = if self.walked { "pull-held-until-its-time-is-over" } else { "pull-whole" };
        Ok((self.answer(name), Traffic::default()))
    }

    fn walk(&self, _: &Device, request: &WalkRequest) -> Result<(WalkResponse, Traffic)> {
        if !self.walked {
            return Err(Error::hub("not_found", Params::new()));
        }
        let name = if request.position.is_none() { "walk-selling" } else { "walk-history" };
        Ok((self.answer(name), Traffic::default()))
    }

    fn status(&self, _: &Device) -> Result<StatusResponse> {
        Ok(self.answer("status"))
    }
}

#[test]
fn every_recorded_answer_is_understood() {
    for (name, (path, status, body)) in recorded() {
        match (path.as_str(), status) {
            ("revoke", _) => {}
            (_, 400..) => drop(understood::<HubProblem>(&name, &body)),
            ("/v1/enrol", _) => drop(understood::<EnrolResponse>(&name, &body)),
            ("/v1/push", _) => drop(understood::<PushResponse>(&name, &body)),
            ("/v1/pull", _) => drop(understood::<PullResponse>(&name, &body)),
            ("/v1/walk", _) => drop(understood::<WalkResponse>(&name, &body)),
            ("/v1/status", _) => drop(understood::<StatusResponse>(&name, &body)),
            other => panic!("{name}: nobody asks {other:?}"),
        }
    }
}

#[test]
fn a_till_enrolled_by_a_recorded_answer_stores_every_recorded_row() {
    for walked in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let till = Till::open(folder.path(), Arc::new(SystemClock), Arc::new(SystemEntropy)).unwrap();
        let hub = Arc::new(Recorded { said: recorded(), walked });
        let page: PullResponse = hub.answer("pull-whole");
        till.set_transport(hub);
        let args = EnrolArgs { hub: "http://127.0.0.1:1".into(), code: "code".into(), till: "second".into() };
        till.enrol(&args).unwrap();
        let report = till.sync_now(Trigger::Manual).unwrap();
        assert_eq!(report.problem.map(|problem| problem.code), None);
        assert!(walked || report.pulled as usize == page.rows.len());
        let here = till.diagnostic().unwrap().rows;
        for entity in entities::in_order() {
            let sent = page.rows.iter().filter(|row| row.entity == entity.name).count() as i64;
            let found = here.iter().find(|row| row.entity == entity.name).unwrap();
            assert_eq!((found.here, found.hub), (sent, Some(sent)), "{} walked: {walked}", entity.name);
        }
    }
}

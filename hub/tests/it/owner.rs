//! The owner's command line, beside a hub that serves.

use std::process::{Command, Output};

use officine_hub::{Place, harness::Harness};
use officine_protocol::Uid;
use serde_json::json;
use tempfile::TempDir;
use ureq::Agent;

fn hub(folder: &TempDir, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_officine-hub"));
    command.env_remove("OFFICINE_HUB_DATABASE_URL").env_remove("RUST_BACKTRACE").arg("--data").arg(folder.path());
    command.args(words).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn json(output: &Output) -> serde_json::Value {
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn devices_are_listed_by_pharmacy_for_people_and_for_programs() {
    let folder = TempDir::new().unwrap();
    let running = Harness::start(Place::Folder(folder.path().to_owned())).unwrap();
    let pharmacies: Vec<Uid> = ["Une", "Autre"].map(|name| running.create_pharmacy(name).unwrap()).to_vec();
    let listed = json(&hub(&folder, &["pharmacies", "--json"]));
    assert_eq!(
        listed,
        json!([
            { "pharmacy": pharmacies[0], "name": "Une" },
            { "pharmacy": pharmacies[1], "name": "Autre" },
        ])
    );
    let code = running.enrolment_code(pharmacies[1]).unwrap();
    let body = json!({ "protocol": 1, "code": code, "name": "Caisse 1", "incarnation": Uid::from_u128(5) });
    let agent = Agent::new_with_defaults();
    let enrol = agent.post(format!("{}/v1/enrol", running.url())).header("content-type", "application/json");
    enrol.send(body.to_string()).unwrap();
    let of = |pharmacy: Uid| json(&hub(&folder, &["devices", "list", "--json", "--pharmacy", &pharmacy.to_string()]));
    assert_eq!(of(pharmacies[0]), json!([]));
    assert_eq!((&of(pharmacies[1])[0]["name"], &of(pharmacies[1])[0]["revokedAt"]), (&json!("Caisse 1"), &json!(null)));
    assert_eq!(json(&hub(&folder, &["devices", "list", "--json"])).as_array().unwrap().len(), 1);
}

#[test]
fn what_cannot_be_done_is_one_and_what_makes_no_sense_is_two() {
    let folder = TempDir::new().unwrap();
    let unknown = Uid::from_u128(1).to_string();
    for (words, status, says) in [
        (&["migrate"][..], 0, ""),
        (&["devices", "list", "--pharmacy", &unknown], 1, "Error: unknown pharmacy"),
        (&["enrolment-code", "--pharmacy", &unknown], 1, "Error: unknown pharmacy"),
        (&["enrolment-code"], 1, "there is no pharmacy yet"),
        (&["--json", "devices", "revoke", &unknown], 1, r#"{"error":"unknown device"}"#),
        (&["devices", "revoke", "nobody"], 2, "invalid value 'nobody'"),
        (&["--tls-cert", "x.pem", "config"], 2, "tls_cert and tls_key go together"),
        (&["--config", "/nowhere/hub.toml", "config"], 2, "cannot read the settings in /nowhere/hub.toml"),
        (&["serve", "--listen", "0.0.0.0:0"], 2, "tls_cert"),
    ] {
        let output = hub(&folder, words);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(status), "{words:?}: {said}");
        assert!(said.contains(says), "{words:?}: {said}");
    }
}

#[test]
fn a_setting_is_heard_from_the_file_a_variable_and_a_flag() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("hub.toml");
    std::fs::write(&file, "max_requests = 1\ndevice_rate = 1\nstranger_rate = 1\nlog_format = 'json'\n").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_officine-hub"));
    command.env("OFFICINE_HUB_CONFIG", &file).env("OFFICINE_HUB_DATABASE_URL", "postgres://hub:hush@db/officine");
    command.env("OFFICINE_HUB_DEVICE_RATE", "2").env("OFFICINE_HUB_STRANGER_RATE", "2");
    let shown = json(&command.args(["--stranger-rate", "3", "config", "--json"]).output().unwrap());
    let rates = [&shown["max_requests"], &shown["device_rate"], &shown["stranger_rate"], &shown["log_format"]];
    assert_eq!(rates, [&json!(1), &json!(2), &json!(3), &json!("json")]);
    assert_eq!((&shown["database_url"], &shown["max_connections"]), (&json!("(hidden)"), &json!(1024)));
    std::fs::write(&file, "device_rat = 1").unwrap();
    let refused = command.output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2));
    assert!(said.contains("line 1: unknown field `device_rat`") && !said.contains("hush"), "{said}");
}

#[test]
fn a_place_named_by_flag_replaces_the_one_of_a_variable() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_officine-hub"));
    command.env("OFFICINE_HUB_DATA", "/a").env("OFFICINE_HUB_OWNER_URL", "postgres://owner@db/other");
    let words = ["config", "--json", "--log-json", "--database-url", "postgres://hub@db/officine"];
    let shown = json(&command.args(words).output().unwrap());
    assert_eq!((&shown["database_url"], &shown["log_format"]), (&json!("(hidden)"), &json!("json")));
    assert_eq!((shown.get("data"), shown.get("owner_url")), (None, None));
}

#[test]
fn a_device_revoked_from_the_command_line_is_shut_out_of_the_running_hub() {
    let folder = TempDir::new().unwrap();
    let running = Harness::start(Place::Folder(folder.path().to_owned())).unwrap();
    assert!(hub(&folder, &["create-pharmacy", "--name", "Pharmacie"]).status.success());
    let code = said(&hub(&folder, &["enrolment-code"]));
    let agent = Agent::config_builder().http_status_as_error(false).build().new_agent();
    let body = json!({ "protocol": 1, "code": code, "name": "Caisse 1", "incarnation": Uid::from_u128(5) });
    let enrol = agent.post(format!("{}/v1/enrol", running.url())).header("content-type", "application/json");
    let answer = enrol.send(body.to_string()).unwrap().body_mut().read_to_string().unwrap();
    let till: serde_json::Value = serde_json::from_str(&answer).unwrap();
    let token = till["token"].as_str().unwrap();
    let status = || {
        let request = agent.get(format!("{}/v1/status", running.url()));
        request.header("authorization", format!("Bearer {token}")).call().unwrap().status().as_u16()
    };
    assert_eq!(status(), 200);
    let device = till["device"].as_str().unwrap();
    assert_eq!(said(&hub(&folder, &["devices", "revoke", device])), format!("revoked {device}"));
    assert_eq!(status(), 401);
    assert!(said(&hub(&folder, &["devices", "list"])).ends_with("series 1\trevoked"));
    let unknown = hub(&folder, &["devices", "revoke", &Uid::from_u128(1).to_string()]);
    assert!(!unknown.status.success());
    assert_eq!(String::from_utf8_lossy(&unknown.stderr).trim(), "Error: unknown device");
}

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

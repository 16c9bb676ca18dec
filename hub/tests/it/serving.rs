//! The hub as a process: how it ends, what it measures.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::Duration,
};

use officine_protocol::Uid;
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use ureq::Agent;

use crate::{
    cluster::Cluster,
    shop::{Shop, push_body},
};

/// A hub of its own process.
pub struct Process {
    child: Child,
    pub folder: TempDir,
    pub address: SocketAddr,
    pub metrics: SocketAddr,
}

impl Process {
    pub fn start(words: &[&str]) -> Self {
        Self::start_in(TempDir::new().unwrap(), None, words)
    }

    /// With its data elsewhere than in its folder.
    pub fn start_on(place: &[&str], words: &[&str]) -> Self {
        Self::start_in(TempDir::new().unwrap(), Some(place), words)
    }

    fn start_in(folder: TempDir, place: Option<&[&str]>, words: &[&str]) -> Self {
        let (ready, log) = (folder.path().join("ready"), folder.path().join("log"));
        let metrics = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_officine-hub"));
        match place {
            Some(place) => command.args(place),
            None => command.arg("--data").arg(folder.path()),
        };
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(words);
        command.arg("--metrics-listen").arg(metrics.to_string()).arg("--ready-file").arg(&ready);
        command.stdout(Stdio::null()).stderr(std::fs::File::create(log).unwrap());
        let mut child = command.spawn().unwrap();
        let address = loop {
            if let Ok(address) = std::fs::read_to_string(&ready) {
                break address.parse().unwrap();
            }
            assert!(child.try_wait().unwrap().is_none(), "the hub ended");
            std::thread::sleep(Duration::from_millis(20));
        };
        Self { child, folder, address, metrics }
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    pub fn owner(&self, words: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_officine-hub"));
        let output = command.arg("--data").arg(self.folder.path()).args(words).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    pub fn agent() -> Agent {
        Agent::config_builder().http_status_as_error(false).build().new_agent()
    }

    pub fn enrol(&self, code: &str) -> (u16, Json) {
        let body = json!({ "protocol": 1, "code": code, "name": "Caisse 1", "incarnation": Uid::from_u128(5) });
        self.post("/v1/enrol", None, &body)
    }

    pub fn post(&self, path: &str, token: Option<&str>, body: &Json) -> (u16, Json) {
        let mut request = Self::agent().post(format!("http://{}{path}", self.address));
        request = request.header("content-type", "application/json");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let mut answer = request.send(body.to_string()).unwrap();
        (answer.status().as_u16(), serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap())
    }

    pub fn measured(&self) -> String {
        let mut answer = Self::agent().get(format!("http://{}/metrics", self.metrics)).call().unwrap();
        answer.body_mut().read_to_string().unwrap()
    }

    /// A till that is known: its token.
    pub fn token(&self) -> String {
        self.owner(&["create-pharmacy", "--name", "Pharmacie"]);
        let (status, answer) = self.enrol(&self.owner(&["enrolment-code"]));
        assert_eq!(status, 200, "{answer}");
        answer["token"].as_str().unwrap().to_owned()
    }

    pub fn signal(&self, name: &str) {
        let told = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(told.success());
    }

    pub fn ended(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_push_under_way_is_answered_when_the_hub_is_told_to_stop_and_nobody_new_comes_in() {
    let mut hub = Process::start(&[]);
    let token = hub.token();
    let mut shop = Shop::new(5, 1);
    let body = push_body(&[shop.supplier("Grossiste").1], 0).to_string();
    let mut idle = TcpStream::connect(hub.address).unwrap();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: hub\r\n\r\n").unwrap();
    let mut under_way = TcpStream::connect(hub.address).unwrap();
    let head = format!(
        "POST /v1/push HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        body.len()
    );
    under_way.write_all(head.as_bytes()).unwrap();
    let mut told = [0; 25];
    under_way.read_exact(&mut told).unwrap();
    assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n", "the push is under way");
    hub.signal("TERM");
    let mut health = String::new();
    idle.read_to_string(&mut health).unwrap();
    assert!(health.starts_with("HTTP/1.1 200"), "an idle connection is closed at once: {health}");
    assert!(TcpStream::connect(hub.address).is_err(), "nobody new comes in");
    under_way.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    under_way.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("accepted"), "{answer}");
    assert_eq!(hub.ended(), Some(0));
    assert!(hub.log().contains("stopped"));
}

#[test]
fn metrics_count_what_was_done_and_name_nobody() {
    let hub = Process::start(&[]);
    let token = hub.token();
    let mut shop = Shop::new(5, 1);
    let (uid, supplier) = shop.supplier("Grossiste discret");
    let body = push_body(&[supplier], 0);
    for _ in 0..2 {
        assert_eq!(hub.post("/v1/push", Some(&token), &body).0, 200);
    }
    assert_eq!(hub.post("/v1/nowhere/secret", None, &json!({})).0, 404);
    let metrics = hub.measured();
    for line in [
        r#"officine_hub_requests_total{route="/v1/push",method="POST",status="200"} 2"#,
        r#"officine_hub_requests_total{route="none",method="POST",status="404"} 1"#,
        r#"officine_hub_operations_total{verdict="accepted"} 1"#,
        r#"officine_hub_operations_total{verdict="duplicate"} 1"#,
        r#"officine_hub_push_operations_count 2"#,
        r#"officine_hub_request_seconds_count{route="/v1/push"} 2"#,
        "officine_hub_devices_heard 1",
        "officine_hub_requests_under_way 0",
    ] {
        assert!(metrics.lines().any(|found| found == line), "{line} is not in\n{metrics}");
    }
    let device = hub.owner(&["devices", "list"]).split('\t').next().unwrap().to_owned();
    for secret in [token.as_str(), &device, &uid.to_string(), "Grossiste", "secret", "Caisse"] {
        assert!(!metrics.contains(secret), "{secret} is in\n{metrics}");
    }
    let mut public = Process::agent().get(format!("http://{}/metrics", hub.address)).call().unwrap();
    assert_eq!(public.status(), 404);
    assert!(public.body_mut().read_to_string().unwrap().contains("not_found"));
}

#[test]
fn on_postgres_readiness_needs_no_owner_and_the_pool_is_measured() {
    let cluster = Cluster::start();
    let database = cluster.database("serving");
    let migrate = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_officine-hub"));
        command.arg("--database-url").arg(&database.app).arg("--owner-url").arg(&database.owner).arg("migrate");
        command.output().unwrap()
    };
    let migrated = migrate();
    assert!(migrated.status.success(), "{migrated:?}");
    let hub = Process::start_on(&["--database-url", &database.app], &[]);
    let ready = Process::agent().get(format!("http://{}/readyz", hub.address)).call().unwrap();
    assert_eq!(ready.status(), 200);
    let metrics = hub.measured();
    assert!(metrics.contains(r#"officine_hub_pool_connections{state="busy"}"#), "{metrics}");
}

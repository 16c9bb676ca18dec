//! What a client may take: time, connections, requests, head and body. Nobody holds the hub up, on purpose or not.

use std::{
    io::{Read, Write},
    net::TcpStream,
    num::NonZeroU32,
    time::Duration,
};

use officine_hub::{Place, Settings, harness::Harness};
use officine_protocol::{Uid, limits::PUSH_BYTES};
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use ureq::Agent;

struct Hub {
    hub: Harness,
    _folder: TempDir,
}

fn few(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

impl Hub {
    fn start(settings: Settings) -> Self {
        let folder = TempDir::new().unwrap();
        let settings = Settings { listen: "127.0.0.1:0".parse().unwrap(), ..settings };
        let hub = Harness::start_with(Place::Folder(folder.path().to_owned()), settings).unwrap();
        Self { hub, _folder: folder }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.hub.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream
    }

    /// What the hub says until it closes the connection; a test that waits for ever fails by its own time-out.
    fn ended(mut stream: TcpStream) -> String {
        let mut said = Vec::new();
        match stream.read_to_end(&mut said) {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
            Err(error) => panic!("still open: {error}"),
        }
        String::from_utf8_lossy(&said).into_owned()
    }

    fn token(&self) -> String {
        let pharmacy = self.hub.create_pharmacy("Pharmacie").unwrap();
        let code = self.hub.enrolment_code(pharmacy).unwrap();
        let (status, answer) = self.enrol(&code);
        assert_eq!(status, 200);
        answer["token"].as_str().unwrap().to_owned()
    }

    fn enrol(&self, code: &str) -> (u16, Json) {
        let body = json!({ "protocol": 1, "code": code, "name": "Caisse 1", "incarnation": Uid::from_u128(5) });
        let request = self.agent().post(format!("{}/v1/enrol", self.hub.url()));
        let mut answer = request.header("content-type", "application/json").send(body.to_string()).unwrap();
        (answer.status().as_u16(), serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap())
    }

    fn status(&self, token: &str) -> (u16, Option<String>) {
        let request = self.agent().get(format!("{}/v1/status", self.hub.url()));
        let answer = request.header("authorization", format!("Bearer {token}")).call().unwrap();
        let again = answer.headers().get("retry-after").map(|seconds| seconds.to_str().unwrap().to_owned());
        (answer.status().as_u16(), again)
    }

    fn agent(&self) -> Agent {
        Agent::config_builder().http_status_as_error(false).build().new_agent()
    }
}

#[test]
fn half_a_head_and_an_idle_connection_are_given_up() {
    let hub = Hub::start(Settings { head_timeout: few(1), ..Settings::default() });
    let mut half = hub.connect();
    half.write_all(b"POST /v1/push HTTP/1.1\r\nHost:").unwrap();
    Hub::ended(half);
    let mut idle = hub.connect();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: hub\r\n\r\n").unwrap();
    assert!(Hub::ended(idle).starts_with("HTTP/1.1 200"));
}

#[test]
fn a_body_that_trickles_is_given_up_with_a_problem() {
    let hub = Hub::start(Settings { request_timeout: few(1), ..Settings::default() });
    let mut slow = hub.connect();
    let head = "POST /v1/enrol HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n";
    slow.write_all(head.as_bytes()).unwrap();
    let mut feeding = slow.try_clone().unwrap();
    let feed = std::thread::spawn(move || {
        while feeding.write_all(b" ").is_ok() {
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    let said = Hub::ended(slow);
    feed.join().unwrap();
    assert!(said.starts_with("HTTP/1.1 408") && said.contains("\"code\":\"timeout\""), "{said}");
}

#[test]
fn an_old_connection_is_closed_in_order() {
    let hub = Hub::start(Settings { connection_age: few(1), ..Settings::default() });
    let mut old = hub.connect();
    old.write_all(b"GET /healthz HTTP/1.1\r\nHost: hub\r\n\r\n").unwrap();
    assert!(Hub::ended(old).starts_with("HTTP/1.1 200"));
}

#[test]
fn a_head_without_end_is_refused() {
    let hub = Hub::start(Settings::default());
    for header in [format!("X-Long: {}\r\n", "x".repeat(64 << 10)), "X: y\r\n".repeat(500)] {
        let mut stream = hub.connect();
        let _ = stream.write_all(format!("GET /healthz HTTP/1.1\r\nHost: hub\r\n{header}\r\n").as_bytes());
        let said = Hub::ended(stream);
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 431"), "{said}");
    }
}

/// Members of nothing, one after the other: much to read, and no byte of a body.
#[test]
fn a_compressed_body_of_nothing_is_not_read_to_its_end() {
    let hub = Hub::start(Settings::default());
    let token = hub.token();
    let mut nothing = Vec::new();
    let packed = flate2::write::GzEncoder::new(&mut nothing, flate2::Compression::fast());
    packed.finish().unwrap();
    let body = nothing.repeat(PUSH_BYTES / 10);
    let mut stream = hub.connect();
    let head = format!(
        "POST /v1/push HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
         Content-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let _ = stream.write_all(&body);
    let said = Hub::ended(stream);
    assert!(said.is_empty() || said.contains("body_unreadable"), "{said}");
    assert_eq!(hub.status(&token).0, 200);
}

#[test]
fn beyond_the_most_connections_one_is_turned_away_until_another_leaves() {
    let hub = Hub::start(Settings { max_connections: few(1), ..Settings::default() });
    let mut first = hub.connect();
    first.write_all(b"GET /healthz HTTP/1.1\r\nHost: hub\r\n\r\n").unwrap();
    let mut byte = [0];
    first.read_exact(&mut byte).unwrap();
    assert_eq!(Hub::ended(hub.connect()), "");
    drop(first);
    let again = || {
        let mut stream = hub.connect();
        let _ = stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n");
        Hub::ended(stream).starts_with("HTTP/1.1 200")
    };
    assert!((0..1000).any(|_| again()), "the place never came free");
}

#[test]
fn beyond_the_most_requests_one_is_told_to_come_back_but_health_is_answered() {
    let hub = Hub::start(Settings { max_requests: few(1), ..Settings::default() });
    let token = hub.token();
    let mut under_way = hub.connect();
    let head = format!(
        "POST /v1/push HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
         Content-Length: 9\r\nExpect: 100-continue\r\n\r\n"
    );
    under_way.write_all(head.as_bytes()).unwrap();
    let mut told = [0; 12];
    under_way.read_exact(&mut told).unwrap();
    assert_eq!(&told, b"HTTP/1.1 100", "the hub waits for the body");
    assert_eq!(hub.status(&token), (503, Some("1".to_owned())));
    let health = hub.agent().get(format!("{}/healthz", hub.hub.url())).call().unwrap();
    assert_eq!(health.status(), 200);
    drop(under_way);
    assert!((0..1000).any(|_| hub.status(&token).0 == 200), "the place never came free");
}

/// Otherwise a till hears of a broken connection, and not of what it should do.
#[test]
fn whoever_is_refused_in_the_middle_of_an_upload_hears_why() {
    let hub = Hub::start(Settings::default());
    let mut upload = hub.connect();
    let head = format!(
        "POST /v1/push HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\nContent-Length: {PUSH_BYTES}\r\n\r\n"
    );
    upload.write_all(head.as_bytes()).unwrap();
    let mut said = [0; 12];
    upload.read_exact(&mut said).unwrap();
    assert_eq!(&said, b"HTTP/1.1 401", "before the body");
    upload.write_all(&vec![b' '; PUSH_BYTES]).unwrap();
    let mut rest = String::new();
    upload.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("device_unknown"), "{rest}");
}

/// Nobody who is not known yet keeps a till from being answered, however slowly he sends what.
#[test]
fn bodies_that_strangers_do_not_send_hold_up_no_till() {
    let hub = Hub::start(Settings { max_requests: few(1), ..Settings::default() });
    let token = hub.token();
    let mut half_sent = hub.connect();
    let head = "POST /v1/enrol HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\
                Expect: 100-continue\r\n\r\n";
    half_sent.write_all(head.as_bytes()).unwrap();
    let mut told = [0; 12];
    half_sent.read_exact(&mut told).unwrap();
    assert_eq!(&told, b"HTTP/1.1 100", "the hub waits for the body");
    assert_eq!(hub.status(&token).0, 200);
    assert_eq!(hub.enrol("AAAA-AAAA").0, 503, "strangers hold up one another");
}

#[test]
fn a_device_in_a_hurry_is_told_when_to_come_back() {
    let hub = Hub::start(Settings { device_rate: 2, ..Settings::default() });
    let token = hub.token();
    assert_eq!((hub.status(&token).0, hub.status(&token).0), (200, 200));
    let (status, again) = hub.status(&token);
    assert_eq!(status, 429);
    assert!((1..=31).contains(&again.unwrap().parse::<u32>().unwrap()));
}

#[test]
fn strangers_are_slowed_down_and_a_known_device_beside_them_is_not() {
    let hub = Hub::start(Settings { stranger_rate: 3, ..Settings::default() });
    let token = hub.token();
    assert_eq!((hub.status("nobody").0, hub.status("nobody").0), (401, 401));
    let (status, again) = hub.status("nobody");
    assert!(status == 429 && again.is_some());
    let (status, problem) = hub.enrol("AAAA-AAAA");
    assert_eq!((status, &problem["code"]), (429, &json!("too_many_requests")));
    assert_eq!(hub.status(&token).0, 200);
}

//! What answers is no hub, or not the one this till knows: nothing is lost, and it says so.

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::Arc,
    thread,
};

use officine_till::{
    sync::transport::HttpTransport,
    views::{EnrolArgs, ListQueueArgs},
};

use crate::support::Shop;

fn sold() -> Shop {
    sold_often(1)
}

fn sold_often(times: usize) -> Shop {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", "2000000000015", Some(500));
    shop.hub.lot(product, "A", Some("2027-12-31"), 20);
    shop.sync();
    for _ in 0..times {
        shop.add(product, 2);
        shop.sell();
    }
    shop
}

fn waiting(shop: &Shop) -> usize {
    shop.till.list_queue(&ListQueueArgs { state: None, limit: 9 }).unwrap().rows.len()
}

/// A server that answers every request with one text.
fn stranger(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 65_536];
            let _ = stream.read(&mut request);
            let _ = stream.write_all(answer.as_bytes());
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
        }
    });
    format!("http://{address}")
}

/// Points an enrolled till at an address, as if its hub had moved.
fn pointed_at(shop: Shop, hub: &str) -> Shop {
    let file = shop.dir.path().join("device.json");
    let known = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, known.replace("http://127.0.0.1:1", hub)).unwrap();
    let shop = shop.reopen();
    shop.till.set_transport(Arc::new(HttpTransport::default()));
    shop
}

#[test]
fn a_page_of_html_is_no_hub_and_nothing_is_lost() {
    for (answer, code) in [
        ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 20\r\n\r\n<html>Bonjour</html>", "hub_not_officine"),
        ("HTTP/1.1 404 No\r\nConnection: close\r\nContent-Length: 20\r\n\r\n<html>Bonjour</html>", "hub_not_officine"),
        ("HTTP/1.1 502 No\r\nConnection: close\r\nContent-Length: 20\r\n\r\n<html>Bonjour</html>", "hub_refused"),
        ("HTTP/1.1 302 Go\r\nConnection: close\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n", "hub_not_officine"),
        (
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
            "hub_not_officine",
        ),
        ("", "hub_unreachable"),
    ] {
        let shop = pointed_at(sold(), &stranger(answer));
        assert_eq!(shop.sync().problem.unwrap().code, code, "{answer}");
        let state = shop.till.sync_state().unwrap();
        assert_eq!((waiting(&shop), state.queue.blocked), (1, 0), "{answer}");
        assert_eq!(state.last_problem.unwrap().code, code);
        shop.till.set_transport(shop.hub.clone());
        assert_eq!(shop.sync().accepted, 1);
        shop.assert_sound();
    }
}

/// A hub that has too much to do refuses nothing: every operation waits, whole, and goes up when it has time.
#[test]
fn a_hub_that_says_later_is_asked_later_and_nothing_counts_as_refused() {
    for (status, code) in [(429, "too_many_requests"), (503, "hub_busy")] {
        let problem = format!(
            r#"{{"type":"about:blank","title":"Later","status":{status},"code":"{code}","params":{{"seconds":7}}}}"#
        );
        let answer = format!(
            "HTTP/1.1 {status} Later\r\nConnection: close\r\nRetry-After: 7\r\n\
             Content-Type: application/problem+json\r\nContent-Length: {}\r\n\r\n{problem}",
            problem.len()
        );
        let shop = pointed_at(sold_often(2), &stranger(answer.leak()));
        assert_eq!(shop.sync().problem.unwrap().code, code);
        let state = shop.till.sync_state().unwrap();
        assert_eq!((waiting(&shop), state.queue.blocked), (2, 0), "none is held, none was halved away");
        shop.till.set_transport(shop.hub.clone());
        assert_eq!(shop.sync().accepted, 2);
        shop.assert_sound();
    }
}

#[test]
fn another_epoch_is_another_history_and_stops_the_run() {
    let shop = sold();
    let revision = shop.till.sync_state().unwrap().revision;
    shop.hub.set_epoch(2);
    shop.hub.product("D'une autre histoire", "2000000000039", Some(1));
    let report = shop.sync();
    assert_eq!(report.problem.unwrap().code, "hub_other_history");
    assert_eq!((waiting(&shop), shop.till.sync_state().unwrap().revision), (1, revision));
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM product"), 1, "nothing of it is mixed in");
    assert_eq!(shop.till.list_runs().unwrap()[0].report.problem.as_ref().unwrap().code, "hub_other_history");
    shop.hub.set_epoch(1);
    assert_eq!(shop.sync().duplicate, 1);
}

#[test]
fn a_till_is_enrolled_once_and_over_a_safe_line() {
    let shop = Shop::open();
    let enrol = |hub: &str, till: &str| {
        let args = EnrolArgs { hub: hub.into(), code: "x".into(), till: till.into() };
        shop.till.enrol(&args).unwrap_err().code()
    };
    assert_eq!(enrol("http://127.0.0.1:1", "Caisse"), "already_enrolled");
    let dir = tempfile::tempdir().unwrap();
    let till = officine_till::Till::open(
        dir.path(),
        Arc::new(officine_till::system::SystemClock),
        Arc::new(officine_till::system::SystemEntropy),
    )
    .unwrap();
    let enrol = |hub: &str, name: &str| {
        let args = EnrolArgs { hub: hub.into(), code: "x".into(), till: name.into() };
        till.enrol(&args).unwrap_err().code()
    };
    assert_eq!(enrol("http://192.168.1.10:8710", "Caisse"), "hub_insecure");
    assert_eq!(enrol("http://127.0.0.1:1", " "), "name_missing");
    assert_eq!(
        enrol(&stranger("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"), "C"),
        "hub_not_officine"
    );
    assert_eq!(till.device().unwrap_err().code(), "not_enrolled");
    assert!(!dir.path().join("device.json").exists());
}

//! A wire between till and hub that can be cut, or answer by itself as a captive portal would.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicUsize, Ordering},
    },
    thread,
};

/// What becomes of the next answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Answer {
    /// It arrives.
    Whole,
    /// The hub answers, and its first byte cuts the wire: the till never learns.
    Cut,
    /// A page in HTML, whatever was asked.
    Html,
}

/// A proxy on the loopback.
pub struct Cutter {
    address: String,
    state: Arc<State>,
}

struct State {
    hub: String,
    answer: AtomicU8,
    cuts: AtomicUsize,
}

impl Cutter {
    /// A wire to the hub at this address.
    pub fn before(hub: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let state =
            State { hub: hub.to_owned(), answer: AtomicU8::new(Answer::Whole as u8), cuts: AtomicUsize::new(0) };
        let state = Arc::new(state);
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                thread::spawn(move || carry(client, &state));
            }
        });
        Self { address, state }
    }

    /// What a till is told.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on.
    pub fn answer(&self, answer: Answer) {
        self.state.answer.store(answer as u8, Ordering::SeqCst);
    }

    /// How many answers were cut.
    pub fn cuts(&self) -> usize {
        self.state.cuts.load(Ordering::SeqCst)
    }
}

impl State {
    fn is(&self, answer: Answer) -> bool {
        self.answer.load(Ordering::SeqCst) == answer as u8
    }
}

fn carry(mut client: TcpStream, state: &Arc<State>) {
    if state.is(Answer::Html) {
        return page(&mut client);
    }
    let Ok(hub) = TcpStream::connect(&state.hub) else { return };
    let (Ok(up_from), Ok(up_to)) = (client.try_clone(), hub.try_clone()) else { return };
    thread::spawn(move || pump(up_from, up_to, || true));
    let state = Arc::clone(state);
    pump(hub, client, move || {
        let whole = state.is(Answer::Whole);
        if !whole {
            state.cuts.fetch_add(1, Ordering::SeqCst);
        }
        whole
    });
}

/// Carries bytes until an end closes, or `goes_on` says no to what has just arrived.
fn pump(mut from: TcpStream, mut to: TcpStream, goes_on: impl Fn() -> bool) {
    let mut buffer = [0; 16 << 10];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if !goes_on() || to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

fn page(client: &mut TcpStream) {
    let mut request = [0; 16 << 10];
    let _ = client.read(&mut request);
    let body = "<!doctype html><title>Bienvenue</title><h1>Connectez-vous au Wi-Fi</h1>";
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n", body.len());
    let _ = write!(client, "{head}Connection: close\r\n\r\n{body}");
    let _ = client.shutdown(Shutdown::Write);
    while matches!(client.read(&mut request), Ok(1..)) {}
}

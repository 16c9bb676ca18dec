//! A bad link between tills and hub: what becomes of each exchange is drawn from a seed. It delays, cuts within a request
//! or an answer, stalls, refuses; healed, it carries. It counts the bytes, and breaks where it is told to.

use std::{
    collections::VecDeque,
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use crate::chance::Chance;

/// How bad the link is: times in a thousand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Faults {
    /// Connections closed at once.
    pub refused: u32,
    /// Requests cut before their end.
    pub cut_requests: u32,
    /// Answers cut: the hub has done what it was asked, the till never learns.
    pub cut_answers: u32,
    /// Answers that do not come, and a connection that ends a while later.
    pub stalled: u32,
    /// Answers that come late.
    pub delayed: u32,
    /// At most so late, in milliseconds; what is stalled is held so long.
    pub slowest: u64,
}

/// What the link did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Carried {
    /// Exchanges begun.
    pub exchanges: u64,
    /// Answers that never came, cut or stalled.
    pub lost_answers: u64,
    /// Requests cut.
    pub cut_requests: u64,
    /// Connections refused, by the link or for want of a hub.
    pub refused: u64,
}

/// A link on the loopback.
pub struct Proxy {
    address: String,
    link: Arc<Link>,
}

struct Link {
    hub: String,
    faults: Mutex<Faults>,
    chance: Mutex<Chance>,
    exchanges: AtomicU64,
    lost_answers: AtomicU64,
    cut_requests: AtomicU64,
    refused: AtomicU64,
    bytes: [AtomicU64; 2],
    breaks: Mutex<VecDeque<u64>>,
}

/// What becomes of one exchange. Shares are of the first bytes that come.
#[derive(Clone, Copy)]
enum Fate {
    Whole,
    CutRequest(u64),
    CutAnswer(u64),
    Stalled(Duration),
    Delayed(Duration),
}

impl Proxy {
    /// A link to the hub at this address, carrying everything for now.
    pub fn before(hub: &str, seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let link = Arc::new(Link {
            hub: hub.to_owned(),
            faults: Mutex::default(),
            chance: Mutex::new(Chance::new(seed)),
            exchanges: AtomicU64::new(0),
            lost_answers: AtomicU64::new(0),
            cut_requests: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            bytes: Default::default(),
            breaks: Mutex::default(),
        });
        let shared = Arc::clone(&link);
        thread::spawn(move || {
            for till in listener.incoming().flatten() {
                let link = Arc::clone(&shared);
                thread::spawn(move || connect(till, &link));
            }
        });
        Self { address, link }
    }

    /// What a till is told.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on.
    pub fn suffer(&self, faults: Faults) {
        *lock(&self.link.faults) = faults;
    }

    /// From now on it carries everything.
    pub fn heal(&self) {
        self.suffer(Faults::default());
    }

    /// Breaks the connection where so many bytes have come down, at each of these, in rising order.
    pub fn breaks_at(&self, bytes: impl IntoIterator<Item = u64>) {
        *lock(&self.link.breaks) = bytes.into_iter().collect();
    }

    /// Breaks to come.
    pub fn breaks_left(&self) -> usize {
        lock(&self.link.breaks).len()
    }

    /// Bytes up and down so far, headers and all.
    pub fn bytes(&self) -> [u64; 2] {
        [0, 1].map(|way| self.link.bytes[way].load(Ordering::SeqCst))
    }

    /// What it did so far.
    pub fn carried(&self) -> Carried {
        let Link { exchanges, lost_answers, cut_requests, refused, .. } = &*self.link;
        let [exchanges, lost_answers, cut_requests, refused] =
            [exchanges, lost_answers, cut_requests, refused].map(|count| count.load(Ordering::SeqCst));
        Carried { exchanges, lost_answers, cut_requests, refused }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::SeqCst);
}

impl Link {
    fn faults(&self) -> Faults {
        *lock(&self.faults)
    }

    fn refuses(&self) -> bool {
        lock(&self.chance).per_mille(self.faults().refused)
    }

    /// How many of these bytes come down before the link breaks; all of them where it does not.
    fn until_break(&self, bytes: usize) -> usize {
        let down = self.bytes[1].load(Ordering::SeqCst);
        let mut breaks = lock(&self.breaks);
        match breaks.front() {
            Some(at) if *at < down + bytes as u64 => {
                let left = at.saturating_sub(down) as usize;
                breaks.pop_front();
                count(&self.lost_answers);
                left
            }
            _ => bytes,
        }
    }

    fn draw(&self) -> Fate {
        count(&self.exchanges);
        let (faults, mut chance) = (self.faults(), lock(&self.chance));
        let (drawn, share) = (chance.below(1_000), chance.below(101));
        let late = Duration::from_millis(chance.below(faults.slowest));
        let mut until = 0;
        let mut falls = |times: u32| {
            until += u64::from(times);
            drawn < until
        };
        match () {
            () if falls(faults.cut_requests) => Fate::CutRequest(share),
            () if falls(faults.cut_answers) => Fate::CutAnswer(share),
            () if falls(faults.stalled) => Fate::Stalled(Duration::from_millis(faults.slowest)),
            () if falls(faults.delayed) => Fate::Delayed(late),
            () => Fate::Whole,
        }
    }
}

/// A connection: the fate of the exchange under way, and whether its answer has begun.
struct Pair {
    fate: Mutex<Fate>,
    answered: AtomicBool,
}

fn connect(till: TcpStream, link: &Arc<Link>) {
    if link.refuses() {
        return count(&link.refused);
    }
    let Ok(hub) = TcpStream::connect(&link.hub) else { return count(&link.refused) };
    let (Ok(up_from), Ok(up_to)) = (till.try_clone(), hub.try_clone()) else { return };
    let pair = Arc::new(Pair { fate: Mutex::new(Fate::Whole), answered: AtomicBool::new(true) });
    let (shared, same) = (Arc::clone(link), Arc::clone(&pair));
    thread::spawn(move || pump(up_from, up_to, &shared.bytes[0], |bytes| asks(&shared, &same, bytes)));
    pump(hub, till, &link.bytes[1], |bytes| link.until_break(bytes).min(answers(link, &pair, bytes)));
}

/// How many of these bytes of a request go on; fewer, and the connection ends.
fn asks(link: &Link, pair: &Pair, bytes: usize) -> usize {
    if !pair.answered.swap(false, Ordering::SeqCst) {
        return bytes;
    }
    let fate = link.draw();
    *lock(&pair.fate) = fate;
    match fate {
        Fate::CutRequest(share) => {
            count(&link.cut_requests);
            part(bytes, share)
        }
        _ => bytes,
    }
}

/// How many of these bytes of an answer go on.
fn answers(link: &Link, pair: &Pair, bytes: usize) -> usize {
    if pair.answered.swap(true, Ordering::SeqCst) {
        return bytes;
    }
    let fate = *lock(&pair.fate);
    match fate {
        Fate::CutAnswer(share) => {
            count(&link.lost_answers);
            part(bytes, share)
        }
        Fate::Stalled(time) => {
            count(&link.lost_answers);
            thread::sleep(time);
            0
        }
        Fate::Delayed(time) => {
            thread::sleep(time);
            bytes
        }
        Fate::Whole | Fate::CutRequest(_) => bytes,
    }
}

/// A share of it in percent, never the whole.
fn part(bytes: usize, share: u64) -> usize {
    (bytes * share as usize / 100).min(bytes.saturating_sub(1))
}

/// Carries bytes until an end closes, or fewer are let through than have arrived.
fn pump(mut from: TcpStream, mut to: TcpStream, carried: &AtomicU64, lets: impl Fn(usize) -> usize) {
    let mut buffer = [0; 16 << 10];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        let through = lets(count);
        carried.fetch_add(through as u64, Ordering::SeqCst);
        if to.write_all(&buffer[..through]).is_err() || through < count {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

//! A wire as poor as one says: so long there and back, so many bytes a second each way, so many answers in a hundred cut.
//! It counts what passes, headers and all.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

/// How poor.
#[derive(Clone, Copy)]
pub struct Link {
    pub name: &'static str,
    /// One way.
    pub delay: Duration,
    /// Bytes a second, each way; 0 for no limit.
    pub rate: u64,
    /// Answers cut, in a hundred.
    pub cut: u64,
}

/// Loopback as it is.
pub const LOOPBACK: Link = Link { name: "loopback", delay: Duration::ZERO, rate: 0, cut: 0 };
/// A telephone at the edge of its cell.
pub const POOR: Link =
    Link { name: "400 ms, 40 kB/s, 5 % cut", delay: Duration::from_millis(200), rate: 40_000, cut: 5 };

/// A proxy before a hub.
pub struct Wire {
    pub url: String,
    bytes: Arc<[AtomicU64; 2]>,
}

impl Wire {
    /// Before the hub at this address.
    pub fn before(hub: &str, link: Link) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let (bytes, hub, answers) = (Arc::<[AtomicU64; 2]>::default(), hub.to_owned(), Arc::<AtomicU64>::default());
        let counted = Arc::clone(&bytes);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let _ = carry(&client, &hub, link, &counted, &answers);
            }
        });
        Ok(Self { url, bytes })
    }

    /// Bytes up and down so far.
    pub fn bytes(&self) -> [u64; 2] {
        [0, 1].map(|way| self.bytes[way].load(Ordering::Relaxed))
    }
}

fn carry(
    client: &TcpStream,
    hub: &str,
    link: Link,
    bytes: &Arc<[AtomicU64; 2]>,
    answers: &Arc<AtomicU64>,
) -> std::io::Result<()> {
    let hub = TcpStream::connect(hub)?;
    for stream in [client, &hub] {
        stream.set_nodelay(true)?;
    }
    for (way, from, to) in [(0, client, &hub), (1, &hub, client)] {
        let (from, to, bytes, answers) = (from.try_clone()?, to.try_clone()?, Arc::clone(bytes), Arc::clone(answers));
        thread::spawn(move || pump(way, from, to, link, &bytes, &answers));
    }
    Ok(())
}

/// Reads at once and writes when it is time, so that a delay takes nothing from the rate.
fn pump(way: usize, mut from: TcpStream, to: TcpStream, link: Link, bytes: &[AtomicU64; 2], answers: &AtomicU64) {
    let (hand_on, handed) = mpsc::channel();
    let out = to.try_clone();
    thread::spawn(move || out.map(|to| write(to, link, &handed)));
    let mut buffer = [0; 16 << 10];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        bytes[way].fetch_add(count as u64, Ordering::Relaxed);
        let cut = way == 1
            && link.cut > 0
            && answers.fetch_add(1, Ordering::Relaxed) % (100 / link.cut) == 100 / link.cut - 1;
        if cut || hand_on.send((Instant::now() + link.delay, buffer[..count].to_vec())).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    if link.delay.is_zero() {
        let _ = to.shutdown(Shutdown::Both);
    }
}

fn write(mut to: TcpStream, link: Link, handed: &mpsc::Receiver<(Instant, Vec<u8>)>) {
    for (due, part) in handed {
        let slow = part.len() as u64 * 1_000_000 / link.rate.max(1);
        let slow = if link.rate == 0 { Duration::ZERO } else { Duration::from_micros(slow) };
        thread::sleep(due.saturating_duration_since(Instant::now()) + slow);
        if to.write_all(&part).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

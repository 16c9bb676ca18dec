//! Pages of a database file read without SQLite: whatever else of it is destroyed, a page that is whole gives its rows.
//! The log is laid over the file as far as its last commit. Layouts: sqlite.org/fileformat2.html.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{Read, Seek, SeekFrom},
    path::Path,
};

use crate::error::Result;

const MAGIC: &[u8] = b"SQLite format 3\0";
const USUAL: usize = 4_096;
const LOG_HEAD: usize = 32;
const FRAME_HEAD: usize = 24;

/// The pages of a file and its log.
pub struct Pages {
    file: File,
    size: usize,
    count: u32,
    log: HashMap<u32, Vec<u8>>,
}

impl Pages {
    /// Opens what is there of both.
    pub fn open(path: &Path) -> Result<Self> {
        let mut file = File::open(path)?;
        let log = fs::read(format!("{}-wal", path.display())).unwrap_or_default();
        let mut head = [0; 100];
        let read = file.read(&mut head)?;
        let size = page_size(&head[..read], &log);
        let length = file.metadata()?.len() as usize;
        let log = committed(&log, size);
        let last = log.keys().copied().max().unwrap_or(0);
        let count = u32::try_from(length.div_ceil(size)).unwrap_or(u32::MAX).max(last);
        Ok(Self { file, size, count, log })
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// A page by its number, from 1; what is missing of it is zero.
    pub fn get(&mut self, number: u32) -> Vec<u8> {
        if let Some(page) = self.log.get(&number) {
            return page.clone();
        }
        let mut page = vec![0; self.size];
        let place = u64::from(number.saturating_sub(1)) * self.size as u64;
        if self.file.seek(SeekFrom::Start(place)).is_ok() {
            let mut filled = 0;
            while let Ok(read @ 1..) = self.file.read(&mut page[filled..]) {
                filled += read;
            }
        }
        page
    }
}

fn page_size(head: &[u8], log: &[u8]) -> usize {
    let stated = match head.starts_with(MAGIC) {
        true => head.get(16..18).map(|bytes| usize::from(u16::from_be_bytes([bytes[0], bytes[1]]))),
        false => int(log, 8).map(|size| size as usize),
    };
    let stated = stated.map(|size| if size == 1 { 65_536 } else { size });
    stated.filter(|size| size.is_power_of_two() && (512..=65_536).contains(size)).unwrap_or(USUAL)
}

fn int(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map(u32::from_be_bytes)
}

/// The newest committed state of every page in the log. What follows a frame that is not whole is another log's.
fn committed(log: &[u8], size: usize) -> HashMap<u32, Vec<u8>> {
    let (mut pages, mut open) = (HashMap::new(), HashMap::new());
    let (Some(magic), Some(stated)) = (int(log, 0), int(log, 8)) else { return pages };
    if log.len() < LOG_HEAD || magic & !1 != 0x377f_0682 || stated as usize != size {
        return pages;
    }
    let big = magic & 1 == 1;
    let mut sum = checksum((0, 0), &log[..24], big);
    for frame in log[LOG_HEAD..].chunks_exact(FRAME_HEAD + size) {
        sum = checksum(checksum(sum, &frame[..8], big), &frame[FRAME_HEAD..], big);
        let whole = frame[8..16] == log[16..24] && int(frame, 16) == Some(sum.0) && int(frame, 20) == Some(sum.1);
        let (Some(number), Some(commit), true) = (int(frame, 0), int(frame, 4), whole) else { break };
        open.insert(number, frame[FRAME_HEAD..].to_vec());
        if commit > 0 {
            pages.extend(open.drain());
        }
    }
    pages
}

fn checksum((mut first, mut second): (u32, u32), bytes: &[u8], big: bool) -> (u32, u32) {
    let word = |four: &[u8]| {
        let four = [four[0], four[1], four[2], four[3]];
        if big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) }
    };
    for pair in bytes.chunks_exact(8) {
        first = first.wrapping_add(word(&pair[..4])).wrapping_add(second);
        second = second.wrapping_add(word(&pair[4..])).wrapping_add(first);
    }
    (first, second)
}

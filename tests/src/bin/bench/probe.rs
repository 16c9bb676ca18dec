//! P: 15 pages of 4,120 bytes overwritten in a preallocated file, then fdatasync.

use std::{
    fs::{File, OpenOptions},
    io::{Seek, SeekFrom, Write},
    path::Path,
};

use anyhow::Result;

const PAGES: usize = 15 * 4_120;
const FILE: u64 = 64 << 20;

/// The physical limit of one durable sale.
pub struct Probe {
    file: File,
    at: u64,
}

impl Probe {
    /// Preallocates its file.
    pub fn create(dir: &Path) -> Result<Self> {
        let mut file = OpenOptions::new().create(true).truncate(true).write(true).open(dir.join("probe.bin"))?;
        let zeros = vec![0; 1 << 20];
        for _ in 0..FILE >> 20 {
            file.write_all(&zeros)?;
        }
        file.sync_all()?;
        Ok(Self { file, at: 0 })
    }

    /// One write and one sync.
    pub fn once(&mut self) -> Result<()> {
        if self.at + PAGES as u64 > FILE {
            self.at = 0;
        }
        self.file.seek(SeekFrom::Start(self.at))?;
        self.file.write_all(&[7; PAGES])?;
        self.file.sync_data()?;
        self.at += PAGES as u64;
        Ok(())
    }
}

//! The replay's file: invoices, one JSON object a line, compressed.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use flate2::read::GzDecoder;
use serde::Deserialize;

/// An invoice: a sale, goods taken back, or stock written off (quantities below zero on a sale).
#[derive(Debug, Deserialize)]
pub struct Invoice {
    /// Local time.
    pub ts: String,
    /// Goods taken back.
    #[serde(rename = "return_")]
    pub is_return: bool,
    /// Who bought; empty or absent for a passer-by.
    pub customer: Option<String>,
    /// What.
    pub lines: Vec<Line>,
}

/// A line of an invoice.
#[derive(Debug, Deserialize)]
pub struct Line {
    /// The article.
    pub cip13: String,
    /// Below zero for what comes back or is written off.
    pub qty: i64,
    /// Francs.
    pub unit_gnf: i64,
}

/// Where the replay is, if it is beside the project.
pub fn beside_the_project() -> Option<PathBuf> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/sales_replay.jsonl.gz");
    file.exists().then_some(file)
}

/// The first so many invoices.
pub fn read(file: &Path, limit: usize) -> Result<Vec<Invoice>> {
    let reader = BufReader::new(GzDecoder::new(File::open(file)?));
    let invoices = reader.lines().take(limit).map(|line| serde_json::from_str(&line?).context("an invoice"));
    invoices.collect()
}

/// Unix milliseconds of `2010-12-01 08:26:00`.
pub fn instant(text: &str) -> Result<i64> {
    let time = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").context("an instant")?;
    Ok(time.and_utc().timestamp_millis())
}

//! Reads a wholesaler's catalogue, from a stream of bytes to staged products. Nothing here touches the store.
//! Promises: bounded memory, no panic on any bytes, every refused row named by line, column and reason, and
//! prices that are exact or absent, never guessed.

pub mod barcode;

mod cells;
mod columns;
mod currency;
mod date;
mod decode;
mod errors;
mod merge;
mod number;
mod records;
mod row;
mod sniff;
mod staged;
#[cfg(test)]
mod tests;
mod text;

use std::io::Read;
use std::ops::ControlFlow;

pub use errors::{BadRow, ReadError};
pub use number::Rate;
pub use staged::{MAX_BAD_ROWS, MAX_BYTES, MAX_ROWS, ReadOptions, ReadProgress, Staged, StagedLot, StagedProduct};

use cells::RowReader;
use decode::Decoder;
use merge::Shelf;
use records::{Record, Splitter};
use sniff::Layout;

const PROGRESS_ROWS: u32 = 1_000;

/// Reads a whole catalogue of `size` bytes.
///
/// A `size` beyond [`MAX_BYTES`] is refused before the first read. `progress` hears at least every 1,000 rows
/// and 64 KiB; its `Break` ends with [`ReadError::Cancelled`].
pub fn read(
    source: impl Read,
    size: u64,
    options: &ReadOptions,
    progress: &mut dyn FnMut(ReadProgress) -> ControlFlow<()>,
) -> Result<Staged, ReadError> {
    if size > MAX_BYTES {
        return Err(ReadError::TooLarge { size, max: MAX_BYTES });
    }
    let mut decoder = Decoder::new(source, MAX_BYTES);
    let mut text = String::new();
    let mut more = decoder.next(&mut text)?;
    let layout = sniff::layout(&text, !more)?;
    let mut splitter = Splitter::new(layout.separator);
    let mut reading = Reading::new(&layout, options, size, progress);
    loop {
        reading.told.bytes = decoder.bytes();
        reading.tell()?;
        splitter.push(&text, &mut |record| reading.record(record))?;
        if !more {
            break;
        }
        text.clear();
        more = decoder.next(&mut text)?;
    }
    splitter.finish(&mut |record| reading.record(record))?;
    reading.finish(decoder.encoding())
}

/// Where a read stands between two records.
struct Reading<'a> {
    layout: &'a Layout,
    rows: RowReader<'a>,
    shelf: Shelf,
    bad: Vec<BadRow>,
    bad_count: u32,
    header_seen: bool,
    told: ReadProgress,
    progress: &'a mut dyn FnMut(ReadProgress) -> ControlFlow<()>,
}

impl<'a> Reading<'a> {
    fn new(
        layout: &'a Layout,
        options: &'a ReadOptions,
        total_bytes: u64,
        progress: &'a mut dyn FnMut(ReadProgress) -> ControlFlow<()>,
    ) -> Self {
        Self {
            layout,
            rows: RowReader::new(layout, options.rate),
            shelf: Shelf::default(),
            bad: Vec::new(),
            bad_count: 0,
            header_seen: false,
            told: ReadProgress { rows: 0, bytes: 0, total_bytes },
            progress,
        }
    }

    fn tell(&mut self) -> Result<(), ReadError> {
        match (self.progress)(self.told) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(ReadError::Cancelled),
        }
    }

    fn record(&mut self, record: &Record) -> Result<(), ReadError> {
        if record.is_blank() {
            return Ok(());
        }
        if !std::mem::replace(&mut self.header_seen, true) {
            return Ok(());
        }
        if self.told.rows == MAX_ROWS {
            return Err(ReadError::TooManyRows { max: MAX_ROWS });
        }
        self.told.rows += 1;
        if let Err(bad) = self.rows.read(record).and_then(|row| self.shelf.add(row)) {
            self.refuse(bad);
        }
        if self.told.rows.is_multiple_of(PROGRESS_ROWS) { self.tell() } else { Ok(()) }
    }

    fn refuse(&mut self, bad: BadRow) {
        self.bad_count += 1;
        if self.bad.len() < MAX_BAD_ROWS {
            self.bad.push(bad);
        }
    }

    fn finish(mut self, encoding: &'static str) -> Result<Staged, ReadError> {
        if self.told.rows == 0 {
            return Err(ReadError::Empty);
        }
        self.tell()?;
        Ok(Staged {
            encoding,
            separator: self.layout.separator,
            columns: self.layout.columns.report(),
            currency: self.layout.currency.to_owned(),
            rows: self.told.rows,
            products: self.shelf.into_products(),
            bad: self.bad,
            bad_count: self.bad_count,
        })
    }
}

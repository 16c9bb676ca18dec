//! A catalogue file put on the book: read and matched off the writer, written in one transaction or not at all.

use std::{fs::File, ops::ControlFlow, path::Path, sync::atomic::Ordering, time::Instant};

use officine_protocol::{Uid, date::Date, entities::PRODUCT, roles::Permission};
use rusqlite::Connection;

use super::{
    matching::{differences, find, new_product},
    stocking::{NewLot, Opening, is_known},
};
use crate::{
    act::Act,
    engine::Till,
    error::{Error, Result},
    import::{self, Rate, ReadError, ReadOptions, Staged, StagedProduct},
    refuse,
    views::{BadRow, ColumnMatch, ImportArgs, ImportProgress, ImportReport, Notice, Problem, Topic},
};

/// Products written between two words to the window.
const TOLD_EVERY: usize = 500;

impl Till {
    /// A dry run: what an import would do, and every row it would refuse.
    pub fn check_import(&self, args: &ImportArgs) -> Result<ImportReport> {
        self.allow(Permission::Import)?;
        let _busy = self.begin_import()?;
        let started = Instant::now();
        let staged = self.stage(args)?;
        let mut report = summary(&staged);
        self.store.read(|connection| {
            for product in &staged.products {
                count(connection, product, &mut report)?;
            }
            Ok(())
        })?;
        report.seconds = started.elapsed().as_secs_f64();
        Ok(report)
    }

    /// Imports a catalogue. A second import updates by code and doubles nothing.
    pub fn run_import(&self, args: &ImportArgs) -> Result<ImportReport> {
        let session = self.allow(Permission::Import)?;
        let _busy = self.begin_import()?;
        let started = Instant::now();
        let staged = self.stage(args)?;
        let mut report = summary(&staged);
        self.act(Some(session.user), |act| {
            self.write_staged(act, &staged, &mut report, started)?;
            super::touch(act.tx)
        })?;
        super::index_follows(self.refresh_search());
        report.applied = true;
        report.seconds = started.elapsed().as_secs_f64();
        self.tell_import("done", staged.rows, 1, 1, started);
        self.changed(&[Topic::Stock, Topic::Cart, Topic::Sync]);
        Ok(report)
    }

    /// Stops the import under way; nothing of it stays.
    pub fn cancel_import(&self) {
        self.import_cancelled.store(true, Ordering::Relaxed);
    }

    fn begin_import(&self) -> Result<Busy<'_>> {
        if self.import_running.swap(true, Ordering::AcqRel) {
            return refuse!("import_running");
        }
        self.import_cancelled.store(false, Ordering::Relaxed);
        Ok(Busy(self))
    }

    fn stage(&self, args: &ImportArgs) -> Result<Staged> {
        let rate = match args.rate.trim() {
            "" => None,
            text => match Rate::parse(text) {
                Some(rate) => Some(rate),
                None => return refuse!("rate_invalid", value: text),
            },
        };
        let (file, size) = open(Path::new(&args.path))?;
        let started = Instant::now();
        let mut told = Instant::now();
        let mut progress = |read: import::ReadProgress| {
            if told.elapsed().as_millis() > 100 {
                told = Instant::now();
                self.tell_import("reading", read.rows, read.bytes, read.total_bytes, started);
            }
            if self.import_cancelled.load(Ordering::Relaxed) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        let read = import::read(file, size, &ReadOptions { rate }, &mut progress);
        read.map_err(|error: ReadError| Error::refused(error.code(), error.params()))
    }

    fn write_staged(
        &self,
        act: &mut Act<'_>,
        staged: &Staged,
        report: &mut ImportReport,
        started: Instant,
    ) -> Result<()> {
        let mut opening = Opening::default();
        for (place, product) in staged.products.iter().enumerate() {
            if place % TOLD_EVERY == 0 {
                self.tell_import("writing", place as u32, place as u64, staged.products.len() as u64, started);
                if self.import_cancelled.load(Ordering::Relaxed) {
                    return refuse!("import_cancelled");
                }
            }
            let supplier = product.supplier.as_ref().map(|name| opening.supplier(act, name, "", "")).transpose()?;
            let (uid, id) = match find(act.tx, product)? {
                None => {
                    report.created += 1;
                    new_product(product).create(act)?
                }
                Some((uid, id)) => {
                    let changed = bring_up_to_date(act, uid, product)?;
                    report.updated += u32::from(changed);
                    report.unchanged += u32::from(!changed);
                    (uid, id)
                }
            };
            report.unpriced += u32::from(product.price.is_none());
            open_lots(act, &mut opening, product, uid, id, supplier)?;
        }
        opening.close(act)?;
        report.lots = opening.lots;
        Ok(())
    }

    fn tell_import(&self, step: &str, rows: u32, done: u64, of: u64, started: Instant) {
        let seconds = started.elapsed().as_secs_f64();
        let left = (done > 0 && seconds > 0.5).then(|| seconds * (of.saturating_sub(done)) as f64 / done as f64);
        let progress = ImportProgress {
            step: step.to_owned(),
            rows,
            bytes: done as i64,
            total_bytes: of as i64,
            seconds_left: left,
        };
        self.tell(&Notice::ImportProgress { progress });
    }
}

/// Gives way to the next import when dropped.
struct Busy<'a>(&'a Till);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.import_running.store(false, Ordering::Release);
    }
}

fn open(path: &Path) -> Result<(File, u64)> {
    let shown = path.display().to_string();
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return refuse!("file_missing", path: shown),
        Err(_) => return refuse!("file_unreadable", path: shown),
    };
    match file.metadata() {
        Ok(metadata) if metadata.is_file() => Ok((file, metadata.len())),
        _ => refuse!("file_unreadable", path: shown),
    }
}

fn summary(staged: &Staged) -> ImportReport {
    let columns = staged.columns.iter();
    let bad = staged.bad.iter();
    ImportReport {
        applied: false,
        encoding: staged.encoding.to_owned(),
        separator: staged.separator.to_string(),
        columns: columns
            .map(|(header, field)| ColumnMatch { header: header.clone(), field: (*field).to_owned() })
            .collect(),
        rows: staged.rows,
        created: 0,
        updated: 0,
        unchanged: 0,
        unpriced: 0,
        lots: 0,
        bad_rows: bad
            .map(|row| BadRow {
                line: row.line,
                column: row.column.clone(),
                problem: Problem { code: row.code.to_owned(), params: row.params.clone() },
            })
            .collect(),
        bad_count: staged.bad_count,
        currency: staged.currency.clone(),
        seconds: 0.0,
    }
}

fn count(connection: &Connection, product: &StagedProduct, report: &mut ImportReport) -> Result<()> {
    report.unpriced += u32::from(product.price.is_none());
    let Some((uid, id)) = find(connection, product)? else {
        report.created += 1;
        report.lots += product.lots.len() as u32;
        return Ok(());
    };
    let (values, parts) = differences(connection, uid, product)?;
    let changed = !values.is_empty() || !parts.is_empty();
    report.updated += u32::from(changed);
    report.unchanged += u32::from(!changed);
    for lot in &product.lots {
        let expiry = lot.expiry.map(|day| Date::from(day).number());
        report.lots += u32::from(!is_known(connection, id, &lot.lot_number, expiry)?);
    }
    Ok(())
}

fn bring_up_to_date(act: &mut Act<'_>, uid: Uid, staged: &StagedProduct) -> Result<bool> {
    let (values, parts) = differences(act.tx, uid, staged)?;
    if values.is_empty() && parts.is_empty() {
        return Ok(false);
    }
    act.update(&PRODUCT, uid, values, parts)
}

fn open_lots(
    act: &mut Act<'_>,
    opening: &mut Opening,
    staged: &StagedProduct,
    product: Uid,
    id: i64,
    supplier: Option<Uid>,
) -> Result<()> {
    for lot in &staged.lots {
        let new = NewLot {
            number: lot.lot_number.clone(),
            expiry: lot.expiry.map(|day| Date::from(day).number()),
            quantity: lot.quantity,
            pack_cost: lot.pack_cost,
            pack_size: staged.units_per_pack,
            supplier,
            received_at: act.now,
            blocked: None,
        };
        opening.lot(act, product, id, &new)?;
    }
    Ok(())
}

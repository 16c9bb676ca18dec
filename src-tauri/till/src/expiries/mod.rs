//! Périmés: the lots that have expired or soon will, in boxes and francs, for the screen, a file, the command line and
//! the desktop. Everybody sees them; what they had cost is for those who may.

pub mod file;
pub mod news;
pub mod report;
pub mod shelf;
#[cfg(test)]
mod tests;
pub mod thresholds;

use std::path::Path;

use officine_protocol::{date::Date, roles::Permission};

use crate::{
    engine::Till,
    error::Result,
    refuse,
    views::{ExpiriesArgs, ExpiryReport, ExpirySummary, ExportedFile},
};
use shelf::Shelf;
use thresholds::Thresholds;

const ROWS: usize = 10_000;
const TEXT_CHARS: usize = 100;

impl Till {
    /// The report of today.
    pub fn expiries(&self, args: &ExpiriesArgs) -> Result<ExpiryReport> {
        self.expiry_report(args, ROWS)
    }

    /// Every row asked for, in a file.
    pub fn export_expiries(&self, args: &ExpiriesArgs, path: &Path) -> Result<ExportedFile> {
        let report = self.expiry_report(args, usize::MAX)?;
        file::write(path, &report, &self.settings()?.language)?;
        let rows = u32::try_from(report.rows.len()).unwrap_or(u32::MAX);
        Ok(ExportedFile { path: path.display().to_string(), rows })
    }

    /// How such a file is called: `perimes-2026-11-20.csv`.
    pub fn expiries_file_name(&self) -> Result<String> {
        let name = if self.settings()?.language == "en" { "expiries" } else { "perimes" };
        Ok(format!("{name}-{}.csv", self.today()))
    }

    fn expiry_report(&self, args: &ExpiriesArgs, limit: usize) -> Result<ExpiryReport> {
        if args.text.chars().count() > TEXT_CHARS {
            return refuse!("field_invalid", field: "text");
        }
        let (today, costs) = (self.today(), self.allow(Permission::SeeCost).is_ok());
        let (shelf, thresholds) = self.store.read(|connection| {
            let mut thresholds = Thresholds::of(connection)?;
            if let Some(days) = args.days {
                thresholds = thresholds.until(days)?;
            }
            Ok((Shelf::read(connection, today.plus(thresholds.longest()))?, thresholds))
        })?;
        Ok(report::report(&shelf, &thresholds, today, args, limit, costs))
    }

    /// The badge, and what is news. Asked without anybody signed in too: it names no product and no cost.
    pub fn expiry_summary(&self) -> Result<ExpirySummary> {
        let today = self.today();
        self.store.read(|connection| {
            let thresholds = Thresholds::of(connection)?;
            let since = news::since(news::told(connection)?, today);
            let shelf = Shelf::read(connection, today.plus(thresholds.longest()))?;
            let near = |expiry: Date| thresholds.band(expiry.days_from(today)).is_some_and(|band| band <= 1);
            let due = shelf.lots().filter(|(_, stored)| stored.lot.expiry.is_some_and(near)).count();
            let news = since.map(|since| news::news(&shelf, &thresholds, since, today)).unwrap_or_default();
            Ok(ExpirySummary { due: u32::try_from(due).unwrap_or(u32::MAX), news })
        })
    }

    /// Whether today's news are to be told: true once a day, whatever happens to the till after.
    pub fn tell_expiries(&self) -> Result<bool> {
        let today = self.today();
        self.store.write(|tx| news::tell(tx, today))
    }
}

//! The log as a file, for a spreadsheet, as Périmés writes its own.

use std::path::Path;

use crate::{
    engine::Till,
    error::Result,
    expiries::file::{MARK, instant, plain, save, unwritable},
    views::{ChangeLogArgs, ExportedFile, LogLine, LogSource},
};

const PAGE: u32 = 500;

const FRENCH: [&str; 12] =
    ["Date", "Entité", "Fiche", "Champ", "Ligne", "Avant", "Après", "Par", "Poste", "Genre", "Règle", "En attente"];
const ENGLISH: [&str; 12] =
    ["Date", "Entity", "Row", "Field", "Line", "Before", "After", "By", "Till", "Kind", "Rule", "Waiting"];

impl Till {
    /// Every line asked for, page by page, in a file, however many they are. What is there is replaced. Where the hub falls silent on the way, the file is
    /// not written.
    pub fn export_change_log(&self, args: &ChangeLogArgs, path: &Path) -> Result<ExportedFile> {
        let failed = |error: &dyn std::fmt::Display| unwritable(path, &error.to_string());
        let mut writer = begun(&self.settings()?.language).map_err(|error| failed(&error))?;
        let (mut rows, mut after, mut from) = (0_u32, None, None);
        loop {
            let page = self.change_log(&ChangeLogArgs { after, limit: PAGE, ..args.clone() })?;
            if from.is_some_and(|from: LogSource| from != page.source) {
                return crate::refuse!("hub_unreachable", hub: self.device()?.hub);
            }
            from = Some(page.source);
            for line in &page.lines {
                writer.write_record(cells(line)).map_err(|error| failed(&error))?;
            }
            rows = rows.saturating_add(page.lines.len() as u32);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        save(path, &writer.into_inner().map_err(|error| failed(&error))?)?;
        Ok(ExportedFile { path: path.display().to_string(), rows })
    }

    /// How such a file is called: `journal-2026-11-20.csv`.
    pub fn change_log_file_name(&self) -> Result<String> {
        let name = if self.settings()?.language == "en" { "changes" } else { "journal" };
        Ok(format!("{name}-{}.csv", self.today()))
    }
}

/// A file with its head; it is in memory until its last line is known, for half a file says nothing.
fn begun(language: &str) -> std::result::Result<csv::Writer<Vec<u8>>, csv::Error> {
    let mut writer =
        csv::WriterBuilder::new().delimiter(b';').terminator(csv::Terminator::CRLF).from_writer(MARK.to_vec());
    writer.write_record(if language == "en" { ENGLISH } else { FRENCH })?;
    Ok(writer)
}

fn cells(line: &LogLine) -> [String; 12] {
    [
        instant(line.at),
        line.entity.clone(),
        plain(&line.label),
        line.field.clone(),
        plain(line.part_label.as_deref().unwrap_or_default()),
        plain(&line.shown_old),
        plain(&line.shown_new),
        plain(&line.user_name),
        plain(&line.device_name),
        line.kind.clone(),
        line.strategy.clone().unwrap_or_default(),
        if line.pending { "1".to_owned() } else { String::new() },
    ]
}

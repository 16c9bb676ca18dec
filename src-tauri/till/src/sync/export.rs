//! The queue as a file: for a spreadsheet, as Périmés writes its own, or for a program.

use std::path::Path;

use officine_protocol::roles::Permission;

use super::state::{queue_row, state_named};
use crate::{
    engine::Till,
    error::Result,
    expiries::file::{MARK, instant, plain, save, unwritable},
    store::outbox,
    views::{ExportQueueArgs, ExportedFile, QueueRow},
};

const FRENCH: [&str; 11] = [
    "N°",
    "Entité",
    "Action",
    "Libellé",
    "Montant (GNF)",
    "Enregistrée",
    "État",
    "Envois",
    "Prochain envoi",
    "Motif",
    "Détail",
];
const ENGLISH: [&str; 11] = [
    "No.",
    "Entity",
    "Action",
    "Label",
    "Amount (GNF)",
    "Recorded",
    "State",
    "Attempts",
    "Next attempt",
    "Reason",
    "Detail",
];

impl Till {
    /// Every operation asked for, in a file. What is there is replaced.
    pub fn export_queue(&self, args: &ExportQueueArgs, path: &Path) -> Result<ExportedFile> {
        self.allow(Permission::SeeSync)?;
        let state = args.state.as_deref().map(state_named).transpose()?;
        let rows = self.store.read(|connection| {
            let queued = outbox::list(connection, state, u32::MAX)?;
            queued.into_iter().map(|queued| queue_row(connection, queued)).collect::<Result<Vec<_>>>()
        })?;
        let bytes = match args.json {
            true => serde_json::to_vec_pretty(&rows)?,
            false => csv(&rows, &self.settings()?.language).map_err(|error| unwritable(path, &error.to_string()))?,
        };
        save(path, &bytes)?;
        Ok(ExportedFile { path: path.display().to_string(), rows: u32::try_from(rows.len()).unwrap_or(u32::MAX) })
    }

    /// How such a file is called: `file-attente-2026-11-20.csv`.
    pub fn queue_file_name(&self, json: bool) -> Result<String> {
        let name = if self.settings()?.language == "en" { "queue" } else { "file-attente" };
        Ok(format!("{name}-{}.{}", self.today(), if json { "json" } else { "csv" }))
    }
}

fn csv(rows: &[QueueRow], language: &str) -> std::result::Result<Vec<u8>, csv::Error> {
    let mut writer =
        csv::WriterBuilder::new().delimiter(b';').terminator(csv::Terminator::CRLF).from_writer(MARK.to_vec());
    writer.write_record(if language == "en" { ENGLISH } else { FRENCH })?;
    for row in rows {
        writer.write_record(cells(row))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))
}

fn cells(row: &QueueRow) -> [String; 11] {
    let problem = row.problem.as_ref();
    let detail = problem.map(|problem| serde_json::Value::Object(problem.params.clone()).to_string());
    [
        row.seq.to_string(),
        row.entity.clone(),
        row.action.clone(),
        plain(&row.label),
        row.amount.map(|amount| amount.to_string()).unwrap_or_default(),
        instant(row.occurred_at),
        row.state.clone(),
        row.attempts.to_string(),
        row.next_attempt.map(instant).unwrap_or_default(),
        problem.map(|problem| problem.code.clone()).unwrap_or_default(),
        detail.unwrap_or_default(),
    ]
}

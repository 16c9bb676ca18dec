//! The steps of a comparison, for a spreadsheet.

use crate::{
    expiries::file::{MARK, plain},
    views::IntegrityStep,
};

/// As CSV.
pub fn csv(steps: &[IntegrityStep]) -> std::result::Result<Vec<u8>, csv::Error> {
    let mut writer =
        csv::WriterBuilder::new().delimiter(b';').terminator(csv::Terminator::CRLF).from_writer(MARK.to_vec());
    writer.write_record(["Action", "Entité", "Fiche", "Identité", "Réussi", "Motif"])?;
    for step in steps {
        let why = step.problem.as_ref().map(|problem| problem.code.clone()).unwrap_or_default();
        let ok = if step.ok { "1" } else { "" };
        writer.write_record([&step.action, &step.entity, &plain(&step.label), &step.uid, ok, &why])?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))
}

//! What the owner keeps: backups, and what tills in quarantine sent.

use std::{num::NonZeroUsize, path::Path};

use anyhow::Result;
use officine_hub::{
    App,
    backup::{self, Noted},
    settings::Settings,
    store::{KeptOperation, Renewed},
};
use serde_json::json;

use crate::{args::QuarantineCommand, lines, show};

pub(crate) async fn backup(settings: &Settings, to: &Path, keep: Option<NonZeroUsize>, json: bool) -> Result<()> {
    let url = settings.backup_url.as_ref().map(|url| url.0.as_str());
    let made = backup::backup(&settings.place()?, url, to, keep.map(NonZeroUsize::get)).await?;
    let held = lines(&made.note.pharmacies, |Noted { pharmacy, name, epoch, revision }: &Noted| {
        format!("{pharmacy}\t{name}\tepoch {epoch}\trevision {revision}")
    });
    let text = format!("{}\t{} bytes\tsha256 {}\n{held}", made.file.display(), made.note.bytes, made.note.sha256);
    show(json, &json!(made), text.trim_end())
}

pub(crate) async fn restore(settings: &Settings, from: &Path, json: bool) -> Result<()> {
    let restored = backup::restore(&settings.place()?, from).await?;
    let held = lines(&restored.pharmacies, |Renewed { pharmacy, name, common, epoch, .. }: &Renewed| {
        format!("{pharmacy}\t{name}\trestored to revision {common}, now in epoch {epoch}")
    });
    let kept = restored.kept.as_ref().map_or(String::new(), |kept| format!("\nthe database that was there: {kept}"));
    let text = format!("restored from {}{kept}\n{held}\ntills give back what they know beyond it", from.display());
    show(json, &json!(restored), &text)
}

pub(crate) async fn quarantine(app: &App, command: QuarantineCommand, json: bool) -> Result<()> {
    match command {
        QuarantineCommand::List { device } => {
            let kept = app.store.quarantined(device).await?;
            let without: Vec<_> = kept.iter().map(listed).collect();
            show(json, &json!(without), &lines(&kept, line))
        }
        QuarantineCommand::Export { device } => {
            let kept = app.store.quarantined(device).await?;
            show(json, &json!(kept), &lines(&kept, |kept: &KeptOperation| kept.operation.clone()))
        }
    }
}

fn listed(kept: &KeptOperation) -> serde_json::Value {
    let KeptOperation { device, name, seq, key, received_at, operation } = kept;
    json!({ "device": device, "name": name, "seq": seq, "key": key, "receivedAt": received_at, "bytes": operation.len() })
}

fn line(kept: &KeptOperation) -> String {
    let KeptOperation { device, name, seq, key, operation, .. } = kept;
    format!("{device}\t{name}\tsequence {seq}\t{key}\t{} bytes", operation.len())
}

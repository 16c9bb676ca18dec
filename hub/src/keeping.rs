//! What the owner keeps: backups, and what tills in quarantine sent.

use std::{num::NonZeroUsize, path::Path};

use anyhow::{Result, bail};
use officine_hub::{
    App,
    backup::{self, Noted},
    release::{Became, Fate, Released, fates, release},
    settings::Settings,
    store::{KeptOperation, Renewed},
};
use officine_protocol::messages::Outcome;
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
            let fates = fates(app, device).await?;
            show(json, &json!(fates.iter().map(listed).collect::<Vec<_>>()), &lines(&fates, line))
        }
        QuarantineCommand::Show { key } => {
            let kept = app.store.quarantined(None).await?;
            let Some(kept) = kept.into_iter().find(|kept| kept.key == key) else {
                bail!("nothing is kept under the key {key}");
            };
            show(json, &json!(kept), &kept.operation)
        }
        QuarantineCommand::Export { device } => {
            let kept = app.store.quarantined(device).await?;
            show(json, &json!(kept), &lines(&kept, |kept: &KeptOperation| kept.operation.clone()))
        }
        QuarantineCommand::Release { device } => {
            let released = release(app, device).await?;
            show(json, &json!(released), &lines(&released, released_line))
        }
    }
}

fn listed(fate: &Fate) -> serde_json::Value {
    let KeptOperation { device, name, seq, key, received_at, operation } = &fate.kept;
    let mut listed = json!({
        "device": device, "name": name, "seq": seq, "key": key, "receivedAt": received_at, "bytes": operation.len(),
        "became": fate.became,
    });
    if let Some(said) = &fate.operation {
        listed["entity"] = json!(said.entity);
        listed["action"] = json!(said.action);
        listed["uid"] = json!(said.uid);
    }
    listed
}

fn line(fate: &Fate) -> String {
    let KeptOperation { device, name, seq, key, operation, .. } = &fate.kept;
    let about = fate.operation.as_ref().map(|said| format!("{} {}", said.action.name(), said.entity));
    let became = match fate.became {
        Became::Here => "here",
        Became::Kept => "kept",
        Became::Unreadable => "unreadable",
    };
    let about = about.unwrap_or_default();
    format!("{became}\t{device}\t{name}\tsequence {seq}\t{key}\t{about}\t{} bytes", operation.len())
}

fn released_line(released: &Released) -> String {
    let Released { key, entity, uid, numbers, outcome } = released;
    let numbers = numbers.as_ref().map(|[printed, now]| format!("\tprinted {printed}, now {now}")).unwrap_or_default();
    let said = match outcome {
        Outcome::Accepted { .. } => "accepted".to_owned(),
        Outcome::Rejected { code, .. } => format!("rejected: {code}"),
        Outcome::Conflict { .. } => "in conflict".to_owned(),
        Outcome::Deferred { .. } => "kept still: what it names is not here".to_owned(),
    };
    format!("{said}\t{entity}\t{uid}\t{key}{numbers}")
}

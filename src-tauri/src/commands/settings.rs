//! Réglages.

use std::collections::BTreeMap;

use officine_till::views::{PharmacySettings, SettingsView};
use serde_json::Value as Json;
use tauri::State;

use crate::{Answer, Shell};

/// Réglages.
#[tauri::command]
pub async fn settings(shell: State<'_, Shell>) -> Answer<SettingsView> {
    shell.run(move |till| till.settings()).await
}

/// Saves what differs.
#[tauri::command]
pub async fn save_settings(shell: State<'_, Shell>, args: SettingsView) -> Answer<SettingsView> {
    shell.run(move |till| till.save_settings(&args)).await
}

/// Every setting of the pharmacy, by name.
#[tauri::command]
pub async fn pharmacy_settings(shell: State<'_, Shell>) -> Answer<PharmacySettings> {
    shell.run(move |till| till.pharmacy_settings().map(named)).await
}

/// Sets those named, all or none.
#[tauri::command]
pub async fn set_pharmacy_settings(shell: State<'_, Shell>, args: PharmacySettings) -> Answer<PharmacySettings> {
    shell
        .run(move |till| {
            let new: Vec<_> = args.0.into_iter().collect();
            till.set_pharmacy_settings(&new).map(named)
        })
        .await
}

fn named(settings: BTreeMap<&'static str, Json>) -> PharmacySettings {
    PharmacySettings(settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

//! Réglages.

use officine_till::views::SettingsView;
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

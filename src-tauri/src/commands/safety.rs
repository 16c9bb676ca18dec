//! « Sauvegarde », and a till whose file was restored, copied or damaged.

use officine_till::views::{
    BackupSettings, BackupsView, IdentityView, Nothing, ReenrolArgs, RestoreBackupArgs, SalvageReport,
};
use tauri::{AppHandle, Runtime, State};
use tauri_plugin_dialog::DialogExt;

use crate::{Answer, Shell};

/// Who this till is to the hub.
#[tauri::command]
pub async fn identity(shell: State<'_, Shell>) -> Answer<IdentityView> {
    shell.run(move |till| till.identity()).await
}

/// « Ré-enrôler ».
#[tauri::command]
pub async fn reenrol(shell: State<'_, Shell>, args: ReenrolArgs) -> Answer<IdentityView> {
    shell.run(move |till| till.reenrol(&args)).await
}

/// « Sauvegarde ».
#[tauri::command]
pub async fn backups(shell: State<'_, Shell>) -> Answer<BackupsView> {
    shell.run(move |till| till.backups()).await
}

/// How they are made from now on.
#[tauri::command]
pub async fn set_backups(shell: State<'_, Shell>, args: BackupSettings) -> Answer<BackupsView> {
    shell.run(move |till| till.set_backups(&args)).await
}

/// Asks for a folder; none if the person thinks better of it.
#[tauri::command]
pub async fn choose_backup_folder<R: Runtime>(app: AppHandle<R>, shell: State<'_, Shell>) -> Answer<Option<String>> {
    shell
        .run(move |till| {
            till.session()?;
            let chosen = app.dialog().file().blocking_pick_folder();
            Ok(chosen.and_then(|folder| folder.into_path().ok()).map(|path| path.display().to_string()))
        })
        .await
}

/// Asks for a backup; none if the person thinks better of it.
#[tauri::command]
pub async fn choose_backup_file<R: Runtime>(app: AppHandle<R>, shell: State<'_, Shell>) -> Answer<Option<String>> {
    shell
        .run(move |till| {
            till.session()?;
            let chosen = app.dialog().file().add_filter("Officine", &["db"]).blocking_pick_file();
            Ok(chosen.and_then(|file| file.into_path().ok()).map(|path| path.display().to_string()))
        })
        .await
}

/// « Sauvegarder maintenant ».
#[tauri::command]
pub async fn back_up(shell: State<'_, Shell>) -> Answer<BackupsView> {
    shell.run(move |till| till.back_up()).await
}

/// « Restaurer ». No scan is under way meanwhile.
#[tauri::command]
pub async fn restore_backup(shell: State<'_, Shell>, args: RestoreBackupArgs) -> Answer<Nothing> {
    shell.in_turn(move |till| till.restore_backup(&args).map(|()| Nothing)).await
}

/// Saves what exists nowhere else from a damaged store, and opens a new one.
#[tauri::command]
pub async fn salvage(shell: State<'_, Shell>) -> Answer<SalvageReport> {
    shell.salvage().await
}

//! Repairs, integrity and the certificate.

use std::path::PathBuf;

use officine_till::views::{
    CertificateView, ExportedFile, IntegrityArgs, IntegrityReport, ListRepairsArgs, RepairRun, RepairsView,
};
use tauri::{AppHandle, Runtime, State};
use tauri_plugin_dialog::DialogExt;

use crate::{Answer, Shell};

/// « Réparer la synchronisation ».
#[tauri::command]
pub async fn repair(shell: State<'_, Shell>) -> Answer<RepairRun> {
    shell.run(move |till| till.repair()).await
}

/// What was found and done.
#[tauri::command]
pub async fn list_repairs(shell: State<'_, Shell>, args: ListRepairsArgs) -> Answer<RepairsView> {
    shell.run(move |till| till.list_repairs(&args)).await
}

/// Asks where, then writes it; none if the person thinks better of it.
#[tauri::command]
pub async fn export_repairs<R: Runtime>(
    app: AppHandle<R>,
    shell: State<'_, Shell>,
    args: ListRepairsArgs,
) -> Answer<Option<ExportedFile>> {
    shell
        .run(move |till| {
            till.session()?;
            let path = ask(&app, till.repairs_file_name()?);
            path.map(|path| till.export_repairs(&args, &path)).transpose()
        })
        .await
}

/// Compares documents with the hub, and makes them equal.
#[tauri::command]
pub async fn check_integrity(shell: State<'_, Shell>, args: IntegrityArgs) -> Answer<IntegrityReport> {
    shell.run(move |till| till.check_integrity(&args)).await
}

/// The last comparison.
#[tauri::command]
pub async fn last_integrity(shell: State<'_, Shell>) -> Answer<Option<IntegrityReport>> {
    shell.run(move |till| till.last_integrity()).await
}

/// Asks where, then writes its steps.
#[tauri::command]
pub async fn export_integrity<R: Runtime>(app: AppHandle<R>, shell: State<'_, Shell>) -> Answer<Option<ExportedFile>> {
    shell
        .run(move |till| {
            till.session()?;
            let path = ask(&app, till.integrity_file_name());
            path.map_or(Ok(None), |path| till.export_integrity(&path))
        })
        .await
}

/// Lays both books side by side.
#[tauri::command]
pub async fn certify(shell: State<'_, Shell>) -> Answer<CertificateView> {
    shell.run(move |till| till.certify()).await
}

/// The certificates that are kept.
#[tauri::command]
pub async fn list_certificates(shell: State<'_, Shell>) -> Answer<Vec<CertificateView>> {
    shell.run(move |till| till.list_certificates()).await
}

fn ask<R: Runtime>(app: &AppHandle<R>, name: String) -> Option<PathBuf> {
    let dialog = app.dialog().file().add_filter("CSV", &["csv"]);
    dialog.set_file_name(name).blocking_save_file().and_then(|file| file.into_path().ok())
}

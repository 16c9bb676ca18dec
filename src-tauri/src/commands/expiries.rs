//! Périmés: the report, its file, its badge, and the word to the desktop.

use officine_till::views::{ExpiriesArgs, ExpiryReport, ExpirySummary, ExportedFile, Nothing, TellExpiriesArgs};
use tauri::{AppHandle, Runtime, State};
use tauri_plugin_dialog::DialogExt;

use crate::{Answer, Shell, desktop};

/// Périmés.
#[tauri::command]
pub async fn expiries(shell: State<'_, Shell>, args: ExpiriesArgs) -> Answer<ExpiryReport> {
    shell.run(move |till| till.expiries(&args)).await
}

/// Asks where, then writes the rows asked for; none if the person thinks better of it.
#[tauri::command]
pub async fn export_expiries<R: Runtime>(
    app: AppHandle<R>,
    shell: State<'_, Shell>,
    args: ExpiriesArgs,
) -> Answer<Option<ExportedFile>> {
    shell
        .run(move |till| {
            till.session()?;
            let dialog = app.dialog().file().add_filter("CSV", &["csv"]);
            let chosen = dialog.set_file_name(till.expiries_file_name()?).blocking_save_file();
            let path = chosen.and_then(|file| file.into_path().ok());
            path.map(|path| till.export_expiries(&args, &path)).transpose()
        })
        .await
}

/// The badge, and what the desktop has not been told today.
#[tauri::command]
pub async fn expiry_summary(shell: State<'_, Shell>) -> Answer<ExpirySummary> {
    shell.run(move |till| till.expiry_summary()).await
}

/// Tells the desktop, in the window's words; once a day, whoever asks.
#[tauri::command]
pub async fn tell_expiries<R: Runtime>(
    app: AppHandle<R>,
    shell: State<'_, Shell>,
    args: TellExpiriesArgs,
) -> Answer<Nothing> {
    shell
        .run(move |till| {
            if till.tell_expiries()? {
                desktop::notify(&app, &args.title, &args.body);
            }
            Ok(Nothing)
        })
        .await
}

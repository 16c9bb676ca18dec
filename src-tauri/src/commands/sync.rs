//! The sync and its queue.

use officine_till::{
    Trigger,
    views::{
        DiagnosticView, ExportQueueArgs, ExportedFile, ListQueueArgs, Nothing, OperationArgs, Operations, QueuePage,
        SyncActivity, SyncReport, SyncRun, SyncState, TellDesktopArgs,
    },
};
use tauri::{AppHandle, Runtime, State};
use tauri_plugin_dialog::DialogExt;

use crate::{Answer, Shell, desktop};

/// « Synchroniser maintenant ».
#[tauri::command]
pub async fn sync_now(shell: State<'_, Shell>) -> Answer<SyncReport> {
    shell.run(move |till| till.sync_now(Trigger::Manual)).await
}

/// « Actualiser les données ».
#[tauri::command]
pub async fn refresh_data(shell: State<'_, Shell>) -> Answer<SyncReport> {
    shell.run(move |till| till.refresh_data()).await
}

/// Stops the run under way.
#[tauri::command]
pub async fn cancel_sync(shell: State<'_, Shell>) -> Answer<Nothing> {
    shell
        .run(|till| {
            till.cancel_sync();
            Ok(Nothing)
        })
        .await
}

/// The strip and the head of Synchronisation.
#[tauri::command]
pub async fn sync_state(shell: State<'_, Shell>) -> Answer<SyncState> {
    shell.run(move |till| till.sync_state()).await
}

/// The queue.
#[tauri::command]
pub async fn list_queue(shell: State<'_, Shell>, args: ListQueueArgs) -> Answer<QueuePage> {
    shell.run(move |till| till.list_queue(&args)).await
}

/// Sends an operation again.
#[tauri::command]
pub async fn retry_operation(shell: State<'_, Shell>, args: OperationArgs) -> Answer<Nothing> {
    shell.run(move |till| till.retry_operation(args.seq).map(|()| Nothing)).await
}

/// Sends again whatever waits.
#[tauri::command]
pub async fn retry_queue(shell: State<'_, Shell>) -> Answer<Operations> {
    shell.run(move |till| till.retry_queue()).await
}

/// Takes what is done with out of the lists.
#[tauri::command]
pub async fn clear_queue(shell: State<'_, Shell>) -> Answer<Operations> {
    shell.run(move |till| till.clear_queue()).await
}

/// Asks where, then writes the queue; none if the person thinks better of it.
#[tauri::command]
pub async fn export_queue<R: Runtime>(
    app: AppHandle<R>,
    shell: State<'_, Shell>,
    args: ExportQueueArgs,
) -> Answer<Option<ExportedFile>> {
    shell
        .run(move |till| {
            till.session()?;
            let (kind, ending) = if args.json { ("JSON", "json") } else { ("CSV", "csv") };
            let dialog = app.dialog().file().add_filter(kind, &[ending]);
            let chosen = dialog.set_file_name(till.queue_file_name(args.json)?).blocking_save_file();
            let path = chosen.and_then(|file| file.into_path().ok());
            path.map(|path| till.export_queue(&args, &path)).transpose()
        })
        .await
}

/// Past runs.
#[tauri::command]
pub async fn list_runs(shell: State<'_, Shell>) -> Answer<Vec<SyncRun>> {
    shell.run(move |till| till.list_runs()).await
}

/// The last 24 hours, by hour.
#[tauri::command]
pub async fn sync_activity(shell: State<'_, Shell>) -> Answer<SyncActivity> {
    shell.run(move |till| till.sync_activity()).await
}

/// Diagnostic.
#[tauri::command]
pub async fn diagnostic(shell: State<'_, Shell>) -> Answer<DiagnosticView> {
    shell.run(move |till| till.diagnostic()).await
}

/// Tells the desktop what somebody at this till has to know, in the window's words.
#[tauri::command]
pub async fn tell_desktop<R: Runtime>(
    app: AppHandle<R>,
    shell: State<'_, Shell>,
    args: TellDesktopArgs,
) -> Answer<Nothing> {
    shell
        .run(move |till| {
            till.session()?;
            desktop::notify(&app, &args.title, &args.body);
            Ok(Nothing)
        })
        .await
}

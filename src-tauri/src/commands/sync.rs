//! The sync and its queue.

use officine_till::{
    Trigger,
    views::{
        DiagnosticView, ListQueueArgs, Nothing, OperationArgs, QueuePage, SyncActivity, SyncReport, SyncRun, SyncState,
        TellDesktopArgs,
    },
};
use tauri::{AppHandle, Runtime, State};

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

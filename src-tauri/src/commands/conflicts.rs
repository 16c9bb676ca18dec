//! Conflicts and the log of changes.

use officine_till::views::{
    ChangeLogArgs, ConflictArgs, ConflictView, ConflictsView, ExportedFile, ListConflictsArgs, LogPage, MergeArgs,
    MergePreview, Nothing, ResolveAllArgs, ResolveConflictArgs, ResolvedView, RowHistoryArgs,
};
use tauri::{AppHandle, Runtime, State};
use tauri_plugin_dialog::DialogExt;

use crate::{Answer, Shell};

/// « Conflits ».
#[tauri::command]
pub async fn list_conflicts(shell: State<'_, Shell>, args: ListConflictsArgs) -> Answer<ConflictsView> {
    shell.run(move |till| till.list_conflicts(&args)).await
}

/// A conflict, field by field.
#[tauri::command]
pub async fn read_conflict(shell: State<'_, Shell>, args: ConflictArgs) -> Answer<ConflictView> {
    shell.run(move |till| till.read_conflict(&args)).await
}

/// Resolves one.
#[tauri::command]
pub async fn resolve_conflict(shell: State<'_, Shell>, args: ResolveConflictArgs) -> Answer<ConflictView> {
    shell.run(move |till| till.resolve_conflict(&args)).await
}

/// Resolves all, or those of an entity.
#[tauri::command]
pub async fn resolve_conflicts(shell: State<'_, Shell>, args: ResolveAllArgs) -> Answer<ResolvedView> {
    shell.run(move |till| till.resolve_conflicts(&args)).await
}

/// Stops resolving them.
#[tauri::command]
pub async fn stop_resolving(shell: State<'_, Shell>) -> Answer<Nothing> {
    shell
        .run(|till| {
            till.stop_resolving();
            Ok(Nothing)
        })
        .await
}

/// Takes a resolution back.
#[tauri::command]
pub async fn undo_resolution(shell: State<'_, Shell>, args: ConflictArgs) -> Answer<ConflictView> {
    shell.run(move |till| till.undo_resolution(&args)).await
}

/// What would become of twins that are one.
#[tauri::command]
pub async fn preview_merge(shell: State<'_, Shell>, args: MergeArgs) -> Answer<MergePreview> {
    shell.run(move |till| till.preview_merge(&args)).await
}

/// Makes one of twins.
#[tauri::command]
pub async fn merge_twins(shell: State<'_, Shell>, args: MergeArgs) -> Answer<ConflictView> {
    shell.run(move |till| till.merge_twins(&args)).await
}

/// « Historique » of a row.
#[tauri::command]
pub async fn row_history(shell: State<'_, Shell>, args: RowHistoryArgs) -> Answer<LogPage> {
    shell.run(move |till| till.row_history(&args)).await
}

/// « Journal d'audit ».
#[tauri::command]
pub async fn change_log(shell: State<'_, Shell>, args: ChangeLogArgs) -> Answer<LogPage> {
    shell.run(move |till| till.change_log(&args)).await
}

/// Asks where, then writes the lines asked for; none if the person thinks better of it.
#[tauri::command]
pub async fn export_change_log<R: Runtime>(
    app: AppHandle<R>,
    shell: State<'_, Shell>,
    args: ChangeLogArgs,
) -> Answer<Option<ExportedFile>> {
    shell
        .run(move |till| {
            till.session()?;
            let dialog = app.dialog().file().add_filter("CSV", &["csv"]);
            let chosen = dialog.set_file_name(till.change_log_file_name()?).blocking_save_file();
            let path = chosen.and_then(|file| file.into_path().ok());
            path.map(|path| till.export_change_log(&args, &path)).transpose()
        })
        .await
}

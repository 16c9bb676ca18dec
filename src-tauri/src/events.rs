//! What the engine tells, sent to the window.

use officine_till::{Till, views::Notice};
use tauri::{AppHandle, Emitter, Runtime};

/// The channel on which notices travel.
pub const CHANNEL: &str = "officine";

/// Sends every notice of `till` to the window.
pub fn forward<R: Runtime>(app: &AppHandle<R>, till: &Till) {
    let app = app.clone();
    till.listen(move |notice| send(&app, notice));
}

/// Sends one notice to the window.
pub fn send<R: Runtime>(app: &AppHandle<R>, notice: &Notice) {
    if let Err(error) = app.emit(CHANNEL, notice) {
        tracing::warn!(%error, "a notice did not reach the window");
    }
}

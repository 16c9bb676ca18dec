//! A word to the desktop. Where nothing listens to it (no D-Bus, no notification service), it is lost without harm.

use tauri::{AppHandle, Manager, Runtime};
use tauri_plugin_notification::{Notification, NotificationExt};

const TITLE_CHARS: usize = 100;
const BODY_CHARS: usize = 1_000;

/// Shows a notification; what is too long is cut.
pub fn notify<R: Runtime>(app: &AppHandle<R>, title: &str, body: &str) {
    if app.try_state::<Notification<R>>().is_none() {
        return;
    }
    let cut = |text: &str, chars| text.chars().take(chars).collect::<String>();
    let shown = app.notification().builder().title(cut(title, TITLE_CHARS)).body(cut(body, BODY_CHARS)).show();
    if let Err(error) = shown {
        tracing::warn!(%error, "the desktop was not told");
    }
}

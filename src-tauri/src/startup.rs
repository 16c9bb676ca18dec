//! From the command line to the open window: data folder, log, engine, and what may wait until it is painted.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock, Weak},
    thread,
    time::Duration,
};

use clap::Parser;
use officine_till::{Till, views::Notice};
use tauri::{App, AppHandle, Context, Manager, RunEvent, Wry, webview::PageLoadEvent};

use crate::{Log, Shell, events, handler, shell};

const AFTER_PAINT: Duration = Duration::from_millis(500);
const MAINTENANCE: Duration = Duration::from_secs(20);

/// The command line of the window.
#[derive(Parser)]
#[command(name = "officine", version, about = "The till of Officine")]
pub struct Options {
    /// Data folder of the till; the user's own application folder where absent.
    #[arg(long, env = "OFFICINE_DATA_DIR")]
    data: Option<PathBuf>,
}

/// Set once the page is there.
type Painted = Arc<OnceLock<()>>;

/// Runs the window until it is closed.
pub fn run(options: Options, context: Context) -> anyhow::Result<()> {
    let painted = Painted::default();
    let loaded = Arc::clone(&painted);
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_notification::init())
        .invoke_handler(handler())
        .on_page_load(move |_, page| {
            if page.event() == PageLoadEvent::Finished {
                let _ = loaded.set(());
            }
        })
        .setup(move |app| begin(app, options.data, painted).map_err(Into::into))
        .build(context)?;
    app.run(|app, event| {
        if matches!(event, RunEvent::Exit) {
            end(app);
        }
    });
    Ok(())
}

fn begin(app: &App, data: Option<PathBuf>, painted: Painted) -> anyhow::Result<()> {
    let folder = match data {
        Some(folder) => folder,
        None => app.path().app_data_dir()?,
    };
    let log = Log::begin(&folder);
    tracing::info!(version = env!("CARGO_PKG_VERSION"), folder = %folder.display(), "starting");
    let (handle, place) = (app.handle().clone(), folder.clone());
    let attend = move |till: &Arc<Till>| {
        log.follow(till);
        attend(&handle, till, &place, &painted);
    };
    app.manage(Shell::new(&folder, attend));
    Ok(())
}

/// The engine is open: hear it, let it synchronise, and take care of it once the window is painted.
fn attend(app: &AppHandle, till: &Arc<Till>, folder: &Path, painted: &Painted) {
    events::forward(app, till);
    if let Err(error) = till.start_sync() {
        tracing::error!(%error, "the sync did not start");
    }
    if let Err(error) = till.watch_day() {
        tracing::error!(%error, "the day is not watched");
    }
    let (app, folder, painted) = (app.clone(), folder.to_owned(), Arc::clone(painted));
    let weak = Arc::downgrade(till);
    let spawned = thread::Builder::new().name("care".to_owned()).spawn(move || care(&app, &weak, &folder, &painted));
    if let Err(error) = spawned {
        tracing::error!(%error, "no care will be taken of the store");
    }
}

fn care(app: &AppHandle, till: &Weak<Till>, folder: &Path, painted: &Painted) {
    painted.wait();
    thread::sleep(AFTER_PAINT);
    if let Some(till) = till.upgrade() {
        if let Err(error) = till.refresh_search() {
            tracing::error!(%error, "the search index was not refreshed");
        }
        check(app, &till, folder);
        if let Err(error) = till.look_over() {
            tracing::error!(%error, "the books were not looked over");
        }
    }
    loop {
        thread::sleep(MAINTENANCE);
        let Some(till) = till.upgrade() else { return };
        maintain(&till);
        if let Err(error) = till.back_up_if_due() {
            tracing::warn!(%error, "no backup was made");
        }
    }
}

fn check(app: &AppHandle<Wry>, till: &Till, folder: &Path) {
    let problem = match till.check() {
        Ok(None) => return,
        Ok(Some(found)) => shell::problem("store_unreadable", folder, &found),
        Err(error) => error.problem(),
    };
    tracing::error!(code = problem.code, params = ?problem.params, "the store was found damaged");
    events::send(app, &Notice::Trouble { problem });
}

fn maintain(till: &Till) {
    if let Err(error) = till.maintain() {
        tracing::warn!(%error, "maintenance failed");
    }
}

fn end(app: &AppHandle) {
    if let Some(till) = app.try_state::<Shell>().and_then(|shell| shell.till().ok()) {
        maintain(&till);
    }
    tracing::info!("closed");
}

//! The engine as the commands reach it: open, or the problem that every command answers until it is.
//! Calls run off the thread that paints; those that touch the cart run one by one, in the order of the keys.

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock, Weak},
    thread,
    time::Duration,
};

use officine_till::{
    Error, Result, Till, safety,
    system::{SystemClock, SystemEntropy},
    views::{Problem, SalvageReport, StartView},
};
use tauri::async_runtime::{Mutex, spawn_blocking};

/// What a command answers.
pub type Answer<T> = std::result::Result<T, Problem>;

const LOCK: &str = "window.lock";
/// How long whoever uses the till may take to end, and how often that is looked at.
const LEAVES: Duration = Duration::from_secs(10);
const GLANCE: Duration = Duration::from_millis(20);

type Attend = Box<dyn Fn(&Arc<Till>) + Send + Sync>;

struct Opened {
    till: Arc<Till>,
    _lock: Option<File>,
}

/// The engine of one data folder, or why it is not there.
pub struct Shell {
    folder: PathBuf,
    opened: RwLock<Answer<Opened>>,
    counter: Mutex<()>,
    attend: Attend,
}

impl Shell {
    /// Opens the till of `folder`; `attend` is told once it is open, now or later.
    pub fn new(folder: &Path, attend: impl Fn(&Arc<Till>) + Send + Sync + 'static) -> Self {
        let closed = Err(problem("store_failed", folder, "closed"));
        let (opened, counter) = (RwLock::new(closed), Mutex::new(()));
        let shell = Self { folder: folder.to_owned(), opened, counter, attend: Box::new(attend) };
        shell.open();
        shell
    }

    /// The engine, if the store could be opened.
    pub fn till(&self) -> Answer<Arc<Till>> {
        let opened = self.opened.read().unwrap_or_else(PoisonError::into_inner);
        opened.as_ref().map(|opened| Arc::clone(&opened.till)).map_err(Problem::clone)
    }

    /// What the window shows first. A store that could not be opened is tried again.
    pub fn start(&self) -> StartView {
        if self.till().is_err() {
            self.open();
        }
        let view = self.till().and_then(|till| till.start().map_err(|error| error.problem()));
        view.unwrap_or_else(broken)
    }

    /// Runs a call of the engine where it keeps nobody waiting.
    pub async fn run<T: Send + 'static>(&self, call: impl FnOnce(&Till) -> Result<T> + Send + 'static) -> Answer<T> {
        let till = self.till()?;
        let done = spawn_blocking(move || call(&till).map_err(|error| error.problem())).await;
        done.unwrap_or_else(|error| {
            tracing::error!(%error, "a command did not end");
            Err(problem("internal", &self.folder, "panic"))
        })
    }

    /// The same, after every such call before it: keys and scans take effect in the order in which they came.
    pub async fn in_turn<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Till) -> Result<T> + Send + 'static,
    ) -> Answer<T> {
        let _turn = self.counter.lock().await;
        self.run(call).await
    }

    /// Closes the till, saves what exists nowhere else from its store, and opens it again.
    pub async fn salvage(&self) -> Answer<SalvageReport> {
        let _turn = self.counter.lock().await;
        let (folder, leaving) = (self.folder.clone(), self.close());
        let saved = spawn_blocking(move || salvage(&folder, &leaving)).await;
        self.open();
        saved.unwrap_or_else(|_| Err(problem("internal", &self.folder, "panic")))
    }

    fn close(&self) -> Weak<Till> {
        let mut opened = self.opened.write().unwrap_or_else(PoisonError::into_inner);
        let leaving = opened.as_ref().map(|opened| Arc::downgrade(&opened.till)).unwrap_or_default();
        *opened = Err(problem("store_busy", &self.folder, "salvage"));
        leaving
    }

    fn open(&self) {
        let mut opened = self.opened.write().unwrap_or_else(PoisonError::into_inner);
        if opened.is_ok() {
            return;
        }
        *opened = open(&self.folder);
        match opened.as_ref() {
            Ok(opened) => (self.attend)(&opened.till),
            Err(problem) => {
                tracing::error!(code = problem.code, params = ?problem.params, "the store cannot be opened")
            }
        }
    }
}

/// Whoever uses the till still has it open: its store is left alone until they have ended.
fn salvage(folder: &Path, leaving: &Weak<Till>) -> Answer<SalvageReport> {
    for _ in 0..LEAVES.as_millis() / GLANCE.as_millis() {
        if leaving.strong_count() == 0 {
            let _lock = lock(folder)?;
            return safety::salvage(folder, &SystemClock).map_err(|error| error.problem());
        }
        thread::sleep(GLANCE);
    }
    Err(problem("store_busy", folder, "in use"))
}

fn open(folder: &Path) -> Answer<Opened> {
    fs::create_dir_all(folder).map_err(|error| Error::from(error).problem())?;
    let lock = lock(folder)?;
    let till = Till::open(folder, Arc::new(SystemClock), Arc::new(SystemEntropy));
    let till = till.map_err(|error| error.problem())?;
    Ok(Opened { till, _lock: lock })
}

/// One window per data folder. A folder that cannot be locked is left to the store, which names what is wrong.
fn lock(folder: &Path) -> Answer<Option<File>> {
    let Ok(file) = File::options().create(true).append(true).open(folder.join(LOCK)) else { return Ok(None) };
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(problem("store_busy", folder, "another window")),
        Err(TryLockError::Error(error)) => {
            tracing::warn!(%error, "the data folder cannot be locked");
            Ok(None)
        }
    }
}

/// A problem of the data folder.
pub fn problem(code: &str, folder: &Path, detail: &str) -> Problem {
    let mut params = serde_json::Map::new();
    params.insert("path".to_owned(), folder.display().to_string().into());
    params.insert("detail".to_owned(), detail.into());
    Problem { code: code.to_owned(), params }
}

fn broken(problem: Problem) -> StartView {
    StartView {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        enrolled: false,
        needs_owner: false,
        pharmacy: String::new(),
        till: String::new(),
        people: Vec::new(),
        session: None,
        today: String::new(),
        problem: Some(problem),
    }
}

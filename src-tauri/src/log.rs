//! The log: standard error, and files in the data folder that follow one another, so large and so many and never more.
//! How much it says follows the till's settings while it runs. A log that cannot be written stops no till.

use std::{
    fs::{self, File},
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use officine_till::{
    Till, log,
    views::{Notice, Topic},
};
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt, layer::SubscriberExt, reload, util::SubscriberInitExt};

const BYTES: u64 = 4 * 1024 * 1024;
const FILES: usize = 5;
const BASE: &str = "info";

/// The running log.
#[derive(Clone)]
pub struct Log(reload::Handle<EnvFilter, Registry>);

impl Log {
    /// Begins to log, panics too, to standard error and into `folder`.
    pub fn begin(folder: &Path) -> Self {
        let (filter, handle) = reload::Layer::new(log::filter(BASE, false));
        let file = Rotating::new(&folder.join(log::FILE), BYTES, FILES);
        let file = fmt::layer().with_ansi(false).with_writer(Mutex::new(file));
        let errors = fmt::layer().with_ansi(io::stderr().is_terminal()).with_writer(io::stderr);
        let _ = tracing_subscriber::registry().with(filter).with(errors.and_then(file)).try_init();
        std::panic::set_hook(Box::new(|panic| tracing::error!(%panic, "panic")));
        Self(handle)
    }

    /// Says as much as this till is set to, now and whenever its settings change.
    pub fn follow(&self, till: &Arc<Till>) {
        self.apply(till);
        let (log, weak) = (self.clone(), Arc::downgrade(till));
        till.listen(move |notice| {
            let settings = matches!(notice, Notice::Changed { topics } if topics.contains(&Topic::Settings));
            if let Some(till) = weak.upgrade().filter(|_| settings) {
                log.apply(&till);
            }
        });
    }

    fn apply(&self, till: &Till) {
        let Ok(settings) = till.settings() else { return };
        if let Err(error) = self.0.reload(log::filter(BASE, settings.verbose)) {
            tracing::warn!(%error, "the log says no more and no less than before");
        }
    }
}

/// A file that gives way to a new one before it grows past its bound; the older ones are `.1`, `.2` …, the oldest goes.
pub struct Rotating {
    path: PathBuf,
    file: Option<File>,
    size: u64,
    bytes: u64,
    files: usize,
}

impl Rotating {
    /// Goes on with the file at `path`: at most `files` of them, each of `bytes` or of one longer line.
    pub fn new(path: &Path, bytes: u64, files: usize) -> Self {
        let mut log = Self { path: path.to_owned(), file: None, size: 0, bytes, files };
        let _ = path.parent().map(fs::create_dir_all);
        log.open();
        log
    }

    fn open(&mut self) {
        self.file = File::options().create(true).append(true).open(&self.path).ok();
        self.size = self.file.as_ref().and_then(|file| file.metadata().ok()).map_or(0, |found| found.len());
    }

    fn older(&self, age: usize) -> PathBuf {
        if age == 0 { self.path.clone() } else { PathBuf::from(format!("{}.{age}", self.path.display())) }
    }

    /// Every file becomes one older. A file that another program holds is emptied instead of kept.
    fn turn(&mut self) {
        self.file = None;
        for age in (1..self.files).rev() {
            let _ = fs::rename(self.older(age - 1), self.older(age));
        }
        let _ = File::create(&self.path);
        self.open();
    }
}

impl Write for Rotating {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.size > 0 && self.size + line.len() as u64 > self.bytes {
            self.turn();
        }
        if self.file.as_mut().is_some_and(|file| file.write_all(line).is_ok()) {
            self.size += line.len() as u64;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test says what it expects")]

    use super::*;

    fn text(path: PathBuf) -> Option<String> {
        fs::read_to_string(path).ok()
    }

    #[test]
    fn the_log_turns_while_it_is_written_and_keeps_so_many_files_and_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("there/officine.log");
        let mut log = Rotating::new(&path, 20, 3);
        for line in 1..=9 {
            log.write_all(format!("line {line}..\n").as_bytes()).unwrap();
        }
        assert_eq!(text(path.clone()).unwrap(), "line 9..\n");
        assert_eq!(text(log.older(1)).unwrap(), "line 7..\nline 8..\n");
        assert_eq!(text(log.older(2)).unwrap(), "line 5..\nline 6..\n");
        assert_eq!(text(log.older(3)), None);
        drop(log);
        let mut again = Rotating::new(&path, 20, 3);
        again.write_all(b"line a..\nline b..\n").unwrap();
        assert_eq!(text(again.older(1)).unwrap(), "line 9..\n", "a file found is gone on with, not past its bound");
    }

    #[test]
    fn a_line_longer_than_the_bound_is_written_and_a_folder_that_cannot_be_written_to_is_nobodys_trouble() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = Rotating::new(&folder.path().join("officine.log"), 4, 2);
        log.write_all(b"a long line").unwrap();
        log.write_all(b"b").unwrap();
        assert_eq!(text(log.older(1)).unwrap(), "a long line");
        fs::write(folder.path().join("file"), "").unwrap();
        let mut nowhere = Rotating::new(&folder.path().join("file/officine.log"), 4, 2);
        nowhere.write_all(b"lost").unwrap();
    }
}

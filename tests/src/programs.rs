//! The programs under test: where they are, and what one of them answered.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::OnceLock,
};

use serde_json::Value;

/// Where the programs are. `./test` says so; without it they are built here, once.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| match std::env::var_os("OFFICINE_BIN_DIR") {
        Some(folder) => folder.into(),
        None => build(),
    })
}

fn build() -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--quiet", "--locked", "--bins", "-p", "officine-till", "-p", "officine-hub"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    assert!(built.is_ok_and(|status| status.success()), "the programs do not build");
    let test = std::env::current_exe().expect("this test");
    let built = test.ancestors().skip(1).find(|folder| folder.join("officine-hub").exists());
    built.expect("target/debug").to_owned()
}

/// A program of the tests' own, beside this one.
pub fn beside(name: &str) -> PathBuf {
    let own = std::env::current_exe().expect("this program");
    own.ancestors()
        .skip(1)
        .map(|folder| folder.join(name))
        .find(|file| file.exists())
        .expect("it is built with this one")
}

/// One of the programs, by name.
pub fn program(name: &str) -> PathBuf {
    folder().join(name)
}

/// What a program said and how it ended.
#[derive(Debug)]
pub struct Said {
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Its answer.
    pub json: Value,
    /// What else it wrote.
    pub stderr: String,
}

impl Said {
    /// Reads an output. A panic is never an answer.
    pub fn of(output: &Output) -> Self {
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!stderr.contains("panicked"), "{stderr}");
        let json = serde_json::from_slice(&output.stdout).unwrap_or_default();
        Self { code: output.status.code(), json, stderr }
    }

    /// The answer of a program that did what it was asked.
    pub fn done(self) -> Value {
        assert_eq!(self.code, Some(0), "{} {}", self.json, self.stderr);
        self.json
    }

    /// The code of the problem, with the exit code that goes with it.
    pub fn problem(&self) -> (i32, &str) {
        (self.code.unwrap_or(-1), self.json["problem"]["code"].as_str().unwrap_or_default())
    }
}

/// A command of the till's command line on this data folder.
pub fn till_command<A: AsRef<OsStr>>(data: &Path, args: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(program("officine-till"));
    command.arg("--data").arg(data).arg("--json").args(args);
    command
}

/// Runs a command of the till's command line.
pub fn till<A: AsRef<OsStr>>(data: &Path, args: impl IntoIterator<Item = A>) -> Said {
    Said::of(&till_command(data, args).output().expect("officine-till"))
}

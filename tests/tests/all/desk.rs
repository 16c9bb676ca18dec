//! The owner at a till's command line.

use std::path::{Path, PathBuf};

use officine_tests::{
    Shop,
    programs::{Said, till},
};
use serde_json::Value;

const OWNER: [&str; 4] = ["--user", "mariama", "--pin", "5555"];

/// What the till says to a command, its words apart by `|`.
pub fn ask(data: &Path, command: &str) -> Said {
    till(data, OWNER.into_iter().chain(command.split('|')))
}

/// The answer to one that is done.
pub fn done(data: &Path, command: &str) -> Value {
    let said = ask(data, command);
    assert_eq!(said.code, Some(0), "{command}: {} {}", said.json, said.stderr);
    said.json
}

/// A till that is enrolled and has read everything.
pub fn enrolled(shop: &Shop, name: &str) -> PathBuf {
    let data = shop.data(name);
    till(&data, ["enrol", "--hub", &shop.hub.url(), "--code", &shop.hub.code(&shop.pharmacy), "--name", name]).done();
    till(&data, ["sync"]).done();
    data
}

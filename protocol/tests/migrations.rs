//! The newest migration of each database is what the declaration asks for. `OFFICINE_WRITE=1` writes it.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use officine_protocol::{
    ddl::{Target, migration},
    limits::SCHEMA,
    ranges::triggers,
};

const FOLDERS: [(Target, &str); 3] = [
    (Target::Till, "../src-tauri/till/migrations"),
    (Target::HubFile, "../hub/migrations/sqlite"),
    (Target::HubServer, "../hub/migrations/postgres"),
];

/// The file of a schema in a folder.
fn file(folder: &Path, schema: u32) -> PathBuf {
    named(folder, &format!("__schema_{schema}.sql"))
}

/// The file that ends so: where it is, or where it would be.
fn named(folder: &Path, end: &str) -> PathBuf {
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let there = files.iter().find(|file| file.to_string_lossy().ends_with(end)).cloned();
    there.unwrap_or_else(|| folder.join(format!("V{}{end}", files.len() + 1)))
}

#[test]
fn the_newest_migrations_are_what_is_declared() {
    for (target, folder) in FOLDERS {
        let file = file(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), SCHEMA);
        let wanted = migration(SCHEMA, target);
        if std::env::var_os("OFFICINE_WRITE").is_some() {
            fs::write(&file, &wanted).unwrap();
        }
        let found = fs::read_to_string(&file).unwrap_or_default();
        assert!(found == wanted, "{} is not what is declared: OFFICINE_WRITE=1 writes it anew", file.display());
    }
}

/// What forgets kept hashes follows the declaration as well.
#[test]
fn whatever_is_hashed_is_forgotten_when_it_is_written() {
    for (target, folder) in FOLDERS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let file = named(&folder, &format!("__ranges_of_schema_{SCHEMA}.sql"));
        let wanted = triggers::migration(target);
        if std::env::var_os("OFFICINE_WRITE").is_some() {
            fs::write(&file, &wanted).unwrap();
        }
        let found = fs::read_to_string(&file).unwrap_or_default();
        assert!(found == wanted, "{} is not what is declared: OFFICINE_WRITE=1 writes it anew", file.display());
    }
}

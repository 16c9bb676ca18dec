//! Dependencies point one way: `ui → src-tauri → till → protocol ← hub`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

const OURS: [&str; 6] =
    ["officine", "officine-till", "officine-hub", "officine-protocol", "officine-tests", "officine-sim"];
/// Crates that open files, sockets or databases, or start threads: none of them below `protocol` by default.
const OUTSIDE_WORLD: [&str; 12] = [
    "tokio",
    "reqwest",
    "ureq",
    "hyper",
    "axum",
    "rusqlite",
    "tokio-postgres",
    "deadpool-postgres",
    "fs4",
    "rand",
    "tauri",
    "tempfile",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

fn metadata() -> Value {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo metadata");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// What `package` is built with: `(crate, optional)`. What only its tests take is left out.
fn dependencies(metadata: &Value, package: &str) -> Vec<(String, bool)> {
    let packages = metadata["packages"].as_array().expect("packages");
    let found = packages.iter().find(|one| one["name"] == package).unwrap_or_else(|| panic!("no package {package}"));
    let listed = found["dependencies"].as_array().expect("dependencies").iter();
    let built = listed.filter(|one| one["kind"] != "dev");
    built.map(|one| (one["name"].as_str().unwrap_or_default().to_owned(), one["optional"] == true)).collect()
}

fn ours(metadata: &Value, package: &str) -> Vec<String> {
    let all = dependencies(metadata, package).into_iter().map(|(name, _)| name);
    all.filter(|name| OURS.contains(&name.as_str())).collect()
}

#[test]
fn crates_depend_one_way() {
    let metadata = metadata();
    assert_eq!(ours(&metadata, "officine-protocol"), [""; 0], "protocol stands on nothing of ours");
    assert_eq!(ours(&metadata, "officine-till"), ["officine-protocol"]);
    assert_eq!(ours(&metadata, "officine-hub"), ["officine-protocol"]);
    let shell = ours(&metadata, "officine");
    assert!(shell.contains(&"officine-till".to_owned()) && !shell.contains(&"officine-hub".to_owned()), "{shell:?}");
}

#[test]
fn only_the_shell_knows_tauri() {
    let metadata = metadata();
    for package in OURS.into_iter().filter(|package| *package != "officine") {
        for (name, _) in dependencies(&metadata, package) {
            assert!(!name.starts_with("tauri") && name != "wry", "{package} depends on {name}");
        }
    }
}

#[test]
fn the_protocol_does_no_io() {
    for (name, optional) in dependencies(&metadata(), "officine-protocol") {
        assert!(optional || !OUTSIDE_WORLD.contains(&name.as_str()), "protocol is always built with {name}");
    }
    for (path, text) in sources(&root().join("protocol/src"), &["rs"]) {
        for forbidden in ["std::fs", "std::net", "std::process", "std::thread", "SystemTime"] {
            assert!(!text.contains(forbidden), "{} uses {forbidden}", path.display());
        }
    }
}

#[test]
fn one_file_of_the_ui_imports_the_desktop_api() {
    let ui = root().join("ui/src");
    let importing: Vec<PathBuf> = sources(&ui, &["ts", "svelte", "js"])
        .into_iter()
        .filter(|(_, text)| text.contains("@tauri-apps/") || text.contains("__TAURI__"))
        .map(|(path, _)| path.strip_prefix(&ui).unwrap_or(&path).to_owned())
        .collect();
    assert_eq!(importing, [Path::new("backend/tauri.ts")]);
}

/// Every file below a folder with one of these endings, and its text.
fn sources(folder: &Path, endings: &[&str]) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("an entry").path();
            let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            if path.is_dir() {
                folders.push(path);
            } else if endings.contains(&ending) {
                let text = fs::read_to_string(&path).expect("text");
                found.push((path, text));
            }
        }
    }
    found.sort();
    found
}

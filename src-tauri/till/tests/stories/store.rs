//! The store in trouble: each with its name, and nothing half done.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use officine_till::{
    Till,
    store::Store,
    system::{SystemClock, SystemEntropy},
    views::Problem,
};

use crate::support::Shop;

fn open(dir: &Path) -> Result<Arc<Till>, Problem> {
    Till::open(dir, Arc::new(SystemClock), Arc::new(SystemEntropy)).map_err(|error| error.problem())
}

#[test]
fn an_unreadable_file_is_named_and_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("officine.db");
    fs::write(&path, "ceci n'est pas une base".repeat(400)).unwrap();
    let before = fs::read(&path).unwrap();
    let problem = open(dir.path()).err().unwrap();
    assert_eq!(problem.code, "store_unreadable");
    assert_eq!(problem.params["path"], path.display().to_string());
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_store_of_a_newer_version_is_not_touched() {
    let shop = Shop::open();
    let insert =
        "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) VALUES (99, 'later', '', '0')";
    shop.db().execute(insert, []).unwrap();
    let dir = shop.dir;
    drop(shop.till);
    let problem = open(dir.path()).err().unwrap();
    assert_eq!((problem.code.as_str(), problem.params["found"].as_i64()), ("store_newer", Some(99)));
}

#[test]
fn a_device_file_that_cannot_be_read_is_named() {
    let shop = Shop::open();
    let dir = shop.dir;
    drop(shop.till);
    fs::write(dir.path().join("device.json"), "{").unwrap();
    let problem = open(dir.path()).err().unwrap();
    assert_eq!(problem.code, "store_unreadable");
    assert!(problem.params["path"].as_str().unwrap().ends_with("device.json"));
}

#[test]
fn a_lost_or_damaged_search_index_costs_nothing() {
    let shop = Shop::open();
    let product = shop.hub.product("Paracétamol", "2000000000015", Some(500));
    shop.hub.lot(product, "A", None, 5);
    shop.sync();
    let Shop { till, dir, .. } = shop;
    drop(till);
    for file in ["search.db", "search.db-wal", "search.db-shm"] {
        fs::write(dir.path().join(file), vec![7_u8; 40_960]).unwrap();
    }
    let till = open(dir.path()).unwrap();
    till.refresh_search().unwrap();
    let found = till.search_products(&officine_till::views::SearchArgs { text: "para".into(), limit: 9 }).unwrap();
    assert_eq!(found.len(), 1);
}

#[test]
fn an_act_that_fails_leaves_no_trace() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("officine.db")).unwrap();
    let failed: officine_till::Result<()> = store.write(|tx| {
        tx.execute("INSERT INTO local_setting VALUES ('a', 'b')", [])?;
        Err(officine_till::Error::refused("field_invalid", Default::default()))
    });
    assert!(failed.is_err());
    store.write(|tx| Ok(tx.execute("INSERT INTO local_setting VALUES ('c', 'd')", []).map(|_| ())?)).unwrap();
    let names = "SELECT group_concat(name) FROM local_setting";
    let kept: String = store.read(|db| Ok(db.query_row(names, [], |row| row.get(0))?)).unwrap();
    assert_eq!(kept, "c");
}

#[test]
fn what_is_acknowledged_is_synchronised_in_full() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("officine.db")).unwrap();
    let pragma = |name: &str| -> String {
        let sql = format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}");
        store.write(|tx| Ok(tx.query_row(&sql, [], |row| row.get(0))?)).unwrap()
    };
    assert_eq!(
        (pragma("synchronous"), pragma("journal_mode"), pragma("foreign_keys")),
        ("2".into(), "wal".into(), "1".into())
    );
}

/// Runs an ignored test of this binary on a disk of its own of two megabytes, with what `before` does to it first.
/// None where the machine gives no such disk.
fn on_a_small_disk(steps: &[&str]) -> Option<String> {
    let exe = std::env::current_exe().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let script = format!("set -e; mount -t tmpfs -o size=2m tmpfs \"$1\"; cd \"$1\"; {}", steps.join("; "));
    let child = "run() { OFFICINE_STORY=\"$PWD\" \"$EXE\" --exact \"store::$1\" --ignored --nocapture; }";
    let mut command = Command::new("unshare");
    command.args(["--mount", "--map-root-user", "sh", "-c", &format!("{child}; {script}"), "sh"]);
    let output = command.arg(folder.path()).env("EXE", exe).output().ok()?;
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !told.contains("running 1 test") {
        eprintln!("skipped: no disk of its own here ({})", told.trim());
        return None;
    }
    assert!(output.status.success(), "{told}");
    Some(told)
}

fn story_folder() -> Option<PathBuf> {
    std::env::var_os("OFFICINE_STORY").map(PathBuf::from)
}

#[test]
fn a_full_disk_refuses_the_sale_by_name_and_takes_it_once_there_is_room() {
    on_a_small_disk(&["run child_full_disk"]);
}

#[test]
#[ignore = "run by its parent on a small disk"]
fn child_full_disk() {
    let Some(folder) = story_folder() else { return };
    let shop = Shop::in_folder(tempfile::tempdir_in(&folder).unwrap());
    let product = shop.hub.product("Paracétamol", "2000000000015", Some(500));
    let lot = shop.hub.lot(product, "A", None, 50);
    shop.sync();
    let expected_total = shop.add(product, 2).total;
    let args = officine_till::views::CommitSaleArgs { expected_total, ..Default::default() };
    let filler = folder.join("filler");
    let mut file = fs::File::create(&filler).unwrap();
    while std::io::Write::write_all(&mut file, &[0; 1_024]).is_ok() {}
    for _ in 0..3 {
        assert_eq!(shop.till.commit_sale(&args).unwrap_err().code(), "disk_full");
    }
    drop(file);
    fs::remove_file(&filler).unwrap();
    assert_eq!((shop.one::<i64>("SELECT count(*) FROM sale"), shop.quantity(lot)), (0, 50));
    assert_eq!(shop.sell().number, "2-000 001");
    assert_eq!(shop.quantity(lot), 48);
    shop.assert_sound();
}

#[test]
fn a_read_only_folder_is_named() {
    on_a_small_disk(&["run child_fills_a_folder", "mount -o remount,ro \"$1\"", "run child_read_only_folder"]);
}

#[test]
#[ignore = "run by its parent on a small disk"]
fn child_fills_a_folder() {
    let Some(folder) = story_folder() else { return };
    drop(open(&folder.join("till")).unwrap());
}

#[test]
#[ignore = "run by its parent on a small disk"]
fn child_read_only_folder() {
    let Some(folder) = story_folder() else { return };
    for name in ["till", "another"] {
        let problem = open(&folder.join(name)).err().unwrap();
        assert_eq!(problem.code, "store_read_only", "{name}: {problem:?}");
    }
}

//! What support does without a window: backups, the way back to one, a damaged file, a copied disk, the doctor, a comparison
//! that was killed. Real programs on real files: each does what its help says, and its exit code says how it went.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    thread::sleep,
    time::Duration,
};

use officine_protocol::{
    limits::{PROTOCOL, SCHEMA},
    messages::{Cursor, PushRequest, SentOperation},
};
use officine_tests::{
    Shop,
    books::at_rest,
    programs::{Said, till, till_command},
    proxy::{Faults, Proxy},
    shop::{OWNER, PIN, code},
};
use officine_till::{
    device,
    sync::transport::{HttpTransport, Transport},
};
use rusqlite::Connection;
use serde_json::Value;

const PAGE: usize = 4_096;

fn said(data: &Path, command: &str) -> Said {
    till(data, ["--user", OWNER, "--pin", PIN].into_iter().chain(command.split('|')))
}

fn done(data: &Path, command: &str) -> Value {
    let said = said(data, command);
    assert_eq!(said.code, Some(0), "{command}: {} {}", said.json, said.stderr);
    said.json
}

/// Exit code and problem of what was refused.
fn refused(data: &Path, command: &str) -> (i32, String) {
    let said = said(data, command);
    let (exit, code) = said.problem();
    (exit, code.to_owned())
}

fn sell(data: &Path, sold: &mut BTreeSet<String>) {
    let told = done(data, &format!("sell|--no-sync|{}", code(0)));
    sold.insert(told["receipt"]["uid"].as_str().expect("a uid").to_owned());
}

fn shop() -> (Shop, PathBuf) {
    let shop = Shop::open();
    drop(shop.first_till(&shop.hub.url(), 2, 50));
    let data = shop.data("caisse-1");
    (shop, data)
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

#[test]
fn a_backup_is_made_and_put_back_and_nothing_that_was_sold_since_is_lost() {
    let ((shop, data), mut sold) = (shop(), BTreeSet::new());
    sell(&data, &mut sold);
    done(&data, "sync");
    let made = done(&data, "backup");
    assert_eq!((&made["verified"], &made["tickets"]), (&true.into(), &1.into()));
    let file = PathBuf::from(text(&made, "path"));
    assert!(file.starts_with(data.join("backups")) && file.exists());
    let elsewhere = shop.path().join("stick");
    let to = format!("backup|--to|{}", elsewhere.display());
    assert_eq!(refused(&data, &to), (1, "backup_folder_missing".to_owned()));
    fs::create_dir(&elsewhere).unwrap();
    assert!(text(&done(&data, &to), "path").starts_with(&elsewhere.display().to_string()));
    sell(&data, &mut sold);
    done(&data, "sync");
    sell(&data, &mut sold);

    let half = shop.path().join("half.db");
    let bytes = fs::read(&file).unwrap();
    fs::write(&half, &bytes[..bytes.len() / 2]).unwrap();
    let from = |file: &Path| format!("restore|--from|{}", file.display());
    assert_eq!(refused(&data, &from(&half)), (1, "backup_damaged".to_owned()));
    assert_eq!(refused(&data, &from(&shop.path().join("nothing.db"))), (1, "backup_damaged".to_owned()));
    let nobody = till(&data, ["restore", "--from", &file.display().to_string()]);
    assert_eq!(nobody.problem(), (1, "user_unknown"), "only whoever may");
    assert_eq!(done(&data, "sales")["rows"].as_array().unwrap().len(), 3, "nothing was changed");
    done(&data, &from(&file));
    assert_eq!(done(&data, "sales")["rows"].as_array().unwrap().len(), 1, "it is the backup");
    sell(&data, &mut sold);
    done(&data, "sync");
    at_rest(&shop, &[&data], &sold);
}

#[test]
fn a_file_that_cannot_be_opened_is_offered_salvage_which_saves_what_the_hub_has_not() {
    let ((shop, data), mut sold) = (shop(), BTreeSet::new());
    sell(&data, &mut sold);
    done(&data, "sync");
    assert_eq!(refused(&data, "salvage"), (1, "store_sound".to_owned()), "a sound one is left alone");
    sell(&data, &mut sold);
    let path = data.join("officine.db");
    let store = Connection::open(&path).unwrap();
    store.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    drop(store);
    let mut bytes = fs::read(&path).unwrap();
    bytes[..PAGE].fill(0x5a);
    fs::write(&path, &bytes).unwrap();
    for command in ["status", "doctor", "sales", "backup"] {
        let told = said(&data, command);
        assert_eq!(told.problem(), (3, "store_unreadable"), "{command}");
        assert!(told.stderr.contains("salvage"), "{command}: {}", told.stderr);
    }
    let told = done(&data, "salvage");
    assert_eq!((&told["tickets"], &told["lost"]), (&1.into(), &0.into()));
    assert_eq!(fs::read(text(&told, "kept")).unwrap(), bytes, "kept as it was found");
    done(&data, "sync");
    sell(&data, &mut sold);
    done(&data, "sync");
    at_rest(&shop, &[&data], &sold);
}

#[test]
fn the_doctor_says_what_is_wrong_ends_with_one_and_mends_where_it_is_told_to() {
    let (mut shop, data) = shop();
    let healthy = done(&data, "doctor");
    assert_eq!((&healthy["healthy"], &healthy["ledger"], &healthy["left"]), (&true.into(), &0.into(), &0.into()));
    let store = Connection::open(data.join("officine.db")).unwrap();
    store.execute_batch("UPDATE product_batch SET quantity = quantity + 1; UPDATE product SET dci = 'x'").unwrap();
    drop(store);
    let ill = said(&data, "doctor");
    assert_eq!((ill.code, &ill.json["healthy"], &ill.json["ledger"]), (Some(1), &false.into(), &2.into()));
    assert_eq!(ill.json["differing"], serde_json::json!(["product"]));
    assert_eq!(done(&data, "doctor|--fix")["healthy"], true);
    shop.hub.kill();
    let alone = done(&data, "doctor");
    assert_eq!(text(&alone["hubProblem"], "code"), "hub_unreachable", "it looks at what it can");
    for command in ["repair", "integrity|--from|2020-01-01|--to|2099-12-31"] {
        let told = said(&data, command);
        assert_eq!((told.code, text(&told.json["problem"], "code")), (Some(1), "hub_unreachable"), "{command}");
    }
    assert_eq!(refused(&data, "certify"), (4, "hub_unreachable".to_owned()));
}

fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten().filter(|entry| entry.path().is_file()) {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn a_copied_disk_is_enrolled_anew_and_the_quarantine_says_that_all_of_it_has_come() {
    let ((shop, data), mut sold) = (shop(), BTreeSet::new());
    sell(&data, &mut sold);
    assert_eq!(refused(&data, "reenrol|--code|ABCD-EFGH"), (1, "till_known".to_owned()));
    let copy = shop.data("copie");
    copied(&data, &copy);
    sell(&data, &mut sold);
    sell(&copy, &mut sold);
    done(&data, "sync");
    let (exit, problem) = refused(&copy, "sync");
    assert_eq!(exit, 4, "{problem}");
    assert!(["till_copied", "till_restored"].contains(&problem.as_str()), "{problem}");
    let (exit, problem) = refused(&copy, "reenrol|--code|WRONG-CODE");
    assert_eq!((exit, problem.as_str()), (4, "enrolment_code_wrong"));
    let series = done(&copy, &format!("reenrol|--code|{}", shop.hub.code(&shop.pharmacy)))["series"].clone();
    assert_eq!(series, 2);
    done(&copy, "sync");
    if said(&data, "sync").code != Some(0) {
        done(&data, &format!("reenrol|--code|{}", shop.hub.code(&shop.pharmacy)));
        done(&data, "sync");
    }
    let listed = shop.hub.ask(&["quarantine", "list"]);
    assert!(listed.as_array().unwrap().iter().all(|kept| kept["became"] == "here"), "{listed}");
    at_rest(&shop, &[&data, &copy], &sold);
}

/// Its machine burns before anybody enrols it anew: what it had sold is in quarantine, and nowhere else.
fn a_copy_that_never_comes_back(shop: &Shop) {
    let mut sold = BTreeSet::new();
    drop(shop.first_till(&shop.hub.url(), 2, 50));
    let (data, copy) = (shop.data("caisse-1"), shop.data("copie"));
    sell(&data, &mut sold);
    done(&data, "sync");
    copied(&data, &copy);
    let mut burnt = BTreeSet::new();
    for _ in 0..2 {
        sell(&copy, &mut burnt);
        sell(&data, &mut sold);
    }
    done(&data, "sync");
    // Its question how it stands was lost.
    let device = device::load(&copy).unwrap().unwrap();
    let store = Connection::open(copy.join("officine.db")).unwrap();
    let mut queued = store.prepare("SELECT payload FROM outbox WHERE state <> 5 ORDER BY seq").unwrap();
    let frozen = queued.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
    let operations = frozen.map(|frozen| SentOperation {
        operation: serde_json::from_slice(&frozen.unwrap()).unwrap(),
        server_ids: Default::default(),
        attempts: 0,
        clock_doubtful: false,
    });
    let request = PushRequest {
        protocol: PROTOCOL,
        schema: SCHEMA,
        incarnation: device.incarnation,
        epoch: 0,
        cursor: Cursor::default(),
        sent_at: 0,
        acknowledged: 0,
        operations: operations.collect(),
    };
    let answer = HttpTransport::default().push(&device, &request);
    assert_eq!(answer.unwrap_err().code(), "device_quarantined");
    let listed = shop.hub.ask(&["quarantine", "list"]);
    let became: Vec<_> = listed.as_array().unwrap().iter().map(|kept| text(kept, "became")).collect();
    assert_eq!(became, ["kept", "kept"], "{listed}");
    let key = text(&listed[0], "key");
    assert_eq!(shop.hub.ask(&["quarantine", "show", key])["key"], key);
    let release = || shop.hub.ask(&["quarantine", "release", "--device", &device.uid.to_string()]);
    let released = release();
    let told: Vec<_> =
        released.as_array().unwrap().iter().map(|one| (text(one, "verdict"), &one["numbers"][1])).collect();
    assert_eq!(told, [("accepted", &"2-000001".into()), ("accepted", &"2-000002".into())], "{released}");
    assert_eq!(release(), serde_json::json!([]), "once");
    assert_eq!(refused(&data, "sync").0, 4, "of two copies neither is believed");
    done(&data, &format!("reenrol|--code|{}", shop.hub.code(&shop.pharmacy)));
    done(&data, "sync");
    sold.extend(burnt);
    at_rest(shop, &[&data], &sold);
}

#[test]
fn what_a_copy_sold_that_never_comes_back_is_released_from_quarantine() {
    a_copy_that_never_comes_back(&Shop::open());
}

#[test]
fn on_postgres_what_a_copy_sold_that_never_comes_back_is_released_from_quarantine() {
    a_copy_that_never_comes_back(&Shop::open_on_postgres());
}

#[test]
fn a_comparison_that_was_killed_says_so_and_goes_on() {
    let shop = Shop::open();
    let proxy = Proxy::before(shop.hub.address(), 7);
    drop(shop.first_till(&proxy.url(), 2, 50));
    let (data, mut sold) = (shop.data("caisse-1"), BTreeSet::new());
    (0..3).for_each(|_| sell(&data, &mut sold));
    done(&data, "sync");
    let range = ["integrity", "--from", "2020-01-01", "--to", "2099-12-31", "--force"];
    let before = proxy.carried().exchanges;
    // It asks how it stands, and is held up from then on.
    proxy.suffer(Faults { delayed: 1_000, slowest: 300, ..Faults::default() });
    let mut command = till_command(&data, ["--user", OWNER, "--pin", PIN].into_iter().chain(range));
    let mut child = command.stdout(Stdio::null()).spawn().expect("officine-till");
    let reached = |exchanges: u64| {
        while proxy.carried().exchanges < before + exchanges {
            sleep(Duration::from_millis(2));
        }
    };
    reached(1);
    proxy.suffer(Faults { stalled: 1_000, slowest: 20_000, ..Faults::default() });
    reached(2);
    child.kill().unwrap();
    child.wait().unwrap();
    proxy.heal();
    let store = Connection::open(data.join("officine.db")).unwrap();
    let kept: String = store.query_row("SELECT report FROM integrity_run", [], |row| row.get(0)).unwrap();
    assert!(kept.contains("integrity_cut"), "{kept}");
    drop(store);
    let resumed = done(&data, "integrity|--resume");
    assert_eq!((&resumed["stopped"], &resumed["done"]), (&false.into(), &resumed["of"]));
    let (synced, total) = (&resumed["totals"]["synced"], &resumed["totals"]["total"]);
    assert!(synced == total && total.as_i64() > Some(3), "with what it was asked: {resumed}");
    assert_eq!(refused(&data, "integrity|--resume"), (1, "integrity_nothing_stopped".to_owned()));
}

//! A disk that is full, a folder that cannot be written. Both are made in a mount namespace of the test's own.

use std::{path::Path, process::Command};

use officine_tests::{
    Shop,
    programs::{Said, program, till},
    shop::{self, OWNER, PIN},
};

/// Runs a script, in its own mounts, where this process may mount, as root or in a user namespace; `None` where the system allows neither.
fn where_mounting_is_allowed(script: &str, data: &Path) -> Option<String> {
    for flags in ["-m", "-rm"] {
        if !Command::new("unshare").args([flags, "true"]).output().is_ok_and(|output| output.status.success()) {
            continue;
        }
        let output = Command::new("unshare")
            .args([flags, "bash", "-euc", script])
            .env("TILL", program("officine-till"))
            .env("SELLER", env!("CARGO_BIN_EXE_officine-seller"))
            .env("DATA", data)
            .env("CODE", shop::code(0))
            .env("OFFICINE_USER", OWNER)
            .env("OFFICINE_PIN", PIN)
            .output()
            .expect("bash");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{stderr}");
        assert!(!stderr.contains("panicked"), "{stderr}");
        return Some(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    eprintln!("skipped: this system lets nobody mount");
    None
}

fn shop_with_a_till() -> Shop {
    let pharmacy = Shop::open();
    drop(pharmacy.first_till(&pharmacy.hub.url(), 1, 10));
    let sold = till(&pharmacy.data("caisse-1"), ["--user", OWNER, "--pin", PIN, "sell", "--no-sync", &shop::code(0)]);
    sold.done();
    pharmacy
}

/// `exit code, problem` of a line `EXIT JSON`.
fn problem(line: &str) -> (i32, String) {
    let (exit, json) = line.split_once(' ').expect("an exit code and an answer");
    let said =
        Said { code: exit.parse().ok(), json: serde_json::from_str(json).unwrap_or_default(), stderr: String::new() };
    let (exit, code) = said.problem();
    (exit, code.to_owned())
}

const SELL: &str = "sell() { set +e; said=$(\"$TILL\" --data \"$1\" --json sell --no-sync \"$CODE\"); echo \"$? $said\"; set -e; }\n\
                    count() { \"$TILL\" --data \"$1\" --json sales | grep -o '\"number\"' | wc -l; }\n";

/// Fills the small disk, then makes room again.
const SMALL_DISK: &str = "small=$(mktemp -d); mount -t tmpfs -o size=24m none \"$small\"; cp -r \"$DATA\" \"$small/till\"\n\
                          fill() { dd if=/dev/zero of=\"$small/filler\" bs=4k 2>/dev/null || true; }\n";

#[test]
fn a_disk_that_fills_up_while_the_till_is_open_refuses_the_sale_and_loses_nothing() {
    let pharmacy = shop_with_a_till();
    let script = format!(
        "{SELL}{SMALL_DISK}coproc \"$SELLER\" \"$small/till\" \"$CODE\" \"$OFFICINE_USER\" \"$OFFICINE_PIN\"\n\
         one() {{ echo >&${{COPROC[1]}}; read -r answer <&${{COPROC[0]}}; echo \"$answer\"; }}\n\
         one; fill; one; rm \"$small/filler\"; one; kill \"$COPROC_PID\"; count \"$small/till\""
    );
    let Some(said) = where_mounting_is_allowed(&script, &pharmacy.data("caisse-1")) else { return };
    assert_eq!(said.lines().collect::<Vec<_>>(), ["1-000 002", "disk_full", "1-000 003", "3"], "the number goes on");
}

#[test]
fn a_till_that_opens_on_a_full_disk_loses_nothing() {
    let pharmacy = shop_with_a_till();
    let script = format!(
        "{SELL}{SMALL_DISK}fill; sell \"$small/till\"; rm \"$small/filler\"\n\
         count \"$small/till\"; sell \"$small/till\"; count \"$small/till\""
    );
    let Some(said) = where_mounting_is_allowed(&script, &pharmacy.data("caisse-1")) else { return };
    let lines: Vec<_> = said.lines().collect();
    let (exit, code) = problem(lines[0]);
    assert_eq!((exit, code.as_str()), (3, "disk_full"), "{said}");
    assert_eq!(lines[1], "1", "the ticket before is there, the refused one is not");
    assert_eq!((problem(lines[2]).0, lines[3]), (0, "2"), "with room again, it sells");
}

#[test]
fn a_read_only_folder_is_named() {
    let pharmacy = shop_with_a_till();
    let script = format!("{SELL}mount --bind \"$DATA\" \"$DATA\"; mount -o remount,ro,bind \"$DATA\"; sell \"$DATA\"");
    let Some(said) = where_mounting_is_allowed(&script, &pharmacy.data("caisse-1")) else { return };
    assert_eq!(problem(said.trim()), (3, "store_read_only".to_owned()), "{said}");
    assert_eq!(till(&pharmacy.data("caisse-1"), ["sales"]).done()["rows"].as_array().unwrap().len(), 1);
}

/// Backs the till up into a folder, and lists that folder.
const BACK_UP: &str = "back_up() { set +e; said=$(\"$TILL\" --data \"$DATA\" --json backup --to \"$1\"); echo \"$? $said\"; set -e; }\n\
                       files() { ls -A \"$1\" | grep -v filler | sed 's/-[0-9]*-[0-9]*\\(-[0-9]\\)\\?\\.db$/.db/' | tr '\\n' ' '; echo; }\n";
const STICK: &str = "stick=$(mktemp -d); mount -t tmpfs -o size=24m none \"$stick\"; mkdir \"$stick/officine\"\n";

/// A backup before, one that is refused for that while a sale goes through, and one after; the folder each time.
fn backups_around(trouble: &str, end: &str) -> Option<(i32, String)> {
    let pharmacy = shop_with_a_till();
    let script = format!(
        "{SELL}{BACK_UP}{STICK}back_up \"$stick/officine\"; files \"$stick/officine\"\n\
         {trouble}; back_up \"$stick/officine\"; sell \"$DATA\"\n\
         {end}; files \"$stick/officine\"; back_up \"$stick/officine\"; files \"$stick/officine\""
    );
    let said = where_mounting_is_allowed(&script, &pharmacy.data("caisse-1"))?;
    let lines: Vec<_> = said.lines().collect();
    let [made, one, refused, sold, kept, again, two] = lines[..] else { panic!("{said}") };
    assert_eq!((problem(made).0, problem(sold).0, problem(again).0), (0, 0, 0), "{said}");
    let [one, kept, two] = [one, kept, two].map(|files| files.split_whitespace().collect::<Vec<_>>());
    assert_eq!(
        (one.as_slice(), two.as_slice()),
        (["officine-1.db"].as_slice(), ["officine-1.db"; 2].as_slice()),
        "{said}"
    );
    assert_eq!(kept, one, "the older one stays, and nothing half made is beside it");
    Some(problem(refused))
}

#[test]
fn a_backup_that_does_not_fit_is_said_and_the_next_one_is_made_once_there_is_room() {
    let fill = "dd if=/dev/zero of=\"$stick/filler\" bs=4k 2>/dev/null || true";
    let Some(refused) = backups_around(fill, "rm \"$stick/filler\"") else { return };
    assert_eq!(refused, (1, "backup_disk_full".to_owned()));
}

#[test]
fn a_backup_to_a_stick_that_cannot_be_written_is_said_and_so_is_one_that_was_pulled_out() {
    let [protect, free] = ["ro", "rw"].map(|how| format!("mount -o remount,{how} \"$stick\""));
    let Some(refused) = backups_around(&protect, &free) else { return };
    assert_eq!(refused, (1, "backup_read_only".to_owned()));
    let [pull, plug] =
        [("officine", "gone"), ("gone", "officine")].map(|(from, to)| format!("mv \"$stick/{from}\" \"$stick/{to}\""));
    let Some(refused) = backups_around(&pull, &plug) else { return };
    assert_eq!(refused, (1, "backup_folder_missing".to_owned()));
}

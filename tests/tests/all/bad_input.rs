//! What people and files may get wrong: each a clear code and exit code, nothing lost, no panic.

use std::{
    fs::File,
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use officine_tests::{
    Answer, Cutter, Shop,
    programs::{Said, till},
    shop::{self, OWNER, PIN},
    till::{self as counter},
};
use officine_till::views::SaleStateName;

const OWNER_ARGS: [&str; 4] = ["--user", OWNER, "--pin", PIN];

fn as_owner(data: &Path, args: &[&str]) -> Said {
    till(data, OWNER_ARGS.iter().chain(args))
}

#[test]
fn an_unreadable_store_is_named_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("officine.db");
    let bytes = b"this is no database, but it may be all that somebody has".repeat(200);
    std::fs::write(&file, &bytes).unwrap();
    let said = till(folder.path(), ["status"]);
    assert_eq!(said.problem(), (3, "store_unreadable"), "{said:?}");
    assert_eq!(std::fs::read(&file).unwrap(), bytes, "nothing was touched");
}

#[test]
fn a_hub_that_answers_html_is_no_hub_and_the_sale_waits() {
    let pharmacy = Shop::open();
    let wire = Cutter::before(pharmacy.hub.address());
    wire.answer(Answer::Html);
    let data = pharmacy.data("caisse-1");
    let said = till(&data, ["enrol", "--hub", &wire.url(), "--code", "AAAA-BBBB", "--name", "Caisse 1"]);
    assert_eq!(said.problem(), (4, "hub_not_officine"), "{said:?}");

    wire.answer(Answer::Whole);
    let open = pharmacy.first_till(&wire.url(), 1, 10);
    let receipt = counter::sell(&open, &shop::code(0), 1);
    wire.answer(Answer::Html);
    let problem = till(&data, ["sync"]);
    assert_eq!(problem.problem(), (4, "hub_not_officine"), "{problem:?}");
    assert!(counter::waits(&open, &receipt.uid));
    wire.answer(Answer::Whole);
    till(&data, ["sync"]).done();
    assert_eq!(counter::state(&open, &receipt.uid), SaleStateName::Confirmed);
}

#[test]
fn a_wrong_pin_ten_times_locks_and_outlives_a_restart() {
    let pharmacy = Shop::open();
    drop(pharmacy.first_till(&pharmacy.hub.url(), 1, 10));
    let data = pharmacy.data("caisse-1");
    let code = shop::code(0);
    let answers: Vec<_> = (0..10).map(|_| till(&data, ["--user", OWNER, "--pin", "9999", "sell", &code])).collect();
    let codes: Vec<_> = answers.iter().map(Said::problem).collect();
    assert_eq!(codes[..4], [(1, "pin_wrong"); 4]);
    assert_eq!(codes[4..], [(1, "pin_locked"); 6], "each try is a process of its own");
    assert_eq!(as_owner(&data, &["sell", &code]).problem(), (1, "pin_locked"), "even the right one");
    assert_eq!(till(&data, ["sales"]).done()["rows"].as_array().unwrap().len(), 0);
}

#[test]
fn a_file_of_two_gigabytes_is_refused_at_once() {
    let pharmacy = Shop::open();
    drop(pharmacy.first_till(&pharmacy.hub.url(), 1, 10));
    let file = pharmacy.path().join("huge.csv");
    let mut huge = File::create(&file).unwrap();
    huge.write_all("designation;code;prix gnf\nParacétamol;2900000000001;5000\n".as_bytes()).unwrap();
    huge.set_len(2 << 30).unwrap();
    let begun = Instant::now();
    let said = as_owner(&pharmacy.data("caisse-1"), &["import", file.to_str().unwrap()]);
    assert_eq!(said.problem(), (1, "file_too_large"), "{said:?}");
    assert!(begun.elapsed() < Duration::from_secs(20), "it was not read first");
}

#[test]
fn a_code_of_four_thousand_characters_is_too_long() {
    let pharmacy = Shop::open();
    drop(pharmacy.first_till(&pharmacy.hub.url(), 1, 10));
    let code = "7".repeat(4_000);
    for command in ["scan", "sell"] {
        let said = as_owner(&pharmacy.data("caisse-1"), &[command, &code]);
        assert_eq!(said.code, Some(1), "{said:?}");
        assert_eq!(said.problem().1, "code_too_long", "{said:?}");
    }
}

#[test]
fn a_price_below_zero_is_refused_by_hand_and_in_a_file() {
    let pharmacy = Shop::open();
    drop(pharmacy.first_till(&pharmacy.hub.url(), 1, 10));
    let data = pharmacy.data("caisse-1");
    let said = as_owner(&data, &["price", &shop::code(0), "-1"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(!said.problem().1.is_empty(), "{said:?}");
    let file = pharmacy.path().join("negative.csv");
    std::fs::write(&file, "designation;code;prix gnf\nCeci;2000000000008;-1\n").unwrap();
    let report = as_owner(&data, &["import", file.to_str().unwrap()]).done();
    assert_eq!((report["created"].as_i64(), report["badCount"].as_i64()), (Some(0), Some(1)), "{report}");
    assert_eq!((report["badRows"][0]["line"].as_i64(), &report["badRows"][0]["column"]), (Some(2), &"prix gnf".into()));
}

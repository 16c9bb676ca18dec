//! A sale that was acknowledged survives kill -9, and is on the disk before it is acknowledged.

use std::{
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Command, Stdio},
};

use officine_tests::{
    Shop,
    programs::{program, till_command},
    shop::{self, OWNER, PIN},
    till,
};
use officine_till::{
    Till,
    views::{ListQueueArgs, ListSalesArgs},
};

const TIMES: usize = 20;

/// The numbers of all tickets, oldest first.
fn tickets(till: &Till) -> Vec<String> {
    let args = ListSalesArgs { text: String::new(), states: vec![], flagged: false, after: None, limit: 200 };
    let mut numbers: Vec<_> = till.list_sales(&args).unwrap().rows.into_iter().map(|row| row.number).collect();
    numbers.reverse();
    numbers
}

/// The tickets that the queue still has to send.
fn queued(till: &Till) -> usize {
    let rows = till.list_queue(&ListQueueArgs { state: None, limit: 200 }).unwrap().rows;
    rows.iter().filter(|row| row.entity == "sale").count()
}

/// After a kill: every acknowledged ticket is there, each is in the queue, no number is missing, the books agree.
fn is_whole(data: &Path, acknowledged: &[String]) {
    let till = till::open(data);
    let there = tickets(&till);
    for number in acknowledged {
        assert!(there.contains(number), "ticket {number} was acknowledged and is gone");
    }
    assert_eq!(queued(&till), there.len(), "each ticket waits in the queue");
    let counts: Vec<usize> = there.iter().map(|number| digits(number)).collect();
    assert_eq!(counts, (1..=there.len()).collect::<Vec<_>>(), "numbers are gapless");
    assert_eq!(till.ledger_differences().unwrap(), 0);
    assert_eq!(till.check().unwrap(), None);
}

/// The number within its series: `1-000 012` is 12.
fn digits(number: &str) -> usize {
    let within = number.split_once('-').map_or(number, |(_, within)| within);
    within.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap()
}

fn shop_with_a_till() -> Shop {
    let pharmacy = Shop::open();
    drop(pharmacy.first_till(&pharmacy.hub.url(), 1, 10_000));
    pharmacy
}

#[test]
fn crash_a_till_that_goes_on_selling_keeps_every_ticket_it_acknowledged() {
    let pharmacy = shop_with_a_till();
    let data = pharmacy.data("caisse-1");
    let mut acknowledged = Vec::new();
    for time in 0..TIMES {
        let mut seller = Command::new(env!("CARGO_BIN_EXE_officine-seller"))
            .arg(&data)
            .args([&shop::code(0), OWNER, PIN])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        seller.stdin.as_mut().unwrap().write_all(&[b'\n'; 500]).unwrap();
        let lines = BufReader::new(seller.stdout.take().unwrap()).lines();
        acknowledged.extend(lines.take(1 + time % 3).map(Result::unwrap));
        seller.kill().unwrap();
        assert!(!seller.wait().unwrap().success());
        is_whole(&data, &acknowledged);
    }
    assert!(acknowledged.len() >= TIMES);
}

#[test]
fn crash_the_command_line_killed_at_the_first_byte_of_its_receipt_keeps_the_sale() {
    let pharmacy = shop_with_a_till();
    let data = pharmacy.data("caisse-1");
    for time in 1..=TIMES {
        let mut sell = till_command(&data, ["--user", OWNER, "--pin", PIN, "sell", "--no-sync", &shop::code(0)])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        sell.stdout.take().unwrap().read_exact(&mut [0]).unwrap();
        sell.kill().unwrap();
        sell.wait().unwrap();
        is_whole(&data, &[]);
        assert_eq!(tickets(&till::open(&data)).len(), time);
    }
}

#[test]
fn crash_the_log_is_on_the_disk_before_the_sale_is_acknowledged() {
    let pharmacy = shop_with_a_till();
    let data = pharmacy.data("caisse-1");
    // The log stays while another connection has the store open: the sale's own writes are then all there is to see.
    let _open = till::open(&data);
    let trace = pharmacy.path().join("trace");
    let traced = Command::new("strace")
        .args(["-f", "-y", "-s", "64", "-e", "trace=pwrite64,write,fsync,fdatasync", "-o"])
        .arg(&trace)
        .arg(program("officine-till"))
        .arg("--data")
        .arg(&data)
        .args(["--json", "--user", OWNER, "--pin", PIN, "sell", "--no-sync", &shop::code(0)])
        .output()
        .expect("strace is installed");
    assert!(traced.status.success(), "{}", String::from_utf8_lossy(&traced.stderr));
    let calls = std::fs::read_to_string(&trace).unwrap();
    let calls: Vec<&str> = calls.lines().collect();
    let is_log = |call: &str, name: &str| call.contains(name) && call.contains("officine.db-wal>");
    let last = |found: &dyn Fn(&str) -> bool| calls.iter().rposition(|call| found(call));
    let told =
        calls.iter().position(|call| call.contains("write(1<") && call.contains("receipt")).expect("the receipt");
    let written = calls[..told].iter().rposition(|call| is_log(call, "write")).expect("the log was written");
    let synced = last(&|call| is_log(call, "sync(") && call.ends_with("= 0")).expect("the log was synced");
    assert!(written < synced && synced < told, "written {written}, synced {synced}, told {told}");
}

//! Damaged files: what exists nowhere else is saved, and the report says what could not be read.

use std::fs;

use officine_protocol::Uid;
use officine_till::{
    Till,
    safety::salvage,
    views::{IdentityState, ReceiptView, SaleStateName, SalvageReport},
};

use crate::{safety::kept_shop, support::Shop};

const PAGE: usize = 4_096;

/// Tickets that the hub has, then three that it has not.
fn sold() -> (Shop, Uid, Vec<ReceiptView>) {
    let (shop, product) = kept_shop();
    for _ in 0..3 {
        shop.add(product, 1);
        shop.sell();
    }
    shop.sync();
    let unsent = (0..3).map(|_| {
        shop.add(product, 1);
        shop.sell()
    });
    let unsent = unsent.collect();
    (shop, product, unsent)
}

/// Damages the closed file, salvages it, opens what came out.
fn damaged(shop: Shop, damage: impl FnOnce(&mut Vec<u8>)) -> (Shop, SalvageReport) {
    shop.till.maintain().unwrap();
    let (dir, clock) = (shop.dir.path().to_owned(), shop.clock.clone());
    let mut report = None;
    let shop = shop.reopen_with(|| {
        let path = dir.join("officine.db");
        let mut file = fs::read(&path).unwrap();
        damage(&mut file);
        // All of the log is in the file.
        for ending in ["-wal", "-shm"] {
            let _ = fs::remove_file(dir.join(format!("officine.db{ending}")));
        }
        fs::write(&path, &file).unwrap();
        report = Some(salvage(&dir, clock.as_ref()).unwrap());
        assert_eq!(fs::read(&report.as_ref().unwrap().kept).unwrap(), file, "kept as it was found");
    });
    (shop, report.unwrap())
}

/// The pages that hold the bytes of unsent tickets.
fn pages_of(file: &[u8], needle: &[u8]) -> Vec<usize> {
    file.chunks(PAGE)
        .enumerate()
        .filter(|(_, page)| page.windows(needle.len()).any(|bytes| bytes == needle))
        .map(|(place, _)| place)
        .collect()
}

fn all_arrive(shop: &Shop, unsent: &[ReceiptView]) {
    let report = shop.sync();
    assert_eq!(report.problem, None);
    for receipt in unsent {
        let state = shop.till.receipt(&receipt.uid).unwrap();
        assert_eq!((state.state, &state.number), (SaleStateName::Confirmed, &receipt.number));
    }
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM sale"), 6);
    assert_eq!(shop.one::<i64>("SELECT quantity FROM product_batch"), 94);
    shop.assert_sound();
}

#[test]
fn a_destroyed_header_costs_no_unsent_ticket() {
    let (shop, product, unsent) = sold();
    let (shop, report) = damaged(shop, |file| file[..PAGE].fill(0x5a));
    assert_eq!((report.tickets, report.others, report.lost, report.reads_again), (3, 0, 0, true));
    all_arrive(&shop, &unsent);
    shop.sign_in("cashier");
    shop.add(product, 1);
    assert_eq!(shop.sell().number, "2-000 007", "the series goes on");
}

#[test]
fn a_table_without_its_root_costs_no_unsent_ticket() {
    let (shop, _, unsent) = sold();
    let root: i64 = shop.one("SELECT rootpage FROM sqlite_master WHERE name = 'sale'");
    let (shop, report) = damaged(shop, |file| file[(root as usize - 1) * PAGE..root as usize * PAGE].fill(0));
    assert_eq!((report.tickets, report.lost), (3, 0));
    all_arrive(&shop, &unsent);
}

#[test]
fn a_queue_without_its_root_costs_no_unsent_ticket() {
    let (shop, _, unsent) = sold();
    let index: i64 = shop.one("SELECT rootpage FROM sqlite_master WHERE name = 'outbox_open'");
    let root: i64 = shop.one("SELECT rootpage FROM sqlite_master WHERE name = 'outbox'");
    let (shop, report) = damaged(shop, |file| {
        for page in [root, index] {
            let page = (page as usize - 1) * PAGE;
            // An inner page, as that of a long queue; a leaf would hold tickets.
            if file[page] != 0x0d {
                file[page..page + PAGE].fill(0xff);
            }
        }
        file[16..24].fill(0);
    });
    assert_eq!(report.tickets, 3);
    all_arrive(&shop, &unsent);
}

#[test]
fn pages_that_are_gone_cost_what_stood_on_them_and_the_report_says_so() {
    let (shop, _, unsent) = sold();
    let uid = format!("\"uid\":\"{}\"", unsent[1].uid);
    let (shop, report) = damaged(shop, |file| {
        let pages = pages_of(file, uid.as_bytes());
        assert!(!pages.is_empty());
        for page in pages {
            file[page * PAGE..(page + 1) * PAGE].fill(0);
        }
    });
    assert!(report.lost >= 1, "{report:?}");
    assert!(report.tickets < 3);
    let state = shop.sync();
    assert_eq!(state.problem, None);
    shop.assert_sound();
}

#[test]
fn a_truncated_file_gives_what_is_left_of_it() {
    let (shop, _, _) = sold();
    let (shop, report) = damaged(shop, |file| file.truncate(file.len() / 2));
    let saved = report.tickets + report.others;
    assert!(saved + report.lost >= 3, "{report:?}");
    // Where the standing could not be read the till begins anew: its numbers may be given.
    let identity = shop.till.identity().unwrap().state;
    assert!(matches!(identity, IdentityState::Known | IdentityState::Restored));
    shop.assert_sound();
}

#[test]
fn what_only_the_log_has_is_saved_too() {
    let (shop, product, mut unsent) = sold();
    shop.till.maintain().unwrap();
    shop.add(product, 1);
    unsent.push(shop.sell());
    let dir = shop.dir.path().to_owned();
    let (file, log) = (fs::read(dir.join("officine.db")).unwrap(), fs::read(dir.join("officine.db-wal")).unwrap());
    let clock = shop.clock.clone();
    let root: i64 = shop.one("SELECT rootpage FROM sqlite_master WHERE name = 'local_setting'");
    let shop = shop.reopen_with(|| {
        let mut file = file;
        file[(root as usize - 1) * PAGE..root as usize * PAGE].fill(0);
        fs::write(dir.join("officine.db"), file).unwrap();
        fs::write(dir.join("officine.db-wal"), log).unwrap();
        let report = salvage(&dir, clock.as_ref()).unwrap();
        assert_eq!((report.tickets, report.lost), (4, 0));
    });
    assert_eq!(shop.sync().problem, None);
    for receipt in &unsent {
        assert_eq!(shop.till.receipt(&receipt.uid).unwrap().state, SaleStateName::Confirmed);
    }
    shop.assert_sound();
}

/// A held ticket of two boxes, and an open cart of three.
fn two_carts() -> Shop {
    let (shop, product, _) = sold();
    shop.add(product, 2);
    shop.till.hold_cart().unwrap();
    shop.add(product, 3);
    shop
}

fn come_back(shop: &Shop) {
    assert_eq!(shop.sync().problem, None);
    shop.sign_in("manager");
    let (cart, held) = (shop.till.cart().unwrap(), shop.till.list_held().unwrap());
    assert_eq!((cart.lines.len(), cart.lines[0].count, held.len()), (1, 3, 1));
    shop.sell();
    let held = shop.till.recall_cart(&held[0].cart).unwrap();
    assert_eq!(held.lines[0].count, 2);
    assert_eq!(shop.sync().problem, None);
    assert!(shop.till.list_held().unwrap().is_empty(), "once");
    shop.assert_sound();
}

#[test]
fn open_carts_and_held_tickets_come_back_to_whoever_had_them() {
    for table in ["change_log", "outbox"] {
        let shop = two_carts();
        let root: i64 = shop.one(&format!("SELECT rootpage FROM sqlite_master WHERE name = '{table}'"));
        let (shop, report) = damaged(shop, |file| file[(root as usize - 1) * PAGE..root as usize * PAGE].fill(0));
        assert_eq!(report.carts, 2, "{table}");
        come_back(&shop);
    }
}

#[test]
fn a_sound_store_is_left_alone() {
    let (shop, ..) = sold();
    let (dir, clock) = (shop.dir.path().to_owned(), shop.clock.clone());
    let shop = shop.reopen_with(|| assert_eq!(salvage(&dir, clock.as_ref()).unwrap_err().code(), "store_sound"));
    let left = fs::read_dir(shop.dir.path()).unwrap().flatten().map(|entry| entry.file_name());
    assert!(!left.into_iter().any(|name| name.to_string_lossy().contains("damaged")));
    let _: &Till = &shop.till;
}

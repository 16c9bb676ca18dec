//! Backups while selling, the way back to one, and what is said where one could not be made.

use std::{fs, path::Path, thread};

use officine_till::views::{BackupSettings, RestoreBackupArgs, SaleStateName};

use crate::support::{DAY, FakeHub, MINUTE, Shop};

/// A shop whose hub keeps what it accepts, with a product of 100 boxes.
pub fn kept_shop() -> (Shop, officine_protocol::Uid) {
    let shop = Shop::enrolled(tempfile::tempdir().unwrap());
    shop.hub.walks();
    for role in ["cashier", "manager"] {
        shop.hub.user(role, role);
    }
    let product = stocked(&shop.hub);
    shop.sync();
    shop.sign_in("manager");
    (shop, product)
}

fn stocked(hub: &FakeHub) -> officine_protocol::Uid {
    let product = hub.product("Paracétamol", "3400930000001", Some(1_500));
    hub.lot(product, "L1", Some("2028-01-31"), 100);
    product
}

fn keep(shop: &Shop, folder: Option<&Path>, keep: u32) -> officine_till::Result<officine_till::views::BackupsView> {
    let folder = folder.map(|folder| folder.display().to_string());
    shop.till.set_backups(&BackupSettings { folder, automatic: true, keep })
}

#[test]
fn a_backup_taken_while_selling_is_whole_and_says_whose_it_is() {
    let (shop, product) = kept_shop();
    thread::scope(|scope| {
        let selling = scope.spawn(|| {
            for _ in 0..8 {
                shop.add(product, 1);
                shop.sell();
            }
        });
        while !selling.is_finished() {
            shop.till.back_up_into(None).unwrap();
        }
    });
    shop.clock.advance(MINUTE);
    let view = shop.till.back_up().unwrap();
    let newest = &view.files[0];
    assert_eq!((newest.tickets, newest.verified, &newest.problem), (8, true, &None));
    assert_eq!((newest.revision, view.last), (shop.one("SELECT cursor_rev FROM sync_state"), Some(newest.at)));
    assert!(view.files.iter().all(|file| file.verified), "{:?}", view.files);
    let token = fs::read_to_string(shop.dir.path().join("device.json")).unwrap();
    let token = token.split("\"token\": \"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let bytes = fs::read(&newest.path).unwrap();
    assert!(!bytes.windows(token.len()).any(|window| window == token.as_bytes()), "the token stays at home");
}

#[test]
fn what_a_cut_leaves_is_never_taken_for_a_backup_and_the_next_one_takes_it_away() {
    let (shop, _) = kept_shop();
    let whole = shop.till.back_up().unwrap().files[0].path.clone();
    let (half, unfinished) = (whole.replace(".db", "-half.db"), whole.replace(".db", ".db.unfinished"));
    let bytes = fs::read(&whole).unwrap();
    fs::write(&half, &bytes[..bytes.len() / 2]).unwrap();
    fs::write(&unfinished, &bytes[..bytes.len() / 2]).unwrap();
    let files = shop.till.backups().unwrap().files;
    let bad: Vec<_> = files.iter().filter(|file| !file.verified).collect();
    assert_eq!((files.len(), bad.len()), (2, 1));
    assert_eq!(bad[0].problem.as_ref().unwrap().code, "backup_damaged");
    let refused = shop.till.restore_backup(&RestoreBackupArgs { path: half }).unwrap_err();
    assert_eq!(refused.code(), "backup_damaged");
    shop.clock.advance(MINUTE);
    shop.till.back_up().unwrap();
    assert!(!Path::new(&unfinished).exists());
}

#[test]
fn old_backups_go_but_never_another_s_nor_a_damaged_one_nor_the_last_that_is_whole() {
    let (shop, _) = kept_shop();
    let folder = tempfile::tempdir().unwrap();
    let (alien, damaged) = (folder.path().join("officine-9-x.db"), folder.path().join("officine-2-x.db"));
    fs::copy(shop.dir.path().join("search.db"), &alien).unwrap();
    fs::write(&damaged, "half").unwrap();
    keep(&shop, Some(folder.path()), 2).unwrap();
    for _ in 0..4 {
        shop.clock.advance(MINUTE);
        shop.till.back_up().unwrap();
    }
    let files = shop.till.backups().unwrap().files;
    assert_eq!(files.iter().filter(|file| file.verified).count(), 2);
    assert!(alien.exists() && damaged.exists());
    assert_eq!(keep(&shop, None, 0).unwrap_err().code(), "field_invalid");
}

#[test]
fn a_folder_that_is_not_there_any_more_is_said_and_selling_goes_on() {
    let (shop, product) = kept_shop();
    let folder = tempfile::tempdir().unwrap();
    keep(&shop, Some(folder.path()), 3).unwrap();
    let made = shop.till.back_up().unwrap().last;
    fs::remove_dir_all(folder.path()).unwrap();
    assert_eq!(shop.till.back_up().unwrap_err().code(), "backup_folder_missing");
    let view = shop.till.backups().unwrap();
    assert_eq!((view.last, view.problem.unwrap().code.as_str()), (made, "backup_folder_missing"));
    assert_eq!(keep(&shop, Some(folder.path()), 3).unwrap_err().code(), "backup_folder_missing");
    shop.add(product, 1);
    shop.sell();
}

#[test]
fn one_is_made_a_day_and_one_that_failed_is_tried_again_after_an_hour() {
    let (shop, _) = kept_shop();
    assert!(shop.till.back_up_if_due().unwrap().is_some());
    assert!(shop.till.back_up_if_due().unwrap().is_none());
    shop.clock.advance(DAY);
    let folder = tempfile::tempdir().unwrap();
    keep(&shop, Some(folder.path()), 3).unwrap();
    fs::remove_dir_all(folder.path()).unwrap();
    assert!(shop.till.back_up_if_due().is_err());
    assert!(shop.till.back_up_if_due().unwrap().is_none(), "not before an hour is over");
    fs::create_dir_all(folder.path()).unwrap();
    shop.clock.advance(60 * MINUTE);
    assert!(shop.till.back_up_if_due().unwrap().is_some());
}

#[test]
fn cashiers_neither_back_up_nor_restore() {
    let (shop, _) = kept_shop();
    let path = shop.till.back_up().unwrap().files[0].path.clone();
    shop.sign_in("cashier");
    assert_eq!(shop.till.back_up().unwrap_err().code(), "forbidden");
    assert_eq!(shop.till.restore_backup(&RestoreBackupArgs { path }).unwrap_err().code(), "forbidden");
}

#[test]
fn a_restored_till_has_what_was_not_sent_and_gets_back_what_was() {
    let (shop, product) = kept_shop();
    shop.add(product, 1);
    shop.sell();
    shop.sync();
    let backup = shop.till.back_up().unwrap().files[0].path.clone();
    shop.add(product, 2);
    let sent = shop.sell();
    shop.sync();
    shop.add(product, 3);
    let unsent = shop.sell();
    shop.till.restore_backup(&RestoreBackupArgs { path: backup }).unwrap();
    assert_eq!(shop.till.session().unwrap_err().code(), "not_signed_in");
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM sale"), 1, "it is the backup");
    shop.sign_in("cashier");
    shop.add(product, 4);
    let later = shop.sell();
    assert_eq!(later.number, "2-000 004", "no number is given twice");
    let report = shop.sync();
    assert_eq!(report.problem, None);
    for receipt in [&sent, &unsent, &later] {
        assert_eq!(shop.till.receipt(&receipt.uid).unwrap().state, SaleStateName::Confirmed, "{}", receipt.number);
    }
    assert_eq!(shop.one::<i64>("SELECT quantity FROM product_batch"), 90);
    assert_eq!(
        shop.till.search_products(&officine_till::views::SearchArgs { text: "para".into(), limit: 5 }).unwrap().len(),
        1
    );
    shop.assert_sound();
    let kept = fs::read_dir(shop.dir.path()).unwrap().flatten();
    assert!(kept.map(|entry| entry.file_name()).any(|name| name.to_string_lossy().starts_with("officine-replaced-")));
}

#[test]
fn a_restored_till_has_the_carts_of_now_and_not_those_of_the_backup() {
    let (shop, product) = kept_shop();
    shop.add(product, 9);
    let backup = shop.till.back_up().unwrap().files[0].path.clone();
    shop.sell();
    shop.add(product, 2);
    shop.till.hold_cart().unwrap();
    shop.add(product, 3);
    shop.till.restore_backup(&RestoreBackupArgs { path: backup }).unwrap();
    shop.sign_in("manager");
    let (cart, held) = (shop.till.cart().unwrap(), shop.till.list_held().unwrap());
    assert_eq!((cart.lines.len(), cart.lines[0].count, held.len()), (1, 3, 1));
}

#[test]
fn a_restore_that_was_decided_before_the_power_went_is_done_at_the_next_start() {
    let (shop, product) = kept_shop();
    let backup = shop.till.back_up().unwrap().files[0].path.clone();
    shop.add(product, 1);
    shop.sell();
    let dir = shop.dir.path().to_owned();
    fs::copy(&backup, dir.join("officine.db.new")).unwrap();
    let shop = shop.reopen();
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM sale"), 1, "it was not decided");
    fs::write(dir.join("swap.decided"), "1").unwrap();
    let shop = shop.reopen();
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM sale"), 0);
    assert!(!dir.join("swap.decided").exists() && !dir.join("officine.db.new").exists());
    shop.assert_sound();
}

#[test]
fn another_till_s_backup_is_refused() {
    let (shop, _) = kept_shop();
    let backup = shop.till.back_up().unwrap().files[0].path.clone();
    let db = rusqlite::Connection::open(&backup).unwrap();
    let sql = "UPDATE local_setting SET value = json_set(value, '$.device', '00000000-0000-0000-0000-000000000063') \
               WHERE name = 'backup.stamp'";
    assert_eq!(db.execute(sql, []).unwrap(), 1);
    drop(db);
    let refused = shop.till.restore_backup(&RestoreBackupArgs { path: backup }).unwrap_err();
    assert_eq!(refused.code(), "backup_of_another_till");
}

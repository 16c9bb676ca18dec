//! Two tills open one customer and one product under two names. A manager looks at what would move, makes one of each two,
//! and both tills end equal to the hub: every ticket, every lot, every box.

use std::path::{Path, PathBuf};

use officine_tests::{Shop, shop::code};
use serde_json::Value;

use crate::desk::{ask, done, enrolled};

/// A catalogue of one product under that name, in a lot of so many boxes.
fn imported(data: &Path, name: &str, boxes: u32) {
    let file = data.join("catalogue.csv");
    let row = format!("{name};{};5000;C1;2045-01-31;{boxes}", code(0));
    std::fs::write(&file, format!("designation;code;prix gnf;lot;peremption;quantite\n{row}\n")).unwrap();
    done(data, &format!("import|{}", file.display()));
}

fn twins(data: &Path) -> (String, String, String) {
    let open = done(data, "conflicts|list|--entity|product");
    let uid = open["rows"][0]["uid"].as_str().unwrap().to_owned();
    let shown = done(data, &format!("conflicts|show|{uid}"));
    let field = &shown["fields"][0];
    (uid, field["hub"][0].as_str().unwrap().to_owned(), field["till"].as_str().unwrap().to_owned())
}

fn stock(data: &Path) -> (usize, i64) {
    let rows = done(data, "stock");
    let rows = rows.as_array().unwrap();
    (rows.len(), rows.iter().map(|row| row["quantity"].as_i64().unwrap()).sum())
}

fn synced(tills: [&PathBuf; 2]) {
    for data in [tills[0], tills[1], tills[0]] {
        done(data, "sync");
    }
}

/// The other till takes it back: two products, each with its own lot, and the boxes that are left of the second's. The
/// question is open again. Once is enough.
fn two_again(tills: [&PathBuf; 2], uid: &str) {
    let shown = done(tills[1], &format!("conflicts|show|{uid}"));
    assert_eq!(shown["resolution"]["canUndo"], true, "{shown}");
    done(tills[1], &format!("conflicts|undo|{uid}"));
    assert_eq!(ask(tills[1], &format!("conflicts|undo|{uid}")).problem().1, "nothing_to_undo");
    synced([tills[1], tills[0]]);
    for data in tills {
        assert_eq!(stock(data), (2, 6));
        let found = done(data, "search|Coton");
        let mut boxes: Vec<_> = found.as_array().unwrap().iter().map(|one| one["sellable"].as_i64().unwrap()).collect();
        boxes.sort_unstable();
        assert_eq!(boxes, [2, 4], "{found}");
        assert_eq!(done(data, "conflicts|list|--entity|product")["open"], 1, "are they one?");
        let compared = done(data, "sync|compare");
        assert_eq!(compared["equal"], true, "{compared}");
        assert_eq!(ask(data, &format!("conflicts|undo|{uid}")).problem().1, "nothing_to_undo");
    }
}

/// Two tills that each opened the product under a name of its own, and sold of it.
fn two_of_one(shop: &Shop) -> [PathBuf; 2] {
    let first = enrolled(shop, "caisse-1");
    done(&first, "owner|--name|Hadja Mariama Sylla");
    done(&first, "sync");
    let second = enrolled(shop, "caisse-2");
    let tills = [&first, &second];
    for (data, name, boxes) in [(tills[0], "Coton hydrophile", 9), (tills[1], "Coton 100 g", 4)] {
        imported(data, name, boxes);
        done(data, &format!("sell|{}*2", code(0)));
    }
    synced(tills);
    assert_eq!((stock(tills[0]), stock(tills[1])), ((2, 9), (2, 9)), "two products, two lots");
    [first, second]
}

fn one_of_two(shop: &Shop) {
    let [first, second] = two_of_one(shop);
    let tills = [&first, &second];
    let (uid, kept, gone) = twins(tills[0]);
    let merge = format!("conflicts|merge|{uid}|--keep|{kept}|--drop|{gone}");
    let shown = done(tills[0], &format!("{merge}|--preview"));
    assert_eq!(
        (&shown["winner"]["stock"], &shown["loser"]["stock"], &shown["stock"]),
        (&7.into(), &2.into(), &9.into())
    );
    let moves: Vec<&str> =
        shown["moves"].as_array().unwrap().iter().map(|one| one["entity"].as_str().unwrap()).collect();
    assert_eq!(moves, ["productBatch", "sale"], "{shown}");
    assert_eq!(shown["problem"], Value::Null);
    done(tills[0], &merge);
    synced(tills);
    for data in tills {
        assert_eq!(stock(data), (1, 9), "one lot, every box");
        assert_eq!(done(data, "conflicts|list")["open"], 0);
        let compared = done(data, "sync|compare");
        assert_eq!(compared["equal"], true, "{compared}");
    }
    assert_eq!(ask(tills[1], &merge).problem().1, "field_invalid", "they are one now");
    done(tills[1], &format!("sell|{}*3", code(0)));
    synced(tills);
    assert_eq!((stock(tills[0]), stock(tills[1])), ((1, 6), (1, 6)));
    two_again(tills, &uid);
    assert!(!shop.hub.log().contains("panicked"));
}

#[test]
fn a_manager_makes_one_of_two_products_and_every_box_is_kept() {
    one_of_two(&Shop::open());
}

#[test]
fn on_postgres_a_manager_makes_one_of_two_products_and_every_box_is_kept() {
    one_of_two(&Shop::open_on_postgres());
}

/// The hub is restored to before the manager made one of two: the tills know better, and are told nothing twice.
fn forgotten(mut shop: Shop, url: &[&str]) {
    let [first, second] = two_of_one(&shop);
    let tills = [&first, &second];
    let place = shop.path().join("backup").display().to_string();
    shop.hub.ask(&[&["backup", "--to", &place], url].concat());
    let (uid, kept, gone) = twins(tills[0]);
    done(tills[0], &format!("conflicts|merge|{uid}|--keep|{kept}|--drop|{gone}"));
    synced(tills);
    assert_eq!((stock(tills[0]), stock(tills[1])), ((1, 9), (1, 9)));
    done(tills[1], &format!("sell|--no-sync|{}*2", code(0)));
    shop.hub.kill();
    shop.hub.ask(&[&["restore", "--from", &place], url].concat());
    shop.hub.restart();
    for _ in 0..2 {
        synced(tills);
    }
    for data in tills {
        assert_eq!(stock(data), (1, 7), "one product, one lot, every box");
        assert_eq!(done(data, "conflicts|list")["open"], 0, "nobody is asked again");
        let compared = done(data, "sync|compare");
        assert_eq!(compared["equal"], true, "{compared}");
    }
    assert!(!shop.hub.log().contains("panicked"));
}

#[test]
fn what_a_restored_hub_has_twice_and_the_tills_once_is_one_again() {
    forgotten(Shop::open(), &[]);
}

#[test]
fn on_postgres_what_a_restored_hub_has_twice_and_the_tills_once_is_one_again() {
    let shop = Shop::open_on_postgres();
    let root = shop.cluster.as_ref().unwrap().url("hub", "hub");
    forgotten(shop, &["--backup-url", &root]);
}

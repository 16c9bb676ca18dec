//! A catalogue put on the book: whole or not at all, and never twice.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use officine_till::views::{ImportArgs, ImportReport, Notice, SearchArgs};

use crate::support::Shop;

fn args(path: &Path, rate: &str) -> ImportArgs {
    ImportArgs { path: path.display().to_string(), rate: rate.into() }
}

fn managed() -> Shop {
    let shop = Shop::open();
    shop.sign_in("manager");
    shop
}

fn written(shop: &Shop, text: &str) -> PathBuf {
    let path = shop.dir.path().join("catalogue.csv");
    std::fs::write(&path, text).unwrap();
    path
}

/// A file handed to every developer, beside the project; none on a bare clone.
fn shared(name: &str) -> Option<PathBuf> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let found = above.map(|folder| folder.join("shared/data").join(name)).find(|path| path.is_file());
    if found.is_none() {
        eprintln!("skipped: no shared/data/{name} beside the project");
    }
    found
}

fn figures(report: &ImportReport) -> [u32; 6] {
    [report.rows, report.created, report.updated, report.unchanged, report.unpriced, report.bad_count]
}

const SMALL: &str = "Désignation;Code barres;Prix (GNF);Fournisseur;Lot;Péremption;Quantité\n\
                     Paracétamol;2000000000015;500;Spharma Guinée;L1;31/12/2027;30\n\
                     Coton;2000000000022;100;spharma guinee;;;5\n";

#[test]
fn a_dry_run_counts_and_changes_nothing() {
    let shop = managed();
    let path = written(&shop, SMALL);
    let report = shop.till.check_import(&args(&path, "")).unwrap();
    assert_eq!((figures(&report), report.lots, report.applied), ([2, 2, 0, 0, 0, 0], 2, false));
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM product"), 0);
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM outbox"), 0);
}

#[test]
fn a_second_import_updates_by_code_and_doubles_nothing() {
    let shop = managed();
    let path = written(&shop, SMALL);
    let first = shop.till.run_import(&args(&path, "")).unwrap();
    assert_eq!((figures(&first), first.lots, first.applied), ([2, 2, 0, 0, 0, 0], 2, true));
    let again = shop.till.run_import(&args(&path, "")).unwrap();
    assert_eq!((figures(&again), again.lots), ([2, 0, 0, 2, 0, 0], 0));
    let path = written(&shop, &SMALL.replace(";500;", ";650;"));
    let checked = shop.till.check_import(&args(&path, "")).unwrap();
    let changed = shop.till.run_import(&args(&path, "")).unwrap();
    assert_eq!((figures(&changed), figures(&checked)), ([2, 0, 1, 1, 0, 0], [2, 0, 1, 1, 0, 0]));
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM supplier"), 1, "one supplier, however it is spelt");
    assert_eq!(shop.one::<i64>("SELECT sum(quantity) FROM product_batch"), 35);
    shop.sign_in("cashier");
    assert_eq!(shop.scan("2000000000015").cart.total, 650);
    shop.assert_sound();
}

#[test]
fn a_cancelled_import_leaves_nothing() {
    let shop = managed();
    let mut text = String::from("Désignation;Code barres;Prix (GNF)\n");
    for row in 0..1_500 {
        text.push_str(&format!("Produit {row};MAISON-{row};100\n"));
    }
    let path = written(&shop, &text);
    let till = Arc::downgrade(&shop.till);
    shop.till.listen(move |notice| {
        let Notice::ImportProgress { progress } = notice else { return };
        if progress.step == "writing" && progress.rows >= 500 {
            till.upgrade().unwrap().cancel_import();
        }
    });
    assert_eq!(shop.till.run_import(&args(&path, "")).unwrap_err().code(), "import_cancelled");
    for table in ["product", "product_code", "product_unit", "outbox"] {
        assert_eq!(shop.one::<i64>(&format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
    assert_eq!(shop.one::<i64>("SELECT last_seq FROM till_state"), 0, "no number is lost");
    assert_eq!(shop.till.check_import(&args(&path, "")).unwrap().created, 1_500, "the next one starts afresh");
}

#[test]
fn an_index_that_cannot_follow_fails_no_import() {
    let shop = managed();
    let path = written(&shop, SMALL);
    let index = shop.dir.path().join("search.db");
    std::fs::rename(&index, index.with_extension("gone")).unwrap();
    std::fs::create_dir(&index).unwrap();
    assert!(shop.till.run_import(&args(&path, "")).unwrap().applied);
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM product"), 2);
    std::fs::remove_dir(&index).unwrap();
    let shop = shop.reopen();
    shop.till.refresh_search().unwrap();
    assert_eq!(shop.till.search_products(&SearchArgs { text: "coton".into(), limit: 9 }).unwrap().len(), 1);
}

#[test]
fn files_that_are_not_there_or_not_files_are_named() {
    let shop = managed();
    let run = |path: &Path, rate: &str| shop.till.run_import(&args(path, rate)).unwrap_err().code();
    assert_eq!(run(&shop.dir.path().join("none.csv"), ""), "file_missing");
    assert_eq!(run(shop.dir.path(), ""), "file_unreadable");
    assert_eq!(run(&written(&shop, SMALL), "beaucoup"), "rate_invalid");
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM product"), 0);
}

#[test]
fn the_french_file_in_windows_letters_arrives_whole() {
    let Some(path) = shared("import_cp1252_semicolon.csv") else { return };
    let shop = managed();
    let report = shop.till.run_import(&args(&path, "10250")).unwrap();
    assert_eq!((report.encoding.as_str(), report.separator.as_str(), report.bad_count), ("windows-1252", ";", 0));
    assert_eq!(report.created, report.rows);
    assert!(report.unpriced > 0 && report.unpriced < report.rows);
    let found = shop.till.search_products(&SearchArgs { text: "ebilfumin".into(), limit: 9 }).unwrap();
    assert!(found.iter().any(|hit| hit.name.contains("gélule")), "{found:?}");
    shop.assert_sound();
}

#[test]
fn the_whole_catalogue_is_imported_once_and_its_progress_is_heard() {
    let Some(path) = shared("medicines_bdpm_active.csv") else { return };
    let shop = managed();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let sink = heard.clone();
    shop.till.listen(move |notice| {
        if let Notice::ImportProgress { progress } = notice {
            sink.lock().unwrap().push((progress.step.clone(), progress.rows, progress.total_bytes));
        }
    });
    let report = shop.till.run_import(&args(&path, "")).unwrap();
    assert_eq!((report.rows, report.created, report.bad_count), (17_184, 17_184, 0));
    assert_eq!(report.unpriced, 17_184, "euros without a rate price nothing");
    let heard = std::mem::take(&mut *heard.lock().unwrap());
    let writing: Vec<u32> = heard.iter().filter(|(step, ..)| step == "writing").map(|(_, rows, _)| *rows).collect();
    assert!(writing.len() > 30 && writing.is_sorted() && heard.last().unwrap().0 == "done", "{writing:?}");
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM product"), 17_184);
    assert_eq!(shop.one::<i64>("SELECT count(*) FROM outbox"), 17_184);
    let again = shop.till.check_import(&args(&path, "")).unwrap();
    assert_eq!((again.created, again.unchanged), (0, 17_184));
}

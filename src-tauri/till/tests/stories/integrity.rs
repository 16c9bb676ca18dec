//! « Intégrité »: stopped or cut off it goes on where it was, and what nobody can read stops nothing.

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use officine_protocol::Uid;
use officine_till::views::{IntegrityArgs, IntegrityReport, Notice, Problem};
use serde_json::json;

use crate::{safety::kept_shop, support::Shop};

/// As many as are looked at before it is written down where it is.
const AT_ONCE: u32 = 50;
const MORE: u32 = 72;

/// A day of more documents than are looked at with one request.
fn busy() -> (Shop, Vec<Uid>) {
    let (shop, _) = kept_shop();
    let lot = Uid::from_bytes(shop.one("SELECT uid FROM product_batch"));
    let documents = (1..AT_ONCE + MORE).map(|_| shop.hub.adjust(lot, "L1", 1)).collect();
    shop.sync();
    shop.hub.asked();
    (shop, documents)
}

fn day() -> IntegrityArgs {
    let day = Some("2026-11-20".to_owned());
    IntegrityArgs { from: day.clone(), to: day, ..IntegrityArgs::default() }
}

fn resume(shop: &Shop) -> IntegrityReport {
    shop.till.check_integrity(&IntegrityArgs { resume: true, ..IntegrityArgs::default() }).unwrap()
}

/// Rows that the hub was asked for by name since this was last asked.
fn asked(shop: &Shop) -> usize {
    shop.hub.asked().into_iter().filter(|(what, _)| *what == "rows").map(|(_, rows)| rows).sum()
}

/// Does that once, when the first documents are through.
fn after_the_first(shop: &Shop, happens: impl Fn() + Send + Sync + 'static) {
    let done = AtomicBool::default();
    shop.till.listen(move |notice| {
        if matches!(notice, Notice::IntegrityProgress { .. }) && !done.swap(true, Ordering::SeqCst) {
            happens();
        }
    });
}

fn stop_after_the_first(shop: &Shop) {
    let till = Arc::downgrade(&shop.till);
    after_the_first(shop, move || till.upgrade().unwrap().cancel_sync());
}

fn code(report: &IntegrityReport) -> Option<&str> {
    report.problem.as_ref().map(|problem| problem.code.as_str())
}

/// It came to what one came to that nobody stopped.
fn is_whole(report: &IntegrityReport, whole: &IntegrityReport) {
    assert_eq!((report.totals, &report.entities), (whole.totals, &whole.entities));
    assert_eq!((report.done, report.of, report.stopped, code(report)), (whole.of, whole.of, false, None));
}

#[test]
fn one_that_is_stopped_goes_on_where_it_was_and_its_totals_with_it() {
    let (shop, _) = busy();
    let whole = shop.till.check_integrity(&day()).unwrap();
    assert_eq!((whole.done, whole.totals.failed, whole.stopped), (AT_ONCE + MORE, 0, false));
    let all = asked(&shop);
    stop_after_the_first(&shop);
    let stopped = shop.till.check_integrity(&day()).unwrap();
    assert_eq!((stopped.done, stopped.stopped, code(&stopped)), (AT_ONCE, true, Some("sync_cancelled")));
    assert_eq!(shop.till.last_integrity().unwrap().as_ref(), Some(&stopped));
    let before = asked(&shop);
    let resumed = resume(&shop);
    is_whole(&resumed, &whole);
    assert_eq!((resumed.id, resumed.started_at), (stopped.id, stopped.started_at), "one line of the journal");
    assert_eq!(before + asked(&shop), all, "nothing is asked for twice");
    let again = shop.till.check_integrity(&IntegrityArgs { resume: true, ..day() });
    assert_eq!(again.unwrap_err().code(), "integrity_nothing_stopped");
}

#[test]
fn what_was_asked_is_remembered_while_one_document_is_looked_at_in_between() {
    let (shop, documents) = busy();
    stop_after_the_first(&shop);
    let forced = IntegrityArgs { force: true, ..day() };
    let stopped = shop.till.check_integrity(&forced).unwrap();
    assert!(stopped.stopped);
    let document = Some(format!("stockAdjustment:{}", documents[0]));
    let one = shop.till.check_integrity(&IntegrityArgs { document, ..IntegrityArgs::default() }).unwrap();
    assert!(!one.stopped && one.id > stopped.id);
    let shop = shop.reopen();
    shop.sign_in("manager");
    assert_eq!(shop.till.last_integrity().unwrap().unwrap().id, stopped.id, "it is still offered");
    let resumed = resume(&shop);
    assert_eq!((resumed.totals.skipped, resumed.totals.synced), (0, resumed.totals.total), "by force, as it was asked");
    stop_after_the_first(&shop);
    shop.till.check_integrity(&day()).unwrap();
    let other = shop.till.check_integrity(&day()).unwrap();
    assert!(!other.stopped);
    assert_eq!(shop.till.last_integrity().unwrap().unwrap().id, other.id, "a new range takes its place");
}

fn copy(from: &Path, to: &Path) {
    for name in ["officine.db", "officine.db-wal"] {
        fs::copy(from.join(name), to.join(name)).unwrap();
    }
}

#[test]
fn one_that_the_end_of_the_till_has_cut_off_is_shown_as_that_and_goes_on() {
    let (shop, _) = busy();
    let whole = shop.till.check_integrity(&day()).unwrap();
    let (dir, kept) = (shop.dir.path().to_owned(), tempfile::tempdir().unwrap());
    let (from, to) = (dir.clone(), kept.path().to_owned());
    after_the_first(&shop, move || copy(&from, &to));
    shop.till.check_integrity(&day()).unwrap();
    let shop = shop.reopen_with(|| copy(kept.path(), &dir));
    shop.sign_in("manager");
    let cut = shop.till.last_integrity().unwrap().unwrap();
    assert_eq!((cut.done, cut.stopped, cut.under_way, code(&cut)), (AT_ONCE, true, false, Some("integrity_cut")));
    is_whole(&resume(&shop), &whole);
}

#[test]
fn one_that_is_under_way_says_so_and_is_not_offered_to_go_on() {
    let (shop, _) = busy();
    let till = Arc::downgrade(&shop.till);
    let told = Arc::new(AtomicBool::default());
    let heard = Arc::clone(&told);
    after_the_first(&shop, move || {
        let last = till.upgrade().unwrap().last_integrity().unwrap().unwrap();
        heard.store(last.under_way, Ordering::SeqCst);
    });
    let report = shop.till.check_integrity(&day()).unwrap();
    assert!(told.load(Ordering::SeqCst) && !report.under_way);
    assert!(!shop.till.last_integrity().unwrap().unwrap().under_way);
}

#[test]
fn a_row_that_cannot_be_read_here_or_there_fails_alone() {
    let (shop, documents) = busy();
    let uid = |place: usize| documents[place].to_string();
    let sql = "UPDATE stock_adjustment SET rev = 1.5 WHERE uid = ?1";
    assert_eq!(shop.db().execute(sql, [documents[3].as_bytes()]).unwrap(), 1);
    shop.hub.spoil(documents[40], |row| drop(row.fields.insert("kind".into(), json!(["?"]))));
    shop.hub.breaks_on(documents[90]);
    shop.hub.spoil(documents[100], |row| drop(row.fields.insert("reason".into(), json!("autre"))));
    let report = shop.till.check_integrity(&day()).unwrap();
    assert_eq!((report.done, report.stopped, code(&report)), (AT_ONCE + MORE, false, None));
    let failed: Vec<_> = report.steps.iter().filter(|step| !step.ok).collect();
    let why = |place: usize| {
        let step = failed.iter().find(|step| step.uid == uid(place));
        step.and_then(|step| step.problem.as_ref()).map(|problem: &Problem| problem.code.as_str())
    };
    assert_eq!(why(3), Some("integrity_row_unreadable"));
    assert_eq!(why(40), Some("field_invalid"));
    assert_eq!(why(90), Some("hub_refused"));
    assert_eq!((failed.len(), report.totals.failed), (3, 3));
    assert!(report.steps[..3].iter().all(|step| !step.ok), "those that failed first");
    assert!(
        report.steps.iter().any(|step| step.uid == uid(100) && step.ok && step.action == "pull"),
        "the others are mended"
    );
}

#[test]
fn a_hub_that_does_not_answer_leaves_all_of_it_to_be_done() {
    let (shop, _) = busy();
    let shop = shop.reopen();
    shop.sign_in("manager");
    shop.hub.fall_silent();
    let report = shop.till.check_integrity(&day()).unwrap();
    assert_eq!((report.done, report.of, report.stopped), (0, AT_ONCE + MORE, true));
    assert_eq!(code(&report), Some("hub_unreachable"));
    assert_eq!(shop.till.certify().unwrap_err().code(), "hub_unreachable");
    assert_eq!(shop.till.repair().unwrap().problem.map(|problem| problem.code).as_deref(), Some("hub_unreachable"));
    shop.hub.speak();
    let resumed = resume(&shop);
    assert_eq!((resumed.done, resumed.stopped), (AT_ONCE + MORE, false));
}

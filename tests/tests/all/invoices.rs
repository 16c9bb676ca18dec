//! Real invoices through the engine. All of them: `cargo run --release -p officine-tests --bin bench -- replay`.

use officine_tests::replay::{Replay, expected, file};
use tempfile::TempDir;

/// Sales, returns and stock written off of the first days.
const INVOICES: usize = 100;

#[test]
fn the_first_days_of_a_year_come_out_right_to_the_franc_and_the_box() {
    let Some(path) = file::beside_the_project() else {
        eprintln!("skipped: the shared invoices are not beside the project");
        return;
    };
    let invoices = file::read(&path, INVOICES).unwrap();
    let dir = TempDir::new().unwrap();
    let mut replay = Replay::open(dir.path(), &invoices).unwrap();
    for invoice in &invoices {
        replay.enter(invoice).unwrap();
    }
    let wanted = expected(&invoices);
    assert!(wanted.sales > 80 && wanted.returns > 2, "{} and {}", wanted.sales, wanted.returns);
    assert_eq!((replay.entered.sold, replay.entered.refunded), (wanted.sold, wanted.refunded));
    assert_eq!(replay.stored().unwrap(), wanted);
    assert_eq!(replay.till.ledger_differences().unwrap(), 0);
    assert_eq!(replay.disagreements().unwrap(), 0);
}

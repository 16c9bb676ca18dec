//! The same sale sent again and again is one sale.

use std::path::Path;

use officine_protocol::{
    limits::{PROTOCOL, SCHEMA},
    messages::{Cursor, Outcome, PushRequest, SentOperation},
};
use officine_tests::{Answer, Cutter, Shop, shop, till};
use officine_till::{
    Till, Trigger,
    sync::transport::{HttpTransport, Transport},
    views::SaleStateName,
};
use rusqlite::{Connection, OpenFlags};
use serde_json::value::RawValue;

#[test]
fn the_same_push_three_times_is_one_sale() {
    three_times(&Shop::open());
}

#[test]
fn on_postgres_the_same_push_three_times_is_one_sale() {
    three_times(&Shop::open_on_postgres());
}

#[test]
fn a_push_whose_answer_is_cut_is_one_sale() {
    cut(&Shop::open());
}

#[test]
fn on_postgres_a_push_whose_answer_is_cut_is_one_sale() {
    cut(&Shop::open_on_postgres());
}

fn three_times(pharmacy: &Shop) {
    let counter = pharmacy.first_till(&pharmacy.hub.url(), 1, 10);
    let receipt = till::sell(&counter, &shop::code(0), 3);
    let device = counter.device().unwrap();
    let request = frozen_sale(&counter, &pharmacy.data("caisse-1"));
    let answers: Vec<_> = (0..3).map(|_| HttpTransport::default().push(&device, &request).unwrap().0).collect();
    let verdicts: Vec<_> = answers.iter().map(|answer| &answer.verdicts[0]).collect();
    assert_eq!(verdicts.iter().map(|verdict| verdict.duplicate).collect::<Vec<_>>(), [false, true, true]);
    assert!(matches!(verdicts[0].outcome, Outcome::Accepted { .. }), "{:?}", verdicts[0]);
    assert!(verdicts.iter().all(|verdict| verdict.outcome == verdicts[0].outcome), "the stored answer, again");
    assert_eq!(pharmacy.hub.stock(&pharmacy.pharmacy).values().sum::<i64>(), 7);
    shop::sync(&counter);
    assert_eq!(till::state(&counter, &receipt.uid), SaleStateName::Confirmed);
    assert_eq!(till::stock_of(&counter, &shop::code(0)), 7);
}

fn cut(pharmacy: &Shop) {
    let wire = Cutter::before(pharmacy.hub.address());
    let counter = pharmacy.first_till(&wire.url(), 1, 10);
    let receipt = till::sell(&counter, &shop::code(0), 3);
    wire.answer(Answer::Cut);
    let report = counter.sync_now(Trigger::Sale).unwrap();
    assert_eq!(report.problem.expect("the answer did not arrive").code, "hub_unreachable");
    assert!(wire.cuts() > 0);
    assert!(till::waits(&counter, &receipt.uid), "the till does not know yet");
    assert_eq!(pharmacy.hub.stock(&pharmacy.pharmacy).values().sum::<i64>(), 7, "the hub has it");
    wire.answer(Answer::Whole);
    let report = counter.sync_now(Trigger::Reconnect).unwrap();
    assert_eq!((report.problem.map(|problem| problem.code), report.duplicate), (None, 1));
    assert_eq!(till::state(&counter, &receipt.uid), SaleStateName::Confirmed);
    assert_eq!(pharmacy.hub.stock(&pharmacy.pharmacy).values().sum::<i64>(), 7);
    assert_eq!(till::stock_of(&counter, &shop::code(0)), 7);
}

/// A push of the one sale in the queue, byte for byte as the till froze it.
fn frozen_sale(till: &Till, data: &Path) -> PushRequest {
    let store = Connection::open_with_flags(data.join("officine.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let query = "SELECT payload FROM outbox WHERE entity = 'sale' AND state <> 5";
    let payload =
        store.query_row(query, [], |row| row.get_ref(0).map(|value| value.as_bytes().unwrap().to_vec())).unwrap();
    let operation = RawValue::from_string(String::from_utf8(payload).unwrap()).unwrap();
    let epoch = store.query_row("SELECT epoch FROM sync_state", [], |row| row.get(0)).unwrap();
    PushRequest {
        protocol: PROTOCOL,
        schema: SCHEMA,
        incarnation: till.device().unwrap().incarnation,
        epoch,
        cursor: Cursor::default(),
        sent_at: 0,
        acknowledged: 0,
        operations: vec![SentOperation {
            operation,
            server_ids: Default::default(),
            attempts: 0,
            clock_doubtful: false,
        }],
    }
}

//! What must be true of all books at rest, whatever happened before: shared by every test of several tills.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant},
};

use officine_protocol::{
    chain::GENESIS,
    entities::{SALE, SALE_RETURN, in_order},
    record::Record,
    schema::Entity,
    ticket,
    value::Value as Cell,
};
use officine_till::{Till, Trigger, store::rows, views::ListQueueArgs};
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use crate::{Hub, Shop, programs::till, till::open};

const DRAINED_WITHIN: Duration = Duration::from_secs(180);
const AGAIN: Duration = Duration::from_millis(250);

/// What a shop came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Census {
    /// Tickets that stand.
    pub confirmed: usize,
    /// Tickets the hub refused.
    pub reversed: usize,
    /// Tickets that were refused and kept.
    pub regularised: usize,
    /// Tickets that take another back.
    pub returns: usize,
    /// Operations that wait for a person, each with its reason.
    pub named: usize,
}

/// Every till and the hub stand at one revision and hold the same rows: by each till's own comparison, and by what each
/// says of itself. What waits for a person is pending, and no difference.
pub fn are_equal(hub: &Hub, pharmacy: &str, tills: &[&Path]) {
    let theirs = hub.ask(&["digest", "--pharmacy", pharmacy]);
    for data in tills {
        let told = till(data, ["sync", "compare"]).done();
        let name = data.display();
        let found = (&told["sameRevision"], &told["equal"]);
        assert_eq!(found, (&true.into(), &true.into()), "{name}: {}", different(&told));
        let own = till(data, ["digest"]).done();
        for said in ["version", "schema", "epoch", "revision", "entities"] {
            assert_eq!(own[said], theirs[said], "{name}: {said}");
        }
    }
}

/// The entities in which a till's comparison found a difference, and where both stand.
pub fn different(comparison: &Value) -> String {
    let entities = comparison["entities"].as_array().expect("entities").iter();
    let lines: Vec<_> = entities.filter(|entity| entity["equal"] == false).map(Value::to_string).collect();
    format!("revision {} and {}: {}", comparison["revision"], comparison["hubRevision"], lines.join(" "))
}

/// The books of a shop at rest: nobody is at its tills, and nothing stands between them and the hub any more. All
/// `acknowledged` tickets are on the hub once, confirmed or reversed with a reason; numbers are gapless and chained; each
/// lot holds what its movements say; all books are equal.
pub fn at_rest(shop: &Shop, tills: &[&Path], acknowledged: &BTreeSet<String>) -> Census {
    let named = drain(tills);
    let witness = shop.till_through("witness", &shop.hub.url());
    drop(witness);
    let folder = shop.data("witness");
    let all: Vec<&Path> = tills.iter().copied().chain([folder.as_path()]).collect();
    are_equal(&shop.hub, &shop.pharmacy, &all);
    let stock = shop.hub.stock(&shop.pharmacy);
    for data in all {
        let held = crate::till::quantities(&till(data, ["stock"]).done());
        assert_eq!(held, stock, "{}: the lots hold what the hub says", data.display());
        let till = open(data);
        assert_eq!(till.ledger_differences().expect("a ledger"), 0, "{}: movements add up", data.display());
        assert_eq!(till.check().expect("a check"), None, "{}", data.display());
    }
    let book = Connection::open_with_flags(folder.join("officine.db"), OpenFlags::SQLITE_OPEN_READ_ONLY);
    let book = book.expect("the witness's book");
    are_chained(&book);
    let census = Census { named, ..all_are_there(&book, acknowledged) };
    assert!(!shop.hub.log().contains("panicked"), "the hub panicked");
    census
}

/// Lets every till push and pull until all have everything, over whatever link they have. Gives how many operations wait
/// for a person.
pub fn drain(tills: &[&Path]) -> usize {
    let tills: Vec<Arc<Till>> = tills.iter().map(|data| open(data)).collect();
    let end = Instant::now() + DRAINED_WITHIN;
    loop {
        let reports: Vec<_> = tills.iter().map(|till| till.sync_now(Trigger::Manual).expect("a run")).collect();
        let states = tills.iter().map(|till| till.sync_state().expect("its state")).collect::<Vec<_>>();
        let newest = reports.iter().map(|report| report.revision).max();
        let queued =
            |state: &officine_till::views::SyncState| state.queue.waiting + state.queue.sent + state.queue.deferred;
        let rests = |report: &officine_till::views::SyncReport| {
            report.problem.is_none() && report.processed == 0 && Some(report.revision) == newest
        };
        if reports.iter().all(rests) && states.iter().all(|state| queued(state) == 0) {
            return tills.iter().map(|till| named(till)).sum();
        }
        assert!(Instant::now() < end, "the queues do not drain: {states:?}");
        sleep(AGAIN);
    }
}

/// What is left in a queue once it has drained: each says why.
fn named(till: &Till) -> usize {
    let left = till.list_queue(&ListQueueArgs { state: None, limit: 200 }).expect("the queue").rows;
    for row in &left {
        assert!(row.problem.is_some(), "it waits for nothing that is said: {row:?}");
        eprintln!("waits for a person: {} {} {:?}", row.entity, row.label, row.problem);
    }
    left.len()
}

/// A ticket of a series: its number, the link before it, its own, and the one its printed fields give.
type Link = (i64, Vec<u8>, Vec<u8>, Vec<u8>);

/// Numbers run from 1 without a hole in each series, and each ticket is the link its printed fields and the one before
/// it give; the first of a series may name a link of another.
pub fn are_chained(book: &Connection) {
    let mut series: BTreeMap<i64, Vec<Link>> = BTreeMap::new();
    for entity in in_order().iter().filter(|entity| entity.numbered()) {
        rows::each(book, entity, |mut record| {
            as_printed(entity, &mut record);
            let int = |name| record.get(entity, name).int().unwrap_or(0);
            let bytes = |name| record.get(entity, name).bytes().unwrap_or_default().to_vec();
            let link = (int("number"), bytes("previous_hash"), bytes("hash"), ticket::link(entity, &record).to_vec());
            series.entry(int("series")).or_default().push(link);
            Ok(())
        })
        .expect("tickets");
    }
    let ends: BTreeSet<Vec<u8>> = series.values().flatten().map(|(_, _, own, _)| own.clone()).collect();
    for (series, mut links) in series {
        links.sort();
        let mut before = match links.first() {
            // A till that began anew goes on from the last link that its former series had here.
            Some((_, previous, ..)) if ends.contains(previous) => previous.clone(),
            _ => GENESIS.to_vec(),
        };
        for ((number, previous, own, printed), expected) in links.into_iter().zip(1..) {
            assert_eq!(number, expected, "series {series} has a hole or a number twice");
            assert_eq!((&previous, &own), (&before, &printed), "ticket {series}-{number} is no link of its chain");
            before = own;
        }
    }
}

/// Lots in the order they are printed: earliest expiry first.
fn as_printed(entity: &Entity, record: &mut Record) {
    if let Some(movements) = record.part_mut(entity, "movements") {
        movements.sort_by_key(|row| (row[0].int(), row[1].int(), expiry(&row[6]), row[5].text().map(str::to_owned)));
    }
}

fn expiry(cell: &Cell) -> i64 {
    cell.int().unwrap_or(i64::MAX)
}

fn all_are_there(book: &Connection, acknowledged: &BTreeSet<String>) -> Census {
    let (mut census, mut missing) = (Census::default(), acknowledged.clone());
    rows::each(book, &SALE, |sale| {
        missing.remove(&sale.uid.to_string());
        let reason = sale.get(&SALE, "reason_code").text();
        let state = sale.get(&SALE, "state").text().unwrap_or_default();
        match state {
            "confirmed" => census.confirmed += 1,
            "reversed" => census.reversed += 1,
            "regularised" => census.regularised += 1,
            other => panic!("{} is {other}", sale.uid),
        }
        assert!(state == "confirmed" || reason.is_some(), "{} is {state} without a reason", sale.uid);
        Ok(())
    })
    .and_then(|()| {
        rows::each(book, &SALE_RETURN, |back| {
            missing.remove(&back.uid.to_string());
            census.returns += 1;
            Ok(())
        })
    })
    .expect("tickets");
    assert!(missing.is_empty(), "acknowledged, and not on the hub: {missing:?}");
    census
}

//! Two tills, any order of arrival, clocks that disagree: a lot holds its latest counts, zone by zone, and what happened
//! since, and the ledger says the same.

use std::{collections::BTreeMap, sync::Arc};

use officine_hub::store::Sqlite;
use officine_protocol::{
    Uid,
    entities::{ENTITIES, STOCKTAKE},
    messages::{Cursor, Operation, WireRow},
    tally::{Count, tally},
};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::{
    counting::complete,
    rooms::Room,
    shop::{NOON, Shop, line, take},
};

#[derive(Clone, Debug)]
struct Act {
    till: usize,
    at: i64,
    lot: usize,
    quantity: i64,
    what: &'static str,
    /// Sent after so many others.
    delay: usize,
}

fn act() -> impl Strategy<Value = Act> {
    let what =
        prop::sample::select(vec!["sell", "sell", "hand", "return", "adjust", "count", "zones", "back", "alone"]);
    (0..2_usize, 0..40_i64, 0..3_usize, 1..9_i64, what, 0..12_usize)
        .prop_map(|(till, at, lot, quantity, what, delay)| Act { till, at, lot, quantity, what, delay })
}

fn operations(shop: &mut Shop, act: &Act, product: Uid, lots: &[Uid]) -> Vec<Operation> {
    shop.now = NOON + act.at;
    let (held, other) = (lots[act.lot], lots[(act.lot + 1) % lots.len()]);
    let lines = |quantity| [line(product, vec![take(held, quantity, "assumed")])];
    match act.what {
        "sell" => vec![shop.sale(&lines(act.quantity))],
        "hand" => {
            let mut lines = lines(act.quantity);
            lines[0].in_hand = true;
            vec![shop.sale(&lines)]
        }
        "return" => {
            let sale = shop.sale(&lines(act.quantity));
            shop.now += 3;
            let back = shop.returned(sale.uid, &lines(1));
            vec![sale, back]
        }
        "adjust" => vec![shop.adjust("correction", &[(held, act.quantity - 4), (other, 4 - act.quantity)])],
        "count" => vec![shop.count(&[(held, "shelf", act.quantity, shop.now)], &[(held, act.quantity - 6)])],
        "back" => vec![shop.count(&[(held, "reserve", act.quantity, shop.now)], &[(held, 2)])],
        "alone" => vec![complete(shop.count(&[(held, "reserve", act.quantity, shop.now)], &[]))],
        _ => {
            let at = shop.now;
            let counts = [(held, "reserve", 2, at - 2), (held, "shelf", act.quantity, at - 5), (other, "shelf", 3, at)];
            vec![shop.count(&counts, &[(other, 1)])]
        }
    }
}

type Movement = (Uid, i64, i64);
type Told = (String, Count<'static>);

/// What the documents of a page move: lot, instant, quantity; and every count of each lot.
fn read(rows: &[WireRow]) -> (Vec<Movement>, BTreeMap<Uid, Vec<Told>>) {
    let (mut moved, mut counts) = (Vec::new(), BTreeMap::<Uid, Vec<Told>>::new());
    for row in rows {
        let entity = ENTITIES.iter().find(|entity| entity.name == row.entity).unwrap();
        let uid = |cells: &serde_json::Map<_, serde_json::Value>| -> Uid {
            serde_json::from_value(cells["batch"].clone()).unwrap()
        };
        for movement in row.parts.get("movements").into_iter().flatten() {
            let counting = entity.name == STOCKTAKE.name;
            let at = if counting { 0 } else { row.fields["occurredAt"].as_i64().unwrap() };
            moved.push((uid(movement), at, movement["delta"].as_i64().unwrap()));
        }
        for count in row.parts.get("counts").into_iter().flatten() {
            let int = |name: &str| count[name].as_i64().unwrap();
            let (counted, counted_at, line) = (int("counted"), int("countedAt"), int("line"));
            let complete = count.get("complete").is_some_and(|said| said == true);
            let told = Count { zone: "", counted, counted_at, complete, document: row.server_id, line };
            counts.entry(uid(count)).or_default().push((count["zone"].as_str().unwrap().to_owned(), told));
        }
    }
    (moved, counts)
}

async fn story(acts: Vec<Act>, batch: usize) {
    let folder = TempDir::new().unwrap();
    let room = Room::new(Arc::new(Sqlite::open(folder.path()).unwrap())).await;
    let (first, mut one) = room.till(5).await;
    let (second, mut two) = room.till(6).await;
    let (product, lots, operations_first) = one.stocked(&[9, 6, 0]);
    room.push(&first, &operations_first).await;
    let clerk = two.person(two.user, "fanta", "cashier");
    room.push(&second, &[clerk]).await;
    let mut queue: Vec<(usize, usize, Operation)> = Vec::new();
    for (place, act) in acts.iter().enumerate() {
        let shop = if act.till == 0 { &mut one } else { &mut two };
        queue.extend(operations(shop, act, product, &lots).into_iter().map(|sent| (place + act.delay, act.till, sent)));
    }
    queue.sort_by_key(|(when, till, sent)| (*when, *till, sent.seq));
    for sent in queue.chunk_by(|one, other| one.1 == other.1) {
        let device = if sent[0].1 == 0 { &first } else { &second };
        for part in sent.chunks(batch) {
            let operations: Vec<_> = part.iter().map(|(.., operation)| operation.clone()).collect();
            let pushed = room.push(device, &operations).await;
            assert!(
                pushed.verdicts.iter().all(|verdict| crate::decisions::code(&verdict.outcome) != "storage_refused")
            );
        }
    }
    let page = room.page(&first, Cursor::default(), 1_000).await;
    assert!(!page.has_more);
    let (moved, counts) = read(&page.rows);
    for lot in lots {
        let (quantity, recount) = room.lot(lot).await;
        let own = moved.iter().filter(|(of, ..)| *of == lot);
        assert_eq!(own.clone().map(|(.., delta)| delta).sum::<i64>(), quantity, "the ledger: {acts:?}");
        let told = counts.get(&lot).into_iter().flatten();
        if let Some(tally) = tally(told.map(|(zone, count)| Count { zone, ..*count })) {
            let since: i64 = own.filter(|(_, when, _)| *when > tally.as_of).map(|(.., delta)| delta).sum();
            assert_eq!(tally.counted + since, quantity, "the counts and what happened since: {acts:?}");
        }
        assert!(quantity >= 0 || recount);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, max_shrink_iters: 200, ..ProptestConfig::default() })]
    #[test]
    fn a_lot_is_its_latest_count_and_what_happened_since(
        acts in prop::collection::vec(act(), 1..25), batch in 1..8_usize,
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(story(acts, batch));
    }
}

//! Counts are checkpoints, whatever comes when.

use officine_protocol::{
    Uid,
    messages::{Cursor, Operation, Outcome, WireRow},
};
use serde_json::json;

use crate::{
    decisions::{accepted, code},
    rooms::Room,
    shop::{NOON, line, take},
};

async fn row(room: &Room, device: &officine_hub::decide::Device, uid: Uid) -> WireRow {
    let page = room.page(device, Cursor::default(), 1_000).await;
    page.rows.into_iter().find(|row| row.uid == uid).unwrap()
}

/// Line, step, delta, source of what a stocktake moves.
fn moved(row: &WireRow) -> Vec<(i64, i64, i64, String)> {
    let read = |cells: &serde_json::Map<String, serde_json::Value>| {
        let int = |name: &str| cells[name].as_i64().unwrap();
        (int("line"), int("step"), int("delta"), cells["source"].as_str().unwrap().to_owned())
    };
    row.parts["movements"].iter().map(read).collect()
}

pub async fn a_lot_holds_what_was_counted_and_what_happened_since(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, operations) = shop.stocked(&[10]);
    room.push(&device, &operations).await;
    shop.now = NOON + 20;
    let sale = shop.sale(&[line(product, vec![take(lots[0], 2, "assumed")])]);
    room.push(&device, &[sale]).await;
    shop.now = NOON + 30;
    let count = shop.count(&[(lots[0], "shelf", 7, NOON + 10)], &[(lots[0], -1)]);
    let verdict = room.push(&device, std::slice::from_ref(&count)).await.verdicts.remove(0);
    let Outcome::Accepted { corrections, .. } = &verdict.outcome else { panic!("{verdict:?}") };
    assert_eq!(corrections.movements[0]["delta"], json!(-2), "10 stood there, the till took one off, 7 were counted");
    assert_eq!(room.lot(lots[0]).await, (5, false));
    let lot = row(&room, &device, lots[0]).await;
    assert_eq!(lot.fields["countedAt"], json!(NOON + 10));
    let stored = row(&room, &device, count.uid).await;
    assert_eq!(moved(&stored), [(1, 0, -1, "moved".to_owned()), (1, 1, -2, "count".to_owned())]);
    assert!(stored.fields.get("flagged").is_none_or(|flag| flag == &json!(false)));
}

pub async fn what_turns_out_to_be_older_than_a_count_needs_no_stock_and_is_listed(room: Room) {
    let (counting, mut desk) = room.till(5).await;
    let (product, lots, operations) = desk.stocked(&[10]);
    room.push(&counting, &operations).await;
    let (away, mut stall) = room.till(6).await;
    let clerk = stall.person(stall.user, "fanta", "cashier");
    room.push(&away, &[clerk]).await;
    stall.now = NOON + 5;
    let sale = stall.sale(&[line(product, vec![take(lots[0], 9, "assumed")])]);
    let more = stall.sale(&[line(product, vec![take(lots[0], 4, "scanned")])]);
    desk.now = NOON + 10;
    let count = desk.count(&[(lots[0], "shelf", 3, NOON + 10)], &[(lots[0], -7)]);
    room.push(&counting, std::slice::from_ref(&count)).await;
    assert_eq!(room.lot(lots[0]).await, (3, false));
    let cursor = room.page(&counting, Cursor::default(), 1_000).await.next;
    let pushed = room.push(&away, &[sale.clone(), more]).await;
    assert!(pushed.verdicts.iter().all(accepted), "{:?}", pushed.verdicts);
    assert_eq!(room.lot(lots[0]).await, (3, false));
    let page = room.page(&counting, cursor, 1_000).await;
    let listed = page.rows.iter().find(|row| row.uid == count.uid).unwrap();
    assert_eq!(listed.fields["flagged"], json!(true));
    let late: Vec<_> = moved(listed).into_iter().filter(|(.., source)| source == "late").collect();
    assert_eq!(late, [(1, 1, 9, "late".to_owned()), (1, 2, 4, "late".to_owned())]);
    assert_eq!(listed.parts["movements"][1]["reason"], json!(format!("sale {}", sale.uid)));
    stall.now = NOON + 11;
    let after = stall.sale(&[line(product, vec![take(lots[0], 4, "assumed")])]);
    assert_eq!(code(&room.push(&away, &[after]).await.verdicts[0].outcome), "stock_insufficient");
}

pub async fn an_older_count_changes_no_quantity(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (_, lots, operations) = shop.stocked(&[10]);
    room.push(&device, &operations).await;
    shop.now = NOON + 30;
    let newer = shop.count(&[(lots[0], "shelf", 8, NOON + 20)], &[]);
    let older = shop.count(&[(lots[0], "shelf", 4, NOON + 10)], &[(lots[0], -6)]);
    let equal = shop.count(&[(lots[0], "shelf", 5, NOON + 20)], &[]);
    room.push(&device, &[newer]).await;
    let verdicts = room.push(&device, &[older, equal]).await.verdicts;
    let Outcome::Accepted { corrections, .. } = &verdicts[0].outcome else { panic!("{verdicts:?}") };
    assert_eq!((corrections.movements.len(), &corrections.movements[0]["delta"]), (1, &json!(6)));
    assert_eq!(room.lot(lots[0]).await, (8, false));
}

pub async fn a_count_closes_the_recount_of_a_lot_below_zero(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, operations) = shop.stocked(&[1]);
    room.push(&device, &operations).await;
    let mut held = line(product, vec![take(lots[0], 4, "scanned")]);
    held.in_hand = true;
    let sale = shop.sale(&[held]);
    room.push(&device, &[sale]).await;
    assert_eq!(room.lot(lots[0]).await, (-3, true));
    shop.now = NOON + 10;
    let count = shop.count(&[(lots[0], "shelf", 5, NOON + 10)], &[]);
    assert!(accepted(&room.push(&device, &[count]).await.verdicts[0]));
    assert_eq!(room.lot(lots[0]).await, (5, false));
}

pub async fn a_count_older_than_what_emptied_the_lot_leaves_its_recount_open(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (_, lots, operations) = shop.stocked(&[10]);
    room.push(&device, &operations).await;
    shop.now = NOON + 20;
    let destroyed = shop.adjust("destruction", &[(lots[0], -12)]);
    shop.now = NOON + 30;
    let count = shop.count(&[(lots[0], "shelf", 11, NOON + 10)], &[]);
    room.push(&device, &[destroyed]).await;
    room.push(&device, &[count]).await;
    assert_eq!(room.lot(lots[0]).await, (-1, true));
}

pub async fn zones_add_up_and_the_shelf_says_when(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (_, lots, operations) = shop.stocked(&[10, 10]);
    room.push(&device, &operations).await;
    shop.now = NOON + 50;
    let counts = [
        (lots[0], "reserve", 20, NOON + 40),
        (lots[0], "shelf", 2, NOON + 10),
        (lots[0], "shelf", 3, NOON + 12),
        (lots[1], "reserve", 4, NOON + 30),
        (lots[1], "cold", 5, NOON + 60),
    ];
    let count = shop.count(&counts, &[]);
    assert!(accepted(&room.push(&device, &[count]).await.verdicts[0]));
    assert_eq!((room.lot(lots[0]).await, room.lot(lots[1]).await), ((23, false), (9, false)));
    let told = |row: WireRow| row.fields["countedAt"].clone();
    assert_eq!(told(row(&room, &device, lots[0]).await), json!(NOON + 12));
    assert_eq!(told(row(&room, &device, lots[1]).await), json!(NOON + 50), "no count is later than its document");
}

/// A stocktake that says that no other zone holds some.
pub fn complete(mut count: Operation) -> Operation {
    let rows = count.parts.get_mut("counts").unwrap();
    rows.iter_mut().for_each(|row| _ = row.insert("complete".into(), json!(true)));
    count
}

/// A second till with somebody at it.
async fn stall(room: &Room) -> (officine_hub::decide::Device, crate::shop::Shop) {
    let (away, mut stall) = room.till(6).await;
    let clerk = stall.person(stall.user, "fanta", "pharmacist");
    room.push(&away, &[clerk]).await;
    (away, stall)
}

pub async fn two_tills_count_the_shelf_and_the_reserve_in_two_stocktakes(room: Room) {
    let (counting, mut desk) = room.till(5).await;
    let (product, lots, operations) = desk.stocked(&[10, 10]);
    room.push(&counting, &operations).await;
    let (away, mut stall) = stall(&room).await;
    desk.now = NOON + 20;
    let sale = desk.sale(&[line(product, vec![take(lots[0], 2, "scanned"), take(lots[1], 2, "scanned")])]);
    room.push(&counting, &[sale]).await;
    desk.now = NOON + 30;
    let shelf = |shop: &mut crate::shop::Shop, lot| shop.count(&[(lot, "shelf", 7, NOON + 10)], &[(lot, -3)]);
    let reserve = |shop: &mut crate::shop::Shop, lot| shop.count(&[(lot, "reserve", 40, NOON + 25)], &[(lot, 30)]);
    stall.now = NOON + 31;
    for (lot, shelf_first) in [(lots[0], true), (lots[1], false)] {
        let sent = [(&counting, shelf(&mut desk, lot)), (&away, reserve(&mut stall, lot))];
        let order = if shelf_first { [&sent[0], &sent[1]] } else { [&sent[1], &sent[0]] };
        for (device, count) in order {
            assert!(accepted(&room.push(device, std::slice::from_ref(count)).await.verdicts[0]));
        }
        assert_eq!(room.lot(lot).await, (45, false), "both zones, less what was sold since the shelf was counted");
        assert_eq!(row(&room, &counting, lot).await.fields["countedAt"], json!(NOON + 10));
    }
}

pub async fn a_complete_count_forgets_other_zones_and_a_later_one_of_them_counts(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (_, lots, operations) = shop.stocked(&[10]);
    room.push(&device, &operations).await;
    shop.now = NOON + 50;
    let reserve = shop.count(&[(lots[0], "reserve", 40, NOON + 10)], &[]);
    let alone = complete(shop.count(&[(lots[0], "shelf", 3, NOON + 20)], &[]));
    let late = shop.count(&[(lots[0], "cave", 9, NOON + 15)], &[(lots[0], 9)]);
    let again = shop.count(&[(lots[0], "reserve", 5, NOON + 30)], &[]);
    for (count, holds) in [(reserve, 40), (alone, 3), (late, 3), (again, 8)] {
        assert!(accepted(&room.push(&device, &[count]).await.verdicts[0]));
        assert_eq!(room.lot(lots[0]).await, (holds, false));
    }
}

pub async fn of_two_counts_of_one_zone_the_later_stands_and_at_one_instant_the_first(room: Room) {
    let (one, mut desk) = room.till(5).await;
    let (_, lots, operations) = desk.stocked(&[10]);
    room.push(&one, &operations).await;
    let (two, mut stall) = stall(&room).await;
    (desk.now, stall.now) = (NOON + 50, NOON + 50);
    let cases = [(20, 5, 5), (20, 6, 5), (19, 7, 5), (21, 8, 8), (40, 9, 9), (39, 1, 9)];
    for (place, (at, counted, holds)) in cases.into_iter().enumerate() {
        let (device, shop) = if place % 2 == 0 { (&one, &mut desk) } else { (&two, &mut stall) };
        let count = shop.count(&[(lots[0], "shelf", counted, NOON + at)], &[(lots[0], counted - 10)]);
        assert!(accepted(&room.push(device, std::slice::from_ref(&count)).await.verdicts[0]));
        assert_eq!(room.lot(lots[0]).await.0, holds, "{place}");
        let stored = row(&room, device, count.uid).await;
        let told = stored.fields.get("flagged").is_some_and(|flag| flag == &json!(true));
        assert_eq!(told, counted != holds, "what stands aside is told");
    }
}

pub async fn twins_counted_apart_lie_in_one_zone_together(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, operations) = shop.stocked(&[10]);
    room.push(&device, &operations).await;
    let (twin, born) = shop.lot(product, "l-1", Some(20_270_101));
    let count = shop.count(&[(lots[0], "shelf", 4, NOON), (twin, "shelf", 3, NOON)], &[(lots[0], -6), (twin, 3)]);
    let verdicts = room.push(&device, &[born, count]).await.verdicts;
    let Outcome::Accepted { corrections, .. } = &verdicts[0].outcome else { panic!("{verdicts:?}") };
    assert_eq!(corrections.merged_into, Some(lots[0]), "one lot, however it is typed");
    assert!(accepted(&verdicts[1]));
    assert_eq!(room.lot(lots[0]).await, (7, false));
}

pub async fn clocks_further_apart_than_count_and_sale_leave_it_to_a_person(room: Room) {
    let (counting, mut desk) = room.till(5).await;
    let (product, lots, operations) = desk.stocked(&[10, 10, 10]);
    room.push_at(&counting, &operations, 0).await;
    let (away, mut stall) = stall(&room).await;
    let sold = |shop: &mut crate::shop::Shop, lot| shop.sale(&[line(product, vec![take(lot, 2, "scanned")])]);
    stall.now = NOON + 4_000;
    let early = sold(&mut stall, lots[1]);
    room.push_at(&away, &[early], 60_000).await;
    desk.now = NOON + 10_000;
    let counts = [0, 1, 2].map(|place| (lots[place], "shelf", 7, NOON + 10_000));
    let count = desk.count(&counts, &[]);
    room.push_at(&counting, std::slice::from_ref(&count), 0).await;
    assert_eq!(room.lot(lots[1]).await, (7, true), "sold six seconds before, by a clock that is a minute ahead");
    stall.now = NOON + 30_000;
    let near = sold(&mut stall, lots[0]);
    stall.now = NOON + 100_000;
    let far = sold(&mut stall, lots[2]);
    room.push_at(&away, &[near.clone(), far], 60_000).await;
    assert_eq!((room.lot(lots[0]).await, room.lot(lots[2]).await), ((5, true), (5, false)));
    let stored = row(&room, &counting, count.uid).await;
    assert_eq!(stored.fields["flagged"], json!(true));
    let unsure = stored.parts["movements"].iter().filter(|row| row["source"] == "clock_uncertain");
    let said: Vec<serde_json::Value> =
        unsure.map(|row| serde_json::from_str(row["reason"].as_str().unwrap()).unwrap()).collect();
    let both = |said: &serde_json::Value| (said["quantity"].clone(), said["otherwise"].clone());
    assert_eq!(said.iter().map(both).collect::<Vec<_>>(), [(json!(5), json!(7)), (json!(7), json!(5))]);
    assert_eq!(said[0]["document"], json!(format!("sale {}", near.uid)));
    assert_eq!(said[0]["gap"], json!(20_000));
    desk.now = NOON + 10_500;
    let own = sold(&mut desk, lots[2]);
    room.push_at(&counting, &[own], 90_000).await;
    assert_eq!(room.lot(lots[2]).await, (3, false), "one till is sure of its own order");
}

pub async fn a_stocktake_moves_only_what_it_counted(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (_, lots, operations) = shop.stocked(&[10, 10]);
    room.push(&device, &operations).await;
    let count = shop.count(&[(lots[0], "shelf", 9, NOON)], &[(lots[1], -1)]);
    let verdict = room.push(&device, &[count]).await.verdicts.remove(0);
    assert_eq!(code(&verdict.outcome), "document_mismatch");
    assert_eq!((room.lot(lots[0]).await, room.lot(lots[1]).await), ((10, false), (10, false)));
}

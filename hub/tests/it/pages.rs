//! What a second till reads.

use std::collections::{BTreeMap, BTreeSet};

use officine_hub::store::Ask;
use officine_protocol::{
    Uid,
    entities::{CUSTOMER, PRODUCT_BATCH, SUPPLIER, entity},
    limits::SCHEMA,
    messages::{Action, Cursor, WireRow},
    record::{Record, decode_fields, decode_parts},
};
use serde_json::json;

use crate::{
    rooms::Room,
    shop::{NOON, line, take},
};

pub async fn everything(room: &Room, device: &officine_hub::decide::Device, rows: usize) -> Vec<WireRow> {
    let (mut cursor, mut read) = (Cursor::default(), Vec::new());
    loop {
        let page = room.page(device, cursor, rows).await;
        assert!(page.next.rev > cursor.rev || !page.has_more);
        read.extend(page.rows);
        cursor = page.next;
        if !page.has_more {
            assert_eq!(cursor.rev, page.revision);
            return read;
        }
    }
}

pub async fn small_pages_deliver_everything_once_in_order(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, mut operations) = shop.stocked(&[30, 30]);
    for lot in [0, 1, 0] {
        operations.push(shop.sale(&[line(product, vec![take(lots[lot], 1, "assumed")])]));
    }
    room.push(&device, &operations).await;
    let (reader, _) = room.till(6).await;
    let whole = everything(&room, &reader, 1_000).await;
    let revs: Vec<i64> = whole.iter().map(|row| row.rev).collect();
    assert_eq!(revs, (1..=8).collect::<Vec<_>>());
    let mut last: BTreeMap<Uid, WireRow> = BTreeMap::new();
    for row in everything(&room, &reader, 2).await {
        last.insert(row.uid, row);
    }
    assert_eq!(last.into_values().collect::<Vec<_>>().len(), whole.len());
    for row in &whole {
        let entity = entity(&row.entity).unwrap();
        decode_fields(entity, &row.fields).unwrap();
        decode_parts(entity, &row.parts).unwrap();
    }
    assert!(whole.iter().any(|row| row.fields.contains_key("pinHash")), "tills sign users in");
}

pub async fn a_page_brings_what_its_rows_refer_to(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, mut operations) = shop.stocked(&[9]);
    operations.push(shop.sale(&[line(product, vec![take(lots[0], 1, "assumed")])]));
    room.push(&device, &operations).await;
    let touch = shop.edit(&officine_protocol::entities::PRODUCT, product, json!({ "maker": "Labo" }));
    room.push(&device, &[touch]).await;
    let mut known = BTreeSet::new();
    let mut cursor = Cursor::default();
    loop {
        let page = room.page(&device, cursor, 1).await;
        known.extend(page.rows.iter().map(|row| row.uid));
        for row in &page.rows {
            for (part, column) in [("items", "product"), ("movements", "batch")] {
                for line in row.parts.get(part).into_iter().flatten() {
                    let uid: Uid = serde_json::from_value(line[column].clone()).unwrap();
                    assert!(known.contains(&uid), "{} names {uid} before it came", row.entity);
                }
            }
            if let Some(product) = row.fields.get("product") {
                assert!(known.contains(&serde_json::from_value(product.clone()).unwrap()));
            }
        }
        cursor = page.next;
        if !page.has_more {
            break;
        }
    }
}

pub async fn a_page_of_some_entities_brings_their_parents(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, operations) = shop.stocked(&[9]);
    room.push(&device, &operations).await;
    let sales =
        |cursor| Ask { cursor, entities: vec!["sale".into()], schema: SCHEMA, max_rows: 10, max_bytes: 1 << 20 };
    let empty = room.app.store.page(&device, sales(Cursor::default())).await.unwrap();
    assert!(empty.rows.is_empty() && empty.next.rev > 0);
    let sale = shop.sale(&[line(product, vec![take(lots[0], 1, "assumed")])]);
    room.push(&device, &[sale]).await;
    let page = room.app.store.page(&device, sales(empty.next)).await.unwrap();
    let known: BTreeSet<&str> = page.rows.iter().map(|row| row.entity.as_str()).collect();
    assert_eq!(known, BTreeSet::from(["sale", "user", "product", "productBatch"]));
}

pub async fn a_page_is_bounded_in_bytes(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let names: Vec<_> = (0..20).map(|n| shop.supplier(&format!("{n} {}", "x".repeat(100))).1).collect();
    room.push(&device, &names).await;
    let ask =
        |max_bytes| Ask { cursor: Cursor::default(), entities: vec![], schema: SCHEMA, max_rows: 1_000, max_bytes };
    let page = room.app.store.page(&device, ask(1_500)).await.unwrap();
    assert!((2..10).contains(&page.rows.len()) && page.has_more);
    assert_eq!(page.next.rev, page.rows.last().unwrap().rev);
    let page = room.app.store.page(&device, ask(1)).await.unwrap();
    assert_eq!((page.rows.len(), page.has_more), (1, true));
}

pub async fn a_cursor_of_another_history_is_told_so(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (_, supplier) = shop.supplier("a");
    room.push(&device, &[supplier]).await;
    let good = room.page(&device, Cursor::default(), 10).await.next;
    assert!(good.commit.is_some());
    assert!(!room.page(&device, good, 10).await.other_history);
    let swapped = Cursor { commit: Some(room.pharmacy), ..good };
    assert!(room.page(&device, swapped, 10).await.other_history);
    let ahead = Cursor { rev: good.rev + 1, ..good };
    let page = room.page(&device, ahead, 10).await;
    assert!(page.other_history && page.rows.is_empty() && page.next == ahead);
}

pub async fn aliases_and_tombstones_travel(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (winner, first) = shop.supplier("Spharma");
    room.push(&device, &[first]).await;
    let before = room.page(&device, Cursor::default(), 10).await.next;
    let (loser, twin) = shop.supplier("SPHARMA");
    let archive = shop.operation(&SUPPLIER, Action::Delete, loser);
    room.push(&device, &[twin]).await;
    room.push(&device, &[archive]).await;
    let page = room.page(&device, before, 10).await;
    assert_eq!(page.rows.len(), 1);
    assert_eq!((page.rows[0].uid, page.rows[0].aliases.as_slice()), (winner, &[loser][..]));
    assert!(page.rows[0].archived_at.is_some());
}

/// A till of the first schema beside a hub of the second: it is sent what it knows, and nothing that it would refuse.
pub async fn an_older_till_is_sent_what_it_knows(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, _, born) = shop.stocked(&[5]);
    room.push(&device, &born).await;
    let mut customer = Record::new(&CUSTOMER, shop.uid(), NOON);
    customer.set(&CUSTOMER, "name", "Fanta").set(&CUSTOMER, "phone", "620000000");
    let mut lot = Record::new(&PRODUCT_BATCH, shop.uid(), NOON);
    lot.set(&PRODUCT_BATCH, "product", product).set(&PRODUCT_BATCH, "lot_number", "Q");
    lot.set(&PRODUCT_BATCH, "pack_size", 1).set(&PRODUCT_BATCH, "received_at", NOON);
    lot.set(&PRODUCT_BATCH, "quarantine", true).set(&PRODUCT_BATCH, "blocked_reason", "quarantine");
    let operations = [shop.birth(&CUSTOMER, &customer), shop.birth(&PRODUCT_BATCH, &lot)];
    room.push(&device, &operations).await;
    let ask = |schema| Ask { cursor: Cursor::default(), entities: vec![], schema, max_rows: 100, max_bytes: 1 << 20 };
    let page = room.app.store.page(&device, ask(1)).await.unwrap();
    assert!(page.rows.iter().all(|row| entity(&row.entity).unwrap().since == 1));
    let sent = page.rows.iter().find(|row| row.uid == lot.uid).unwrap();
    assert!(!sent.fields.contains_key("quarantine") && sent.fields["blockedReason"] == json!("quarantine"));
    assert_eq!(page.next.rev, page.revision);
    let page = room.app.store.page(&device, ask(SCHEMA)).await.unwrap();
    assert!(page.rows.iter().any(|row| row.uid == customer.uid));
}

//! What a first sync reads.

use std::collections::BTreeMap;

use officine_hub::{
    decide::Device,
    store::{Walk, WalkAsk},
};
use officine_protocol::{
    Uid,
    entities::{PRODUCT, PRODUCT_BATCH, SALE, entity, walked_first},
    limits::SCHEMA,
    messages::{Cursor, WalkPosition, WireRow},
    record::{Record, decode_fields, decode_parts},
};
use serde_json::json;

use crate::{
    rooms::Room,
    shop::{Shop, line, take},
};

/// A till as far as it has read.
#[derive(Default)]
struct Reader {
    rows: BTreeMap<Uid, WireRow>,
    stands: BTreeMap<Uid, i64>,
    position: Option<WalkPosition>,
    ended: bool,
    noted: Cursor,
    walked: Vec<(String, i64)>,
    totals: BTreeMap<String, i64>,
}

async fn walk(room: &Room, device: &Device, position: Option<WalkPosition>, max_rows: usize) -> Walk {
    let ask = WalkAsk { position, schema: SCHEMA, max_rows, max_bytes: 1 << 20 };
    room.app.store.walk(device, ask).await.unwrap()
}

impl Reader {
    /// Reads a page. Every row in it names rows that are here or in it, and every lot that a later document moves comes
    /// with what it holds.
    async fn read(&mut self, room: &Room, device: &Device, max_rows: usize) {
        let page = walk(room, device, self.position.clone(), max_rows).await;
        assert!(!page.other_history && page.rows.len() < max_rows + 20);
        for row in &page.rows {
            let row = &row.row;
            self.walked.push((row.entity.clone(), row.server_id));
            let newer = self.rows.get(&row.uid).is_none_or(|known| known.rev <= row.rev);
            if newer {
                self.rows.insert(row.uid, row.clone());
            }
        }
        self.stands.extend(page.rows.iter().filter_map(|row| Some((row.row.uid, row.stands?))));
        for walked in &page.rows {
            for (target, uid) in names(&walked.row) {
                assert!(self.rows.contains_key(&uid), "{} names {target} {uid} before it came", walked.row.entity);
                if walked.row.rev > page.noted.rev && target == PRODUCT_BATCH.name {
                    let lot = page.rows.iter().find(|row| row.row.uid == uid);
                    assert!(lot.is_some_and(|lot| lot.stands.is_some()), "a later document moves {uid}");
                }
            }
        }
        if !page.totals.is_empty() {
            self.totals = page.totals;
        }
        (self.noted, self.ended) = (page.noted, page.next.is_none());
        self.position = page.next;
    }

    fn selling(&self) -> bool {
        self.position.as_ref().is_none_or(|position| position.entity.is_none())
    }

    /// The pull that follows.
    async fn pull(&mut self, room: &Room, device: &Device) {
        let page = room.page(device, self.noted, 1_000).await;
        assert!(!page.has_more && !page.other_history);
        self.rows.extend(page.rows.into_iter().map(|row| (row.uid, row)));
    }

    fn moved(&self, lot: Uid) -> i64 {
        let lines = self.rows.values().filter_map(|row| row.parts.get("movements")).flatten();
        let own = lines.filter(|line| line["batch"] == json!(lot));
        own.map(|line| line["delta"].as_i64().unwrap()).sum()
    }
}

fn names(row: &WireRow) -> Vec<(&'static str, Uid)> {
    let entity = entity(&row.entity).unwrap();
    let mut record = Record::new(entity, row.uid, row.created_at);
    record.values = decode_fields(entity, &row.fields).unwrap();
    record.parts = decode_parts(entity, &row.parts).unwrap();
    record.references(entity).collect()
}

async fn busy(room: &Room) -> (Device, Shop, Uid, Vec<Uid>) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, mut operations) = shop.stocked(&[30, 30]);
    for lot in [0, 1, 0, 1] {
        operations.push(shop.sale(&[line(product, vec![take(lots[lot], 1, "assumed")])]));
    }
    operations.push(shop.supplier("Spharma").1);
    room.push(&device, &operations).await;
    (device, shop, product, lots)
}

pub async fn a_walk_brings_everything_what_selling_needs_first(room: Room) {
    let (_, _, _, lots) = busy(&room).await;
    let (device, _) = room.till(6).await;
    for size in [1, 2, 500] {
        let mut reader = Reader::default();
        while !reader.ended {
            reader.read(&room, &device, size).await;
            if !reader.selling() {
                assert!(!reader.walked.iter().any(|(entity, _)| *entity == SALE.name));
            }
        }
        assert_eq!(reader.rows.len() as i64, reader.totals.values().sum::<i64>());
        let sales: Vec<i64> =
            reader.walked.iter().filter(|(entity, _)| *entity == SALE.name).map(|(_, id)| *id).collect();
        assert!(sales.is_sorted_by(|a, b| a > b), "newest first: {sales:?}");
        let first = reader.walked.iter().take_while(|(entity, _)| *entity != SALE.name);
        assert!(first.filter(|(entity, _)| walked_first().iter().any(|first| first.name == entity)).count() >= 4);
        assert_eq!(lots.iter().map(|lot| reader.stands[lot]).collect::<Vec<_>>(), [28, 28]);
        assert_eq!(lots.iter().map(|lot| reader.moved(*lot)).collect::<Vec<_>>(), [28, 28]);
        let after = room.page(&device, reader.noted, 10).await;
        assert!(after.rows.is_empty() && after.next.rev == reader.noted.rev, "nothing is left to pull");
    }
}

pub async fn what_changes_during_a_walk_is_not_missed(room: Room) {
    let (writer, mut shop, product, lots) = busy(&room).await;
    let (device, _) = room.till(6).await;
    let mut reader = Reader::default();
    let mut round = 0;
    while !reader.ended {
        reader.read(&room, &device, 2).await;
        round += 1;
        let (lot, birth) = shop.lot(product, &format!("N{round}"), None);
        let opening = shop.opening(&[(lot, 5)]);
        let sale = shop.sale(&[line(product, vec![take(lots[0], 1, "assumed"), take(lot, 2, "scanned")])]);
        let rename = shop.edit(&PRODUCT, product, json!({ "maker": format!("Labo {round}") }));
        room.push(&writer, &[birth, opening, sale, rename]).await;
    }
    assert!(round > 5, "the walk took {round} pages");
    reader.pull(&room, &device).await;
    for row in reader.rows.values().filter(|row| row.entity == PRODUCT_BATCH.name) {
        assert_eq!(reader.moved(row.uid), room.lot(row.uid).await.0);
    }
    assert_eq!(reader.rows[&product].fields["maker"], json!(format!("Labo {round}")));
}

pub async fn a_page_of_a_walk_is_bounded_in_bytes(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let names: Vec<_> = (0..20).map(|n| shop.product(&format!("{n} {}", "x".repeat(100)), &n.to_string()).1).collect();
    room.push(&device, &names).await;
    let ask = |position, max_bytes| WalkAsk { position, schema: SCHEMA, max_rows: 500, max_bytes };
    let (mut position, mut pages, mut products) = (None, 0, 0);
    loop {
        let page = room.app.store.walk(&device, ask(position, 1_500)).await.unwrap();
        products += page.rows.iter().filter(|row| row.row.entity == PRODUCT.name).count();
        (pages, position) = (pages + 1, page.next);
        if position.is_none() {
            break;
        }
    }
    assert_eq!(products, 20);
    assert!(pages > 4, "{pages} pages");
}

pub async fn a_walk_of_another_history_is_told_so(room: Room) {
    let (device, _, _, _) = busy(&room).await;
    let next = walk(&room, &device, None, 1).await.next.unwrap();
    let swapped = Cursor { commit: Some(room.pharmacy), ..next.noted };
    let page = walk(&room, &device, Some(WalkPosition { noted: swapped, ..next.clone() }), 1).await;
    assert!(page.other_history && page.rows.is_empty() && page.next.is_none());
    assert!(!walk(&room, &device, Some(next), 1).await.other_history);
}

/// A till of the first schema is walked through what it knows.
pub async fn an_older_till_walks_what_it_knows(room: Room) {
    let _ = busy(&room).await;
    let (device, _) = room.till(6).await;
    let mut position = None;
    loop {
        let ask = WalkAsk { position, schema: 1, max_rows: 3, max_bytes: 1 << 20 };
        let page = room.app.store.walk(&device, ask).await.unwrap();
        assert!(page.rows.iter().all(|row| entity(&row.row.entity).unwrap().since == 1));
        assert!(page.totals.keys().all(|name| entity(name).unwrap().since == 1));
        position = page.next;
        if position.is_none() {
            break;
        }
    }
}

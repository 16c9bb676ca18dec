//! What the hub says of what it holds is what a till that has read it all says.

use std::collections::BTreeMap;

use officine_hub::{
    decide::Device,
    store::{Ahead, Narrow},
};
use officine_protocol::{
    digest::{BUCKETS, add, empty, hash, lies_in},
    entities::{PRODUCT, SETTING, SUPPLIER, entity, in_order},
    limits::SCHEMA,
    messages::{Digest, WireRow},
    record::{Record, decode_fields, decode_parts},
};
use serde_json::json;

use crate::{
    decisions::accepted,
    pages::everything,
    rooms::Room,
    shop::{NOON, Shop, line, take},
};

const WHOLE: Narrow = Narrow::whole(SCHEMA);
/// More than the hub reads at once.
const MANY: usize = 501;

fn read(row: &WireRow) -> Record {
    let entity = entity(&row.entity).unwrap();
    let mut record = Record::new(entity, row.uid, row.created_at);
    (record.rev, record.archived_at, record.server_id) = (row.rev, row.archived_at, Some(row.server_id));
    record.values = decode_fields(entity, &row.fields).unwrap();
    record.parts = decode_parts(entity, &row.parts).unwrap();
    record
}

fn of(rows: &[WireRow], buckets: u32) -> BTreeMap<String, Vec<Digest>> {
    let mut told: BTreeMap<_, _> = in_order().iter().map(|entity| (entity.name.to_owned(), empty(buckets))).collect();
    for row in rows {
        add(told.get_mut(&row.entity).unwrap(), entity(&row.entity).unwrap(), &read(row), SCHEMA);
    }
    told
}

pub async fn digests_are_those_of_the_rows_that_travel(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, mut operations) = shop.stocked(&[2, 4]);
    operations.extend((0..MANY).map(|number| shop.supplier(&format!("Grossiste {number}")).1));
    operations.push(shop.sale(&[line(product, vec![take(lots[0], 5, "assumed")])]));
    operations.push(shop.sale(&[line(product, vec![take(lots[0], 5, "assumed")])]));
    operations.push(shop.setting("currency", "\"GNF\"").1);
    room.push(&device, &operations).await;
    let twin = shop.setting("currency", "\"EUR\"").1;
    let archived = shop.operation(&PRODUCT, officine_protocol::messages::Action::Delete, product);
    let pushed = room.push(&device, &[twin, archived]).await;
    assert!(pushed.verdicts.iter().all(accepted), "{:?}", pushed.verdicts);

    let rows = everything(&room, &device, 1_000).await;
    let told = room.app.store.digest(device.pharmacy, WHOLE).await.unwrap();
    assert_eq!(told.entities, of(&rows, 1));
    assert_eq!((told.revision, told.epoch), (pushed.revision, pushed.epoch));
    assert_eq!((told.entities["supplier"][0].count, told.entities[SETTING.name][0].count), (MANY as u64, 1));

    let fine = room.app.store.digest(device.pharmacy, Narrow { buckets: BUCKETS, ..WHOLE }).await.unwrap();
    assert_eq!(fine.entities, of(&rows, BUCKETS));
    let edit =
        shop.edit(&SUPPLIER, rows.iter().find(|row| row.entity == "supplier").unwrap().uid, json!({ "phone": "1" }));
    room.push(&device, &[edit]).await;
    let after = room.app.store.digest(device.pharmacy, WHOLE).await.unwrap();
    let differ = |name: &&String| after.entities[*name] != told.entities[*name];
    assert_eq!(told.entities.keys().filter(differ).collect::<Vec<_>>(), [SUPPLIER.name]);
}

pub async fn a_digest_is_of_one_pharmacy_and_told_as_finely_as_asked(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let supplier = shop.supplier("Laborex").1;
    room.push(&device, &[supplier]).await;
    let other = Room::new(room.app.store.clone()).await;
    let (stranger, _) = other.till(6).await;
    let nothing = room.app.store.digest(stranger.pharmacy, WHOLE).await.unwrap();
    assert!(nothing.entities.values().flatten().all(|digest| *digest == Digest::default()));
    let told = room.app.store.digest(device.pharmacy, WHOLE).await.unwrap();
    assert_eq!(room.app.store.digest_of(room.pharmacy, WHOLE).await.unwrap(), told);
    assert!(room.app.store.digest_of(device.uid, WHOLE).await.is_err(), "no pharmacy of that name");
    let older = room.app.store.digest(device.pharmacy, Narrow { schema: 1, ..WHOLE }).await.unwrap();
    assert!(!older.entities.contains_key("customer"), "what came later is not told");
    assert_eq!(older.entities["supplier"], told.entities["supplier"]);
}

pub async fn a_digest_narrowed_is_that_part_of_the_whole(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (_, _, mut operations) = shop.stocked(&[2, 4]);
    operations.extend((0..60).map(|number| shop.supplier(&format!("Grossiste {number}")).1));
    room.push(&device, &operations).await;
    let ask = |narrow: Narrow| room.app.store.digest(device.pharmacy, narrow);
    let fine = ask(Narrow { buckets: 64, ..Narrow::whole(SCHEMA) }).await.unwrap();
    let one = ask(Narrow { entity: Some("supplier"), ..Narrow::whole(SCHEMA) }).await.unwrap();
    assert_eq!(one.entities.keys().collect::<Vec<_>>(), ["supplier"]);
    for bucket in 0..4 {
        let within = Some((4, bucket));
        let told = ask(Narrow { buckets: 64, within, ..Narrow::whole(SCHEMA) }).await.unwrap();
        let part = |whole: &Vec<Digest>| whole.iter().copied().skip(bucket as usize).step_by(4).collect::<Vec<_>>();
        let parts: BTreeMap<_, _> = fine.entities.iter().map(|(name, whole)| (name.clone(), part(whole))).collect();
        assert_eq!(told.entities, parts);
    }
}

pub async fn the_rows_of_a_bucket_are_told_one_by_one(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let operations: Vec<_> = (0..60).map(|number| shop.supplier(&format!("Grossiste {number}")).1).collect();
    room.push(&device, &operations).await;
    let rows = everything(&room, &device, 1_000).await;
    let narrow = Narrow { entity: Some("supplier"), within: Some((3, 1)), buckets: 9, ..Narrow::whole(SCHEMA) };
    let told = room.app.store.digest_rows(device.pharmacy, narrow).await.unwrap().unwrap();
    let mut there: Vec<_> = rows.iter().filter(|row| row.entity == "supplier" && lies_in(row.uid, (3, 1))).collect();
    there.sort_by_key(|row| row.uid);
    let supplier = entity("supplier").unwrap();
    let alike = |row: &&WireRow| (row.uid, row.server_id, row.rev, hash(supplier, &read(row), SCHEMA));
    assert_eq!(
        told.rows.iter().map(|row| (row.uid, row.server_id, row.rev, row.hash)).collect::<Vec<_>>(),
        there.iter().map(alike).collect::<Vec<_>>()
    );
    assert!(!told.rows.is_empty() && told.rows.len() < 60);
}

/// More suppliers than a range holds, and a shop that sells.
async fn wholesalers(room: &Room) -> (Device, Shop) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, mut operations) = shop.stocked(&[9]);
    operations.extend((0..600).map(|number| shop.supplier(&format!("Grossiste {number}")).1));
    operations.push(shop.sale(&[line(product, vec![take(lots[0], 5, "assumed")])]));
    room.push(&device, &operations).await;
    (device, shop)
}

async fn ahead(room: &Room, device: &Device) -> i64 {
    let ahead = Ahead { entity: None, now: NOON, since: i64::MIN, at_most: None };
    let hashed = room.app.store.hash_ahead(device.pharmacy, ahead).await.unwrap();
    assert!(!hashed.more);
    hashed.read
}

pub async fn what_is_hashed_in_portions_goes_on_where_it_was(room: Room) {
    let (device, mut shop) = wholesalers(&room).await;
    let more: Vec<_> = (0..600).map(|number| shop.supplier(&format!("Dépôt {number}")).1).collect();
    room.push(&device, &more).await;
    let portion = async || {
        let ahead = Ahead { entity: Some("supplier"), now: NOON, since: i64::MIN, at_most: Some(1) };
        let hashed = room.app.store.hash_ahead(device.pharmacy, ahead).await.unwrap();
        (hashed.read, hashed.more)
    };
    assert_eq!([portion().await, portion().await, portion().await], [(512, true), (512, false), (0, false)]);
}

pub async fn a_row_is_read_once_for_as_long_as_nobody_writes_it(room: Room) {
    let (device, mut shop) = wholesalers(&room).await;
    let told = async || room.app.store.digest(device.pharmacy, WHOLE).await.unwrap();
    let alike = async || assert_eq!(told().await.entities, of(&everything(&room, &device, 1_000).await, 1));
    let before = told().await;
    assert_eq!((ahead(&room, &device).await, ahead(&room, &device).await), (512, 0), "the last ones are not kept");
    let kept = told().await;
    assert_eq!((&kept.entities, kept.read), (&before.entities, before.read - 512));

    room.by_hand("UPDATE supplier SET phone = '1' WHERE name = 'Grossiste 7'").await;
    assert_eq!(ahead(&room, &device).await, 512);
    alike().await;
    let edited = everything(&room, &device, 1_000)
        .await
        .into_iter()
        .find(|row| row.fields.get("name") == Some(&json!("Grossiste 9")));
    room.push(&device, &[shop.edit(&SUPPLIER, edited.unwrap().uid, json!({ "phone": "2" }))]).await;
    assert_eq!(ahead(&room, &device).await, 512);
    alike().await;
    room.push(&device, &[shop.supplier("Laborex").1]).await;
    assert_eq!(ahead(&room, &device).await, 0, "what is new comes after");
    alike().await;
    room.damage("DELETE FROM supplier WHERE name = 'Grossiste 7'").await;
    alike().await;
    assert_eq!(ahead(&room, &device).await, 512);
}

pub async fn what_somebody_is_writing_is_not_kept(room: Room) {
    let (device, _) = wholesalers(&room).await;
    let edit = "UPDATE supplier SET phone = '1' WHERE name = 'Grossiste 7'";
    if room.while_written(edit, ahead(&room, &device)).await.is_none() {
        room.by_hand(edit).await;
    }
    let told = room.app.store.digest(device.pharmacy, WHOLE).await.unwrap();
    assert_eq!(told.entities, of(&everything(&room, &device, 1_000).await, 1));
    assert_eq!(ahead(&room, &device).await, 512);
}

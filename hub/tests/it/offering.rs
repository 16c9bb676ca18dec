//! A hub that lost rows, and tills that give them back.

use officine_hub::{
    StoreError,
    decide::Device,
    offered::read,
    store::{Offer, TakenBack},
};
use officine_protocol::{
    Uid,
    clock::mint,
    entities::{ENTITIES, PRODUCT, SUPPLIER, in_order},
    limits::SCHEMA,
    messages::{LogRequest, OfferVerdict, Operation, WireRow},
};
use serde_json::json;

use crate::{
    decisions::accepted,
    pages::everything,
    rooms::Room,
    shop::{NOON, line, take},
};

/// The first revision of the epoch that begins.
const BASE: i64 = 1 << 32;

/// An epoch begins, and what lies between was lost.
fn parted(epoch: i64, (common, base): (i64, i64)) -> String {
    format!(
        "UPDATE pharmacy SET epoch = {epoch}, revision = {base}; \
         INSERT INTO lost_history (pharmacy_id, base, common) SELECT id, {base}, {common} FROM pharmacy"
    )
}

/// As a restore from a backup made at that revision would leave the hub, but for rows edited since: those are gone too.
async fn lose(room: &Room, common: i64) {
    let mut sql = String::new();
    for entity in ENTITIES {
        let table = entity.table;
        for part in entity.parts {
            let kind = part.kind.map(|(column, kind)| format!(" AND {column} = {kind}")).unwrap_or_default();
            let lost = format!("SELECT id FROM \"{table}\" WHERE rev > {common}");
            sql += &format!("DELETE FROM \"{}\" WHERE \"{}\" IN ({lost}){kind};", part.table, part.owner);
        }
        sql += &format!("DELETE FROM \"{table}\" WHERE rev > {common};");
    }
    for table in ["change_log", "commit_log"] {
        sql += &format!("DELETE FROM {table} WHERE rev > {common};");
    }
    sql += "DELETE FROM idempotency; DELETE FROM uid_map; UPDATE product_batch SET quantity = coalesce((SELECT \
            sum(m.delta) FROM stock_movement m WHERE m.batch_id = product_batch.id), 0);";
    sql += &format!("UPDATE pharmacy SET next_id = 50; {}", parted(2, (common, BASE)));
    room.damage(&sql).await;
}

pub async fn try_offer(room: &Room, device: &Device, epoch: i64, rows: &[WireRow]) -> Result<TakenBack, StoreError> {
    offer_of(room, device, (epoch, SCHEMA), rows).await
}

async fn offer_of(
    room: &Room,
    device: &Device,
    (epoch, schema): (i64, u32),
    rows: &[WireRow],
) -> Result<TakenBack, StoreError> {
    let rows = rows.iter().map(|row| read(row.clone(), schema, NOON)).collect();
    let commit = mint(&*room.app.clock, &*room.app.entropy);
    room.app.store.offer(Offer { device: device.clone(), epoch, rows, now: NOON, commit }).await
}

async fn offer(room: &Room, device: &Device, rows: &[WireRow]) -> Vec<OfferVerdict> {
    try_offer(room, device, 2, rows).await.unwrap().verdicts
}

fn taken(verdict: &OfferVerdict) -> bool {
    matches!(verdict, OfferVerdict::Taken { .. })
}

pub fn code(verdict: &OfferVerdict) -> &str {
    match verdict {
        OfferVerdict::Taken { .. } => "taken",
        OfferVerdict::Kept { .. } => "kept",
        OfferVerdict::Deferred { .. } => "deferred",
        OfferVerdict::Refused { code, .. } => code,
    }
}

fn of<'a>(rows: &'a [WireRow], entity: &str) -> &'a WireRow {
    rows.iter().find(|row| row.entity == entity).unwrap()
}

/// What is told of a row, but for its revision.
fn content(rows: &[WireRow]) -> Vec<WireRow> {
    let mut rows: Vec<_> = rows.iter().map(|row| WireRow { rev: 0, ..row.clone() }).collect();
    rows.sort_by_key(|row| row.uid);
    rows
}

pub async fn what_a_hub_lost_comes_back_whole_and_once(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (other, _) = room.till(6).await;
    let (product, lots, mut operations) = shop.stocked(&[5, 9]);
    let (_, early) = shop.supplier("Laborex");
    let common = room.push(&device, &[early]).await.revision;
    operations.push(shop.sale(&[line(product, vec![take(lots[0], 2, "assumed")])]));
    operations.push(shop.sale(&[line(product, vec![take(lots[0], 8, "scanned")])]));
    operations.push(shop.sale(&[line(product, vec![take(lots[1], 900, "assumed")])]));
    let pushed = room.push(&device, &operations).await;
    let rows = everything(&room, &other, 100).await;
    let held = [room.lot(lots[0]).await, room.lot(lots[1]).await];
    lose(&room, common).await;

    let mut lost: Vec<_> = rows.iter().filter(|row| row.rev > common).cloned().collect();
    lost.sort_by_key(|row| in_order().iter().position(|entity| entity.name == row.entity));
    let verdicts = offer(&room, &other, &lost).await;
    assert!(verdicts.iter().all(taken), "{verdicts:?}");
    assert_eq!([room.lot(lots[0]).await, room.lot(lots[1]).await], held);
    let back = everything(&room, &other, 100).await;
    assert_eq!(content(&back), content(&rows), "under the names they had");
    assert!(back.iter().all(|row| row.rev <= common || row.rev > BASE));
    let again = offer(&room, &other, &lost).await;
    assert!(again.iter().all(|verdict| code(verdict) == "kept"), "{again:?}");

    let late = room.push(&device, &operations).await;
    for (before, now) in pushed.verdicts.iter().zip(&late.verdicts) {
        assert_eq!(accepted(before), accepted(now), "{now:?}");
        assert!(!now.duplicate);
    }
    assert_eq!([room.lot(lots[0]).await, room.lot(lots[1]).await], held, "nothing is doubled");
    assert_eq!(content(&everything(&room, &other, 100).await), content(&rows));
    let asked = LogRequest { kinds: vec!["restore".into()], ..log_of() };
    let log = room.app.store.log(&device, asked).await.unwrap();
    assert_eq!(log.lines.iter().filter(|line| line.field == "rev").count(), lost.len());
}

fn log_of() -> LogRequest {
    serde_json::from_value(json!({ "limit": 500 })).unwrap()
}

pub async fn what_was_lost_overwrites_only_what_was_not_changed_since(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let born: Vec<_> = ["a", "b", "c"].map(|name| shop.supplier(name)).to_vec();
    let operations: Vec<_> = born.iter().map(|(_, operation)| operation.clone()).collect();
    let common = room.push(&device, &operations).await.revision;
    let told = everything(&room, &device, 100).await;
    room.damage(&parted(2, (common, BASE))).await;
    let changed = shop.edit(&SUPPLIER, born[1].0, json!({ "phone": "2" }));
    room.push(&device, &[changed]).await;
    let lost = |uid: Uid, rev: i64, phone: &str| {
        let mut row = told.iter().find(|row| row.uid == uid).unwrap().clone();
        row.rev = rev;
        row.fields.insert("phone".into(), phone.into());
        row
    };
    let [a, b, c] = [0, 1, 2].map(|place| born[place].0);
    let offered = [lost(a, common + 1, "1"), lost(b, common + 2, "1"), lost(c, BASE + 9, "1")];
    let codes: Vec<_> = offer(&room, &device, &offered).await.iter().map(|v| code(v).to_owned()).collect();
    assert_eq!(codes, ["taken", "kept", "offer_not_of_history"]);
    let newer = offer(&room, &device, &[lost(a, common + 5, "5"), lost(a, common + 3, "3")]).await;
    assert_eq!(newer.iter().map(code).collect::<Vec<_>>(), ["taken", "kept"], "a later state of the lost history wins");
    let phone = |rows: &[WireRow], uid| rows.iter().find(|row| row.uid == uid).unwrap().fields.get("phone").cloned();
    let rows = everything(&room, &device, 100).await;
    assert_eq!([a, b, c].map(|uid| phone(&rows, uid)), [Some(json!("5")), Some(json!("2")), Some(json!(""))]);
    let log = room.app.store.log(&device, LogRequest { kinds: vec!["restore".into()], ..log_of() }).await.unwrap();
    let line = log.lines.iter().find(|line| line.field == "phone").unwrap();
    assert_eq!((&line.old, &line.new), (&Some(json!("1")), &Some(json!("5"))));
}

pub async fn of_several_lost_histories_each_is_told_apart(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let born: Vec<_> = ["a", "b", "c", "d"].map(|name| shop.supplier(name)).to_vec();
    let operations: Vec<_> = born.iter().map(|(_, operation)| operation.clone()).collect();
    let first = room.push(&device, &operations).await.revision;
    let told = everything(&room, &device, 100).await;
    let lost = |place: usize, rev: i64| {
        let mut row = told.iter().find(|row| row.uid == born[place].0).unwrap().clone();
        row.rev = rev;
        row.fields.insert("phone".into(), rev.to_string().into());
        row
    };
    let [a, b, c, d] = [0, 1, 2, 3];
    room.damage(&parted(2, (first, BASE))).await;
    let back = offer(&room, &device, &[lost(a, first + 3)]).await;
    assert!(taken(&back[0]), "{back:?}");
    let changed = shop.edit(&SUPPLIER, born[c].0, json!({ "phone": "since" }));
    let second = room.push(&device, &[changed]).await.revision;
    room.damage(&parted(3, (second, 2 * BASE))).await;

    let offered = [
        (lost(a, first + 5), "taken"),
        (lost(a, first + 2), "kept"),
        (lost(b, first + 4), "taken"),
        (lost(c, first + 6), "kept"),
        (lost(d, second + 3), "taken"),
        (lost(d, first + 7), "kept"),
        (lost(b, first), "kept"),
        (lost(b, 2 * BASE + 90), "offer_not_of_history"),
    ];
    let rows: Vec<_> = offered.iter().map(|(row, _)| row.clone()).collect();
    let verdicts = try_offer(&room, &device, 3, &rows).await.unwrap().verdicts;
    assert_eq!(verdicts.iter().map(code).collect::<Vec<_>>(), offered.map(|(_, code)| code));
    let rows = everything(&room, &device, 100).await;
    let phone = |place: usize| rows.iter().find(|row| row.uid == born[place].0).unwrap().fields["phone"].clone();
    let last = |rev: i64| json!(rev.to_string());
    assert_eq!([a, b, c, d].map(phone), [last(first + 5), last(first + 4), json!("since"), last(second + 3)]);
}

pub async fn an_offer_gives_nobody_more_than_was_theirs(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (_, _, mut operations) = shop.stocked(&[5]);
    let eve = shop.uid();
    let person = shop.person(eve, "eve", "manager");
    operations.push(Operation { user: Some(shop.user), ..person });
    room.push(&device, &operations).await;
    let rows = everything(&room, &device, 100).await;
    let manager = rows.iter().find(|row| row.uid == eve).unwrap().clone();
    room.damage("DELETE FROM \"user\" WHERE login = 'eve'").await;
    assert_eq!(code(&try_offer(&room, &device, 1, std::slice::from_ref(&manager)).await.unwrap().verdicts[0]), "taken");
    let back = everything(&room, &device, 100).await;
    let back = back.iter().find(|row| row.uid == manager.uid).unwrap();
    assert_eq!(back.fields["pinHash"], json!(""), "whoever may manage people comes back without a PIN");
    let mut invented = of(&rows, "product").clone();
    (invented.uid, invented.rev, invented.server_id) = (Uid::from_u128(78), 1_000, 0);
    assert_eq!(code(&try_offer(&room, &device, 1, &[invented]).await.unwrap().verdicts[0]), "offer_not_of_history");
    let mut dearer = of(&rows, "product").clone();
    dearer.fields.insert("name".into(), "Autre".into());
    dearer.rev += 3;
    let verdicts = try_offer(&room, &device, 1, &[dearer]).await.unwrap().verdicts;
    assert_eq!(code(&verdicts[0]), "offer_not_of_history", "no history was lost");
    let elsewhere = try_offer(&room, &device, 7, &[]).await;
    assert!(matches!(elsewhere, Err(StoreError::OtherHistory { known: 7, found: 1 })));
    room.app.store.revoke(device.uid, 1).await.unwrap();
    assert!(matches!(try_offer(&room, &device, 1, &[]).await, Err(StoreError::Revoked)));
}

pub async fn nothing_given_back_is_refused_for_stock_and_a_number_is_borne_once(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, mut operations) = shop.stocked(&[5]);
    let opening = operations.pop().unwrap();
    room.push(&device, &operations).await;
    let common = room.push(&device, &[]).await.revision;
    let sale = shop.sale(&[line(product, vec![take(lots[0], 2, "scanned")])]);
    room.push(&device, &[opening, sale.clone()]).await;
    let rows = everything(&room, &device, 100).await;
    lose(&room, common).await;
    assert_eq!(room.lot(lots[0]).await, (0, false));
    let verdicts = offer(&room, &device, std::slice::from_ref(of(&rows, "sale"))).await;
    assert!(taken(&verdicts[0]), "{verdicts:?}");
    assert_eq!(room.lot(lots[0]).await, (-2, true), "a recount is open");
    let mut twice = of(&rows, "sale").clone();
    twice.uid = Uid::from_u128(79);
    let mut orphan = of(&rows, "sale").clone();
    orphan.uid = Uid::from_u128(80);
    orphan.fields.insert("number".into(), 99.into());
    orphan.parts.get_mut("items").unwrap()[0].insert("product".into(), json!(Uid::from_u128(404)));
    let verdicts = offer(&room, &device, &[twice, orphan]).await;
    assert_eq!(code(&verdicts[0]), "number_taken");
    let OfferVerdict::Deferred { missing } = &verdicts[1] else { panic!("{verdicts:?}") };
    assert_eq!((missing[0].entity.as_str(), missing[0].uid), (PRODUCT.name, Uid::from_u128(404)));
    let verdicts = offer(&room, &device, std::slice::from_ref(of(&rows, "stockAdjustment"))).await;
    assert!(taken(&verdicts[0]));
    assert_eq!(room.lot(lots[0]).await.0, 3);
    let update = shop.edit(&PRODUCT, product, json!({ "name": "Doliprane" }));
    assert!(room.push(&device, std::slice::from_ref(&update)).await.verdicts.iter().all(accepted));
    assert!(room.push(&device, &[update, sale]).await.verdicts.iter().all(accepted));
    assert_eq!(room.lot(lots[0]).await.0, 3, "its own ticket, sent again, moves nothing");
}

pub async fn what_is_given_back_is_settled_by_the_counts_of_its_lots(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, operations) = shop.stocked(&[10, 10]);
    let common = room.push(&device, &operations).await.revision;
    let mut sales = [0, 1].map(|lot| {
        shop.now = NOON + 5 + 20 * lot as i64;
        shop.sale(&[line(product, vec![take(lots[lot], 4, "scanned")])])
    });
    shop.now = NOON + 15;
    let lost = shop.count(&[(lots[1], "shelf", 9, NOON + 15)], &[(lots[1], -1)]);
    room.push(&device, &[sales[0].clone(), lost.clone(), sales[1].clone()]).await;
    let rows = everything(&room, &device, 100).await;
    let of = |uid: Uid| rows.iter().find(|row| row.uid == uid).unwrap().clone();
    lose(&room, common).await;

    shop.now = NOON + 10;
    let since = shop.count(&[(lots[0], "shelf", 6, NOON + 10)], &[(lots[0], -4)]);
    room.push(&device, std::slice::from_ref(&since)).await;
    let back = [of(lots[1]), of(sales[0].uid), of(sales[1].uid)];
    let verdicts = offer(&room, &device, &back).await;
    assert!(verdicts.iter().all(taken), "{verdicts:?}");
    assert_eq!(room.lot(lots[0]).await.0, 6, "the four were gone when the lot was counted");
    assert_eq!(room.lot(lots[1]).await.0, 6, "nobody counted it yet");
    let told = everything(&room, &device, 100).await;
    let listed = told.iter().find(|row| row.uid == since.uid).unwrap();
    let last = listed.parts["movements"].last().unwrap();
    assert_eq!((&last["delta"], &last["source"], &listed.fields["flagged"]), (&json!(4), &json!("late"), &json!(true)));
    let verdicts = offer(&room, &device, &[of(lost.uid)]).await;
    assert!(verdicts.iter().all(taken), "{verdicts:?}");
    assert_eq!(room.lot(lots[1]).await.0, 5, "nine were counted, four sold since");
    sales.reverse();
    let again = offer(&room, &device, &sales.each_ref().map(|sale| of(sale.uid))).await;
    assert!(again.iter().all(|verdict| code(verdict) == "kept"), "{again:?}");
    assert_eq!([room.lot(lots[0]).await.0, room.lot(lots[1]).await.0], [6, 5]);
}

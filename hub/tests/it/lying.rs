//! What a till may not have a hub take back: what was never lost, another's numbers, what only the hub writes.

use officine_hub::{
    decide::Device,
    offered::read,
    store::{Heard, Offer},
};
use officine_protocol::{
    Uid,
    clock::mint,
    entities::{PRODUCT, SALE, SUPPLIER},
    limits::SCHEMA,
    messages::{Cursor, OfferVerdict, Operation, WireRow},
    record::{Record, decode_fields, decode_parts},
    ticket,
};
use serde_json::{Value as Json, json};

use crate::{
    decisions::accepted,
    pages::everything,
    rooms::Room,
    shop::{NOON, Shop, line, take},
};

/// The first revision of the epoch that begins.
const BASE: i64 = 1 << 32;

pub async fn offered(room: &Room, device: &Device, (epoch, schema): (i64, u32), rows: &[WireRow]) -> Vec<String> {
    let rows = rows.iter().map(|row| read(row.clone(), schema, NOON)).collect();
    let commit = mint(&*room.app.clock, &*room.app.entropy);
    let offer = Offer { device: device.clone(), epoch, rows, now: NOON, commit };
    let verdicts = room.app.store.offer(offer).await.unwrap().verdicts;
    verdicts.iter().map(code).collect()
}

fn code(verdict: &OfferVerdict) -> String {
    match verdict {
        OfferVerdict::Taken { .. } => "taken".into(),
        OfferVerdict::Kept { .. } => "kept".into(),
        OfferVerdict::Deferred { .. } => "deferred".into(),
        OfferVerdict::Refused { code, .. } => code.clone(),
    }
}

/// Whatever came after that revision was lost.
fn parted(common: i64) -> String {
    format!(
        "UPDATE pharmacy SET epoch = 2, revision = {BASE}; INSERT INTO lost_history (pharmacy_id, base, common) \
         SELECT id, {BASE}, {common} FROM pharmacy;"
    )
}

pub fn row(rows: &[WireRow], uid: Uid) -> WireRow {
    rows.iter().find(|row| row.uid == uid).unwrap().clone()
}

pub fn with(row: &WireRow, rev: i64, field: &str, value: Json) -> WireRow {
    let mut row = WireRow { rev, ..row.clone() };
    row.fields.insert(field.into(), value);
    row
}

pub async fn pushed(room: &Room, device: &Device, operations: &[Operation]) -> i64 {
    let pushed = room.push(device, operations).await;
    assert!(pushed.verdicts.iter().all(accepted), "{:?}", pushed.verdicts);
    pushed.revision
}

pub async fn what_was_never_lost_is_not_taken_back(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let ((laborex, one), (_, two)) = (shop.supplier("Laborex"), shop.supplier("Ubipharm"));
    pushed(&room, &device, &[one, two]).await;
    let told = row(&everything(&room, &device, 100).await, laborex);
    let invented = |server_id| WireRow { uid: Uid::from_u128(404), server_id, ..told.clone() };
    for (server_id, why) in [
        (0, "it never had a name here"),
        (told.server_id, "another bears that name"),
        (told.server_id + 1, "and another the next"),
        (told.server_id + 40, "that name was never given"),
        ((2 << 40) | (told.server_id & 0xff), "there was no such epoch"),
    ] {
        let codes = offered(&room, &device, (1, SCHEMA), &[invented(server_id)]).await;
        assert_eq!(codes, ["offer_not_of_history"], "{why}");
    }
    room.damage("DELETE FROM supplier WHERE name = 'Laborex'").await;
    let mut other = WireRow { uid: Uid::from_u128(405), ..told.clone() };
    other.fields.insert("name".into(), "Faux".into());
    let rows = [told.clone(), other];
    assert_eq!(offered(&room, &device, (1, SCHEMA), &rows).await, ["taken", "offer_not_of_history"], "one for one");
    assert_eq!(row(&everything(&room, &device, 100).await, laborex).server_id, told.server_id);
}

/// A ticket again as its printed fields would make it.
pub fn chained(sold: &WireRow, change: impl Fn(&mut WireRow)) -> WireRow {
    let mut forged = sold.clone();
    change(&mut forged);
    let mut record = Record::new(&SALE, forged.uid, forged.created_at);
    record.values = decode_fields(&SALE, &forged.fields).unwrap();
    record.parts = decode_parts(&SALE, &forged.parts).unwrap();
    let hash: String = ticket::link(&SALE, &record).iter().map(|byte| format!("{byte:02x}")).collect();
    forged.fields.insert("hash".into(), hash.into());
    forged
}

pub async fn a_ticket_of_another_till_comes_back_as_a_link_of_its_chain(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (other, _) = room.till(6).await;
    let (product, lots, mut operations) = shop.stocked(&[9]);
    operations.push(shop.sale(&[line(product, vec![take(lots[0], 1, "scanned")])]));
    let common = pushed(&room, &device, &operations).await;
    let sales: Vec<_> = (0..3).map(|_| shop.sale(&[line(product, vec![take(lots[0], 1, "scanned")])])).collect();
    pushed(&room, &device, &sales).await;
    let told = everything(&room, &device, 100).await;
    let ours: Vec<_> = sales.iter().map(|sale| row(&told, sale.uid)).collect();
    room.damage(&format!(
        "DELETE FROM stock_movement WHERE document_kind = 1 AND document_id IN (SELECT id FROM sale WHERE rev > {common});
         DELETE FROM sale_item WHERE sale_id IN (SELECT id FROM sale WHERE rev > {common});
         DELETE FROM sale_payment WHERE sale_id IN (SELECT id FROM sale WHERE rev > {common});
         DELETE FROM sale WHERE rev > {common}; UPDATE product_batch SET quantity = 8; {}",
        parted(common)
    ))
    .await;
    let dearer = with(&ours[0], ours[0].rev, "tendered", json!(9_999));
    let stranger = chained(&ours[0], |ticket| {
        ticket.uid = Uid::from_u128(404);
        ticket.fields.insert("previousHash".into(), "ab".repeat(32).into());
    });
    assert_eq!(offered(&room, &other, (2, SCHEMA), &[dearer, stranger]).await, ["ticket_unproven"; 2]);
    assert_eq!(offered(&room, &other, (2, SCHEMA), &[ours[1].clone()]).await, ["taken"]);
    let before = chained(&ours[0], |ticket| ticket.uid = Uid::from_u128(404));
    let after = chained(&ours[2], |ticket| _ = ticket.fields.insert("tendered".into(), json!(9_999)));
    let forged_after = WireRow { uid: Uid::from_u128(405), ..after };
    let codes = offered(&room, &other, (2, SCHEMA), &[before, forged_after]).await;
    assert_eq!(codes, ["ticket_unproven"; 2], "neither joins on to what is known");
    let both = [ours[2].clone(), ours[0].clone()];
    assert_eq!(offered(&room, &other, (2, SCHEMA), &both).await, ["taken"; 2]);
    assert_eq!(room.lot(lots[0]).await, (5, false));
}

pub async fn what_only_the_hub_writes_stays_the_hubs(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, mut operations) = shop.stocked(&[9]);
    let sale = shop.sale(&[line(product, vec![take(lots[0], 1, "scanned")])]);
    operations.push(sale.clone());
    let common = pushed(&room, &device, &operations).await;
    let told = everything(&room, &device, 100).await;
    room.damage(&format!("UPDATE product_batch SET recount_open = 1, counted_at = {NOON}; {}", parted(common))).await;
    let refused = with(&row(&told, sale.uid), common + 1, "state", json!("reversed"));
    let counted = with(&row(&told, lots[0]), common + 2, "countedAt", json!(NOON * 2));
    assert_eq!(offered(&room, &device, (2, SCHEMA), &[refused, counted]).await, ["taken"; 2]);
    let now = everything(&room, &device, 100).await;
    assert_eq!(row(&now, sale.uid).fields["state"], "confirmed", "its boxes are gone");
    let lot = row(&now, lots[0]);
    assert_eq!((&lot.fields["recountOpen"], &lot.fields["countedAt"]), (&json!(true), &json!(NOON)));
}

pub async fn an_older_till_blanks_nothing_that_it_does_not_know(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, born) = shop.product("Biberon", "2000000000015");
    let edit = shop.edit(&PRODUCT, product, json!({ "returnable": true }));
    let common = pushed(&room, &device, &[born, edit]).await;
    let mut told = row(&everything(&room, &device, 100).await, product);
    room.damage(&parted(common)).await;
    told = with(&told, common + 1, "maker", json!("Avent"));
    told.fields.remove("returnable");
    assert_eq!(offered(&room, &device, (2, 1), &[told]).await, ["taken"]);
    let now = row(&everything(&room, &device, 100).await, product);
    assert_eq!((&now.fields["maker"], &now.fields["returnable"]), (&json!("Avent"), &json!(true)));
}

pub async fn a_row_given_back_by_another_of_its_names_gives_way_once_more(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (kept, born) = shop.supplier("Laborex");
    let (twin, again) = shop.supplier("LABOREX");
    let common = pushed(&room, &device, &[born, again]).await;
    let told = row(&everything(&room, &device, 100).await, kept);
    assert_eq!(told.aliases, [twin]);
    room.damage(&parted(common)).await;
    let state =
        |rev, phone: &str| WireRow { uid: twin, aliases: vec![kept], ..with(&told, rev, "phone", json!(phone)) };
    assert_eq!(offered(&room, &device, (2, SCHEMA), &[state(common + 5, "5")]).await, ["taken"]);
    let later = [state(common + 3, "3"), state(common + 7, "7")];
    assert_eq!(offered(&room, &device, (2, SCHEMA), &later).await, ["kept", "taken"]);
    assert_eq!(row(&everything(&room, &device, 100).await, kept).fields["phone"], "7");
}

/// Two that were one in the history that was lost.
async fn twice(room: &Room, shop: &mut Shop, names: [&str; 2], device: &Device) -> ([Uid; 2], i64, Vec<WireRow>) {
    let [(one, first), (two, second)] = names.map(|name| shop.supplier(name));
    let common = pushed(room, device, &[first, second]).await;
    let told = everything(room, device, 100).await;
    let fold = "(SELECT s.name_fold FROM supplier s WHERE s.name = 'Laborex')";
    room.damage(&format!("UPDATE supplier SET name_fold = {fold} WHERE name = 'LABOREX'; {}", parted(common))).await;
    ([one, two], common, told)
}

pub async fn twins_of_a_hub_that_forgot_their_merging_are_one_again(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let ([kept, gone], common, told) = twice(&room, &mut shop, ["Laborex", "Autre"], &device).await;
    room.damage("UPDATE supplier SET name = 'LABOREX', name_fold = 'laborex', phone = '66' WHERE name = 'Autre'").await;
    let one = WireRow { rev: common + 4, aliases: vec![gone], ..row(&told, kept) };
    let lies = WireRow { rev: row(&told, kept).rev, ..one.clone() };
    assert_eq!(offered(&room, &device, (2, SCHEMA), &[lies]).await, ["kept"], "nothing was lost of it");
    assert_eq!(offered(&room, &device, (2, SCHEMA), std::slice::from_ref(&one)).await, ["taken"]);
    let now = everything(&room, &device, 100).await;
    let suppliers: Vec<_> = now.iter().filter(|row| row.entity == SUPPLIER.name).collect();
    assert_eq!(suppliers.len(), 1, "{suppliers:?}");
    assert_eq!((suppliers[0].uid, suppliers[0].aliases.as_slice()), (kept, &[gone][..]));
    assert_eq!(offered(&room, &device, (2, SCHEMA), &[one]).await, ["kept"]);
}

pub async fn rows_that_are_nothing_alike_are_not_made_one_by_a_name(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let ([kept, other], common, told) = twice(&room, &mut shop, ["Laborex", "Ubipharm"], &device).await;
    let one = WireRow { rev: common + 4, aliases: vec![other], ..row(&told, kept) };
    offered(&room, &device, (2, SCHEMA), &[one]).await;
    let now = everything(&room, &device, 100).await;
    assert_eq!(now.iter().filter(|row| row.entity == SUPPLIER.name).count(), 2);
    assert!(now.iter().all(|row| row.aliases.is_empty()));
}

pub async fn no_history_is_lost_of_what_a_till_had_said_it_has_read(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (laborex, born) = shop.supplier("Laborex");
    let others: Vec<_> = (0..8).map(|n| shop.supplier(&format!("Grossiste {n}")).1).collect();
    pushed(&room, &device, &[born]).await;
    pushed(&room, &device, &others).await;
    let here = room.page(&device, Cursor::default(), 500).await.next;
    let commit = || mint(&*room.app.clock, &*room.app.entropy);
    let heard = Heard { epoch: 1, cursor_rev: here.rev, cursor_commit: here.commit, schema: 2, ..Heard::default() };
    let now = room.app.clock.now();
    let batch = officine_hub::store::Batch { device: device.clone(), heard, operations: vec![], now, commit: commit() };
    room.app.store.transact(batch, officine_hub::decide::decide).await.unwrap();
    let told = row(&everything(&room, &device, 100).await, laborex);
    let lost = Cursor { rev: here.rev + 30, commit: Some(Uid::from_u128(77)) };
    let ask = officine_hub::store::HistoryAsk { epoch: 1, passed: vec![lost], now, commit: commit() };
    let parted = room.app.store.history(&device, ask).await.unwrap();
    assert_eq!((parted.epoch, parted.common), (2, Cursor::default()), "it reads from the start");
    let lies = with(&told, here.rev - 1, "phone", json!("0"));
    assert_eq!(offered(&room, &device, (2, SCHEMA), &[lies]).await, ["offer_not_of_history"]);
    let since = with(&told, here.rev + 1, "phone", json!("1"));
    assert_eq!(offered(&room, &device, (2, SCHEMA), &[since]).await, ["taken"]);
}

pub async fn the_first_ticket_of_a_series_goes_on_from_one_that_is_known_or_from_none(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (next, mut heir) = room.till(6).await;
    let (last, mut stranger) = room.till(7).await;
    let (product, lots, mut operations) = shop.stocked(&[9]);
    let sale = |shop: &mut Shop| shop.sale(&[line(product, vec![take(lots[0], 1, "assumed")])]);
    operations.push(sale(&mut shop));
    pushed(&room, &device, &operations).await;
    (heir.previous, heir.user, stranger.previous, stranger.user) = (shop.previous, shop.user, [7; 32], shop.user);
    let (known, unknown) = (sale(&mut heir), sale(&mut stranger));
    pushed(&room, &next, std::slice::from_ref(&known)).await;
    pushed(&room, &last, std::slice::from_ref(&unknown)).await;
    let rows = everything(&room, &device, 100).await;
    let flagged = [known.uid, unknown.uid].map(|uid| row(&rows, uid).fields["flagged"].clone());
    assert_eq!(flagged, [json!(false), json!(true)]);
}

//! The hub checks its own books, and mends them.

use officine_hub::{
    StoreError,
    decide::Device,
    store::{CheckAsk, Checked},
};
use officine_protocol::{
    clock::mint,
    messages::{Finding, LogRequest},
};
use serde_json::json;

use crate::{
    decisions::accepted,
    rooms::Room,
    shop::{NOON, line, take},
};

async fn try_check(room: &Room, device: &Device, epoch: i64) -> Result<Checked, StoreError> {
    let commits = std::array::from_fn(|_| mint(&*room.app.clock, &*room.app.entropy));
    room.app.store.check(CheckAsk { device: device.clone(), epoch: Some(epoch), now: NOON, commits }).await
}

async fn check(room: &Room, device: &Device) -> Checked {
    try_check(room, device, 1).await.unwrap()
}

fn told(finding: &Finding) -> (&str, &str, &str) {
    (&finding.kind, &finding.entity, &finding.done)
}

pub async fn sound_books_have_nothing_to_mend(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, mut operations) = shop.stocked(&[5, 9]);
    operations.extend((0..400).map(|number| shop.supplier(&format!("Grossiste {number}")).1));
    operations.push(shop.sale(&[line(product, vec![take(lots[0], 2, "assumed")])]));
    operations.push(shop.sale(&[line(product, vec![take(lots[0], 8, "scanned")])]));
    operations.push(shop.sale(&[line(product, vec![take(lots[1], 900, "assumed")])]));
    let revision = room.push(&device, &operations).await.revision;
    let told = check(&room, &device).await;
    assert_eq!((told.findings.as_slice(), told.more, told.revision), (&[][..], false, revision));
    assert!(told.rows > 400, "{}", told.rows);
    assert!(matches!(try_check(&room, &device, 3).await, Err(StoreError::OtherHistory { known: 3, found: 1 })));
}

pub async fn quantities_folds_and_revisions_are_set_right(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, mut operations) = shop.stocked(&[5, 9]);
    operations.push(shop.sale(&[line(product, vec![take(lots[0], 2, "assumed")])]));
    operations.push(shop.supplier("Laborex Guinée").1);
    let pushed = room.push(&device, &operations).await;
    assert!(pushed.verdicts.iter().all(accepted));
    room.damage(
        "UPDATE product_batch SET quantity = 77; UPDATE supplier SET name_fold = 'x'; UPDATE product SET rev = 5000",
    )
    .await;
    let told_now = check(&room, &device).await;
    let kinds: Vec<_> = told_now.findings.iter().map(told).collect();
    let mended = |kind, entity| (kind, entity, "mended");
    assert_eq!(
        kinds,
        [
            mended("ledger", "productBatch"),
            mended("ledger", "productBatch"),
            mended("fold", "supplier"),
            mended("revision", "product")
        ]
    );
    assert_eq!([room.lot(lots[0]).await, room.lot(lots[1]).await], [(3, false), (9, false)]);
    let page = room.page(&device, Default::default(), 1_000).await;
    assert!(page.rows.iter().all(|row| row.rev <= told_now.revision), "every till reads what was mended");
    let request: LogRequest = serde_json::from_value(json!({ "limit": 100, "kinds": ["repair"] })).unwrap();
    let lines = room.app.store.log(&device, request).await.unwrap().lines;
    let ledger = lines.iter().filter(|line| line.field == "quantity" && line.old == Some(json!(77)));
    assert_eq!((ledger.count(), lines.len()), (2, 4));
    assert_eq!(check(&room, &device).await.findings, [], "once");
}

pub async fn what_cannot_be_set_right_is_said(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, mut operations) = shop.stocked(&[5]);
    operations.push(shop.sale(&[line(product, vec![take(lots[0], 2, "assumed")])]));
    let (older, born) = shop.supplier("Laborex");
    operations.push(born);
    let (younger, born) = shop.supplier("Ubipharm");
    operations.push(born);
    room.push(&device, &operations).await;
    room.damage(
        "UPDATE supplier SET name = 'laborex', name_fold = (SELECT min(s.name_fold) FROM supplier s) \
         WHERE name = 'Ubipharm'; UPDATE sale_item SET product_id = 424242",
    )
    .await;
    for _ in 0..2 {
        let found = check(&room, &device).await.findings;
        let mut kinds: Vec<_> = found.iter().map(told).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, [("dangling", "sale", "left"), ("twin", "supplier", "left")]);
        let twin = found.iter().find(|finding| finding.kind == "twin").unwrap();
        assert_eq!((twin.uid, &twin.params["other"]), (younger, &json!(older)));
        let dangling = found.iter().find(|finding| finding.kind == "dangling").unwrap();
        assert_eq!(dangling.params["field"], json!("items.product"));
    }
}

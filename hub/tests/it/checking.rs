//! The hub checks its own books, and mends them.

use officine_hub::{
    StoreError,
    decide::Device,
    store::{CheckAsk, Checked, Place},
};
use officine_protocol::{
    clock::mint,
    messages::{CHECKED, CheckPlace, Finding, LogRequest},
};
use serde_json::json;

use crate::{
    decisions::accepted,
    rooms::Room,
    shop::{NOON, line, take},
};

async fn try_check(room: &Room, device: &Device, epoch: i64) -> Result<Checked, StoreError> {
    let commits = std::array::from_fn(|_| mint(&*room.app.clock, &*room.app.entropy));
    room.app.store.check(CheckAsk { device: device.clone(), epoch: Some(epoch), now: NOON, commits, place: None }).await
}

/// Part by part, from the first to the last: the parts that were asked for, and all that was found.
async fn part_by_part(room: &Room, device: &Device) -> (Vec<CheckPlace>, Vec<Finding>) {
    let (mut places, mut findings, mut next) = (Vec::new(), Vec::new(), Place::read(&CheckPlace::first()));
    while let Some(place) = next {
        places.push(place.told());
        let commits = std::array::from_fn(|_| mint(&*room.app.clock, &*room.app.entropy));
        let ask = CheckAsk { device: device.clone(), epoch: Some(1), now: NOON, commits, place: Some(place) };
        let told = room.app.store.check(ask).await.unwrap();
        findings.extend(told.findings);
        next = told.next;
    }
    (places, findings)
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
    room.push(&device, &operations).await;
    room.damage("UPDATE sale_item SET product_id = 424242").await;
    for _ in 0..2 {
        let found = check(&room, &device).await.findings;
        assert_eq!(found.iter().map(told).collect::<Vec<_>>(), [("dangling", "sale", "left")]);
        let dangling = found.iter().find(|finding| finding.kind == "dangling").unwrap();
        assert_eq!(dangling.params["field"], json!("items.product"));
    }
}

pub async fn part_by_part_the_same_is_found_and_mended(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, mut operations) = shop.stocked(&[5, 9]);
    operations.push(shop.sale(&[line(product, vec![take(lots[0], 2, "assumed")])]));
    operations.extend(["Laborex Guinée", "Ubipharm"].map(|name| shop.supplier(name).1));
    assert!(room.push(&device, &operations).await.verdicts.iter().all(accepted));
    room.damage(
        "UPDATE pharmacy SET next_id = 1; UPDATE product_batch SET quantity = 77; UPDATE supplier SET name_fold = 'x'; \
         UPDATE product SET rev = 5000; UPDATE supplier SET name = 'LABOREX  guinee' WHERE name = 'Ubipharm'; \
         UPDATE sale_item SET product_id = 424242",
    )
    .await;
    let (places, findings) = part_by_part(&room, &device).await;
    let told: Vec<_> = findings.iter().map(told).collect();
    let expected = [
        ("counter", "setting", "mended"),
        ("ledger", "productBatch", "mended"),
        ("ledger", "productBatch", "mended"),
        ("fold", "supplier", "mended"),
        ("fold", "supplier", "mended"),
        ("revision", "product", "mended"),
        ("twin", "supplier", "merged"),
        ("dangling", "sale", "left"),
    ];
    assert_eq!(told, expected);
    let kinds: Vec<_> = places.iter().map(|place| place.kind.as_str()).collect();
    assert!(CHECKED.iter().all(|kind| kinds.contains(kind)), "{kinds:?}");
    let sale = CheckPlace { entity: Some("sale".into()), ..CheckPlace::of("dangling") };
    assert!(places.contains(&sale), "{places:?}");
    for none in [CheckPlace::of("weather"), CheckPlace { entity: Some("weather".into()), ..CheckPlace::of("fold") }] {
        assert!(Place::read(&none).is_none());
    }
    let (_, findings) = part_by_part(&room, &device).await;
    assert_eq!(findings.iter().map(|finding| finding.kind.as_str()).collect::<Vec<_>>(), ["dangling"], "once");
}

pub async fn rows_doubled_in_the_hubs_own_tables_are_one_again(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, mut operations) = shop.stocked(&[5, 9]);
    let ((older, one), (younger, two)) = (shop.supplier("Spharma Guinée"), shop.supplier("Ubipharm"));
    let (twin, mut born) = shop.product("Doliprane", "2000000000022");
    born.user = None;
    let (lot, opened) = shop.lot(twin, "l-1", Some(20_270_101));
    let boxes = shop.opening(&[(lot, 4)]);
    let sold =
        shop.sale(&[line(product, vec![take(lots[0], 1, "scanned")]), line(twin, vec![take(lot, 1, "scanned")])]);
    operations.extend([one, two, born, opened, boxes, sold]);
    assert!(room.push(&device, &operations).await.verdicts.iter().all(accepted));
    room.damage(
        "UPDATE supplier SET name = 'SPHARMA  GUINEE', phone = '622' WHERE name = 'Ubipharm'; \
         UPDATE product_code SET code = '2000000000015'; UPDATE product SET name = 'paracetamol 500 MG'",
    )
    .await;
    let found = check(&room, &device).await.findings;
    let twins: Vec<_> = found.iter().filter(|finding| finding.kind == "twin").map(told).collect();
    assert_eq!(twins, [("twin", "supplier", "merged"), ("twin", "product", "merged")], "{found:?}");
    let other = found.iter().find(|finding| finding.entity == "supplier" && finding.kind == "twin").unwrap();
    assert_eq!((other.uid, &other.params["other"]), (younger, &json!(older)));
    assert_eq!(room.lot(lots[0]).await, (5 + 4 - 2, false), "their lots are one, every box");
    let rows = room.page(&device, Default::default(), 1_000).await.rows;
    let named = |entity: &str| -> Vec<_> {
        rows.iter().filter(|row| row.entity == entity).map(|row| (row.uid, row.aliases.clone())).collect()
    };
    assert_eq!(named("supplier"), [(older, vec![younger])]);
    assert_eq!(named("product"), [(product, vec![twin])]);
    assert!(rows.iter().any(|row| row.entity == "supplier" && row.fields["phone"] == "622"));
    assert_eq!(check(&room, &device).await.findings, [], "once");
}

pub async fn rows_that_may_be_one_are_left_to_a_person_who_is_asked_once(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (_, _, mut operations) = shop.stocked(&[5]);
    let (younger, born) = shop.product("Doliprane", "2000000000022");
    let (boxed, other) = shop.product("Paracétamol vrac", "2000000000039");
    operations.extend([born, other]);
    assert!(room.push(&device, &operations).await.verdicts.iter().all(accepted));
    room.damage(
        "UPDATE product_code SET code = '2000000000015' WHERE code <> '2000000000039'; \
         UPDATE product SET name = 'Doliprane' WHERE name = 'Paracétamol vrac'; \
         UPDATE product_code SET code = '2000000000015' WHERE code = '2000000000039'; \
         UPDATE product_unit SET factor = 12 WHERE product_id = (SELECT max(id) FROM product)",
    )
    .await;
    let found = check(&room, &device).await.findings;
    let twins: Vec<_> = found.iter().filter(|finding| finding.kind == "twin").collect();
    assert!(twins.iter().all(|finding| finding.done == "proposed"), "{found:?}");
    assert_eq!(twins.iter().map(|finding| finding.uid).collect::<Vec<_>>(), [younger, boxed]);
    let rows = room.page(&device, Default::default(), 1_000).await.rows;
    let open = rows.iter().filter(|row| row.entity == "conflict" && row.fields["kind"] == "twin");
    assert_eq!(open.count(), 2);
    assert_eq!(rows.iter().filter(|row| row.entity == "product").count(), 3, "nothing was joined");
    assert_eq!(check(&room, &device).await.findings, [], "and asks no more");
}

pub async fn no_name_is_given_twice_where_the_counter_was_set_back(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (_, _, operations) = shop.stocked(&[5]);
    room.push(&device, &operations).await;
    room.damage("UPDATE pharmacy SET next_id = 1").await;
    let found = check(&room, &device).await.findings;
    assert_eq!(found.iter().map(told).collect::<Vec<_>>(), [("counter", "setting", "mended")]);
    let before = room.page(&device, Default::default(), 1_000).await.rows.len();
    assert!(room.push(&device, &[shop.supplier("Laborex").1]).await.verdicts.iter().all(accepted));
    assert_eq!(room.page(&device, Default::default(), 1_000).await.rows.len(), before + 1, "nothing was written over");
    assert_eq!(check(&room, &device).await.findings, []);
}

pub async fn a_lot_below_zero_whose_recount_was_closed_by_hand_is_to_be_counted_again(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, mut operations) = shop.stocked(&[5]);
    let mut held = line(product, vec![take(lots[0], 7, "scanned")]);
    held.in_hand = true;
    operations.push(shop.sale(&[held]));
    assert!(room.push(&device, &operations).await.verdicts.iter().all(accepted));
    assert_eq!(room.lot(lots[0]).await, (-2, true));
    room.damage("UPDATE product_batch SET recount_open = 0").await;
    let found = check(&room, &device).await.findings;
    assert_eq!(found.iter().map(told).collect::<Vec<_>>(), [("recount", "productBatch", "mended")]);
    assert_eq!(found[0].params["field"], json!("recountOpen"));
    assert_eq!(room.lot(lots[0]).await, (-2, true));
    assert_eq!(check(&room, &device).await.findings, [], "once");
}

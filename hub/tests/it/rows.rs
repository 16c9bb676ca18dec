//! Rows asked for by name, and what a table damaged by hand tells.

use std::collections::BTreeSet;

use officine_hub::{
    decide::Device,
    store::{Given, Narrow, Wanted},
};
use officine_protocol::{
    Uid,
    limits::SCHEMA,
    messages::{Missing, Outcome, RowAsked},
};
use serde_json::json;

use crate::{
    decisions::accepted,
    pages::everything,
    rooms::Room,
    shop::{line, take},
};

fn asked(entity: &str, uid: Uid) -> RowAsked {
    RowAsked { entity: entity.to_owned(), uid }
}

async fn given(room: &Room, device: &Device, rows: &[RowAsked], with_references: bool, max_bytes: usize) -> Given {
    let wanted = Wanted { rows: rows.to_vec(), schema: SCHEMA, with_references, max_bytes };
    room.app.store.rows(device, wanted).await.unwrap()
}

pub async fn rows_are_given_by_uid_and_alias_parents_first(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, mut operations) = shop.stocked(&[9]);
    let sale = shop.sale(&[line(product, vec![take(lots[0], 1, "assumed")])]);
    let (setting, born) = shop.setting("currency", "\"GNF\"");
    operations.extend([sale.clone(), born]);
    room.push(&device, &operations).await;
    let (alias, twin) = shop.setting("currency", "\"GNF\"");
    let merged = room.push(&device, &[twin]).await;
    assert!(
        matches!(&merged.verdicts[0].outcome, Outcome::Accepted { corrections, .. } if corrections.merged_into.is_some())
    );

    let nobody = Uid::from_u128(404);
    let names = [asked("sale", sale.uid), asked("setting", alias), asked("supplier", nobody)];
    let alone = given(&room, &device, &names, false, 1 << 20).await;
    assert_eq!(alone.unknown, [Missing { entity: "supplier".into(), uid: nobody }]);
    let told: Vec<_> = alone.rows.iter().map(|row| (row.entity.as_str(), row.uid)).collect();
    assert_eq!(told, [("setting", setting), ("sale", sale.uid)]);
    assert_eq!((alone.rows[0].aliases.as_slice(), alone.revision), ([alias].as_slice(), merged.revision));

    let whole = given(&room, &device, &names[..1], true, 1 << 20).await;
    let told: Vec<_> = whole.rows.iter().map(|row| row.entity.as_str()).collect();
    assert_eq!(told, ["user", "product", "productBatch", "sale"]);
    let (stranger, _) = room.next_door().await.till(6).await;
    let theirs = given(&room, &stranger, &names, true, 1 << 20).await;
    assert_eq!((theirs.rows.len(), theirs.unknown.len()), (0, 3), "of another pharmacy nothing is known");
}

pub async fn rows_that_do_not_fit_are_asked_for_again(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let born: Vec<_> = (0..40).map(|number| shop.supplier(&format!("Grossiste {number}"))).collect();
    room.push(&device, &born.iter().map(|(_, operation)| operation.clone()).collect::<Vec<_>>()).await;
    let mut left: BTreeSet<Uid> = born.iter().map(|(uid, _)| *uid).collect();
    let mut pages = 0;
    while !left.is_empty() {
        let names: Vec<_> = left.iter().map(|uid| asked("supplier", *uid)).collect();
        let page = given(&room, &device, &names, true, 2_000).await;
        assert!(page.unknown.is_empty() && !page.rows.is_empty());
        page.rows.iter().for_each(|row| assert!(left.remove(&row.uid), "each comes once"));
        pages += 1;
    }
    assert!(pages > 2, "{pages}");
}

/// A table's own rules were switched off while somebody « mended » it.
pub async fn a_reference_that_names_nothing_is_said_and_spoils_nothing(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, mut operations) = shop.stocked(&[9]);
    operations.push(shop.sale(&[line(product, vec![take(lots[0], 1, "assumed")])]));
    let pushed = room.push(&device, &operations).await;
    assert!(pushed.verdicts.iter().all(accepted));
    let before = everything(&room, &device, 100).await;
    room.damage("UPDATE product_batch SET product_id = 999999; UPDATE sale SET customer_id = 999999, user_id = 999999")
        .await;
    let after = everything(&room, &device, 100).await;
    assert_eq!(after.len(), before.len());
    let of = |entity: &str| after.iter().find(|row| row.entity == entity).unwrap();
    let nobody = json!({ "uid": Uid::nil() });
    assert_eq!(of("productBatch").fields["product"], nobody["uid"]);
    assert_eq!((&of("sale").fields["customer"], &of("sale").fields["user"]), (&nobody["uid"], &nobody["uid"]));
    let digests = room.app.store.digest(device.pharmacy, Narrow::whole(SCHEMA)).await.unwrap();
    assert_eq!(digests.entities["sale"][0].count, 1);
    let rows = given(&room, &device, &[asked("productBatch", lots[0])], true, 1 << 20).await;
    assert_eq!(rows.rows.len(), 1);
}

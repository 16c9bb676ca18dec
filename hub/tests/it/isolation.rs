//! Two pharmacies of one hub know nothing of each other.

use std::collections::BTreeMap;

use officine_hub::decide::decide;
use officine_protocol::{
    clock::mint,
    entities::{PRODUCT, PRODUCT_BATCH},
    messages::{Cursor, Outcome},
};
use serde_json::json;

use crate::{
    decisions::{accepted, code},
    rooms::Room,
    shop::{line, prepared, take},
};

pub async fn no_row_crosses_a_pharmacy(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, operations) = shop.stocked(&[5]);
    let ids: Vec<i64> = room
        .push(&device, &operations)
        .await
        .verdicts
        .iter()
        .map(|verdict| match verdict.outcome {
            Outcome::Accepted { server_id, .. } => server_id,
            _ => panic!("{verdict:?}"),
        })
        .collect();

    let other = Room::new(room.app.store.clone()).await;
    let (stranger, mut spy) = other.till(6).await;
    assert!(other.page(&stranger, Cursor::default(), 100).await.rows.is_empty());
    let owner = spy.owner();
    other.push(&stranger, &[owner]).await;
    let (_, lot) = spy.lot(product, "L9", None);
    let edit = spy.edit(&PRODUCT, product, json!({ "name": "x" }));
    let block = spy.edit(&PRODUCT_BATCH, lots[0], json!({ "blockedReason": "x" }));
    let sale = spy.sale(&[line(product, vec![take(lots[0], 5, "assumed")])]);
    let opening = spy.opening(&[(lots[0], -5)]);
    let mut operations = prepared(&[lot, edit, block, sale, opening]);
    for operation in &mut operations {
        operation.server_ids = BTreeMap::from([(product, ids[1]), (lots[0], ids[2])]);
    }
    let commit = mint(&*room.app.clock, &*room.app.entropy);
    let (heard, now) = (Default::default(), room.app.clock.now());
    let batch = officine_hub::store::Batch { device: stranger.clone(), heard, operations, now, commit };
    let pushed = room.app.store.transact(batch, decide).await.unwrap();
    assert!(pushed.verdicts.iter().all(|verdict| code(&verdict.outcome) == "deferred"), "{:?}", pushed.verdicts);
    assert_eq!(room.lot(lots[0]).await, (5, false));
    assert_eq!(other.page(&stranger, Cursor::default(), 100).await.rows.len(), 1);

    let (_, twin) = spy.product("Paracétamol 500 mg", "2000000000015");
    let pushed = other.push(&stranger, &[twin]).await;
    let Outcome::Accepted { corrections, .. } = &pushed.verdicts[0].outcome else { panic!() };
    assert!(accepted(&pushed.verdicts[0]) && corrections.merged_into.is_none());
}

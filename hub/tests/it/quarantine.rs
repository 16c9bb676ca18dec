//! Copied and restored files: recognised, kept apart, nothing of them lost, and no false alarm.

use officine_hub::{
    StoreError,
    decide::{Device, decide},
    secrets::hash,
    store::{Batch, Bearer, Enrolment, Heard, KeptOperation},
};
use officine_protocol::{Uid, chain, messages::Operation};
use serde_json::json;

use crate::{
    decisions::{accepted, code},
    http::Hub,
    rooms::Room,
    shop::{Shop, line, push_body, take},
};

async fn bearer(room: &Room) -> Bearer {
    room.app.store.bearer(hash(b"token of 5")).await.unwrap().unwrap()
}

async fn kept(room: &Room) -> Vec<KeptOperation> {
    room.app.store.quarantined(None).await.unwrap()
}

async fn refused(room: &Room, device: &Device, operations: &[Operation]) -> StoreError {
    room.push_with(device, operations, decide).await.unwrap_err()
}

async fn acknowledge(room: &Room, device: &Device, acknowledged: i64) {
    let heard = Heard { acknowledged, ..Heard::default() };
    let (now, commit) = (room.app.clock.now(), Uid::from_u128(9));
    let batch = Batch { device: device.clone(), heard, operations: vec![], now, commit };
    room.app.store.transact(batch, decide).await.unwrap();
}

pub async fn a_sequence_with_another_content_puts_the_till_in_quarantine(room: Room) {
    for (till, pruned) in [(5, false), (6, true)] {
        let (device, mut shop) = room.till(till).await;
        let (first, second) = (shop.supplier("Spharma").1, shop.supplier("Laborex").1);
        let pushed = room.push(&device, &[first, second.clone()]).await;
        assert_eq!(pushed.last_seq, 2);
        if pruned {
            acknowledge(&room, &device, 2).await;
            room.app.store.prune(i64::MAX).await.unwrap();
        }
        let before = kept(&room).await.len();
        let other = Operation { seq: second.seq, ..shop.supplier("Ubipharm").1 };
        let request = [shop.supplier("Sodipharm").1, other, shop.supplier("Copharmed").1];
        assert!(matches!(refused(&room, &device, &request).await, StoreError::Quarantined));
        for _ in 0..2 {
            assert!(matches!(refused(&room, &device, &request).await, StoreError::Quarantined));
        }
        let later = [shop.supplier("Pharmacie centrale").1];
        assert!(matches!(refused(&room, &device, &later).await, StoreError::Quarantined));
        let kept = kept(&room).await;
        assert_eq!(kept.len() - before, 4, "whole, once, and what came later as well");
        let frozen = serde_json::to_string(&request[1]).unwrap();
        assert!(kept.iter().any(|kept| kept.operation == frozen && kept.device == device.uid));
        let standing = room.app.store.standing(device.pharmacy).await.unwrap();
        assert_eq!(standing.revision, pushed.revision, "nothing of it is applied");
    }
    let bearer = bearer(&room).await;
    assert!(bearer.quarantined_at.is_some() && !bearer.revoked);
    assert_eq!(bearer.last_seq, 2, "what is in quarantine has no answer");
    let (device, mut shop) = room.till(7).await;
    assert!(accepted(&room.push(&device, &[shop.supplier("Sogephar").1]).await.verdicts[0]), "others go on");
}

pub async fn what_comes_again_is_no_copy(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let mut broken = shop.supplier("Spharma").1;
    broken.fields.insert("phone".into(), json!(7));
    let (lot, product) = (shop.uid(), shop.uid());
    let waiting = Operation { uid: lot, ..shop.lot(product, "L1", None).1 };
    let operations = [shop.supplier("Laborex").1, broken, waiting, shop.supplier("Ubipharm").1];
    room.push(&device, &operations).await;
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]] {
        let again: Vec<Operation> = order.iter().map(|place| operations[*place].clone()).collect();
        let verdicts = room.push(&device, &again).await.verdicts;
        let deferred = verdicts.iter().filter(|verdict| code(&verdict.outcome) == "deferred").count();
        assert_eq!((verdicts.iter().filter(|verdict| verdict.duplicate).count(), deferred), (3, 1));
    }
    acknowledge(&room, &device, 4).await;
    room.app.store.prune(i64::MAX).await.unwrap();
    for operation in &operations {
        room.push(&device, std::slice::from_ref(operation)).await;
    }
    let renewed = Operation { key: operations[0].key, ..shop.supplier("Sodipharm").1 };
    let (one, two) = (shop.supplier("Copharmed").1, shop.supplier("Sogephar").1);
    let twice = Operation { seq: one.seq, ..two };
    room.push(&device, &[renewed, one, twice]).await;
    assert!(kept(&room).await.is_empty() && bearer(&room).await.quarantined_at.is_none());
}

pub async fn a_revoked_till_delivers_into_quarantine_alone(room: Room) {
    let (device, mut shop) = room.till(5).await;
    room.push(&device, &[shop.supplier("Spharma").1]).await;
    room.app.store.revoke(device.uid, 1).await.unwrap();
    let late = [shop.supplier("Laborex").1];
    for _ in 0..2 {
        assert!(matches!(refused(&room, &device, &late).await, StoreError::Revoked));
    }
    assert_eq!(kept(&room).await.len(), 1);
    let bearer = bearer(&room).await;
    assert!(bearer.revoked && bearer.quarantined_at.is_none() && bearer.last_seq == 1);
    let rows = room.app.store.standing(device.pharmacy).await.unwrap().rows;
    assert!(rows.contains(&("supplier", 1)));
}

pub async fn a_till_follows_another_of_its_pharmacy(room: Room) {
    let (old, mut shop) = room.till(5).await;
    let (product, lots, mut operations) = shop.stocked(&[5]);
    let sale = |shop: &mut Shop| shop.sale(&[line(product, vec![take(lots[0], 1, "assumed")])]);
    operations.push(sale(&mut shop));
    room.push(&old, &operations).await;
    let code = room.code().await;
    let enrolment = Enrolment { replaces: Some(old.uid), ..room.enrolment(&code, 6) };
    let new = room.app.store.enrol(enrolment).await.unwrap().device;
    assert!(new.series != old.series && new.uid != old.uid);
    let listed = room.app.store.devices().await.unwrap();
    let line_of = |device: &Device| listed.iter().find(|line| line.uid == device.uid).unwrap();
    assert_eq!((line_of(&old).replaced_by, line_of(&new).replaces), (Some(new.uid), Some(old.uid)));
    assert!(line_of(&old).revoked_at.is_some() && line_of(&new).revoked_at.is_none());
    assert_ne!(shop.previous, chain::GENESIS);
    let mut follower = Shop::new(6, new.series);
    (follower.previous, follower.user) = (shop.previous, shop.user);
    assert!(accepted(&room.push(&new, &[sale(&mut follower)]).await.verdicts[0]));
    let page = room.page(&new, Default::default(), 500).await;
    let mut of_new = page.rows.iter().filter(|row| row.entity == "sale" && row.fields["series"] == json!(new.series));
    let first = of_new.next().unwrap();
    assert_eq!((&first.fields["number"], &first.fields["flagged"]), (&json!(1), &json!(false)));
    let stranger = Enrolment { replaces: Some(Uid::from_u128(1)), ..room.enrolment(&room.code().await, 7) };
    assert!(room.app.store.enrol(stranger).await.is_ok(), "a hub that was restored may not know it");
}

#[test]
fn of_two_copies_of_a_till_neither_looks_healthy() {
    let hub = Hub::start();
    let pharmacy = hub.hub.create_pharmacy("Pharmacie").unwrap();
    let code = hub.hub.enrolment_code(pharmacy).unwrap();
    let enrol = json!({ "protocol": 1, "code": code, "name": "Caisse 1", "incarnation": Uid::from_u128(5) });
    let token = hub.post("/v1/enrol", None, &enrol).1["token"].as_str().unwrap().to_owned();
    let push = |shop: &mut Shop, name| hub.post("/v1/push", Some(&token), &push_body(&[shop.supplier(name).1], 0));
    let (mut original, mut copy) = (Shop::new(5, 1), Shop::new(6, 1));
    let (status, answer) = push(&mut original, "Spharma");
    assert_eq!((status, &answer["lastSeq"]), (200, &json!(1)));
    let (status, problem) = push(&mut copy, "Laborex");
    assert_eq!((status, &problem["code"]), (409, &json!("device_quarantined")));
    let pull = json!({ "protocol": 1, "schema": 2, "incarnation": Uid::from_u128(5), "epoch": 1, "cursor": { "rev": 0 },
        "maxRows": 10, "sentAt": 0 });
    let (status, problem) = hub.post("/v1/pull", Some(&token), &pull);
    assert_eq!((status, &problem["code"]), (409, &json!("device_quarantined")));
    assert_eq!(push(&mut original, "Ubipharm").0, 409);
    let (status, standing) = hub.get("/v1/status", Some(&token));
    assert_eq!((status, &standing["lastSeq"]), (200, &json!(1)));
    assert!(standing["quarantinedAt"].is_i64());
}

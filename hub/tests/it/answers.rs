//! What the hub remembers of operations, what it believes of attached ids, and whose edit wins, on both databases.

use std::collections::BTreeMap;

use officine_hub::{
    admin::enrolment_code,
    decide::{Device, decide},
    store::{Batch, Heard},
};
use officine_protocol::{
    Uid,
    clock::mint,
    entities::{PRODUCT, SUPPLIER},
    messages::{Operation, Outcome, Verdict},
};
use serde_json::{Value as Json, json};

use crate::{
    decisions::{accepted, code},
    rooms::Room,
    shop::{Shop, prepared},
};

/// Says that every answer up to `acknowledged` is stored on the till.
async fn acknowledge(room: &Room, device: &Device, acknowledged: i64) {
    let heard = Heard { acknowledged, ..Default::default() };
    let (now, commit) = (room.app.clock.now(), Uid::from_u128(9));
    let batch = Batch { device: device.clone(), heard, operations: vec![], now, commit };
    room.app.store.transact(batch, decide).await.unwrap();
}

/// Pushes an operation with a server id attached to a uid.
async fn attached(room: &Room, device: &Device, operation: Operation, uid: Uid, id: i64) -> Verdict {
    let mut operations = prepared(&[operation]);
    operations[0].server_ids = BTreeMap::from([(uid, id)]);
    let (now, commit) = (room.app.clock.now(), mint(&*room.app.clock, &*room.app.entropy));
    let batch = Batch { device: device.clone(), heard: Heard::default(), operations, now, commit };
    room.app.store.transact(batch, decide).await.unwrap().verdicts.remove(0)
}

fn id_and_rev(verdict: &Verdict) -> (i64, i64) {
    match &verdict.outcome {
        Outcome::Accepted { server_id, rev, .. } => (*server_id, *rev),
        other => panic!("{other:?}"),
    }
}

pub async fn a_till_off_for_weeks_replays_safely(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (supplier, born) = shop.supplier("Spharma");
    let (_, mut broken) = shop.product("Ibuprofène", "2000000000022");
    broken.fields.insert("minStock".into(), json!(-1));
    let first = room.push(&device, &[born.clone(), broken.clone()]).await;
    acknowledge(&room, &device, 2).await;
    assert_eq!(room.app.store.prune(i64::MAX).await.unwrap(), 2);
    let again = room.push(&device, &[born.clone(), broken.clone()]).await;
    assert!(again.verdicts.iter().all(|verdict| verdict.duplicate));
    assert_eq!(id_and_rev(&again.verdicts[0]), id_and_rev(&first.verdicts[0]));
    assert_eq!(code(&again.verdicts[1].outcome), "answer_forgotten");
    assert_eq!(again.revision, first.revision, "nothing is applied twice");
    let edit = Operation { seq: 3, ..shop.edit(&SUPPLIER, supplier, json!({ "phone": "622" })) };
    assert!(accepted(&room.push(&device, &[edit]).await.verdicts[0]), "and what is new is");
}

pub async fn a_key_stands_for_one_content(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (_, born) = shop.supplier("Spharma");
    room.push(&device, std::slice::from_ref(&born)).await;
    let (_, other) = shop.supplier("Laborex");
    let same_key = Operation { key: born.key, ..other.clone() };
    let pushed = room.push(&device, &[same_key]).await;
    assert!(pushed.verdicts.iter().all(|verdict| code(&verdict.outcome) == "key_reused" && !verdict.duplicate));
    assert!(accepted(&room.push(&device, &[other]).await.verdicts[0]), "under its own name it is heard");
    let (device, mut shop) = room.till(6).await;
    assert!(accepted(&room.push(&device, &[shop.supplier("Ubipharm").1]).await.verdicts[0]), "another till's first");
}

pub async fn an_attached_id_is_believed_only_of_its_entity_and_pharmacy(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, operations) = shop.stocked(&[5]);
    let pushed = room.push(&device, &operations).await;
    let id_of = |entity: &str| {
        let place = operations.iter().position(|operation| operation.entity == entity).unwrap();
        id_and_rev(&pushed.verdicts[place]).0
    };
    let (product_id, lot_id) = (id_of("product"), id_of("productBatch"));
    assert_eq!(lots.len(), 1);
    let elsewhere = theirs(&room).await;
    let stranger = shop.uid();
    for (id, why) in [(lot_id, "another entity's"), (elsewhere, "another pharmacy's"), (1, "a bare row number")] {
        let (_, born) = shop.lot(stranger, "L8", None);
        assert_eq!(code(&attached(&room, &device, born, stranger, id).await.outcome), "deferred", "{why}");
    }
    let (_, born) = shop.lot(product, "L9", None);
    let verdict = attached(&room, &device, born, product, lot_id).await;
    let Outcome::Accepted { corrections, .. } = &verdict.outcome else { panic!("{verdict:?}") };
    assert_eq!(corrections.server_ids[&product], product_id, "the uid decides, and the repair is sent back");
}

/// The server id of a product of another pharmacy, which no row here bears.
async fn theirs(room: &Room) -> i64 {
    let other = room.next_door().await;
    let code = enrolment_code(&other.app, other.pharmacy).await.unwrap();
    let device = other.app.store.enrol(other.enrolment(&code, 77)).await.unwrap().device;
    let mut shop = Shop::new(77, device.series);
    let names = (0..30).map(|n| shop.product(&format!("Produit {n}"), &format!("20000000001{n:02}")).1);
    let pushed = other.push(&device, &names.collect::<Vec<_>>()).await;
    id_and_rev(pushed.verdicts.last().unwrap()).0
}

pub async fn edits_of_two_tills_merge_by_field_and_the_last_in_time_wins(room: Room) {
    let ((one, mut here), (two, mut there)) = (room.till(5).await, room.till(6).await);
    let (product, born) = here.product("Ibuprofène", "2000000000022");
    let (_, seen) = id_and_rev(&room.push_at(&one, &[born], 0).await.verdicts[0]);
    let edit = |shop: &mut Shop, at: i64, fields| {
        shop.now += at;
        let operation = shop.edit(&PRODUCT, product, fields);
        shop.now -= at;
        Operation { base_rev: Some(seen), ..operation }
    };
    let late = edit(&mut here, 500, json!({ "minStock": 9, "maker": "Sanofi" }));
    assert!(accepted(&room.push_at(&one, &[late], 0).await.verdicts[0]));
    let early = edit(&mut there, 100, json!({ "minStock": 4, "dci": "ibuprofène" }));
    let pushed = room.push_at(&two, std::slice::from_ref(&early), 0).await;
    let Outcome::Conflict { kind, fields, rev } = &pushed.verdicts[0].outcome else { panic!("{pushed:?}") };
    assert_eq!((kind.as_str(), fields.as_slice(), *rev), ("edit", &["minStock".to_owned()][..], pushed.revision));
    let again = room.push_at(&two, &[early], 0).await.verdicts.remove(0);
    assert!(again.duplicate && code(&again.outcome) == "conflict");
    let row = |page: officine_hub::store::Page| page.rows.into_iter().find(|row| row.uid == product).unwrap();
    let found = row(room.page(&two, Default::default(), 100).await).fields;
    assert_eq!(
        (&found["minStock"], &found["maker"], &found["dci"]),
        (&json!(9), &json!("Sanofi"), &json!("ibuprofène"))
    );
    let last = edit(&mut there, 900, json!({ "minStock": 2 }));
    assert!(accepted(&room.push_at(&two, &[last], 0).await.verdicts[0]), "the last in time wins");
    let tie = edit(&mut here, 900, json!({ "minStock": 3 }));
    assert_eq!(
        code(&room.push_at(&one, &[tie], 0).await.verdicts[0].outcome),
        "conflict",
        "on a tie the hub's value stays"
    );
    let mut after = edit(&mut here, 0, json!({ "minStock": 1 }));
    after.base_rev = Some(pushed.revision + 2);
    assert!(
        accepted(&room.push_at(&one, &[after], 0).await.verdicts[0]),
        "what was seen is overwritten, whatever the clocks"
    );
}

/// A row of two tills, the revision at which both have seen it, and edits of its threshold at an instant.
struct Threshold {
    room: Room,
    tills: [(Device, Shop); 2],
    product: Uid,
    seen: i64,
}

impl Threshold {
    async fn of(room: Room) -> Self {
        let mut tills = [room.till(5).await, room.till(6).await];
        let (product, born) = tills[0].1.product("Ibuprofène", "2000000000022");
        let (_, seen) = id_and_rev(&room.push(&tills[0].0, &[born]).await.verdicts[0]);
        Self { room, tills, product, seen }
    }

    fn edit(&mut self, till: usize, at: i64, stock: i64) -> Operation {
        let shop = &mut self.tills[till].1;
        shop.now += at;
        let operation = shop.edit(&PRODUCT, self.product, json!({ "minStock": stock }));
        shop.now -= at;
        Operation { base_rev: Some(self.seen), ..operation }
    }

    async fn push(&self, till: usize, operation: &Operation) -> &'static str {
        let verdict =
            self.room.push_at(&self.tills[till].0, std::slice::from_ref(operation), 0).await.verdicts.remove(0);
        if accepted(&verdict) { "accepted" } else { code_of(&verdict) }
    }

    async fn held(&self) -> Json {
        let page = self.room.page(&self.tills[0].0, Default::default(), 100).await;
        page.rows.into_iter().find(|row| row.uid == self.product).unwrap().fields["minStock"].clone()
    }
}

fn code_of(verdict: &Verdict) -> &'static str {
    if code(&verdict.outcome) == "conflict" { "conflict" } else { "refused" }
}

pub async fn an_edit_held_and_sent_again_loses_to_a_later_one_of_its_own_device(room: Room) {
    let mut shop = Threshold::of(room).await;
    let held = shop.edit(0, 100, 4);
    let later = Operation { predecessor: Some(held.key), ..shop.edit(0, 200, 9) };
    assert_eq!(shop.push(0, &later).await, "accepted");
    assert_eq!(shop.push(0, &held).await, "conflict");
    assert_eq!(shop.held().await, 9);
}

pub async fn what_an_editor_never_saw_counts_behind_their_own_unanswered_edit(room: Room) {
    let mut shop = Threshold::of(room).await;
    let first = shop.edit(0, 100, 4);
    let told = Operation { predecessor: Some(first.key), ..shop.edit(0, 200, 5) };
    let untold = Operation { base_rev: None, predecessor: Some(first.key), ..shop.edit(0, 210, 6) };
    let theirs = shop.edit(1, 300, 8);
    assert_eq!(shop.push(1, &theirs).await, "accepted");
    let elsewhere = Operation { fields: json!({ "maker": "Sanofi" }).as_object().unwrap().clone(), ..first };
    assert_eq!(shop.push(0, &elsewhere).await, "accepted", "its answer bears a later revision than theirs");
    for successor in [told, untold] {
        assert_eq!(shop.push(0, &successor).await, "conflict");
    }
    assert_eq!(shop.held().await, 8);
    let last = Operation { predecessor: Some(elsewhere.key), ..shop.edit(0, 400, 7) };
    assert_eq!(shop.push(0, &last).await, "accepted", "the last in time still wins");
}

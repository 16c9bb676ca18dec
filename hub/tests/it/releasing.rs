//! What is kept in quarantine: what became of it is said, and what is nowhere else is released once.

use officine_hub::{
    StoreError,
    decide::{Device, decide},
    release::{Became, Fate, Released, fates, release},
};
use officine_protocol::{
    Uid,
    entities::SUPPLIER,
    messages::{Operation, Outcome},
};
use serde_json::json;

use crate::{
    decisions::accepted,
    rooms::Room,
    shop::{Shop, line, take},
};

/// A till that has sold a ticket, and the same file on another machine.
struct Copied {
    device: Device,
    original: Shop,
    copy: Shop,
    product: Uid,
    lot: Uid,
}

impl Copied {
    async fn of(room: &Room) -> Self {
        let (device, mut original) = room.till(5).await;
        let (product, lots, mut operations) = original.stocked(&[9]);
        operations.push(original.sale(&[line(product, vec![take(lots[0], 1, "assumed")])]));
        assert!(room.push(&device, &operations).await.verdicts.iter().all(accepted));
        let copy = original.copied(6);
        Self { device, original, copy, product, lot: lots[0] }
    }

    fn sale(&mut self, boxes: i64) -> Operation {
        self.copy.sale(&[line(self.product, vec![take(self.lot, boxes, "assumed")])])
    }

    /// The original goes on; the copy is found to be one, and all that it sends is kept.
    async fn keep(&mut self, room: &Room, operations: &[Operation]) {
        let own = self.original.sale(&[line(self.product, vec![take(self.lot, 1, "assumed")])]);
        assert!(room.push(&self.device, &[own]).await.verdicts.iter().all(accepted));
        let refused = room.push_with(&self.device, operations, decide).await;
        assert!(matches!(refused, Err(StoreError::Quarantined)));
    }
}

async fn became(room: &Room) -> Vec<Became> {
    fates(&room.app, None).await.unwrap().iter().map(|Fate { became, .. }| *became).collect()
}

fn numbers(released: &[Released]) -> Vec<[String; 2]> {
    released.iter().filter_map(|one| one.numbers.clone()).collect()
}

pub async fn what_a_copy_sold_is_released_once_and_judged_as_what_it_is(room: Room) {
    let mut copied = Copied::of(&room).await;
    let (supplier, born) = copied.copy.supplier("Spharma Guinée");
    let kept = [copied.sale(2), born, copied.sale(40), copied.sale(3)];
    copied.keep(&room, &kept).await;
    assert_eq!(became(&room).await, [Became::Kept; 4]);
    let released = release(&room.app, copied.device.uid).await.unwrap();
    let refused =
        |one: &Released| matches!(&one.outcome, Outcome::Rejected { code, .. } if code == "stock_insufficient");
    let told: Vec<_> = released.iter().map(refused).collect();
    assert_eq!(told, [false, false, true, false], "the books decide: {released:?}");
    let told = [["1-000002", "2-000001"], ["1-000003", "2-000002"], ["1-000004", "2-000003"]];
    assert_eq!(numbers(&released), told.map(|pair| pair.map(str::to_owned)));
    assert_eq!(room.lot(copied.lot).await, (9 - 1 - 1 - 2 - 3, false));
    assert_eq!(became(&room).await, [Became::Here; 4]);
    let page = room.page(&copied.device, Default::default(), 500).await;
    let of_series = page.rows.iter().filter(|row| row.entity == "sale" && row.fields["series"] == json!(2));
    let flagged: Vec<_> = of_series.map(|row| (&row.fields["number"], &row.fields["flagged"])).collect();
    assert_eq!(flagged.len(), 3);
    assert!(flagged.iter().all(|(_, flagged)| **flagged == json!(false)), "their chain holds: {flagged:?}");
    assert!(page.rows.iter().any(|row| row.uid == supplier));
    assert!(release(&room.app, copied.device.uid).await.unwrap().is_empty(), "once");
    let later = [copied.sale(1)];
    assert!(room.push_with(&copied.device, &later, decide).await.is_err());
    let released = release(&room.app, copied.device.uid).await.unwrap();
    assert_eq!(numbers(&released), [["1-000005", "2-000004"].map(str::to_owned)], "the series goes on");
    assert_eq!(room.lot(copied.lot).await.0, 1);
    let devices = room.app.store.devices().await.unwrap();
    assert_eq!(devices.iter().map(|line| line.name.as_str()).collect::<Vec<_>>(), ["Caisse", "Quarantaine · Caisse"]);
    assert!(release(&room.app, Uid::from_u128(1)).await.is_err(), "nobody's");
}

pub async fn what_the_till_sent_again_is_here_and_is_not_released(room: Room) {
    let mut copied = Copied::of(&room).await;
    let (uid, born) = copied.copy.supplier("Spharma Guinée");
    let edit = copied.copy.edit(&SUPPLIER, uid, json!({ "phone": "622000001" }));
    let edit = Operation { predecessor: Some(born.key), ..edit };
    copied.keep(&room, &[born.clone(), edit.clone()]).await;
    let (again, _) = room.till(6).await;
    assert!(room.push(&again, std::slice::from_ref(&born)).await.verdicts.iter().all(accepted));
    assert_eq!(became(&room).await, [Became::Here, Became::Kept], "the edit is still on its way");
    assert!(room.push(&again, std::slice::from_ref(&edit)).await.verdicts.iter().all(accepted));
    assert_eq!(became(&room).await, [Became::Here; 2]);
    assert!(release(&room.app, copied.device.uid).await.unwrap().is_empty());
    assert_eq!(room.app.store.devices().await.unwrap().len(), 2, "nothing was begun for nothing");
}

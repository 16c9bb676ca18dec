//! Zones that add up though boxes came in between their counts: the manager is told, and a recount stays open.

use officine_hub::decide::Device;
use officine_protocol::{
    Uid,
    messages::{Cursor, Operation},
};
use serde_json::{Value as Json, json};

use crate::{
    decisions::accepted,
    rooms::Room,
    shop::{NOON, Shop, line, take},
};

/// A lot of which two lay on the shelf at ten past, and ten came at twenty past.
struct Zones {
    device: Device,
    shop: Shop,
    lot: Uid,
    shelf: Operation,
    delivery: Operation,
    sale: Operation,
    reserve: Operation,
}

async fn zones(room: &Room) -> Zones {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, operations) = shop.stocked(&[5]);
    room.push(&device, &operations).await;
    let lot = lots[0];
    shop.now = NOON + 10;
    let shelf = shop.count(&[(lot, "shelf", 2, NOON + 10)], &[(lot, -3)]);
    shop.now = NOON + 20;
    let delivery = shop.adjust("receipt", &[(lot, 10)]);
    shop.now = NOON + 25;
    let sale = shop.sale(&[line(product, vec![take(lot, 1, "scanned")])]);
    shop.now = NOON + 30;
    let reserve = shop.count(&[(lot, "reserve", 10, NOON + 30)], &[]);
    Zones { device, shop, lot, shelf, delivery, sale, reserve }
}

impl Zones {
    async fn push(&self, room: &Room, operation: &Operation) {
        let verdict = room.push(&self.device, std::slice::from_ref(operation)).await.verdicts.remove(0);
        assert!(accepted(&verdict), "{verdict:?}");
    }

    /// Why the reserve's stocktake says that it stands beside an old one.
    async fn why(&self, room: &Room) -> Vec<Json> {
        let page = room.page(&self.device, Cursor::default(), 1_000).await;
        let row = page.rows.into_iter().find(|row| row.uid == self.reserve.uid).unwrap();
        let said = row.parts["movements"].iter().filter(|row| row["source"] == "zones_old");
        let said = said.map(|row| serde_json::from_str(row["reason"].as_str().unwrap()).unwrap()).collect::<Vec<_>>();
        assert_eq!(row.fields.get("flagged") == Some(&json!(true)), !said.is_empty());
        said
    }

    /// Once the shelf is counted anew everybody knows what there is.
    async fn settled(mut self, room: &Room) {
        self.shop.now = NOON + 40;
        let again = self.shop.count(&[(self.lot, "shelf", 3, NOON + 40)], &[]);
        self.push(room, &again).await;
        assert_eq!(room.lot(self.lot).await, (13, false));
    }
}

pub async fn boxes_that_came_between_the_counts_of_two_zones_leave_a_recount_open(room: Room) {
    let story = zones(&room).await;
    for operation in [&story.shelf, &story.delivery, &story.sale, &story.reserve] {
        story.push(&room, operation).await;
    }
    assert_eq!(room.lot(story.lot).await, (21, true), "two, ten that were counted or came again, one sold");
    assert_eq!(story.why(&room).await, [json!({ "from": NOON + 10, "to": NOON + 30, "came": 10 })]);
    story.settled(&room).await;
}

pub async fn boxes_heard_of_after_a_zone_was_counted_anew_open_a_recount(room: Room) {
    let story = zones(&room).await;
    for operation in [&story.shelf, &story.reserve, &story.sale] {
        story.push(&room, operation).await;
    }
    assert_eq!(room.lot(story.lot).await, (11, false), "what was sold came from the shelf");
    assert!(story.why(&room).await.is_empty());
    story.push(&room, &story.delivery).await;
    assert_eq!(room.lot(story.lot).await, (21, true));
    let document = format!("stockAdjustment {}", story.delivery.uid);
    let said = json!({ "from": NOON + 10, "to": NOON + 30, "came": 10, "document": document });
    assert_eq!(story.why(&room).await, [said]);
    story.settled(&room).await;
}

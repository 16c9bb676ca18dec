//! Boxes on their way: a sale waits with the delivery that brings what it sold.

use officine_protocol::messages::{Missing, Operation, Outcome};

use crate::{
    contract::sabotage,
    decisions::{accepted, code},
    rooms::Room,
    shop::{line, take},
};

pub async fn a_sale_of_boxes_on_their_way_waits_with_what_brings_them(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, operations) = shop.stocked(&[2, 2]);
    room.push(&device, &operations).await;
    let keeper = shop.uid();
    let late = shop.person(keeper, "sékou", "pharmacist");
    let brought = Operation { user: Some(keeper), ..shop.adjust("receipt", &[(lots[0], 9)]) };
    let mut sell = |lot, quantity| shop.sale(&[line(product, vec![take(lot, quantity, "assumed")])]);
    let (brings, other) = (sell(lots[0], 7), sell(lots[1], 7));
    let (_, boom) = shop.supplier("boom");
    let waits = |pushed: officine_hub::store::Pushed| {
        let codes: Vec<_> = pushed.verdicts.iter().map(|verdict| code(&verdict.outcome).to_owned()).collect();
        assert_eq!(codes[..3], ["deferred", "deferred", "stock_insufficient"]);
        let Outcome::Deferred { missing } = &pushed.verdicts[1].outcome else { panic!("{codes:?}") };
        assert_eq!(*missing, [Missing { entity: "stockAdjustment".into(), uid: brought.uid }]);
    };
    let batch = [brought.clone(), brings.clone(), other, boom];
    waits(room.push(&device, &batch[..3]).await);
    waits(room.push_with(&device, &batch, sabotage).await.unwrap());
    let pushed = room.push(&device, &[late, brought, brings]).await;
    assert!(pushed.verdicts.iter().all(accepted), "{:?}", pushed.verdicts);
    assert_eq!(room.lot(lots[0]).await, (4, false));
}

/// It is the delivery of this till that it sold from: another till's is none of its business.
pub async fn a_sale_waits_for_no_other_tills_delivery(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, operations) = shop.stocked(&[2]);
    room.push(&device, &operations).await;
    let brought = Operation { user: Some(shop.uid()), ..shop.adjust("receipt", &[(lots[0], 9)]) };
    room.push(&device, &[brought]).await;
    let sale = shop.sale(&[line(product, vec![take(lots[0], 7, "assumed")])]);
    assert_eq!(code(&room.push(&device, &[sale]).await.verdicts[0].outcome), "stock_insufficient");
}

/// A ticket told again, to a hub that lost it, comes behind its own return, which waits for it: neither would ever go.
pub async fn a_sale_waits_for_no_later_ticket_of_its_till(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, operations) = shop.stocked(&[2]);
    room.push(&device, &operations).await;
    let sold = [line(product, vec![take(lots[0], 7, "assumed")])];
    let sale = shop.sale(&sold);
    let returned = shop.returned(sale.uid, &sold);
    let pushed = room.push(&device, &[returned, sale]).await;
    let codes: Vec<_> = pushed.verdicts.iter().map(|verdict| code(&verdict.outcome)).collect();
    assert_eq!(codes, ["deferred", "stock_insufficient"]);
}

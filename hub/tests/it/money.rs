//! Returns, accounts and references, across pushes and tills: nothing of it refuses, all of it is flagged.

use officine_hub::decide::Device;
use officine_protocol::{
    Uid,
    entities::{CUSTOMER, PRODUCT_SUPPLIER, SALE, SALE_RETURN},
    messages::{Cursor, Outcome},
    record::Record,
};
use serde_json::json;

use crate::{
    decisions::{accepted, code},
    rooms::Room,
    shop::{Shop, line, take},
};

/// A field of a row as a till reads it.
async fn field(room: &Room, device: &Device, uid: Uid, name: &str) -> serde_json::Value {
    let page = room.page(device, Cursor::default(), 1_000).await;
    page.rows.into_iter().find(|row| row.uid == uid).unwrap().fields.get(name).cloned().unwrap_or_default()
}

async fn flagged(room: &Room, device: &Device, uid: Uid) -> bool {
    field(room, device, uid, "flagged").await == json!(true)
}

pub async fn what_comes_back_is_on_the_shelf_and_no_number_is_given_twice(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, operations) = shop.stocked(&[9]);
    room.push(&device, &operations).await;
    let lines = [line(product, vec![take(lots[0], 3, "scanned")])];
    let (sale, stray) = (shop.sale(&lines), shop.uid());
    let back = shop.returned(sale.uid, &[line(product, vec![take(lots[0], 2, "")])]);
    let lost = shop.returned(stray, &lines);
    let verdicts = room.push(&device, &[back.clone(), lost]).await.verdicts;
    assert!(verdicts.iter().all(|verdict| code(&verdict.outcome) == "deferred"), "the ticket is not here yet");
    room.push(&device, std::slice::from_ref(&sale)).await;
    assert!(accepted(&room.push(&device, std::slice::from_ref(&back)).await.verdicts[0]));
    assert_eq!(room.lot(lots[0]).await, (8, false));
    assert!(!flagged(&room, &device, back.uid).await);
    let again = shop.returned(sale.uid, &[line(product, vec![take(lots[0], 2, "")])]);
    assert!(accepted(&room.push(&device, std::slice::from_ref(&again)).await.verdicts[0]), "two tills, one line");
    assert_eq!(room.lot(lots[0]).await, (10, false));
    assert!(flagged(&room, &device, again.uid).await, "four came back of three");
    shop.number = 1;
    let sold = shop.sale(&lines);
    shop.number = 0;
    let returned = shop.returned(sale.uid, &lines);
    for ticket in [sold, returned] {
        assert_eq!(code(&room.push(&device, &[ticket]).await.verdicts[0].outcome), "number_taken");
    }
}

pub async fn a_return_of_a_refused_ticket_moves_nothing(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, operations) = shop.stocked(&[1]);
    room.push(&device, &operations).await;
    let lines = [line(product, vec![take(lots[0], 5, "assumed")])];
    let sale = shop.sale(&lines);
    let back = shop.returned(sale.uid, &lines);
    let verdicts = room.push(&device, &[sale, back.clone()]).await.verdicts;
    assert_eq!(code(&verdicts[0].outcome), "stock_insufficient");
    let Outcome::Accepted { corrections, .. } = &verdicts[1].outcome else { panic!("{verdicts:?}") };
    assert_eq!((corrections.movements.len(), &corrections.movements[0]["delta"]), (1, &json!(-5)));
    assert_eq!(room.lot(lots[0]).await, (1, false));
    assert!(flagged(&room, &device, back.uid).await);
}

pub async fn a_ceiling_passed_is_flagged_and_a_repayment_makes_room(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, operations) = shop.stocked(&[99]);
    let (customer, born) = shop.customer("Aïssatou", "622", 3_000);
    room.push(&device, &[operations, vec![born]].concat()).await;
    let lines = [line(product, vec![take(lots[0], 2, "scanned")])];
    let mut sell = |customer| {
        let record = shop.ticket_for(&lines, customer, ("credit", ""));
        shop.birth(&SALE, &record)
    };
    let tickets = [Some(customer), Some(customer), None].map(&mut sell);
    for (ticket, over) in tickets.iter().zip([false, true, true]) {
        assert!(accepted(&room.push(&device, std::slice::from_ref(ticket)).await.verdicts[0]));
        assert_eq!(flagged(&room, &device, ticket.uid).await, over);
    }
    let paid = shop.repay(customer, None, 6_000, "A1");
    let record = shop.ticket_for(&lines, Some(customer), ("credit", ""));
    let after = shop.birth(&SALE, &record);
    room.push(&device, &[paid]).await;
    room.push(&device, std::slice::from_ref(&after)).await;
    assert!(!flagged(&room, &device, after.uid).await, "6 000 owed, 6 000 repaid, 3 000 more");
}

pub async fn a_repayment_of_a_refused_ticket_is_an_advance_of_its_customer(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, operations) = shop.stocked(&[2]);
    let (customer, born) = shop.customer("Aïssatou", "622", 0);
    let (other, stranger) = shop.customer("Binta", "623", 0);
    room.push(&device, &[operations, vec![born, stranger]].concat()).await;
    let lines = |count| [line(product, vec![take(lots[0], count, "scanned")])];
    let record = shop.ticket_for(&lines(5), Some(customer), ("credit", ""));
    let refused = shop.birth(&SALE, &record);
    assert_eq!(
        code(&room.push(&device, std::slice::from_ref(&refused)).await.verdicts[0].outcome),
        "stock_insufficient"
    );
    let paid = shop.repay(other, Some(refused.uid), 1_500, "A1");
    let verdict = room.push(&device, std::slice::from_ref(&paid)).await.verdicts.remove(0);
    let Outcome::Accepted { corrections, .. } = &verdict.outcome else { panic!("{verdict:?}") };
    assert_eq!(corrections.fields["customer"], json!(customer));
    assert_eq!(field(&room, &device, paid.uid, "customer").await, json!(customer));
    let record = shop.ticket_for(&lines(1), Some(customer), ("credit", ""));
    let covered = shop.birth(&SALE, &record);
    room.push(&device, std::slice::from_ref(&covered)).await;
    assert!(!flagged(&room, &device, covered.uid).await, "1 500 in advance, 1 500 on the account, no credit");
}

pub async fn a_telephone_payment_borne_twice_is_flagged(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, operations) = shop.stocked(&[99]);
    let (customer, born) = shop.customer("Aïssatou", "622", 0);
    room.push(&device, &[operations, vec![born]].concat()).await;
    let lines = [line(product, vec![take(lots[0], 1, "scanned")])];
    let mut pay = |means, reference| {
        let record = shop.ticket_for(&lines, None, (means, reference));
        shop.birth(&SALE, &record)
    };
    let first = pay("orange_money", "OM-1");
    let others = [("mtn_momo", "OM-1", false), ("orange_money", "OM-2", false), ("orange_money", "OM-1", true)];
    room.push(&device, &[first]).await;
    for (means, reference, reused) in others {
        let ticket = pay(means, reference);
        assert!(accepted(&room.push(&device, std::slice::from_ref(&ticket)).await.verdicts[0]));
        assert_eq!(flagged(&room, &device, ticket.uid).await, reused, "{means} {reference}");
    }
    let repaid = shop.repay(customer, None, 500, "OM-2");
    room.push(&device, std::slice::from_ref(&repaid)).await;
    assert!(flagged(&room, &device, repaid.uid).await);
}

pub async fn what_paid_a_ticket_that_does_not_stand_pays_another(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, operations) = shop.stocked(&[9]);
    room.push(&device, &operations).await;
    let lines = |count| [line(product, vec![take(lots[0], count, "scanned")])];
    let sell = |shop: &mut Shop, count| {
        let record = shop.ticket_for(&lines(count), None, ("orange_money", "OM-1"));
        shop.birth(&SALE, &record)
    };
    let cancel = |shop: &mut Shop, sale| {
        let mut record = shop.bring_back(sale, &lines(1), "shelf");
        record.set(&SALE_RETURN, "kind", "cancellation");
        let payment = &mut record.part_mut(&SALE_RETURN, "payments").unwrap()[0];
        (payment[1], payment[3]) = ("orange_money".into(), "OM-1".into());
        shop.birth(&SALE_RETURN, &record)
    };
    let refused = sell(&mut shop, 99);
    let verdicts = room.push(&device, &[refused]).await.verdicts;
    assert_eq!(code(&verdicts[0].outcome), "stock_insufficient");
    let first = sell(&mut shop, 1);
    room.push(&device, std::slice::from_ref(&first)).await;
    let (cancelled, second) = (cancel(&mut shop, first.uid), sell(&mut shop, 1));
    room.push(&device, &[cancelled, second.clone()]).await;
    let cancelled = cancel(&mut shop, second.uid);
    room.push(&device, &[cancelled]).await;
    let [third, fourth] = [1, 1].map(|count| sell(&mut shop, count));
    room.push(&device, std::slice::from_ref(&third)).await;
    room.push(&device, std::slice::from_ref(&fourth)).await;
    for (ticket, reused) in [(first, false), (second, false), (third, false), (fourth, true)] {
        assert_eq!(flagged(&room, &device, ticket.uid).await, reused, "ticket {}", ticket.uid);
    }
}

pub async fn a_closed_drawer_never_changes(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (drawer, born) = shop.drawer();
    let owner = shop.owner();
    room.push(&device, &[owner, born]).await;
    let fields = json!({ "closedAt": 1, "closedBy": shop.user, "counted": 5_000, "expected": 5_000 });
    let close = |shop: &mut Shop, fields| shop.edit(&officine_protocol::entities::CASH_SESSION, drawer, fields);
    let edits = [
        close(&mut shop, fields.clone()),
        close(&mut shop, fields),
        close(&mut shop, json!({ "counted": 4_000 })),
        shop.operation(&officine_protocol::entities::CASH_SESSION, officine_protocol::messages::Action::Delete, drawer),
    ];
    let mut codes = Vec::new();
    for edit in edits {
        codes.push(code(&room.push(&device, &[edit]).await.verdicts[0].outcome).to_owned());
    }
    assert_eq!(codes, ["accepted", "accepted", "session_closed", "session_closed"]);
}

pub async fn twins_are_what_the_declaration_says(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, _, operations) = shop.stocked(&[1]);
    let (supplier, born) = shop.supplier("Spharma");
    room.push(&device, &[operations, vec![born]].concat()).await;
    let mut link = |reference: &str| {
        let mut record = Record::new(&PRODUCT_SUPPLIER, shop.uid(), shop.now);
        record.set(&PRODUCT_SUPPLIER, "product", product).set(&PRODUCT_SUPPLIER, "supplier", supplier);
        record.set(&PRODUCT_SUPPLIER, "reference", reference).set(&PRODUCT_SUPPLIER, "pack_size", 1);
        shop.birth(&PRODUCT_SUPPLIER, &record)
    };
    let (first, second) = (link("R1"), link("R2"));
    room.push(&device, std::slice::from_ref(&first)).await;
    let verdict = room.push(&device, &[second]).await.verdicts.remove(0);
    let Outcome::Accepted { corrections, .. } = verdict.outcome else { panic!("{verdict:?}") };
    assert_eq!(corrections.merged_into, Some(first.uid));
    let (one, born) = shop.customer("Aïssatou", "622", 0);
    let (two, again) = shop.customer("A. Bah", "622", 0);
    room.push(&device, &[born]).await;
    assert!(accepted(&room.push(&device, &[again]).await.verdicts[0]));
    let page = room.page(&device, Cursor::default(), 1_000).await;
    let customers: Vec<Uid> = page.rows.iter().filter(|row| row.entity == CUSTOMER.name).map(|row| row.uid).collect();
    assert_eq!(customers, [one, two], "a person decides");
}

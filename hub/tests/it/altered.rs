//! What somebody altered in the hub's tables, and a till still has as it was.

use officine_protocol::{limits::SCHEMA, messages::WireRow};
use serde_json::json;

use crate::{
    lying::{chained, offered, pushed, row, with},
    pages::everything,
    rooms::Room,
    shop::{line, take},
};

pub async fn a_row_gets_back_what_the_hub_lost_of_it_and_nothing_else(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, mut operations) = shop.stocked(&[9]);
    let sale = shop.sale(&[line(product, vec![take(lots[0], 2, "scanned")])]);
    operations.push(sale.clone());
    pushed(&room, &device, &operations).await;
    let told = everything(&room, &device, 100).await;
    let mut sold = row(&told, sale.uid);
    let items = sold.parts["items"].clone();
    sold.parts.get_mut("items").unwrap().push(items[0].clone());
    sold.parts.get_mut("items").unwrap()[1].insert("line".into(), json!(2));
    room.damage("DELETE FROM product_code; DELETE FROM stock_movement WHERE document_kind = 1; UPDATE product_batch SET quantity = 9")
        .await;
    let dearer = with(&row(&told, product), row(&told, product).rev, "name", json!("Autre"));
    let older = WireRow { rev: row(&told, product).rev - 1, ..row(&told, product) };
    assert_eq!(offered(&room, &device, (1, SCHEMA), &[dearer, older]).await, ["kept"; 2]);
    assert_eq!(offered(&room, &device, (1, SCHEMA), &[sold]).await, ["kept"], "nothing is added to a ticket");
    let both = [row(&told, product), row(&told, sale.uid)];
    assert_eq!(offered(&room, &device, (1, SCHEMA), &both).await, ["taken"; 2]);
    assert_eq!(offered(&room, &device, (1, SCHEMA), &both).await, ["kept"; 2], "once");
    let now = everything(&room, &device, 100).await;
    assert_eq!(row(&now, product).parts, row(&told, product).parts);
    assert_eq!(row(&now, sale.uid).parts, row(&told, sale.uid).parts);
    assert_eq!(room.lot(lots[0]).await, (7, false));
}

pub async fn a_ticket_that_was_altered_here_is_written_as_it_was_printed(room: Room) {
    let (device, mut shop) = room.till(5).await;
    let (other, _) = room.till(6).await;
    let (product, lots, operations) = shop.stocked(&[9]);
    pushed(&room, &device, &operations).await;
    let sales: Vec<_> = (0..2).map(|_| shop.sale(&[line(product, vec![take(lots[0], 2, "scanned")])])).collect();
    pushed(&room, &device, &sales).await;
    let told = everything(&room, &device, 100).await;
    let [first, last] = [&sales[0], &sales[1]].map(|sale| row(&told, sale.uid));
    let dearer = chained(&last, |ticket| _ = ticket.fields.insert("tendered".into(), json!(9_999)));
    assert_eq!(offered(&room, &device, (1, SCHEMA), &[dearer]).await, ["kept"], "the one that is here is sound");
    room.damage(
        "UPDATE stock_movement SET delta = delta - 1 WHERE document_kind = 1; UPDATE product_batch SET quantity = 3; \
         UPDATE sale SET total = 1, previous_hash = hash; UPDATE sale_item SET name = 'Faux'",
    )
    .await;
    let forged = with(&first, first.rev, "tendered", json!(9_999));
    assert_eq!(offered(&room, &other, (1, SCHEMA), &[forged]).await, ["kept"], "it is no link");
    let both = [first.clone(), last.clone()];
    assert_eq!(offered(&room, &other, (1, SCHEMA), &both).await, ["taken"; 2]);
    let again = everything(&room, &device, 100).await;
    for sale in [&first, &last] {
        let now = row(&again, sale.uid);
        assert_eq!((&now.fields, &now.parts), (&sale.fields, &sale.parts));
    }
    assert_eq!(room.lot(lots[0]).await, (5, false), "what was printed is what was moved");
    assert_eq!(offered(&room, &other, (1, SCHEMA), &both).await, ["kept"; 2], "once");
}

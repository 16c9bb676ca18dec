//! Tickets refused before anybody looked at the stock: their numbers are borne, and they are settled like any other.

use officine_hub::{
    decide::{Changes, Device, WorkingSet, decide},
    operation::Prepared,
};
use officine_protocol::{
    Uid,
    entities::SALE,
    messages::{Cursor, Operation, Outcome},
    record::Record,
    value::Value,
};
use serde_json::json;

use crate::{
    decisions::{accepted, code},
    rooms::Room,
    shop::{Line, Shop, line, take},
};

struct Sold {
    device: Device,
    shop: Shop,
    lot: Uid,
    lines: Vec<Line>,
}

async fn nine(room: &Room) -> Sold {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, operations) = shop.stocked(&[9]);
    room.push(&device, &operations).await;
    let lines = vec![line(product, vec![take(lots[0], 2, "assumed")])];
    Sold { device, shop, lot: lots[0], lines }
}

impl Sold {
    fn sale(&mut self) -> (Record, Operation) {
        let record = self.shop.ticket(&self.lines);
        (record.clone(), self.shop.birth(&SALE, &record))
    }

    /// The ticket is stored as one that moves nothing, and a decision on it stands.
    async fn settles(mut self, room: &Room, sale: &Record, why: &str) {
        let page = room.page(&self.device, Cursor::default(), 1_000).await;
        let row = page.rows.iter().find(|row| row.uid == sale.uid).unwrap();
        assert_eq!((&row.fields["state"], &row.fields["reasonCode"]), (&json!("reversed"), &json!(why)));
        assert_eq!(room.lot(self.lot).await, (9, false));
        let decided = self.shop.settle(sale, "cancelled", &[]);
        let verdict = room.push(&self.device, std::slice::from_ref(&decided)).await.verdicts.remove(0);
        let Outcome::Accepted { corrections, .. } = verdict.outcome else { panic!("{verdict:?}") };
        assert!(corrections.is_empty(), "{corrections:?}");
        let (_, next) = self.sale();
        assert!(accepted(&room.push(&self.device, &[next]).await.verdicts[0]));
        let page = room.page(&self.device, Cursor::default(), 1_000).await;
        let mut numbers: Vec<_> = page.rows.iter().filter_map(|row| row.fields.get("number")?.as_i64()).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=self.shop.number).collect::<Vec<_>>(), "no number is missing");
    }
}

fn stored(outcome: &Outcome) -> Option<i64> {
    match outcome {
        Outcome::Rejected { server_id, .. } => *server_id,
        _ => None,
    }
}

pub async fn what_can_be_read_of_a_refused_ticket_is_stored_and_settled(room: Room) {
    let mut sold = nine(&room).await;
    let (sale, mut operation) = sold.sale();
    operation.fields.insert("tendered".into(), json!(-1));
    operation.fields.insert("unheardOf".into(), json!("x"));
    let again = sold.shop.again(&operation);
    let [first, other] = [operation, again].map(|operation| [operation]);
    let outcome = room.push(&sold.device, &first).await.verdicts.remove(0).outcome;
    assert_eq!(code(&outcome), "field_invalid");
    assert!(stored(&outcome).is_some());
    let twice = room.push(&sold.device, &first).await.verdicts.remove(0);
    assert!(twice.duplicate && twice.outcome == outcome);
    let renewed = room.push(&sold.device, &other).await.verdicts.remove(0).outcome;
    assert_eq!((code(&renewed), stored(&renewed)), ("field_invalid", stored(&outcome)));
    let (nameless, mut operation) = sold.sale();
    operation.fields.insert("number".into(), json!("un"));
    sold.shop.number -= 1;
    sold.shop.previous = sale.get(&SALE, "hash").bytes().unwrap().try_into().unwrap();
    let outcome = room.push(&sold.device, &[operation]).await.verdicts.remove(0).outcome;
    assert_eq!((code(&outcome), stored(&outcome)), ("field_invalid", None), "{}", nameless.uid);
    sold.settles(&room, &sale, "field_invalid").await;
}

pub async fn a_ticket_under_a_key_of_another_or_a_sequence_of_its_own_request_is_stored(room: Room) {
    let mut sold = nine(&room).await;
    let (_, supplier) = sold.shop.supplier("Spharma");
    let (sale, operation) = sold.sale();
    let twice = Operation { seq: supplier.seq, ..operation.clone() };
    let first = room.push(&sold.device, &[supplier.clone(), twice]).await.verdicts.remove(1).outcome;
    let reused = Operation { key: supplier.key, ..operation };
    let second = room.push(&sold.device, &[reused]).await.verdicts.remove(0).outcome;
    for outcome in [first, second] {
        assert_eq!(code(&outcome), "key_reused");
        assert!(stored(&outcome).is_some());
    }
    sold.settles(&room, &sale, "key_reused").await;
}

/// Stores tickets without a sum, which no table takes.
fn sumless(working: &mut WorkingSet, operations: &[Prepared]) -> Changes {
    let mut changes = decide(working, operations);
    let sales = changes.rows.get_mut(SALE.name).into_iter().flatten();
    sales.for_each(|(_, row)| _ = row.record.set(&SALE, "total", Value::Null));
    changes
}

pub async fn a_ticket_that_the_database_objects_to_is_stored_void(room: Room) {
    let mut sold = nine(&room).await;
    let (sale, operation) = sold.sale();
    let pushed = room.push_with(&sold.device, &[operation], sumless).await.unwrap();
    let outcome = &pushed.verdicts[0].outcome;
    assert_eq!(code(outcome), "storage_refused");
    assert!(stored(outcome).is_some());
    sold.settles(&room, &sale, "storage_refused").await;
}

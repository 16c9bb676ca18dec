//! Decisions on refused tickets: the first to reach the hub stands, and everybody is told what became of the ticket.

use officine_hub::decide::Device;
use officine_protocol::{
    Uid,
    chain::{self, Printed, PrintedPayment},
    entities::{SALE, SALE_RETURN, SALE_SETTLEMENT},
    messages::{Corrections, Cursor, Operation, Outcome, Verdict},
    record::Record,
    value::Value,
};
use serde_json::{Value as Json, json};

use crate::{
    decisions::{accepted, code},
    rooms::Room,
    shop::{Line, Shop, line, movement, take},
};

impl Shop {
    /// A decision on a ticket; what is kept takes these lines again.
    pub fn settle(&mut self, sale: &Record, decision: &'static str, lines: &[Line]) -> Operation {
        self.number += 1;
        let total = if decision == "cancelled" { sale.get(&SALE, "total").int().unwrap() } else { 0 };
        let mut record = Record::new(&SALE_SETTLEMENT, self.uid(), self.now);
        record.set(&SALE_SETTLEMENT, "series", self.series).set(&SALE_SETTLEMENT, "number", self.number);
        record.set(&SALE_SETTLEMENT, "sale", sale.uid).set(&SALE_SETTLEMENT, "user", self.user);
        record.set(&SALE_SETTLEMENT, "customer", sale.get(&SALE, "customer").clone());
        record.set(&SALE_SETTLEMENT, "occurred_at", self.now).set(&SALE_SETTLEMENT, "decision", decision);
        record.set(&SALE_SETTLEMENT, "sold_at", sale.get(&SALE, "occurred_at").clone());
        record.set(&SALE_SETTLEMENT, "reason", "vu").set(&SALE_SETTLEMENT, "total", total);
        record.set(&SALE_SETTLEMENT, "chain_version", chain::VERSION);
        for (line, n) in lines.iter().zip(1_i64..) {
            let rows = line.takes.iter().map(|take| movement(n, take.lot, -take.quantity, "regularised", take.number));
            record.part_mut(&SALE_SETTLEMENT, "movements").unwrap().extend(rows);
        }
        let payment = vec![1.into(), "cash".into(), total.into(), Value::Null];
        let paid = (total > 0).then_some(payment);
        record.part_mut(&SALE_SETTLEMENT, "payments").unwrap().extend(paid);
        let printed = Printed {
            version: chain::VERSION,
            uid: record.uid,
            series: self.series,
            number: self.number,
            occurred_at: self.now,
            user: self.user,
            total,
            tendered: 0,
            lines: vec![],
            kind: decision,
            takes_back: Some(sale.uid),
            customer: sale.get(&SALE, "customer").uid(),
            discount: 0,
            rounding: 0,
            payments: (total > 0)
                .then_some(PrintedPayment { means: "cash", amount: total, reference: "" })
                .into_iter()
                .collect(),
        };
        self.chained(&SALE_SETTLEMENT, &mut record, &printed);
        Operation { user: Some(self.user), ..self.birth(&SALE_SETTLEMENT, &record) }
    }
}

/// A pharmacy with two boxes, and a ticket of five on a customer's account that was refused.
struct Refused {
    device: Device,
    shop: Shop,
    lot: Uid,
    customer: Uid,
    lines: Vec<Line>,
    sale: Record,
}

async fn refused(room: &Room) -> Refused {
    let (device, mut shop) = room.till(5).await;
    let (product, lots, operations) = shop.stocked(&[2]);
    let (customer, born) = shop.customer("Aïssatou", "622", 7_500);
    room.push(&device, &[operations, vec![born]].concat()).await;
    let lines = vec![line(product, vec![take(lots[0], 5, "assumed")])];
    let sale = shop.ticket_for(&lines, Some(customer), ("credit", ""));
    let operation = shop.birth(&SALE, &sale);
    let verdict = room.push(&device, &[operation]).await.verdicts.remove(0);
    assert_eq!(code(&verdict.outcome), "stock_insufficient");
    Refused { device, shop, lot: lots[0], customer, lines, sale }
}

async fn rows(room: &Room, device: &Device, uid: Uid) -> (serde_json::Map<String, Json>, Vec<Json>) {
    let page = room.page(device, Cursor::default(), 1_000).await;
    let row = page.rows.into_iter().find(|row| row.uid == uid).unwrap();
    let movements = row.parts.get("movements").cloned().unwrap_or_default();
    (row.fields, movements.into_iter().map(Json::Object).collect())
}

async fn push(room: &Room, device: &Device, operation: &Operation) -> Verdict {
    room.push(device, std::slice::from_ref(operation)).await.verdicts.remove(0)
}

fn corrections(verdict: &Verdict) -> &Corrections {
    let Outcome::Accepted { corrections, .. } = &verdict.outcome else { panic!("{verdict:?}") };
    corrections
}

pub async fn kept_the_goods_have_left_below_zero_and_a_recount_is_open(room: Room) {
    let Refused { device, mut shop, lot, customer, lines, sale } = refused(&room).await;
    let kept = shop.settle(&sale, "kept", &lines);
    assert!(corrections(&push(&room, &device, &kept).await).is_empty());
    assert_eq!(room.lot(lot).await, (-3, true));
    let (fields, _) = rows(&room, &device, sale.uid).await;
    assert_eq!((&fields["state"], &fields["reasonCode"]), (&json!("regularised"), &json!("stock_insufficient")));
    let (settled, _) = rows(&room, &device, kept.uid).await;
    assert_eq!((&settled["superseded"], &settled["flagged"]), (&json!(false), &json!(false)));
    let small = shop.ticket_for(&[Line { in_hand: true, ..line_of(&lines, 1) }], Some(customer), ("credit", ""));
    let more = shop.birth(&SALE, &small);
    push(&room, &device, &more).await;
    let (fields, _) = rows(&room, &device, more.uid).await;
    assert_eq!(fields["flagged"], json!(true), "7 500 owed again, 1 500 more");
    let back = shop.returned(sale.uid, &[line_of(&lines, 2)]);
    assert!(corrections(&push(&room, &device, &back).await).movements.is_empty(), "it is returned as any other");
    assert_eq!(room.lot(lot).await, (-2, true));
}

fn line_of(lines: &[Line], count: i64) -> Line {
    let mut line = lines[0].clone();
    line.takes[0].quantity = count;
    line
}

pub async fn cancelled_nothing_moves_and_what_is_owed_is_not(room: Room) {
    let Refused { device, mut shop, lot, lines, sale, .. } = refused(&room).await;
    let cancelled = shop.settle(&sale, "cancelled", &[]);
    assert!(corrections(&push(&room, &device, &cancelled).await).is_empty());
    assert_eq!(room.lot(lot).await, (2, false));
    let (fields, _) = rows(&room, &device, sale.uid).await;
    assert_eq!(fields["state"], json!("reversed"));
    let back = shop.returned(sale.uid, &lines);
    assert_eq!(corrections(&push(&room, &device, &back).await).movements.len(), 1, "there is nothing to bring back");
}

pub async fn the_first_decision_stands_and_the_second_is_stored_void(room: Room) {
    let Refused { device, mut shop, lot, lines, sale, .. } = refused(&room).await;
    let (other, mut second) = room.till(6).await;
    let mut manager = shop.person(second.user, "fanta", "manager");
    manager.user = Some(shop.user);
    room.push(&other, &[manager]).await;
    let cancelled = second.settle(&sale, "cancelled", &[]);
    let kept = shop.settle(&sale, "kept", &lines);
    assert!(corrections(&push(&room, &other, &cancelled).await).is_empty());
    let late = push(&room, &device, &kept).await;
    let told = corrections(&late);
    assert_eq!((&told.fields["superseded"], &told.fields["flagged"]), (&json!(true), &json!(true)));
    assert_eq!((told.movements.len(), &told.movements[0]["delta"]), (1, &json!(5)));
    assert_eq!(room.lot(lot).await, (2, false));
    let (fields, movements) = rows(&room, &device, kept.uid).await;
    assert_eq!((&fields["superseded"], movements.len()), (&json!(true), 2));
    let again = push(&room, &device, &kept).await;
    assert!(again.duplicate && corrections(&again) == told, "asked again, told again");
    let third = shop.settle(&sale, "withdrawn", &[]);
    assert!(corrections(&push(&room, &device, &third).await).fields.contains_key("superseded"));
    let (number, series) = (shop.number, shop.series);
    assert_eq!((third.fields["number"].as_i64(), third.fields["series"].as_i64()), (Some(number), Some(series)));
}

pub async fn a_decision_on_a_ticket_that_stands_or_that_does_not_add_up_is_void(room: Room) {
    let Refused { device, mut shop, lot, lines, sale, .. } = refused(&room).await;
    let sold = shop.ticket(&[line_of(&lines, 1)]);
    let operation = shop.birth(&SALE, &sold);
    assert!(accepted(&push(&room, &device, &operation).await));
    let needless = shop.settle(&sold, "kept", &[line_of(&lines, 1)]);
    let too_much = shop.settle(&sale, "kept", &[line_of(&lines, 9)]);
    let mut elsewhen = shop.settle(&sale, "cancelled", &[]);
    elsewhen.fields.insert("soldAt".into(), json!(5));
    for void in [needless, too_much, elsewhen] {
        let verdict = push(&room, &device, &void).await;
        assert_eq!(corrections(&verdict).fields.get("superseded"), Some(&json!(true)), "{void:?}");
        assert_eq!(room.lot(lot).await, (1, false));
    }
    let kept = shop.settle(&sale, "kept", &lines);
    assert!(corrections(&push(&room, &device, &kept).await).is_empty(), "what is void keeps nobody from deciding");
    assert_eq!(room.lot(lot).await, (-4, true));
}

pub async fn what_came_back_before_it_was_kept_is_back(room: Room) {
    let Refused { device, mut shop, lot, lines, sale, .. } = refused(&room).await;
    let back = shop.returned(sale.uid, &[line_of(&lines, 2)]);
    assert_eq!(corrections(&push(&room, &device, &back).await).movements.len(), 1);
    assert_eq!(room.lot(lot).await, (2, false));
    let kept = shop.settle(&sale, "kept", &lines);
    let verdict = push(&room, &device, &kept).await;
    assert_eq!((corrections(&verdict).movements.len(), &corrections(&verdict).movements[0]["delta"]), (1, &json!(2)));
    assert_eq!(room.lot(lot).await, (-1, true), "two boxes, five gone, two back");
    let again = shop.returned(sale.uid, &[line_of(&lines, 4)]);
    push(&room, &device, &again).await;
    let (fields, _) = rows(&room, &device, again.uid).await;
    assert_eq!(fields["flagged"], json!(true), "six of five");
    assert_eq!(SALE_RETURN.name, again.entity);
}

pub async fn what_is_kept_counts_from_the_sale(room: Room) {
    let Refused { device, mut shop, lot, lines, sale, .. } = refused(&room).await;
    shop.now += 1_000;
    let count = shop.count(&[(lot, "shelf", 7, shop.now)], &[]);
    push(&room, &device, &count).await;
    shop.now += 1_000;
    let kept = shop.settle(&sale, "kept", &lines);
    push(&room, &device, &kept).await;
    assert_eq!(room.lot(lot).await.0, 7, "the boxes had left when the lot was counted");
}

/// Whoever decided, or took back, may not any more: the number is borne, nothing has moved, and the next one decides.
pub async fn what_somebody_may_not_is_stored_and_moves_nothing(room: Room) {
    let Refused { device, mut shop, lot, lines, sale, .. } = refused(&room).await;
    let (cashier, seller) = (shop.uid(), shop.user);
    let born = shop.person(cashier, "binta", "cashier");
    let sold = shop.ticket(&[line_of(&lines, 1)]);
    let operation = shop.birth(&SALE, &sold);
    room.push(&device, &[born, operation]).await;
    let kept = Operation { user: Some(cashier), ..shop.settle(&sale, "kept", &lines) };
    let back = Operation { user: Some(cashier), ..shop.returned(sold.uid, &[line_of(&lines, 1)]) };
    for (operation, moved) in [(&kept, 2), (&back, 2)] {
        let verdict = push(&room, &device, operation).await;
        let Outcome::Rejected { code, server_id: Some(_), rev: Some(_), .. } = &verdict.outcome else {
            panic!("{verdict:?}")
        };
        let (fields, movements) = rows(&room, &device, operation.uid).await;
        assert_eq!((code.as_str(), movements.len(), &fields["flagged"]), ("not_permitted", moved, &json!(true)));
        assert_eq!(room.lot(lot).await, (1, false), "{}", operation.entity);
        assert!(push(&room, &device, operation).await.duplicate);
    }
    let (fields, _) = rows(&room, &device, kept.uid).await;
    assert_eq!(fields["superseded"], json!(true));
    let nobody = Operation { user: None, ..shop.settle(&sale, "kept", &lines) };
    assert_eq!(corrections(&push(&room, &device, &nobody).await).fields.get("superseded"), Some(&json!(true)));
    let money = Operation { user: None, ..shop.settle(&sale, "cancelled", &[]) };
    assert_eq!(corrections(&push(&room, &device, &money).await).fields.get("superseded"), Some(&json!(true)));
    let mut refused = shop.sale(&[line_of(&lines, 1)]);
    refused.user = Some(seller);
    assert!(accepted(&push(&room, &device, &refused).await));
    let kept = shop.settle(&sale, "kept", &lines);
    assert!(corrections(&push(&room, &device, &kept).await).is_empty(), "it waited for whoever may");
}

pub async fn only_the_till_that_sold_withdraws(room: Room) {
    let Refused { device, mut shop, sale, .. } = refused(&room).await;
    let (other, mut second) = room.till(6).await;
    second.user = shop.user;
    let elsewhere = second.settle(&sale, "withdrawn", &[]);
    assert_eq!(corrections(&push(&room, &other, &elsewhere).await).fields.get("superseded"), Some(&json!(true)));
    let own = Operation { user: None, ..shop.settle(&sale, "withdrawn", &[]) };
    assert!(corrections(&push(&room, &device, &own).await).is_empty());
}

pub async fn money_given_back_twice_is_flagged_and_the_decision_stands(room: Room) {
    let Refused { device, mut shop, lines, sale, .. } = refused(&room).await;
    let back = shop.returned(sale.uid, &[line_of(&lines, 1)]);
    push(&room, &device, &back).await;
    let cancelled = shop.settle(&sale, "cancelled", &[]);
    assert!(corrections(&push(&room, &device, &cancelled).await).is_empty());
    let (fields, _) = rows(&room, &device, cancelled.uid).await;
    assert_eq!((&fields["superseded"], &fields["flagged"]), (&json!(false), &json!(true)));
}

/// What came back went to a lot that was counted since: it holds what was counted, and its movements say so.
pub async fn what_came_back_to_quarantine_counted_since_is_in_its_count(room: Room) {
    let mut story = refused(&room).await;
    let (apart, mut born) = story.shop.lot(story.lines[0].product, "L1", Some(20_270_101));
    born.fields.insert("quarantine".into(), true.into());
    room.push(&story.device, &[born]).await;
    counted_since(&room, story, apart).await;
}

pub async fn what_came_back_to_its_own_lot_counted_since_is_in_its_count(room: Room) {
    let story = refused(&room).await;
    let own = story.lot;
    counted_since(&room, story, own).await;
}

async fn counted_since(room: &Room, story: Refused, to: Uid) {
    let Refused { device, mut shop, lines, sale, .. } = story;
    let mut came = line_of(&lines, 2);
    came.takes[0].lot = to;
    let back = shop.returned(sale.uid, &[came]);
    push(room, &device, &back).await;
    shop.now += 1_000;
    let before = room.lot(to).await.0;
    let count = shop.count(&[(to, "shelf", 7, shop.now)], &[(to, 7 - before)]);
    push(room, &device, &count).await;
    assert_eq!(room.lot(to).await.0, 7);
    shop.now += 1_000;
    let kept = shop.settle(&sale, "kept", &lines);
    assert!(accepted(&push(room, &device, &kept).await));
    assert_eq!(
        (room.lot(to).await.0, moved_of(room, &device, to).await),
        (7, 7),
        "its movements come to what it holds"
    );
}

async fn moved_of(room: &Room, device: &Device, lot: Uid) -> i64 {
    let page = room.page(device, Cursor::default(), 1_000).await;
    let movements = page.rows.iter().filter_map(|row| row.parts.get("movements")).flatten();
    let own = movements.filter(|movement| movement["batch"] == json!(lot));
    own.map(|movement| movement["delta"].as_i64().unwrap()).sum()
}

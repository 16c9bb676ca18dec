//! One decision answers every question about the same places of a row, and what is put back finds its room.

use officine_protocol::{
    Uid,
    entities::{PRODUCT, PRODUCT_BATCH},
    messages::Operation,
};
use serde_json::{Value as Json, json};

use super::duel::{Duel, lost, said, won};
use crate::rooms::Room;

impl Duel {
    /// An edit of the lot at a till, upon what all have seen.
    fn of_both(&mut self, till: usize, day: &str, number: &str) -> Operation {
        let (lot, old) = (self.lot, json!({ "expiry": "2027-01-01", "lotNumber": "L0" }));
        self.edit(till, 700, (&PRODUCT_BATCH, lot), json!({ "expiry": day, "lotNumber": number }), old)
    }

    /// The expiry written on three tills: the two conflicts' uids.
    async fn three_expiries(&mut self) -> [Uid; 2] {
        let first = self.expiry(0, 500, "2028-01-31");
        assert_eq!(lost(&self.push(0, &first).await), won());
        let (second, third) = (self.expiry(1, 600, "2027-12-31"), self.expiry(2, 700, "2029-05-31"));
        assert_eq!(lost(&self.push(1, &second).await).0, "edit");
        assert_eq!(lost(&self.push(2, &third).await).0, "edit");
        assert_eq!(self.open().await.len(), 2);
        [second.key, third.key]
    }

    async fn how_settled(&self, conflict: Uid) -> (Json, Json) {
        let row = self.row(conflict).await.fields;
        let said: Json = serde_json::from_str(row["resolution"].as_str().unwrap()).unwrap();
        assert_eq!(row["resolvedBy"], json!(self.owner));
        (said["strategy"].clone(), said["fields"].clone())
    }
}

pub async fn one_answer_closes_every_question_that_asks_no_more(room: Room) {
    let mut duel = Duel::of(room, None).await;
    let [one, other] = duel.three_expiries().await;
    let taken = duel.of_lot("till", &json!({ "expiry": "2027-12-31" }));
    assert_eq!(duel.resolve(0, one, &taken).await, won());
    assert!(duel.open().await.is_empty(), "the price of one lot is asked once");
    assert_eq!(duel.field(duel.lot, "expiry").await, json!("2027-12-31"));
    assert_eq!(duel.how_settled(one).await, (json!("till"), json!({ "expiry": "2027-12-31" })));
    assert_eq!(duel.how_settled(other).await, (json!("picked"), json!({ "expiry": "2027-12-31" })));
    let told = duel.told("conflict", other).await;
    assert!(
        told.iter().any(|(field, _, _, kind, how)| field == "resolution" && kind == "resolution" && how == "picked")
    );
    let lot = duel.told("productBatch", duel.lot).await;
    let not_taken = said("expiry", json!("2029-05-31"), json!("2028-01-31"), "conflict", "manual");
    assert!(lot.contains(&not_taken), "what nobody took is in the log: {lot:?}");
    let hub = duel.of_lot("hub", &json!({}));
    assert_eq!(duel.resolve(1, other, &hub).await.0, "conflict_settled");
    let [one, other] = Duel::of(Room::new(duel.room.app.store.clone()).await, None).await.hubs_stays().await;
    assert_eq!([one, other], [(json!("hub"), json!({})), (json!("hub"), json!({}))], "the hub's stays for both");
}

impl Duel {
    async fn hubs_stays(&mut self) -> [(Json, Json); 2] {
        let [one, other] = self.three_expiries().await;
        let hub = self.of_lot("hub", &json!({}));
        assert_eq!(self.resolve(0, other, &hub).await, won());
        assert!(self.open().await.is_empty());
        [self.how_settled(one).await, self.how_settled(other).await]
    }
}

pub async fn a_question_that_asks_more_stays_open(room: Room) {
    let mut duel = Duel::of(room, None).await;
    let both = [duel.of_both(0, "2028-01-31", "A1"), duel.of_both(1, "2027-12-31", "B2")];
    for (till, edit) in both.iter().enumerate() {
        duel.push(till, edit).await;
    }
    let day = duel.expiry(2, 900, "2029-05-31");
    duel.push(2, &day).await;
    let taken = duel.of_lot("till", &json!({ "expiry": "2029-05-31" }));
    assert_eq!(duel.resolve(0, day.key, &taken).await, won());
    let open = duel.open().await;
    assert_eq!(open.iter().map(|(uid, ..)| *uid).collect::<Vec<_>>(), [both[1].key], "it asks for the number too");
    let number = duel.of_lot("picked", &json!({ "lotNumber": "B2" }));
    assert_eq!(duel.resolve(0, both[1].key, &number).await, won());
    assert_eq!(duel.field(duel.lot, "expiry").await, json!("2029-05-31"));
}

pub async fn an_edit_upon_a_conflict_answers_it(room: Room) {
    let mut duel = Duel::of(room, None).await;
    let [one, other] = duel.three_expiries().await;
    let clerk = duel.tills[0].1.uid();
    let owner = duel.owner;
    let born = duel.tills[0].1.person(clerk, "binta", "pharmacist");
    duel.push(0, &Operation { user: Some(owner), ..born }).await;
    let lot = duel.lot;
    let upon = |duel: &mut Duel, rev: i64, day: &str, old: &str| {
        let edit = duel.edit(0, 5_000, (&PRODUCT_BATCH, lot), json!({ "expiry": day }), json!({ "expiry": old }));
        Operation { base_rev: Some(rev), ..edit }
    };
    let number = duel.edit(0, 4_000, (&PRODUCT_BATCH, lot), json!({ "lotNumber": "Z9" }), json!({}));
    let number = Operation { base_rev: Some(duel.row(lot).await.rev), ..number };
    assert_eq!(lost(&duel.push(0, &number).await), won());
    assert_eq!(duel.open().await.len(), 2, "another place");
    let rev = duel.row(lot).await.rev;
    let edit = upon(&mut duel, rev, "2030-01-31", "2028-01-31");
    let by_clerk = Operation { user: Some(clerk), ..edit.clone() };
    let verdict = lost(&duel.push(0, &by_clerk).await);
    assert!(verdict == won() || verdict.0 == "not_permitted", "{verdict:?}");
    assert_eq!(duel.open().await.len(), 2, "who may not resolve answers nothing");
    let rev = duel.row(lot).await.rev;
    let now = duel.field(lot, "expiry").await;
    let edit = upon(&mut duel, rev, "2031-01-31", now.as_str().unwrap());
    assert_eq!(lost(&duel.push(0, &edit).await), won());
    assert!(duel.open().await.is_empty(), "whoever saw the values and wrote another has decided");
    for conflict in [one, other] {
        assert_eq!(duel.how_settled(conflict).await, (json!("picked"), json!({ "expiry": "2031-01-31" })));
    }
}

fn code(position: i64, code: &str, kind: &str) -> Json {
    json!({ "position": position, "code": code, "kind": kind, "unit": 0 })
}

pub async fn a_code_put_back_stands_where_there_is_room(room: Room) {
    let mut duel = Duel::of(room, Some("manual")).await;
    let product = duel.product;
    let known = json!(duel.row(product).await.parts["codes"])[0].clone();
    let old = || json!({ "codes": [known.clone()] });
    let with = |edit: Operation, codes: Json| {
        let mut edit = edit;
        edit.parts.insert("codes".into(), serde_json::from_value(codes).unwrap());
        edit
    };
    let another = duel.edit(0, 500, (&PRODUCT, product), json!({}), old());
    let another = with(another, json!([code(0, "3400930000014", "ean13")]));
    assert_eq!(lost(&duel.push(0, &another).await), won(), "the old one is gone, another stands in its place");
    let (name, mut kept) = (known["code"].as_str().unwrap().to_owned(), known.clone());
    kept["kind"] = json!("gtin");
    let mine = duel.edit(1, 900, (&PRODUCT, product), json!({}), old());
    let mine = with(mine, json!([kept]));
    let path = format!("codes/{name}");
    assert_eq!(lost(&duel.push(1, &mine).await), ("edit".into(), vec![path.clone()]));
    let back = json!({ "entity": "product", "row": product, "strategy": "till", "fields": { path: kept.clone() } });
    assert_eq!(duel.resolve(1, mine.key, &back).await, won());
    kept["position"] = json!(1);
    let codes = json!(duel.row(product).await.parts["codes"]);
    assert_eq!(codes, json!([code(0, "3400930000014", "ean13"), kept]));
    let line = duel.told("product", product).await.pop().unwrap();
    assert_eq!((line.0.as_str(), line.3.as_str()), ("codes", "resolution"));
}

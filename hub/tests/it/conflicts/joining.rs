//! A person says that two rows are one: whatever named the one names the other, and nothing of either is lost.

use officine_protocol::{
    Uid,
    entities::{CONFLICT, PRODUCT, SALE},
    messages::Operation,
};
use serde_json::{Value as Json, json};

use super::duel::{Duel, lost, won};
use crate::{
    decisions::accepted,
    rooms::Room,
    shop::{NOON, line, take},
};

/// A product of another name with the code of the first: its lot is called as the first one's, and three boxes lie in it.
struct Twins {
    duel: Duel,
    twin: Uid,
    lot: Uid,
    asked: Uid,
}

impl Twins {
    async fn of(room: Room) -> Self {
        let mut duel = Duel::of(room, None).await;
        let shop = &mut duel.tills[1].1;
        let (twin, mut born) = shop.product("Doliprane 500", "2000000000015");
        born.fields.insert("maker".into(), json!("Sanofi"));
        let second = json!({ "position": 1, "code": "3400930000001", "kind": "cip", "unit": 0 });
        born.parts.get_mut("codes").unwrap().push(second.as_object().unwrap().clone());
        let (lot, opened) = shop.lot(twin, "l-1", Some(20_270_101));
        let boxes = shop.opening(&[(lot, 3)]);
        let asked = born.key;
        let pushed = duel.room.push_at(&duel.tills[1].0, &[born, opened, boxes], 0).await;
        assert!(pushed.verdicts.iter().all(accepted), "{:?}", pushed.verdicts);
        Self { duel, twin, lot, asked }
    }

    fn said(&self, winner: Uid, loser: Uid) -> Json {
        json!({ "entity": "product", "row": self.twin, "strategy": "merged", "winner": winner, "loser": loser })
    }

    fn resolution(&mut self, till: usize, said: &Json) -> Operation {
        let (owner, asked) = (self.duel.owner, self.asked);
        let fields = json!({ "resolvedAt": NOON + 2_000, "resolvedBy": owner, "resolution": said.to_string() });
        self.duel.edit(till, 2_000, (&CONFLICT, asked), fields, json!({}))
    }

    async fn say(&mut self, till: usize, said: &Json) -> (String, Vec<String>) {
        let operation = self.resolution(till, said);
        lost(&self.duel.push(till, &operation).await)
    }
}

pub async fn twins_that_a_person_makes_one_keep_every_reference_and_every_box(room: Room) {
    let mut twins = Twins::of(room).await;
    let (kept, lots) = (twins.duel.product, [twins.duel.lot, twins.lot]);
    let lines = [line(kept, vec![take(lots[0], 1, "scanned")]), line(twins.twin, vec![take(lots[1], 1, "scanned")])];
    let sold = twins.duel.tills[0].1.sale(&lines);
    assert_eq!(lost(&twins.duel.push(0, &sold).await), won());
    let said = twins.said(kept, twins.twin);
    assert_eq!(twins.say(0, &said).await, won());
    let rows = twins.duel.rows().await;
    let of = |entity: &str| rows.iter().filter(|row| row.entity == entity).collect::<Vec<_>>();
    let [product] = of(PRODUCT.name)[..] else { panic!("one product") };
    assert_eq!((product.uid, product.aliases.as_slice()), (kept, &[twins.twin][..]));
    assert_eq!((&product.fields["name"], &product.fields["maker"]), (&json!("Paracétamol 500 mg"), &json!("Sanofi")));
    let codes: Vec<_> = product.parts["codes"].iter().map(|code| code["code"].clone()).collect();
    assert_eq!(codes, [json!("2000000000015"), json!("3400930000001")], "found by either");
    let [lot] = of("productBatch")[..] else { panic!("and one lot") };
    assert_eq!((lot.uid, lot.aliases.as_slice()), (lots[0], &lots[1..]));
    assert_eq!(twins.duel.room.lot(lots[0]).await, (5 + 3 - 2, false), "every box");
    let sale = of(SALE.name)[0];
    assert!(sale.parts["items"].iter().all(|item| item["product"] == json!(kept)));
    assert!(sale.parts["movements"].iter().all(|movement| movement["batch"] == json!(lots[0])));
    assert!(twins.duel.open().await.is_empty());
    let told = twins.duel.told("product", twins.twin).await;
    let name = told.iter().find(|(field, _, _, kind, _)| field == "name" && kind == "merge").unwrap();
    assert_eq!((&name.1, &name.2), (&json!("Doliprane 500"), &json!("Paracétamol 500 mg")), "what gave way is told");
}

pub async fn what_comes_later_for_a_row_made_another_one_is_of_that_one(room: Room) {
    let mut twins = Twins::of(room).await;
    let (kept, twin, lot) = (twins.duel.product, twins.twin, twins.lot);
    let late = twins.duel.tills[0].1.sale(&[line(twin, vec![take(lot, 2, "assumed")])]);
    let said = twins.said(kept, twin);
    assert_eq!(twins.say(0, &said).await, won());
    assert_eq!(lost(&twins.duel.push(0, &late).await), won(), "a till that had not heard of it");
    assert_eq!(twins.duel.room.lot(twins.duel.lot).await, (5 + 3 - 2, false));
    let again = twins.said(twin, kept);
    assert_eq!(twins.say(1, &again).await.0, "conflict_settled");
}

pub async fn lots_of_one_line_that_become_one_are_one_movement(room: Room) {
    let mut twins = Twins::of(room).await;
    let (kept, lots) = (twins.duel.product, [twins.duel.lot, twins.lot]);
    let adjusted = twins.duel.tills[0].1.opening(&[(lots[0], 4), (lots[1], 5)]);
    let mut adjusted = Operation { user: Some(twins.duel.owner), ..adjusted };
    let movements = adjusted.parts.get_mut("movements").unwrap();
    movements.iter_mut().for_each(|movement| _ = movement.insert("line".into(), json!(1)));
    assert_eq!(lost(&twins.duel.push(0, &adjusted).await), won());
    let said = twins.said(twins.twin, kept);
    assert_eq!(twins.say(0, &said).await, won(), "the other way round");
    let row = twins.duel.row(adjusted.uid).await;
    let deltas: Vec<_> = row.parts["movements"].iter().map(|movement| movement["delta"].clone()).collect();
    assert_eq!(deltas, [json!(9)]);
    assert_eq!(twins.duel.room.lot(lots[1]).await.0, 5 + 3 + 9);
}

pub async fn only_what_was_asked_about_is_made_one_and_only_where_it_can_be(room: Room) {
    let mut twins = Twins::of(room).await;
    let (kept, twin, stranger) = (twins.duel.product, twins.twin, twins.duel.lot);
    let cases = [
        (json!({ "entity": "product", "row": twin, "strategy": "merged" }), "which two?"),
        (twins.said(twin, twin), "one is one"),
        (twins.said(kept, stranger), "not what was asked"),
    ];
    for (said, why) in cases {
        assert_eq!(twins.say(0, &said).await.0, "field_invalid", "{why}");
    }
    let units = json!([{ "position": 0, "name": "sachet", "factor": 12, "price": 1_500 }]);
    let mut edit = twins.duel.edit(1, 500, (&PRODUCT, twin), json!({}), json!({}));
    edit.parts.insert("units".into(), serde_json::from_value(units).unwrap());
    let edit = Operation { base_rev: Some(twins.duel.row(twin).await.rev), ..edit };
    assert_eq!(lost(&twins.duel.push(1, &edit).await), won());
    let said = twins.said(kept, twin);
    assert_eq!(twins.say(0, &said).await.0, "units_differ", "a box of one is no box of twelve");
    assert_eq!(twins.duel.open().await.len(), 1);
    assert_eq!(twins.duel.room.lot(twins.lot).await.0, 3, "nothing of it was done");
}

/// A conflict about the one is answered by who writes the other, which it is by now.
pub async fn a_conflict_about_a_row_made_another_one_is_answered_there(room: Room) {
    let mut twins = Twins::of(room).await;
    let (kept, twin, duel) = (twins.duel.product, twins.twin, &mut twins.duel);
    let seen = duel.row(twin).await.rev;
    let write = |duel: &mut Duel, till: usize, (uid, rev): (Uid, i64), (old, stock): (i64, i64)| {
        let (fields, old) = (json!({ "units": stock }), json!({ "units": old }));
        let mut edit = duel.edit(till, 500, (&PRODUCT, uid), json!({}), json!({}));
        let unit = |price: &Json| json!([{ "position": 0, "name": "boîte", "factor": 1, "price": price }]);
        edit.replaced.insert("units".into(), unit(&old["units"]));
        edit.parts.insert("units".into(), serde_json::from_value(unit(&fields["units"])).unwrap());
        Operation { base_rev: Some(rev), ..edit }
    };
    let (one, other) = (write(duel, 0, (twin, seen), (1_500, 1_600)), write(duel, 1, (twin, seen), (1_500, 1_700)));
    assert_eq!(lost(&duel.push(0, &one).await), won());
    assert_eq!(lost(&duel.push(1, &other).await).0, "edit", "a price is a person's");
    assert_eq!(duel.open().await.len(), 2, "of the twins, and of the price");
    let said = twins.said(kept, twin);
    assert_eq!(twins.say(0, &said).await, won());
    let duel = &mut twins.duel;
    assert_eq!(duel.open().await.len(), 1);
    let (rev, price) = (duel.row(kept).await.rev, duel.row(kept).await.parts["units"][0]["price"].as_i64().unwrap());
    let decided = write(duel, 0, (kept, rev), (price, 1_800));
    assert_eq!(lost(&duel.push(0, &decided).await), won());
    assert!(duel.open().await.is_empty(), "whoever wrote the price of the one row has decided");
}

pub async fn what_the_winner_learns_is_told_as_its_own(room: Room) {
    let mut twins = Twins::of(room).await;
    let (kept, twin) = (twins.duel.product, twins.twin);
    let seen = twins.duel.row(kept).await.rev;
    let said = twins.said(kept, twin);
    assert_eq!(twins.say(0, &said).await, won());
    let told = twins.duel.told("product", kept).await;
    let learnt = super::duel::said("maker", json!(""), json!("Sanofi"), "resolution", "merged");
    assert!(told.contains(&learnt), "{told:?}");
    let (owner, old) = (twins.duel.owner, json!({ "maker": "" }));
    let mine = twins.duel.edit(1, 100, (&PRODUCT, kept), json!({ "maker": "Cipla" }), old);
    let mine = Operation { base_rev: Some(seen), user: Some(owner), ..mine };
    let verdict = twins.duel.push(1, &mine).await;
    let held = twins.duel.field(kept, "maker").await;
    let log = twins.duel.told("product", kept).await;
    let gave_way = log.iter().any(|(field, _, _, kind, _)| field == "maker" && kind == "conflict");
    assert!(gave_way, "an edit that had not seen it meets it: {verdict:?}, {held}");
}

pub async fn twins_that_sell_other_units_are_two_until_a_person_decides(room: Room) {
    let mut duel = Duel::of(room, None).await;
    let kept = duel.product;
    let shop = &mut duel.tills[1].1;
    let (twin, mut born) = shop.product("PARACETAMOL 500 mg", "2000000000015");
    born.parts.get_mut("units").unwrap()[0].insert("factor".into(), json!(12));
    let (lot, opened) = shop.lot(twin, "l-1", Some(20_270_101));
    let boxes = shop.opening(&[(lot, 12)]);
    let asked = born.key;
    let pushed = duel.room.push_at(&duel.tills[1].0, &[born, opened, boxes], 0).await;
    assert!(pushed.verdicts.iter().all(accepted), "{:?}", pushed.verdicts);
    let rows = duel.rows().await;
    let products: Vec<_> = rows.iter().filter(|row| row.entity == PRODUCT.name).map(|row| row.uid).collect();
    assert!(products.len() == 2 && products.contains(&kept) && products.contains(&twin), "{products:?}");
    assert_eq!(duel.room.lot(lot).await, (12, false), "a box of twelve is no box of one");
    let open = duel.open().await;
    assert_eq!(open.len(), 1);
    assert_eq!((open[0].0, open[0].1.as_str()), (asked, "twin"));
}

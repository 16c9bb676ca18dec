//! A decision never overwrites what its maker had not seen: it is asked again.

use officine_protocol::{Uid, messages::Operation};
use serde_json::{Value as Json, json};

use super::duel::{Duel, lost, said, won};
use crate::{rooms::Room, shop::NOON};

impl Duel {
    /// The threshold written on two tills: the conflict's uid, and the revision that the first of them knows. The product
    /// holds five.
    async fn two_thresholds(&mut self) -> (Uid, i64) {
        let (theirs, mine) = (self.threshold(0, 500, 5), self.threshold(1, 900, 9));
        assert_eq!(lost(&self.push(0, &theirs).await), won());
        let known = self.row(self.product).await.rev;
        assert_eq!(lost(&self.push(1, &mine).await).0, "edit");
        (mine.key, known)
    }

    /// The first till writes again, and has not heard that there is a conflict.
    async fn written_since(&mut self, known: i64, stock: i64) {
        let edit = self.threshold(0, 5_000, stock);
        let replaced = json!({ "minStock": 5 }).as_object().cloned().unwrap();
        let edit = Operation { base_rev: Some(known), replaced, ..edit };
        assert_eq!(lost(&self.push(0, &edit).await), won());
        assert_eq!(self.open().await.len(), 1, "who has not seen it answers nothing");
    }

    fn of_product(&self, fields: &Json, replaced: &Json) -> Json {
        let (row, strategy) = (self.product, "picked");
        json!({ "entity": "product", "row": row, "strategy": strategy, "fields": fields, "replaced": replaced })
    }
}

pub async fn what_was_written_since_is_asked_again_and_not_overwritten(room: Room) {
    let mut duel = Duel::of(room, Some("manual")).await;
    let (conflict, known) = duel.two_thresholds().await;
    let chosen = duel.of_product(&json!({ "minStock": 9 }), &json!({ "minStock": 5 }));
    duel.written_since(known, 7).await;
    let again = duel.resolve(1, conflict, &chosen).await;
    assert_eq!(again, ("edit".into(), vec!["minStock".into()]));
    assert_eq!(duel.field(duel.product, "minStock").await, json!(7), "nobody had seen it");
    let open = duel.open().await;
    let asked = ("minStock".to_owned(), json!(0), json!(9), json!(7));
    assert_eq!((open.len(), &open[0].2), (1, &vec![asked]), "against what stands by now");
    let row = duel.row(conflict).await.fields;
    assert_eq!((&row["hubBy"], &row["hubAt"]), (&json!(duel.owner), &json!(NOON + 5_000)), "and who wrote it, when");
    let told = duel.told("product", duel.product).await;
    let gave_way = said("minStock", json!(9), json!(7), "conflict", "manual");
    assert!(told.contains(&gave_way), "what was chosen is in the log: {told:?}");
    let informed = duel.of_product(&json!({ "minStock": 9 }), &json!({ "minStock": 7 }));
    assert_eq!(duel.resolve(0, conflict, &informed).await, won());
    assert_eq!((duel.field(duel.product, "minStock").await, duel.open().await.len()), (json!(9), 0));
}

pub async fn what_was_written_since_is_no_matter_where_it_is_what_was_chosen(room: Room) {
    let mut duel = Duel::of(room, Some("manual")).await;
    let (conflict, known) = duel.two_thresholds().await;
    let chosen = duel.of_product(&json!({ "minStock": 9 }), &json!({ "minStock": 5 }));
    duel.written_since(known, 9).await;
    assert_eq!(duel.resolve(1, conflict, &chosen).await, won());
    assert!(duel.open().await.is_empty());
}

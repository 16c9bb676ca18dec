//! Each strategy, where the same field is written, where others are, where one deletes what another edits, with three
//! tills, and with a clock that is wrong.

use officine_protocol::entities::{PRODUCT, PRODUCT_BATCH, SUPPLIER};
use serde_json::{Value as Json, json};

use super::duel::{Duel, MINUTE, lost, said, won};
use crate::rooms::Room;

const HOUR: i64 = 60 * MINUTE;

/// A room each for what is tried with every strategy.
async fn each(room: Room) -> Vec<(&'static str, Duel)> {
    let mut duels = Vec::new();
    for strategy in ["server", "client", "lastWrite", "merge", "manual"] {
        let apart = Room::new(room.app.store.clone()).await;
        duels.push((strategy, Duel::of(apart, Some(strategy)).await));
    }
    duels
}

/// Whose value stands where the second wrote earlier, or later, in time; and by which word the log says so.
fn winner(strategy: &str, later: bool) -> (bool, &str) {
    match strategy {
        "server" => (false, "server"),
        "client" => (true, "client"),
        "manual" => (false, "manual"),
        _ => (later, "lastWrite"),
    }
}

pub async fn the_same_field_by_each_strategy(room: Room) {
    for later in [false, true] {
        for (strategy, mut duel) in each(room.clone()).await {
            let (first, second) = (duel.threshold(0, 500, 9), duel.threshold(1, if later { 900 } else { 100 }, 4));
            assert_eq!(lost(&duel.push(0, &first).await), won());
            let (wins, word) = winner(strategy, later);
            let verdict = lost(&duel.push(1, &second).await);
            let expected = if wins { won() } else { ("edit".into(), vec!["minStock".into()]) };
            assert_eq!(verdict, expected, "{strategy}, later: {later}");
            assert_eq!(duel.field(duel.product, "minStock").await, json!(if wins { 4 } else { 9 }), "{strategy}");
            let (old, new) = if wins { (9, 4) } else { (4, 9) };
            let story = [
                said("minStock", json!(0), json!(9), "edit", ""),
                said("minStock", json!(old), json!(new), "conflict", word),
            ];
            assert_eq!(duel.told("product", duel.product).await, story, "{strategy}");
            let open = duel.open().await;
            assert_eq!(open.len(), usize::from(strategy == "manual"), "{strategy}");
            if let [(uid, kind, fields)] = open.as_slice() {
                assert_eq!((*uid, kind.as_str()), (second.key, "edit"), "named by the operation that came second");
                assert_eq!(fields.as_slice(), [("minStock".to_owned(), json!(0), json!(4), json!(9))]);
            }
        }
    }
}

pub async fn different_fields_merge_by_themselves_whatever_the_strategy(room: Room) {
    for (strategy, mut duel) in each(room).await {
        let product = duel.product;
        let maker = json!({ "maker": "Sanofi" });
        let (first, second) =
            (duel.threshold(0, 500, 9), duel.edit(1, 100, (&PRODUCT, product), maker, json!({ "maker": "" })));
        assert_eq!(lost(&duel.push(0, &first).await), won());
        assert_eq!(lost(&duel.push(1, &second).await), won(), "{strategy}");
        let row = duel.row(product).await.fields;
        assert_eq!((&row["minStock"], &row["maker"]), (&json!(9), &json!("Sanofi")));
        let told = duel.told("product", product).await;
        assert!(told.iter().all(|(_, _, _, kind, strategy)| kind == "edit" && strategy.is_empty()), "{told:?}");
        assert!(duel.open().await.is_empty());
        let (first, second) = (duel.units(0, 500, &[("boîte", 1_800)]), duel.units(1, 100, &[("paquet", 1_500)]));
        assert_eq!(lost(&duel.push(0, &first).await), won());
        assert_eq!(lost(&duel.push(1, &second).await), won(), "{strategy}: two cells of one unit");
        let units = json!([{ "position": 0, "name": "paquet", "factor": 1, "price": 1_800 }]);
        assert_eq!(json!(duel.row(product).await.parts["units"]), units);
    }
}

pub async fn an_archival_of_what_was_edited_by_each_strategy(room: Room) {
    for later in [false, true] {
        for (strategy, mut duel) in each(room.clone()).await {
            let product = duel.product;
            let edit = duel.threshold(0, 500, 9);
            let archival = duel.archival(1, if later { 900 } else { 100 }, (&PRODUCT, product));
            assert_eq!(lost(&duel.push(0, &edit).await), won());
            let (wins, word) = winner(strategy, later);
            let expected = if wins { won() } else { ("delete".into(), vec!["archivedAt".into()]) };
            assert_eq!(lost(&duel.push(1, &archival).await), expected, "{strategy}, later: {later}");
            let row = duel.row(product).await;
            assert_eq!((row.archived_at.is_some(), &row.fields["minStock"]), (wins, &json!(9)), "{strategy}");
            let line = duel.told("product", product).await.pop().unwrap();
            let (at, none) = (json!(archival.occurred_at), Json::Null);
            let (old, new) = if wins { (none, at) } else { (at, none) };
            assert_eq!(line, said("archivedAt", old, new, "conflict", word), "{strategy}");
            let open = duel.open().await;
            assert_eq!(open.len(), usize::from(strategy == "manual"));
            if let [(_, kind, fields)] = open.as_slice() {
                let places: Vec<_> = fields.iter().map(|(field, ..)| field.as_str()).collect();
                assert_eq!((kind.as_str(), places.as_slice()), ("delete", &["archivedAt", "minStock"][..]));
                assert_eq!(
                    fields[1],
                    ("minStock".into(), json!(0), json!(0), json!(9)),
                    "what the archival would bury"
                );
            }
        }
    }
}

pub async fn an_edit_of_what_was_archived_by_each_strategy(room: Room) {
    for later in [false, true] {
        for (strategy, mut duel) in each(room.clone()).await {
            let product = duel.product;
            let archival = duel.archival(0, 500, (&PRODUCT, product));
            let edit = duel.threshold(1, if later { 900 } else { 100 }, 4);
            assert_eq!(lost(&duel.push(0, &archival).await), won());
            let (wins, word) = winner(strategy, later);
            let verdict = lost(&duel.push(1, &edit).await);
            let row = duel.row(product).await;
            assert_eq!(row.archived_at.is_none(), wins, "{strategy}, later: {later}");
            assert_eq!(row.fields["minStock"], json!(if wins { 4 } else { 0 }), "{strategy}");
            let told = duel.told("product", product).await;
            if wins {
                assert_eq!(verdict, won());
                let back = said("archivedAt", json!(archival.occurred_at), Json::Null, "conflict", word);
                assert!(told.contains(&back), "{strategy}: {told:?}");
            } else {
                assert_eq!(verdict.0, "delete");
                assert!(told.contains(&said("minStock", json!(4), json!(0), "conflict", word)), "{strategy}: {told:?}");
            }
            assert_eq!(duel.open().await.len(), usize::from(strategy == "manual"));
        }
    }
}

pub async fn three_tills_by_each_strategy(room: Room) {
    for (strategy, mut duel) in each(room).await {
        let edits = [duel.threshold(0, 100, 1), duel.threshold(1, 900, 2), duel.threshold(2, 500, 3)];
        for (till, edit) in edits.iter().enumerate() {
            duel.push(till, edit).await;
        }
        let stands = match strategy {
            "server" | "manual" => 1,
            "client" => 3,
            _ => 2,
        };
        assert_eq!(duel.field(duel.product, "minStock").await, json!(stands), "{strategy}");
        let told = duel.told("product", duel.product).await;
        let gone: Vec<_> = told.iter().map(|(_, old, ..)| old.clone()).filter(|old| *old != json!(0)).collect();
        let expected = match strategy {
            "server" | "manual" => [2, 3],
            "client" => [1, 2],
            _ => [1, 3],
        };
        assert_eq!(gone, expected.map(Json::from), "{strategy}: every value that does not stand is told");
        assert_eq!(duel.open().await.len(), if strategy == "manual" { 2 } else { 0 });
    }
}

pub async fn a_wrong_clock_wins_nothing_by_it(room: Room) {
    for ahead in [HOUR, -HOUR] {
        for (strategy, mut duel) in each(room.clone()).await {
            let first = duel.threshold(0, 500, 9);
            let before = duel.threshold(1, ahead + 100, 4);
            let after = duel.threshold(2, ahead + 900, 7);
            duel.push(0, &first).await;
            duel.push_ahead(1, &before, ahead).await;
            let stands = winner(strategy, false).0;
            assert_eq!(duel.field(duel.product, "minStock").await, json!(if stands { 4 } else { 9 }), "{strategy}");
            duel.push_ahead(2, &after, ahead).await;
            let stands = winner(strategy, true).0;
            assert_eq!(duel.field(duel.product, "minStock").await, json!(if stands { 7 } else { 9 }), "{strategy}");
            let lines = duel.log("product", duel.product).await;
            let at: Vec<_> = lines.iter().rev().map(|line| line.at - crate::shop::NOON).collect();
            assert_eq!(at, [500, 100, 900], "the log tells the hub's time");
        }
    }
}

pub async fn the_four_cases_of_a_descriptive_field(room: Room) {
    for (mine, stands, why) in [(900, 2, "local later"), (500, 1, "equal"), (100, 1, "the server's later")] {
        let mut duel = Duel::of(Room::new(room.app.store.clone()).await, None).await;
        let (server, local) = (duel.threshold(0, 500, 1), duel.threshold(1, mine, 2));
        duel.push(0, &server).await;
        duel.push(1, &local).await;
        assert_eq!(duel.field(duel.product, "minStock").await, json!(stands), "{why}");
        let third = duel.threshold(2, 1_000, 3);
        assert_eq!(lost(&duel.push(2, &third).await), won());
        assert_eq!(duel.field(duel.product, "minStock").await, json!(3), "a third device, later than {why}");
    }
}

pub async fn prices_expiries_and_lot_numbers_are_a_persons_unless_said_otherwise(room: Room) {
    let mut duel = Duel::of(room, None).await;
    let (mine, theirs) = (duel.expiry(1, 900, "2027-12-31"), duel.expiry(0, 500, "2028-01-31"));
    assert_eq!(lost(&duel.push(0, &theirs).await), won());
    assert_eq!(lost(&duel.push(1, &mine).await), ("edit".into(), vec!["expiry".into()]), "however late it is");
    let prices = [duel.units(0, 500, &[("boîte", 1_800)]), duel.units(1, 900, &[("boîte", 1_900), ("étui", 200)])];
    assert_eq!(lost(&duel.push(0, &prices[0]).await), won());
    assert_eq!(lost(&duel.push(1, &prices[1]).await), ("edit".into(), vec!["units/0/price".into()]));
    let units = json!(duel.row(duel.product).await.parts["units"]);
    assert_eq!((&units[0]["price"], &units[1]["name"]), (&json!(1_800), &json!("étui")), "the rest is merged");
    let open = duel.open().await;
    let fields: Vec<_> = open.iter().flat_map(|(_, _, fields)| fields.clone()).collect();
    let expected = [
        ("expiry".to_owned(), json!("2027-01-01"), json!("2027-12-31"), json!("2028-01-31")),
        ("units/0/price".to_owned(), json!(1_500), json!(1_900), json!(1_800)),
    ];
    assert_eq!(fields, expected);
    let conflict = duel.row(open[0].0).await.fields;
    assert_eq!((&conflict["entity"], &conflict["row"]), (&json!("productBatch"), &json!(duel.lot)));
    assert_eq!((&conflict["editedBy"], &conflict["hubBy"]), (&json!(duel.owner), &json!(duel.owner)));
    assert_eq!((&conflict["device"], &conflict["hubDevice"]), (&json!("Caisse"), &json!("Caisse")));
    let noon = crate::shop::NOON;
    assert_eq!((&conflict["editedAt"], &conflict["hubAt"]), (&json!(noon + 900), &json!(noon + 500)));
    let told = duel.told("product", duel.product).await;
    assert!(told.contains(&said("units/0/price", json!(1_900), json!(1_800), "conflict", "manual")), "{told:?}");
}

pub async fn a_strategy_for_all_leaves_prices_to_a_person_and_one_for_the_entity_does_not(room: Room) {
    let mut duel = Duel::of(room, None).await;
    let all = duel.tills[0].1.setting("conflict.default", "\"server\"").1;
    duel.push(0, &all).await;
    let edits = [duel.threshold(0, 100, 9), duel.threshold(1, 900, 4)];
    duel.push(0, &edits[0]).await;
    assert_eq!(lost(&duel.push(1, &edits[1]).await).0, "edit", "the server's stays, though older");
    assert!(duel.open().await.is_empty());
    let days = [duel.expiry(0, 100, "2028-01-31"), duel.expiry(1, 900, "2027-12-31")];
    duel.push(0, &days[0]).await;
    duel.push(1, &days[1]).await;
    assert_eq!(duel.open().await.len(), 1);
    let lots = duel.tills[0].1.setting("conflict.productBatch", "\"client\"").1;
    duel.push(0, &lots).await;
    let third = duel.expiry(2, 50, "2027-06-30");
    assert_eq!(lost(&duel.push(2, &third).await), won(), "from the next push on");
    assert_eq!(duel.field(duel.lot, "expiry").await, json!("2027-06-30"));
}

pub async fn codes_attached_on_two_tills_both_stay(room: Room) {
    let mut duel = Duel::of(room, None).await;
    let product = duel.product;
    let code = |position: i64, code: &str| json!({ "position": position, "code": code, "kind": "ean13", "unit": 0 });
    let known = code(0, "2000000000015");
    for (till, new) in ["3400930000014", "3400930000021"].into_iter().enumerate() {
        let old = json!({ "codes": [known] });
        let mut edit = duel.edit(till, 100, (&PRODUCT, product), json!({}), old);
        edit.parts.insert("codes".into(), serde_json::from_value(json!([known, code(1, new)])).unwrap());
        assert_eq!(lost(&duel.push(till, &edit).await), won());
    }
    let codes = json!(duel.row(product).await.parts["codes"]);
    assert_eq!(codes, json!([known, code(1, "3400930000014"), code(2, "3400930000021")]));
}

pub async fn an_edit_of_a_row_that_was_merged_away_meets_what_the_other_holds(room: Room) {
    let mut duel = Duel::of(room, None).await;
    let strategy = duel.tills[0].1.setting("conflict.supplier", "\"manual\"").1;
    let (winner, mut first) = duel.tills[0].1.supplier("Spharma");
    first.fields.insert("phone".into(), json!("622"));
    let (loser, second) = duel.tills[1].1.supplier("SPHARMA");
    duel.room.push_at(&duel.tills[0].0, &[strategy, first], 0).await;
    duel.push(1, &second).await;
    let edit = duel.edit(1, 100, (&SUPPLIER, loser), json!({ "phone": "655" }), json!({ "phone": "" }));
    assert_eq!(lost(&duel.push(1, &edit).await), ("edit".into(), vec!["phone".into()]));
    assert_eq!(duel.field(winner, "phone").await, json!("622"));
    let open = duel.open().await;
    assert_eq!(open[0].2, [("phone".to_owned(), json!(""), json!("655"), json!("622"))]);
    assert_eq!(duel.field(open[0].0, "row").await, json!(winner));
    let address = duel.edit(1, 100, (&SUPPLIER, loser), json!({ "address": "Kaloum" }), json!({ "address": "" }));
    assert_eq!(lost(&duel.push(1, &address).await), won(), "what both had alike is no conflict");
}

pub async fn a_clock_that_is_not_trusted_leaves_the_later_to_a_person(room: Room) {
    let mut duel = Duel::of(room, Some("lastWrite")).await;
    let edits = [duel.threshold(0, 100, 9), duel.threshold(1, 900, 4), duel.threshold(2, 950, 5)];
    duel.push(0, &edits[0]).await;
    assert_eq!(lost(&duel.push_doubtful(1, &edits[1]).await).0, "edit");
    assert_eq!((duel.open().await.len(), duel.field(duel.product, "minStock").await), (1, json!(9)));
    assert_eq!(lost(&duel.push(2, &edits[2]).await), won(), "whose clock is trusted is not held up");
    let lot = duel.lot;
    let (reason, none) = (json!({ "blockedReason": "abîmé" }), json!({ "blockedReason": null }));
    let first = duel.edit(0, 100, (&PRODUCT_BATCH, lot), reason, none.clone());
    let second = duel.edit(1, 900, (&PRODUCT_BATCH, lot), json!({ "blockedReason": "rappel" }), none);
    assert_eq!(lost(&duel.push_doubtful(0, &first).await), won(), "alone, it meets nothing");
    assert_eq!(lost(&duel.push(1, &second).await).0, "edit", "nor is what it wrote known to be older");
    assert_eq!(duel.open().await.len(), 2);
}
